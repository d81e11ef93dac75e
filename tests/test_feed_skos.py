"""SKOS: the integrity conditions hold, only what is established is wider, only what is accepted matches."""

from __future__ import annotations

import pytest
import rdflib
from pyoxigraph import RdfFormat, Store

from milia.export import skos
from milia.kg import KnowledgeGraph

PREFIX = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "

# SKOS Reference, W3C Recommendation of 18 August 2009: what must have no answer, entailments included
CONDITIONS = {
    "S9": "?x a skos:ConceptScheme , skos:Concept",
    "S13 preferred and other": "?x skos:prefLabel ?l ; skos:altLabel ?l",
    "S13 preferred and hidden": "?x skos:prefLabel ?l ; skos:hiddenLabel ?l",
    "S13 other and hidden": "?x skos:altLabel ?l ; skos:hiddenLabel ?l",
    "S14": "?x skos:prefLabel ?a , ?b FILTER (?a != ?b && lcase(lang(?a)) = lcase(lang(?b)))",
    "S27": (
        "?x (skos:related|^skos:related|skos:relatedMatch|^skos:relatedMatch) ?y . "
        "?x (skos:broader|skos:broadMatch|^skos:narrower|^skos:narrowMatch|skos:broaderTransitive)+ ?y"
    ),
    "S37": "?x a skos:Collection { ?x a skos:Concept } UNION { ?x a skos:ConceptScheme }",
    "S46": (
        "?x (skos:broadMatch|^skos:narrowMatch|skos:relatedMatch|^skos:relatedMatch) ?y . "
        "?x (skos:exactMatch|^skos:exactMatch)+ ?y"
    ),
}
# beyond what SKOS asks
OURS = {
    "a circle": "?x skos:broader+ ?x",
    "a concept without a scheme": (
        "?x a skos:Concept FILTER NOT EXISTS { ?x skos:inScheme/a skos:ConceptScheme }"
    ),
    "a concept without an English name": (
        "?x a skos:Concept FILTER NOT EXISTS { ?x skos:prefLabel ?l FILTER (lang(?l) = 'en') }"
    ),
    "a label without a language": (
        "?x skos:prefLabel|skos:altLabel|skos:hiddenLabel ?l FILTER (lang(?l) = '')"
    ),
    "something wider in another scheme": (
        "?x skos:broader ?y FILTER NOT EXISTS { ?x skos:inScheme/^skos:inScheme ?y }"
    ),
    "a top below another": "?x skos:topConceptOf ?s ; skos:broader/skos:inScheme ?s",
    "a top said on one side": "?s skos:hasTopConcept ?x FILTER NOT EXISTS { ?x skos:topConceptOf ?s }",
    "a lost concept": (
        "?x skos:inScheme ?s FILTER NOT EXISTS { ?x skos:topConceptOf ?s } "
        "FILTER NOT EXISTS { ?x skos:broader ?y }"
    ),
}
# what breaks each condition
FAULTS = {
    "S9": "<a:s> a skos:ConceptScheme , skos:Concept .",
    "S13 preferred and other": '<a:a> skos:prefLabel "a"@en ; skos:altLabel "a"@en .',
    "S13 preferred and hidden": '<a:a> skos:prefLabel "a"@en ; skos:hiddenLabel "a"@en .',
    "S13 other and hidden": '<a:a> skos:altLabel "a"@en ; skos:hiddenLabel "a"@en .',
    "S14": '<a:a> skos:prefLabel "a"@en , "b"@en .',
    "S27": "<a:a> skos:broader <a:b> . <a:b> skos:narrowMatch <a:a> . <a:a> skos:related <a:b> .",
    "S37": "<a:a> a skos:Collection , skos:Concept .",
    "S46": "<a:a> skos:exactMatch <x:1> . <a:b> skos:exactMatch <x:1> . <a:b> skos:narrowMatch <a:a> .",
    "a circle": "<a:a> skos:broader <a:b> . <a:b> skos:broader <a:a> .",
    "a concept without a scheme": "<a:a> a skos:Concept .",
    "a concept without an English name": '<a:a> a skos:Concept ; skos:prefLabel "a"@de .',
    "a label without a language": '<a:a> skos:altLabel "a" .',
    "something wider in another scheme": (
        "<a:a> skos:inScheme <a:s> ; skos:broader <a:b> . <a:b> skos:inScheme <a:t> ."
    ),
    "a top below another": (
        "<a:a> skos:topConceptOf <a:s> ; skos:broader <a:b> . <a:b> skos:inScheme <a:s> ."
    ),
    "a top said on one side": "<a:s> skos:hasTopConcept <a:a> .",
    "a lost concept": "<a:a> skos:inScheme <a:s> .",
}


def _read(turtle: bytes) -> Store:
    store = Store()
    store.load(turtle, format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def written(kg: KnowledgeGraph) -> bytes:
    return skos.write(kg)["milia-skos.ttl"]


@pytest.fixture(scope="module")
def schemes(written: bytes) -> Store:
    return _read(written)


def _pairs(store: Store, link: str) -> set[tuple[str, str]]:
    """Return what a link of SKOS joins, as text."""
    return {(s.value, o.value) for s, o in store.query(f"{PREFIX} SELECT ?s ?o {{ ?s skos:{link} ?o }}")}  # type: ignore[union-attr]


def _asked(kg: KnowledgeGraph, pattern: str) -> set[tuple[str, str]]:
    return {(r["s"], r["o"]) for r in kg.ask(f"SELECT DISTINCT ?s ?o {{ {pattern} }}").records()}


@pytest.mark.parametrize(("name", "pattern"), [*CONDITIONS.items(), *OURS.items()])
def test_a_condition_holds(schemes: Store, name: str, pattern: str) -> None:
    found = [str(row) for row in schemes.query(f"{PREFIX} SELECT * {{ {pattern} }} LIMIT 5")]  # type: ignore[union-attr]
    assert found == [], name


@pytest.mark.parametrize(("name", "fault"), FAULTS.items())
def test_a_broken_condition_is_found(name: str, fault: str) -> None:
    store = _read(f"@{PREFIX.strip()} .\n{fault}".replace("@PREFIX", "@prefix").encode())
    assert store.query(f"{PREFIX} ASK {{ {({**CONDITIONS, **OURS})[name]} }}")


def test_each_condition_has_a_fault() -> None:
    assert FAULTS.keys() == CONDITIONS.keys() | OURS.keys()


def test_writing_twice_gives_the_same_bytes(kg: KnowledgeGraph, written: bytes) -> None:
    assert skos.write(kg)["milia-skos.ttl"] == written
    assert b"\r" not in written


def test_rdflib_reads_the_same(schemes: Store, written: bytes) -> None:
    assert len(rdflib.Graph().parse(data=written, format="turtle")) == len(schemes)


def test_ours_and_the_foreign_schemes_are_there(kg: KnowledgeGraph, schemes: Store) -> None:
    assert _pairs(schemes, "inScheme") == _asked(kg, "?s skos:inScheme ?o")
    assert {o.rpartition("/")[2] for _, o in _pairs(schemes, "inScheme")} == {
        "milia",
        "berk-bayliss",
        "body-perfection",
    }
    notes = _pairs(schemes, "editorialNote")
    assert len(notes) == 3
    assert all("not medical advice" in note and "draft" in note for _, note in notes)


def test_only_what_is_established_is_wider(kg: KnowledgeGraph, schemes: Store) -> None:
    fact = "?f a milia:Fact ; rdf:subject ?s ; rdf:predicate milia:subtypeOf ; rdf:object ?o ; milia:status"
    established = _asked(kg, f"GRAPH graph:facts {{ {fact} milia:Established }}")
    foreign = _asked(kg, "?s skos:broader ?o")
    assert _pairs(schemes, "broader") == established | foreign
    doubtful = _asked(kg, f"GRAPH ?g {{ {fact} ?status }} FILTER (?status != milia:Established)")
    assert doubtful
    assert not doubtful & _pairs(schemes, "broader")


@pytest.mark.parametrize("match", ["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"])
def test_matches_are_those_that_were_accepted(kg: KnowledgeGraph, schemes: Store, match: str) -> None:
    row = f"?m owl:annotatedSource ?s ; owl:annotatedProperty skos:{match} ; owl:annotatedTarget ?o"
    given = _asked(kg, f"GRAPH ?g {{ {row} FILTER (?o != sssom:NoTermFound) }} ?s skos:inScheme ?scheme")
    refused = _asked(kg, f"GRAPH ?g {{ {row} ; sssom:predicate_modifier ?not }}")
    fact = "?f rdf:predicate milia:denotes ; milia:status milia:Established ; rdf:subject ?s ; rdf:object ?o"
    denoted = _asked(kg, f"GRAPH graph:facts {{ {fact} }}") if match == "closeMatch" else set()
    assert _pairs(schemes, match) == (given - refused) | denoted
    assert given


@pytest.mark.parametrize("label", ["prefLabel", "altLabel", "hiddenLabel"])
def test_all_names_are_there_in_all_languages(kg: KnowledgeGraph, schemes: Store, label: str) -> None:
    asked = kg.ask(f"SELECT DISTINCT ?s ?o {{ ?s skos:inScheme ?scheme ; skos:{label} ?o }}").rows
    found = {
        (s, o)
        for s, o in schemes.query(f"{PREFIX} SELECT ?s ?o {{ ?s a skos:Concept ; skos:{label} ?o }}")  # type: ignore[union-attr]
    }
    missing = {(s, o) for s, o in asked} - found
    better = {
        (row["s"], row["o"])
        for row in schemes.query(f"{PREFIX} SELECT ?s ?o {{ ?s skos:prefLabel|skos:altLabel ?o }}")  # type: ignore[union-attr]
    }
    assert missing <= better
    assert found <= {(s, o) for s, o in asked}
    assert label == "hiddenLabel" or len({o.language for _, o in found}) > 5
