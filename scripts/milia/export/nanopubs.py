"""Write each claim as a nanopublication: what is asserted, on what evidence, and on what terms.

A claim that affirms what is established, without hedge or limit, asserts its triple. Any other is described,
so that nobody reads as said what is only denied, supposed, disputed, said of some people or looked for in
vain. Each has a trusty URI (module RA), so that it cannot change under its name. None is signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from milia.export.biolink import publication
from milia.export.feed import Feed, Files
from milia.export.trusty import CODE, artifact
from milia.kg import KnowledgeGraph
from milia.model import Claim, Evidence
from milia.names import BASE, LICENCE, PREFIXES, Term, expand

__all__ = ["FEED", "PLACE", "Places", "nanopub", "text", "write"]

PLACE: Final = BASE + "nanopub/"
_SELF: Final = NamedNode(PLACE + CODE)
_PREFIXES: Final = {**PREFIXES, "np": "http://www.nanopub.org/nschema#"}
_LICENSE: Final = NamedNode(LICENCE)
_CREATOR: Final = NamedNode(BASE + "agent/curators")
_WARNING: Final = Literal(
    "What a source says, as Milia records it; not medical advice. A Draft is not reviewed by a clinician.",
    language="en",
)
Statement = tuple[Term, Term, Term]


def _part(name: str) -> NamedNode:
    return NamedNode(f"{_SELF.value}#{name}")


_HEAD, _ASSERTION, _PROVENANCE, _INFO = map(_part, ("Head", "assertion", "provenance", "pubinfo"))
_FRAME: Final = (
    (_SELF, expand("rdf:type"), NamedNode(_PREFIXES["np"] + "Nanopublication")),
    (_SELF, NamedNode(_PREFIXES["np"] + "hasAssertion"), _ASSERTION),
    (_SELF, NamedNode(_PREFIXES["np"] + "hasProvenance"), _PROVENANCE),
    (_SELF, NamedNode(_PREFIXES["np"] + "hasPublicationInfo"), _INFO),
)


@dataclass(frozen=True)
class Places:
    """Where sources are found, by IRI, and what the rows of databases hash to, by source and key."""

    sources: Mapping[str, str]
    rows: Mapping[tuple[str, str], str]


def write(kg: KnowledgeGraph) -> Files:
    """Return `milia-nanopubs.trig`, the claims in the order of their names."""
    places = Places(
        {row["source"]: publication(row["addresses"].split()) for row in kg.rows("publications")},
        {(row["source"], row["key"]): row["sha256"] for row in kg.rows("hashes") if "key" in row},
    )
    established = (row for row in kg.rows("edges") if row["status"] == "Established")
    held = {claim for row in established for claim in row.get("for", "").split("|")}
    return {
        "milia-nanopubs.trig": text(nanopub(c, c.iri in held, places) for _, c in sorted(kg.claims.items()))
    }


def text(nanopubs: Iterable[list[Quad]]) -> bytes:
    """Return nanopublications in TriG; each begins with the prefix `sub` for its own names."""
    body = "\n".join(map(_written, nanopubs))
    used = set(re.findall(r"[\s^]([a-z]+):", body))
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(_PREFIXES.items()) if name in used)
    return f"{head}\n{body}".encode()


def _written(quads: list[Quad]) -> str:
    prefixes = {**_PREFIXES, "sub": f"{_SELF.value}#"}
    content = (serialize(quads, format=RdfFormat.TRIG, prefixes=prefixes) or b"").decode()
    body = re.sub(r"\A(?:@prefix .*\n)+", "", content)
    return f"@prefix sub: <{prefixes['sub']}> .\n{body}".replace(CODE, artifact(quads))


# ── the four graphs ───────────────────────────────────────────────────────────────────────────────────────


def nanopub(claim: Claim, is_held: bool, places: Places) -> list[Quad]:
    """Return the statements of a claim; `is_held` says that it supports what is established."""
    plain = is_held and claim.affirms and claim.certainty == "milia:Stated" and not claim.scope
    graphs: tuple[tuple[NamedNode, Iterable[Statement]], ...] = (
        (_HEAD, _FRAME),
        (_ASSERTION, [claim.triple] if plain else _described(claim)),
        (_PROVENANCE, _provenance(claim, places)),
        (_INFO, _info(claim)),
    )
    return [Quad(s, p, o, graph) for graph, said in graphs for s, p, o in said]  # type: ignore[arg-type]


def _described(claim: Claim) -> Iterator[Statement]:
    """Yield that there is a claim, what it is about, and which way it goes."""
    iri = NamedNode(claim.iri)
    yield iri, expand("rdf:type"), expand("milia:Claim")
    for part, term in zip(("subject", "predicate", "object"), claim.triple, strict=True):
        yield iri, expand(f"rdf:{part}"), term
    yield iri, expand("milia:stance"), expand(claim.stance)
    yield iri, expand("milia:certainty"), expand(claim.certainty)
    yield from _limits(claim)


def _limits(claim: Claim) -> Iterator[Statement]:
    """Yield how often and for whom the source says that it holds."""
    iri, scope = NamedNode(claim.iri), _part("scope")
    if claim.frequency:
        yield iri, expand("milia:frequency"), expand(claim.frequency)
    if claim.of is not None:
        yield iri, expand("milia:observed"), Literal(claim.observed or 0)
        yield iri, expand("milia:of"), Literal(claim.of)
    if claim.universal:
        yield iri, expand("milia:universal"), Literal(True)
    if claim.onset is not None:
        yield iri, expand("milia:onset"), claim.onset
    if claim.scope:
        yield iri, expand("milia:scope"), scope
        yield scope, expand("rdf:type"), expand("milia:Scope")
    for aspect, value in claim.scope:
        yield scope, expand(aspect), value


def _provenance(claim: Claim, places: Places) -> Iterator[Statement]:
    iri = NamedNode(claim.iri)
    yield _ASSERTION, expand("prov:wasDerivedFrom"), iri
    for name in dict.fromkeys(evidence.source for evidence in claim.evidence):
        yield _ASSERTION, expand("prov:wasDerivedFrom"), NamedNode(name)
        if place := places.sources.get(name):
            yield NamedNode(name), expand("dcterms:identifier"), Literal(place)
    yield iri, expand("rdfs:comment"), Literal(claim.comment, language="en")
    yield iri, expand("milia:reviewState"), expand(claim.review)
    yield from _limits(claim)
    for number, evidence in enumerate(claim.evidence, 1):
        yield iri, expand("milia:evidence"), _part(f"evidence-{number}")
        yield from _evidence(evidence, number, places)


def _evidence(evidence: Evidence, number: int, places: Places) -> Iterator[Statement]:
    node, selector = _part(f"evidence-{number}"), _part(f"selector-{number}")
    yield node, expand("rdf:type"), expand("milia:Evidence")
    yield node, expand("oa:hasSource"), NamedNode(evidence.source)
    yield node, expand("milia:verification"), expand(evidence.verification)
    if evidence.type:
        yield node, expand("milia:evidenceType"), expand(evidence.type)
    if evidence.design:
        yield node, expand("milia:studyDesign"), expand(evidence.design)
    if evidence.drawn_from:
        yield node, expand("milia:drawnFrom"), NamedNode(evidence.drawn_from)
    if evidence.reason:
        yield node, expand("milia:reason"), Literal(evidence.reason, language="en")
    if evidence.created:
        yield node, expand("dcterms:created"), Literal(evidence.created, datatype=expand("xsd:date"))
    if selected := list(_selected(evidence, places)):
        yield node, expand("oa:hasSelector"), selector
        yield from ((selector, predicate, value) for predicate, value in selected)


def _selected(evidence: Evidence, places: Places) -> Iterator[tuple[NamedNode, Term]]:
    """Yield where in the source it stands, and the hash of the words or the row, never the words."""
    sha256 = ""
    if span := evidence.span:
        sha256 = span.sha256
        yield expand("rdf:type"), expand("oa:TextPositionSelector")
        yield expand("oa:start"), Literal(span.start)
        yield expand("oa:end"), Literal(span.end)
    if excerpt := evidence.excerpt:
        sha256 = excerpt.sha256
        yield expand("rdf:type"), expand("milia:Excerpt")
        yield expand("milia:length"), Literal(excerpt.length)
    if evidence.row:
        sha256 = places.rows[evidence.source, evidence.row]
        yield expand("rdf:type"), expand("milia:Row")
        yield expand("milia:key"), Literal(evidence.row)
    if sha256:
        yield expand("milia:sha256"), Literal(sha256)


def _info(claim: Claim) -> Iterator[Statement]:
    """Yield the terms, and the day of the claim as its first moment: readers look for no mere day."""
    yield _SELF, expand("dcterms:license"), _LICENSE
    yield _SELF, expand("dcterms:creator"), _CREATOR
    yield _SELF, expand("rdfs:comment"), _WARNING
    if days := [evidence.created for evidence in claim.evidence if evidence.created]:
        moment = Literal(f"{max(days)}T00:00:00Z", datatype=expand("xsd:dateTime"))
        yield _SELF, expand("dcterms:created"), moment


FEED = Feed(
    "nanopubs",
    "Nanopublications",
    "registries of nanopublications",
    "nanopub and its trustyuri",
    write,
    frozenset({"certainty", "denials", "evidence", "frequency", "review state", "scope"}),
)
