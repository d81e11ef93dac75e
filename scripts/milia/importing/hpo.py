"""Read a release of the HPO project: which disorders go with milia, what else goes with them, their genes.

Diseases and terms are known by their exact mappings (`data/mappings`).
"""

from __future__ import annotations

from collections.abc import Sequence

from milia.errors import BadSource
from milia.importing.annotations import claim_annotations
from milia.importing.causes import claim_genes
from milia.importing.files import table
from milia.importing.hpoa import Annotations, read_annotations
from milia.importing.known import known
from milia.importing.obo import Terms, read_obo
from milia.importing.reader import ASIDE, MAPPINGS, MILIA, ONSETS, Files, Harvest, Reader
from milia.paths import Home

__all__ = ["harvest", "map_terms", "open_reader"]


def harvest(home: Home, files: Files) -> Harvest:
    """Read a release and return the claims that it gives, with everything that stands in their way.

    Raises:
        BadSource: a file cannot be read, or the project does not map milia to the HPO.
    """
    reader = open_reader(home, files)
    map_terms(reader)
    milia = sorted(term for term, thing in reader.things.items() if thing == MILIA)
    if not milia:
        what = f"gives {MILIA} no term of its own in release {reader.terms.version} of the HPO"
        raise BadSource(f"{MAPPINGS}/hpo.sssom.tsv", None, what, "add its exactMatch")
    diseases = {c for c in reader.known.codes if c.startswith(("OMIM:", "ORPHA:"))}
    rows = read_annotations(files.annotations, diseases, {*milia, *_merged_into(reader.terms, milia)})
    reader.harvest.release = rows.version
    _compare_releases(reader, rows)
    seen = claim_annotations(reader, rows)
    claim_genes(reader, seen, milia[0])
    reader.harvest.findings.sort()
    return reader.harvest


def open_reader(home: Home, files: Files) -> Reader:
    """Return a reader of a release, with what the project knows.

    Raises:
        BadSource: a file of the release or of the project cannot be read.
    """
    onsets = table(home.root / ONSETS, ("term", "age", "remark"))
    aside = table(home.root / ASIDE, ("key", "reason", "address"))
    return Reader(
        files=files,
        known=known(home),
        terms=read_obo(files.ontology),
        onsets={row["term"]: row["age"] for _, row in onsets},
        aside=tuple(row["key"] for _, row in aside),
    )


def map_terms(reader: Reader) -> None:
    """Note which thing of ours each term stands for."""
    for term, things in sorted(reader.known.codes.items()):
        if not term.startswith("HP:"):
            continue
        current, place = reader.terms.current(term), reader.known.places[term]
        if current is None:
            message = f"is mapped to {term}, which this release does not have: correct the mapping"
            reader.find("unknown-term", things[0], place, message, grave=False)
        elif len(things) > 1:
            message = f"is mapped to {', '.join(things)}: keep one exactMatch, make the others close or broad"
            reader.find("two-things", term, place, message)
        else:
            reader.things[current] = things[0]


def _merged_into(terms: Terms, current: Sequence[str]) -> list[str]:
    """Return the old ids of terms."""
    return [old for old in terms.successors if terms.current(old) in current]


def _compare_releases(reader: Reader, rows: Annotations) -> None:
    if rows.ontology and rows.ontology != reader.terms.version:
        message = f"is release {reader.terms.version}, and the annotations are made for {rows.ontology}"
        place = reader.files.ontology.as_posix()
        reader.find("other-release", reader.files.ontology.name, place, message, grave=False)
