"""A stranger's query: what is refused, what is not mistaken, and what ends it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from milia.bounds import MOST_ROWS, Rows, answer
from milia.errors import BadQuery, MiliaError
from milia.names import derived_graph, expand
from milia.refusal import LONGEST_QUERY, refuse, refuse_elsewhere
from milia.store import empty_store

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph

# a port to which the engine never connects: it says so instead
AWAY = "http://127.0.0.1:9/"
ELSEWHERE = "SERVICE is refused"
GRAPHS = "FROM is refused"
FORM = "only SELECT, ASK and CONSTRUCT are answered"
TWO_WAYS = "may be read in two ways"

BAD: dict[str, tuple[str, str]] = {
    "service": (f"SELECT * {{ SERVICE <{AWAY}> {{ ?s ?p ?o }} }}", ELSEWHERE),
    "small": (f"SELECT * {{ service <{AWAY}> {{ ?s ?p ?o }} }}", ELSEWHERE),
    "silent": (f"SELECT * {{ SERVICE SILENT <{AWAY}> {{ ?s ?p ?o }} }}", ELSEWHERE),
    "variable": ("SELECT * { SERVICE ?where { ?s ?p ?o } }", ELSEWHERE),
    "no spaces": (f"SELECT*{{SERVICE<{AWAY}>{{?s?p?o}}}}", ELSEWHERE),
    "glued to silent": (f"SELECT * {{ SERVICESILENT<{AWAY}>{{ ?s ?p ?o }} }}", ELSEWHERE),
    "glued to a truth": (f"SELECT * {{ ?s ?p trueSERVICE<{AWAY}>{{ ?a ?b ?c }} }}", ELSEWHERE),
    "glued to a number": (f"SELECT * {{ ?s ?p 1.SERVICE<{AWAY}>{{ ?a ?b ?c }} }}", ELSEWHERE),
    "glued to a name": (f"PREFIX : <{AWAY}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}", ELSEWHERE),
    "as our own prefix": ("SELECT * { service:x { ?s ?p ?o } }", ELSEWHERE),
    "after a comparison": (
        f"SELECT * {{ FILTER (1<'>') SERVICE <{AWAY}> {{ ?s ?p ?o }} FILTER (''='') }}",
        TWO_WAYS,
    ),
    "after a hidden comment": (
        f"SELECT * {{ FILTER (1<#>'''\n 2) SERVICE <{AWAY}> {{ ?s ?p ?o }} #'''\n }}",
        TWO_WAYS,
    ),
    "after a comment": (f"SELECT * {{ # {{\n SERVICE <{AWAY}> {{ ?s ?p ?o }} }}", ELSEWHERE),
    "after a string": (f'SELECT * {{ ?s ?p "a\\"b" . SERVICE <{AWAY}> {{ ?a ?b ?c }} }}', ELSEWHERE),
    "between long strings": (
        f"SELECT * {{ ?s ?p '''a''' . SERVICE <{AWAY}> {{ ?a ?b '''c''' }} }}",
        ELSEWHERE,
    ),
    "in a subquery": (f"SELECT * {{ {{ SELECT ?s {{ SERVICE <{AWAY}> {{ ?s ?p ?o }} }} }} }}", ELSEWHERE),
    "in exists": (f"ASK {{ FILTER EXISTS {{ SERVICE <{AWAY}> {{ ?s ?p ?o }} }} }}", ELSEWHERE),
    "escaped": (f"SELECT * {{ SERV\\u0049CE <{AWAY}> {{ ?s ?p ?o }} }}", "write the character itself"),
    "from": ("SELECT * FROM graph:disputed { ?s ?p ?o }", GRAPHS),
    "from named": (f"SELECT * FROM NAMED <{AWAY}> {{ ?s ?p ?o }}", GRAPHS),
    "from glued": (f"PREFIX : <{AWAY}> SELECT * FROM:x {{ ?s ?p ?o }}", GRAPHS),
    "from after all": ("SELECT *from<x>{ ?s ?p ?o }", GRAPHS),
    "describe": ("DESCRIBE condition:milia", FORM),
    "update": ("DROP ALL", FORM),
    "insert": ("INSERT DATA { site:a site:b site:c }", FORM),
    "load": (f"LOAD <{AWAY}>", FORM),
    "hidden update": ("# SELECT\nCLEAR ALL", FORM),
    "nothing": ("  \n", FORM),
    "only a comment": ("# SELECT * { ?s ?p ?o }", FORM),
    "too long": ("ASK { } #" + "x" * LONGEST_QUERY, f"{LONGEST_QUERY} characters"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadQuery, match=reason):
        refuse(text)


ABROAD = {
    name: text for name, (text, reason) in BAD.items() if reason in {ELSEWHERE, TWO_WAYS} or name == "escaped"
}


@pytest.mark.parametrize("text", ABROAD.values(), ids=ABROAD)
def test_a_query_of_ones_own_may_not_leave_either(text: str) -> None:
    with pytest.raises(BadQuery):
        refuse_elsewhere(text)


@pytest.mark.parametrize(
    "text", ["SELECT * FROM graph:facts { ?s ?p ?o }", "DESCRIBE site:nose", "ASK { } #" + "x" * 30_000]
)
def test_all_else_may_be_asked_by_oneself(text: str) -> None:
    refuse_elsewhere(text)


HERE = {"https://w3id.org/milia/graph/facts"}
FROM = [
    ("SELECT * FROM <https://w3id.org/milia/graph/facts> { ?s ?p ?o }", True),
    ("SELECT * FROM NAMED <https://w3id.org/milia/graph/facts> { ?s ?p ?o }", True),
    ("SELECT * FROM graph:facts FROM NAMED graph:disputed { ?s ?p ?o }", True),
    (f"SELECT * FROM <{AWAY}> {{ ?s ?p ?o }}", False),
    (f"SELECT * FROM <https://w3id.org/milia/graph/facts> FROM NAMED <{AWAY}> {{ ?s ?p ?o }}", False),
    ("SELECT * FROM", False),
    ("SELECT * FROM NAMED", False),
]


@pytest.mark.parametrize(("text", "passes"), FROM)
def test_from_may_name_graphs_that_are_here(text: str, passes: bool) -> None:
    if passes:
        assert refuse(text, graphs=HERE) == "SELECT"
    else:
        with pytest.raises(BadQuery, match=GRAPHS):
            refuse(text, graphs=HERE)
    with pytest.raises(BadQuery, match=GRAPHS):
        refuse(text)


def test_the_line_is_told() -> None:
    with pytest.raises(BadQuery, match=r"^line 3: SERVICE"):
        refuse("# a comment\nSELECT * {\n SERVICE ?x { } }")


GOOD: dict[str, str] = {
    "in a comment": "# SERVICE <x> {}\nSELECT ?s { ?s a milia:Service } # FROM <y>",
    "in a string": 'SELECT ?s { ?s rdfs:label "SERVICE <x> { } FROM" }',
    "in a long string": "SELECT ?s { ?s rdfs:label '''it's\na \"SERVICE\" FROM''' }",
    "after an escaped quote": r'SELECT ?s { ?s rdfs:label "\" SERVICE <x> { }" }',
    "in an IRI": "SELECT ?s { ?s a <https://example.org/from/SERVICE#service> }",
    "in a relative IRI": "SELECT ?s { <service/from> ?p ?s }",
    "in a variable": "SELECT ?service $from { ?service milia:provides ?from }",
    "in a name": "SELECT ?s { ?s milia:fromAge 0 . ?s a milia:Service ; milia:ofService service:x }",
    "as a prefix": "PREFIX service: <https://w3id.org/milia/service/> SELECT ?s { service:x ?p ?s }",
    "as a graph": "SELECT ?s { GRAPH service:x { ?s ?p ?o } }",
    "in a language": 'SELECT ?s { ?s ?p "x"@from }',
    "in a blank node": "SELECT ?s { ?s ?p _:SERVICE . _:from ?p ?s }",
    "in an escaped name": r"SELECT ?s { ?s ?p care:a\'SERVICE\'b }",
    "a comparison": "SELECT ?s { ?s ?p ?n FILTER (?n < 3 && ?n > 1) }",
    "a comparison without spaces": "SELECT ?s { ?s ?p ?n FILTER (?n<3&&?n>1) }",
    "base and prefix": "BASE <https://w3id.org/milia/> PREFIX a: <x#> ASK { ?s a a:b }".replace(
        "<x#>", "<http://x#>"
    ),
    "small letters": "select ?s where { ?s ?p ?o }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_what_is_not_mistaken(text: str) -> None:
    assert refuse(text) in {"SELECT", "ASK", "CONSTRUCT"}
    refuse_elsewhere(text)
    empty_store().query(text)  # and it is SPARQL


def test_every_question_of_the_catalogue_passes(kg: KnowledgeGraph) -> None:
    for folder in ("answers", "pages", "exports", "checks"):
        for query in kg.catalog.all(folder):
            refuse(query.text)


PIECES = (
    *("SERVICE", "service", "SILENT", "FROM", "NAMED", "GRAPH", "true", "a", "1.", "2", ":x", "service:"),
    *(f"<{AWAY}>", "<x>", "<#>", "<'>", "<", ">", "'", "'''", '"', '"""', "\\", "\\u0027", "#", "\n", " "),
    *("{", "}", "{?s ?p ?o}", "(", ")", "?v", "?", ".", ";", ",", "_:", "@", "@en", "FILTER(", "^^", "<<"),
    *("{}", "''", '""', "=", "&&", "?s ?p ", "?s ?p ''", "OPTIONAL", "UNION", "VALUES ?x {1}", "|", "%41"),
    *("BIND(1 AS ?w)", "FILTER(1<", "FILTER(1<'>')", "FILTER(''='')", "FILTER(1<#>'''\n2)", "#'''\n"),
    *("1=1)", ">>", "b:c"),
)
# whatever the pieces ask for is there, so that no join is empty before the engine comes to SERVICE
STORE = empty_store()
STORE.add(
    Quad(NamedNode(AWAY), p, o, derived_graph("facts"))
    for p in (NamedNode(AWAY), NamedNode(f"{AWAY}x"), NamedNode(f"{AWAY}bc"), expand("rdf:type"))
    for o in (NamedNode(AWAY), Literal(True), Literal(1), Literal(2), Literal(""), Literal("", language="en"))
)


def _reaches_out(text: str) -> bool:
    """Say whether the engine would ask another place for this query."""
    try:
        STORE.query(text)
    except BadQuery:
        return False
    except (OSError, RuntimeError):  # it would not connect, or the place is a variable without a value
        return True
    return False


def test_the_engine_reaches_out_where_nothing_stops_it() -> None:
    """Otherwise the test below would hold for want of anything to refuse."""
    told = {name for name, (text, _) in BAD.items() if _reaches_out(text)}
    assert {"service", "no spaces", "glued to a truth", "glued to a name", "after a hidden comment"} <= told


@settings(max_examples=1500, deadline=None)
@given(
    before=st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    called=st.sampled_from([f"SERVICE<{AWAY}>", "SERVICE:x", "SERVICE :x", f"SERVICE <{AWAY}>", ""]),
    after=st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
)
def test_nothing_that_passes_reaches_out(before: str, called: str, after: str) -> None:
    braces = "{?s ?p ?o}" if called else ""
    text = f"PREFIX : <{AWAY}> PREFIX b: <{AWAY}b> SELECT * {{ {before}{called}{braces}{after} }}"
    try:
        refuse(text)
    except BadQuery:
        return
    assert not _reaches_out(text)


# ── evaluation ────────────────────────────────────────────────────────────────────────────────────────────


def _answer(kg: KnowledgeGraph, text: str, rows: int = 100, seconds: float = 30) -> Rows:
    key = kg.manifest["files"]["graph.nq"]["sha256"]
    return answer(kg.home.build / "graph.nq", key, text, rows, seconds)


def test_rows_truth_and_triples(kg: KnowledgeGraph) -> None:
    found = _answer(kg, "SELECT ?s ?no { condition:milia milia:affects ?s } ORDER BY ?s")
    direct = kg.ask("SELECT ?s { condition:milia milia:affects ?s } ORDER BY ?s")
    assert found.variables == ("s", "no")
    assert len(found.rows) == len(direct.rows) > 3
    assert ("site:eyelid", None) in found.rows
    assert (found.cut, found.truth, found.triples) == (False, None, None)
    assert _answer(kg, "ASK { condition:milia milia:affects site:eyelid }").truth is True
    assert _answer(kg, "ASK { site:eyelid milia:affects condition:milia }").truth is False
    text = "CONSTRUCT { ?s milia:p condition:milia } WHERE { condition:milia milia:affects ?s }"
    triples = _answer(kg, text).triples
    assert triples is not None
    assert ("site:eyelid", "milia:p", "condition:milia") in triples


@pytest.mark.parametrize("text", ["SELECT ?s { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
@pytest.mark.parametrize(("asked", "given"), [(3, 3), (10 * MOST_ROWS, MOST_ROWS)])
def test_rows_are_bounded(kg: KnowledgeGraph, text: str, asked: int, given: int) -> None:
    found = _answer(kg, text, asked)
    assert len(found.rows) + len(found.triples or ()) == given
    assert found.cut


def test_exactly_as_many_rows_as_asked_are_not_cut(kg: KnowledgeGraph) -> None:
    found = _answer(kg, "SELECT ?n { VALUES ?n { 1 2 3 } }", 3)
    assert (len(found.rows), found.cut) == (3, False)


def test_time_is_bounded(kg: KnowledgeGraph) -> None:
    with pytest.raises(BadQuery, match=r"no answer within 0\.5 seconds"):
        _answer(kg, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", seconds=0.5)


def test_memory_is_bounded(kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milia.bounds.MOST_MEMORY", 1 << 20)
    with pytest.raises(BadQuery, match="more memory than it may have"):
        _answer(kg, "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f")


def test_what_does_not_parse_is_told_with_its_line(kg: KnowledgeGraph) -> None:
    with pytest.raises(BadQuery, match=r"^line 2: this is not SPARQL: no prefix is called 'conditon'"):
        _answer(kg, "ASK {\n conditon:milia ?p ?o }")


def test_a_graph_that_is_not_there_is_told(kg: KnowledgeGraph) -> None:
    with pytest.raises(MiliaError, match=r"nowhere\.nq: is missing"):
        answer(kg.home.root / "nowhere.nq", "no-such-key", "ASK { }", 1)


def test_other_engines_keep_the_limit() -> None:
    for engine in ("oxigraph", "rdflib"):
        store = empty_store(engine)
        found = store.query("SELECT ?n { VALUES ?n { 1 2 3 } }", 2)
        assert len(found.rows) == 2
        built = store.query("CONSTRUCT { ?n milia:p ?n } WHERE { VALUES ?n { site:a site:b site:c } }", 2)
        assert len(built.triples or ()) == 2


def test_the_process_takes_nothing_from_the_folder_it_starts_in(kg: KnowledgeGraph, tmp_path: object) -> None:
    code = (
        "import sys; from pathlib import Path; from milia.bounds import answer; "
        "print(answer(Path(sys.argv[1]), sys.argv[2], 'ASK { condition:milia ?p ?o }', 1).truth)"
    )
    folder = str(tmp_path)
    (kg_file, key) = (str(kg.home.build / "graph.nq"), kg.manifest["files"]["graph.nq"]["sha256"])
    with open(f"{folder}/json.py", "w", encoding="utf-8") as trap:  # noqa: PTH123
        trap.write("raise SystemExit(9)")
    path = json.dumps(sys.path)
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path[:] = {path}\n{code}", kg_file, key],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
