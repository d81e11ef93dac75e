"""The description of the dataset: its counts are those of the graph."""

from __future__ import annotations

import pytest
import rdflib
from rdflib import DCAT, DCTERMS, RDF, VOID

from milia.export.void import DATASET, write
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE

SELF = rdflib.URIRef(DATASET.value)


@pytest.fixture(scope="module")
def described(kg: KnowledgeGraph) -> rdflib.Graph:
    return rdflib.Graph().parse(data=write(kg)["void.ttl"], format="turtle")


def test_it_counts_what_is_there(kg: KnowledgeGraph, described: rdflib.Graph) -> None:
    total = sum(1 for _ in kg.store.quads())
    assert described.value(SELF, VOID.triples).toPython() == total  # type: ignore[union-attr]
    facts = rdflib.URIRef(BASE + "graph/facts")
    (row,) = kg.ask("SELECT (COUNT(*) AS ?n) { GRAPH graph:facts { ?s ?p ?o } }").records()
    assert str(described.value(facts, VOID.triples)) == row["n"]


def test_only_accepted_codes_are_links(kg: KnowledgeGraph, described: rdflib.Graph) -> None:
    rejected = kg.ask(
        "SELECT ?m { GRAPH ?g { ?m sssom:predicate_modifier ?not ; owl:annotatedTarget ?code } }"
    ).rows
    every = kg.ask(
        "SELECT ?m { GRAPH ?g { ?m a sssom:Mapping ; owl:annotatedTarget ?code } "
        "FILTER (?code != sssom:NoTermFound) }"
    ).rows
    sets = list(described.subjects(RDF.type, VOID.Linkset))
    counted = sum(int(str(described.value(s, VOID.triples))) for s in sets)
    assert rejected
    assert counted == len(every) - len(rejected)


def test_each_format_is_a_distribution(described: rdflib.Graph) -> None:
    nodes = list(described.objects(SELF, DCAT.distribution))
    types = {str(described.value(n, DCAT.mediaType)).partition("media-types/")[2] for n in nodes}
    assert types == {f.media_type for f in FORMATS.values()}


def test_it_says_on_what_terms(described: rdflib.Graph) -> None:
    assert "by/4.0" in str(described.value(SELF, DCTERMS.license))
    assert "not medical advice" in str(described.value(SELF, DCTERMS.description))
