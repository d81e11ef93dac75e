"""Write statements in the formats of the RDF family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pyoxigraph import NamedNode, Quad, Triple, serialize

from milia.export.selection import Selection
from milia.formats import Format
from milia.names import PREFIXES, curie

__all__ = ["serialized", "writer"]

_SHORTENED = {"turtle", "trig", "rdfxml"}
# a local name with a slash would need escapes: such IRIs are written whole
_WITH_SLASHES = {"claim", "graph", "scheme"}


def writer(form: Format) -> Callable[[Selection], bytes]:
    """Return the function that writes a format; one that carries no named graphs writes their union."""

    def write(selection: Selection) -> bytes:
        return serialized(selection.quads if form.dataset else selection.union(), form)

    return write


def serialized(statements: Sequence[Triple] | Sequence[Quad], form: Format) -> bytes:
    """Return statements in a format, with the prefixes that occur in them."""
    if form.name not in _SHORTENED:
        return serialize(statements, format=form.rdf) or b""
    content = serialize(statements, format=form.rdf, prefixes=_prefixes(statements)) or b""
    return content.rstrip(b"\n") + b"\n" if content else content


def _prefixes(statements: Iterable[Triple | Quad]) -> dict[str, str]:
    terms = {t for s in statements for t in (s.subject, s.predicate, s.object) if isinstance(t, NamedNode)}
    used = {(curie(t.value) or "").partition(":")[0] for t in terms}
    return {name: iri for name, iri in PREFIXES.items() if name in used - _WITH_SLASHES}
