"""Hold the SHACL engines against each other, result by result, on no more of the data than it takes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from milia.names import BASE, PREFIXES, expand, plain
from milia.shapes import Result, validate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from milia.load import Sources

__all__ = ["Both", "both", "neighbourhood", "parsed", "terms", "turtle", "unlike", "written"]

_HEAD = "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("owl", "rdf", "rdfs", "sh", "xsd"))
_TYPE = expand("rdf:type")
_ENDS = ("schema:domainIncludes", "schema:rangeIncludes", "owl:inverseOf")
_ASKED = {expand(name) for name in (*_ENDS, "milia:derivedOnly", "rdfs:subClassOf")}
Both = tuple[list[Result], list[Result]]


def turtle(text: str) -> list[Triple]:
    """Return the statements of a text with the common prefixes and one of its own, the empty one."""
    return [q.triple for q in parse(f"@prefix : <urn:> .\n{_HEAD}{text}", format=RdfFormat.TURTLE)]


def written(triples: Iterable[Triple]) -> bytes:
    """Return statements as the engines take shapes."""
    return "".join(f"{t} .\n" for t in triples).encode()


def parsed(content: bytes) -> list[Triple]:
    """Return the statements of shapes as the engines take them."""
    return [q.triple for q in parse(content, format=RdfFormat.N_TRIPLES)]


def both(triples: Iterable[Triple], shapes: bytes) -> Both:
    """Return what the engine and the referee find."""
    triples = list(dict.fromkeys(triples))
    return validate(triples, shapes, "shifty"), validate(triples, shapes, "pyshacl")


def unlike(found: Both) -> str:
    """Return the results that only one of them has, for a reader; as often as it has them more."""
    ours, theirs = (Counter(results) for results in found)
    told = [f"only shifty: {r}" for r in (ours - theirs).elements()]
    told += [f"only pyshacl: {r}" for r in (theirs - ours).elements()]
    return "\n".join(told)


def terms(sources: Sources) -> list[Triple]:
    """Return of the ontology what the shapes ask of it when they judge other things."""
    said = [t for f in sources.files if f.name.startswith("ontology/") for t in f.triples]
    ours = (t for t in said if t.predicate == _TYPE and plain(t.object).startswith(BASE))
    return [*(t for t in said if t.predicate in _ASKED), *ours]


def neighbourhood(sources: Sources, things: Iterable[str]) -> list[Triple]:
    """Return what is said of some things and of all that they lead to, and of other terms what shapes ask.

    No shape of the project looks back along a link, so what is in here is judged as it is in the whole graph.
    """
    said: dict[str, list[Triple]] = defaultdict(list)
    kept, todo = terms(sources), set(things)
    known = {plain(t.subject) for t in kept}
    for file in sources.files:
        for t in () if file.rows else file.triples:
            said[plain(t.subject)].append(t)
    seen = set(todo)
    while todo:
        here = said.get(todo.pop(), [])
        kept += here
        new = {t.object.value for t in here if isinstance(t.object, NamedNode)} - seen - known
        todo |= new
        seen |= new
    return kept
