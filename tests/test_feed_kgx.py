"""KGX: valid by the Biolink Model, one edge a fact, nothing disputed or denied said to be true."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milia.export import biolink, kgx
from milia.kg import KnowledgeGraph
from milia.names import BASE, PREFIXES, short

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def tables(kg: KnowledgeGraph) -> Files:
    return kgx.write_tsv(kg)


@pytest.fixture(scope="module")
def lines(kg: KnowledgeGraph) -> Files:
    return kgx.write_jsonl(kg)


def _lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().splitlines()]


def _table(content: bytes) -> list[dict[str, str]]:
    head, *rows = (line.split("\t") for line in content.decode().removesuffix("\n").split("\n"))
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def nodes(lines: Files) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in _lines(lines["milia_nodes.jsonl"])}


@pytest.fixture(scope="module")
def edges(lines: Files) -> list[dict[str, Any]]:
    return _lines(lines["milia_edges.jsonl"])


def _ours(edge: dict[str, Any]) -> str:
    return str(edge["original_predicate"]).removeprefix(PREFIXES["milia"])


# ── form ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_forms_say_the_same(tables: Files, lines: Files) -> None:
    for kind in ("nodes", "edges"):
        from_lines = [
            {k: "|".join(v) if isinstance(v, list) else str(v) for k, v in record.items()}
            for record in _lines(lines[f"milia_{kind}.jsonl"])
        ]
        from_table = [{k: v for k, v in row.items() if v} for row in _table(tables[f"milia_{kind}.tsv"])]
        assert from_table == from_lines


def test_writing_twice_gives_the_same_bytes(kg: KnowledgeGraph, tables: Files, lines: Files) -> None:
    assert kgx.write_tsv(kg) == tables
    assert kgx.write_jsonl(kg) == lines


def test_a_thing_says_what_it_is(nodes: dict[str, dict[str, Any]]) -> None:
    milia = nodes["milia.condition:milia"]
    assert milia["category"] == ["biolink:Disease", "biolink:PhenotypicFeature"]
    assert milia["iri"] == BASE + "condition/milia"
    assert {"HP:0001056"} <= set(milia["xref"])
    assert not any("@" in name for name in milia["synonym"])
    assert "not medical advice" in nodes["infores:milia"]["description"]


def test_codes_stand_for_what_the_graph_maps_exactly(
    kg: KnowledgeGraph, nodes: dict[str, dict[str, Any]]
) -> None:
    asked = kg.ask(
        "SELECT ?thing ?not (COUNT(DISTINCT ?code) AS ?n) { GRAPH ?g { ?m owl:annotatedSource ?thing ; "
        "owl:annotatedProperty skos:exactMatch ; owl:annotatedTarget ?code . "
        "OPTIONAL { ?m sssom:predicate_modifier ?not } FILTER (?code != sssom:NoTermFound) } "
        "?thing skos:inScheme ?scheme } GROUP BY ?thing ?not"
    ).records()
    expected = {biolink.curie(row["thing"]): int(row["n"]) for row in asked if "not" not in row}
    assert expected == {name: len(node["xref"]) for name, node in nodes.items() if "xref" in node}
    assert not any(code.startswith("http") for node in nodes.values() for code in node.get("xref", ()))


def test_nothing_rejected_is_a_code(kg: KnowledgeGraph, nodes: dict[str, dict[str, Any]]) -> None:
    rejected = kg.ask(
        "SELECT ?thing ?code { GRAPH ?g { ?m sssom:predicate_modifier ?not ; owl:annotatedSource ?thing ; "
        "owl:annotatedTarget ?code } }"
    ).records()
    assert rejected
    for row in rejected:
        local = row["code"].replace("_", "/").replace("#", "/").rpartition("/")[2]
        assert not any(
            code.endswith(f":{local}") for code in nodes[biolink.curie(row["thing"])].get("xref", ())
        )


# ── what is said ──────────────────────────────────────────────────────────────────────────────────────────


def _facts(kg: KnowledgeGraph) -> Iterator[tuple[str, str, str]]:
    """Yield name, status and property of each fact between two things that have labels."""
    for row in kg.ask(
        "SELECT ?f ?status ?p ?s ?o { GRAPH ?g { ?f a milia:Fact ; rdf:subject ?s ; rdf:predicate ?p ; "
        "rdf:object ?o ; milia:status ?status } ?s skos:inScheme ?scheme . ?o skos:inScheme ?other }"
    ).records():
        yield biolink.curie(row["f"]), short(row["status"]), row["p"].removeprefix(PREFIXES["milia"])


def test_each_fact_that_holds_is_one_edge(kg: KnowledgeGraph, edges: list[dict[str, Any]]) -> None:
    facts = list(_facts(kg))
    hold = {name for name, status, _ in facts if status in {"milia:Established", "milia:Hedged"}}
    given = Counter(e["id"] for e in edges)
    assert set(given.values()) == {1}
    assert hold == {e["id"] for e in edges if e["id"].startswith("milia.fact:") and "negated" not in e} - {
        e["id"] for e in edges if "milia_claims" not in e
    }


def test_what_is_disputed_or_denied_is_nowhere_true(kg: KnowledgeGraph, edges: list[dict[str, Any]]) -> None:
    contested = {n: s for n, s, _ in _facts(kg) if s not in {"milia:Established", "milia:Hedged"}}
    assert {"milia:Disputed", "milia:Denied"} <= set(contested.values())
    for edge in edges:
        if edge["id"] in contested:
            assert contested[edge["id"]] == "milia:Denied"
            assert edge["negated"] is True
        else:
            assert "negated" not in edge


def test_a_denial_rests_on_claims_that_deny(kg: KnowledgeGraph, edges: list[dict[str, Any]]) -> None:
    denials = [e for e in edges if e.get("negated")]
    assert denials
    for edge in edges:
        for claim in edge.get("milia_claims", ()):
            assert kg.claims[claim].affirms != bool(edge.get("negated"))


def test_nothing_is_both_affirmed_and_denied(edges: list[dict[str, Any]]) -> None:
    sides: dict[bool, set[tuple[str, str, str]]] = {True: set(), False: set()}
    for e in edges:
        sides[bool(e.get("negated"))].add((e["subject"], e["predicate"], e["object"]))
    assert not sides[True] & sides[False]


@pytest.mark.parametrize("harm", ["contraindicatedFor", "cautionedFor", "hasAdverseEffect"])
def test_no_harm_is_ruled_out(edges: list[dict[str, Any]], harm: str) -> None:
    assert not [e for e in edges if e.get("negated") and _ours(e) == harm]
    assert [e for e in edges if _ours(e) == harm]


def test_only_what_is_established_is_asserted(edges: list[dict[str, Any]]) -> None:
    levels = {(e["milia_status"], e["knowledge_level"], "milia_claims" in e) for e in edges}
    assert levels == {
        ("Established", "knowledge_assertion", True),
        ("Established", "logical_entailment", False),
        ("Hedged", "not_provided", True),
        ("Hedged", "not_provided", False),
        ("Denied", "knowledge_assertion", True),
    }


def test_how_often_and_for_whom_survive(kg: KnowledgeGraph, edges: list[dict[str, Any]]) -> None:
    for edge in edges:
        claims = [kg.claims[c] for c in edge.get("milia_claims", ())]
        often = {c.frequency.replace("hp:", "HP:").removeprefix("milia:") for c in claims if c.frequency}
        often |= {f"{c.observed}/{c.of}" for c in claims if c.of is not None}
        assert often == set(edge.get("milia_frequency", ()))
        limits = {short(v) for c in claims for _, v in c.scope}
        assert limits == {limit.partition("=")[2] for limit in edge.get("milia_scope", ())}
        assert {c.review for c in claims} == {f"milia:{r}" for r in edge.get("milia_review_state", ())}
        if "frequency_qualifier" in edge:
            assert edge["frequency_qualifier"] in often
    assert any("frequency_qualifier" in e for e in edges)


@pytest.mark.parametrize(
    ("subject", "ours", "obj", "expected"),
    [
        ("condition/milia", "treatedBy", "care/extraction", ("^", "treats_or_applied_or_studied_to_treat")),
        ("condition/basan-syndrome", "causalGene", "gene/smarcad1", ("^", "gene_associated_with_condition")),
        ("condition/neonatal-milia", "subtypeOf", "condition/milia", ("", "subclass_of")),
        ("site/face", "partOf", "site/head", ("", "part_of")),
    ],
)
def test_a_link_becomes_the_nearest_of_biolink(
    edges: list[dict[str, Any]], subject: str, ours: str, obj: str, expected: tuple[str, str]
) -> None:
    ends = [biolink.curie(BASE + subject), biolink.curie(BASE + obj)]
    if expected[0]:
        ends.reverse()
    found = [e for e in edges if [e["subject"], e["object"]] == ends and _ours(e) == ours]
    assert [e["predicate"] for e in found] == [f"biolink:{expected[1]}"]


def test_rows_of_a_database_name_it(kg: KnowledgeGraph, edges: list[dict[str, Any]]) -> None:
    for edge in edges:
        sources = {short(e.source) for c in edge.get("milia_claims", ()) for e in kg.claims[c].evidence}
        if edge["primary_knowledge_source"] != "infores:milia":
            assert sources <= biolink.DATABASES.keys()
            assert "infores:milia" in edge["aggregator_knowledge_source"]
    primary = {e["primary_knowledge_source"] for e in edges}
    assert {"infores:milia", "infores:orphanet", "infores:omim", "infores:hpo-annotations"} == primary


# ── the readers' own validator ────────────────────────────────────────────────────────────────────────────


def _saved(folder: Path, files: Files) -> list[Path]:
    folder.mkdir()
    for name, content in sorted(files.items(), reverse=True):  # nodes before edges
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(files, reverse=True)]


def test_biolink_finds_nothing_wrong(
    referee: Callable[..., str], tables: Files, lines: Files, tmp_path: Path
) -> None:
    said = referee("kgx_check", *_saved(tmp_path / "tsv", tables), *_saved(tmp_path / "jsonl", lines))
    assert said.count("fine") == 2


FAULTS = [
    ("biolink:has_phenotype", "biolink:has_fenotype", "no predicate biolink:has_fenotype"),
    ("biolink:has_phenotype", "biolink:genetically_associated_with", "no predicate"),
    ("biolink:Disease", "biolink:Disese", "no category biolink:Disese"),
    ("biolink:Disease", "biolink:Association", "no category biolink:Association"),
    ("biolink:Association", "biolink:Disease", "no category biolink:Disease"),
    ("knowledge_assertion", "knowledge", "no knowledge level knowledge"),
    ("manual_agent", "manual", "no agent type manual"),
    ('"id": "milia.condition:milia"', '"id": "milia:condition/milia"', "the id is no CURIE"),
    (
        '"id": "milia.condition:milia"',
        '"id": "milia.condition:milium"',
        "there is no node milia.condition:milia",
    ),
    ('"id": "milia.condition:milia"', '"id": "milia.condition:neonatal-milia"', "two nodes have one id"),
    ('"name"', '"label"', "no name"),
    ('"publications"', '"publikations"', "publikations is no slot"),
    ('"negated": true', '"negated": "False"', "negated is 'False'"),
    ('"synonym": [', '"synonym": "x", "milia_rest": [', "synonym is no list"),
    ('"predicate": ', '"frequency_qualifier": [], "predicate": ', "frequency_qualifier is no text"),
    ('"predicate": ', '"publications": [], "predicate": ', "publications is empty"),
    ('"primary_knowledge_source": "infores:', '"primary_knowledge_source": "', "is no infores"),
]


def test_the_validator_finds_each_fault(referee: Callable[..., str], lines: Files, tmp_path: Path) -> None:
    paths = []
    for number, (good, bad, _) in enumerate(FAULTS):
        broken = {name: content.decode().replace(good, bad).encode() for name, content in lines.items()}
        assert broken != lines, good
        paths += _saved(tmp_path / str(number), broken)
    with pytest.raises(AssertionError) as raised:
        referee("kgx_check", *paths)
    said = dict(re.findall(r"(?m)^\W*([0-9]+): (.*)$", str(raised.value)))
    assert len(said) == len(FAULTS)
    for number, (_, _, finding) in enumerate(FAULTS):
        assert finding in said[str(number)]
