"""Every link says why: proofs from links down to claims and words, and what absent links miss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from milia.build import Assembly
from milia.derive import is_thing_link
from milia.evidence import Snapshots
from milia.explain import Explainer, Proof
from milia.export.provenance import turtle
from milia.kg import KnowledgeGraph
from milia.names import milia, short
from milia.paths import Home
from milia.rules import read_rules
from milia.steps import DerivedSteps, StoredSteps
from milia.tree import GLOSSES, proof_text, reasons_text
from milia.whynot import why_not


@pytest.fixture(scope="module")
def proofs(kg: KnowledgeGraph) -> dict[Triple, Proof]:
    """Return the proof of every published link between things."""
    return {t: kg.explain(t) for t in kg.links()}


def test_every_link_has_a_proof(proofs: dict[Triple, Proof]) -> None:
    assert len(proofs) > 900
    assert [t for t, p in proofs.items() if not p.holds] == []


def test_every_proof_of_a_claimed_link_ends_in_claims_or_axioms(proofs: dict[Triple, Proof]) -> None:
    for proof in proofs.values():
        for leaf in proof.leaves():
            assert leaf.kind == "asserted" or leaf.supporting, leaf.triple
        if is_thing_link(proof.triple):
            assert list(proof.claims()), proof.triple


def test_every_rule_of_a_proof_is_a_named_rule(proofs: dict[Triple, Proof], home: Home) -> None:
    names = {r.name for r in read_rules(home)} | {"fact-disputed", "fact-denied"}

    def rules(proof: Proof) -> set[str]:
        return {proof.rule or ""} - {""} | {r for p in proof.premises for r in rules(p)}

    assert set().union(*(rules(p) for p in proofs.values())) <= names


def test_a_rule_that_a_proof_shows_is_said_in_words_too(kg: KnowledgeGraph, home: Home) -> None:
    lines = (kg.home.build / "proofs.jsonl").read_text(encoding="utf-8").splitlines()
    shown = {json.loads(line)["rule"] for line in lines}
    assert shown <= GLOSSES.keys()
    in_python = {"label-of-name", "may-suggest"}  # drawn from names, and from the facts suggestions rest on
    assert {r.name for r in read_rules(home)} >= GLOSSES.keys() - in_python


def test_an_inference_is_never_surer_than_its_premises(proofs: dict[Triple, Proof]) -> None:
    for proof in proofs.values():
        if proof.kind == "inference" and proof.status == "Established":
            assert {leaf.status for leaf in proof.leaves()} <= {None, "Established"}, proof.triple


def test_words_are_shown_where_the_snapshot_is(kg: KnowledgeGraph, snapshots_dir: Path) -> None:
    assert snapshots_dir.is_dir()
    proof = kg.explain("condition:trauma-associated-milia", "milia:triggeredBy", "cause:burn")
    witness = next(w for w in proof.supporting if w.evidence.span)
    assert witness.words is not None
    assert "burns" in witness.words
    assert "verified" in witness.note()
    assert witness.link() is not None
    text = proof_text(proof, kg.label)
    assert "words:" in text
    assert "965–1045" in text


def test_without_snapshots_a_proof_says_what_it_did_not_verify(kg: KnowledgeGraph) -> None:
    bare = Explainer(kg.store, lambda: kg.steps, lambda _: kg.claims, Snapshots)
    proof = bare.explain(kg.triple("condition:milia", "milia:treatedBy", "care:extraction"))
    assert all(w.words is None for w in proof.supporting)
    assert "not verified" in proof_text(proof, kg.label)


def test_stored_steps_are_the_engine_s(kg: KnowledgeGraph, made: Assembly) -> None:
    traced, stored = DerivedSteps(made.derivation.engine), StoredSteps([kg.home.build / "proofs.jsonl"])
    links = [t for t in made.derivation.graphs["links"] if is_thing_link(t)]
    assert links
    for link in links[:40]:
        step, kept = traced.step(link), stored.step(link)
        assert step is not None
        assert kept is not None
        assert (step.rule, step.premises) == (kept.rule, kept.premises)


def test_damaged_steps_are_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "proofs.jsonl"
    path.write_text("{not json\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"proofs\.jsonl: holds no proof steps"):
        StoredSteps([path])


def test_json_and_prov_carry_the_whole_proof(kg: KnowledgeGraph) -> None:
    proof = kg.explain("condition:milia", "milia:affectsRegion", "site:head-and-neck")
    data = json.loads(json.dumps(proof.to_json()))
    claims = {c.iri for c in proof.claims()}
    assert claims
    assert all(c in json.dumps(data) for c in claims)
    triples = {q.triple for q in parse(turtle(proof), format=RdfFormat.TURTLE)}
    supported = {t.object for t in triples if t.predicate == milia("supportedBy")}
    assert supported == {NamedNode(c) for c in claims}
    derived = [t for t in triples if t.predicate.value.endswith("#wasDerivedFrom")]
    assert len(derived) >= len(proof.premises)


def test_an_axiom_over_a_list_is_one_line(kg: KnowledgeGraph) -> None:
    text = proof_text(kg.explain("condition:milia", "milia:affectsRegion", "site:head-and-neck"), kg.label)
    assert "(affects, part of)" in text
    assert "rdf:first" not in text


def test_a_link_nobody_states_is_unknown(kg: KnowledgeGraph) -> None:
    proof = kg.explain("condition:milia", "milia:treatedBy", "care:retinol")
    assert proof.kind == "unknown"
    assert not proof.holds


# link, the nearest rule, what it misses
ABSENT = [
    (
        "condition:areolar-milium",
        "triggeredBy",
        "cause:burn",
        "inherit-up",
        "milia:subtypeOf condition:areolar-milium",
    ),
    ("condition:milia", "treatedBy", "care:retinol", "fact-established", "a live claim that affirms"),
    ("site:eyelid", "siteOf", "condition:neonatal-milia", "fact-established", "a live claim that affirms"),
    (
        "condition:milia",
        "affectsRegion",
        "structure:sweat-gland",
        "prp-spo2",
        "milia:partOf structure:sweat-gland",
    ),
]


@pytest.mark.parametrize(("subject", "predicate", "obj", "rule", "missing"), ABSENT)
def test_why_not(kg: KnowledgeGraph, subject: str, predicate: str, obj: str, rule: str, missing: str) -> None:
    triple = kg.triple(subject, f"milia:{predicate}", obj)
    reasons = why_not(kg.home, triple)
    assert reasons, short(triple.subject)
    by_rule = {r.rule: r for r in reasons}
    assert rule in by_rule
    assert any(missing in unmet for unmet in by_rule[rule].unmet)
    assert [len(r.unmet) for r in reasons] == sorted(len(r.unmet) for r in reasons)
    text = reasons_text(reasons)
    assert "is missing" in text
    assert missing in text


def test_what_was_seen_in_nobody_does_not_hold(kg: KnowledgeGraph) -> None:
    rows = kg.store.query(
        "SELECT ?s ?p ?o { GRAPH graph:disputed { ?f rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; "
        "milia:status milia:NotObserved } } ORDER BY ?f"
    ).rows
    assert rows
    for s, p, o in rows:
        proof = kg.explain(Triple(s, p, o))  # type: ignore[arg-type]
        assert (proof.kind, proof.status, proof.holds) == ("fact", "NotObserved", False)
