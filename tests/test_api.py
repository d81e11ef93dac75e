"""The Python API: open, look up, ask, read claims, explain."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

import milia
from milia.errors import BadQuery, BadSource, MiliaError, MissingPart, Misuse, UnknownName
from milia.kg import KnowledgeGraph
from milia.names import BASE, Term, expand
from milia.paths import Home

# ── opening ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("engine", ["oxigraph", "rdflib"])
def test_open(small: Home, engine: str) -> None:
    kg = milia.open(small.root, engine=engine)
    assert isinstance(kg, milia.KnowledgeGraph)
    assert kg.store.name == engine
    assert kg.manifest["name"] == "milia"
    assert kg.ask("ASK { condition:milia a milia:MiliaForm }").truth


def test_open_finds_the_project_by_the_environment(built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILIA_HOME", str(built.root))
    assert milia.open().home == built


def test_open_refuses(built: Home, tmp_path: Path, project: Home) -> None:
    with pytest.raises(Misuse, match="is no Milia project"):
        milia.open(tmp_path)
    with pytest.raises(MissingPart, match="run 'milia build' first"):
        milia.open(project.root)
    with pytest.raises(UnknownName, match="no engine is called 'jena'"):
        milia.open(built.root, engine="jena")


@pytest.mark.parametrize("manifest", ["", "{", "[]", "{}", '{"files": []}', '{"files": {"graph.nq": 1}}'])
def test_a_damaged_manifest_is_told(project: Home, manifest: str) -> None:
    with pytest.raises(MissingPart, match="no built graph"):
        milia.open(project.root)
    project.build.mkdir()
    with pytest.raises(BadSource, match=r"manifest\.json: is missing\n  mend: run 'milia build'"):
        milia.open(project.root)
    (project.build / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(BadSource, match=r"manifest\.json: is damaged\n  mend: run 'milia build'"):
        milia.open(project.root)


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_has_a_label(kg: KnowledgeGraph) -> None:
    assert kg.labels[BASE + "condition/milia"].lower() == "milia"
    assert all(label.strip() == label != "" for label in kg.labels.values())
    assert kg.label("condition:milia") == kg.labels[BASE + "condition/milia"]
    assert kg.label(expand("condition:milia")) == kg.label("condition:milia")
    assert kg.label(Literal("as it is")) == "as it is"
    assert kg.label("https://example.org/x") == "https://example.org/x"


@pytest.mark.parametrize(
    "name",
    [
        "condition:milia",
        "condition/milia",
        f"<{BASE}condition/milia>",
        BASE + "condition/milia",
        "milia",
        "Milia",
    ],
)
def test_a_thing_is_found_by_any_of_its_names(kg: KnowledgeGraph, name: str) -> None:
    assert kg.iri(name) == NamedNode(BASE + "condition/milia")


def test_every_label_and_short_name_finds_a_thing_so_called(kg: KnowledgeGraph) -> None:
    for iri, label in kg.labels.items():
        assert kg.labels[kg.iri(label).value].lower() == label.lower()
        assert kg.iri(iri).value == iri


def test_things_without_label_and_foreign_ones_are_found(kg: KnowledgeGraph) -> None:
    claim = next(iter(kg.claims))
    assert kg.iri(claim).value == claim
    assert kg.iri("rdfs:label").value.endswith("#label")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("eyelit", "no thing is called 'eyelit'; did you mean eyelid"),
        ("condition:mila", "did you mean condition:milia"),
        ("conditon:milia", "no prefix is called 'conditon'; did you mean condition"),
        ("claim/nowhere/001", "no thing is called"),
        ("", "no thing is called ''"),
    ],
)
def test_an_unknown_thing_is_met_with_the_nearest(kg: KnowledgeGraph, name: str, message: str) -> None:
    with pytest.raises(UnknownName, match=re.escape(message)):
        kg.iri(name)


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────


def test_ask_takes_text_and_names(kg: KnowledgeGraph) -> None:
    answer = kg.ask("SELECT ?site { condition:milia milia:affects ?site } ORDER BY ?site")
    assert isinstance(answer, milia.Answer)
    assert answer.variables == ("site",)
    assert {"site": BASE + "site/eyelid"} in answer.records()
    for query in kg.catalog.all("answers")[-3:]:
        assert kg.ask(query.name) == kg.ask(query.text)


@pytest.mark.parametrize(
    ("text", "error"),
    [("no-such-query", UnknownName), ("SELECT ?x { bad", BadQuery), ("DELETE WHERE { ?s ?p ?o }", BadQuery)],
)
def test_ask_refuses(kg: KnowledgeGraph, text: str, error: type[MiliaError]) -> None:
    with pytest.raises(error):
        kg.ask(text)


# ── claims ────────────────────────────────────────────────────────────────────────────────────────────────


def test_claims_are_typed(kg: KnowledgeGraph) -> None:
    assert len(kg.claims) > 200
    for iri, claim in kg.claims.items():
        assert isinstance(claim, milia.Claim)
        assert claim.iri == iri
        assert iri.startswith(BASE + "claim/")
        assert claim.stance in {"milia:Affirms", "milia:Denies"}
        assert claim.affirms == (claim.stance == "milia:Affirms")
        assert claim.certainty in {"milia:Stated", "milia:Hedged"}
        assert claim.review in {"milia:Draft", "milia:Reviewed", "milia:Retracted"}
        assert claim.comment
        assert claim.triple == (claim.subject, claim.predicate, claim.object)
        assert claim.evidence
        for evidence in claim.evidence:
            assert evidence.source.startswith(BASE + "source/")
            if evidence.verification == "milia:SpanVerified":
                assert evidence.span is not None
                assert 0 <= evidence.span.start < evidence.span.end
                assert re.fullmatch("[0-9a-f]{64}", evidence.span.sha256)
            else:
                found = (evidence.reason, evidence.span, evidence.excerpt, evidence.row)
                assert any(found) == (evidence.verification != "milia:CitationOnly")
        for aspect, value in claim.scope:
            assert aspect.startswith("milia:scope")
            assert isinstance(value, NamedNode | Literal)


def test_claims_are_as_many_as_the_graph_says(kg: KnowledgeGraph) -> None:
    (row,) = kg.ask("SELECT (COUNT(DISTINCT ?c) AS ?n) { GRAPH ?g { ?c a milia:Claim } }").records()
    assert int(row["n"]) == len(kg.claims)


# ── facts, links, proofs ──────────────────────────────────────────────────────────────────────────────────


def test_a_fact_names_its_claims(kg: KnowledgeGraph) -> None:
    triple = kg.triple("milia", "affects", "eyelid")
    fact = kg.fact(triple)
    assert fact is not None
    assert isinstance(fact, milia.Fact)
    assert (fact.subject, fact.predicate, fact.object) == (triple.subject, triple.predicate, triple.object)
    assert fact.supported_by
    for iri in fact.supported_by:
        assert kg.claims[iri].triple == (triple.subject, triple.predicate, triple.object)
        assert kg.claims[iri].affirms
    assert kg.fact(kg.triple("eyelid", "affects", "milia")) is None


def test_links_are_published_statements(kg: KnowledgeGraph) -> None:
    links = list(kg.links())
    assert len(links) == len(set(links)) > 300
    for t in links[::25]:
        assert kg.ask(f"ASK {{ {t} }}").truth


@pytest.mark.parametrize(
    ("triple", "kind"),
    [
        (("milia", "affects", "eyelid"), "fact"),
        (("milia", "affectsRegion", "head-and-neck"), "inference"),
        (("condition:milia", "rdf:type", "milia:MiliaForm"), "asserted"),
        (("eyelid", "affects", "milia"), "unknown"),
    ],
)
def test_explain(kg: KnowledgeGraph, triple: tuple[str, str, str], kind: str) -> None:
    proof = kg.explain(*triple)
    assert isinstance(proof, milia.Proof)
    assert proof.kind == kind
    assert proof.holds == (kind != "unknown")
    assert kg.explain(kg.triple(*triple)) == proof
    if kind == "inference":
        assert proof.rule
        assert proof.status == "Established"
        assert all(leaf.kind in {"fact", "asserted"} for leaf in proof.leaves())
        assert {c.iri for c in proof.claims()} <= set(kg.claims)


def test_a_proof_shows_words_only_with_the_snapshots(built: Home, snapshots_dir: Path) -> None:
    triple = ("milia", "affects", "eyelid")
    bare = milia.open(built.root).explain(*triple)
    full = milia.open(built.root, snapshots=snapshots_dir).explain(*triple)
    assert not any(w.words for w in bare.supporting)
    assert [bool(w.words) for w in full.supporting] == [bool(w.evidence.span) for w in full.supporting]
    assert any(w.words for w in full.supporting)
    assert _without_words(full.to_json()) == _without_words(bare.to_json())


def _without_words(data: Any) -> Any:
    if isinstance(data, dict):
        return {k: _without_words(v) for k, v in data.items() if k not in {"words", "note", "url"}}
    return [_without_words(v) for v in data] if isinstance(data, list) else data


def test_parts_of_a_triple_are_looked_up(kg: KnowledgeGraph) -> None:
    parts: tuple[Term, ...] = (expand("condition:milia"), expand("milia:affects"), expand("site:eyelid"))
    t = kg.triple("milia", "affects", "eyelid")
    assert (t.subject, t.predicate, t.object) == parts
    with pytest.raises(UnknownName, match="eyelit"):
        kg.explain("milia", "affects", "eyelit")


def test_every_form_of_milia_is_said_to_be_milia(kg: KnowledgeGraph) -> None:
    lost = "SELECT ?f { ?f a milia:MiliaForm FILTER NOT EXISTS { ?f milia:subtypeOf* condition:milia } }"
    assert kg.store.query(lost).rows == ()
