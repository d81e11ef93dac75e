"""Exporters: what comes out of the graph, each a choice of statements plus a writer.

A new export format is one module and one line in `EXPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from milia.errors import UnknownName
from milia.export import jsonld, rdf
from milia.export.selection import Selection, in_order
from milia.formats import FORMATS, find
from milia.names import DEFAULT_GRAPHS, PREFIXES
from milia.paths import Home
from milia.store import Store

__all__ = ["EXPORTERS", "SCOPES", "Selection", "export", "select"]

Exporter = Callable[[Selection], bytes]
EXPORTERS: Final[dict[str, Exporter]] = {
    name: jsonld.write if name == "jsonld" else rdf.writer(form) for name, form in FORMATS.items()
}
# what each scope holds, as beginnings of graph names below graph/
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "facts": DEFAULT_GRAPHS,
    "claims": ("data/claims/", "data/catalogue/", "data/sources/"),
    "all": ("",),
}


def select(store: Store, home: Home, scope: str = "facts") -> Selection:
    """Return the statements of a scope.

    Raises:
        UnknownName: there is no such scope.
    """
    if scope not in SCOPES:
        raise UnknownName("scope", scope, SCOPES)
    graphs = [g for g in store.graphs() if g.value.startswith(_beginnings(scope))]
    return Selection(tuple(in_order(store.quads(graphs))), home, whole=scope == "all")


def _beginnings(scope: str) -> tuple[str, ...]:
    return tuple(PREFIXES["graph"] + start for start in SCOPES[scope])


def export(selection: Selection, form: str) -> bytes:
    """Write statements in a format: an exporter by its name, or an RDF format by suffix or media type.

    Raises:
        UnknownName: there is no such format.
    """
    return EXPORTERS[form if form in EXPORTERS else find(form).name](selection)
