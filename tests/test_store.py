"""One contract for every engine behind the seam: what holds for one holds for all."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

import milia
from milia.errors import BadQuery, BadSource, UnknownName
from milia.names import BASE, derived_graph, expand, is_default_graph
from milia.paths import Home
from milia.product import read_graph
from milia.store import ENGINES, Answer, Store, empty_store, stored
from milia.store.oxigraph import VERSION, OxigraphStore

XSD = "http://www.w3.org/2001/XMLSchema#"
FACTS, CLAIMS, CONCEPTS = (derived_graph(g) for g in ("facts", "data/claims/x", "data/concepts/x"))
ELSEWHERE = NamedNode("https://example.org/graph")
MILIA, EYELID, CHEEK = (expand(n) for n in ("condition:milia", "site:eyelid", "site:cheek"))
AFFECTS, LABEL = expand("milia:affects"), expand("skos:prefLabel")

LITERALS = [
    Literal("plain"),
    Literal(""),
    Literal("milk spots", language="en"),
    Literal("grains de milium", language="fr"),
    Literal("colour", language="en-gb"),
    Literal('a "quote", a \\ and\nanother line\t'),
    Literal("<b>&amp;</b> – ’ 😀 \u2028"),
    Literal("1", datatype=NamedNode(XSD + "integer")),
    Literal("-0.5", datatype=NamedNode(XSD + "decimal")),
    Literal("true", datatype=NamedNode(XSD + "boolean")),
    Literal("2026-11-21", datatype=NamedNode(XSD + "date")),
    Literal("2026-11-21T10:00:00Z", datatype=NamedNode(XSD + "dateTime")),
    Literal("https://example.org/", datatype=NamedNode(XSD + "anyURI")),
    Literal("P1D", datatype=NamedNode("https://example.org/own-type")),
]
QUADS = [
    Quad(MILIA, AFFECTS, EYELID, FACTS),
    Quad(MILIA, AFFECTS, EYELID, CLAIMS),  # also outside the union
    Quad(MILIA, AFFECTS, CHEEK, CLAIMS),
    Quad(MILIA, LABEL, Literal("milia", language="en"), CONCEPTS),
    *(Quad(EYELID, LABEL, literal, CLAIMS) for literal in LITERALS),
]


@pytest.fixture(params=sorted(ENGINES))
def store(request: pytest.FixtureRequest) -> Store:
    """Return a filled store of each engine in turn."""
    made = empty_store(request.param)
    made.add(QUADS)
    return made


def test_an_engine_keeps_the_protocol(store: Store) -> None:
    assert isinstance(store, Store)
    assert ENGINES[store.name]().name == store.name
    store.close()


def test_quads_come_back_as_they_went_in(store: Store) -> None:
    assert set(store.quads()) == set(QUADS)
    store.add(QUADS)
    assert sorted(map(str, store.quads())) == sorted(map(str, QUADS)), "each stands once"
    assert set(store.quads([FACTS, CLAIMS])) == {q for q in QUADS if q.graph_name in {FACTS, CLAIMS}}
    assert list(store.quads([])) == []
    assert list(store.quads([derived_graph("nothing")])) == []


def test_a_text_loads_as_its_quads_do(store: Store) -> None:
    loaded = empty_store(store.name)
    for _ in range(2):
        loaded.load(serialize(QUADS, format=RdfFormat.N_QUADS) or b"")
    assert sorted(map(str, loaded.quads())) == sorted(map(str, QUADS)), "each stands once"
    question = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
    assert loaded.query(question) == store.query(question), "the same union"


def test_graphs_are_sorted_and_only_those_that_hold_something(store: Store) -> None:
    list(store.quads([derived_graph("nothing")]))
    store.add([Quad(MILIA, AFFECTS, CHEEK, ELSEWHERE)])
    assert store.graphs() == [ELSEWHERE, CLAIMS, CONCEPTS, FACTS]


def test_an_empty_store_answers(store: Store) -> None:
    empty = empty_store(store.name)
    assert empty.graphs() == []
    assert list(empty.quads()) == []
    assert empty.query("ASK { ?s ?p ?o }").truth is False
    assert empty.query("SELECT * { GRAPH ?g { ?s ?p ?o } }").rows == ()


def test_select(store: Store) -> None:
    answer = store.query("SELECT ?s ?o ?no { ?s milia:affects ?o } ORDER BY ?o")
    assert answer.variables == ("s", "o", "no")
    assert answer.rows == ((MILIA, EYELID, None),)
    assert answer.dicts() == [{"s": MILIA, "o": EYELID}]
    assert answer.records() == [{"s": MILIA.value, "o": EYELID.value}]
    assert (answer.truth, answer.triples) == (None, None)


def test_ask(store: Store) -> None:
    yes = store.query("ASK { condition:milia milia:affects site:eyelid }")
    no = store.query("ASK { condition:milia milia:affects site:nowhere }")
    assert (yes.truth, no.truth) == (True, False)
    assert (yes.rows, yes.triples) == ((), None)


def test_construct(store: Store) -> None:
    answer = store.query(
        "CONSTRUCT { ?o milia:p ?s } WHERE { { ?s milia:affects ?o } UNION { ?s milia:affects ?o } }"
    )
    assert answer.triples == (Triple(EYELID, expand("milia:p"), MILIA),)
    assert answer.truth is None
    none = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s milia:nothing ?o ; ?p ?x }")
    assert none.triples == ()


def test_the_default_graph_is_the_union_and_the_rest_is_reached_by_graph(store: Store) -> None:
    count = "SELECT (COUNT(*) AS ?n) { condition:milia milia:affects ?o }"
    assert store.query(count).records() == [{"n": "1"}]
    named = store.query("SELECT ?g ?o { GRAPH ?g { condition:milia milia:affects ?o } } ORDER BY ?g ?o")
    assert named.rows == ((CLAIMS, CHEEK), (CLAIMS, EYELID), (FACTS, EYELID))
    one = store.query(f"SELECT ?o {{ GRAPH {FACTS} {{ condition:milia milia:affects ?o }} }}")
    assert one.rows == ((EYELID,),)
    assert store.query("ASK { GRAPH graph:facts { ?s ?p ?o } }").truth


def test_paths_and_aggregates_cross_the_graphs_of_the_union(store: Store) -> None:
    store.add([Quad(EYELID, expand("milia:partOf"), expand("site:face"), FACTS)])
    answer = store.query(
        "SELECT ?l { ?x milia:affects/milia:partOf ?f ; skos:prefLabel ?l } VALUES ?f { site:face }"
    )
    assert answer.rows == ((Literal("milia", language="en"),),)


@pytest.mark.parametrize("literal", LITERALS, ids=str)
def test_literals_keep_language_and_datatype(store: Store, literal: Literal) -> None:
    answer = store.query(
        f"SELECT ?o {{ GRAPH ?g {{ site:eyelid skos:prefLabel ?o }} FILTER (sameTerm(?o, {literal})) }}"
    )
    assert answer.rows == ((literal,),)
    (value,) = answer.rows[0]
    assert isinstance(value, Literal)
    assert (value.language, value.datatype) == (literal.language, literal.datatype)


def test_blank_nodes_survive(store: Store) -> None:
    store.add([Quad(BlankNode("b"), LABEL, BlankNode("b"), FACTS)])
    ((s, o),) = store.query("SELECT ?s ?o { ?s skos:prefLabel ?o FILTER isBlank(?s) }").rows
    assert isinstance(s, BlankNode)
    assert s == o


def test_prefixes_and_base_are_given_and_may_be_declared(store: Store) -> None:
    assert store.query("ASK { <condition/milia> milia:affects <site/eyelid> }").truth
    assert store.query(f"PREFIX c: <{BASE}condition/> ASK {{ c:milia milia:affects ?x }}").truth


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", None),
        ("frobnicate", 1),
        ("SELECT ?x { bad", 1),
        ("SELECT ?x {\n  ?x milia:affects\n}", None),
        ('ASK { ?s ?p "open }', None),
        ("INSERT DATA { site:a site:b site:c }", 1),
        ("DROP ALL", 1),
        ("SELECT ?x {\n  # odd:prefix in a comment, <odd:iri>, 'odd:text'\n  ?x nope:p 'y' }", 3),
    ],
)
def test_what_is_no_query_is_refused(store: Store, text: str, line: int | None) -> None:
    with pytest.raises(BadQuery) as caught:
        store.query(text)
    assert caught.value.exit_code == 2
    assert len(str(caught.value)) < 400
    if line is not None:
        assert str(caught.value).startswith(f"line {line}: this is not SPARQL: ")
    assert set(store.quads()) == set(QUADS), "nothing was changed"


def test_an_unknown_prefix_is_named_with_the_nearest(store: Store) -> None:
    with pytest.raises(BadQuery, match=r"line 2: .*no prefix is called 'conditon'; did you mean condition"):
        store.query("ASK {\n  conditon:milia ?p ?o }")


def test_an_unknown_engine() -> None:
    with pytest.raises(UnknownName, match="no engine is called 'oxygraph'; did you mean oxigraph"):
        empty_store("oxygraph")


# ── the same answers ──────────────────────────────────────────────────────────────────────────────────────


def test_all_engines_hold_the_built_graph_alike(small: Home) -> None:
    graph = list(read_graph(small.build / "graph.nq"))
    held = {}
    for name in ENGINES:
        store = empty_store(name)
        store.add(graph)
        counts = store.query(
            "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
        )
        held[name] = (set(store.quads()), store.graphs(), counts.rows)
    first, *others = held.values()
    assert len(first[0]) == len(graph) > 10_000
    assert all(other == first for other in others)


def test_no_triple_stands_twice_in_the_default_graph(built: Home) -> None:
    """The embedded engine would count it twice, the referee once."""
    triples = [q.triple for q in read_graph(built.build / "graph.nq") if is_default_graph(q.graph_name.value)]  # type: ignore[union-attr]
    assert len(triples) == len(set(triples))


# ── the store that is made once ───────────────────────────────────────────────────────────────────────────


def _write_graph(folder: Path) -> Path:
    path = folder / "graph.nq"
    path.write_text("".join(f"{q} .\n" for q in QUADS), encoding="utf-8")
    return path


def test_a_store_is_made_once_and_read_again(tmp_path: Path) -> None:
    graph, folder = _write_graph(tmp_path), tmp_path / "cache" / "key"
    made = folder.with_name(f"key-{VERSION}")
    first = stored(graph, folder)
    assert set(first.quads()) == set(QUADS)
    stamp = (made / "complete").stat().st_mtime_ns
    graph.unlink()  # not needed any more
    second = stored(graph, folder)
    assert set(second.quads()) == set(QUADS)
    assert (made / "complete").stat().st_mtime_ns == stamp
    assert [p.name for p in (tmp_path / "cache").iterdir()] == [made.name]
    with pytest.raises(RuntimeError, match="read-write"):
        second.add([Quad(MILIA, AFFECTS, CHEEK, FACTS)])


def test_old_stores_are_forgotten(tmp_path: Path) -> None:
    graph = _write_graph(tmp_path)
    for number in range(6):
        stored(graph, tmp_path / "cache" / f"key{number}")
    names = {p.name.partition("-")[0] for p in (tmp_path / "cache").iterdir()}
    assert names == {"key2", "key3", "key4", "key5"}


def test_without_a_folder_the_graph_is_read_into_memory(tmp_path: Path) -> None:
    graph = _write_graph(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    for folder in (None, blocked / "key"):
        assert set(stored(graph, folder).quads()) == set(QUADS)


def test_a_damaged_store_is_passed_over(tmp_path: Path) -> None:
    graph, folder = _write_graph(tmp_path), tmp_path / "cache" / "key"
    stored(graph, folder)
    shutil.rmtree(folder.with_name(f"key-{VERSION}") / "store")
    assert set(stored(graph, folder).quads()) == set(QUADS)


def test_a_half_made_store_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, folder = _write_graph(tmp_path), tmp_path / "cache" / "key"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert set(stored(graph, folder).quads()) == set(QUADS)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("content", [None, "<a> <b> .\n", "no quads at all"])
def test_a_damaged_graph_is_told(tmp_path: Path, content: str | None) -> None:
    graph = tmp_path / "graph.nq"
    if content is not None:
        graph.write_text(content, encoding="utf-8")
    with pytest.raises(BadSource, match=r"graph\.nq.*(missing|damaged)\n  mend: run 'milia build'"):
        stored(graph, tmp_path / "cache" / "key")
    assert not list((tmp_path / "cache").glob("*"))


# ── the store on disk: damaged, and killed while it is made ───────────────────────────────────────────────

ASKED = "SELECT (COUNT(*) AS ?n) (MAX(?o) AS ?most) { GRAPH ?g { ?s ?p ?o } }"


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content), 499):
        content[place] ^= 0xFF
    path.write_bytes(content)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [_flip, _halve, Path.unlink], ids=["other bytes", "half of it", "gone"])
@pytest.mark.parametrize("which", ["*.sst", "complete", "CURRENT"])
def test_a_damaged_store_is_made_anew(
    small: Home, tmp_path: Path, harm: Callable[[Path], None], which: str
) -> None:
    graph = small.build / "graph.nq"
    whole = stored(graph, tmp_path / "key").query(ASKED).rows
    (folder,) = tmp_path.iterdir()
    for path in folder.rglob(which):
        harm(path)
    assert stored(graph, tmp_path / "key").query(ASKED).rows == whole
    assert list(tmp_path.iterdir()) == [folder]
    made = folder.stat().st_mtime_ns
    assert stored(graph, tmp_path / "key").query(ASKED).rows == whole
    assert folder.stat().st_mtime_ns == made


def test_damage_that_a_query_comes_upon_is_mended(
    small: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = small.build / "graph.nq"
    whole = stored(graph, tmp_path / "key").query(ASKED).rows
    store = stored(graph, tmp_path / "key")
    asked: list[str] = []
    ask = OxigraphStore._answer

    def failing(self: OxigraphStore, text: str, limit: int | None) -> Answer:
        asked.append(text)
        if len(asked) == 1:
            raise RuntimeError("Corruption: block checksum mismatch")
        return ask(self, text, limit)

    monkeypatch.setattr(OxigraphStore, "_answer", failing)
    assert store.query(ASKED).rows == whole
    assert len(asked) == 2
    monkeypatch.setattr(OxigraphStore, "_answer", _of_another_kind)
    with pytest.raises(RuntimeError, match="of another kind"):
        store.query(ASKED)


def _of_another_kind(*_: object) -> Answer:
    raise RuntimeError("of another kind")


def test_a_store_is_whole_or_not_there_whenever_its_maker_is_killed(small: Home, tmp_path: Path) -> None:
    """Kill at random moments; many of them: MILIA_KILLS=200 (make kills)."""
    graph, folder = small.build / "graph.nq", tmp_path / "cache" / "key"
    make = "from pathlib import Path; from milia.store import stored; "
    make += f"stored(Path({str(graph)!r}), Path({str(folder)!r}))"
    environment = os.environ | {"PYTHONPATH": str(Path(milia.__file__).parents[1])}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", make], env=environment, check=True)
    usual = time.perf_counter() - start
    whole = stored(graph, folder).query(ASKED).rows
    chance, killed = random.Random(2026), 0
    for number in range(int(os.environ.get("MILIA_KILLS", "3"))):
        shutil.rmtree(tmp_path / "cache")
        with subprocess.Popen([sys.executable, "-c", make], env=environment) as run:
            time.sleep(chance.uniform(0.2, 1.0) * usual)
            run.kill()
        killed += run.returncode != 0
        for left in (tmp_path / "cache").glob("new-*"):
            os.utime(left, (0, 0))  # long ago
        assert stored(graph, folder).query(ASKED).rows == whole, number
        shutil.rmtree(folder.with_name(f"{folder.name}-{VERSION}"))
        assert stored(graph, folder).query(ASKED).rows == whole, number
        assert not list((tmp_path / "cache").glob("new-*")), "what killed runs left is gone"
    assert killed
