"""The union that every query sees as its default graph, in the text that a store is filled from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from milia.names import is_default_graph

__all__ = ["loadable", "with_union"]


def loadable(lines: Mapping[str, list[bytes]]) -> bytes:
    """Return lines of N-Quads by graph, those of the union once more without it, as a store holds them."""
    return b"".join(_of_graphs(lines))


def _of_graphs(lines: Mapping[str, list[bytes]]) -> Iterator[bytes]:
    for graph, found in lines.items():
        yield from found
        if is_default_graph(graph):
            size = len(f" <{graph}> .\n".encode())
            yield from (line[:-size] + b" .\n" for line in found)


def with_union(content: bytes) -> bytes:
    """Return N-Quads that a build wrote as a store holds them; every line stands in a named graph."""
    return b"".join(_of_text(content))


def _of_text(content: bytes) -> Iterator[bytes]:
    known: dict[bytes, bool] = {}
    for line in content.splitlines(keepends=True):
        yield line
        start = line.rfind(b" <")
        graph = line[start + 2 : -4]
        if graph not in known:
            known[graph] = is_default_graph(graph.decode(errors="replace"))
        if known[graph]:
            yield line[:start] + b" .\n"
