"""What a vocabulary of the OBO family says: concepts, their names and codes, and the links between them.

What is established of a kind makes an `is_a`; every other link is a relation of ours. A link that is only
hedged says so, and is never an `is_a`. A code of another vocabulary stands for a concept where it is an exact
match. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from milia.kg import KnowledgeGraph
from milia.mappings import written
from milia.names import PREFIXES

__all__ = ["IS_A", "Entry", "Link", "Name", "Vocabulary", "vocabulary"]

IS_A: Final = "is_a"
_SUBTYPE: Final = PREFIXES["milia"] + "subtypeOf"
# single people, firms and what they offer or publish, and classifications of others: no concepts of ours
_LEFT_OUT: Final = frozenset({"Article", "Person", "Provider", "SchemeEntry", "Service"})
_MISSPELT: Final = "hiddenLabel"


@dataclass(frozen=True)
class Name:
    """Another name of a thing; a misspelling is there to be found by, not to be shown."""

    text: str
    languages: tuple[str, ...]
    misspelt: bool = False


@dataclass(frozen=True)
class Entry:
    """A concept, or, with neither kinds nor names nor codes, a property."""

    iri: str
    label: str
    definition: str
    kinds: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Link:
    """What is established, or only hedged, between two concepts."""

    subject: str
    predicate: str
    object: str
    hedged: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Concepts, the properties that link them, and the links."""

    concepts: tuple[Entry, ...]
    relations: tuple[Entry, ...]
    links: tuple[Link, ...]


def vocabulary(kg: KnowledgeGraph) -> Vocabulary:
    """Return what a built graph says, in the order of the names of things."""
    concepts = tuple(_concepts(kg))
    links = tuple(sorted(_links(kg, {concept.iri for concept in concepts})))
    used = {link.predicate for link in links}
    rows = (row for row in kg.rows("relations") if row["property"] in used)
    relations = (Entry(row["property"], row["label"], row["definition"]) for row in rows)
    return Vocabulary(concepts, tuple(relations), links)


def _concepts(kg: KnowledgeGraph) -> Iterator[Entry]:
    named: dict[str, list[Mapping[str, str]]] = {}
    for row in kg.rows("names"):
        named.setdefault(row["thing"], []).append(row)
    spaces = {row["space"]: row["prefix"] for row in kg.rows("vocabularies")}
    for row in kg.rows("nodes"):
        kinds = row.get("classes", "").split("|")
        if kinds == [""] or not _LEFT_OUT.isdisjoint(kinds):
            continue
        names = tuple(_names(row["label"], named[row["node"]]))
        codes = sorted(written(iri, spaces) for iri in row.get("codes", "").split("|") if iri)
        yield Entry(row["node"], row["label"], row["definition"], tuple(kinds), names, tuple(codes))


def _names(label: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Name]:
    """Yield each name but the label once; what is a name in one language is not misspelt in another."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if row["name"] != label:
            found.setdefault(row["name"], []).append(row)
    for text, alike in sorted(found.items()):
        misspelt = all(row["kind"] == _MISSPELT for row in alike)
        languages = {row["language"] for row in alike if misspelt or row["kind"] != _MISSPELT}
        yield Name(text, tuple(sorted(languages)), misspelt)


def _links(kg: KnowledgeGraph, concepts: set[str]) -> Iterator[Link]:
    """Yield what is claimed between concepts and neither disputed, denied nor only looked for."""
    for row in kg.rows("edges"):
        hedged, kind = row["status"] == "Hedged", row["predicate"] == _SUBTYPE
        if row["kind"] != "claimed" or not (hedged or row["status"] == "Established") or (hedged and kind):
            continue
        if row["subject"] in concepts and row["object"] in concepts:
            yield Link(row["subject"], IS_A if kind else row["predicate"], row["object"], hedged)
