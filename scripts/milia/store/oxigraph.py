"""The embedded engine: pyoxigraph, in memory or on disk.

The union that every query sees as its default graph is kept as such, beside the named graphs: a lookup then
asks one graph instead of some thirty, and a statement that stands in two of them counts once.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pyoxigraph
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
)
from pyoxigraph import Store as OxiStore

from milia.errors import BadQuery, BadSource
from milia.names import BASE, PREFIXES, is_default_graph, plain
from milia.store.base import Answer, not_sparql
from milia.union import with_union

__all__ = ["VERSION", "OxigraphStore"]

Found = TypeVar("Found")
VERSION = f"{pyoxigraph.__version__}-3"  # raise the number when what is put into a store changes


class OxigraphStore:
    """A pyoxigraph store whose default graph is the union DESIGN names."""

    name = "oxigraph"

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        remake: Callable[[], Path] | None = None,
    ) -> None:
        """Open the store at `path`, or an empty one in memory.

        Args:
            path: the store's folder.
            read_only: whether it is only asked.
            remake: makes the store anew where a query finds it damaged, and returns its folder.
        """
        self._read_only, self._remake = read_only, remake
        if path is None:
            self._store = OxiStore()
        elif read_only:
            self._store = OxiStore.read_only(str(path))
        else:
            self._store = OxiStore(str(path))

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads in one go; those of the union go into the default graph too."""
        self._store.bulk_extend(_with_union(quads))

    def load(self, content: bytes) -> None:
        """Add the quads of an N-Quads text; those of the union go into the default graph too.

        Raises:
            BadSource: the text is not N-Quads.
        """
        self.load_both(content)
        parts = (
            self._store.dump(format=RdfFormat.N_TRIPLES, from_graph=g) or b""
            for g in self.graphs()
            if is_default_graph(g.value)
        )
        self._store.bulk_load(b"".join(parts), format=RdfFormat.N_TRIPLES)

    def load_both(self, content: bytes | BinaryIO) -> None:
        """Add the quads of an N-Quads text in which those of the union stand in the default graph already.

        Raises:
            BadSource: the text is not N-Quads.
        """
        try:
            self._store.bulk_load(content, format=RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise BadSource("graph.nq", error.lineno, "is damaged", "run 'milia build'") from error

    def change(self, gone: bytes, came: bytes) -> None:
        """Take lines of N-Quads out and put others in; the union keeps what another of its graphs still has.

        Raises:
            BadSource: one of the texts is not N-Quads.
        """
        quads = list(parse(gone, format=RdfFormat.N_QUADS))
        for quad in quads:
            self._store.remove(quad)
        for quad in quads:
            s, p, o = quad.triple
            left = self._store.quads_for_pattern(s, p, o, None)
            if not any(
                isinstance(q.graph_name, NamedNode) and is_default_graph(q.graph_name.value) for q in left
            ):
                self._store.remove(Quad(s, p, o, DefaultGraph()))
        self.load_both(with_union(came))

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query over the union default graph; beyond the limit nothing is looked for."""
        return self._mended(lambda: self._answer(text, limit))

    def _mended(self, ask: Callable[[], Found]) -> Found:
        """Ask, and ask again of a store made anew where this one turns out to be damaged."""
        try:
            return ask()
        except (OSError, RuntimeError) as error:  # the engine has no error of its own
            if self._remake is None or "Corruption" not in str(error):
                raise
            self._store = OxiStore.read_only(str(self._remake()))
            self._remake = None
            return ask()

    def _answer(self, text: str, limit: int | None) -> Answer:
        try:
            result = self._store.query(text, base_iri=BASE, prefixes=PREFIXES)
        except SyntaxError as error:
            raise not_sparql(text, *_reason(str(error))) from error
        except ValueError as error:
            raise BadQuery(str(error)) from error
        if isinstance(result, QueryBoolean):
            return Answer(truth=bool(result))
        if isinstance(result, QuerySolutions):
            names = tuple(v.value for v in result.variables)
            return Answer(names, tuple(tuple(row) for row in islice(result, limit)))
        return Answer(triples=_taken(result, limit))

    def write(
        self,
        text: str,
        form: QueryResultsFormat | RdfFormat,
        most: int,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> bytes:
        """Return the answer to a query as it is sent, of so many bytes at most.

        Args:
            text: the query.
            form: a format of results for SELECT and ASK, one of RDF for the others.
            most: how many bytes the answer may have.
            default_graphs: graphs that make up the default graph, instead of the union.
            named_graphs: graphs that GRAPH may reach, instead of all.

        Raises:
            BadQuery: the text does not parse, or the answer is longer.
        """
        return self._mended(lambda: self._written(text, form, most, default_graphs, named_graphs))

    def _written(
        self,
        text: str,
        form: QueryResultsFormat | RdfFormat,
        most: int,
        default_graphs: Sequence[str] | None,
        named_graphs: Sequence[str] | None,
    ) -> bytes:
        dataset: dict[str, Any] = {}
        if default_graphs is not None or named_graphs is not None:
            dataset["default_graph"] = [NamedNode(g) for g in default_graphs or ()]
            dataset["named_graphs"] = [NamedNode(g) for g in named_graphs or ()]
        try:
            result = self._store.query(text, base_iri=BASE, prefixes=PREFIXES, **dataset)
            out = _Bounded(most)
            result.serialize(out, format=form)  # type: ignore[arg-type]  # a query's form goes with its results
        except SyntaxError as error:
            raise not_sparql(text, *_reason(str(error))) from error
        except OverflowError:
            msg = f"the answer has more than {most:,} bytes: ask for less, such as with LIMIT"
            raise BadQuery(msg) from None
        except ValueError as error:
            raise BadQuery(str(error)) from error
        return b"".join(out.parts)

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterable[Quad]:
        """Yield the quads of these graphs, or of all."""
        for graph in self.graphs() if graphs is None else graphs:
            yield from self._store.quads_for_pattern(None, None, None, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""
        return sorted(
            (g for g in self._store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value
        )

    def settle(self) -> None:
        """Wait until each table on disk is one that is sorted: while there are many, each is looked into."""
        self._store.optimize()

    def close(self) -> None:
        """Write what is pending to disk."""
        if not self._read_only:
            self._store.flush()


class _Bounded(io.RawIOBase):
    """Takes so many bytes and no more."""

    def __init__(self, most: int) -> None:
        self.left, self.parts = most, list[bytes]()

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:  # noqa: ANN401  what bytes can be made of
        content = bytes(part)
        self.left -= len(content)
        if self.left < 0:
            raise OverflowError
        self.parts.append(content)
        return len(content)


def _taken(triples: Iterable[Triple], limit: int | None) -> tuple[Triple, ...]:
    """Return different triples, so many at most."""
    found: dict[Triple, None] = {}
    for triple in triples:
        if limit is not None and len(found) >= limit:
            break
        found[triple] = None
    return tuple(found)


def _with_union(quads: Iterable[Quad]) -> Iterator[Quad]:
    union = DefaultGraph()
    for quad in quads:
        yield quad
        if is_default_graph(plain(quad.graph_name)):  # type: ignore[arg-type]
            yield Quad(quad.subject, quad.predicate, quad.object, union)


def _reason(message: str) -> tuple[str, int | None]:
    """Make the parser's message readable: without character classes, a told reason before a list of tokens.

    >>> _reason("error at 2:8: expected one of DISTINCT, [_], Prefix not found")
    ('Prefix not found (column 8)', 2)
    """
    found = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if not found:
        return message, None
    line, column, expected = found.groups()
    tokens = re.findall(r'"[^"\\]+"|\b[A-Za-z][A-Za-z ]*', re.sub(r"\[[^]]*\]", "", expected))
    told = next((t for t in tokens if " " in t), None)
    wanted = (
        f"expected {' or '.join(tokens[:5])}" if tokens else "unexpected text, or the text ends too early"
    )
    return f"{told or wanted} (column {column})", int(line)
