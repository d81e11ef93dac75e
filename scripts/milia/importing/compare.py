"""Compare the claims an import would write with those that the project holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from milia.importing.records import Record, Review, write_claims
from milia.load import read_turtle, skolemise
from milia.names import BASE, PREFIXES, milia, plain, short

__all__ = ["Difference", "Held", "compare", "held", "keep_reviews"]

_CLAIM = milia("Claim")
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_COMMENT = PREFIXES["rdfs"] + "comment"
# what differs between two releases without the claim saying anything else
_FLEETING = milia("sha256").value


@dataclass(frozen=True)
class Held:
    """A claim as it stands in a file: what it says, in words and in statements, and where its row is."""

    path: str
    comment: str
    key: str
    statements: frozenset[tuple[str, str]]
    review: Review

    @property
    def lasting(self) -> frozenset[tuple[str, str]]:
        """Return the statements without the hash of the row, which changes when its curators touch it."""
        return frozenset(s for s in self.statements if s[0] != _FLEETING)


@dataclass(frozen=True)
class Difference:
    """What an import would add, take away and change, in words; and how many rows only changed their text."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    retouched: int = 0
    same: int = 0

    def __bool__(self) -> bool:
        """Say whether anything differs."""
        return bool(self.added or self.removed or self.changed or self.retouched)


def held(path: Path, name: str) -> dict[str, Held]:
    """Return the claims of a file by their IRIs below the base; none where there is no file.

    Raises:
        BadSource: the file cannot be read.
    """
    return _held(read_turtle(path, name)) if path.exists() else {}


def _held(triples: Iterable[Triple]) -> dict[str, Held]:
    about = defaultdict[str, list[Triple]](list)
    for t in triples:
        about[plain(t.subject)].append(t)
    claims = [
        iri for iri, said in about.items() if any(t.predicate == _TYPE and t.object == _CLAIM for t in said)
    ]
    return {h.path: h for h in (_one(iri, about) for iri in claims)}


def _one(iri: str, about: dict[str, list[Triple]]) -> Held:
    statements: set[tuple[str, str]] = set()
    todo = [iri]
    while todo:
        for t in about[todo.pop()]:
            inner = plain(t.object) if isinstance(t.object, NamedNode) else ""
            if inner.startswith(PREFIXES["node"]):
                todo.append(inner)
            else:
                statements.add((plain(t.predicate), plain(t.object)))
    first = dict(sorted(statements))
    key = next((value for name, value in statements if name == milia("key").value), "")
    return Held(
        path=iri.removeprefix(BASE),
        comment=first.get(_COMMENT, ""),
        key=key,
        statements=frozenset(s for s in statements if not _of_review(s[0])),
        review=_review(first),
    )


def _of_review(predicate: str) -> bool:
    return predicate in {milia(n).value for n in ("reviewState", "reviewedBy", "reviewedOn")}


def _review(first: dict[str, str]) -> Review:
    by = first.get(milia("reviewedBy").value)
    return Review(
        state=short(first.get(milia("reviewState").value, milia("Draft").value)),
        by=f"<{by}>" if by else None,
        on=first.get(milia("reviewedOn").value),
    )


def keep_reviews(records: Iterable[Record], before: dict[str, Held]) -> list[Record]:
    """Give each claim the review it had, as long as it says the same in all its parts."""
    records = list(records)
    now = _now(records)
    return [
        replace(record, review=old.review)
        if (old := before.get(record.path)) and old.lasting == now[record.path].lasting
        else record
        for record in records
    ]


def _now(records: Iterable[Record]) -> dict[str, Held]:
    written = write_claims(records).encode()
    quads = parse(written, format=RdfFormat.TURTLE, base_iri=BASE)
    return _held(skolemise(q.triple for q in quads))


def compare(records: Iterable[Record], before: dict[str, Held]) -> Difference:
    """Say what differs between the claims of a file and those that are to replace them.

    A row of which only the frequency, say, has changed is a changed claim, although its IRI is another.
    """
    now = _now(records)
    added = {p: h for p, h in now.items() if p not in before}
    removed = {p: h for p, h in before.items() if p not in now}
    both = [(before[p], h) for p, h in now.items() if p in before]
    changed = [(old, new) for old, new in both if old.lasting != new.lasting]
    for old, new in _pairs(removed.values(), added.values()):
        changed.append((old, new))
        del removed[old.path], added[new.path]
    same = sum(1 for old, new in both if old.statements == new.statements)
    lasting = sum(1 for old, new in both if old.lasting == new.lasting)
    return Difference(
        added=tuple(sorted(h.comment for h in added.values())),
        removed=tuple(sorted(h.comment for h in removed.values())),
        changed=tuple(sorted((old.comment, new.comment) for old, new in changed)),
        retouched=lasting - same,
        same=same,
    )


def _pairs(old: Iterable[Held], new: Iterable[Held]) -> list[tuple[Held, Held]]:
    """Match claims of one disease, term and reference, where there is one on each side."""
    sides = defaultdict[tuple[str, ...], tuple[list[Held], list[Held]]](lambda: ([], []))
    for side, claims in enumerate((old, new)):
        for claim in claims:
            sides[tuple(claim.key.split("|")[:3])][side].append(claim)
    return [(one[0], other[0]) for one, other in sides.values() if len(one) == len(other) == 1]
