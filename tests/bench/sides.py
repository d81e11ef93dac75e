"""What the benchmark sets side by side, each run as a process of its own.

`python sides.py SIDE JOB OUT` reads what to do from the JSON file JOB and writes to OUT how long each stage
took, the peak memory, and the answers in one normal form that both sides share. What brings the answers into
that form is neither timed nor counted as memory.
"""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
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

    def time(self, stage: str, work: Callable[[], Value]) -> Value:
        start = time.perf_counter()
        value = work()
        self.stages[stage] = time.perf_counter() - start
        return value

    def often(self, stage: str, work: Callable[[], Value]) -> Value:
        """Time what may take less than the clock can tell; the median counts."""
        times = []
        for _ in range(3):
            value = self.time(stage, work)
            times.append(self.stages[stage])
        self.stages[stage] = median(times)
        return value


def run_milia(job: dict[str, Any]) -> dict[str, Any]:
    """Run Milia's own stages, as its build does, and write down what the other side is to work on."""
    clock = Clock()
    from milia.catalog import Catalog
    from milia.derive import derive
    from milia.load import load
    from milia.names import is_default_graph
    from milia.paths import Home
    from milia.shapes import read_shapes, validate
    from milia.store import Store, empty_store

    home = Home(Path(job["home"]))
    sources = clock.time("parse", lambda: load(home))
    derivation = clock.time("closure", lambda: derive(home, sources))
    triples = dict.fromkeys(t for f in sources.files if not f.rows for t in f.triples)
    results = clock.time("validation", lambda: validate(triples, read_shapes(home)))

    def filled() -> Store:
        store = empty_store()
        store.add(chain(sources.quads(), derivation.quads()))
        return store

    store = clock.time("store", filled)
    questions = {q.name: q.text for q in Catalog(home).all("answers")}
    answers = {name: clock.often(f"? {name}", partial(store.query, q)) for name, q in questions.items()}
    memory = _peak()

    Path(job["facts"]).write_text(
        "".join(f"{s} {p} {o} .\n" for s, p, o in derivation.engine.terms("Fact")), encoding="utf-8"
    )
    Path(job["graph"]).write_text("".join(f"{q} .\n" for q in store.quads()), encoding="utf-8")
    names = [f.name for f in sources.files if not f.rows]  # tables are no Turtle
    return {
        "stages": clock.stages,
        "memory": memory,
        "files": {name: str(home.root / name) for name in names},
        "asserted": [n for n in names if n.startswith(("ontology/", "data/concepts/"))],
        "union": [g.value for g in store.graphs() if is_default_graph(g.value)],
        "questions": questions,
        "sources": sum(len(f.triples) for f in sources.files),
        "parse": _digest(str(t) for t in triples),
        "closure": _digest(_closed(_iris(row) for row in derivation.engine.terms("T"))),
        "validation": _digest(_fault(r) for r in results),
        "store": sum(1 for _ in store.quads()),
        "answers": {
            name: _rows(a.variables, a.rows if a.triples is None else _spo(a.triples), _of_oxigraph)
            for name, a in answers.items()
        },
    }


def _iris(row: Row) -> Row:
    from pyoxigraph import NamedNode

    return tuple(t.value if isinstance(t, NamedNode) else None for t in row)


def _as_lines(paths: Iterable[str]) -> bytes:
    """Return Turtle files as N-Triples."""
    from pyoxigraph import RdfFormat, parse

    triples = (
        q.triple for path in paths for q in parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)
    )
    return "".join(f"{t} .\n" for t in triples).encode()


def _fault(result: Any) -> Row:
    # rdflib rewrites some values as it reads them (Z becomes +00:00), so they are not compared
    return result.focus, result.message, result.severity, result.component, result.path


def _digest(rows: Iterable[Any]) -> list[Any]:
    """Return how many different rows there are, and one checksum of them all."""
    lines = sorted({json.dumps(row, ensure_ascii=False) for row in rows})
    return [len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()]


def _spo(triples: Iterable[Any]) -> list[Row]:
    return sorted(((t.subject, t.predicate, t.object) for t in triples), key=str)


def _of_oxigraph(term: Any) -> list[str | None] | None:
    if term is None:
        return None
    return _plain(term.value, getattr(term, "language", None), _datatype(term))


def _datatype(term: Any) -> str | None:
    datatype = getattr(term, "datatype", None)
    return None if datatype is None or term.language else datatype.value


def run_plain(job: dict[str, Any]) -> dict[str, Any]:
    """Run the plain pipeline: rdflib, owlrl and pyshacl, on the same files and the same graph."""
    clock = Clock()
    import pyshacl
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
    from rdflib.plugins.sparql import prepareQuery

    from milia.shapes import _results as results_of

    def parsed(paths: Iterable[str], form: str = "turtle") -> rdflib.Graph:
        graph = rdflib.Graph()
        for path in paths:
            graph.parse(path, format=form)
        return graph

    done: dict[str, Any] = {"stages": clock.stages, "memory": 0.0, "answers": {}}
    files = clock.time("parse", lambda: {name: parsed([path]) for name, path in job["files"].items()})
    if "closure" in job["stages"]:
        facts = parsed([job["facts"]], "nt")
        for name in job["asserted"]:
            facts += files[name]
        clock.time("closure", lambda: _expand(facts))
        rows = (tuple(str(t) if isinstance(t, rdflib.URIRef) else None for t in row) for row in facts)
        done["closure"] = _digest(_closed(rows))
    if "validation" in job["stages"]:

        def validated() -> rdflib.Graph:
            graph = rdflib.Graph()
            for file in files.values():
                graph += file
            report: rdflib.Graph
            _, report, _ = pyshacl.validate(graph, shacl_graph=parsed(job["shapes"]), advanced=True)
            return report

        report = clock.time("validation", validated)
        done["validation"] = _digest(
            map(_fault, results_of(report.serialize(encoding="utf-8"), _as_lines(job["shapes"])))
        )
    data = clock.time("store", lambda: _dataset(job["graph"], job["union"]))
    done["store"] = sum(len(g) for g in data.graphs() if g.identifier != DATASET_DEFAULT_GRAPH_ID)

    def asked(text: str) -> rdflib.query.Result:
        found: rdflib.query.Result = data.query(prepareQuery(text, base=job["base"]))
        list(found)  # rdflib answers as it is read
        return found

    for name, text in job["questions"].items():
        with _no_longer_than(job["limit"]) as in_time:
            answer = clock.time(f"? {name}", partial(asked, text))
            done["answers"][name] = _rows([str(v) for v in answer.vars or ()], _found(answer), _of_rdflib)
        if not in_time:
            clock.stages.pop(f"? {name}", None)
    done["memory"] = _peak()
    done["parse"] = _digest(line for graph in files.values() for line in _skolemised(graph))
    return done


def _expand(graph: Any) -> None:
    """Close a graph by owlrl, without what is true of anything: our rules leave that out too."""
    import owlrl

    semantics = owlrl.OWLRL_Semantics  # type: ignore[attr-defined]
    owlrl.DeductiveClosure(semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)  # type: ignore[no-untyped-call]


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[list[bool]]:
    """Stop what is within after so many seconds; what is given is empty where that came to pass."""
    in_time = [True]

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield in_time
    except TimeoutError:
        in_time.clear()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def close_milia(job: dict[str, Any]) -> dict[str, Any]:
    """Close bare statements under all 78 rules."""
    clock = Clock()
    from pyoxigraph import RdfFormat, parse

    from milia.closure import close
    from milia.paths import Home

    given = [q.triple for q in parse(path=job["statements"], format=RdfFormat.N_TRIPLES)]
    found = clock.time("closure", lambda: close(Home(Path(job["home"])), given).statements)
    memory = _peak()
    return {"stages": clock.stages, "memory": memory, "rows": len(found), "closure": _of_rows(found, job)}


def close_owlrl(job: dict[str, Any]) -> dict[str, Any]:
    """Close them by owlrl."""
    clock = Clock()
    import rdflib
    from tests.owl2rl_referee import _term

    graph = rdflib.Graph().parse(job["statements"], format="nt")
    clock.time("closure", lambda: _expand(graph))
    memory = _peak()
    found = [tuple(map(_term, row)) for row in graph]
    return {"stages": clock.stages, "memory": memory, "rows": len(found), "closure": _of_rows(found, job)}


def _of_rows(found: Iterable[Any], job: dict[str, Any]) -> list[Any] | None:
    from tests.owl2rl_referee import normal

    if not job["compared"]:
        return None
    return _digest([str(t) for t in row] for row in normal(found))


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
    return _plain(str(term), language, datatype)


def _plain(text: str, language: str | None, datatype: str | None) -> list[str | None]:
    """Return a term's parts; a double is one value, however an engine spells it (1, 1.0, 1.0E0)."""
    if datatype in {f"{_OUTSIDE[3]}double", f"{_OUTSIDE[3]}float"}:
        text = str(float(text))
    return [text, language, datatype]


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


SIDES = {"milia": run_milia, "plain": run_plain, "close-milia": close_milia, "close-owlrl": close_owlrl}

if __name__ == "__main__":
    side, job_file, last = sys.argv[1:]
    told = json.loads(Path(job_file).read_text(encoding="utf-8"))
    done = SIDES[side](told)
    Path(last).write_text(json.dumps(done), encoding="utf-8")
