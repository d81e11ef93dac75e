"""What an exporter is given: statements in a fixed order, and whether they are the whole dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pyoxigraph import NamedNode, Quad, Triple

from milia.kg import KnowledgeGraph
from milia.names import PREFIXES, curie, derived_graph, plain
from milia.paths import Home
from milia.product import read_graph

__all__ = ["Selection", "everything", "in_order", "prefixes_of"]

_TYPE = f" <{PREFIXES['rdf']}type> "
_DISPUTED = derived_graph("disputed")
_NODES = (PREFIXES["fact"], PREFIXES["node"])
# a local name with a slash would need escapes: such IRIs are written whole
_WITH_SLASHES = {"claim", "graph", "scheme"}


@dataclass(frozen=True)
class Selection:
    """Statements to be written."""

    quads: tuple[Quad, ...]
    home: Home
    whole: bool = False

    @cached_property
    def union(self) -> tuple[Triple, ...]:
        """Return the statements without their graphs, for formats that carry none.

        A disputed or denied triple does not stand as a plain statement outside its graph: it would read as a
        fact. Its node, with the claims for and against it, is kept.
        """
        triples = {
            q.triple: None
            for q in self.quads
            if q.graph_name != _DISPUTED or plain(q.subject).startswith(_NODES)
        }
        return tuple(sorted(triples, key=_key))

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Return the prefixes that occur in the statements."""
        return prefixes_of(self.quads)


@lru_cache(maxsize=1)
def everything(kg: KnowledgeGraph) -> Selection:
    """Return all statements of a graph, in order, from the built file: that is faster than from the store."""
    quads = read_graph(kg.home.build / "graph.nq", kg.key or None)
    return Selection(tuple(in_order(quads)), kg.home, whole=True)


def _key(triple: Triple) -> str:
    """Return what a triple is sorted by: its N-Triples form, in which types come before all else."""
    return str(triple).replace(_TYPE, " ! ", 1)


def in_order(quads: Iterable[Quad]) -> list[Quad]:
    """Sort quads by graph, subject, predicate (types first) and object."""
    return sorted(quads, key=lambda q: f"{q.graph_name} {_key(q.triple)}")


def prefixes_of(statements: Iterable[Triple | Quad]) -> dict[str, str]:
    """Return the prefixes that occur in statements."""
    terms = {t for s in statements for t in (s.subject, s.predicate, s.object) if isinstance(t, NamedNode)}
    alike: dict[str, list[str]] = {}  # by namespace: of many names in one, the first will do
    for term in terms:
        iri = term.value
        alike.setdefault(iri[: max(iri.rfind("/"), iri.rfind("#")) + 1], []).append(iri)
    used = {next((c for iri in iris if (c := curie(iri))), "").partition(":")[0] for iris in alike.values()}
    return {name: iri for name, iri in PREFIXES.items() if name in used - _WITH_SLASHES}
