"""Comparing builds: what came, went or changed, told to people and as RDF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from milia.cli import main
from milia.diff import Comparison, compare
from milia.errors import BadSource, Misuse
from milia.names import BASE, PREFIXES, expand

HEAD = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in PREFIXES.items()) + f"@base <{BASE}> .\n"
THINGS = """
GRAPH <graph/data/concepts/x> {
  condition:milia a milia:MiliaForm ; skos:prefLabel "Milia"@en .
  site:nose a milia:BodySite ; skos:prefLabel "Nose"@en .
}
GRAPH <graph/ontology/milia> { milia:affects rdfs:label "affects"@en . milia:Hedged rdfs:label "hedged"@en . }
"""
CLAIM = """
GRAPH <graph/data/claims/x> {{
  <claim/x/001> a milia:Claim ; rdf:subject condition:milia ; rdf:predicate milia:affects ;
    rdf:object site:nose ; milia:certainty milia:{} ; milia:evidence <node/{}> .
  <node/{}> a milia:Evidence ; oa:hasSource source:x .
}}
"""
FACT = """
GRAPH <graph/facts> {{
  <fact/1> a milia:Fact ; rdf:subject condition:milia ; rdf:predicate milia:affects ; rdf:object site:nose ;
    milia:status milia:{} .
}}
"""


def built(folder: Path, text: str) -> Path:
    """Write a build that says what a TriG text says, as builds do: sorted lines."""
    lines = sorted(f"{quad} ." for quad in parse(HEAD + text, format=RdfFormat.TRIG))
    folder.mkdir(parents=True)
    (folder / "graph.nq").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def compared(tmp_path: Path, old: str, new: str) -> Comparison:
    return compare(built(tmp_path / "old", old), built(tmp_path / "new", new))


STATED = THINGS + CLAIM.format("Stated", "a", "a") + FACT.format("Established")
HEDGED = THINGS + CLAIM.format("Hedged", "b", "b") + FACT.format("Hedged")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (STATED, STATED, []),
        (THINGS, STATED, [("claim", "added"), ("fact", "added")]),
        (STATED, THINGS, [("claim", "removed"), ("fact", "removed")]),
        (STATED, HEDGED, [("claim", "changed"), ("fact", "changed")]),
        ("", THINGS, [("thing", "added"), ("thing", "added")]),
    ],
    ids=["nothing", "added", "removed", "changed", "things"],
)
def test_changes(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert [(c.kind, c.what) for c in compared(tmp_path, old, new).changes] == expected


def test_a_change_of_evidence_is_a_change_of_its_claim(tmp_path: Path) -> None:
    other = THINGS + CLAIM.format("Stated", "b", "b") + FACT.format("Established")
    (change,) = compared(tmp_path, STATED, other).changes
    assert (change.kind, change.what, change.iri) == ("claim", "changed", BASE + "claim/x/001")


def test_the_same_statement_in_another_graph_is_a_change(tmp_path: Path) -> None:
    moved = STATED.replace("<graph/facts>", "<graph/disputed>").replace("milia:Established", "milia:Disputed")
    (change,) = compared(tmp_path, STATED, moved).changes
    assert [t.object for t in change.new] == [expand("milia:Disputed")]


def test_a_change_is_told_in_words(tmp_path: Path) -> None:
    found = compared(tmp_path, STATED, HEDGED)
    assert [found.says(c) for c in found.changes] == ["Milia affects Nose"] * 2
    assert (found.old, found.new) == ("old", "new")


def test_as_rdf_it_is_the_difference(tmp_path: Path) -> None:
    """Taking the removals from the old statements and adding the additions gives the new ones."""
    found = compared(tmp_path, STATED, HEDGED)
    said: dict[NamedNode, dict[str, NamedNode]] = {}
    for t in found.triples():
        said.setdefault(t.subject, {})[t.predicate.value.rpartition("#")[2]] = t.object  # type: ignore[arg-type,assignment]
    change = {"addition": set[Triple](), "removal": set[Triple]()}
    for t in found.triples():
        how = t.predicate.value.rpartition("#")[2]
        if how in change:
            parts = said[t.object]  # type: ignore[index]
            change[how].add(Triple(parts["subject"], parts["predicate"], parts["object"]))
    before = {q.triple for q in parse(HEAD + STATED, format=RdfFormat.TRIG)}
    after = {q.triple for q in parse(HEAD + HEDGED, format=RdfFormat.TRIG)}
    unnamed = {t for t in before ^ after if str(t.subject).startswith(f"<{PREFIXES['node']}")}
    assert (before - change["removal"]) | change["addition"] | unnamed == after | unnamed


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = str(built(tmp_path / "old", STATED)), str(built(tmp_path / "new", HEDGED) / "graph.nq")
    assert main(["diff", old, new]) == 0
    out = capsys.readouterr().out
    assert "claims: 1 changed" in out
    assert "~ Milia affects Nose  (claim/x/001)" in out
    assert "- certainty: Stated" in out
    assert "+ certainty: hedged" in out
    assert "not medical advice" in out
    assert main(["diff", old, new, "--check"]) == 1
    assert main(["diff", old, old, "--check"]) == 0
    assert "nothing differs" in capsys.readouterr().out
    assert main(["diff", old, new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["claim"] == {"added": 0, "removed": 0, "changed": 1}


def test_the_command_writes_rdf(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    old, new = built(tmp_path / "old", STATED), built(tmp_path / "new", HEDGED)
    assert main(["diff", str(old), str(new), "--format", "turtle"]) == 0
    triples = [q.triple for q in parse(capfdbinary.readouterr().out, format=RdfFormat.TURTLE)]
    assert set(triples) == set(compare(old, new).triples())


def test_a_limit_says_what_it_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = str(built(tmp_path / "old", "")), str(built(tmp_path / "new", THINGS))
    assert main(["diff", old, new, "--limit", "1"]) == 0
    assert "… and 1 more (--limit 0 shows all)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (None, Misuse, "there is no build at"),
        (b"\xff\xfe", BadSource, "is not UTF-8 text"),
        (b"<!doctype html>\n", BadSource, r"graph\.nq:1: is not N-Quads"),
        (b"<a> <b> .\n", BadSource, "is not N-Quads"),
    ],
    ids=["missing", "bytes", "html", "broken"],
)
def test_what_is_no_build(tmp_path: Path, content: bytes | None, error: type[Exception], says: str) -> None:
    good = built(tmp_path / "good", THINGS)
    bad = tmp_path / "bad"
    if content is not None:
        bad.mkdir()
        (bad / "graph.nq").write_bytes(content)
    with pytest.raises(error, match=says):
        compare(good, bad)
