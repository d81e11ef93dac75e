"""Two closures of the same statements, by our rules and by owlrl, in one normal form that makes them alike.

owlrl has faults of its own. FAULTS lists them; `by_owlrl` works around those that it can, so that the two may
be compared all the same.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, RDFS

from milia.closure import Closure, close
from milia.literals import data_value
from milia.load import skolemise
from milia.names import PREFIXES, Term, expand
from milia.paths import Home

__all__ = [
    "FAULTS",
    "RULES",
    "Fault",
    "Row",
    "by_owlrl",
    "by_rules",
    "kind_of",
    "normal",
    "reports",
    "statements",
]

owlrl = import_module("owlrl")  # it has no types

RULES = Path(__file__).resolve().parents[1] / "ontology" / "rules" / "owl2rl.rls"
Row = tuple[Term, ...]

_HEADER = "@prefix : <http://x/> .\n" + "".join(
    f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("owl", "rdf", "rdfs", "xsd")
)


def statements(turtle: str) -> list[Triple]:
    """Return the statements of Turtle that may use : owl: rdf: rdfs: xsd:, with blank nodes named."""
    quads = parse(_HEADER + turtle, format=RdfFormat.TURTLE)
    return skolemise(q.triple for q in quads)


def _written(triples: Iterable[Triple]) -> str:
    return "".join(f"{t} .\n" for t in triples)


# ── the normal form ─────────────────────────────────────────────────────────────────────────────────

_REFLEXIVE = {
    expand(n)
    for n in (
        "owl:sameAs",
        "owl:equivalentClass",
        "owl:equivalentProperty",
        "rdfs:subClassOf",
        "rdfs:subPropertyOf",
    )
}
_BELOW_THING = {expand(n) for n in ("rdf:type", "rdfs:subClassOf", "rdfs:domain", "rdfs:range")}
_VOCABULARY = tuple(PREFIXES[p] for p in ("owl", "rdf", "rdfs", "xsd"))
# The engine knows one kind of whole number: what is derived from xsd:integer comes back as that.
_WHOLE = {
    expand(f"xsd:{n}")
    for n in (
        "nonNegativeInteger",
        "positiveInteger",
        "int",
        "long",
        "short",
        "byte",
        "unsignedInt",
        "unsignedLong",
    )
}


def normal(rows: Iterable[Row]) -> set[Row]:
    """Return the statements, without those true of anything, of the vocabularies, or unwritable in RDF."""
    return {(s, p, _plain_number(o)) for s, p, o in rows if _says_something(s, p, o)}


def _says_something(s: Term, p: Term, o: Term) -> bool:
    if not isinstance(s, NamedNode) or not isinstance(p, NamedNode) or s.value.startswith(_VOCABULARY):
        return False
    if s == o and p in _REFLEXIVE:
        return False
    if p == expand("owl:differentFrom") and isinstance(o, Literal):
        return False  # of every other value
    if p in _BELOW_THING and o == expand("owl:Thing"):
        return False
    return not (p == expand("rdf:type") and _of_datatypes(o))


def _of_datatypes(term: Term) -> bool:
    """Say whether a type is one that table 8 hands out, which our rules leave out on purpose."""
    return isinstance(term, NamedNode) and (
        term == expand("rdfs:Datatype") or term.value.startswith(PREFIXES["xsd"])
    )


def _plain_number(term: Term) -> Term:
    if isinstance(term, Literal) and term.datatype in _WHOLE:
        return Literal(term.value, datatype=expand("xsd:integer"))
    return term


# ── our rules ───────────────────────────────────────────────────────────────────────────────────────


@cache
def _home(rules: str | None) -> Home:
    """Return a project with another text of the rules, or ours."""
    if rules is None:
        return Home(RULES.parents[2])
    home = Home(Path(tempfile.mkdtemp(prefix="milia-owl2rl-")))
    (home.ontology / "rules").mkdir(parents=True)
    (home.ontology / "rules" / RULES.name).write_text(rules, encoding="utf-8")
    return home


def by_rules(triples: Iterable[Triple], rules: str | None = None, *, complete: bool = False) -> Closure:
    """Return the closure of statements by owl2rl.rls, or by another text of rules."""
    return close(_home(rules), triples, complete=complete)


# ── owlrl ───────────────────────────────────────────────────────────────────────────────────────────

_ERROR = rdflib.URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
_MEND = "urn:mend:"
_MESSAGES = {
    "eq-diff1": "'sameAs' and 'differentFrom'",
    "eq-diff": "'AllDifferent'",
    "prp-irp": "Irreflexive",
    "prp-asyp": "asymmetric",
    "prp-adp": "'AllDisjointProperties'",
    "prp-pdw": "usage of disjoint properties",
    "prp-npa1": r"Negative \(object\)",
    "prp-npa2": r"Negative \(datatype\)",
    "cls-nothing2": "of type 'Nothing'",
    "cls-com": "complementarity",
    "cls-maxc1": "maximum cardinality",
    "cls-maxqc": "maximum qualified cardinality",
    "cax-d": "Disjoint classes",
    "dt-not-type": "Lexical value",
}


def kind_of(rule: str) -> str:
    """Return the kind of contradiction a rule reports, as far as owlrl's messages tell kinds apart."""
    rule = rule.replace("cax-adc", "cax-dw")
    return next(kind for kind in sorted(_MESSAGES, key=len, reverse=True) if rule.startswith(kind))


def reports(closure: Closure) -> set[str]:
    """Return the kinds of contradiction that our rules report."""
    return {kind_of(one.rule) for one in closure.contradictions}


def by_owlrl(triples: Iterable[Triple], *, mended: bool = True) -> tuple[set[Row], set[str]]:
    """Return owlrl's closure in normal form, and the kinds of contradiction it reports.

    `mended` works around the faults of owlrl with lists and circles; without it, owlrl is taken as it is.
    """
    graph = rdflib.Graph().parse(data=_written(triples), format="nt")
    if mended:
        _compare_literals(graph)
    copies = _lengthen_lists(graph) if mended else {}
    _close(graph)
    while mended and (missing := set(_circles(graph)) - set(graph)):
        for triple in missing:
            graph.add(triple)
        _close(graph)
    texts = [str(o) for o in graph.objects(None, _ERROR) if "XMLSchema" not in str(o)]
    told = {kind for kind, text in _MESSAGES.items() if any(re.search(text, x) for x in texts)}
    rows = ((s, p, copies.get(o, o)) for s, p, o in graph)
    return normal(tuple(map(_term, row)) for row in rows if not any(map(_own, row))), told


def _compare_literals(graph: rdflib.Graph) -> None:
    """Say which literals have one value and which do not, which owlrl leaves out (dt-eq, dt-diff)."""
    literals = {o: data_value(_term(o)) for o in graph.objects() if isinstance(o, rdflib.Literal)}
    for one, value in literals.items():
        for other, its in literals.items():
            if one is not other and value and its:
                graph.add((one, OWL.sameAs if value == its else OWL.differentFrom, other))


def _close(graph: rdflib.Graph) -> None:
    semantics = owlrl.OWLRL_Semantics
    closure = owlrl.DeductiveClosure(
        semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False
    )
    closure.expand(graph)


def _lengthen_lists(graph: rdflib.Graph) -> dict[rdflib.term.Node, rdflib.term.Node]:
    """Put a copy, one member longer, in the place of each list of which owlrl overlooks the last member."""
    axioms = [(s, OWL.hasKey, o) for s, o in graph.subject_objects(OWL.hasKey)]
    for kind in (OWL.AllDifferent, OWL.AllDisjointProperties):
        for axiom in graph.subjects(RDF.type, kind):
            for p in (OWL.members, OWL.distinctMembers):
                axioms += [(axiom, p, o) for o in graph.objects(axiom, p)]
    copies: dict[rdflib.term.Node, rdflib.term.Node] = {}
    for n, (s, p, o) in enumerate(axioms):
        members = list(graph.items(o))
        members.append(members[0] if p == OWL.hasKey else rdflib.URIRef(f"{_MEND}member"))
        cells = [rdflib.URIRef(f"{_MEND}{n}:{m}") for m in range(len(members))]
        for cell, member, rest in zip(cells, members, [*cells[1:], RDF.nil], strict=True):
            graph.add((cell, RDF.first, member))
            graph.add((cell, RDF.rest, rest))
        graph.remove((s, p, o))
        graph.add((s, p, cells[0]))
        copies[cells[0]] = o
    return copies


def _circles(graph: rdflib.Graph) -> Iterator[tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]]:
    """Yield the reflexive statements that owlrl does not draw from circles."""
    for below, same in (
        (RDFS.subClassOf, OWL.equivalentClass),
        (RDFS.subPropertyOf, OWL.equivalentProperty),
    ):
        yield from ((s, below, s) for s, o in graph.subject_objects(below) if (o, below, s) in graph)
        yield from ((s, below, s) for s, o in graph.subject_objects(same) if s == o)


def _own(node: rdflib.term.Node) -> bool:
    """Say whether a node is of the mending, or of a message of owlrl: all others have names."""
    return isinstance(node, rdflib.BNode) or (isinstance(node, rdflib.URIRef) and node.startswith(_MEND))


def _term(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(node.datatype) if node.datatype else None)
    return NamedNode(str(node))


# ── known faults of owlrl ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Fault:
    """What owlrl does otherwise than the recommendation: what it misses, adds, or leaves unsaid.

    A test shows each of them on owlrl as it is, and that our rules do not share it. When a fault is mended
    there, its row and what works around it here can go.
    """

    rule: str
    about: str
    data: str
    misses: str = ""
    adds: str = ""
    unsaid: bool = False


_SOME = ":C owl:someValuesFrom :X ; owl:onProperty :p . :D owl:someValuesFrom :X ; owl:onProperty :p . "
_VALUE = ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "

FAULTS: tuple[Fault, ...] = (
    Fault(
        "eq-diff2",
        "the last member of a list is not compared",
        "[] a owl:AllDifferent ; owl:members (:a :b :c) . :c owl:sameAs :a .",
        unsaid=True,
    ),
    Fault(
        "eq-diff2",
        "a member that is listed twice is not noticed",
        "[] a owl:AllDifferent ; owl:members (:a :b :a) .",
        unsaid=True,
    ),
    Fault(
        "eq-diff3",
        "the last member of a list is not compared",
        "[] a owl:AllDifferent ; owl:distinctMembers (:a :b :c) . :c owl:sameAs :b .",
        unsaid=True,
    ),
    Fault(
        "eq-diff3",
        "a member that is listed twice is not noticed",
        "[] a owl:AllDifferent ; owl:distinctMembers (:a :a) .",
        unsaid=True,
    ),
    Fault(
        "prp-adp",
        "the last member of a list is not compared",
        "[] a owl:AllDisjointProperties ; owl:members (:p :q :r) . :a :p :b ; :r :b .",
        unsaid=True,
    ),
    Fault(
        "prp-key",
        "the last property of a key is not compared",
        ":C owl:hasKey (:p :q) . :a a :C ; :p 7 ; :q 8 . :b a :C ; :p 7 ; :q 9 .",
        adds=":a owl:sameAs :b .",
    ),
    Fault(
        "scm-sco",
        "a class in a circle does not come below itself",
        _SOME + ":X rdfs:subClassOf :Y . :Y rdfs:subClassOf :X .",
        misses=":C rdfs:subClassOf :D .",
    ),
    Fault(
        "scm-eqc1",
        "a class equivalent to itself does not come below itself",
        _SOME + ":X owl:equivalentClass :X .",
        misses=":C rdfs:subClassOf :D .",
    ),
    Fault(
        "scm-spo",
        "a property in a circle does not come below itself",
        _VALUE + ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .",
        misses=":C rdfs:subClassOf :D .",
    ),
    Fault(
        "scm-eqp1",
        "a property equivalent to itself does not come below itself",
        _VALUE + ":p owl:equivalentProperty :p .",
        misses=":C rdfs:subClassOf :D .",
    ),
    Fault(
        "scm-op",
        "a property of no declared kind (rdf:Property) comes below itself",
        _VALUE + ":p a rdf:Property .",
        adds=":C rdfs:subClassOf :D .",
    ),
    Fault(
        "dt-eq",
        "one number in two datatypes is two things",
        ':C owl:hasValue 7 ; owl:onProperty :p . :a :p "7"^^xsd:nonNegativeInteger .',
        misses=":a a :C .",
    ),
)
