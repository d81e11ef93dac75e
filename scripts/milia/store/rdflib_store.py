"""The referee engine: rdflib, slow and independent."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from itertools import islice

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib.plugins.sparql import prepareQuery

from milia.names import BASE, PREFIXES, Term, is_default_graph
from milia.store.base import Answer, not_sparql

__all__ = ["RdflibStore", "to_rdflib"]

_STRING = "http://www.w3.org/2001/XMLSchema#string"


class RdflibStore:
    """An rdflib dataset whose default graph holds a copy of the union DESIGN names."""

    name = "rdflib"

    def __init__(self) -> None:
        """Start empty."""
        self._data = rdflib.Dataset()

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads; those of the default union are copied into rdflib's default graph."""
        for q in quads:
            triple = (to_rdflib(q.subject), to_rdflib(q.predicate), to_rdflib(q.object))
            self._data.graph(rdflib.URIRef(q.graph_name.value)).add(triple)  # type: ignore[union-attr]
            if is_default_graph(q.graph_name.value):  # type: ignore[union-attr]
                self._data.default_graph.add(triple)

    def load(self, content: bytes) -> None:
        """Add the quads of an N-Quads text."""
        self.add(parse(content, format=RdfFormat.N_QUADS))

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query over the union default graph, with at most so many rows or triples."""
        try:
            prepared = prepareQuery(text, initNs=PREFIXES, base=BASE)
        except Exception as error:  # pyparsing and rdflib raise many unrelated classes here
            raise not_sparql(text, str(error), getattr(error, "lineno", None)) from error
        with warnings.catch_warnings():  # rdflib warns of what its own evaluation calls
            warnings.filterwarnings("ignore", r"Dataset\.", DeprecationWarning)
            return self._answer(self._data.query(prepared), limit)

    def _answer(self, result: rdflib.query.Result, limit: int | None) -> Answer:
        if result.type == "ASK":
            return Answer(truth=bool(result.askAnswer))
        if result.type == "SELECT":
            names = tuple(str(v) for v in result.vars or ())
            rows = tuple(tuple(_from_rdflib(t) for t in row) for row in islice(result, limit))  # type: ignore[union-attr]
            return Answer(names, rows)
        triples = (tuple(map(_from_rdflib, t)) for t in result)  # type: ignore[arg-type]
        return Answer(triples=tuple(islice(dict.fromkeys(Triple(*t) for t in triples), limit)))  # type: ignore[arg-type]

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterable[Quad]:
        """Yield the quads of these graphs, or of all."""
        for graph in self.graphs() if graphs is None else graphs:
            for s, p, o in self._data.get_context(rdflib.URIRef(graph.value)):
                yield Quad(_from_rdflib(s), _from_rdflib(p), _from_rdflib(o), graph)  # type: ignore[arg-type]

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""
        names = (g.identifier for g in self._data.graphs() if len(g))
        default = self._data.default_graph.identifier
        return [NamedNode(n) for n in sorted(str(n) for n in names if n != default)]

    def close(self) -> None:
        """Let go of the data."""
        self._data.close()


def to_rdflib(term: object) -> rdflib.term.Node:
    """Return the term as rdflib has it, its text unchanged."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, Literal):
        msg = f"rdflib has no term for {term}"
        raise TypeError(msg)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value == _STRING else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def _from_rdflib(term: object) -> Term | None:
    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
    msg = f"unexpected term {term!r}"
    raise TypeError(msg)
