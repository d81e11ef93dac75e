"""What a reader of the graph meets: claims with their evidence, facts, spans, findings.

Plain data, no behaviour that needs a store.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from milia.names import Term, short

__all__ = ["Claim", "Evidence", "Excerpt", "Fact", "Finding", "Span"]


@dataclass(frozen=True)
class Span:
    """Part of a page's text: Unicode code points from `start` up to, not including, `end`."""

    start: int
    end: int
    sha256: str


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a source's text that was seen: its length in code points and its hash, not its place."""

    length: int
    sha256: str


@dataclass(frozen=True)
class Evidence:
    """What a claim rests on: a span, a row, an excerpt, a citation or a curator's judgement."""

    source: str
    verification: str
    type: str | None = None
    span: Span | None = None
    reason: str | None = None
    created: str | None = None
    excerpt: Excerpt | None = None
    row: str | None = None
    design: str | None = None
    drawn_from: str | None = None


@dataclass(frozen=True)
class Claim:
    """A source states, or denies, that subject – predicate – object."""

    iri: str
    subject: Term
    predicate: Term
    object: Term
    stance: str
    certainty: str
    review: str
    comment: str
    frequency: str | None = None
    observed: int | None = None
    of: int | None = None
    universal: bool = False
    scope: tuple[tuple[str, Term], ...] = ()
    onset: Term | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def triple(self) -> tuple[Term, Term, Term]:
        """Return what is claimed."""
        return (self.subject, self.predicate, self.object)

    @property
    def affirms(self) -> bool:
        """Say whether the claim affirms its triple (otherwise it denies it)."""
        return self.stance == "milia:Affirms"


@dataclass(frozen=True)
class Fact:
    """A triple that is claimed, with what supports and opposes it."""

    iri: str
    subject: Term
    predicate: Term
    object: Term
    status: str
    standing: str | None = None
    publishers: int = 0
    supported_by: tuple[str, ...] = ()
    opposed_by: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Finding:
    """Something to mend: which rule, about what, where, and how to mend it."""

    rule: str
    focus: str
    message: str
    severity: str = "Violation"
    place: str | None = None
    value: str | None = field(default=None)

    def __str__(self) -> str:
        """Write the finding on one line, as compilers do."""
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.severity.lower()}: {short(self.focus)}: {self.message} [{self.rule}]"
