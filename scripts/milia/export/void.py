"""Describe the dataset: what it holds (VoID), in which forms it can be had (DCAT), on what terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from milia.export.feed import Feed, Files
from milia.export.rdf import serialized
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE, LICENCE, VERSION, expand

__all__ = ["FEED", "described", "write"]

DATASET: Final = NamedNode(BASE + "dataset")
_TITLE: Final = "Milia: a knowledge graph of milia (milk spots)"
_ABOUT: Final = (
    "What sources say of the skin condition milia, each statement with its claims, their sources and the "
    "place in them. A reference, not medical advice; no claim in it has been reviewed by a clinician."
)
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"


def write(kg: KnowledgeGraph, places: Mapping[str, str] | None = None) -> Files:
    """Return `void.ttl`; `places` are where the dataset can be had, by the property that says how."""
    where = [t for p, place in (places or {}).items() for t in _said(DATASET, p, NamedNode(place))]
    return {"void.ttl": serialized(sorted([*described(kg), *where], key=str), FORMATS["turtle"])}


def described(kg: KnowledgeGraph) -> Iterator[Triple]:
    """Yield the description of a built graph."""
    yield from _said(DATASET, "rdf:type", expand("void:Dataset"), expand("dcat:Dataset"))
    yield from _said(DATASET, "dcterms:title", Literal(_TITLE, language="en"))
    yield from _said(DATASET, "dcterms:description", Literal(_ABOUT, language="en"))
    yield from _said(DATASET, "dcterms:license", NamedNode(LICENCE))
    yield from _said(DATASET, "dcat:version", Literal(VERSION))
    yield from _said(DATASET, "dcterms:identifier", Literal(f"sha256:{kg.key}"))
    yield from _said(DATASET, "void:uriSpace", Literal(BASE))
    yield from _said(DATASET, "void:exampleResource", expand("condition:milia"))
    yield from _said(DATASET, "void:triples", Literal(sum(kg.manifest["counts"].values())))
    yield from _parts(kg)
    yield from _linksets(kg)
    yield from _distributions()


def _parts(kg: KnowledgeGraph) -> Iterator[Triple]:
    for graph, count in sorted(kg.manifest["counts"].items()):
        part = NamedNode(BASE + graph)
        yield from _said(DATASET, "void:subset", part)
        yield from _said(part, "rdf:type", expand("void:Dataset"))
        yield from _said(part, "void:triples", Literal(count))


def _linksets(kg: KnowledgeGraph) -> Iterator[Triple]:
    for row in kg.rows("linksets"):
        vocabulary, relation = row["vocabulary"], row["relation"]
        name = f"{vocabulary.rpartition('/')[2]}-{relation.rpartition('#')[2]}"
        linkset = NamedNode(f"{BASE}linkset/{name}")
        yield from _said(DATASET, "void:subset", linkset)
        yield from _said(linkset, "rdf:type", expand("void:Linkset"))
        yield from _said(linkset, "void:subjectsTarget", DATASET)
        yield from _said(linkset, "void:objectsTarget", NamedNode(vocabulary))
        yield from _said(linkset, "void:linkPredicate", NamedNode(relation))
        yield from _said(linkset, "void:triples", Literal(int(row["n"])))


def _distributions() -> Iterator[Triple]:
    for form in FORMATS.values():
        node = NamedNode(f"{BASE}distribution/{form.name}")
        yield from _said(DATASET, "dcat:distribution", node)
        yield from _said(node, "rdf:type", expand("dcat:Distribution"))
        yield from _said(node, "dcterms:title", Literal(form.title, language="en"))
        yield from _said(node, "dcat:mediaType", NamedNode(_MEDIA_TYPES + form.media_type))


def _said(subject: NamedNode, predicate: str, *objects: NamedNode | Literal) -> Iterator[Triple]:
    return (Triple(subject, expand(predicate), o) for o in objects)


FEED = Feed(
    "void",
    "Description of the dataset (VoID, DCAT)",
    "data catalogues, crawlers",
    "tests of ours",
    write,
)
