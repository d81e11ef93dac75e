"""The two pipelines that the benchmark sets side by side, each run as a process of its own.

`python sides.py SIDE JOB OUT` reads what to do from the JSON file JOB and writes to OUT how long each stage
took, the peak memory, and the answers in one normal form that both sides share. What brings the answers into
that form is neither timed nor counted as memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")
Row = tuple[Any, ...]

# what a closure says of the vocabularies, of nodes without a name, and of everything: left out on both sides
_OUTSIDE = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/2001/XMLSchema#",
    "https://w3id.org/milia/node/",
)
_VAGUE = {_OUTSIDE[2] + "Thing", _OUTSIDE[1] + "Resource"}


class Clock:
    """How long each stage took, in seconds."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._start = time.perf_counter()

    def time(self, stage: str, work: Callable[[], Value]) -> Value:
        start = time.perf_counter()
        value = work()
        self.stages[stage] = time.perf_counter() - start
        return value

    def finish(self) -> None:
        self.stages["whole"] = time.perf_counter() - self._start


def run_milia(job: dict[str, Any]) -> dict[str, Any]:
    """Run Milia's own stages, as its build does."""
    clock = Clock()
    from pyoxigraph import NamedNode

    from milia.catalog import Catalog
    from milia.derive import derive
    from milia.load import load
    from milia.paths import Home
    from milia.shapes import read_shapes, validate
    from milia.store import Store, empty_store

    home = Home(Path(job["home"]))
    sources = clock.time("parse", lambda: load(home))
    derivation = clock.time("closure", lambda: derive(home, sources))

    def validated() -> int:
        triples = dict.fromkeys(t for f in sources.files if not f.rows for t in f.triples)
        return len(validate(triples, read_shapes(home)))

    results = clock.time("validation", validated)

    def filled() -> Store:
        store = empty_store()
        store.add(chain(sources.quads(), derivation.quads()))
        return store

    store = clock.time("store", filled)
    questions = Catalog(home).all("answers")
    answers = clock.time("answers", lambda: [store.query(q.text) for q in questions])
    clock.finish()
    memory = _peak()

    def iris(row: Row) -> Row:
        return tuple(t.value if isinstance(t, NamedNode) else None for t in row)

    closure = [iris(row) for row in derivation.engine.terms("T")]
    return {
        "stages": clock.stages,
        "memory": memory,
        "parse": sorted({str(t) for f in sources.files if not f.rows for t in f.triples}),
        "closure": sorted(_closed(closure)),
        "validation": results,
        "store": sum(1 for _ in store.quads()),
        "answers": {
            q.name: _rows(a.variables, a.rows if a.triples is None else _spo(a.triples), _of_oxigraph)
            for q, a in zip(questions, answers, strict=True)
        },
    }


def _spo(triples: Iterable[Any]) -> list[Row]:
    return sorted(((t.subject, t.predicate, t.object) for t in triples), key=str)


def _of_oxigraph(term: Any) -> list[str | None] | None:
    if term is None:
        return None
    return [term.value, getattr(term, "language", None), _datatype(term)]


def _datatype(term: Any) -> str | None:
    datatype = getattr(term, "datatype", None)
    return None if datatype is None or term.language else datatype.value


def run_plain(job: dict[str, Any]) -> dict[str, Any]:
    """Run the plain pipeline: rdflib, owlrl and pyshacl, on the same files and the same graph."""
    clock = Clock()
    import owlrl
    import pyshacl
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
    from rdflib.plugins.sparql import prepareQuery

    def parsed(paths: Iterable[str], form: str = "turtle") -> rdflib.Graph:
        graph = rdflib.Graph()
        for path in paths:
            graph.parse(path, format=form)
        return graph

    files = clock.time("parse", lambda: {name: parsed([path]) for name, path in job["files"].items()})

    def closed() -> rdflib.Graph:
        graph = parsed([job["facts"]], "nt")
        for name in job["asserted"]:
            graph += files[name]
        semantics = owlrl.OWLRL_Semantics  # type: ignore[attr-defined]
        owlrl.DeductiveClosure(semantics).expand(graph)  # type: ignore[no-untyped-call]
        return graph

    closure = clock.time("closure", closed)

    def validated() -> int:
        graph = rdflib.Graph()
        for file in files.values():
            graph += file
        _, report, _ = pyshacl.validate(graph, shacl_graph=parsed(job["shapes"]), advanced=True)
        return sum(1 for _ in report.objects(None, rdflib.SH.result))

    results = clock.time("validation", validated)

    data = clock.time("store", lambda: _dataset(job["graph"], job["union"]))

    def asked() -> list[rdflib.query.Result]:
        prepared = [prepareQuery(text, base=job["base"]) for text in job["queries"].values()]
        found = [data.query(query) for query in prepared]
        for result in found:
            list(result)  # rdflib answers as it is read
        return found

    answers = clock.time("answers", asked)
    clock.finish()
    memory = _peak()

    named = rdflib.URIRef
    triples = (tuple(str(t) if isinstance(t, named) else None for t in row) for row in closure)
    return {
        "stages": clock.stages,
        "memory": memory,
        "parse": sorted({line for graph in files.values() for line in _skolemised(graph)}),
        "closure": sorted(_closed(triples)),
        "validation": results,
        "store": sum(len(g) for g in data.graphs() if g.identifier != DATASET_DEFAULT_GRAPH_ID),
        "answers": {
            name: _rows([str(v) for v in a.vars or ()], _found(a), _of_rdflib)
            for name, a in zip(job["queries"], answers, strict=True)
        },
    }


def _found(result: Any) -> list[Row]:
    rows = [tuple(row) for row in result]
    return rows if result.type == "SELECT" else sorted(rows, key=str)


def _of_rdflib(term: Any) -> list[str | None] | None:
    if term is None:
        return None
    language = getattr(term, "language", None)
    datatype = getattr(term, "datatype", None)
    if type(term).__name__ == "Literal":
        datatype = None if language else str(datatype or _OUTSIDE[3] + "string")
    return [str(term), language, datatype]


def _skolemised(graph: Any) -> list[str]:
    """Return a graph's statements as Milia's own parse names them, for comparison."""
    from pyoxigraph import RdfFormat, parse

    from milia.load import skolemise

    content = graph.serialize(format="nt", encoding="utf-8")
    return [str(t) for t in skolemise(q.triple for q in parse(content, format=RdfFormat.N_TRIPLES))]


def _closed(rows: Iterable[Row]) -> set[Row]:
    """Keep what a closure says between named things: no literals, nothing that is true of anything."""
    return {
        row
        for row in rows
        if all(isinstance(t, str) and ":" in t for t in row)
        and row[0] != row[2]
        and not row[0].startswith(_OUTSIDE)
        and not row[2].startswith(_OUTSIDE[-1])
        and row[2] not in _VAGUE
    }


def _rows(names: Iterable[str], rows: Iterable[Row], plain: Callable[[Any], Any]) -> list[Any]:
    return [list(names), [[plain(term) for term in row] for row in rows]]


def _dataset(path: str, union: Iterable[str]) -> Any:
    """Return the built graph, with a copy of the graphs every query sees as the default graph."""
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

    data = rdflib.Dataset()
    data.parse(path, format="nquads")
    default = data.graph(DATASET_DEFAULT_GRAPH_ID)
    for name in union:
        default += data.graph(rdflib.URIRef(name))
    return data


def _peak() -> float:
    """Return the most memory that this process held, in megabytes.

    Linux hands the peak of the process that started this one down to `getrusage`; VmHWM is our own alone.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(n for n in status.read_text(encoding="utf-8").splitlines() if n.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    side, job_file, last = sys.argv[1:]
    told = json.loads(Path(job_file).read_text(encoding="utf-8"))
    done = (run_milia if side == "milia" else run_plain)(told)
    Path(last).write_text(json.dumps(done), encoding="utf-8")
