"""Load a build onto a server: into graphs beside those in use, which take their place at the end.

Who asks meanwhile sees the old build. A run that broke off goes on where it stopped: graphs that are whole
beside are not sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from milia.errors import MiliaError
from milia.names import BASE, expand, is_default_graph
from milia.store.exchange import Unreachable
from milia.store.remote import DATASET, MARK, PART, UNION, RemoteStore

__all__ = ["load", "loaded"]

_IDENTIFIER: Final = expand("dcterms:identifier")
_BESIDE: Final = NamedNode(BASE + "graph/beside")  # lists the graphs that are being loaded
_DROPS: Final = 50  # graphs that one request removes
Progress = Callable[[int, int], None]


def loaded(store: RemoteStore) -> str | None:
    """Return the SHA-256 of the build that is on a server, or None where there is none."""
    rows = store.raw(f"SELECT ?id WHERE {{ GRAPH {MARK} {{ {DATASET} {_IDENTIFIER} ?id }} }}").records()
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
        _tidy(store)
        return 0
    wanted = _by_graph(quads)
    beside = {
        graph: NamedNode(f"{BASE}staging/{key[:12]}/{graph.value.removeprefix(BASE)}") for graph in wanted
    }
    sent = _send(store, wanted, beside, progress)
    _check_whole(store, wanted, beside)
    gone = [graph for graph in store.graphs() if graph not in wanted]
    _swap(store, beside, key)
    _tidy(store, gone)
    return sent


def _send(
    store: RemoteStore,
    wanted: dict[NamedNode, list[Triple]],
    beside: dict[NamedNode, NamedNode],
    progress: Progress,
) -> int:
    """Send what is not there yet into the graphs beside; return how many statements that were."""
    store.update(f"INSERT DATA {{ GRAPH {_BESIDE} {{ {_parts(beside.values())} }} }}")
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
    return sent


def _by_graph(quads: Iterable[Quad]) -> dict[NamedNode, list[Triple]]:
    found: dict[NamedNode, dict[Triple, None]] = defaultdict(dict)
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        found[quad.graph_name][quad.triple] = None
        if is_default_graph(quad.graph_name.value):
            found[UNION][quad.triple] = None
    return {graph: list(found[graph]) for graph in sorted(found, key=str)}


def _parts(graphs: Iterable[NamedNode]) -> str:
    return " ".join(f"{DATASET} {PART} {graph} ." for graph in graphs)


def _sizes(store: RemoteStore) -> dict[str, int]:
    """Count the statements of the graphs beside; what else the server has is not looked at."""
    listed = f"GRAPH {_BESIDE} {{ {DATASET} {PART} ?g }} GRAPH ?g {{ ?s ?p ?o }}"
    rows = store.raw(f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ {listed} }} GROUP BY ?g").records()
    return {row["g"]: int(row["n"]) for row in rows if "g" in row}


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


def _swap(store: RemoteStore, beside: dict[NamedNode, NamedNode], key: str) -> None:
    """Put the new graphs in the place of the old, in one request: all or none, with transactions.

    Three statements that name all graphs, not one for each graph: some servers compile a request as a whole.
    """
    old = f"VALUES ?g {{ {' '.join(map(str, [*store.graphs(), UNION]))} }}"
    new = f"VALUES (?beside ?g) {{ {' '.join(f'({b} {g})' for g, b in beside.items())} }}"
    mark = f"{DATASET} {_IDENTIFIER} {Literal(key)} . {_parts(g for g in beside if g != UNION)}"
    steps = (
        f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ {old} GRAPH ?g {{ ?s ?p ?o }} }}",
        f"INSERT {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ {new} GRAPH ?beside {{ ?s ?p ?o }} }}",
        f"DELETE WHERE {{ GRAPH {MARK} {{ {DATASET} ?p ?o }} }}",
        f"INSERT DATA {{ GRAPH {MARK} {{ {mark} }} }}",
    )
    try:
        store.update(" ;\n".join(steps), once=True)
    except MiliaError:
        if loaded(store) != key:  # else it was done, and the answer was lost
            raise


def _tidy(store: RemoteStore, gone: Sequence[NamedNode] = ()) -> None:
    """Remove what was loaded beside, by this run and by others, and the names of graphs that are gone."""
    rows = store.raw(f"SELECT ?g WHERE {{ GRAPH {_BESIDE} {{ {DATASET} {PART} ?g }} }}").records()
    if not rows and not gone:
        return
    left = [*gone, *(NamedNode(row["g"]) for row in rows), _BESIDE]
    for start in range(0, len(left), _DROPS):
        store.update(" ;\n".join(f"DROP SILENT GRAPH {graph}" for graph in left[start : start + _DROPS]))
