"""Write chunks for retrieval and assistants: JSON Lines, a group of statements a line, each with its claims.

A chunk is all that is said of one thing by one property. Its text stands by itself: it names the thing, says
how far each statement holds, and what speaks against it. What is disputed or denied says so where it stands.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from milia.export.feed import ASPECTS, Feed, Files
from milia.kg import KnowledgeGraph
from milia.model import Claim
from milia.names import BASE, LICENCE, NOTICE, digest, short

__all__ = ["FEED", "chunks", "statements", "write"]

# how a statement opens, by the status of its fact
_OPENINGS: Final = {
    "Established": "{statement}",
    "Hedged": "Possibly: {statement}",
    "Disputed": "Disputed, some say and others deny: {statement}",
    "Denied": "Denied, and claimed by no source: {statement}",
    "NotObserved": "Looked for, and seen in nobody who was counted: {statement}",
}

# labels of properties that need a verb before them
_PASSIVE: Final = re.compile(r"(\w+ed|told|part|subtype|commoner|rarer)\b")

Json = dict[str, Any]


def write(kg: KnowledgeGraph) -> Files:
    """Return `chunks.jsonl`, sorted by thing and property."""
    lines = (json.dumps(chunk, ensure_ascii=False) for chunk in chunks(kg))
    return {"chunks.jsonl": "".join(f"{line}\n" for line in lines).encode()}


def chunks(kg: KnowledgeGraph) -> Iterable[Json]:
    """Yield the chunks of a graph."""
    edges = [e for e in kg.rows("edges") if e["kind"] == "claimed"]
    sources = {s["source"]: s for s in kg.rows("cited-sources")}
    differing: dict[str, list[Json]] = defaultdict(list)
    for row in kg.rows("differences"):
        with_facts = [f for f in row["facts"].split("|") if f]
        differing[row["fact"]].append({"kind": row["kind"], "with": with_facts})
    for (subject, predicate), group in groupby(edges, key=lambda e: (e["subject"], e["predicate"])):
        yield _chunk(kg, subject, predicate, list(group), sources, differing)


@lru_cache(maxsize=4)
def statements(kg: KnowledgeGraph) -> tuple[Mapping[str, Sequence[Json]], Mapping[str, Sequence[Json]]]:
    """Return every statement with its `subject` and `property`: by its subject, and by its object."""
    by_subject: dict[str, list[Json]] = defaultdict(list)
    by_object: dict[str, list[Json]] = defaultdict(list)
    for chunk in chunks(kg):
        for said in chunk["statements"]:
            statement = {"subject": chunk["about"], "property": chunk["property"], **said}
            by_subject[chunk["about"]].append(statement)
            by_object[said["object"]].append(statement)
    return dict(by_subject), dict(by_object)


def _chunk(
    kg: KnowledgeGraph,
    subject: str,
    predicate: str,
    edges: Sequence[Mapping[str, str]],
    sources: Mapping[str, Mapping[str, str]],
    differing: Mapping[str, list[Json]],
) -> Json:
    statements = [_statement(kg, edge, differing[edge["edge"]]) for edge in edges]
    claims = [c for s in statements for c in (*s["claims_for"], *s["claims_against"], *s["claims_not_seen"])]
    cited = sorted({e.source for c in claims for e in kg.claims[c].evidence})
    head = f"{kg.labels[subject]} – {kg.labels[predicate]}. Sources say:"
    return {
        "id": f"{BASE}chunk/{digest(f'{subject} {predicate}')}",
        "about": subject,
        "property": predicate,
        "language": "en",
        "text": " ".join([head, *(f"{s['text']}." for s in statements), NOTICE]),
        "statements": statements,
        "sources": [dict(sources[s]) for s in cited],
        "licence": LICENCE,
    }


def _statement(kg: KnowledgeGraph, edge: Mapping[str, str], differing: list[Json]) -> Json:
    sides = {side: edge[side].split("|") if side in edge else [] for side in ("for", "against", "unseen")}
    claims = [kg.claims[c] for c in sides["for"]]
    limits = sorted({f"{kg.label(aspect)}: {kg.label(value)}" for c in claims for aspect, value in c.scope})
    often = sorted({said for c in claims for said in _often(kg, c)})
    return {
        "fact": edge["edge"],
        "object": edge["object"],
        "text": _text(kg, edge, [*often, *_limited(limits), *_weight(edge), *_denied(sides["against"])]),
        "status": edge["status"],
        "standing": edge.get("standing"),
        "frequency": often,
        "scope": limits,
        "claims_for": sides["for"],
        "claims_against": sides["against"],
        "claims_not_seen": sides["unseen"],
        "review_state": sorted({short(kg.claims[c].review) for side in sides.values() for c in side}),
        "differences": differing,
    }


def _text(kg: KnowledgeGraph, edge: Mapping[str, str], details: Sequence[str]) -> str:
    """Put a statement into words: the triple by its labels, opened by its status, then what it depends on."""
    ends = (kg.labels.get(edge[end], edge[end]) for end in ("subject", "object"))
    said = f" {'is ' if _PASSIVE.match(label := kg.labels[edge['predicate']]) else ''}{label} ".join(ends)
    return _OPENINGS[edge["status"]].format(statement=said) + (f" ({'; '.join(details)})" if details else "")


def _often(kg: KnowledgeGraph, claim: Claim) -> list[str]:
    """Return how often a claim says it holds, in words and as a count."""
    said = [kg.label(claim.frequency)] if claim.frequency else []
    if claim.observed is not None and claim.of is not None:
        said.append(f"{claim.observed} of {claim.of}")
    return said


def _limited(limits: Sequence[str]) -> list[str]:
    return [f"some sources say so of this only: {', '.join(limits)}"] if limits else []


def _weight(edge: Mapping[str, str]) -> list[str]:
    if "standing" not in edge:
        return []
    many = edge.get("independent", "1")
    return [f"{many} independent source{'s' if many != '1' else ''}, best standing {edge['standing']}"]


def _denied(claims: Sequence[str]) -> list[str]:
    return [f"{len(claims)} claim{'s' if len(claims) > 1 else ''} against it"] if claims else []


FEED = Feed(
    "chunks",
    "Chunks with citations",
    "retrieval, assistants",
    "tests of ours",
    write,
    frozenset(ASPECTS) - {"inferences"},
)
