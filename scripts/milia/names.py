"""The names of things: one base IRI, one prefix a kind, and how an IRI is written short."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from milia.errors import Misuse, UnknownName

__all__ = [
    "BASE",
    "DEFAULT_GRAPHS",
    "KINDS",
    "LICENCE",
    "NOTICE",
    "PREFIXES",
    "VERSION",
    "Term",
    "curie",
    "derived_graph",
    "digest",
    "expand",
    "fact_iri",
    "is_default_graph",
    "milia",
    "plain",
    "short",
]

Term = NamedNode | Literal | BlankNode | Triple

VERSION: Final = "0.1.0"
BASE: Final = "https://w3id.org/milia/"
# what goes with whatever leaves the graph
NOTICE: Final = "Milia is a reference of what sources say. It is not medical advice."
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"  # of the data
KINDS: Final = (
    "age",
    "article",
    "care",
    "cause",
    "circumstance",
    "concern",
    "condition",
    "course",
    "finding",
    "gene",
    "inheritance",
    "person",
    "population",
    "profession",
    "provider",
    "service",
    "site",
    "source",
    "structure",
    "substance",
    "supply",
)
PREFIXES: Final[dict[str, str]] = {
    "milia": BASE + "ontology/",
    **{kind: f"{BASE}{kind}/" for kind in KINDS},
    "claim": BASE + "claim/",
    "disagreement": BASE + "disagreement/",
    "fact": BASE + "fact/",
    "graph": BASE + "graph/",
    "mapping": BASE + "mapping/",
    "name": BASE + "name/",
    "node": BASE + "node/",
    "scheme": BASE + "scheme/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "eco": "http://purl.obolibrary.org/obo/ECO_",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hp": "http://purl.obolibrary.org/obo/HP_",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "sssom": "https://w3id.org/sssom/",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# the graphs whose union every query sees as its default graph; the rest is reached by GRAPH
DEFAULT_GRAPHS: Final = ("ontology/", "data/concepts/", "labels", "facts", "inferred", "links")

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BY_LENGTH = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


@cache
def milia(local: str) -> NamedNode:
    """Return the ontology term `local`.

    >>> milia("affects").value
    'https://w3id.org/milia/ontology/affects'
    """
    return NamedNode(PREFIXES["milia"] + local)


@cache
def expand(name: str) -> NamedNode:
    """Turn a CURIE, a path below the base, or a whole IRI into an IRI.

    >>> expand("condition:milia") == expand("condition/milia")
    True

    Raises:
        UnknownName: the prefix is none of ours.
        Misuse: the text cannot be an IRI.
    """
    name = name.strip().removeprefix("<").removesuffix(">")
    try:
        if re.match(r"[a-z][a-z0-9+.-]*://|urn:", name):
            return NamedNode(name)
        prefix, colon, local = name.partition(":")
        if colon:
            if prefix not in PREFIXES:
                raise UnknownName("prefix", prefix, PREFIXES)
            return NamedNode(PREFIXES[prefix] + local)
        if name == "a":
            return NamedNode(PREFIXES["rdf"] + "type")
        return NamedNode(BASE + name) if "/" in name else milia(name)
    except ValueError as error:
        msg = f"'{name}' is no IRI: {error}"
        raise Misuse(msg) from error


def curie(iri: str) -> str | None:
    """Return the prefixed name of `iri`, or None where it has none that Turtle allows.

    >>> curie("https://w3id.org/milia/care/retinol")
    'care:retinol'
    """
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace):
            local = iri[len(namespace) :]
            return f"{prefix}:{local}" if _LOCAL.fullmatch(local) else None
    return None


def short(term: object) -> str:
    """Write a term briefly, for people: a CURIE, a path below the base, a literal's text.

    >>> short(NamedNode("https://w3id.org/milia/claim/cadogan/001"))
    'claim/cadogan/001'
    """
    if isinstance(term, Literal):
        return term.value
    if isinstance(term, BlankNode | Triple):
        return str(term)
    iri = term.value if isinstance(term, NamedNode) else str(term)
    return curie(iri) or iri.removeprefix(BASE)


def plain(term: Term) -> str:
    """Return the text of a term: an IRI, a literal's value.

    >>> plain(NamedNode("https://w3id.org/milia/care/retinol"))
    'https://w3id.org/milia/care/retinol'
    """
    return str(term) if isinstance(term, Triple) else term.value


def digest(text: str) -> str:
    """Return the 20 hex digits by which content is named in an IRI."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def fact_iri(subject: object, predicate: object, obj: object) -> NamedNode:
    """Return the IRI of the fact node of a triple: a hash of its N-Triples form."""
    return NamedNode(f"{PREFIXES['fact']}{digest(f'{subject} {predicate} {obj}')}")


@cache
@cache  # asked of every statement that goes into a store
def is_default_graph(graph: str) -> bool:
    """Say whether a graph belongs to the union that every query sees as its default graph.

    >>> is_default_graph(BASE + "graph/facts"), is_default_graph(BASE + "graph/data/claims/cadogan")
    (True, False)
    """
    local = graph.removeprefix(PREFIXES["graph"])
    return local != graph and any(
        local.startswith(g) if g.endswith("/") else local == g for g in DEFAULT_GRAPHS
    )


def derived_graph(name: str) -> NamedNode:
    """Return the graph that holds what the rules derive: labels, facts, inferred, links and others."""
    return NamedNode(PREFIXES["graph"] + name)
