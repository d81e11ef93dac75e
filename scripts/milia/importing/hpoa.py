"""Read phenotype.hpoa, the table in which the HPO project says which disease goes with which term.

The older headings, in capitals and behind a #, are read as well as those of today.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from milia.errors import BadSource
from milia.importing.files import columns, read_lines, row_hash

__all__ = ["COLUMNS", "KEY", "Annotation", "Annotations", "read_annotations"]

COLUMNS: Final = (
    "database_id",
    "disease_name",
    "qualifier",
    "hpo_id",
    "reference",
    "evidence",
    "onset",
    "frequency",
    "sex",
    "modifier",
    "aspect",
    "biocuration",
)
# what a row says, in the order of its key; the name, the aspect and who wrote it when say nothing more
KEY: Final = (
    "database_id",
    "hpo_id",
    "reference",
    "evidence",
    "qualifier",
    "onset",
    "frequency",
    "sex",
    "modifier",
)
_HEADINGS = {name.replace("_", ""): name for name in COLUMNS}
_VERSION = re.compile(r"#\s*(?:version|date):\s*(\S+)")
_ONTOLOGY = re.compile(r"#\s*hpo-version:.*?(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_STATED = re.compile(r"(\d+)\s*:?\s*(OMIM|DECIPHER|ORPHANET)")
_PREFIX = {"ORPHA": "ORPHANET"}
_DISEASE = re.compile(r"[A-Za-z]+:\S+")
_TERM = re.compile(r"HP:\d{7}")
_OTHER_FILE = "give the phenotype.hpoa of a release"
_CUT = "fetch the file again, from the release's own page"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row: a disease goes, or does not go, with a term."""

    line: int
    text: str
    database_id: str
    disease_name: str
    qualifier: str
    hpo_id: str
    reference: str
    evidence: str
    onset: str
    frequency: str
    sex: str
    modifier: str
    aspect: str
    biocuration: str

    @property
    def key(self) -> str:
        """Return what identifies the row within its release: all that it says, but not who wrote it when."""
        return "|".join(getattr(self, name) for name in KEY)

    @property
    def sha256(self) -> str:
        """Return the hash of the row's text."""
        return row_hash(self.text)


@dataclass(frozen=True)
class Annotations:
    """A release of the table, and those of its rows that were asked for."""

    version: str
    ontology: str
    rows: tuple[Annotation, ...]
    total: int


def read_annotations(path: Path, diseases: Container[str], terms: Container[str]) -> Annotations:
    """Read the rows about one of `diseases` or with one of `terms`; every row is checked for its form.

    Raises:
        BadSource: the file cannot be read, is another file or is cut short; says in which line.
    """
    head: list[str] = []
    order: list[int] = []
    found: dict[str, Annotation] = {}
    seen = defaultdict[str, set[str]](set)
    total = 0
    for number, line in read_lines(path):
        if not order:
            if _is_heading(line):
                order = _order(path, number, line)
            elif line.startswith("#"):
                head.append(line)
            else:
                raise BadSource(path.as_posix(), number, "comes before any line of headings", _OTHER_FILE)
            continue
        row = _row(path, number, line, order)
        total += 1
        seen[row[0].partition(":")[0]].add(row[0])
        if row[0] in diseases or row[3] in terms:
            annotation = Annotation(number, line, *row)
            # a row is sometimes there twice, with another hand in its last column
            twin = found.get(annotation.key, annotation)
            found[annotation.key] = min(annotation, twin, key=lambda one: one.text)
    version, ontology = _releases(path, head)
    _check_whole(path, head, {name: len(ids) for name, ids in seen.items()})
    return Annotations(version, ontology, tuple(found.values()), total)


def _is_heading(line: str) -> bool:
    return line.lstrip("#").partition("\t")[0].lower().replace("_", "") == "databaseid"


def _order(path: Path, number: int, line: str) -> list[int]:
    """Return where in a row each of our columns stands."""
    headings = [_HEADINGS.get(h.lower().replace("_", ""), h) for h in line.lstrip("#").split("\t")]
    missing = [name for name in COLUMNS if name not in headings]
    if missing:
        raise BadSource(path.as_posix(), number, f"has no column {', '.join(missing)}", _OTHER_FILE)
    return [headings.index(name) for name in COLUMNS]


def _row(path: Path, number: int, line: str, order: Sequence[int]) -> list[str]:
    cells = columns(path, number, line, len(COLUMNS))
    row = [cells[i].strip() for i in order]
    if not _DISEASE.fullmatch(row[0]):
        raise BadSource(path.as_posix(), number, f"'{row[0]}' is no id of a disease", _CUT)
    if not _TERM.fullmatch(row[3]):
        raise BadSource(path.as_posix(), number, f"'{row[3]}' is no id of an HPO term", _CUT)
    return row


def _releases(path: Path, head: Sequence[str]) -> tuple[str, str]:
    versions = [m[1] for line in head if (m := _VERSION.match(line))]
    ontologies = [m[1] for line in head if (m := _ONTOLOGY.match(line))]
    if not versions:
        raise BadSource(path.as_posix(), 1, "does not say which release it is", _OTHER_FILE)
    return versions[0], ontologies[0] if ontologies else ""


def _check_whole(path: Path, head: Sequence[str], seen: dict[str, int]) -> None:
    """Hold the diseases that were seen against those the header counts; it is a few out in good files too."""
    stated = {m[2]: int(m[1]) for line in head for m in _STATED.finditer(line) if "description" in line}
    counted = {_PREFIX.get(name, name): count for name, count in seen.items()}
    for name, count in stated.items():
        if counted.get(name, 0) < 0.99 * count:
            what = f"is cut short: it counts {count} diseases of {name} and lists {counted.get(name, 0)}"
            raise BadSource(path.as_posix(), None, what, _CUT)
    if not seen:
        raise BadSource(path.as_posix(), None, "holds no rows", _CUT)
