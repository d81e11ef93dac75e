"""Write statements in the formats of the RDF family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyoxigraph import Quad, Triple, serialize

from milia.export.selection import Selection, prefixes_of
from milia.formats import Format

__all__ = ["serialized", "writer"]

_SHORTENED = {"turtle", "trig", "rdfxml"}


def writer(form: Format) -> Callable[[Selection], bytes]:
    """Return the function that writes a format; one that carries no named graphs writes their union."""

    def write(selection: Selection) -> bytes:
        statements = selection.quads if form.dataset else selection.union
        return serialized(statements, form, selection.prefixes if form.name in _SHORTENED else {})

    return write


def serialized(
    statements: Sequence[Triple] | Sequence[Quad], form: Format, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Return statements in a format, with these prefixes, or those that occur in them."""
    if form.name not in _SHORTENED:
        return serialize(statements, format=form.rdf) or b""
    if prefixes is None:
        prefixes = prefixes_of(statements)
    content = serialize(statements, format=form.rdf, prefixes=dict(prefixes)) or b""
    return content.rstrip(b"\n") + b"\n" if content else content
