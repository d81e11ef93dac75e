"""Claims that an import makes, and how they are written: Turtle in the project's layout, always the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from milia.names import BASE, PREFIXES, digest

__all__ = ["Record", "Review", "document", "text", "write_claims"]

_PREFIX = re.compile(r"(?<![\w-])([A-Za-z][\w-]*):")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>')


@dataclass(frozen=True)
class Review:
    """How far a claim has gone through review, as it stands in the file that was there before."""

    state: str = "milia:Draft"
    by: str | None = None
    on: str | None = None


@dataclass(frozen=True)
class Record:
    """A claim from one row. Things, terms and sources are CURIEs, references are IRIs."""

    source: str
    key: str
    sha256: str
    subject: str
    predicate: str
    object: str
    comment: str
    evidence_type: str
    affirms: bool = True
    hedged: bool = False
    frequency: str | None = None
    counts: tuple[int, int] | None = None
    onset: str | None = None
    sex: str | None = None
    drawn_from: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    review: Review = Review()

    @property
    def path(self) -> str:
        """Return the claim's IRI below the base: its source, and the hash of what its row says."""
        return f"claim/{self.source.partition(':')[2]}/{digest(self.key)}"


def write_claims(records: Iterable[Record]) -> str:
    """Write claims as a Turtle file, by subject, predicate and object."""
    ordered = sorted(records, key=lambda r: (r.subject, r.predicate, r.object, r.key))
    return document(_claim(record) for record in ordered)


def document(blocks: Iterable[str]) -> str:
    """Put the base and the prefixes in use before the blocks of a Turtle file."""
    body = "\n\n".join(blocks) + "\n"
    bare = _QUOTED.sub("", body)
    used = sorted(PREFIXES.keys() & set(_PREFIX.findall(bare)))
    return "".join([f"@base <{BASE}> .\n", *(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in used), "\n", body])


def text(words: str) -> str:
    """Write a string for Turtle."""
    return json.dumps(words, ensure_ascii=False)


def _claim(record: Record) -> str:
    lines = [
        f"<{record.path}> a milia:Claim",
        f"rdf:subject {record.subject}",
        f"rdf:predicate {record.predicate}",
        f"rdf:object {record.object}",
        f"milia:stance milia:{'Affirms' if record.affirms else 'Denies'}",
        f"milia:certainty milia:{'Hedged' if record.hedged else 'Stated'}",
        *_limits(record),
        f"rdfs:comment {text(record.comment)}@en",
        *_review(record.review),
        f"milia:evidence {_evidence(record)}",
    ]
    return " ;\n    ".join(lines) + " ."


def _limits(record: Record) -> list[str]:
    lines = []
    if record.sex:
        lines.append(f"milia:scope [ a milia:Scope ; milia:scopeSex {record.sex} ]")
    if record.frequency:
        lines.append(f"milia:frequency {record.frequency}")
    if record.onset:
        lines.append(f"milia:onset {record.onset}")
    if record.counts:
        lines += [f"milia:observed {record.counts[0]}", f"milia:of {record.counts[1]}"]
    return lines


def _review(review: Review) -> list[str]:
    lines = [f"milia:reviewState {review.state}"]
    if review.by:
        lines.append(f"milia:reviewedBy {review.by}")
    if review.on:
        lines.append(f'milia:reviewedOn "{review.on}"^^xsd:date')
    return lines


def _evidence(record: Record) -> str:
    row = " ;\n            ".join(
        ["[ a milia:Row", f"milia:key {text(record.key)}", f'milia:sha256 "{record.sha256}"']
    )
    lines = [
        "[ a milia:Evidence",
        f"oa:hasSource {record.source}",
        f"milia:evidenceType {record.evidence_type}",
        *_listed("milia:drawnFrom", record.drawn_from),
        *_listed("dcterms:references", [f"<{iri}>" for iri in record.references]),
        "milia:verification milia:RowVerified",
        f"oa:hasSelector {row}\n        ]",
    ]
    return " ;\n        ".join(lines) + "\n    ]"


def _listed(predicate: str, objects: Sequence[str]) -> list[str]:
    return [f"{predicate} {', '.join(sorted(objects))}"] if objects else []
