"""OBO: both files say the same; only what is established makes a kind, and a maybe is marked as one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.export import obo, obographs
from milia.export.biolink import curie
from milia.export.vocabulary import IS_A, Entry, Link, Name, Vocabulary, vocabulary
from milia.kg import KnowledgeGraph
from milia.names import BASE, PREFIXES

Files = dict[str, bytes]
LEFT_OUT = ("Article", "Person", "Provider", "SchemeEntry", "Service")


@pytest.fixture(scope="module")
def files(kg: KnowledgeGraph) -> Files:
    return obographs.write(kg)


@pytest.fixture(scope="module")
def graph(files: Files) -> dict[str, Any]:
    (found,) = json.loads(files["milia.obographs.json"])["graphs"]
    return dict(found)


@pytest.fixture(scope="module")
def nodes(graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in graph["nodes"]}


@pytest.fixture(scope="module")
def frames(files: Files) -> dict[str, list[str]]:
    """Return the lines of each frame of the OBO file, by its id; those of the header by ''."""
    found: dict[str, list[str]] = {}
    for frame in files["milia.obo"].decode().removesuffix("\n").split("\n\n"):
        lines = frame.split("\n")
        found[lines[1].removeprefix("id: ") if lines[0].startswith("[") else ""] = lines
    return found


# ── what is said of a concept ─────────────────────────────────────────────────────────────────────────────


def test_a_concept_has_its_names_kinds_and_codes(nodes: dict[str, dict[str, Any]]) -> None:
    milia = nodes[BASE + "condition/milia"]
    assert (milia["lbl"], milia["type"]) == ("Milia", "CLASS")
    assert milia["meta"]["definition"]["val"].startswith("A harmless skin condition")
    assert milia["meta"]["subsets"] == [PREFIXES["milia"] + "MiliaForm"]
    assert {"val": "HP:0001056"} in milia["meta"]["xrefs"]
    german = {"basicPropertyValues": [{"pred": PREFIXES["dcterms"] + "language", "val": "de"}]}
    assert {"pred": "hasExactSynonym", "val": "Milien", "meta": german} in milia["meta"]["synonyms"]
    misspelt = [s for s in milia["meta"]["synonyms"] if "synonymType" in s]
    assert {s["pred"] for s in misspelt} == {"hasRelatedSynonym"}
    assert "Miliium" in {s["val"] for s in misspelt}


def test_the_same_in_obo(frames: dict[str, list[str]]) -> None:
    milia = frames["milia.condition:milia"]
    assert milia[:3] == ["[Term]", "id: milia.condition:milia", "name: Milia"]
    assert "subset: milia.ontology:MiliaForm" in milia
    assert "xref: HP:0001056" in milia
    assert 'synonym: "Milien" EXACT [] {dcterms:language="de"}' in milia
    assert 'synonym: "Miliium" RELATED milia.ontology:misspelling [] {dcterms:language="de"}' in milia


def test_concepts_are_all_but_single_things_and_foreign_schemes(
    kg: KnowledgeGraph, nodes: dict[str, dict[str, Any]]
) -> None:
    out = ", ".join(f"milia:{name}" for name in LEFT_OUT)
    rows = kg.ask(
        f"SELECT DISTINCT ?c {{ ?c skos:inScheme ?s FILTER NOT EXISTS {{ ?c a ?k FILTER (?k IN ({out})) }} }}"
    ).records()
    assert {row["c"] for row in rows} == {n["id"] for n in nodes.values() if n["type"] == "CLASS"}
    assert BASE + "provider/cadogan-clinic" not in nodes


def test_synonyms_are_the_labels_of_the_graph(kg: KnowledgeGraph, nodes: dict[str, dict[str, Any]]) -> None:
    rows = kg.ask(
        "SELECT DISTINCT ?c (str(?l) AS ?name) { ?c skos:prefLabel|skos:altLabel|skos:hiddenLabel ?l }"
    ).records()
    expected = {(row["c"], row["name"]) for row in rows if row["c"] in nodes}
    given = {(n["id"], s["val"]) for n in nodes.values() for s in n["meta"].get("synonyms", ())}
    labels = {(n["id"], n["lbl"]) for n in nodes.values() if n["type"] == "CLASS"}
    assert given | labels == expected
    assert not given & labels


def test_a_rejected_code_is_no_xref(kg: KnowledgeGraph, nodes: dict[str, dict[str, Any]]) -> None:
    rejected = kg.ask(
        "SELECT ?thing ?code { GRAPH ?g { ?m sssom:predicate_modifier ?not ; owl:annotatedSource ?thing ; "
        "owl:annotatedTarget ?code } }"
    ).records()
    assert rejected
    for row in rejected:
        local = re.split(r"[_/#]", row["code"])[-1]
        codes = nodes[row["thing"]]["meta"].get("xrefs", ())
        assert not [c for c in codes if c["val"].endswith(f":{local}")]


def test_a_code_is_an_identifier_and_nothing_more(nodes: dict[str, dict[str, Any]]) -> None:
    codes = [code for node in nodes.values() for code in node["meta"].get("xrefs", ())]
    assert codes
    for code in codes:
        assert code.keys() == {"val"}
        assert re.fullmatch(r"[A-Za-z0-9]+:[A-Za-z0-9./_-]+", code["val"]), code


# ── what is said between concepts ─────────────────────────────────────────────────────────────────────────


def _facts(kg: KnowledgeGraph, status: str) -> set[tuple[str, str, str]]:
    rows = kg.ask(
        f"SELECT ?s ?p ?o {{ GRAPH ?g {{ ?f a milia:Fact ; milia:status milia:{status} ; rdf:subject ?s ; "
        "rdf:predicate ?p ; rdf:object ?o } }"
    ).records()
    return {(row["s"], row["p"], row["o"]) for row in rows}


def _edges(graph: dict[str, Any], hedged: bool) -> set[tuple[str, str, str]]:
    named = {IS_A: PREFIXES["milia"] + "subtypeOf"}
    found = [e for e in graph["edges"] if ("meta" in e) == hedged]
    return {(e["sub"], named.get(e["pred"], e["pred"]), e["obj"]) for e in found}


def test_what_is_established_is_an_edge(
    kg: KnowledgeGraph, graph: dict[str, Any], nodes: dict[str, dict[str, Any]]
) -> None:
    expected = {t for t in _facts(kg, "Established") if {t[0], t[2]} <= nodes.keys()}
    assert _edges(graph, hedged=False) == expected


def test_what_is_hedged_says_so_and_makes_no_kind(
    kg: KnowledgeGraph, graph: dict[str, Any], nodes: dict[str, dict[str, Any]]
) -> None:
    maybe = {t for t in _facts(kg, "Hedged") if {t[0], t[2]} <= nodes.keys()}
    kinds = {t for t in maybe if t[1] == PREFIXES["milia"] + "subtypeOf"}
    assert kinds
    assert _edges(graph, hedged=True) == maybe - kinds
    assert not kinds & _edges(graph, hedged=False)


@pytest.mark.parametrize("status", ["Disputed", "Denied", "NotObserved"])
def test_what_does_not_hold_is_nowhere(kg: KnowledgeGraph, graph: dict[str, Any], status: str) -> None:
    assert _facts(kg, status)
    assert not _facts(kg, status) & (_edges(graph, hedged=True) | _edges(graph, hedged=False))


def test_obo_has_the_same_links_in_other_words(graph: dict[str, Any], frames: dict[str, list[str]]) -> None:
    given = set()
    for name, lines in frames.items():
        for line in lines:
            said = line.partition(" ! ")[0]
            hedged = said.endswith(' {milia.ontology:certainty="Hedged"}')
            parts = said.removesuffix(' {milia.ontology:certainty="Hedged"}').split(" ")
            if parts[0] == "is_a:":
                given.add((name, IS_A, parts[1], hedged))
            elif parts[0] == "relationship:":
                given.add((name, parts[1], parts[2], hedged))
    edges = graph["edges"]
    expected = {
        (curie(e["sub"]), IS_A if e["pred"] == IS_A else curie(e["pred"]), curie(e["obj"]), "meta" in e)
        for e in edges
    }
    assert given == expected
    assert len(edges) == len(expected)


def test_no_relation_is_read_as_holding_of_every_case(
    nodes: dict[str, dict[str, Any]], frames: dict[str, list[str]]
) -> None:
    properties = [n for n in nodes.values() if n["type"] == "PROPERTY"]
    assert properties
    for node in properties:
        assert node["propertyType"] == "ANNOTATION"
        assert "is_metadata_tag: true" in frames[curie(node["id"])]
    assert PREFIXES["milia"] + "subtypeOf" not in nodes


def test_milk_spots_of_the_newborn_need_no_treatment(graph: dict[str, Any]) -> None:
    care = {
        e["obj"].removeprefix(BASE)
        for e in graph["edges"]
        if e["sub"] == BASE + "condition/neonatal-milia"
        and e["pred"].endswith(("/treatedBy", "/preventedBy"))
    }
    assert "care/reassurance" in care
    assert care <= {"care/reassurance", "care/watchful-waiting", "care/gentle-cleansing"}


# ── form ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_licence_version_and_warning(graph: dict[str, Any], frames: dict[str, list[str]]) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    values = {v["pred"]: v["val"] for v in graph["meta"]["basicPropertyValues"]}
    assert values[PREFIXES["dcterms"] + "license"] == licence
    assert graph["meta"]["version"] == f"{graph['id']}/{values[PREFIXES['owl'] + 'versionInfo']}"
    assert "not medical advice" in graph["meta"]["comments"][0]
    head = frames[""]
    assert f"data-version: {values[PREFIXES['owl'] + 'versionInfo']}" in head
    assert f"property_value: {PREFIXES['dcterms']}license {licence}" in head
    assert [line for line in head if line.startswith("remark: ") and "not medical advice" in line]


def test_an_id_of_obo_is_an_iri_of_ours(
    frames: dict[str, list[str]], nodes: dict[str, dict[str, Any]]
) -> None:
    spaces = dict(line.split(" ")[1:] for line in frames[""] if line.startswith("idspace: "))
    ids = [name.split(":") for name in frames if name]
    assert {spaces[prefix] + local for prefix, local in ids} == set(nodes)


SMALL = Vocabulary(
    (
        Entry("x/a/1", 'A {b}! "c"', 'Said "so" \\ {here}\nand there!', ("K",), (Name('n "x"', ("en",)),)),
        Entry("x/a/2", "B", "C.", ("K",), (Name("m", ("de", "fr"), misspelt=True),), ("P:1",)),
    ),
    (Entry(PREFIXES["milia"] + "r", "r", "R."),),
    (Link("x/a/1", IS_A, "x/a/2"), Link("x/a/1", PREFIXES["milia"] + "r", "x/a/2", hedged=True)),
)


def test_marks_of_the_format_are_escaped() -> None:
    labels = {PREFIXES["milia"] + "K": "k", obo.MISSPELLING: "misspelling", "x/a/2": "B"}
    written = obo.text(SMALL, labels).split("\n")
    assert r'name: A \{b\}\! "c"' in written
    assert r'def: "Said \"so\" \\ {here}\nand there!" []' in written
    assert r'synonym: "n \"x\"" EXACT [] {dcterms:language="en"}' in written
    assert (
        'synonym: "m" RELATED milia.ontology:misspelling [] {dcterms:language="de", dcterms:language="fr"}'
        in written
    )


def test_a_name_in_one_language_is_not_misspelt_in_another(kg: KnowledgeGraph) -> None:
    names = {(c.iri, name.text): name for c in vocabulary(kg).concepts for name in c.names}
    hidden = {(row["thing"], row["name"]) for row in kg.rows("names") if row["kind"] == "hiddenLabel"}
    proper = {(row["thing"], row["name"]) for row in kg.rows("names") if row["kind"] != "hiddenLabel"}
    assert {key for key, name in names.items() if name.misspelt} == (hidden - proper) & names.keys()
    assert all(name.languages for name in names.values())


# ── the readers' own libraries ────────────────────────────────────────────────────────────────────────────


def _saved(folder: Path, files: Files) -> list[Path]:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / "milia.obographs.json", folder / "milia.obo"]


def test_pronto_and_fastobo_read_what_the_graph_says(
    referee: Callable[..., str], kg: KnowledgeGraph, files: Files, tmp_path: Path
) -> None:
    counted = json.loads(referee("obographs_check", *_saved(tmp_path / "whole", files)))
    said = vocabulary(kg)
    kinds = sum(link.predicate == IS_A for link in said.links)
    assert counted == {
        "terms": len(said.concepts),
        "names": len(said.concepts),
        "synonyms": sum(len(c.names) for c in said.concepts),
        "xrefs": sum(len(c.codes) for c in said.concepts),
        "is_a": kinds,
        "relationships": len(said.links) - kinds,
        "properties": len(said.relations),
    }


TREATED = "https://w3id.org/milia/ontology/treatedBy"
FAULTS = [
    ("json", '"lbl": "Milia"', '"lbl": "Milium"', "in one file"),
    ("json", '"lbl": "Milia"', '"label": "Milia"', "node: no place for label"),
    ("json", '"type": "CLASS"', '"type": "INDIVIDUAL"', "neither a class"),
    ("json", '"propertyType": "ANNOTATION"', '"propertyType": "OBJECT"', "nor an annotation property"),
    ("json", "hasExactSynonym", "hasExactName", "hasExactName"),
    ("json", f'"pred": "{TREATED}"', '"pred": "treatedBy"', "there is no property treatedBy"),
    ("json", '"obj": "https://w3id.org/milia/condition/milia"', '"obj": "x:y"', "there is no class x:y"),
    ("json", '"graphs": [', '"graf": [], "graphs": [', "document: no place for graf"),
    ("json", '"val": "HP:0001056"', '"val": "HP:0001057"', "in one file"),
    ("json", '"val": "Hedged"', '"value": "Hedged"', "basicPropertyValues: no place for value"),
    ("obo", "name: Milia\n", "name: Milium\n", "in one file"),
    ("obo", ' {milia.ontology:certainty="Hedged"}', "", "hedges in one file"),
    ("obo", "is_metadata_tag: true", "is_metadata_tag: false", "in the other"),
    ("obo", "subsetdef: milia.ontology:Sign ", "subsetdef: milia.ontology:Sine ", "no subsetdef"),
    ("obo", 'synonym: "Milien" EXACT', 'synonym: "Milien" EXAKT', "SyntaxError"),
    ("obo", "is_a: milia.condition:milia ", "is_a: milia.condition:milium ", "KeyError"),
    (
        "obo",
        "id: milia.condition:milia\n",
        "id: milia.condition:milia\nis_a: milia.condition:neonatal-milia\n",
        "is a kind of itself",
    ),
]


def test_the_schema_of_obo_graphs_is_met(referee: Callable[..., str], files: Files, tmp_path: Path) -> None:
    named = os.environ.get("MILIA_OBOGRAPHS_SCHEMA")
    if not named:
        pytest.skip("name obographs-schema.json in MILIA_OBOGRAPHS_SCHEMA: it bears no licence to carry it")
    graphs, _ = _saved(tmp_path / "whole", files)
    assert referee("obographs_schema", Path(named), graphs).endswith("fine\n")
    broken = json.loads(graphs.read_text(encoding="utf-8"))
    broken["graphs"][0]["nodes"][0]["type"] = "THING"
    (tmp_path / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(AssertionError, match="THING"):
        referee("obographs_schema", Path(named), tmp_path / "broken.json")


def test_the_libraries_find_each_fault(referee: Callable[..., str], files: Files, tmp_path: Path) -> None:
    paths = []
    for number, (form, good, bad, _) in enumerate(FAULTS):
        name = "milia.obo" if form == "obo" else "milia.obographs.json"
        broken = {**files, name: files[name].decode().replace(good, bad).encode()}
        assert broken != files, good
        paths += _saved(tmp_path / str(number), broken)
    with pytest.raises(AssertionError) as raised:
        referee("obographs_check", *paths)
    said: dict[str, str] = {}
    for number_, finding in re.findall(r"(?m)^\W*([0-9]+): (.*)$", str(raised.value)):
        said[number_] = said.get(number_, "") + finding + "\n"
    for number, (_, good, _, finding) in enumerate(FAULTS):
        assert finding in said.get(str(number), ""), (good, said.get(str(number)))
