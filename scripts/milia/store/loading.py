"""Load a build onto a server: into graphs beside those in use, which take their place at the end.

Who asks meanwhile sees the old build. A run that broke off goes on where it stopped: graphs that are whole
beside are not sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from milia.errors import MiliaError
from milia.names import BASE, expand, is_default_graph
from milia.store.exchange import Unreachable
from milia.store.remote import MARK, UNION, RemoteStore

__all__ = ["load", "loaded"]

_DATASET: Final = NamedNode(BASE + "dataset")
_IDENTIFIER: Final = expand("dcterms:identifier")
Progress = Callable[[int, int], None]


def loaded(store: RemoteStore) -> str | None:
    """Return the SHA-256 of the build that is on a server, or None where there is none."""
    rows = store.raw(f"SELECT ?id WHERE {{ GRAPH {MARK} {{ {_DATASET} {_IDENTIFIER} ?id }} }}").records()
    return rows[0]["id"] if rows else None


def load(store: RemoteStore, quads: Iterable[Quad], key: str, progress: Progress = lambda *_: None) -> int:
    """Put a build onto a server in the place of what is there; return how many statements were sent.

    Args:
        store: the server.
        quads: the statements of the build.
        key: the SHA-256 of the build.
        progress: is told how many statements are there, and of how many.

    Raises:
        Unreachable: the server does not answer; the old build is still in use, and the next run goes on.
        Misuse: the server refuses.
    """
    if loaded(store) == key:
        return 0
    wanted = _by_graph(quads)
    beside = {
        graph: NamedNode(f"{BASE}staging/{key[:12]}/{graph.value.removeprefix(BASE)}") for graph in wanted
    }
    known = _sizes(store)
    of, done, sent = sum(map(len, wanted.values())), 0, 0
    for graph, triples in wanted.items():
        there = known.get(beside[graph].value, 0)
        if there != len(triples):
            if there:
                store.update(f"DROP SILENT GRAPH {beside[graph]}")
            store.add_to(beside[graph], triples)
            sent += len(triples)
        done += len(triples)
        progress(done, of)
    _check_whole(store, wanted, beside)
    _swap(store, wanted, beside, key)
    return sent


def _by_graph(quads: Iterable[Quad]) -> dict[NamedNode, list[Triple]]:
    found: dict[NamedNode, dict[Triple, None]] = defaultdict(dict)
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        found[quad.graph_name][quad.triple] = None
        if is_default_graph(quad.graph_name.value):
            found[UNION][quad.triple] = None
    return {graph: list(found[graph]) for graph in sorted(found, key=str)}


def _sizes(store: RemoteStore) -> dict[str, int]:
    rows = store.raw("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g").records()
    return {row["g"]: int(row["n"]) for row in rows if row.get("g", "").startswith(BASE)}


def _check_whole(
    store: RemoteStore, wanted: dict[NamedNode, list[Triple]], beside: dict[NamedNode, NamedNode]
) -> None:
    known = _sizes(store)
    for graph, triples in wanted.items():
        there = known.get(beside[graph].value, 0)
        if there != len(triples):
            msg = (
                f"the server has {there} statements of {graph.value} where {len(triples)} were sent; "
                "the old build is still in use"
            )
            raise Unreachable(msg)


def _swap(
    store: RemoteStore, wanted: dict[NamedNode, list[Triple]], beside: dict[NamedNode, NamedNode], key: str
) -> None:
    """Put the new graphs in the place of the old, in one request: all or none, with transactions."""
    gone = [graph for graph in store.graphs() if graph not in wanted]
    left = [name for name in _sizes(store) if name.startswith(f"{BASE}staging/")]
    steps = [f"DROP SILENT GRAPH {graph}" for graph in gone]
    steps += [f"MOVE SILENT GRAPH {beside[graph]} TO GRAPH {graph}" for graph in wanted]
    steps += [f"DROP SILENT GRAPH <{name}>" for name in left if NamedNode(name) not in beside.values()]
    mark = f"{_DATASET} {_IDENTIFIER} {Literal(key)}"
    steps += [f"DROP SILENT GRAPH {MARK}", f"INSERT DATA {{ GRAPH {MARK} {{ {mark} }} }}"]
    try:
        store.update(" ;\n".join(steps), once=True)
    except MiliaError:
        if loaded(store) != key:  # else it was done, and the answer was lost
            raise
