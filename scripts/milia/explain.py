"""Assemble proofs: from a link through named rules to claims, and from a claim to the words of its source.

A proof is built from three things only: the published graph (facts, claims, who supports and opposes), the
steps of the rules, and, where they are at hand, the snapshots. It never guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyoxigraph import Triple

from milia.evidence import Snapshots
from milia.labels import LABEL_OF
from milia.model import Claim, Evidence, Fact
from milia.names import PREFIXES, expand, fact_iri, plain, short
from milia.store import Store

if TYPE_CHECKING:
    from milia.steps import Steps

__all__ = ["Explainer", "Proof", "Witness", "short_name"]

_FRAGMENT_WORDS = 5
_DERIVED = ("labels", "facts", "inferred", "links", "disputed", "disagreements", "suggestions")
_MAY_SUGGEST = expand("milia:maySuggest")
# what the rules of care.rls looked for and did not find
_NOTHING_AGAINST = ("Unfit()", "NotForSale()")


@dataclass(frozen=True)
class Witness:
    """One piece of evidence of a claim, with the words it cites if the snapshot is at hand."""

    claim: Claim
    evidence: Evidence
    title: str
    standing: str
    url: str | None = None
    words: str | None = None

    def note(self) -> str:
        """Say what could and could not be verified here."""
        evidence = self.evidence
        if evidence.span is not None:
            known = self.words is not None
            return (
                "span verified against the snapshot" if known else "snapshot not at hand, span not verified"
            )
        if evidence.excerpt is not None:
            return f"an excerpt of {evidence.excerpt.length} characters was seen on {evidence.created}"
        if evidence.row is not None:
            return f"row {evidence.row}"
        return "curator's judgement" if evidence.reason else "cited, its text was not seen"

    def link(self) -> str | None:
        """Return the publisher's page, with a text fragment that finds the words where they are known."""
        if self.url is None or self.words is None:
            return self.url
        first = " ".join(self.words.split()[:_FRAGMENT_WORDS])
        return f"{self.url}#:~:text={quote(first, safe='')}"

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as plain data, with what the claim says."""
        claim, evidence = self.claim, self.evidence
        span, excerpt = evidence.span, evidence.excerpt
        data = {
            "claim": claim.iri,
            "says": claim.comment,
            "stance": short_name(claim.stance),
            "certainty": short_name(claim.certainty),
            "frequency": claim.frequency and short_name(claim.frequency),
            "scope": {short_name(a): short(v) for a, v in claim.scope} or None,
            "observed": claim.observed,
            "of": claim.of,
            "review": short_name(claim.review),
            "onset": claim.onset and short(claim.onset),
            "design": evidence.design and short_name(evidence.design),
            "source": evidence.source,
            "drawn_from": evidence.drawn_from,
            "title": self.title,
            "standing": self.standing,
            "verification": short_name(evidence.verification),
            "start": span and span.start,
            "end": span and span.end,
            "sha256": (span or excerpt) and (span or excerpt).sha256,  # type: ignore[union-attr]
            "length": excerpt and excerpt.length,
            "row": evidence.row,
            "words": self.words,
            "reason": evidence.reason,
            "url": self.link(),
            "note": self.note(),
        }
        return {k: v for k, v in data.items() if v is not None}


@dataclass(frozen=True)
class Proof:
    """Why a triple holds, or what is said for and against it."""

    triple: Triple
    kind: str
    """`fact`, `inference`, `asserted` or `unknown`."""
    status: str | None = None
    rule: str | None = None
    graph: str | None = None
    premises: tuple[Proof, ...] = ()
    supporting: tuple[Witness, ...] = ()
    opposing: tuple[Witness, ...] = ()
    absent: tuple[str, ...] = ()
    publishers: int = 0

    @property
    def holds(self) -> bool:
        """Say whether the triple is published as holding."""
        return self.kind != "unknown" and self.status in {None, "Established", "Hedged"}

    def claims(self) -> Iterator[Claim]:
        """Yield every claim the proof rests on, from top to bottom."""
        yield from (w.claim for w in self.supporting)
        for premise in self.premises:
            yield from premise.claims()

    def leaves(self) -> Iterator[Proof]:
        """Yield the ends of the tree: facts and asserted statements."""
        if not self.premises:
            yield self
        for premise in self.premises:
            yield from premise.leaves()

    def to_json(self) -> dict[str, Any]:
        """Return the proof as plain data."""
        data: dict[str, Any] = {
            "subject": plain(self.triple.subject),
            "predicate": self.triple.predicate.value,
            "object": plain(self.triple.object),
            "kind": self.kind,
        }
        optional = {
            "status": self.status,
            "rule": self.rule,
            "graph": self.graph,
            "publishers": self.publishers or None,
            "supporting": [w.to_json() for w in self.supporting],
            "opposing": [w.to_json() for w in self.opposing],
            "absent": list(self.absent),
            "premises": [p.to_json() for p in self.premises],
        }
        return data | {k: v for k, v in optional.items() if v}


def short_name(curie: str) -> str:
    """Return the local part of a short name.

    >>> short_name("milia:Stated")
    'Stated'
    """
    return curie.rpartition(":")[2]


class Explainer:
    """Builds proofs over one graph."""

    def __init__(
        self,
        store: Store,
        steps: Callable[[], Steps],
        claims: Callable[[Collection[str]], Mapping[str, Claim]],
        snapshots: Callable[[], Snapshots],
    ) -> None:
        """Take the graph, and how to get steps, claims by IRI and snapshots when they are needed."""
        self._store, self._steps, self._claims, self._snapshots = store, steps, claims, snapshots

    def explain(self, triple: Triple, path: tuple[Triple, ...] = ()) -> Proof:
        """Return the proof of a triple; `kind` is `unknown` where nothing supports it."""
        fact = self.fact(triple)
        if fact is not None:
            return Proof(
                triple,
                "fact",
                status=fact.status,
                rule=f"fact-{fact.status.lower()}",
                supporting=tuple(self.witnesses(fact.supported_by)),
                opposing=tuple(self.witnesses(fact.opposed_by or self._denials(fact))),
                publishers=fact.publishers,
            )
        if triple.predicate == _MAY_SUGGEST and (rests := self._rests_on(triple)):
            premises = tuple(self.explain(p, (*path, triple)) for p in rests)
            return Proof(triple, "inference", rule="may-suggest", premises=premises, absent=_NOTHING_AGAINST)
        graph = self._asserted_in(triple)
        if graph:
            return Proof(triple, "asserted", graph=graph)
        if triple.predicate in LABEL_OF.values():
            return self._label(triple)
        status = self._inferred(triple)
        step = self._steps().step(triple) if status is not None and triple not in path else None
        if status is None or step is None:
            return Proof(triple, "unknown")
        premises = tuple(self.explain(p, (*path, triple)) for p in step.premises)
        return Proof(
            triple, "inference", status=status or None, rule=step.rule, premises=premises, absent=step.absent
        )

    def _label(self, triple: Triple) -> Proof:
        """Return the proof of a plain label: the name behind it, and the form of that name."""
        s, form = triple.subject, triple.object
        properties = " ".join(map(str, LABEL_OF))
        rows = self._store.query(
            f"SELECT ?p ?name {{ ?name skosxl:literalForm {form} . VALUES ?p {{ {properties} }} "
            f"{s} ?p ?name ; ?label {form} . FILTER (?label = {triple.predicate}) }} ORDER BY ?p ?name"
        ).rows
        if not rows:
            return Proof(triple, "unknown")
        naming = [self.explain(Triple(s, p, name)) for p, name in rows]  # type: ignore[arg-type]
        written = self.explain(Triple(rows[0][1], expand("skosxl:literalForm"), form))  # type: ignore[arg-type]
        status = "Established" if any(n.status == "Established" for n in naming) else "Hedged"
        return Proof(triple, "inference", status=status, rule="label-of-name", premises=(*naming, written))

    def fact(self, triple: Triple) -> Fact | None:
        """Return the fact node of a triple that is claimed, or None."""
        s, p, o = triple.subject, triple.predicate, triple.object
        f = fact_iri(s, p, o)
        answer = self._store.query(
            f"SELECT ?status ?standing ?n WHERE {{ GRAPH ?g {{ {f} a milia:Fact ; milia:status ?status . "
            f"OPTIONAL {{ {f} milia:bestStanding ?standing }} "
            f"OPTIONAL {{ {f} milia:independentSources ?n }} }} }}"
        )
        for row in answer.records():
            return Fact(
                f.value,
                s,
                p,
                o,
                short_name(short(row["status"])),
                short_name(short(row["standing"])) if "standing" in row else None,
                int(row.get("n", "0")),
                self._related(f.value, "supportedBy"),
                self._related(f.value, "opposedBy"),
            )
        return None

    def _rests_on(self, suggestion: Triple) -> list[Triple]:
        """Return the facts without which care would not be suggested for a form."""
        rows = self._store.query(
            f"SELECT DISTINCT ?p {{ GRAPH graph:suggestions {{ ?node a milia:Suggestion ; "
            f"milia:ofForm {suggestion.subject} ; milia:ofCare {suggestion.object} ; milia:restsOn ?fact }} "
            f"GRAPH graph:facts {{ ?fact rdf:predicate ?p }} }} ORDER BY ?p"
        ).rows
        return [Triple(suggestion.subject, p, suggestion.object) for (p,) in rows]  # type: ignore[arg-type]

    def _related(self, fact: str, predicate: str) -> tuple[str, ...]:
        rows = self._store.query(
            f"SELECT ?c {{ GRAPH ?g {{ <{fact}> milia:{predicate} ?c }} }} ORDER BY ?c"
        ).records()
        return tuple(row["c"] for row in rows)

    def _denials(self, fact: Fact) -> tuple[str, ...]:
        """Return who denies a triple that nobody's live claim affirms."""
        if fact.supported_by:
            return ()
        rows = self._store.query(
            f"SELECT ?c {{ GRAPH ?g {{ ?c a milia:Claim ; rdf:subject {fact.subject} ; "
            f"rdf:predicate {fact.predicate} ; rdf:object {fact.object} ; milia:stance milia:Denies }} }} "
            "ORDER BY ?c"
        ).records()
        return tuple(row["c"] for row in rows)

    def _asserted_in(self, triple: Triple) -> str | None:
        derived = {PREFIXES["graph"] + name for name in _DERIVED}
        rows = self._store.query(
            f"SELECT ?g WHERE {{ GRAPH ?g {{ {_pattern(triple)} }} }} ORDER BY ?g"
        ).records()
        graphs = [row["g"] for row in rows]
        return next((short(g) for g in graphs if g not in derived), None)

    def _inferred(self, triple: Triple) -> str | None:
        """Return the status of a derived triple: empty where it bears none, None where it does not hold."""
        s, p, o = triple.subject, triple.predicate, triple.object
        rows = self._store.query(
            f"SELECT ?status WHERE {{ {s} {p} {o} . "
            f"OPTIONAL {{ {fact_iri(s, p, o)} a milia:Inference ; milia:status ?status }} }}"
        ).records()
        if not rows:
            return None
        return short_name(short(rows[0]["status"])) if "status" in rows[0] else ""

    def witnesses(self, claims: Iterable[str]) -> Iterator[Witness]:
        """Yield each piece of evidence of these claims, named by IRI."""
        snapshots, claims = self._snapshots(), list(claims)
        found = self._claims(claims) if claims else {}
        for iri in claims:
            claim = found[iri]
            for evidence in claim.evidence:
                title, standing, url = self._sources[evidence.source]
                yield Witness(
                    claim,
                    evidence,
                    title=title,
                    standing=standing,
                    url=url,
                    words=snapshots.words(evidence.source, evidence.span) if evidence.span else None,
                )

    @cached_property
    def _sources(self) -> dict[str, tuple[str, str, str | None]]:
        """Return title, standing and URL of every source."""
        rows = self._store.query(
            "SELECT ?source ?title ?standing ?url { GRAPH ?g { ?source a milia:Source ; "
            "dcterms:title ?title ; milia:standing ?standing . OPTIONAL { ?source schema:url ?url } } }"
        ).records()
        return {r["source"]: (r["title"], short_name(short(r["standing"])), r.get("url")) for r in rows}


def _pattern(triple: Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object}"
