"""Chunks for assistants: each stands by itself, cites its claims, and never states what is disputed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from milia.export.chunks import write
from milia.kg import KnowledgeGraph
from milia.names import expand, fact_iri, milia

OPENINGS = {
    "Established": "",
    "Hedged": "Possibly: ",
    "Disputed": "Disputed, some say and others deny: ",
    "Denied": "Denied, and claimed by no source: ",
    "NotObserved": "Looked for, and seen in nobody who was counted: ",
}


@pytest.fixture(scope="module")
def chunks(kg: KnowledgeGraph) -> list[dict[str, Any]]:
    return [json.loads(line) for line in write(kg)["chunks.jsonl"].decode().splitlines()]


def test_a_chunk_is_one_thing_and_one_property(chunks: list[dict[str, Any]]) -> None:
    assert len({c["id"] for c in chunks}) == len({(c["about"], c["property"]) for c in chunks}) == len(chunks)
    assert [(c["about"], c["property"]) for c in chunks] == sorted(
        (c["about"], c["property"]) for c in chunks
    )


def test_a_chunk_stands_by_itself(kg: KnowledgeGraph, chunks: list[dict[str, Any]]) -> None:
    for chunk in chunks:
        assert chunk["text"].startswith(kg.labels[chunk["about"]])
        assert chunk["text"].endswith("It is not medical advice.")
        assert "https://w3id.org" not in chunk["text"], chunk["text"]
        for said in chunk["statements"]:
            assert f"{said['text']}." in chunk["text"]
            assert said["text"].startswith(OPENINGS[said["status"]] + kg.labels[chunk["about"]])


def test_every_claim_of_a_fact_is_cited_with_its_source(
    kg: KnowledgeGraph, chunks: list[dict[str, Any]]
) -> None:
    cited = set()
    for chunk in chunks:
        sources = {s["source"] for s in chunk["sources"]}
        for said in chunk["statements"]:
            of_one = kg.claims[_claims(said)[0]]
            assert said["fact"] == fact_iri(*of_one.triple).value
            for claim in _claims(said):
                assert sources.issuperset(e.source for e in kg.claims[claim].evidence)
                cited.add(claim)
    live = {
        row["claim"]
        for row in kg.ask(
            "SELECT ?claim { GRAPH ?g { ?f milia:supportedBy|milia:opposedBy|milia:notSeenBy ?claim } }"
        ).records()
    }
    assert cited == live


def _claims(said: dict[str, Any]) -> list[str]:
    return [*said["claims_for"], *said["claims_against"], *said["claims_not_seen"]]


def test_limits_and_frequency_of_each_claim_are_told(
    kg: KnowledgeGraph, chunks: list[dict[str, Any]]
) -> None:
    limited = often = 0
    for chunk in chunks:
        for said in chunk["statements"]:
            for claim in (kg.claims[c] for c in said["claims_for"]):
                for aspect, value in claim.scope:
                    assert f"{kg.label(aspect)}: {kg.label(value)}" in said["text"]
                    limited += 1
                if claim.frequency:
                    assert kg.label(claim.frequency) in said["text"]
                    often += 1
    assert limited > 300
    assert often > 500


def test_what_is_contested_says_so(chunks: list[dict[str, Any]]) -> None:
    seen = {s["status"] for c in chunks for s in c["statements"]}
    assert seen == OPENINGS.keys()
    differing = [s for c in chunks for s in c["statements"] if s["differences"]]
    assert any(d["kind"] == "StanceContradiction" for s in differing for d in s["differences"])


def test_an_example_reads_as_meant(chunks: list[dict[str, Any]]) -> None:
    (face,) = [
        s
        for c in chunks
        if (c["about"], c["property"]) == (expand("condition:milia").value, milia("affects").value)
        for s in c["statements"]
        if s["object"] == expand("site:face").value
    ]
    assert face["text"].startswith("Milia affects Face (often; ")
    assert "milia:Draft" in face["review_state"]
