"""The embedded engine: pyoxigraph, in memory or on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, RdfFormat
from pyoxigraph import Store as OxiStore

from milia.errors import BadQuery
from milia.names import BASE, PREFIXES, is_default_graph
from milia.store.base import Answer

__all__ = ["OxigraphStore"]


class OxigraphStore:
    """A pyoxigraph store whose default graph is the union DESIGN names."""

    name = "oxigraph"

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open the store at `path`, or an empty one in memory."""
        if path is None:
            self._store = OxiStore()
        elif read_only:
            self._store = OxiStore.read_only(str(path))
        else:
            self._store = OxiStore(str(path))

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads in one go."""
        self._store.bulk_extend(quads)

    def load(self, path: Path) -> None:
        """Fill the store from an N-Quads file."""
        self._store.bulk_load(path=str(path), format=RdfFormat.N_QUADS)

    def query(self, text: str) -> Answer:
        """Answer a SPARQL 1.1 query over the union default graph."""
        try:
            result = self._store.query(
                text,
                base_iri=BASE,
                prefixes=PREFIXES,
                default_graph=[g for g in self.graphs() if is_default_graph(g.value)],
            )
        except SyntaxError as error:
            msg = f"this is not SPARQL: {error.msg or error}"
            raise BadQuery(msg) from error
        except ValueError as error:
            raise BadQuery(str(error)) from error
        if isinstance(result, QueryBoolean):
            return Answer(truth=bool(result))
        if isinstance(result, QuerySolutions):
            names = tuple(v.value for v in result.variables)
            return Answer(names, tuple(tuple(row) for row in result))
        return Answer(triples=tuple(dict.fromkeys(result)))

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterable[Quad]:
        """Yield the quads of these graphs, or of all."""
        if graphs is None:
            yield from self._store
        else:
            for graph in graphs:
                yield from self._store.quads_for_pattern(None, None, None, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""
        return sorted(
            (g for g in self._store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value
        )

    def close(self) -> None:
        """Write what is pending to disk."""
        self._store.flush()
