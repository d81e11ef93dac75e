"""The W3C's test suite of SHACL, entry by entry, on both engines.

The project does not carry the suite. Fetch https://github.com/w3c/data-shapes and name the folder
`data-shapes-test-suite/tests` of it in MILIA_SHACL_SUITE; without it these tests skip.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from milia.errors import BadSource
from milia.names import PREFIXES, plain
from milia.shapes import VALIDATORS, Result, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from milia.names import Term

VARIABLE = "MILIA_SHACL_SUITE"
NAMED = os.environ.get(VARIABLE)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
SH, RDF = PREFIXES["sh"], PREFIXES["rdf"]
MF, SHT = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#", "http://www.w3.org/ns/shacl-test#"
MARKS = {"zeroOrMorePath": "{}*", "oneOrMorePath": "{}+", "zeroOrOnePath": "{}?", "inversePath": "^{}"}
PATHS = {*MARKS, "alternativePath"}
ALL = re.compile(r"^\| all \|([\d |]+)\|$", re.MULTILINE)
# what an engine does not get right, and why; an entry that begins to pass fails until it is taken off here
NOT_YET = {
    ("pyshacl", "core/property/uniqueLang-002"): 'takes "1"^^xsd:boolean for true, which only true itself is',
    ("pyshacl", "sparql/node/prefixes-001"): "does not look for sh:prefixes behind owl:imports",
    (
        "pyshacl",
        "sparql/pre-binding/shapesGraph-001",
    ): "does not bind $shapesGraph, as it may",
}


@dataclass(frozen=True)
class Graph:
    """The statements of a file, and what they say of each node."""

    triples: tuple[Triple, ...]

    def values(self, node: Term, name: str) -> list[Term]:
        return [t.object for t in self.triples if t.subject == node and t.predicate.value == name]

    def value(self, node: Term, name: str) -> Term | None:
        return next(iter(self.values(node, name)), None)


@dataclass(frozen=True)
class Entry:
    """One test: data, shapes, and the report that is due, or None where the engine must refuse."""

    folder: str
    name: str
    data: Graph
    shapes: Graph
    due: list[Result] | None


@cache
def read(path: Path) -> Graph:
    quads = parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=path.as_uri())
    return Graph(tuple(q.triple for q in quads))


def path_of(term: Term | None) -> Path:
    return Path(unquote(plain(term).removeprefix("file://")))  # type: ignore[arg-type]


def entries(root: Path) -> Iterator[Entry]:
    """Yield what every file says is a test, also the one that no manifest includes."""
    for path in sorted(root.rglob("*.ttl")):
        graph = read(path)
        for t in graph.triples:
            if t.predicate.value == RDF + "type" and plain(t.object) == SHT + "Validate":
                yield entry(graph, t.subject, path.relative_to(root))


def entry(graph: Graph, node: Term, path: Path) -> Entry:
    action, result = graph.value(node, MF + "action"), graph.value(node, MF + "result")
    data, shapes = (read(path_of(graph.value(action, SHT + kind))) for kind in ("dataGraph", "shapesGraph"))  # type: ignore[arg-type]
    due = None if plain(result) == SHT + "Failure" else report(graph, result)  # type: ignore[arg-type]
    return Entry(path.parent.as_posix(), plain(node).rpartition("/")[2], data, shapes, due)


# ── shapes with names, so that results can say which shape they are of ──────────────────────────────────────


def name(graph: Graph, node: Term) -> Term:
    """Return the IRI that a shape without a name is given here; no other node is changed."""
    said = {t.predicate.value.removeprefix(SH) for t in graph.triples if t.subject == node}
    shape = any(not p.startswith("http") for p in said - PATHS)
    return NamedNode(f"urn:shape:{node.value}") if isinstance(node, BlankNode) and shape else node


def named(graph: Graph) -> bytes:
    given = {t.subject: name(graph, t.subject) for t in graph.triples}
    lines = [Triple(given[t.subject], t.predicate, given.get(t.object, t.object)) for t in graph.triples]  # type: ignore[arg-type]
    return "".join(f"{t} .\n" for t in lines).encode()


# ── reports ─────────────────────────────────────────────────────────────────────────────────────────────────


def report(graph: Graph, node: Term) -> list[Result]:
    return in_order(result(graph, r) for r in graph.values(node, SH + "result"))


def result(graph: Graph, node: Term) -> Result:
    def text(of: str) -> str:
        term = graph.value(node, SH + of)
        return "" if term is None else plain(term).removeprefix(SH)

    path, shape = graph.value(node, SH + "resultPath"), graph.value(node, SH + "sourceShape")
    return Result(
        focus=text("focusNode"),
        message="",
        severity=text("resultSeverity"),
        component=text("sourceConstraintComponent"),
        path=as_sparql(graph, path) if path else None,
        value=None if graph.value(node, SH + "value") is None else text("value"),
        shape=plain(name(graph, shape)) if shape else None,
    )


def as_sparql(graph: Graph, path: Term) -> str:
    """Return a path as SPARQL writes it, and one property as its IRI."""
    return path.value if isinstance(path, NamedNode) else step(graph, path)


def step(graph: Graph, path: Term) -> str:
    if isinstance(path, NamedNode):
        return str(path)
    if graph.value(path, RDF + "first"):
        return f"({'/'.join(members(graph, path))})"
    for kind, mark in MARKS.items():
        if inner := graph.value(path, SH + kind):
            return mark.format(step(graph, inner))
    return f"({'|'.join(members(graph, graph.value(path, SH + 'alternativePath')))})"


def members(graph: Graph, node: Term | None) -> Iterator[str]:
    while node and (first := graph.value(node, RDF + "first")):
        yield step(graph, first)
        node = graph.value(node, RDF + "rest")


def in_order(results: Iterable[Result]) -> list[Result]:
    """Sort; texts are left out, for the suite leaves them to the engine."""
    return sorted((replace(r, message="") for r in results), key=repr)


# ── the tests ───────────────────────────────────────────────────────────────────────────────────────────────

WITHOUT = pytest.mark.skipif(not NAMED, reason=f"the W3C's tests of SHACL are not here ({VARIABLE})")
ENTRIES = {f"{e.folder}/{e.name}": e for e in entries(Path(NAMED).resolve())} if NAMED else {}


def outcome(e: Entry, engine: str) -> list[Result] | None:
    try:
        return in_order(validate(e.data.triples, named(e.shapes), engine))
    except BadSource:
        return None


def cases() -> Iterator[object]:
    if not NAMED:
        yield pytest.param("", "", marks=WITHOUT)
    for engine in VALIDATORS:
        for e in ENTRIES:
            reason = NOT_YET.get((engine, e))
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(engine, e, id=f"{engine} {e}", marks=marks)


@pytest.mark.parametrize(("engine", "e"), list(cases()))
def test_the_report_is_the_one_that_is_due(engine: str, e: str) -> None:
    assert outcome(ENTRIES[e], engine) == ENTRIES[e].due


@WITHOUT
def test_the_docs_count_every_entry() -> None:
    assert {folder: row[0] for folder, row in told().items()} == Counter(e.folder for e in ENTRIES.values())
    assert {e for _, e in NOT_YET} <= set(ENTRIES)


def test_the_docs_say_how_many_pass() -> None:
    missed = Counter((engine, e.rpartition("/")[0]) for engine, e in NOT_YET)
    for folder, (number, *passed) in told().items():
        assert passed == [number - missed[engine, folder] for engine in VALIDATORS], folder
    assert {folder for _, folder in missed} <= set(told())
    assert [sum(column) for column in zip(*told().values(), strict=True)] == [
        int(n) for n in re.findall(r"\d+", ALL.findall(PAGE.read_text(encoding="utf-8"))[0])
    ]


def told() -> dict[str, list[int]]:
    """Return the rows of the table in the docs: for each folder, how many entries there are and pass."""
    rows = re.findall(r"^\| `(\w+/[\w-]+)` \|([\d |]+)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {folder: [int(n) for n in row.split("|")] for folder, row in rows}
