"""Every feed: its files are the same each time, and it says what it cannot carry."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from milia.build import assemble_sources
from milia.catalog import Catalog
from milia.export import ASPECTS, CARRIED, EXPORTERS, FEEDS, bundle, bundled, losses, report
from milia.kg import KnowledgeGraph
from milia.load import Sources
from milia.names import PREFIXES
from milia.paths import Home
from milia.store import Store, empty_store

if TYPE_CHECKING:
    from milia.build import Assembly

ROOT = Path(__file__).resolve().parents[1]

# ── what holds of all of them ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_the_same_each_time(kg: KnowledgeGraph, name: str) -> None:
    files = FEEDS[name].write(kg)
    assert files
    assert FEEDS[name].write(kg) == files
    assert all(content.endswith(b"\n") for content in files.values())


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_described(name: str) -> None:
    feed = FEEDS[name]
    assert name not in EXPORTERS
    assert feed.title
    assert feed.reader
    assert feed.checked_by
    assert feed.carries <= ASPECTS.keys()


def test_losses_are_counted_in_the_graph(kg: KnowledgeGraph) -> None:
    everything = losses(kg, frozenset())
    assert everything.keys() == ASPECTS.keys()
    assert all(n > 0 for n in everything.values())
    assert everything["evidence"] == len(kg.claims)
    assert everything["denials"] == sum(not c.affirms for c in kg.claims.values())
    assert everything["scope"] == sum(bool(c.scope) for c in kg.claims.values())
    often = [c for c in kg.claims.values() if c.frequency or c.of is not None]
    assert everything["frequency"] == len(often)


@pytest.mark.parametrize("scope", CARRIED)
def test_what_a_scope_carries_is_no_loss(kg: KnowledgeGraph, scope: str) -> None:
    assert losses(kg, CARRIED[scope]).keys() == ASPECTS.keys() - CARRIED[scope]


def test_a_report_puts_losses_into_words() -> None:
    said = json.loads(report("csv", {"scope": 3}))
    assert said == {
        "format": "csv",
        "losses": [{"aspect": "scope", "count": 3, "meaning": ASPECTS["scope"]}],
    }


def test_the_bundle_has_all_and_its_manifest_tells_the_truth(kg: KnowledgeGraph) -> None:
    files = dict(bundle(kg))
    for name in ("nquads", "turtle", "csv"):
        assert bundled(kg, name) == {path: files[path] for path in files if path.startswith(f"{name}/")}
    listed = {e["path"]: e for e in json.loads(files.pop("manifest.json"))["files"]}
    assert listed.keys() == files.keys()
    assert {path.partition("/")[0] for path in files} == {*EXPORTERS, *FEEDS}
    for path, content in files.items():
        assert listed[path]["bytes"] == len(content)
        assert listed[path]["sha256"] == hashlib.sha256(content).hexdigest()
    for name in (*EXPORTERS, *FEEDS):
        assert json.loads(files[f"{name}/losses.json"])["format"] == name


@pytest.fixture(scope="module")
def few(home: Home, part: Assembly) -> Assembly:
    """Return a part small enough for the slow engine: one page's claims, a fortieth of the papers'."""
    big = ("data/claims/body", "data/claims/hpo", "data/catalogue/")
    return assemble_sources(home, Sources([f for f in part.sources.files if not f.name.startswith(big)]))


@pytest.fixture(scope="module")
def few_in_rdflib(few: Assembly) -> Store:
    store = empty_store("rdflib")
    store.add(few.store.quads())
    return store


def test_a_query_has_one_name_whatever_its_folder() -> None:
    folders = ("answers", "checks", "exports", "pages")
    names = [name for folder in folders for name in Catalog(Home(ROOT)).names(folder)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", Catalog(Home(ROOT)).names("exports"))
def test_both_engines_give_the_same_rows(few: Assembly, few_in_rdflib: Store, name: str) -> None:
    text = Catalog(Home(ROOT)).export(name)
    rows = few.store.query(text).records()
    assert rows
    assert few_in_rdflib.query(text).records() == rows


# ── nodes and edges ───────────────────────────────────────────────────────────────────────────────────────


def _rows(kg: KnowledgeGraph, file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FEEDS["csv"].write(kg)[file].decode())))


def test_each_end_of_an_edge_is_a_node_or_a_value(kg: KnowledgeGraph) -> None:
    nodes = {row["id"]: row for row in _rows(kg, "nodes.csv")}
    assert nodes["https://w3id.org/milia/condition/milia"]["classes"] == "MiliaForm"
    assert PREFIXES["hp"] + "0001056" in nodes["https://w3id.org/milia/condition/milia"]["codes"].split("|")
    for row in _rows(kg, "edges.csv"):
        assert row["subject"] in nodes or row["subject"].startswith(PREFIXES["scheme"]), row


def test_each_fact_is_one_edge_with_its_claims(kg: KnowledgeGraph) -> None:
    rows = _rows(kg, "edges.csv")
    assert len({row["id"] for row in rows}) == len(rows)
    claimed = [row for row in rows if row["kind"] == "claimed"]
    live = {
        c for row in claimed for side in ("claims_for", "claims_against") for c in row[side].split("|") if c
    }
    assert live <= kg.claims.keys()
    assert {row["status"] for row in claimed} == {
        "Established",
        "Hedged",
        "Disputed",
        "Denied",
        "NotObserved",
    }
    for row in claimed:
        assert row["claims_for"] or row["status"] in {"Denied", "NotObserved"}, row
        for claim in filter(None, row["claims_for"].split("|")):
            assert kg.claims[claim].affirms


def test_a_rejected_code_is_no_code(kg: KnowledgeGraph) -> None:
    rejected = {
        (row["thing"], row["code"])
        for row in kg.ask(
            "SELECT ?thing ?code { GRAPH ?g { ?m sssom:predicate_modifier ?not ; "
            "owl:annotatedSource ?thing ; owl:annotatedTarget ?code } }"
        ).records()
    }
    given = {(row["id"], code) for row in _rows(kg, "nodes.csv") for code in row["codes"].split("|")}
    assert rejected
    assert not rejected & given
