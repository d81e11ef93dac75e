"""Any SPARQL server as an engine: the same answers, loading that goes on where it broke off, bad servers."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from starlette.testclient import TestClient
from tests import servers

from milia.cli import main
from milia.errors import BadQuery, Misuse, TooMuch
from milia.kg import KnowledgeGraph, open_graph
from milia.names import BASE, expand
from milia.paths import Home
from milia.product import read_graph
from milia.store.exchange import TooLate, Unreachable
from milia.store.loading import load, loaded
from milia.store.remote import UNION, Endpoint, RemoteStore
from milia.web import make_app
from milia.web.forwarding import Forwarding
from milia.web.workers import Limits, Question

needs_server = pytest.mark.skipif(
    servers.OXIGRAPH is None, reason="the Oxigraph server is not here (make referees)"
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Start an Oxigraph server with an empty store."""
    with servers.oxigraph(tmp_path_factory.mktemp("oxigraph")) as started:
        yield started


@pytest.fixture
def empty(endpoint: Endpoint) -> Iterator[RemoteStore]:
    store = RemoteStore(endpoint)
    store.update("DROP ALL")
    yield store
    store.close()


@pytest.fixture(scope="module")
def part_of_it(small: Home) -> KnowledgeGraph:
    return open_graph(small.root)


def _quads(kg: KnowledgeGraph) -> list[Quad]:
    return list(read_graph(kg.home.build / "graph.nq"))


ELSEWHERE = NamedNode("https://example.org/theirs")
THEIRS = Quad(expand("site:nose"), expand("skos:prefLabel"), Literal("theirs"), ELSEWHERE)


# ── a real server ─────────────────────────────────────────────────────────────────────────────────────────


@needs_server
def test_updates_alone_do_too(empty: RemoteStore, part_of_it: KnowledgeGraph) -> None:
    there = RemoteStore(replace(empty.endpoint, data=None))
    some = _quads(part_of_it)[::20]
    load(there, some, "a")
    assert set(there.quads()) == set(some)


@needs_server
def test_what_is_somebody_elses_is_neither_read_nor_touched(
    empty: RemoteStore, part_of_it: KnowledgeGraph
) -> None:
    empty.update(f"INSERT DATA {{ <a:a> <a:b> 'default' . GRAPH {ELSEWHERE} {{ <a:a> <a:b> 'named' }} }}")
    load(empty, _quads(part_of_it), "a")
    assert empty.query("ASK { { <a:a> ?p ?o } UNION { GRAPH ?g { <a:a> ?p ?o } } }").truth is False
    load(empty, _quads(part_of_it)[:100], "b")
    assert len(empty.raw("SELECT ?o { { <a:a> ?p ?o } UNION { GRAPH ?g { <a:a> ?p ?o } } }").rows) == 2
    assert len(list(empty.quads())) == 100


@needs_server
def test_loading_goes_on_where_it_broke_off(
    empty: RemoteStore, part_of_it: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = _quads(part_of_it)[:200], _quads(part_of_it)
    load(empty, old, "old")
    before = set(empty.quads())
    adds: list[NamedNode] = []
    add_to = RemoteStore.add_to

    def breaking(store: RemoteStore, graph: NamedNode, triples: Any) -> None:
        if len(adds) == 20:
            add_to(store, graph, list(triples)[:3])  # some of a batch came through
            raise Unreachable("the line went dead")
        adds.append(graph)
        add_to(store, graph, triples)

    with monkeypatch.context() as patch:
        patch.setattr(RemoteStore, "add_to", breaking)
        with pytest.raises(Unreachable, match="went dead"):
            load(empty, new, "new")
    assert (loaded(empty), set(empty.quads())) == ("old", before)
    seen: list[tuple[int, int]] = []
    sent = load(empty, new, "new", lambda done, of: seen.append((done, of)))
    whole = seen[-1][1]
    assert 0 < sent < whole
    assert seen[-1] == (whole, whole)
    assert loaded(empty) == "new"
    assert set(empty.quads()) == set(new)
    left = empty.raw("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").records()
    assert not [row for row in left if "staging" in row["g"]]
    assert load(empty, new, "new") == 0


@needs_server
def test_the_commands_use_it(empty: RemoteStore, small: Home, capsys: pytest.CaptureFixture[str]) -> None:
    at = empty.endpoint
    home = ["--home", str(small.root)]
    ask = [*home, "query", "forms", "--format", "csv", "--endpoint", at.query]
    assert main(ask) == 2
    assert "nothing of ours is at" in capsys.readouterr().err
    assert main([*home, "load", "--endpoint", at.query]) == 2
    assert "name the address for updates too: --update URL" in capsys.readouterr().err
    put = [*home, "load", "--endpoint", at.query, "--update", str(at.update), "--data", str(at.data)]
    assert main(put) == 0
    assert "statements sent, in use now" in capsys.readouterr().out
    assert main(put) == 0
    assert "this build is there already" in capsys.readouterr().out
    assert main(ask) == 0
    there = capsys.readouterr().out
    assert main(ask[:-2]) == 0
    assert capsys.readouterr().out == there
    empty.update(f"DROP GRAPH <{BASE}graph/loaded>")
    load(empty, [], "another build")
    assert main(ask) == 0
    assert "has another build than this project" in capsys.readouterr().err


@needs_server
def test_pages_and_sparql_are_served_from_it(empty: RemoteStore, small: Home) -> None:
    here = open_graph(small.root)
    load(empty, _quads(here), "a")
    kg = open_graph(small.root, store=RemoteStore(empty.endpoint))
    asked = {"query": "SELECT ?f { ?f a milia:MiliaForm } ORDER BY ?f"}
    with TestClient(make_app(kg)) as served, TestClient(make_app(here)) as usual:
        for path in ("condition/milia", "forms", "look-alikes"):
            accept = {"accept": "text/html"}
            assert served.get(f"/{path}", headers=accept).text == usual.get(f"/{path}", headers=accept).text
        for media in ("application/sparql-results+xml", "text/csv", "application/sparql-results+json"):
            answers = [one.get("/sparql", params=asked, headers={"accept": media}) for one in (served, usual)]
            assert answers[0].status_code == 200
            assert answers[0].content == answers[1].content
        refused = served.get("/sparql", params={"query": "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }"})
        assert refused.status_code == 400
        assert served.get("/sparql", params={"query": "SELEC"}).status_code == 400
        graph = {"default-graph-uri": f"{BASE}graph/facts", "query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
        assert served.get("/sparql", params=graph).content == usual.get("/sparql", params=graph).content


# ── servers that are not what one would wish ──────────────────────────────────────────────────────────────


Reply = tuple[int, str, str]


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[str, list[dict[str, Any]]]]]:
    """Give a server that answers as it is told, and what it was asked."""
    servers: list[ThreadingHTTPServer] = []

    def start(*replies: Reply) -> tuple[str, list[dict[str, Any]]]:
        waiting, asked = list(replies), list[dict[str, Any]]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                asked.append({"headers": dict(self.headers), **parse_qs(body.decode())})
                status, kind, text = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/sparql", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


YES: Reply = (200, "application/sparql-results+json", json.dumps({"head": {}, "boolean": True}))
BUSY: Reply = (503, "text/plain", "come again")


def test_who_is_busy_is_asked_again_and_not_for_ever(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]],
) -> None:
    address, asked = scripted(BUSY, BUSY, YES)
    assert RemoteStore(Endpoint(address, tries=3)).raw("ASK {}").truth is True
    assert len(asked) == 3
    address, asked = scripted(BUSY)
    with pytest.raises(Unreachable, match=r"/sparql answers 503: come again"):
        RemoteStore(Endpoint(address, tries=2)).raw("ASK {}")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        ((401, "text/plain", ""), Misuse, r"refuses \(401\): name a user with --user, --digest, or a token"),
        ((403, "text/plain", "no"), Misuse, r"refuses \(403\)"),
        ((404, "text/html", "<p>not\nhere"), Unreachable, r"answers 404: <p>not here"),
        ((400, "text/plain", "Parse error"), BadQuery, "this is not SPARQL: Parse error"),
        ((200, "text/html", "<p>hello"), BadQuery, "the server's answer cannot be read"),
        ((200, "application/sparql-results+json", "{"), BadQuery, "the server's answer cannot be read"),
    ],
)
def test_an_odd_answer_is_told(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]],
    reply: Reply,
    error: type[Exception],
    told: str,
) -> None:
    address, _ = scripted(reply)
    with pytest.raises(error, match=told):
        RemoteStore(Endpoint(address, tries=1)).raw("ASK {}")


def test_nobody_there(capsys: pytest.CaptureFixture[str], small: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home = ["--home", str(small.root)]
    assert main([*home, "query", "forms", "--endpoint", f"http://127.0.0.1:{port}/"]) != 0
    assert f"http://127.0.0.1:{port}/ does not answer: Connection refused" in capsys.readouterr().err
    assert main([*home, "query", "forms", "--endpoint", "localhost:3030"]) == 2
    assert "is no address of a server; write http://" in capsys.readouterr().err


def test_who_asks_is_said(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # of no matter here
    address, asked = scripted(YES)
    RemoteStore(Endpoint(address, user="me", password="secret")).raw("ASK {}")
    RemoteStore(Endpoint(address, token="t0ken")).raw("ASK {}")
    said = [one["headers"]["Authorization"] for one in asked]
    assert said == ["Basic bWU6c2VjcmV0", "Bearer t0ken"]


def test_every_query_says_which_graphs_it_is_about(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]],
) -> None:
    rows = [{"g": {"type": "uri", "value": f"{BASE}graph/facts"}}]
    graphs = json.dumps({"head": {"vars": ["g"]}, "results": {"bindings": rows}})
    results, none = "application/sparql-results+json", (200, "application/n-triples", "")
    address, asked = scripted((200, results, graphs), YES, (200, results, graphs), none)
    RemoteStore(Endpoint(address)).query("ASK { condition:milia milia:affects ?x }")
    (text,) = asked[1]["query"]
    assert text.startswith(f"BASE <{BASE}> PREFIX condition: <{BASE}condition/> PREFIX milia:")
    assert text.endswith(
        f"> ASK FROM {UNION} FROM NAMED <{BASE}graph/facts> {{ condition:milia milia:affects ?x }}"
    )
    RemoteStore(Endpoint(address)).query("DESCRIBE <a:a>")
    assert asked[3]["default-graph-uri"] == [UNION.value], "where no place is found in the text"
    assert asked[3]["named-graph-uri"] == [f"{BASE}graph/facts"]


def test_an_answer_that_was_lost_on_the_way_is_looked_up(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]],
) -> None:
    """The swap is sent once; whether it was done is asked, not guessed."""
    none = json.dumps({"head": {"vars": ["id"]}, "results": {"bindings": []}})
    bound = {"id": {"type": "literal", "value": "k"}, "g": {"type": "uri", "value": f"{BASE}staging/k"}}
    done = json.dumps({"head": {"vars": ["id", "g"]}, "results": {"bindings": [bound]}})
    results = "application/sparql-results+json"
    lost: Reply = (502, "text/plain", "lost")
    address, asked = scripted(*[(200, results, none)] * 5, lost, (200, results, done))  # it stays the last
    assert load(RemoteStore(Endpoint(address, update=address, tries=3)), [], "k") == 0
    swaps = [one for one in asked if "VALUES (?beside ?g)" in one.get("update", [""])[0]]
    assert len(swaps) == 1


# ── answers without an end ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def unending() -> Iterator[Callable[..., tuple[str, Event]]]:
    """Give a server that sends a start and then piece after piece, and the event of being hung up on."""
    servers: list[ThreadingHTTPServer] = []

    def start(start: str, piece: str, pause: float) -> tuple[str, Event]:
        gone, over = Event(), Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.close_connection = True
                try:
                    self.wfile.write(start.replace("\n", "\r\n").encode())
                    while not over.wait(pause):
                        self.wfile.write(piece.encode())
                except OSError:
                    gone.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        over_of[server] = over
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/sparql", gone

    over_of: dict[ThreadingHTTPServer, Event] = {}
    yield start
    for server in servers:
        over_of[server].set()
        server.shutdown()
        server.server_close()


RESULTS = "HTTP/1.1 200 OK\nContent-Type: application/sparql-results+json\n"
LONG = f"{RESULTS}\n{{"
DRIPPING = {
    "body": LONG,
    "body of a told length": f"{RESULTS}Content-Length: 1000000\n\n{{",
    "body in chunks": f"{RESULTS}Transfer-Encoding: chunked\n\nFFFFF\n{{",
    "head": f"{RESULTS}X-More: ",
    "refusal": "HTTP/1.1 500 Oh\nContent-Length: 1000000\n\n",
    "wanted password": 'HTTP/1.1 401 Who\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\n\n',
}


def test_an_endless_answer_is_read_to_its_bound_and_no_further(
    unending: Callable[..., tuple[str, Event]],
) -> None:
    address, gone = unending(LONG, " " * 10_000, 0)
    with pytest.raises(BadQuery, match="the answer has more than 100,000 bytes: ask for less"):
        RemoteStore(Endpoint(address, most=100_000)).raw("ASK {}")
    assert gone.wait(10), "the line is hung up"
    address, gone = unending("HTTP/1.1 500 Oh\n\n", "so sorry ", 0)
    with pytest.raises(Unreachable, match="answers 500: so sorry so sorry"):
        RemoteStore(Endpoint(address)).raw("ASK {}")
    assert gone.wait(10), "a refusal is not read to its end either"


@pytest.mark.parametrize("start", DRIPPING.values(), ids=DRIPPING)
def test_an_answer_that_drips_is_given_up_in_time(
    unending: Callable[..., tuple[str, Event]], start: str
) -> None:
    address, gone = unending(start, " ", 0.01)
    with pytest.raises(TooLate, match=r"/sparql does not answer within 0\.3 seconds"):
        RemoteStore(Endpoint(address, user="me", digest=True, seconds=0.3)).raw("ASK {}")
    assert gone.wait(10), "nobody reads on"


@pytest.mark.parametrize(
    ("piece", "pause", "error", "told"),
    [
        (" " * 10_000, 0, BadQuery, "more than 50,000 bytes"),
        (" ", 0.01, TooMuch, "no answer within 0.3 seconds; ask for less"),
    ],
)
def test_a_stranger_s_query_is_bounded_on_the_way(
    unending: Callable[..., tuple[str, Event]], piece: str, pause: float, error: type[Exception], told: str
) -> None:
    address, gone = unending(LONG, piece, pause)
    question = Question("ASK {}", "text/csv", results=True, named_graphs=["https://example.org/g"])
    asked = Forwarding(RemoteStore(Endpoint(address)), Limits(seconds=0.3, most=50_000))
    with pytest.raises(error, match=re.escape(told)):
        asyncio.run(asked.answer(question))
    assert gone.wait(10), "the thread that reads ends too"


def test_a_server_that_sends_on_is_not_followed(
    scripted: Callable[..., tuple[str, list[dict[str, Any]]]],
) -> None:
    address, asked = scripted((301, "text/plain", ""), YES)
    with pytest.raises(Unreachable, match="answers 301"):
        RemoteStore(Endpoint(address, token="t0ken")).raw("ASK {}")
    assert len(asked) == 1


def test_who_is_to_wait_long_waits_so_long_and_no_longer(
    unending: Callable[..., tuple[str, Event]],
) -> None:
    address, _ = unending("HTTP/1.1 503 Busy\nRetry-After: 86400\nContent-Length: 0\n\n", "", 0.01)
    with pytest.raises(Unreachable, match="answers 503"):
        RemoteStore(Endpoint(address, seconds=2)).raw("ASK {}")
