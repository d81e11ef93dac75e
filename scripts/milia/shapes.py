"""Validate with SHACL: one seam, two engines, results in one normal form.

`shifty` is fast and runs by default; `pyshacl` is the referee. Both see the same N-Triples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from milia.errors import BadSource, MissingPart, UnknownName
from milia.names import BASE, PREFIXES
from milia.paths import Home

__all__ = ["VALIDATORS", "Result", "read_shapes", "validate"]

_SH = PREFIXES["sh"]


@dataclass(frozen=True, order=True)
class Result:
    """One validation result; the same from every engine."""

    focus: str
    message: str
    severity: str
    component: str
    path: str | None = None
    value: str | None = None


def read_shapes(home: Home) -> bytes:
    """Return all shapes of the project as N-Triples.

    Raises:
        BadSource: a shapes file is not Turtle.
    """
    lines = []
    for path in sorted((home.ontology / "shapes").glob("*.shapes.ttl")):
        try:
            quads = list(
                parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True)
            )
        except SyntaxError as error:
            raise BadSource(home.relative(path), error.lineno, f"is not valid Turtle: {error.msg}") from error
        lines += [f"{q.triple} .\n" for q in quads]
    return "".join(lines).encode()


def _shifty(data: bytes, shapes: bytes) -> bytes:
    try:
        # the typed class: the wrapper around it would import rdflib, which costs more than the validation
        from shifty import _shifty as engine
    except ImportError as error:
        msg = "this needs the fast SHACL engine, which is not installed: pip install 'milia[build]'"
        raise MissingPart(msg) from error
    validator = engine.PreparedValidator(shapes=shapes, shapes_format="ntriples")
    # the quick pass says only whether all is well; the report, which takes twice as long, says what is not
    if validator.validate_algebra(data=data, data_format="ntriples", run_infer=False).conforms:
        return b""
    report = validator.validate_w3c(data=data, data_format="ntriples", run_infer=False)
    return report.report_turtle.encode()


def _pyshacl(data: bytes, shapes: bytes) -> bytes:
    import pyshacl
    import rdflib

    def graph(content: bytes) -> rdflib.Graph:
        return rdflib.Graph().parse(data=content, format="nt")

    _, report, _ = pyshacl.validate(graph(data), shacl_graph=graph(shapes), advanced=True)
    content: bytes = report.serialize(format="turtle", encoding="utf-8")
    return content


VALIDATORS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {"shifty": _shifty, "pyshacl": _pyshacl}


def validate(triples: Iterable[Triple], shapes: bytes, engine: str = "shifty") -> list[Result]:
    """Validate statements against shapes and return the results, sorted.

    Raises:
        UnknownName: there is no such engine.
        MissingPart: the engine is not installed.
    """
    if engine not in VALIDATORS:
        raise UnknownName("SHACL engine", engine, VALIDATORS)
    data = "".join(f"{t} .\n" for t in triples).encode()
    return _results(VALIDATORS[engine](data, shapes))


def _results(report: bytes) -> list[Result]:
    nodes: dict[object, dict[str, str]] = {}
    wanted = []
    for quad in parse(report, format=RdfFormat.TURTLE, base_iri=BASE):
        predicate = quad.predicate.value
        if predicate == _SH + "result":
            wanted.append(quad.object)
        elif predicate.startswith(_SH):
            value = quad.object.value if hasattr(quad.object, "value") else str(quad.object)
            nodes.setdefault(quad.subject, {})[predicate.removeprefix(_SH)] = value
    return sorted(
        Result(
            focus=n["focusNode"],
            message=n.get("resultMessage", ""),
            severity=n["resultSeverity"].removeprefix(_SH),
            component=n["sourceConstraintComponent"].removeprefix(_SH),
            path=n.get("resultPath"),
            value=n.get("value"),
        )
        for n in (nodes[w] for w in wanted)
    )
