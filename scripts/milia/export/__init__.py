"""Exporters: what comes out of the graph, each a choice of statements or a query, plus a writer.

An RDF format writes statements of a scope (`EXPORTERS`); a feed writes the files of another kind of system
(`FEEDS`). A new one is one module and one line here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pyoxigraph import Quad

from milia.errors import UnknownName
from milia.export import (
    chunks,
    fhir,
    jsonld,
    kgx,
    nanopubs,
    obographs,
    rdf,
    rdf12,
    schema_org,
    skos,
    sssom,
    synonyms,
    tables,
    void,
)
from milia.export.feed import ASPECTS, Feed, losses, report
from milia.export.selection import Selection, everything, in_order
from milia.formats import FORMATS, find
from milia.kg import KnowledgeGraph
from milia.names import DEFAULT_GRAPHS, PREFIXES, plain
from milia.paths import Home
from milia.store import Store

__all__ = [
    "ASPECTS",
    "CARRIED",
    "EXPORTERS",
    "FEEDS",
    "SCOPES",
    "Feed",
    "Selection",
    "bundle",
    "bundled",
    "export",
    "losses",
    "report",
    "select",
]

Exporter = Callable[[Selection], bytes]
EXPORTERS: Final[dict[str, Exporter]] = {
    name: jsonld.write if name == "jsonld" else rdf.writer(form) for name, form in FORMATS.items()
}
FEEDS: Final[dict[str, Feed]] = {
    f.name: f
    for f in (
        tables.FEED,
        *kgx.FEEDS,
        schema_org.FEED,
        skos.FEED,
        sssom.FEED,
        rdf12.FEED,
        chunks.FEED,
        synonyms.FEED,
        fhir.FEED,
        void.FEED,
        obographs.FEED,
        nanopubs.FEED,
    )
}
# what each scope holds, as beginnings of graph names below graph/
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "facts": DEFAULT_GRAPHS,
    "claims": ("data/claims/", "data/catalogue/", "data/sources/"),
    "all": ("",),
}
# which aspects of what is known survive in the statements of a scope
CARRIED: Final[dict[str, frozenset[str]]] = {
    "facts": frozenset({"certainty", "inferences", "standing"}),
    "claims": frozenset({"denials", "evidence", "frequency", "review state", "scope"}),
    "all": frozenset(ASPECTS),
}


def select(store: Store, home: Home, scope: str = "facts") -> Selection:
    """Return the statements of a scope.

    Raises:
        UnknownName: there is no such scope.
    """
    if scope not in SCOPES:
        raise UnknownName("scope", scope, SCOPES)
    begins = _beginnings(scope)
    graphs = [g for g in store.graphs() if g.value.startswith(begins)]
    return Selection(tuple(in_order(store.quads(graphs))), home, whole=scope == "all")


def _part(quads: Sequence[Quad], home: Home, scope: str) -> Selection:
    begins = _beginnings(scope)
    kept = (q for q in quads if plain(q.graph_name).startswith(begins))  # type: ignore[arg-type]
    return Selection(tuple(kept), home, whole=scope == "all")


def _beginnings(scope: str) -> tuple[str, ...]:
    return tuple(PREFIXES["graph"] + start for start in SCOPES[scope])


def export(selection: Selection, form: str) -> bytes:
    """Write statements in a format: an exporter by its name, or an RDF format by suffix or media type.

    Raises:
        UnknownName: there is no such format.
    """
    return EXPORTERS[form if form in EXPORTERS else find(form).name](selection)


def bundle(kg: KnowledgeGraph) -> Iterator[tuple[str, bytes]]:
    """Yield everything there is to export as path and content, the manifest last.

    Of the RDF formats, those of quads get the whole, the others the facts. Beside the files of each lies its
    loss report.
    """
    entries: list[dict[str, Any]] = []
    with ThreadPoolExecutor() as beside:  # the engine works outside Python's lock; feeds wait for their rows
        beside.map(kg.rows, kg.catalog.names("exports"))
        whole = everything(kg)
        selections = {"all": whole, "facts": _part(whole.quads, kg.home, "facts")}
        for name in (*FORMATS, *FEEDS):
            for path, content in _filed(kg, name, selections.__getitem__).items():
                digest = hashlib.sha256(content).hexdigest()
                entries.append({"path": path, "format": name, "bytes": len(content), "sha256": digest})
                yield path, content
    manifest = {"name": "milia", "graph": kg.key, "files": entries}
    yield "manifest.json", (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def bundled(kg: KnowledgeGraph, name: str) -> dict[str, bytes]:
    """Return what the bundle has of one RDF format or feed, as path and content.

    Raises:
        UnknownName: there is neither.
    """
    if name not in FORMATS and name not in FEEDS:
        raise UnknownName("format", name, (*FORMATS, *FEEDS))
    return _filed(kg, name, lambda scope: select(kg.store, kg.home, scope))


def _filed(kg: KnowledgeGraph, name: str, selected: Callable[[str], Selection]) -> dict[str, bytes]:
    if name in FEEDS:
        files, carries = FEEDS[name].write(kg), FEEDS[name].carries
    else:
        scope = "all" if name in {"nquads", "trig"} else "facts"
        files = {f"milia-{scope}{FORMATS[name].suffix}": export(selected(scope), name)}
        carries = CARRIED[scope]
    files = {**files, "losses.json": report(name, losses(kg, carries))}
    return {f"{name}/{file}": content for file, content in files.items()}
