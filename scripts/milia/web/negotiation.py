"""Choose what is sent: by what the client accepts, of what there is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from milia.formats import FORMATS

__all__ = ["GRAPHS", "HTML", "RESULTS", "choose", "fits", "tag"]

HTML: Final = "text/html"
# media types of results and of RDF, and the one that each stands for; the first is the usual one
RESULTS: Final = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}
GRAPHS: Final = {form.media_type: form.media_type for form in FORMATS.values()} | {
    "application/json": "application/ld+json",
    "application/xml": "application/rdf+xml",
}


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the media type that suits best, the first of those that suit alike; None where none does.

    >>> choose("text/html;q=0.5, text/turtle", ["text/html", "text/turtle"])
    'text/turtle'
    >>> choose("*/*", ["text/html", "text/turtle"])
    'text/html'
    >>> choose("image/png", ["text/html"]) is None
    True
    """
    from mimeparse import MimeTypeParseException, best_match

    if not accept or not accept.strip():
        return offered[0]
    try:
        return best_match(list(reversed(offered)), accept) or None
    except MimeTypeParseException:
        return offered[0]  # as if nothing had been said


def tag(content: bytes | str) -> str:
    """Return the entity tag of what is sent."""
    said = content.encode() if isinstance(content, str) else content
    return f'"{hashlib.sha256(said).hexdigest()[:20]}"'


def fits(known: str | None, etag: str) -> bool:
    """Say whether what the client has (`If-None-Match`) is what would be sent."""
    return known is not None and (
        known.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in known.split(",")}
    )
