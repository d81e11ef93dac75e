"""The sources that stand behind an import from the HPO project, as they are written to data/sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from milia.importing.records import document, text

__all__ = ["write_sources"]

_PUBLISHERS: Final = {
    "human-phenotype-ontology": "Human Phenotype Ontology",
    "omim": "Online Mendelian Inheritance in Man",
    "orphanet": "Orphanet",
}
_RIGHTS: Final = (
    "Free to use where the Human Phenotype Ontology Consortium is acknowledged, the release is named and the "
    "content of the files is not altered; OMIM is to be asked before rows that were taken from its texts "
    "(evidence IEA) go into other software."
)
_OMIM_RIGHTS: Final = "All rights reserved by Johns Hopkins University; cited for facts."
_TABLES: Final = "https://hpo.jax.org/data/annotations"
_DRAWN: Final = "Not read here: named because rows of the HPO project are drawn from it."


@dataclass(frozen=True)
class _Database:
    """A source, and whether it is a part of the release that is imported."""

    slug: str
    title: str
    remark: str
    publisher: str
    url: str
    rights: str = ""
    released: bool = False


_SOURCES: Final = (
    _Database(
        slug="hpo-annotations",
        title="HPO annotations of diseases (phenotype.hpoa)",
        remark=(
            "Read: the rows that list milia, and the rows of the same diseases with a mode of inheritance or "
            "with a finding that is known here."
        ),
        publisher="human-phenotype-ontology",
        url=_TABLES,
        rights=_RIGHTS,
        released=True,
    ),
    _Database(
        slug="hpo-genes",
        title="HPO links between genes and diseases",
        remark="Read: the rows of the diseases that the annotations list with milia.",
        publisher="human-phenotype-ontology",
        url=_TABLES,
        rights=_RIGHTS,
        released=True,
    ),
    _Database(
        slug="omim",
        title="Online Mendelian Inheritance in Man",
        remark=_DRAWN,
        publisher="omim",
        url="https://omim.org/",
        rights=_OMIM_RIGHTS,
    ),
    _Database(
        slug="orphanet",
        title="Orphanet",
        remark=_DRAWN,
        publisher="orphanet",
        url="https://www.orpha.net/",
    ),
)


def write_sources(release: str) -> str:
    """Write the sources of a release, and who publishes them, as a Turtle file."""
    agents = [
        f"<agent/{slug}> a foaf:Agent ;\n    foaf:name {text(name)} ."
        for slug, name in sorted(_PUBLISHERS.items())
    ]
    return document([*agents, *(_source(database, release) for database in _SOURCES)])


def _source(database: _Database, release: str) -> str:
    lines = [
        f"source:{database.slug} a milia:Source",
        f"dcterms:title {text(database.title)}@en",
        f"rdfs:comment {text(database.remark)}@en",
        f"dcterms:publisher <agent/{database.publisher}>",
    ]
    if database.released and re.fullmatch(r"\d{4}-\d{2}-\d{2}", release):
        lines.append(f'dcterms:issued "{release}"^^xsd:date')
    if database.rights:
        lines.append(f"dcterms:rights {text(database.rights)}@en")
    lines.append(f"schema:url <{database.url}>")
    if database.released:
        lines.append(f"milia:release {text(release)}")
    lines.append("milia:standing milia:CuratedDatabase")
    return " ;\n    ".join(lines) + " ."
