"""The server under load, beside Oxigraph's own on the same data: requests a second, and the slowest waits.

`make bench` runs it where `wrk` is (Debian's package). Both servers stand on this machine with all that asks
them; they are asked in turn. Read the ratios. Oxigraph's server answers in its own process and bounds
nothing; ours answers each query in a process that can be ended.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import RdfFormat, parse, serialize
from tests.bench.results import ENVIRONMENT, Results, Row

from milia.kg import KnowledgeGraph
from milia.names import PREFIXES, is_default_graph

WRK = shutil.which("wrk")
OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
ROUNDS, SECONDS, CONNECTIONS, STARTS = 3, 4, 8, 5
PROLOGUE = "".join(f"PREFIX {p}: <{PREFIXES[p]}> " for p in ("condition", "milia", "rdf", "skos"))
QUERIES = {
    "point query": """SELECT ?site ?name {
        condition:eyelid-milia milia:affects ?site . ?site skos:prefLabel ?name }""",
    "join": """SELECT ?form ?formName ?care ?careName ?status {
        ?fact rdf:subject ?form ; rdf:predicate milia:treatedBy ; rdf:object ?care ; milia:status ?status .
        ?form a milia:MiliaForm ; skos:prefLabel ?formName . ?care skos:prefLabel ?careName
        FILTER (lang(?formName) = 'en' && lang(?careName) = 'en') }""",
}

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(WRK is None, reason="wrk is not here (Debian's package wrk)"),
    pytest.mark.skipif(OXIGRAPH is None, reason="the Oxigraph server is not here (make referees)"),
]


def test_load(kg: KnowledgeGraph, tmp_path: Path, results: Results) -> None:
    with _ours(kg) as ours, _oxigraph(kg, tmp_path) as theirs:
        page = f"{ours}condition/milia"
        results.rows += _told("concept page", [_pressed(page) for _ in range(ROUNDS)])
        for name, query in QUERIES.items():
            asked = f"query={quote(PROLOGUE + query)}"
            addresses = f"{ours}sparql?{asked}", f"{theirs}query?{asked}"
            first, second = (_rows(address) for address in addresses)
            assert first == second
            assert first
            runs = [[_pressed(address) for address in addresses] for _ in range(ROUNDS)]
            results.rows += _told(f"{name}, {len(first)} rows", *map(list, zip(*runs, strict=True)))
    starts = [_started(kg) for _ in range(STARTS)]
    results.rows += [
        Row("1×", "server: start → address is told", median(one[0] for one in starts)),
        Row("1×", "server: start → answers", median(one[1] for one in starts), target=0.5),
        Row("1×", "server: start → home page", median(one[2] for one in starts)),
    ]


@contextmanager
def _ours(kg: KnowledgeGraph) -> Iterator[str]:
    """Start our server and give its address."""
    command = [sys.executable, "-m", "milia.cli", "--home", str(kg.home.root), "serve", "--port", "0"]
    run = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    assert run.stderr
    try:
        yield run.stderr.readline().split()[1]
    finally:
        run.terminate()
        run.wait(30)
        run.stderr.close()


@contextmanager
def _oxigraph(kg: KnowledgeGraph, folder: Path) -> Iterator[str]:
    """Start Oxigraph's server on the same data, the parts of the union in its default graph too."""
    graph, union, place = kg.home.build / "graph.nq", folder / "union.nt", folder / "store"
    quads = parse(path=graph, format=RdfFormat.N_QUADS)
    said = {q.triple for q in quads if is_default_graph(getattr(q.graph_name, "value", ""))}
    serialize(said, union, format=RdfFormat.N_TRIPLES)
    assert OXIGRAPH
    for path in (graph, union):
        command = [OXIGRAPH, "load", "--location", str(place), "--file", str(path)]
        subprocess.run(command, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [OXIGRAPH, "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        run.terminate()
        run.wait(30)


def _wait(address: str) -> float:
    """Return when a server first answers."""
    for _ in range(3000):
        try:
            with urlopen(address, timeout=10) as answer:
                answer.read()
            return time.perf_counter()
        except OSError:
            time.sleep(0.01)
    pytest.fail(f"nothing answers at {address}")


def _started(kg: KnowledgeGraph) -> tuple[float, float, float]:
    """Return the seconds from the start of our server until it tells its address, answers, and has a page."""
    start = time.perf_counter()
    with _ours(kg) as address:
        told = time.perf_counter() - start
        return told, _wait(f"{address}robots.txt") - start, _wait(address) - start


def _rows(address: str) -> list[str]:
    asked = Request(address, headers={"Accept": "application/sparql-results+json"})
    with urlopen(asked, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return sorted(json.dumps(row, sort_keys=True) for row in found["results"]["bindings"])


def _pressed(address: str) -> tuple[float, float]:
    """Return the requests a second that are answered, and the milliseconds within which 99 of 100 are."""
    _wait(address)
    assert WRK
    command = [WRK, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", address]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", told)
    assert rate
    assert slow
    return float(rate[1]), float(slow[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[slow[2]]


def _told(name: str, *sides: list[tuple[float, float]]) -> Iterator[Row]:
    """Yield the time that an answer takes when many ask at once, and within which 99 of 100 come."""
    each = [1000 / median(rate for rate, _ in runs) for runs in sides]
    slow = [median(ms for _, ms in runs) for runs in sides]
    program = "Oxigraph" if len(sides) > 1 else ""
    note = f"{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections"
    for what, (ours, *other) in (("an answer", each), ("99 % within", slow)):
        yield Row(
            "1×", f"server, {name}: {what}", ours, "ms", other[0] if other else None, program, note=note
        )
