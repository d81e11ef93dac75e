"""Validate with SHACL: one seam, two engines, results in one normal form.

`shifty` is fast and runs by default; `pyshacl` is the referee. Both see the same N-Triples and judge the data
alone: what only the shapes say is no data. Shapes that an engine would pass over in silence are refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from milia.errors import BadSource, MissingPart, UnknownName
from milia.names import BASE, PREFIXES, Term, expand, plain, short
from milia.paths import Home

if TYPE_CHECKING:
    import rdflib

__all__ = ["VALIDATORS", "Result", "read_shapes", "validate"]

_SH = PREFIXES["sh"]
_RESULT = expand("sh:result")
# what a shape may say: how many, yes or no, of which other shapes, at most once besides, and more than once
_COUNTS = re.compile("(qualifiedM|m)(in|ax)Count|m(in|ax)Length")
_SWITCHES = re.compile("closed|deactivated|qualifiedValueShapesDisjoint|uniqueLang")
_SHAPES = re.compile("node|not|property|qualifiedValueShape")
_ONCE = re.compile(
    "datatype|flags|ignoredProperties|in|languageIn|m(in|ax)(Ex|In)clusive|nodeKind|path|pattern"
    "|qualifiedValueShape|severity"
)
_OFTEN = re.compile(
    "and|class|disjoint|equals|hasValue|lessThan|lessThanOrEquals|or|xone|target(Class|Node|ObjectsOf|SubjectsOf)"
    "|(alternative|inverse|oneOrMore|zeroOrMore|zeroOrOne)Path|defaultValue|description|group|message|name|order"
)
_FIRST, _REST = expand("rdf:first"), expand("rdf:rest")
_MARKS: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
_Said = dict[Term, dict[NamedNode, Term]]


@dataclass(frozen=True)
class Result:
    """One validation result; the same from every engine.

    A path that is more than one property is written as in SPARQL. A shape without a name is left out, and so
    is such a path of it: engines do not keep the labels of blank nodes.
    """

    focus: str
    message: str
    severity: str
    component: str
    path: str | None = None
    value: str | None = None
    shape: str | None = None


def read_shapes(home: Home) -> bytes:
    """Return all shapes of the project as N-Triples.

    Raises:
        BadSource: a shapes file is not Turtle, or a shape in it is not well-formed.
    """
    declared: dict[Path, list[Triple]] = {}
    for path in sorted((home.ontology / "shapes").glob("*.shapes.ttl")):
        try:
            quads = parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True)
            declared[path] = [q.triple for q in quads]
        except SyntaxError as error:
            raise BadSource(home.relative(path), error.lineno, f"is not valid Turtle: {error.msg}") from error
    known: set[Term] = {t.subject for triples in declared.values() for t in triples}
    for path, triples in declared.items():
        if fault := next(_faults(triples, known), None):
            raise BadSource(
                home.relative(path),
                None,
                fault,
                "correct it; the words are explained in https://www.w3.org/TR/shacl/",
            )
    return "".join(f"{t} .\n" for triples in declared.values() for t in triples).encode()


def _faults(triples: list[Triple], known: set[Term]) -> Iterator[str]:
    """Yield what is not well-formed: the fast engine would pass over much of it, and all would seem well."""
    seen = set()
    for t in triples:
        if not t.predicate.value.startswith(_SH):
            continue
        name, here = t.predicate.value.removeprefix(_SH), f"{short(t.predicate)} of {_named(t.subject)}"
        count, switch, shape, once = (w.fullmatch(name) for w in (_COUNTS, _SWITCHES, _SHAPES, _ONCE))
        if not (count or switch or shape or once or _OFTEN.fullmatch(name)):
            yield f"{here} is no word of SHACL that shapes here may use"
        if (count or switch or once) and (t.subject, name) in seen:
            yield f"{here} may have one value only"
        if count and not (_is(t.object, "integer") and plain(t.object).isdecimal()):
            yield f"{here} must be a whole number, nought or more, and not {t.object}"
        if switch and not (_is(t.object, "boolean") and plain(t.object) in {"true", "false"}):
            yield f"{here} must be true or false, and not {t.object}"
        if shape and t.object not in known:
            yield f"{here} names {_named(t.object)}, which is declared nowhere"
        seen.add((t.subject, name))


def _named(term: Term) -> str:
    return "a shape without a name" if isinstance(term, BlankNode) else short(term)


def _is(term: Term, datatype: str) -> bool:
    return isinstance(term, Literal) and term.datatype == expand(f"xsd:{datatype}")


def _shifty(data: bytes, shapes: bytes) -> bytes:
    try:
        # the typed class: the wrapper around it would import rdflib, which costs more than the validation
        from shifty import _shifty as engine
    except ImportError as error:
        msg = "this needs the fast SHACL engine, which is not installed: pip install 'milia[build]'"
        raise MissingPart(msg) from error
    given: Any = {"data": data, "data_format": "ntriples", "graph_mode": "data", "run_infer": False}
    try:
        validator = engine.PreparedValidator(shapes=shapes, shapes_format="ntriples")
        # the quick pass says only whether all is well; the report takes twice as long and says what is not
        quick = validator.validate_algebra(**given)
        report = None if quick.conforms else validator.validate_w3c(**given)
    except ValueError as error:
        raise _unusable("shifty", str(error)) from error
    if quick.diagnostics:  # it leaves out what it does not understand, and all would seem well
        raise _unusable("shifty", "; ".join(quick.diagnostics))
    if report is None:
        return b""
    if report.conforms:
        raise _unusable("shifty", "the data do not conform, and the report does not say why")
    return report.report_turtle.encode()


def _pyshacl(data: bytes, shapes: bytes) -> bytes:
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError

    try:
        _, report, _ = pyshacl.validate(_rdflib(data), shacl_graph=_rdflib(shapes), advanced=True)
    except ReportableRuntimeError as error:
        raise _unusable("pyshacl", str(error)) from error
    if isinstance(report, ReportableRuntimeError):
        raise _unusable("pyshacl", str(report)) from report
    content: bytes = report.serialize(format="nt", encoding="utf-8")
    return content


def _rdflib(content: bytes) -> rdflib.Graph:
    import rdflib

    from milia.store.rdflib_store import to_rdflib

    # not by rdflib's own reader, which changes literals: where 1 and 01 are two values it would see one
    made = rdflib.Graph()
    for quad in parse(content, format=RdfFormat.N_TRIPLES):
        made.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return made


def _unusable(engine: str, why: str) -> BadSource:
    return BadSource("ontology/shapes", None, f"{engine} cannot run the shapes: {why}", "correct that shape")


VALIDATORS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {"shifty": _shifty, "pyshacl": _pyshacl}


def validate(triples: Iterable[Triple], shapes: bytes, engine: str = "shifty") -> list[Result]:
    """Validate statements against shapes and return the results, sorted.

    Raises:
        UnknownName: there is no such engine.
        MissingPart: the engine is not installed.
        BadSource: a shape is not well-formed, or says what the engine does not understand.
    """
    if engine not in VALIDATORS:
        raise UnknownName("SHACL engine", engine, VALIDATORS)
    data = "".join(f"{t} .\n" for t in triples).encode()
    return _results(VALIDATORS[engine](data, shapes), shapes)


def _results(report: bytes, shapes: bytes) -> list[Result]:
    quads = list(parse(report, format=RdfFormat.TURTLE, base_iri=BASE))
    nodes = [q.object for q in quads if q.predicate == _RESULT]
    if not nodes:
        return []
    said = _by_subject(q.triple for q in quads)
    declared = _by_subject(q.triple for q in parse(shapes, format=RdfFormat.N_TRIPLES))
    return sorted((_result(said[node], declared) for node in nodes), key=repr)


def _by_subject(triples: Iterable[Triple]) -> _Said:
    said: _Said = defaultdict(dict)
    for t in triples:
        said[t.subject][t.predicate] = t.object
    return said


def _result(said: dict[NamedNode, Term], declared: _Said) -> Result:
    def text(name: str) -> str | None:
        term = said.get(expand(f"sh:{name}"))
        return None if term is None else plain(term)

    source = said.get(expand("sh:sourceShape"))
    shape = source.value if isinstance(source, NamedNode) else None
    return Result(
        focus=text("focusNode") or "",
        message=text("resultMessage") or "",
        severity=(text("resultSeverity") or "").removeprefix(_SH),
        component=(text("sourceConstraintComponent") or "").removeprefix(_SH),
        path=_result_path(said.get(expand("sh:resultPath")), shape, declared),
        value=text("value"),
        shape=shape,
    )


def _result_path(path: Term | None, shape: str | None, declared: _Said) -> str | None:
    if isinstance(path, NamedNode):
        return path.value
    if path is None or shape is None:
        return None
    # one engine does not repeat such a path in its report, so it is read where it was declared
    return _path(declared[NamedNode(shape)][expand("sh:path")], declared)


def _path(node: Term, declared: _Said) -> str:
    if isinstance(node, NamedNode):
        return str(node)
    said = {p.value.removeprefix(_SH): o for p, o in declared[node].items()}
    if _FIRST in declared[node]:
        return f"({'/'.join(_path(step, declared) for step in _members(node, declared))})"
    if choices := said.get("alternativePath"):
        return f"({'|'.join(_path(choice, declared) for choice in _members(choices, declared))})"
    if inner := said.get("inversePath"):
        return f"^{_path(inner, declared)}"
    ((name, mark),) = ((n, m) for n, m in _MARKS.items() if n in said)
    return _path(said[name], declared) + mark


def _members(node: Term, declared: _Said) -> Iterator[Term]:
    while _FIRST in (said := declared.get(node, {})):
        yield said[_FIRST]
        node = said[_REST]
