"""A feed: the graph in a form that another kind of system reads, and what that form cannot carry.

A feed is a query or a few (`queries/exports/`) and a small writer. What it carries beyond bare links it
declares itself; the rest is counted, so that nobody takes a feed for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from milia.kg import KnowledgeGraph

__all__ = ["ASPECTS", "Feed", "Files", "losses", "report"]

# what a statement of the graph may have beyond its triple, and how the loss of it is put into words
ASPECTS: Final[dict[str, str]] = {
    "certainty": "facts that are only hedged stand like established ones",
    "denials": "claims that deny something are left out",
    "disagreements": "comparisons of claims that agree or differ are left out",
    "disputes": "disputed facts are left out",
    "evidence": "claims stand without their source and the place in it",
    "frequency": "claims stand without how often the source says it holds",
    "inferences": "inferred links are left out",
    "review state": "claims that nobody has reviewed do not say so",
    "scope": "claims stand without the limits their source sets",
    "standing": "facts stand without the standing of their best source",
}

Files = dict[str, bytes]


@dataclass(frozen=True)
class Feed:
    """One form in which the graph is handed to another kind of system.

    `carries` names the `ASPECTS` that survive in it; `reader` says who reads it, `checked_by` what validates
    it.
    """

    name: str
    title: str
    reader: str
    checked_by: str
    write: Callable[[KnowledgeGraph], Files]
    carries: frozenset[str] = frozenset()


def losses(kg: KnowledgeGraph, carries: frozenset[str]) -> Mapping[str, int]:
    """Return how many things of the graph have each aspect that does not survive."""
    rows = kg.rows("aspects")
    return {row["aspect"]: int(row["n"]) for row in rows if row["aspect"] not in carries}


def report(name: str, lost: Mapping[str, int]) -> bytes:
    """Return a loss report as JSON."""
    said = [{"aspect": a, "count": n, "meaning": ASPECTS[a]} for a, n in sorted(lost.items())]
    return (json.dumps({"format": name, "losses": said}, indent=1, ensure_ascii=False) + "\n").encode()
