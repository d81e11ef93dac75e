"""RDF 1.2: the same statements with triple terms, and nothing disputed among what is asserted."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, RdfFormat, Triple, parse

from milia.export import select
from milia.export.rdf12 import reified, write
from milia.kg import KnowledgeGraph
from milia.names import BASE, expand

SUBJECT, PREDICATE, OBJECT = (expand(f"condition:{n}") for n in ("s", "p", "o"))
NODE = expand("fact:n")
PARTS = [expand(f"rdf:{n}") for n in ("subject", "predicate", "object")]


@pytest.fixture(scope="module")
def read_back(kg: KnowledgeGraph) -> set[Triple]:
    return {q.triple for q in parse(write(kg)["milia.ttl"], format=RdfFormat.TURTLE, base_iri=BASE)}


def spread(triples: set[Triple]) -> set[Triple]:
    """Write each triple term as three statements again."""
    said = set()
    for t in triples:
        if isinstance(t.object, Triple):
            assert t.predicate == expand("rdf:reifies")
            inner = t.object
            ends = zip(PARTS, (inner.subject, inner.predicate, inner.object), strict=True)
            said |= {Triple(t.subject, part, end) for part, end in ends}
        else:
            said.add(t)
    return said


def test_the_same_statements_come_back(kg: KnowledgeGraph, read_back: set[Triple]) -> None:
    assert spread(read_back) == set(select(kg.store, kg.home, "all").union)


def test_each_claim_and_each_fact_reifies_one_triple(kg: KnowledgeGraph, read_back: set[Triple]) -> None:
    terms = {str(t.subject)[1:-1]: t.object for t in read_back if isinstance(t.object, Triple)}
    assert terms.keys() >= kg.claims.keys()
    for iri, claim in kg.claims.items():
        assert terms[iri] == Triple(*claim.triple)  # type: ignore[arg-type]
    assert not {t for t in read_back if t.predicate in PARTS and str(t.subject)[1:-1] in terms}


def test_what_is_disputed_is_not_asserted(kg: KnowledgeGraph, read_back: set[Triple]) -> None:
    rows = kg.ask(
        "SELECT ?s ?p ?o { GRAPH ?g { ?f a milia:Fact ; milia:status ?status ; rdf:subject ?s ; "
        "rdf:predicate ?p ; rdf:object ?o } FILTER (?status NOT IN (milia:Established, milia:Hedged)) }"
    ).rows
    assert len(rows) > 20
    assert not [row for row in rows if Triple(*row) in read_back]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kept",
    [
        [Triple(NODE, PARTS[0], SUBJECT), Triple(NODE, PARTS[1], PREDICATE)],  # no object
        [Triple(NODE, PARTS[0], SUBJECT), Triple(NODE, PARTS[0], OBJECT), Triple(NODE, PARTS[1], PREDICATE)],
        [Triple(SUBJECT, PREDICATE, Literal("text"))],
    ],
)
def test_what_is_no_whole_triple_stays(kept: list[Triple]) -> None:
    assert list(reified(kept)) == kept
