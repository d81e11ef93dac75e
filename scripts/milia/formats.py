"""One table of RDF formats: names, media types, suffixes and how each is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import RdfFormat

from milia.errors import UnknownName

__all__ = ["FORMATS", "Format", "find"]


@dataclass(frozen=True)
class Format:
    """An RDF serialisation; `dataset` says whether it can carry named graphs."""

    name: str
    title: str
    media_type: str
    suffix: str
    dataset: bool
    rdf: RdfFormat


_TABLE = (
    Format("turtle", "Turtle", "text/turtle", ".ttl", False, RdfFormat.TURTLE),
    Format("jsonld", "JSON-LD", "application/ld+json", ".jsonld", True, RdfFormat.JSON_LD),
    Format("ntriples", "N-Triples", "application/n-triples", ".nt", False, RdfFormat.N_TRIPLES),
    Format("nquads", "N-Quads", "application/n-quads", ".nq", True, RdfFormat.N_QUADS),
    Format("trig", "TriG", "application/trig", ".trig", True, RdfFormat.TRIG),
    Format("rdfxml", "RDF/XML", "application/rdf+xml", ".rdf", False, RdfFormat.RDF_XML),
)
FORMATS: Final[dict[str, Format]] = {f.name: f for f in _TABLE}
_ALIASES = {alias: f.name for f in _TABLE for alias in (f.name, f.suffix.lstrip("."), f.suffix, f.media_type)}


def find(name: str, others: Iterable[str] = ()) -> Format:
    """Return the format by its name, suffix or media type; a complaint offers `others` too.

    >>> find("ttl").media_type
    'text/turtle'

    Raises:
        UnknownName: there is no such format.
    """
    key = name.strip().lower()
    if key not in _ALIASES:
        raise UnknownName("format", name, [*FORMATS, *others])
    return FORMATS[_ALIASES[key]]
