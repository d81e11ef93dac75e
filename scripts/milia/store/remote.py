"""Any SPARQL 1.1 server as an engine: query, update and graph store protocol over HTTP.

What is ours stands there in named graphs of ours alone, the union of DESIGN among them; every query says that
its default graph is that union and which graphs it may reach. So other data of the same server is neither
read nor touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from pyoxigraph import (
    Literal,
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

from milia.errors import BadQuery, Misuse
from milia.names import BASE, PREFIXES, Term, expand, is_default_graph, plain
from milia.store.base import Answer, not_sparql
from milia.store.dataset import form_of, with_dataset
from milia.store.exchange import Asker, Bounds, Line, Reply, Request, Unreachable

__all__ = ["DATASET", "MARK", "PART", "UNION", "Endpoint", "RemoteStore"]

UNION: Final = NamedNode(BASE + "graph/union")
"""The graph that every query sees as its default graph."""
MARK: Final = NamedNode(BASE + "graph/loaded")
"""The graph that says which build is there, and lists its graphs: to look for them may mean to read all."""
DATASET: Final = NamedNode(BASE + "dataset")
PART: Final = expand("dcterms:hasPart")
_RESULTS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples"
_OF_TRIPLES: Final = frozenset({"CONSTRUCT", "DESCRIBE"})
_XSD: Final = PREFIXES["xsd"]
_TRUTH: Final = "__ASK_RETVAL"  # Virtuoso's column for the answer to some ASK
_TRUTHS: Final = {"1": "true", "0": "false"}
_FRACTION: Final = re.compile(r"[+-]?\d+\.\d*0|[+-]?\d+\.")
_BATCH: Final = 5_000  # statements of one request
_BATCH_AS_TEXT: Final = 1_000  # of one update: Virtuoso's compiler has no memory for five thousand
_USED: Final = re.compile(r"(?<![\w?$@:.-])([A-Za-z][\w-]*):")


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
    """How long an answer may take, to its last byte."""
    tries: int = 4
    """How often a request is sent at most, with growing pauses."""
    most: int = 1 << 28
    """How many bytes an answer may have."""


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
        asker = Asker(endpoint.user, endpoint.password, endpoint.token, endpoint.digest)
        self._line = Line(asker)
        self._bounds = Bounds(endpoint.seconds, endpoint.most, endpoint.tries)
        self._names: list[NamedNode] | None = None

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query over the union, with so many rows or triples at most.

        Raises:
            BadQuery: the server finds fault with the text.
            Unreachable: it does not answer.
        """
        answer = self._asked_of_ours(text)
        if form_of(text) in _OF_TRIPLES:
            return Answer(triples=tuple(islice(dict.fromkeys(_read_triples(answer)), limit)))
        return _read_results(answer.content, limit)

    def write(
        self,
        text: str,
        form: QueryResultsFormat | RdfFormat,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bounds: Bounds | None = None,
    ) -> bytes:
        """Return the answer to a query as it is sent; graphs as for `OxigraphStore.write`.

        Raises:
            BadQuery: the server finds fault with the text, or the answer is too long.
            TooLate: there is no answer in time.
            Unreachable: it does not answer.
        """
        if default_graphs is None and named_graphs is None:
            answer = self._asked_of_ours(text, bounds)
        else:
            graphs = [("default-graph-uri", g) for g in default_graphs or ()]
            graphs += [("named-graph-uri", g) for g in named_graphs or ()]
            answer = self._asked(_declared(text), graphs, text, bounds)
        if isinstance(form, RdfFormat):
            return serialize(_read_triples(answer), format=form) or b""
        found = parse_query_results(answer.content, format=QueryResultsFormat.JSON)
        return found.serialize(format=form) or b""

    def _asked_of_ours(self, text: str, bounds: Bounds | None = None) -> Reply:
        declared, named = _declared(text), self.graphs()
        about = with_dataset(declared, UNION, named)
        if about is not None:
            return self._asked(about, [], text, bounds)
        graphs = [("default-graph-uri", UNION.value), *(("named-graph-uri", g.value) for g in named)]
        return self._asked(declared, graphs, text, bounds)

    def raw(self, text: str) -> Answer:
        """Answer a query over all that the server has, as it has it."""
        return _read_results(self._asked(text, [], text).content, None)

    def _asked(
        self, text: str, graphs: Sequence[tuple[str, str]], shown: str, bounds: Bounds | None = None
    ) -> Reply:
        form = form_of(shown)
        if form is None:
            raise not_sparql(shown, "it is neither SELECT, ASK, CONSTRUCT nor DESCRIBE", None)
        accept = {"Accept": _TRIPLES if form in _OF_TRIPLES else _RESULTS}
        request = Request("POST", self.endpoint.query, [("query", text), *graphs], accept)
        answer = self._line.exchange(request, bounds or self._bounds)
        if answer.status == 400:
            raise not_sparql(shown, answer.text[:500] or "the server says no more", None)
        return _checked(answer, self.endpoint.query)

    def update(self, text: str, *, once: bool = False) -> None:
        """Change what the server has; `once` where sending the same twice would not be the same.

        Raises:
            Misuse: no address for updates is known.
            Unreachable: the server does not answer, or refuses.
        """
        if self.endpoint.update is None:
            msg = "to load, name the address for updates too: --update URL"
            raise Misuse(msg)
        bounds = replace(self._bounds, tries=1) if once else self._bounds
        answer = self._line.exchange(Request("POST", self.endpoint.update, [("update", text)]), bounds)
        _checked(answer, self.endpoint.update)
        self._names = None

    def add_to(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        """Add statements to a graph, a batch a request; sent twice they are there once."""
        waiting, size = iter(triples), _BATCH if self.endpoint.data else _BATCH_AS_TEXT
        while batch := list(islice(waiting, size)):
            content = serialize(batch, format=RdfFormat.N_TRIPLES) or b""
            if self.endpoint.data is None:
                self.update(f"INSERT DATA {{ GRAPH {graph} {{\n{content.decode()}}} }}")
            else:
                about = ({"Content-Type": _TRIPLES}, {"graph": graph.value})
                request = Request("POST", self.endpoint.data, content, *about)
                _checked(self._line.exchange(request, self._bounds), self.endpoint.data)
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
            if graph != UNION:
                self.update(f"INSERT DATA {{ GRAPH {MARK} {{ {DATASET} {PART} {graph} }} }}")

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
            rows = self.raw(f"SELECT ?g WHERE {{ GRAPH {MARK} {{ {DATASET} {PART} ?g }} }}").records()
            self._names = [NamedNode(name) for name in sorted(row["g"] for row in rows)]
        return self._names

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()


def _checked(answer: Reply, address: str) -> Reply:
    if answer.status in {401, 403}:
        msg = f"{address} refuses ({answer.status}): name a user with --user, --digest, or a token"
        raise Misuse(msg)
    if answer.elsewhere and 300 <= answer.status < 400:
        msg = f"{address} sends on to {answer.elsewhere}; name that address"
        raise Misuse(msg)
    if answer.status >= 300:
        said = answer.text[:300]
        msg = f"{address} answers {answer.status}{f': {said}' if said else ''}"
        raise Unreachable(msg)
    return answer


def _declared(text: str) -> str:
    """Return a query with the prefixes that it uses and does not declare, on its first line."""
    declared = set(re.findall(r"\bPREFIX\s+([A-Za-z][\w-]*):", text, re.IGNORECASE))
    used = {name for name in _USED.findall(text) if name in PREFIXES} - declared
    return "".join([f"BASE <{BASE}> ", *(f"PREFIX {p}: <{PREFIXES[p]}> " for p in sorted(used)), text])


def _canonical(term: Term | None) -> Term | None:
    """Return a value in the form in which the embedded engine has it; servers write some in others.

    >>> _canonical(Literal("1", datatype=NamedNode(_XSD + "boolean"))).value
    'true'
    >>> _canonical(Literal("1.50", datatype=NamedNode(_XSD + "decimal"))).value
    '1.5'
    """
    if not isinstance(term, Literal):
        return term
    kind, form = term.datatype.value.removeprefix(_XSD), term.value
    if kind == "boolean":
        form = _TRUTHS.get(form, form)
    elif kind in {"decimal", "double", "float"} and _FRACTION.fullmatch(form):
        form = form.rstrip("0").rstrip(".")
    return term if form == term.value else Literal(form, datatype=term.datatype)


def _read_triples(answer: Reply) -> Iterator[Triple]:
    form = RdfFormat.from_media_type(answer.kind.partition(";")[0]) or RdfFormat.N_TRIPLES
    try:
        for quad in parse(answer.content, format=form):
            yield Triple(quad.subject, quad.predicate, _canonical(quad.object))  # type: ignore[arg-type]
    except SyntaxError as error:
        msg = f"the server's answer cannot be read: {error}"
        raise BadQuery(msg) from error


def _read_results(content: bytes, limit: int | None) -> Answer:
    try:
        found: Any = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(found, QueryBoolean):
            return Answer(truth=bool(found))
        names = tuple(v.value for v in found.variables)
        if names == (_TRUTH,):
            return Answer(truth=any(plain(value) != "0" for row in found for value in row))
        return Answer(names, tuple(tuple(map(_canonical, row)) for row in islice(found, limit)))
    except (SyntaxError, ValueError) as error:
        msg = f"the server's answer cannot be read: {error}"
        raise BadQuery(msg) from error
