"""What an exporter is given: statements in a fixed order, and whether they are the whole dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Quad, Triple

from milia.names import PREFIXES, derived_graph, plain
from milia.paths import Home

__all__ = ["Selection", "in_order"]

_TYPE = PREFIXES["rdf"] + "type"
_DISPUTED = derived_graph("disputed")
_NODES = (PREFIXES["fact"], PREFIXES["node"])


@dataclass(frozen=True)
class Selection:
    """Statements to be written."""

    quads: tuple[Quad, ...]
    home: Home
    whole: bool = False

    def union(self) -> list[Triple]:
        """Return the statements without their graphs, for formats that carry none.

        A disputed or denied triple does not stand as a plain statement outside its graph: it would read as a
        fact. Its node, with the claims for and against it, is kept.
        """
        triples = {
            q.triple: None
            for q in self.quads
            if q.graph_name != _DISPUTED or plain(q.subject).startswith(_NODES)
        }
        return sorted(triples, key=_triple_key)


def _triple_key(t: Triple) -> tuple[str, str, str]:
    predicate = t.predicate.value
    return (str(t.subject), "" if predicate == _TYPE else predicate, str(t.object))


def in_order(quads: Iterable[Quad]) -> list[Quad]:
    """Sort quads by graph, subject, predicate (types first) and object."""
    return sorted(quads, key=lambda q: (str(q.graph_name), *_triple_key(q.triple)))
