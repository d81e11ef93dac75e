"""The network of things: what stands between them, and the shortest way from one to another."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from milia.called import names_of
from milia.kg import KnowledgeGraph
from milia.names import BASE, PREFIXES, expand

__all__ = ["KINDS", "network", "way"]

Json = dict[str, Any]
# kinds of things that can be left out, by class; whatever is of none of them always stands
KINDS: Final = {
    "MiliaForm": "forms of milia",
    "Disorder": "other disorders",
    "BodySite": "body sites",
    "Structure": "structures",
    "Cause": "causes",
    "Finding": "findings",
    "Care": "care",
    "Gene": "genes",
    "AgeGroup": "ages",
    "Service": "services",
    "Concern": "concerns",
}
_SPELT_OUT: Final = {
    "Trigger": "Cause",
    "Mechanism": "Cause",
    "RiskFactor": "Cause",
    "Sign": "Finding",
    "Symptom": "Finding",
    "Histology": "Finding",
    "Procedure": "Care",
    "Drug": "Care",
    "SelfCare": "Care",
    "ProductKind": "Care",
    "Ingredient": "Care",
}
_NO_THINGS: Final = tuple(PREFIXES[name] for name in ("node", "name"))


@lru_cache(maxsize=2)
def network(kg: KnowledgeGraph) -> Json:
    """Return things and what links them, established or supposed: each link with its fact and sources."""
    edges: list[Json] = [
        {
            "from": row["subject"].removeprefix(BASE),
            "to": row["object"].removeprefix(BASE),
            "link": row["predicate"].rpartition("/")[2],
            "label": kg.label(expand(row["predicate"])),
            "unsure": row["status"] == "Hedged",
            "fact": row["edge"].removeprefix(BASE),
            "sources": len({e.source for c in row["for"].split("|") for e in kg.claims[c].evidence}),
        }
        for row in kg.rows("edges")
        if row["kind"] == "claimed"
        and row["status"] in {"Established", "Hedged"}
        and all(_is_thing(row[end]) for end in ("subject", "object"))
    ]
    ends = sorted({edge[end] for edge in edges for end in ("from", "to")})
    kinds = {row["node"]: row.get("classes", "").split("|") for row in kg.rows("nodes")}
    names = names_of(kg)
    nodes = [
        {
            "id": path,
            "label": kg.labels.get(BASE + path, path),
            "kind": _kind(kinds.get(BASE + path, ())),
            "alike": names.to_milia(BASE + path) == "look-alike",
        }
        for path in ends
    ]
    return {"nodes": nodes, "edges": edges}


def _is_thing(iri: str) -> bool:
    return iri.startswith(BASE) and not iri.startswith(_NO_THINGS)


def _kind(classes: Sequence[str]) -> str:
    known = [_SPELT_OUT.get(name, name) for name in classes]
    return next((kind for kind in KINDS if kind in known), "")


def way(kg: KnowledgeGraph, start: str, end: str) -> list[Json]:
    """Return the links of a shortest way between two things, by their paths; none where there is no way."""
    before: dict[str, Mapping[str, Any] | None] = {start: None}
    near: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for edge in network(kg)["edges"]:
        near[edge["from"]].append(edge)
        near[edge["to"]].append(edge)
    waiting = deque([start])
    while waiting and end not in before:
        here = waiting.popleft()
        for edge in near[here]:
            other = edge["to"] if edge["from"] == here else edge["from"]
            if other not in before:
                before[other] = edge
                waiting.append(other)
    found: list[Json] = []
    here = end
    while edge := before.get(here):
        found.insert(0, dict(edge))
        here = edge["to"] if edge["from"] == here else edge["from"]
    return found
