"""Sort what the rules give into the graphs that are published: facts, inferences, links, disagreements.

The closure reads facts, Established and Hedged alike; an inference is Established if it follows from the
Established ones alone, which its steps show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Triple

from milia.care import suggestions
from milia.labels import LABEL_OF, labels
from milia.load import Sources
from milia.names import PREFIXES, derived_graph, digest, expand, fact_iri, milia, plain
from milia.paths import Home
from milia.reason import ADMITTED, Engine, run_rules
from milia.steps import DerivedSteps

__all__ = ["Derivation", "derive", "is_thing_link"]

_RDF = PREFIXES["rdf"]


@dataclass
class Derivation:
    """What the rules add, by graph, with the engine and the steps that say why."""

    engine: Engine
    steps: DerivedSteps | None = None
    graphs: dict[str, list[Triple]] = field(default_factory=dict)
    inconsistencies: list[tuple[Any, ...]] = field(default_factory=list)
    withheld: list[tuple[Triple, NamedNode]] = field(default_factory=list)

    def quads(self) -> Iterator[Quad]:
        """Yield every derived statement, in its graph."""
        for name, triples in self.graphs.items():
            graph = derived_graph(name)
            for t in triples:
                yield Quad(t.subject, t.predicate, t.object, graph)


def derive(home: Home, sources: Sources, *, steps: bool = True) -> Derivation:
    """Run the rules and sort what they give into the derived graphs.

    Without `steps` there are no proofs, and every inference counts as Hedged: enough to check, never to
    publish.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: the rule engine is not installed.
    """
    engine = run_rules(home, sources, instances=steps)
    known = DerivedSteps(engine) if steps else None
    facts = set(_triples(engine, "Fact"))
    withheld = [(Triple(*row[:3]), row[3]) for row in engine.terms("Withheld")]
    hidden = {t for t, _ in withheld} | set(_triples(engine, "Ontology")) | facts
    inferred = {t for t in _triples(engine, "T") if t not in hidden and not _is_trivial(t)}
    links = set(_triples(engine, "Link")) - inferred - hidden
    standing, contested = _fact_nodes(sources, engine)
    graphs = {
        "labels": _labels(sources, engine, facts),
        "facts": [*facts, *_described(sources, {t.object for t in facts}), *standing],
        "disputed": contested,
        "inferred": [*inferred, *_inference_nodes(inferred, known)],
        "links": [*links, *_inference_nodes(links, known)],
        "disagreements": _disagreements(engine, withheld),
        "suggestions": suggestions(engine.terms, lambda scale: _ranked(sources, scale)),
    }
    return Derivation(engine, known, graphs, engine.terms("Inconsistent"), withheld)


def _labels(sources: Sources, engine: Engine, facts: set[Triple]) -> list[Triple]:
    ranks = {f: int(n.value) for f, n in engine.terms("BestRank")}
    voices = {f: int(n.value) for f, n in engine.terms("Publishers")}
    weights = {
        t: (ranks.get(f, -1), voices.get(f, 0))
        for t in facts
        if t.predicate in LABEL_OF
        for f in [fact_iri(t.subject, t.predicate, t.object)]
    }
    return labels(sources.below("data/concepts/"), weights)


def _triples(engine: Engine, relation: str) -> Iterator[Triple]:
    """Yield the rows of a ternary relation, without those that RDF cannot say (a literal as subject)."""
    return (Triple(*row) for row in engine.terms(relation) if not isinstance(row[0], Literal))


def _described(sources: Sources, nodes: Iterable[object]) -> list[Triple]:
    """Return what the sources say of nodes without a name, such as ranges: a fact is whole by itself."""
    unnamed = {n for n in nodes if isinstance(n, NamedNode) and n.value.startswith(PREFIXES["node"])}
    return [t for t in sources.below("data/") if t.subject in unnamed]


def _is_trivial(t: Triple) -> bool:
    """Say whether a triple is true of anything, or speaks of the vocabularies and of list nodes."""
    if t.subject == t.object or isinstance(t.object, Literal):
        return True  # literals come from the parse: the engine does not keep every datatype
    outside = (_RDF, PREFIXES["rdfs"], PREFIXES["owl"], PREFIXES["xsd"], PREFIXES["node"])
    if plain(t.subject).startswith(outside):
        return True
    vague = (PREFIXES["owl"] + "Thing", PREFIXES["rdfs"] + "Resource")
    return isinstance(t.object, NamedNode) and (
        t.object.value in vague or t.object.value.startswith(PREFIXES["node"])
    )


def is_thing_link(t: Triple) -> bool:
    """Say whether a triple links two things of ours by a property of ours."""
    ours = PREFIXES["milia"]
    return (
        t.predicate.value.startswith(ours)
        and not plain(t.subject).startswith(ours)
        and isinstance(t.object, NamedNode)
        and not t.object.value.startswith(ours)
    )


def _reified(kind: str, node: NamedNode, t: Triple) -> list[Triple]:
    return [
        Triple(node, expand("rdf:type"), milia(kind)),
        Triple(node, expand("rdf:subject"), t.subject),
        Triple(node, expand("rdf:predicate"), t.predicate),
        Triple(node, expand("rdf:object"), t.object),
    ]


def _fact_nodes(sources: Sources, engine: Engine) -> tuple[list[Triple], list[Triple]]:
    """Return the nodes of the facts that stand, and those of the others, disputed triples among them."""
    said: dict[NamedNode, list[Triple]] = {
        f: _reified("Fact", f, Triple(*t)) for f, *t in engine.terms("FactNode")
    }
    for relation, predicate in (
        ("Supports", "supportedBy"),
        ("Opposes", "opposedBy"),
        ("NotSeen", "notSeenBy"),
    ):
        for claim, f in engine.terms(relation):
            said[f].append(Triple(f, milia(predicate), claim))
    for relation, predicate, kind in (
        ("BestRank", "bestStanding", "Standing"),
        ("BestDesign", "bestDesign", "StudyDesign"),
    ):
        ranked = _ranked(sources, kind)
        for f, rank in engine.terms(relation):
            if rank.value in ranked:
                said[f].append(Triple(f, milia(predicate), ranked[rank.value]))
    for f, count in engine.terms("Publishers"):
        said[f].append(Triple(f, milia("independentSources"), count))
    standing: list[Triple] = []
    contested: list[Triple] = []
    for f, status in engine.terms("Status"):
        stands = status in {milia(s) for s in ADMITTED}
        (standing if stands else contested).extend([*said[f], Triple(f, milia("status"), status)])
        if status == milia("Disputed"):
            _, s, p, o = said[f][:4]
            contested.append(Triple(s.object, p.object, o.object))  # type: ignore[arg-type]
    return standing, contested


def _ranked(sources: Sources, kind: str) -> dict[str, NamedNode]:
    """Return the individuals of an ordered class, such as the standings, by their rank."""
    terms = list(sources.below("ontology/"))
    members = {t.subject for t in terms if t.predicate == expand("rdf:type") and t.object == milia(kind)}
    return {
        plain(t.object): NamedNode(plain(t.subject))
        for t in terms
        if t.predicate == milia("rank") and t.subject in members
    }


def _inference_nodes(triples: Iterable[Triple], steps: DerivedSteps | None) -> list[Triple]:
    result = []
    for t in triples:
        if is_thing_link(t):
            node = fact_iri(t.subject, t.predicate, t.object)
            result += _reified("Inference", node, t)
            certain = steps is not None and steps.is_certain(t)
            result.append(Triple(node, milia("status"), milia("Established" if certain else "Hedged")))
    return result


def _disagreements(engine: Engine, withheld: list[tuple[Triple, NamedNode]]) -> list[Triple]:
    """Return a node for each way in which claims relate, about one fact or two; then what was withheld."""
    fact_of = dict(engine.terms("ClaimOf"))
    sides: dict[tuple[NamedNode, tuple[NamedNode, ...]], set[NamedNode]] = {}
    for kind, c, d in engine.terms("Disagree"):
        about = tuple(sorted({fact_of[c], fact_of[d]}, key=str))
        sides.setdefault((kind, about), set()).update((c, d))
    for f, claim in engine.terms("Agree"):
        sides.setdefault((milia("Agreement"), (f,)), set()).add(claim)
    result = []
    for (kind, about), claims in sides.items():
        node = NamedNode(PREFIXES["disagreement"] + digest(" ".join(map(str, (kind, *about)))))
        result += [Triple(node, expand("rdf:type"), milia("Disagreement")), Triple(node, milia("kind"), kind)]
        result += [Triple(node, milia("about"), f) for f in about]
        result += [Triple(node, milia("between"), c) for c in claims]
    for t, claim in withheld:
        node = fact_iri(t.subject, t.predicate, t.object)
        result += _reified("Inference", node, t)
        result += [Triple(node, milia("withheld"), Literal(True)), Triple(node, milia("opposedBy"), claim)]
    return result
