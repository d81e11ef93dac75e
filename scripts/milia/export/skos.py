"""Write the concept schemes in SKOS: our own, and the classifications of others.

What is only hedged or disputed makes nothing wider; a thing of which nothing wider is established is a top
concept of its scheme. An entry of a foreign scheme is a close match of the condition it denotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from milia.export.feed import Feed, Files
from milia.kg import KnowledgeGraph
from milia.names import NOTICE, PREFIXES, expand

__all__ = ["FEED", "concepts", "write"]

_LABELS: Final = tuple(expand(f"skos:{kind}Label") for kind in ("pref", "alt", "hidden"))
_NOTE: Final = Literal(
    f"{NOTICE} Every claim in it is a draft until a clinician has reviewed it.",
    language="en",
)
_USED: Final = ("dcterms", "milia", "rdf", "skos")


def concepts(kg: KnowledgeGraph) -> list[Triple]:
    """Return the statements of all schemes, in their order."""
    rows = kg.store.query(kg.catalog.export("skos")).rows
    said = [Triple(s, p, o) for s, p, o in rows]  # type: ignore[arg-type]
    found = {*_distinct(said), *_tops(said), *_notes(said)}
    return sorted(found, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))


def _distinct(said: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the statements, of a label that a concept has twice only the better one (S13)."""
    said = set(said)
    for t in said:
        better = _LABELS[: _LABELS.index(t.predicate)] if t.predicate in _LABELS else ()
        if not any(Triple(t.subject, label, t.object) in said for label in better):
            yield t


def _tops(said: Iterable[Triple]) -> Iterator[Triple]:
    """Yield which concepts have nothing wider in their scheme."""
    said = list(said)
    lower = {t.subject for t in said if t.predicate == expand("skos:broader")}
    for t in said:
        if t.predicate == expand("skos:inScheme") and t.subject not in lower:
            yield Triple(t.subject, expand("skos:topConceptOf"), t.object)
            yield Triple(t.object, expand("skos:hasTopConcept"), t.subject)  # type: ignore[arg-type]


def _notes(said: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what each scheme has to say of itself."""
    for t in said:
        if t.object == expand("skos:ConceptScheme"):
            yield Triple(t.subject, expand("skos:editorialNote"), _NOTE)


def write(kg: KnowledgeGraph) -> Files:
    """Return `milia-skos.ttl`."""
    triples = concepts(kg)
    spaces = {t.object.value.rpartition("/")[0] + "/" for t in triples if isinstance(t.object, NamedNode)}
    prefixes = {name: iri for name, iri in PREFIXES.items() if name in _USED or iri in spaces}
    content = serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b""
    return {"milia-skos.ttl": content.rstrip(b"\n") + b"\n"}


FEED = Feed(
    "skos",
    "SKOS concept schemes",
    "thesaurus browsers and vocabulary servers such as Skosmos",
    "the integrity conditions of SKOS, rdflib",
    write,
)
