"""What is at hand while the rows of a release are read, and what they have given so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from milia.importing.known import Known
from milia.importing.obo import Terms
from milia.importing.records import Record
from milia.model import Finding

__all__ = ["ASIDE", "MAPPINGS", "MILIA", "ONSETS", "ORIGINS", "Files", "Harvest", "Reader"]

MILIA: Final = "condition:milia"
MAPPINGS: Final = "data/mappings"
ONSETS: Final = "data/imports/hpo-onset.tsv"
ASIDE: Final = "data/imports/hpo-set-aside.tsv"
# the databases from which the HPO project takes rows, by the prefix of their codes
ORIGINS: Final = {"OMIM": "source:omim", "ORPHA": "source:orphanet"}


@dataclass(frozen=True)
class Files:
    """The three files of a release."""

    annotations: Path
    ontology: Path
    genes: Path


@dataclass
class Harvest:
    """What a release gave: claims by source, findings, and how many rows went which way."""

    release: str = ""
    annotations: list[Record] = field(default_factory=list)
    genes: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)


@dataclass
class Reader:
    """The files, what the project knows, the terms of the release, and the harvest."""

    files: Files
    known: Known
    terms: Terms
    onsets: dict[str, str]
    aside: tuple[str, ...]
    harvest: Harvest = field(default_factory=Harvest)
    things: dict[str, str] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def find(self, rule: str, focus: str, place: str, message: str, *, grave: bool = True) -> None:
        """Note, once, something that needs a person."""
        if (rule, focus) not in self._told:
            self._told.add((rule, focus))
            severity = "Violation" if grave else "Warning"
            self.harvest.findings.append(Finding(f"import-{rule}", focus, message, severity, place))

    def count(self, what: str, number: int = 1) -> None:
        """Count rows that went one way."""
        self.harvest.tally[what] += number

    def line(self, number: int) -> str:
        """Return the place of a row of the annotations."""
        return f"{self.files.annotations.as_posix()}:{number}"

    def is_aside(self, key: str) -> bool:
        """Say whether a row is one of those that are set aside for a stated reason."""
        return any(key == entry or key.startswith(entry + "|") for entry in self.aside)
