"""Write RDF 1.2 Turtle: each claim, fact and inference is a reifier of its triple (`rdf:reifies`).

What stands in three statements elsewhere (`rdf:subject`, `rdf:predicate`, `rdf:object`) is one here. A
triple that is reified is not asserted by that: what is disputed or denied stays a triple term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from milia.export.feed import ASPECTS, Feed, Files
from milia.export.selection import everything
from milia.kg import KnowledgeGraph
from milia.names import Term, expand

__all__ = ["FEED", "reified", "write"]

_PARTS: Final = tuple(expand(f"rdf:{part}") for part in ("subject", "predicate", "object"))
_REIFIES: Final = expand("rdf:reifies")


def write(kg: KnowledgeGraph) -> Files:
    """Return `milia.ttl`: everything, named graphs merged, what is disputed only as triple terms."""
    whole = everything(kg)
    content = serialize(list(reified(whole.union)), format=RdfFormat.TURTLE, prefixes=whole.prefixes) or b""
    return {"milia.ttl": content.rstrip(b"\n") + b"\n"}


def reified(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield statements in their order, each whole set of subject, predicate and object as one triple term."""
    triples = list(triples)
    parts: dict[Term, dict[NamedNode, list[Term]]] = {}
    for t in triples:
        if t.predicate in _PARTS:
            parts.setdefault(t.subject, {}).setdefault(t.predicate, []).append(t.object)
    terms = {
        node: Triple(*(said[p][0] for p in _PARTS))  # type: ignore[arg-type]
        for node, said in parts.items()
        if all(len(said.get(p, ())) == 1 for p in _PARTS)
    }
    for t in triples:
        if t.subject not in terms or t.predicate not in _PARTS:
            yield t
        elif t.predicate == _PARTS[0]:
            yield Triple(t.subject, _REIFIES, terms[t.subject])


FEED = Feed(
    "rdf12",
    "RDF 1.2 Turtle with reifiers",
    "stores and tools of RDF 1.2",
    "pyoxigraph",
    write,
    frozenset(ASPECTS),
)
