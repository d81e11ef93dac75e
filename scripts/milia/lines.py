"""Statements as sorted lines of N-Quads: what a build writes."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from milia.load import Sources
from milia.names import derived_graph

__all__ = ["graph_lines"]


def graph_lines(sources: Sources, derived: Mapping[str, list[Triple]]) -> dict[str, list[bytes]]:
    """Return the statements of each graph, sorted, as N-Quads: of the files, and what was derived."""
    graphs: dict[NamedNode, list[Triple]] = {}
    for file in sources.files:
        graphs.setdefault(file.graph, []).extend(file.triples)
    for name, triples in derived.items():
        graphs.setdefault(derived_graph(name), []).extend(triples)
    lines = {}
    for graph in sorted(graphs, key=lambda g: g.value):
        said = (serialize(graphs[graph], format=RdfFormat.N_TRIPLES) or b"").splitlines()
        end = f" {graph} .\n".encode()
        lines[graph.value] = [t.removesuffix(b" .") + end for t in sorted(set(said))]
    return lines
