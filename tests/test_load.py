"""Loading: files to statements, blank nodes named by what they say, faults told by file and line."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from milia.errors import BadSource
from milia.load import SourceFile, Sources, load, read_turtle, skolemise
from milia.names import BASE, PREFIXES, milia, plain
from milia.paths import Home
from milia.places import Place, Places

NODE = PREFIXES["node"]

# ── blank nodes ───────────────────────────────────────────────────────────────────────────────────────────

values = st.sampled_from([milia("x"), milia("y"), Literal("a", language="en"), Literal(1), Literal('"\n\\')])
# a tree: what a node in brackets says, as (predicate, value or another node)
trees = st.recursive(
    st.lists(st.tuples(st.sampled_from("pqr"), values), max_size=3),
    lambda inner: st.lists(st.tuples(st.sampled_from("pqr"), values | inner), max_size=3),
    max_leaves=12,
)
Tree = list[tuple[str, "NamedNode | Literal | Tree"]]


def _write(tree: Tree, node: NamedNode | BlankNode, label: random.Random) -> list[Triple]:
    """Write a tree below `node`, each of its nodes under a label drawn at random."""
    triples = []
    for predicate, value in tree:
        if isinstance(value, list):
            inner = BlankNode(f"b{label.getrandbits(64):x}")
            triples += [Triple(node, milia(predicate), inner), *_write(value, inner, label)]
        else:
            triples.append(Triple(node, milia(predicate), value))
    return triples


@given(tree=trees, seeds=st.tuples(st.integers(), st.integers()))
def test_same_content_same_names(tree: Tree, seeds: tuple[int, int]) -> None:
    results = []
    for seed in seeds:
        chance = random.Random(seed)
        triples = _write(tree, milia("thing"), chance)
        chance.shuffle(triples)
        results.append(set(skolemise(triples)))
    assert results[0] == results[1]
    terms = {term for t in results[0] for term in (t.subject, t.object)}
    assert not any(isinstance(term, BlankNode) for term in terms)


def _canonical(tree: Tree) -> frozenset[tuple[str, object]]:
    return frozenset((p, _canonical(v) if isinstance(v, list) else str(v)) for p, v in tree)


@given(one=trees, other=trees)
def test_other_content_other_names(one: Tree, other: Tree) -> None:
    names = []
    for tree in (one, other):
        node = BlankNode()
        triples = skolemise([Triple(milia("s"), milia("p"), node), *_write(tree, node, random.Random(0))])
        names.append(next(t.object for t in triples if t.subject == milia("s")))
    assert (names[0] == names[1]) == (_canonical(one) == _canonical(other))


def test_a_name_never_changes() -> None:
    """Published nodes are called by these hashes."""
    node = BlankNode()
    (_, t) = skolemise([Triple(milia("s"), milia("p"), node), Triple(node, milia("q"), Literal(1))])
    assert t.subject == NamedNode(NODE + "ba8465184b7571698403")


def test_a_long_list_is_no_trouble() -> None:
    nodes = [BlankNode() for _ in range(3000)]
    triples = [Triple(a, milia("rest"), b) for a, b in pairwise(nodes)]
    assert len(skolemise(triples)) == len(triples)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_circles_are_refused(size: int) -> None:
    nodes = [BlankNode() for _ in range(size)]
    with pytest.raises(ValueError, match="circle"):
        skolemise(Triple(nodes[n - 1], milia("p"), nodes[n]) for n in range(size))


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = "@base <https://w3id.org/milia/> .\n@prefix milia: <https://w3id.org/milia/ontology/> .\n"


def _project(folder: Path, files: dict[str, str]) -> Home:
    for name in ("ontology", "data"):
        (folder / name).mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text, encoding="utf-8")
    return Home(folder)


def test_each_file_fills_its_graph(tmp_path: Path) -> None:
    home = _project(
        tmp_path,
        {
            "data/b.ttl": "<x> milia:p [ milia:q 1 ] .",
            "data/a.ttl": "<x> milia:p [ milia:q 1 ] .",
            "ontology/o.ttl": "<o> milia:p <o> .",
            "ontology/alignments/far.ttl": "<o> milia:q <o> .",
            "ontology/shapes/no.ttl": "<no> milia:p <no> .",
            "ontology/examples/valid/no.ttl": "<no> milia:p <no> .",
        },
    )
    sources = load(home)
    names = [file.name for file in sources.files]
    assert names == ["data/a.ttl", "data/b.ttl", "ontology/alignments/far.ttl", "ontology/o.ttl"]
    a, b = sources.files[:2]
    assert a.graph.value == BASE + "graph/data/a"
    assert a.triples == b.triples, "the same node in two files is the same node"
    assert len({q.graph_name for q in sources.quads()}) == 4
    assert {plain(t.subject) for t in sources.below("ontology/")} == {BASE + "o"}


def test_an_empty_project_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no Turtle files"):
        load(_project(tmp_path, {}))


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (HEAD.encode() + b"<x> milia:p <y> ;\n  <z .\n", 4, "not valid Turtle"),
        (HEAD.encode() + b"\n<x> nope:p <y> .\n", 4, "declare the prefix"),
        (HEAD.encode() + b'<x> milia:p "open .\n', 3, "not valid Turtle"),
        (HEAD.encode() + b"<x> milia:p <y>\n", 4, "not valid Turtle"),
        (HEAD.encode() + b'<x> milia:p <y> .\n\n<x> milia:p "caf\xe9" .\n', 5, "not UTF-8"),
        (HEAD.encode() + b"_:a milia:p _:b . _:b milia:p _:a .\n", None, "circle"),
        (HEAD.encode() + '<x> milia:p "a\u2028b\x85c", .\n'.encode(), 3, "not valid Turtle"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, content: bytes, line: int | None, what: str
) -> None:
    home = _project(tmp_path, {"ontology/o.ttl": ""})
    (tmp_path / "data" / "bad.ttl").write_bytes(content)
    with pytest.raises(BadSource, match=what) as caught:
        load(home)
    error = caught.value
    assert (error.path, error.line, error.exit_code) == ("data/bad.ttl", line, 1)
    assert str(error).startswith("data/bad.ttl" if line is None else f"data/bad.ttl:{line}: ")
    assert "mend: " in str(error)


def test_the_bad_line_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(HEAD + "<x> nope:p <y> .\n", encoding="utf-8")
    with pytest.raises(BadSource, match=re.escape("| <x> nope:p <y> .")):
        read_turtle(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"gone\.ttl: cannot be read: No such file"):
        read_turtle(tmp_path / "gone.ttl")
    with pytest.raises(BadSource, match="cannot be read: Is a directory"):
        read_turtle(tmp_path)


# ── places ────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = """@base <https://w3id.org/milia/> .
@prefix condition: <https://w3id.org/milia/condition/> .
@prefix milia: <https://w3id.org/milia/ontology/> .

condition:milia a milia:Condition ;
    milia:subtypeOf condition:milia-en-plaque .

condition:milia-en-plaque
    milia:p [ milia:start 965 ; milia:end 1045 ] ;
    milia:q "Grouped."@en .

<claim/cadogan/001> a milia:Claim ;
    milia:evidence [ milia:start 965 ;
        milia:end 96 ] .
<https://w3id.org/milia/claim/cadogan/0010> a milia:Claim .
"""


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    path = tmp_path_factory.mktemp("placed") / "x.ttl"
    path.write_text(TEXT, encoding="utf-8")
    return Sources([SourceFile(path, "data/x.ttl", "data/x.ttl", tuple(read_turtle(path)))])


@pytest.mark.parametrize(
    ("iri", "near", "line"),
    [
        ("condition/milia", [], 5),
        ("condition/milia-en-plaque", [], 8),
        ("claim/cadogan/001", [], 12),
        ("claim/cadogan/0010", [], 15),
        ("condition/nothing", [], None),
        ("condition/milia", ["subtypeOf"], 6),
        ("condition/milia", ["q"], 5),  # stands only in another thing's block
        ("condition/milia-en-plaque", ["p"], 9),
        ("claim/cadogan/001", ["=96"], 14),
        ("claim/cadogan/001", ["=965"], 13),
        ("claim/cadogan/001", ["=1045", "=96"], 14),  # the first that is found
    ],
)
def test_place(placed: Sources, iri: str, near: list[str], line: int | None) -> None:
    names = [n[1:] if n.startswith("=") else milia(n).value for n in near]
    ((owner, place),) = Places(placed).of(BASE + iri, *names)
    assert owner == BASE + iri
    if line is None:
        assert place is None
    else:
        assert place == Place("data/x.ttl", line)
        assert str(place) == f"data/x.ttl:{line}"


def test_a_node_in_brackets_belongs_to_the_thing_around_it(placed: Sources) -> None:
    subjects = {plain(t.subject) for t in placed.files[0].triples}
    nodes = sorted(s for s in subjects if s.startswith(NODE))
    assert len(nodes) == 2
    outer = {
        node: plain(t.subject)
        for node in nodes
        for t in placed.files[0].triples
        if t.object == NamedNode(node)
    }
    found = {node: Places(placed).of(node, "96") for node in nodes}
    assert {node: [owner for owner, _ in places] for node, places in found.items()} == {
        node: [owner] for node, owner in outer.items()
    }
    lines = {place for places in found.values() for _, place in places}
    assert lines == {Place("data/x.ttl", 8), Place("data/x.ttl", 14)}


def test_a_node_in_brackets_belongs_to_every_thing_that_says_it(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    said = "milia:p [ milia:q 1 ] .\n"
    path.write_text(f"@prefix milia: <{milia('').value}> .\nmilia:a {said}\nmilia:b {said}", encoding="utf-8")
    sources = Sources([SourceFile(path, "x.ttl", "x.ttl", tuple(read_turtle(path)))])
    (node,) = {plain(t.subject) for t in sources.files[0].triples if plain(t.subject).startswith(NODE)}
    assert Places(sources).of(node) == [
        (milia("a").value, Place("x.ttl", 2)),
        (milia("b").value, Place("x.ttl", 4)),
    ]
