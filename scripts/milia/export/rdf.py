"""Write statements in the formats of the RDF family."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import serialize

from milia.export.selection import Selection
from milia.formats import Format
from milia.names import PREFIXES

__all__ = ["writer"]

_WITH_PREFIXES = {"turtle", "trig", "rdfxml"}


def writer(form: Format) -> Callable[[Selection], bytes]:
    """Return the function that writes a format; one that carries no named graphs writes their union."""

    def write(selection: Selection) -> bytes:
        statements = selection.quads if form.dataset else selection.union()
        prefixes = PREFIXES if form.name in _WITH_PREFIXES else None
        return serialize(statements, format=form.rdf, prefixes=prefixes) or b""

    return write
