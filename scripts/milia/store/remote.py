"""Any SPARQL 1.1 server as an engine: query, update and graph store protocol over HTTP.

What is ours stands there in named graphs of ours alone, the union of DESIGN among them; every query says that
its default graph is that union and which graphs it may reach. So other data of the same server is neither
read nor touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from milia.errors import BadQuery, MiliaError, MissingPart, Misuse
from milia.names import BASE, PREFIXES, is_default_graph
from milia.store.base import Answer, not_sparql

if TYPE_CHECKING:
    from requests import Response, Session

__all__ = ["MARK", "UNION", "Endpoint", "RemoteStore", "Unreachable"]

UNION: Final = NamedNode(BASE + "graph/union")
"""The graph that every query sees as its default graph."""
MARK: Final = NamedNode(BASE + "graph/loaded")
"""The graph that says which build is there."""
_OURS: Final = BASE + "graph/"
_RESULTS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples"
_AGAIN: Final = (429, 502, 503, 504)  # of these another try may help
_BATCH: Final = 5_000  # statements of one request
_USED: Final = re.compile(r"(?<![\w?$@:.-])([A-Za-z][\w-]*):")


class Unreachable(MiliaError):
    """A server does not answer, or not as a SPARQL server does."""


@dataclass(frozen=True)
class Endpoint:
    """Where a server is, and who asks it."""

    query: str
    """Address for queries."""
    update: str | None = None
    """Address for updates; without it, nothing can be loaded."""
    data: str | None = None
    """Address of the graph store protocol; with it, statements are sent as they are."""
    user: str | None = None
    password: str | None = None
    token: str | None = None
    """Sent as a bearer token, where there is no user."""
    digest: bool = False
    """Whether the server wants digest authentication, as Virtuoso does."""
    seconds: float = 60.0
    """How long an answer may take."""
    tries: int = 4
    """How often a request is sent at most, with growing pauses."""


class RemoteStore:
    """The graphs of ours on a server, as a store."""

    name = "endpoint"

    def __init__(self, endpoint: Endpoint) -> None:
        """Remember where to ask; nothing is sent yet.

        Raises:
            MissingPart: the package requests is not installed.
            Misuse: an address is none of HTTP.
        """
        for address in filter(None, (endpoint.query, endpoint.update, endpoint.data)):
            if not re.match(r"https?://[^/\s]+", address):
                msg = f"'{address}' is no address of a server; write http://… or https://…"
                raise Misuse(msg)
        self.endpoint = endpoint
        self._session = _session(endpoint)
        self._names: list[NamedNode] | None = None

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query over the union, with so many rows or triples at most.

        Raises:
            BadQuery: the server finds fault with the text.
            Unreachable: it does not answer.
        """
        answer = self._asked(_declared(text), self._dataset(), text)
        if answer.headers.get("content-type", "").startswith(_RESULTS):
            return _read_results(answer.content, limit)
        found = (quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES))
        return Answer(triples=tuple(islice(dict.fromkeys(found), limit)))

    def write(
        self,
        text: str,
        form: QueryResultsFormat | RdfFormat,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> bytes:
        """Return the answer to a query as it is sent; graphs as for `OxigraphStore.write`.

        Raises:
            BadQuery: the server finds fault with the text.
            Unreachable: it does not answer.
        """
        whole = default_graphs is None and named_graphs is None
        graphs = self._dataset() if whole else []
        graphs += [("default-graph-uri", g) for g in default_graphs or ()]
        graphs += [("named-graph-uri", g) for g in named_graphs or ()]
        answer = self._asked(_declared(text), graphs, text)
        if isinstance(form, RdfFormat):
            return serialize(parse(answer.content, format=RdfFormat.N_TRIPLES), format=form) or b""
        found = parse_query_results(answer.content, format=QueryResultsFormat.JSON)
        return found.serialize(format=form) or b""

    def _dataset(self) -> list[tuple[str, str]]:
        named = [("named-graph-uri", g.value) for g in self.graphs()]
        return [("default-graph-uri", UNION.value), *named]

    def raw(self, text: str) -> Answer:
        """Answer a query over all that the server has, as it has it."""
        return _read_results(self._asked(text, [], text).content, None)

    def _asked(self, text: str, graphs: Sequence[tuple[str, str]], shown: str) -> Response:
        accept = f"{_RESULTS}, {_TRIPLES};q=0.9"
        answer = self._sent("POST", self.endpoint.query, [("query", text), *graphs], {"Accept": accept})
        if answer.status_code == 400:
            raise not_sparql(shown, answer.text.strip()[:500] or "the server says no more", None)
        return self._checked(answer)

    def update(self, text: str, *, once: bool = False) -> None:
        """Change what the server has; `once` where sending the same twice would not be the same.

        Raises:
            Misuse: no address for updates is known.
            Unreachable: the server does not answer, or refuses.
        """
        if self.endpoint.update is None:
            msg = "to load, name the address for updates too: --update URL"
            raise Misuse(msg)
        answer = self._sent("POST", self.endpoint.update, [("update", text)], {}, once=once)
        self._checked(answer)
        self._names = None

    def add_to(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """Add statements to a graph, a batch a request; sent twice they are there once."""
        waiting = iter(triples)
        while batch := list(islice(waiting, _BATCH)):
            content = serialize(batch, format=RdfFormat.N_TRIPLES) or b""
            if self.endpoint.data is None:
                self.update(f"INSERT DATA {{ GRAPH {graph} {{\n{content.decode()}}} }}")
            else:
                headers = {"Content-Type": _TRIPLES}
                address = self.endpoint.data
                self._checked(self._sent("POST", address, content, headers, {"graph": graph.value}))
        self._names = None

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads; those of the union go into the graph for it too."""
        by_graph: dict[NamedNode, list[Triple]] = {}
        for quad in quads:
            assert isinstance(quad.graph_name, NamedNode)
            by_graph.setdefault(quad.graph_name, []).append(quad.triple)
            if is_default_graph(quad.graph_name.value):
                by_graph.setdefault(UNION, []).append(quad.triple)
        for graph, triples in by_graph.items():
            self.add_to(graph, triples)

    def load(self, content: bytes) -> None:
        """Add the quads of an N-Quads text."""
        self.add(parse(content, format=RdfFormat.N_QUADS))

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterator[Quad]:
        """Yield the quads of these graphs, or of all."""
        for graph in self.graphs() if graphs is None else graphs:
            found = self.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}").triples
            for t in found or ():
                yield Quad(t.subject, t.predicate, t.object, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs of ours, sorted; the union and the mark are none of them."""
        if self._names is None:
            rows = self.raw("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").records()
            names = {row["g"] for row in rows if row["g"].startswith(_OURS)} - {UNION.value, MARK.value}
            self._names = [NamedNode(name) for name in sorted(names)]
        return self._names

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _sent(
        self,
        method: str,
        address: str,
        content: Any,  # noqa: ANN401  a form or bytes
        headers: Mapping[str, str],
        parameters: Mapping[str, str] | None = None,
        *,
        once: bool = False,
    ) -> Response:
        from requests import RequestException

        session = self._session if not once else _session(self.endpoint, tries=1)
        try:
            return session.request(
                method,
                address,
                params=parameters,
                data=content,
                headers=dict(headers),
                timeout=self.endpoint.seconds,
            )
        except RequestException as error:
            msg = f"{address} does not answer: {_cause(error)}"
            raise Unreachable(msg) from error

    def _checked(self, answer: Response) -> Response:
        if answer.status_code in {401, 403}:
            address = answer.url.partition("?")[0]
            msg = f"{address} refuses ({answer.status_code}): name a user with --user, --digest, or a token"
            raise Misuse(msg)
        if not answer.ok:
            said = " ".join(answer.text.split())[:300]
            msg = f"{answer.url.partition('?')[0]} answers {answer.status_code}{f': {said}' if said else ''}"
            raise Unreachable(msg)
        return answer


def _session(endpoint: Endpoint, tries: int | None = None) -> Session:
    try:
        import requests
        from requests.adapters import HTTPAdapter
        from requests.auth import HTTPDigestAuth
        from urllib3 import Retry
    except ImportError as error:
        msg = "asking a server needs the package requests: pip install 'milia[remote]'"
        raise MissingPart(msg) from error
    session = requests.Session()
    session.trust_env = False  # neither proxies nor passwords of elsewhere
    again = Retry(
        total=(tries or endpoint.tries) - 1,
        backoff_factor=0.2,
        backoff_max=5,
        status_forcelist=_AGAIN,
        allowed_methods=None,
        raise_on_status=False,
    )
    for start in ("http://", "https://"):
        session.mount(start, HTTPAdapter(max_retries=again))
    if endpoint.user is not None:
        known = (endpoint.user, endpoint.password or "")
        session.auth = HTTPDigestAuth(*known) if endpoint.digest else known
    elif endpoint.token:
        session.headers["Authorization"] = f"Bearer {endpoint.token}"
    return session


def _cause(error: BaseException) -> str:
    """Return what went wrong at the bottom, without addresses of objects."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _declared(text: str) -> str:
    """Return a query with the prefixes that it uses and does not declare, on its first line."""
    declared = set(re.findall(r"\bPREFIX\s+([A-Za-z][\w-]*):", text, re.IGNORECASE))
    used = {name for name in _USED.findall(text) if name in PREFIXES} - declared
    return "".join([f"BASE <{BASE}> ", *(f"PREFIX {p}: <{PREFIXES[p]}> " for p in sorted(used)), text])


def _read_results(content: bytes, limit: int | None) -> Answer:
    try:
        found: Any = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(found, QueryBoolean):
            return Answer(truth=bool(found))
        names = tuple(v.value for v in found.variables)
        return Answer(names, tuple(tuple(row) for row in islice(found, limit)))
    except (SyntaxError, ValueError) as error:
        msg = f"the server's answer cannot be read: {error}"
        raise BadQuery(msg) from error
