"""One contract for every engine that a build can be asked on: the same graphs, the same answers.

All are held against the embedded engine in memory. Disk and an Oxigraph server are asked at every run;
`MILIA_ENGINES=rdflib,virtuoso` asks those too. Where an engine answers differently, it is listed here with
the reason, and in `docs/serving.md`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import Literal
from tests import servers

from milia.errors import BadQuery
from milia.kg import KnowledgeGraph, open_graph
from milia.names import BASE
from milia.paths import Home
from milia.product import read_graph
from milia.store import Answer, Store, empty_store, stored
from milia.store.exchange import Unreachable
from milia.store.loading import load
from milia.store.remote import RemoteStore

DEFAULT: Final = {"disk", "oxigraph"}
ASKED: Final = DEFAULT | set(filter(None, os.environ.get("MILIA_ENGINES", "").split(",")))
SERVERS: Final = {
    "oxigraph": (servers.OXIGRAPH, servers.oxigraph, "the Oxigraph server is not here (make referees)"),
    "virtuoso": (servers.VIRTUOSO, servers.virtuoso, "Debian's virtuoso-opensource-7-bin is not here"),
}
ORDERED = "the same rows come in another order"
LEFT_OUT = "other rows come; why has not been isolated"
REFUSED = "it refuses the query, or gives no answer in time"
PATIENCE: Final = 10.0  # seconds for an answer
DIFFERENT: Final[dict[str, dict[str, str]]] = {
    "virtuoso": {
        "candidates-by-site-and-age": LEFT_OUT,
        "cautions-and-contraindications": LEFT_OUT,
        "concerns-raised-by-milia": LEFT_OUT,
        "diseases-that-milia-follow": LEFT_OUT,
        "diseases-where-milia-were-not-seen": ORDERED,
        "diseases-with-conflicting-rows": ORDERED,
        "diseases-with-milia": ORDERED,
        "facts-by-study-design": LEFT_OUT,
        "genes-and-forms": ORDERED,
        "hedged-facts": ORDERED,
        "histology-by-form": LEFT_OUT,
        "inferred-links": ORDERED,
        "inheritance-of-diseases-with-milia": ORDERED,
        "kinds-of-epidermolysis-bullosa-with-milia": REFUSED,
        "look-alikes-of-milia": LEFT_OUT,
        "not-for": LEFT_OUT,
        "origins-by-source": LEFT_OUT,
        "products": REFUSED,
        "related-treatments": REFUSED,
        "symptoms": ORDERED,
        "triggers-by-strength": LEFT_OUT,
        "what-tells-two-apart": LEFT_OUT,
        "why-not-suggested": REFUSED,
    }
}


@pytest.fixture(scope="module")
def reference(small: Home) -> KnowledgeGraph:
    """Return the build that all engines are asked, in memory."""
    return open_graph(small.root, store=stored(small.build / "graph.nq", None))


@pytest.fixture(scope="module", params=["disk", "rdflib", "oxigraph", "virtuoso"])
def engine(
    request: pytest.FixtureRequest, small: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Store]]:
    """Give each engine in turn, with the build in it, and its name."""
    name = request.param
    if name not in ASKED:
        pytest.skip(f"not asked for: MILIA_ENGINES={name}")
    folder, graph = tmp_path_factory.mktemp(name), small.build / "graph.nq"
    with ExitStack() as stack:
        if name in SERVERS:
            found, start, reason = SERVERS[name]
            if found is None:
                pytest.skip(reason)
            store: Store = RemoteStore(stack.enter_context(start(folder)))
            stack.callback(store.close)
            assert isinstance(store, RemoteStore)
            store.update("INSERT DATA { GRAPH <https://example.org/theirs> { <a:a> <a:b> 'theirs' } }")
            load(store, read_graph(graph), "a")
            store = RemoteStore(replace(store.endpoint, seconds=PATIENCE))
            stack.callback(store.close)
        elif name == "disk":
            store = stored(graph, folder / "key")
        else:
            store = empty_store(name)
            store.load(graph.read_bytes())
        yield name, store


def test_it_holds_the_graphs_as_they_were_built(engine: tuple[str, Store], reference: KnowledgeGraph) -> None:
    _, store = engine
    assert isinstance(store, Store)
    assert store.graphs() == reference.store.graphs()
    kept = Counter(reference.store.quads())
    assert Counter(store.quads()) == kept
    kinds = {q.object.datatype.value.rpartition("#")[2] for q in kept if isinstance(q.object, Literal)}
    assert kinds >= {"langString", "decimal", "double", "integer", "boolean", "date"}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
        "SELECT (COUNT(*) AS ?n) { GRAPH graph:facts { ?s ?p ?o } }",
        "ASK { { <a:a> ?p ?o } UNION { GRAPH ?g { <a:a> ?p ?o } } }",
        "SELECT DISTINCT ?s { ?s milia:partOf+ site:face } ORDER BY ?s",
        "CONSTRUCT { ?o milia:p ?s } WHERE { ?s milia:affects ?o }",
        "SELECT ?l { condition:milia rdfs:label|skos:altLabel ?l FILTER (LANG(?l) = 'en') } ORDER BY STR(?l)",
    ],
)
def test_default_and_named_graphs_are_the_same(
    engine: tuple[str, Store], reference: KnowledgeGraph, text: str
) -> None:
    _, store = engine
    assert _comparable(store.query(text)) == _comparable(reference.store.query(text))


def test_no_more_comes_than_was_asked_for(engine: tuple[str, Store]) -> None:
    _, store = engine
    assert len(store.query("SELECT ?s { ?s ?p ?o }", 7).rows) == 7
    assert len(store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 7).triples or ()) == 7


def test_a_text_that_is_no_query_is_told(engine: tuple[str, Store]) -> None:
    _, store = engine
    with pytest.raises(BadQuery, match="this is not SPARQL"):
        store.query("SELEC ?x { }")
    with pytest.raises(BadQuery, match="no prefix is called 'foo'"):
        store.query("SELECT ?x { ?x foo:bar ?y }")
    with pytest.raises(BadQuery):
        store.query(f"INSERT DATA {{ GRAPH <{BASE}graph/facts> {{ <a:a> <a:b> 1 }} }}")
    assert store.query("ASK { GRAPH graph:facts { <a:a> <a:b> 1 } }").truth is False


@pytest.fixture(scope="module")
def answers(reference: KnowledgeGraph) -> dict[str, tuple[str, Answer]]:
    """Return each question and page query, with its answer from memory."""
    queries = (*reference.catalog.all("answers"), *reference.catalog.all("pages"))
    return {query.name: (query.text, reference.store.query(query.text)) for query in queries}


def test_all_questions_have_the_same_answers(
    engine: tuple[str, Store], answers: dict[str, tuple[str, Answer]]
) -> None:
    """But for those that are listed, and each of those does differ: what no longer does leaves the list."""
    name, store = engine
    compared = {query: _difference(answer, store, text) for query, (text, answer) in answers.items()}
    found = {query: difference for query, difference in compared.items() if difference}
    assert found == DIFFERENT.get(name, {})


def _comparable(answer: Answer) -> tuple[object, ...]:
    return answer.variables, answer.rows, answer.truth, answer.triples and set(answer.triples)


def _difference(wanted: Answer, store: Store, text: str) -> str | None:
    """Say how an answer differs, or None if it does not."""
    try:
        answer = store.query(text)
    except (BadQuery, Unreachable):
        return REFUSED
    if _comparable(answer) == _comparable(wanted):
        return None
    return ORDERED if Counter(answer.rows) == Counter(wanted.rows) else LEFT_OUT


def test_the_docs_say_what_differs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "serving.md").read_text(encoding="utf-8")
    told = [line for line in page.splitlines() if line.startswith("| Virtuoso")]
    for reason in (ORDERED, LEFT_OUT, REFUSED):
        (line,) = [line for line in told if reason in line]
        named = {name for name, why in DIFFERENT["virtuoso"].items() if why == reason}
        assert set(re.findall(r"`([\w-]+)`", line)) == named
