"""Linked data: what is said of the thing at an address, in the form that is accepted.

The path of an address below the base is the thing's IRI. What is sent is every statement with the thing as
its subject, the nodes without a name of their own that hang on it, what is linked to it, and what all these
are called.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import NamedNode, Quad

from milia.export import Selection, export
from milia.export.selection import in_order
from milia.formats import FORMATS, Format
from milia.kg import KnowledgeGraph
from milia.names import BASE, PREFIXES, derived_graph

__all__ = ["SUFFIXES", "about", "is_here", "written"]

SUFFIXES: Final[dict[str, Format]] = {form.suffix: form for form in FORMATS.values()}
_HERE: Final = derived_graph("facts")
_PATH: Final = re.compile(r"""[^<>"{}|^`\\\x00-\x20]+""")  # what may stand in an IRI
_NODES: Final = (PREFIXES["fact"], PREFIXES["node"])
_DEEP: Final = 4  # nodes in brackets in nodes in brackets: no deeper in any claim


def is_here(kg: KnowledgeGraph, path: str) -> bool:
    """Say whether the graph says anything of the thing at a path below the base."""
    if not path or not _PATH.fullmatch(path):
        return False
    iri = NamedNode(BASE + path)
    found = kg.store.query(
        f"ASK {{ {{ {iri} ?p ?o }} UNION {{ GRAPH ?g {{ {iri} ?p ?o }} }} "
        f"UNION {{ GRAPH {iri} {{ ?s ?p ?o }} }} }}"
    )
    return bool(found.truth)


def about(kg: KnowledgeGraph, path: str) -> Selection:
    """Return what is said of a thing, as statements of one graph."""
    iri = NamedNode(BASE + path)
    node = PREFIXES["node"]
    # a disputed or denied link would read as a fact outside its graph; its node is kept, with both sides
    where = "" if iri.value.startswith(_NODES) else "FILTER (?g != graph:disputed)"
    own = kg.store.query(
        f"CONSTRUCT {{ {iri} ?p ?o }} {{ {{ {iri} ?p ?o }} UNION {{ GRAPH ?g {{ {iri} ?p ?o }} {where} }} }}"
    ).triples
    links = kg.store.query(f"CONSTRUCT {{ ?s ?p {iri} }} {{ ?s ?p {iri} }}").triples
    found = dict.fromkeys((*(own or ()), *(links or ())))
    inner = {t.object for t in found if isinstance(t.object, NamedNode) and t.object.value.startswith(node)}
    for _ in range(_DEEP):
        if not inner:
            break
        values = " ".join(map(str, sorted(inner, key=str)))
        more = kg.store.query(
            f"CONSTRUCT {{ ?n ?p ?o }} {{ VALUES ?n {{ {values} }} GRAPH ?g {{ ?n ?p ?o }} }}"
        ).triples
        fresh = [t for t in more or () if t not in found]
        found |= dict.fromkeys(fresh)
        inner = {
            t.object for t in fresh if isinstance(t.object, NamedNode) and t.object.value.startswith(node)
        }
    quads = [Quad(t.subject, t.predicate, t.object, _HERE) for t in found]
    return Selection(tuple(in_order(quads)), kg.home)


def written(kg: KnowledgeGraph, path: str, form: Format) -> bytes:
    """Return what is said of a thing in a format of RDF."""
    return export(about(kg, path), form.name)
