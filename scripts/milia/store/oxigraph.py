"""The embedded engine: pyoxigraph, in memory or on disk.

The union that every query sees as its default graph is kept as such, beside the named graphs: a lookup then
asks one graph instead of some thirty, and a statement that stands in two of them counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryBoolean, QuerySolutions, RdfFormat, Triple
from pyoxigraph import Store as OxiStore

from milia.errors import BadQuery, BadSource
from milia.names import BASE, PREFIXES, is_default_graph, plain
from milia.store.base import Answer, not_sparql

__all__ = ["VERSION", "OxigraphStore"]

VERSION = f"{pyoxigraph.__version__}-2"  # raise the number when what is put into a store changes


class OxigraphStore:
    """A pyoxigraph store whose default graph is the union DESIGN names."""

    name = "oxigraph"

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open the store at `path`, or an empty one in memory."""
        self._read_only = read_only
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
        try:
            self._store.bulk_load(content, format=RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise BadSource("graph.nq", error.lineno, "is damaged", "run 'milia build'") from error
        parts = (
            self._store.dump(format=RdfFormat.N_TRIPLES, from_graph=g) or b""
            for g in self.graphs()
            if is_default_graph(g.value)
        )
        self._store.bulk_load(b"".join(parts), format=RdfFormat.N_TRIPLES)

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query over the union default graph; beyond the limit nothing is looked for."""
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

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterable[Quad]:
        """Yield the quads of these graphs, or of all."""
        for graph in self.graphs() if graphs is None else graphs:
            yield from self._store.quads_for_pattern(None, None, None, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""
        return sorted(
            (g for g in self._store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value
        )

    def close(self) -> None:
        """Write what is pending to disk."""
        if not self._read_only:
            self._store.flush()


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
