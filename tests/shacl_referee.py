"""Hold the SHACL engines against each other, result by result, on no more of the data than it takes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from milia.names import PREFIXES, plain
from milia.shapes import Result, validate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from milia.load import Sources

__all__ = ["Both", "both", "neighbourhood", "parsed", "turtle", "unlike", "written"]

_HEAD = "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("owl", "rdf", "rdfs", "sh", "xsd"))
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


def neighbourhood(sources: Sources, things: Iterable[str]) -> list[Triple]:
    """Return the ontology, what is said of some things, and of all that they lead to.

    No shape of the project looks back along a link, so what is in here is judged as it is in the whole graph.
    """
    said: dict[str, list[Triple]] = defaultdict(list)
    kept: list[Triple] = []
    for file in sources.files:
        if file.name.startswith("ontology/"):
            kept += file.triples
        elif not file.rows:
            for t in file.triples:
                said[plain(t.subject)].append(t)
    todo = sorted({*things, *(t.object.value for t in kept if isinstance(t.object, NamedNode))} & set(said))
    seen = set(todo)
    while todo:
        here = said[todo.pop()]
        kept += here
        new = {t.object.value for t in here if isinstance(t.object, NamedNode)} - seen
        todo += sorted(n for n in new if n in said)
        seen |= new
    return kept
