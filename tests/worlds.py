"""Small worlds of claims for the tests of the rules: say a few things, and see what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Triple, parse

from milia.derive import Derivation, derive
from milia.load import SourceFile, Sources, load, skolemise
from milia.names import BASE, PREFIXES, expand, fact_iri, milia, short

if TYPE_CHECKING:
    from milia.paths import Home

PAGES = """
source:low a milia:Source ; milia:standing milia:CommercialPage ; dcterms:publisher provider:one .
source:low-again a milia:Source ; milia:standing milia:CommercialPage ; dcterms:publisher provider:one .
source:other a milia:Source ; milia:standing milia:CommercialPage ; dcterms:publisher provider:two .
source:high a milia:Source ; milia:standing milia:PeerReviewed ; dcterms:publisher provider:three .
source:gone a milia:Source ; milia:standing milia:PeerReviewed ; milia:reviewState milia:Retracted .
"""
THINGS = """
age:test-child a milia:AgeGroup ; milia:fromAge 365 ; milia:belowAge 6574 .
age:test-teen a milia:AgeGroup ; milia:fromAge 4380 ; milia:belowAge 7300 .
age:test-old a milia:AgeGroup ; milia:fromAge 20000 .
age:test-older a milia:AgeGroup ; milia:fromAge 24000 .
condition:a a milia:MiliaForm . condition:b a milia:MiliaForm . condition:top a milia:MiliaForm .
condition:group a milia:Disorder .
"""


@dataclass
class World:
    """A small set of claims; `say` adds one."""

    claims: list[str] = field(default_factory=list)

    def say(
        self,
        claim: str,
        *,
        denies: bool = False,
        hedged: bool = False,
        source: str = "low",
        retracted: bool = False,
        more: str = "",
        evidence: str = "",
    ) -> str:
        """Add a claim and return its name."""
        subject, predicate, obj = claim.split(maxsplit=2)
        name = f"claim/test/{len(self.claims):03d}"
        self.claims.append(
            f"<{name}> a milia:Claim ; rdf:subject {subject} ; "
            f"rdf:predicate milia:{predicate} ; rdf:object {obj} ; "
            f"milia:stance milia:{'Denies' if denies else 'Affirms'} ; "
            f"milia:certainty milia:{'Hedged' if hedged else 'Stated'} ; "
            f"milia:reviewState milia:{'Retracted' if retracted else 'Draft'} ; {more} "
            f"milia:evidence [ a milia:Evidence ; oa:hasSource source:{source} {evidence} ] ."
        )
        return name

    def derive(self, home: Home, things: str = "") -> Derivation:
        """Run the rules over the ontology and what was said."""
        files = [
            _file("data/concepts/test.ttl", THINGS + things),
            _file("data/claims/test.ttl", "\n".join(self.claims)),
        ]
        return derive(home, Sources([*ontology_of(home), *files, _file("data/sources/test.ttl", PAGES)]))


def _file(name: str, text: str) -> SourceFile:
    prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in PREFIXES.items())
    quads = parse(prefixes + text, format=RdfFormat.TURTLE, base_iri=BASE)
    return SourceFile(Path(name), name, name, tuple(skolemise(q.triple for q in quads)))


def ontology_of(home: Home) -> list[SourceFile]:
    """Return the files of the ontology alone."""
    return [f for f in load(home).files if f.name.startswith("ontology/")]


def triple(text: str) -> Triple:
    """Return the triple that `subject predicate object` stands for."""
    subject, predicate, obj = text.split()
    return Triple(expand(subject), milia(predicate), expand(obj))


def status(made: Derivation, text: str) -> str | None:
    """Return the computed status of a triple, if it has one."""
    t = triple(text)
    node = fact_iri(t.subject, t.predicate, t.object)
    for triples in made.graphs.values():
        for found in triples:
            if found.subject == node and found.predicate == milia("status"):
                return short(found.object).removeprefix("milia:")
    return None
