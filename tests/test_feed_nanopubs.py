"""Nanopublications: one a claim, each under the hash of its content; only what is affirmed is asserted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from milia.export import nanopubs, trusty
from milia.kg import KnowledgeGraph
from milia.model import Claim
from milia.names import BASE, PREFIXES, Term, expand

NP = "http://www.nanopub.org/nschema#"
Statements = set[tuple[Term, Term, Term]]
Graphs = dict[str, Statements]


@pytest.fixture(scope="module")
def content(kg: KnowledgeGraph) -> bytes:
    return nanopubs.write(kg)["milia-nanopubs.trig"]


@pytest.fixture(scope="module")
def quads(content: bytes) -> list[Quad]:
    return list(parse(content, format=RdfFormat.TRIG))


@pytest.fixture(scope="module")
def published(quads: list[Quad]) -> dict[str, Graphs]:
    """Return the statements of each nanopublication, by its IRI and the name of the graph."""
    found: dict[str, Graphs] = {}
    for q in quads:
        name, _, graph = q.graph_name.value.partition("#")  # type: ignore[union-attr]
        found.setdefault(name, {}).setdefault(graph, set()).add((q.subject, q.predicate, q.object))
    return found


@pytest.fixture(scope="module")
def by_claim(published: dict[str, Graphs]) -> dict[str, tuple[str, Graphs]]:
    """Return each nanopublication by the claim that it is derived from."""
    derived = expand("prov:wasDerivedFrom")
    found = {}
    for name, graphs in published.items():
        (claim,) = (
            o.value
            for s, p, o in graphs["provenance"]
            if isinstance(o, NamedNode)
            and (s, p) == (NamedNode(f"{name}#assertion"), derived)
            and o.value.startswith(PREFIXES["claim"])
        )
        found[claim] = (name, graphs)
    return found


def _values(said: Statements, predicate: str) -> list[str]:
    return sorted(
        o.value for _, p, o in said if p == expand(predicate) and isinstance(o, NamedNode | Literal)
    )


# ── form ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_claim_is_published_once(
    kg: KnowledgeGraph, published: dict[str, Graphs], by_claim: dict[str, tuple[str, Graphs]]
) -> None:
    assert by_claim.keys() == kg.claims.keys()
    assert len(published) == len(kg.claims)


def test_each_has_its_four_graphs_and_a_head_that_names_them(published: dict[str, Graphs]) -> None:
    for name, graphs in published.items():
        assert graphs.keys() == {"Head", "assertion", "provenance", "pubinfo"}
        self = NamedNode(name)
        assert graphs["Head"] == {
            (self, expand("rdf:type"), NamedNode(NP + "Nanopublication")),
            (self, NamedNode(NP + "hasAssertion"), NamedNode(f"{name}#assertion")),
            (self, NamedNode(NP + "hasProvenance"), NamedNode(f"{name}#provenance")),
            (self, NamedNode(NP + "hasPublicationInfo"), NamedNode(f"{name}#pubinfo")),
        }


def test_each_name_is_the_hash_of_what_is_read_back(published: dict[str, Graphs]) -> None:
    for name, graphs in published.items():
        code = name.removeprefix(nanopubs.PLACE)
        assert re.fullmatch(r"RA[A-Za-z0-9_-]{43}", code)

        def blank(term: Term, code: str = code) -> Term:
            known = isinstance(term, NamedNode) and code in term.value
            return NamedNode(term.value.replace(code, trusty.CODE)) if known else term  # type: ignore[union-attr]

        again = [
            Quad(blank(s), p, blank(o), blank(NamedNode(f"{name}#{graph}")))  # type: ignore[arg-type]
            for graph, said in graphs.items()
            for s, p, o in said
        ]
        assert trusty.artifact(again) == code


def test_no_statement_stands_twice_and_no_node_is_blank(content: bytes, quads: list[Quad]) -> None:
    assert len(quads) == len(set(quads))
    assert b"_:" not in content


# ── what is asserted ──────────────────────────────────────────────────────────────────────────────────────


def _facts(kg: KnowledgeGraph, status: str) -> Statements:
    rows = kg.store.query(
        f"SELECT ?s ?p ?o {{ GRAPH ?g {{ ?f a milia:Fact ; milia:status milia:{status} ; rdf:subject ?s ; "
        "rdf:predicate ?p ; rdf:object ?o } }"
    ).rows
    return {(s, p, o) for s, p, o in rows if s and p and o}


def test_a_triple_is_asserted_where_a_claim_affirms_it_without_hedge_or_limit(
    kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]
) -> None:
    established = _facts(kg, "Established")
    seen = {
        row["c"]
        for row in kg.ask("SELECT ?c { GRAPH ?g { ?f a milia:Fact ; milia:supportedBy ?c } }").records()
    }
    bare = 0
    for name, claim in kg.claims.items():
        assertion = by_claim[name][1]["assertion"]
        affirmed = claim.stance == "milia:Affirms" and claim.certainty == "milia:Stated" and not claim.scope
        if affirmed and claim.triple in established and name in seen:
            assert assertion == {claim.triple}
            bare += 1
        else:
            assert claim.triple not in assertion
            assert (NamedNode(name), expand("rdf:type"), expand("milia:Claim")) in assertion
    assert 0 < bare < len(kg.claims)


@pytest.mark.parametrize("status", ["Hedged", "Disputed", "Denied", "NotObserved"])
def test_what_is_not_established_is_asserted_nowhere(
    kg: KnowledgeGraph, quads: list[Quad], status: str
) -> None:
    contested = _facts(kg, status)
    assert contested
    assert not contested & {(q.subject, q.predicate, q.object) for q in quads}


def test_who_denies_or_supposes_is_said_to(
    kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]
) -> None:
    kinds = set()
    for name, claim in kg.claims.items():
        if claim.affirms and claim.certainty == "milia:Stated" and not claim.scope:
            continue
        said = by_claim[name][1]["assertion"]
        assert _values(said, "milia:stance") == [expand(claim.stance).value]
        assert _values(said, "milia:certainty") == [expand(claim.certainty).value]
        parts = [
            ("rdf:subject", claim.subject),
            ("rdf:predicate", claim.predicate),
            ("rdf:object", claim.object),
        ]
        assert {(NamedNode(name), expand(part), term) for part, term in parts} <= said
        kinds.add((claim.stance, claim.certainty))
    assert len(kinds) == 4


def test_looked_for_in_vain_is_not_seen(kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]) -> None:
    vain = [name for name, claim in kg.claims.items() if claim.observed == 0]
    assert vain
    for name in vain:
        said = by_claim[name][1]["assertion"]
        assert kg.claims[name].triple not in said
        assert _values(said, "milia:observed") == ["0"]


# ── on what evidence, on what terms ───────────────────────────────────────────────────────────────────────


def test_limits_stand_with_the_evidence_and_with_a_claim_described(
    kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]
) -> None:
    for name, claim in kg.claims.items():
        _, graphs = by_claim[name]
        for graph in ("provenance", "assertion"):
            said = graphs[graph]
            if claim.triple in said:
                continue
            assert _values(said, "milia:frequency") == [expand(f).value for f in [claim.frequency] if f]
            assert _values(said, "milia:of") == [str(n) for n in [claim.of] if n is not None]
            assert _values(said, "milia:observed") == [str(n) for n in [claim.observed] if n is not None]
            scope = NamedNode(f"{by_claim[name][0]}#scope")
            aspects = {(p, o) for s, p, o in said if s == scope and p != expand("rdf:type")}
            assert aspects == {(expand(p), o) for p, o in claim.scope}
    assert any(claim.scope for claim in kg.claims.values())


def test_evidence_is_that_of_the_claim(kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]) -> None:
    for name, claim in kg.claims.items():
        said = by_claim[name][1]["provenance"]
        evidence = claim.evidence
        assert _values(said, "oa:hasSource") == sorted(e.source for e in evidence)
        assert _values(said, "milia:evidenceType") == sorted(expand(e.type).value for e in evidence if e.type)
        hashes = sorted(part.sha256 for e in evidence for part in (e.span, e.excerpt) if part)
        if any(e.row for e in evidence):
            assert _values(said, "milia:key") == sorted(e.row for e in evidence if e.row)
            assert all(re.fullmatch("[0-9a-f]{64}", h) for h in _values(said, "milia:sha256"))
        else:
            assert _values(said, "milia:sha256") == hashes
        assert _values(said, "milia:reviewState") == [expand(claim.review).value]
        assert {e.source for e in evidence} <= set(_values(said, "prov:wasDerivedFrom"))


def test_a_row_has_its_own_hash(kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]) -> None:
    rows = kg.ask(
        "SELECT ?c ?h { GRAPH ?g { ?c a milia:Claim ; milia:evidence/oa:hasSelector ?r . "
        "?r a milia:Row ; milia:sha256 ?h } }"
    ).records()
    assert rows
    for row in rows:
        assert row["h"] in _values(by_claim[row["c"]][1]["provenance"], "milia:sha256")


def test_terms_and_day_of_a_claim(kg: KnowledgeGraph, by_claim: dict[str, tuple[str, Graphs]]) -> None:
    dated = 0
    for name, claim in kg.claims.items():
        self, graphs = by_claim[name]
        said = graphs["pubinfo"]
        assert {s for s, _, _ in said} == {NamedNode(self)}
        assert _values(said, "dcterms:license") == ["https://creativecommons.org/licenses/by/4.0/"]
        assert _values(said, "dcterms:creator") == [BASE + "agent/curators"]
        assert "not medical advice" in _values(said, "rdfs:comment")[0]
        days = [e.created for e in claim.evidence if e.created]
        assert _values(said, "dcterms:created") == [f"{day}T00:00:00Z" for day in sorted(days)[-1:]]
        dated += bool(days)
    assert 0 < dated < len(kg.claims)
    assert kg.ask(f"SELECT ?a {{ <{BASE}agent/curators> a foaf:Agent ; rdfs:label ?a }}").records()


# ── the hash ──────────────────────────────────────────────────────────────────────────────────────────────


def _awkward(kg: KnowledgeGraph) -> Claim:
    """Return a claim whose comment has all that the hash escapes."""
    claim = next(iter(kg.claims.values()))
    return replace(claim, comment='back\\slash, "quotes",\na new line,\ta tab, é and \N{GRINNING FACE}')


def test_any_other_word_gives_another_code(kg: KnowledgeGraph) -> None:
    places = nanopubs.Places({}, {})
    claim = _awkward(kg)
    said = nanopubs.nanopub(claim, True, places)
    assert trusty.artifact(said) == trusty.artifact(reversed([*said, said[0]]))
    others = [
        replace(claim, comment=claim.comment + "."),
        replace(claim, stance="milia:Denies"),
        replace(claim, frequency="milia:Rarely"),
    ]
    codes = {trusty.artifact(nanopubs.nanopub(other, True, places)) for other in [claim, *others]}
    assert len(codes) == 1 + len(others)


def test_a_literal_comes_after_an_iri_and_its_text_before_its_type() -> None:
    s, p, g = (NamedNode(f"x:{name}") for name in "spg")
    objects: list[NamedNode | Literal] = [
        NamedNode("x:z"),
        Literal("a", language="EN"),
        Literal("a", datatype=NamedNode("x:t")),
        Literal("b\\\nc"),
    ]
    text = (
        "x:g\nx:s\nx:p\nx:z\n"
        "x:g\nx:s\nx:p\n@en a\n"
        "x:g\nx:s\nx:p\n^x:t a\n"
        "x:g\nx:s\nx:p\n^http://www.w3.org/2001/XMLSchema#string b\\\\\\nc\n"
    )
    assert trusty.normal([Quad(s, p, o, g) for o in reversed(objects)]) == text


# ── the readers' own package ──────────────────────────────────────────────────────────────────────────────


def _saved(folder: Path, content: bytes) -> Path:
    folder.mkdir()
    path = folder / "milia-nanopubs.trig"
    path.write_bytes(content)
    return path


def test_the_package_finds_nothing_wrong(
    referee: Callable[..., str], kg: KnowledgeGraph, content: bytes, tmp_path: Path
) -> None:
    odd = nanopubs.text(
        [nanopubs.nanopub(_awkward(kg), held, nanopubs.Places({}, {})) for held in (True, False)]
    )
    said = referee("nanopub_check", _saved(tmp_path / "whole", content), _saved(tmp_path / "odd", odd))
    assert f"whole: {len(kg.claims)} there" in said
    assert "odd: 2 there, 2 read" in said


FAULTS = [
    ("is not held", "is held", "The Trusty artefact"),
    ("milia:Denies", "milia:Affirms", "The Trusty artefact"),
    ("sub:provenance {", "sub:origin {", "The provenance graph is empty"),
    ("np:hasPublicationInfo", "np:hasInfo", "No nanopublication"),
    (
        "sub:assertion prov:wasDerivedFrom",
        "sub:assertions prov:wasDerivedFrom",
        "assertion graph URI as subject",
    ),
    ("by/4.0/", "by/3.0/", "The Trusty artefact"),
    ("sub:pubinfo {", "sub:more { sub:x a sub:x }\nsub:pubinfo {", "Too many graphs"),
    ("/nanopub/RA", "/nanopub/XA", "is no trusty URI of ours"),
    (" a np:Nanopublication ;", " a np:Nanopublication ; np:x sub:x ;", "The Trusty artefact"),
    ("sub:Head {", "sub:Head ", "BadSyntax"),
]


def test_the_package_finds_each_fault(
    referee: Callable[..., str], kg: KnowledgeGraph, tmp_path: Path
) -> None:
    claim = replace(
        next(c for c in kg.claims.values() if not c.affirms and not c.scope), comment="This is not held."
    )
    good = nanopubs.text([nanopubs.nanopub(claim, False, nanopubs.Places({}, {}))]).decode()
    paths = []
    for number, (right, bad, _) in enumerate(FAULTS):
        assert right in good, right
        paths.append(_saved(tmp_path / str(number), good.replace(right, bad).encode()))
    paths.append(_saved(tmp_path / "twice", (good + good[good.index("@prefix sub:") :]).encode()))
    with pytest.raises(AssertionError) as raised:
        referee("nanopub_check", *paths)
    said: dict[str, str] = {}
    for number_, finding in re.findall(r"(?m)^\W*([0-9]+|twice): (.*)$", str(raised.value)):
        said[number_] = said.get(number_, "") + finding + "\n"
    assert "two have one name" in said["twice"]
    for number, (right, _, finding) in enumerate(FAULTS):
        assert finding in said.get(str(number), ""), (right, said.get(str(number)))
