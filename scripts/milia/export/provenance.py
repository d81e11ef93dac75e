"""Write a proof in PROV-O: every triple an entity, every rule an activity, every claim a quotation."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from milia.explain import Proof
from milia.export.rdf import serialized
from milia.formats import FORMATS
from milia.names import BASE, expand, fact_iri, milia

__all__ = ["statements", "turtle"]


def turtle(*proofs: Proof) -> bytes:
    """Return proofs as PROV-O in Turtle."""
    found = dict.fromkeys(t for proof in proofs for t in statements(proof))
    return serialized(list(found), FORMATS["turtle"])


def statements(proof: Proof) -> list[Triple]:
    """Return the proof as PROV-O statements, without repetition."""
    found: dict[Triple, None] = {}
    _describe(proof, found)
    return list(found)


def _describe(proof: Proof, found: dict[Triple, None]) -> NamedNode:
    t = proof.triple
    entity = fact_iri(t.subject, t.predicate, t.object)

    def say(subject: NamedNode, predicate: str, obj: NamedNode | Literal) -> None:
        found[Triple(subject, expand(predicate), obj)] = None

    say(entity, "rdf:type", expand("prov:Entity"))
    for name, term in (("subject", t.subject), ("predicate", t.predicate), ("object", t.object)):
        found[Triple(entity, expand(f"rdf:{name}"), term)] = None
    if proof.status:
        say(entity, "milia:status", milia(proof.status))
    if proof.graph:
        say(entity, "prov:hadPrimarySource", NamedNode(BASE + proof.graph.replace("graph:", "graph/")))
    if proof.rule:
        step = NamedNode(f"{entity.value}-step")
        say(step, "rdf:type", expand("prov:Activity"))
        say(step, "rdfs:label", Literal(proof.rule))
        say(entity, "prov:wasGeneratedBy", step)
    for premise in proof.premises:
        say(entity, "prov:wasDerivedFrom", _describe(premise, found))
    for side, witnesses in (("milia:supportedBy", proof.supporting), ("milia:opposedBy", proof.opposing)):
        for witness in witnesses:
            claim = NamedNode(witness.claim.iri)
            say(entity, side, claim)
            say(claim, "rdf:type", expand("prov:Entity"))
            say(claim, "rdfs:comment", Literal(witness.claim.comment, language="en"))
            say(claim, "prov:hadPrimarySource", NamedNode(witness.evidence.source))
    return entity
