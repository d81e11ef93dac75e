"""Make our mappings FHIR concept maps, one a vocabulary, in the words of a release.

Mappings that were rejected are left out: that a code is not the same says less than that it is not related.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from milia.export.fhir_terms import (
    COMMENTS,
    EQUIVALENCES,
    RELATIONSHIPS,
    SYSTEM,
    SYSTEMS,
    WHOLE,
    Json,
    code,
    head,
)
from milia.kg import KnowledgeGraph
from milia.names import short

__all__ = ["concept_maps"]

Row = Mapping[str, str]


def concept_maps(kg: KnowledgeGraph, system: Json, release: str) -> list[Json]:
    """Return how the concepts of a code system map to each vocabulary, in the words of a release."""
    displays = {concept["code"]: concept["display"] for concept in system["concept"]}
    rows: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in kg.rows("codes"):
        if (ours := short(row["thing"])) in displays:
            rows[row["vocabulary"]][ours].append(row)
    made = []
    for about in kg.rows("vocabularies"):
        found = rows[about["vocabulary"]]
        elements = [_element(ours, displays[ours], found[ours], release) for ours in sorted(found)]
        if elements := [e for e in elements if len(e) > 2]:  # R4B has no word for some
            made.append(_concept_map(about, elements, release, found))
    return made


def _concept_map(about: Row, elements: list[Json], release: str, found: Mapping[str, list[Row]]) -> Json:
    vocabulary, title = about["vocabulary"], about["title"]
    versions = sorted({row["version"] for rows in found.values() for row in rows if row["version"]})
    read = f" Read in part in release {', '.join(versions)}." if versions else ""
    rights = f". Codes of {title} belong to its owner" + (f": {about['licence']}" if about["licence"] else "")
    scope = "sourceScopeCanonical" if release == "R5" else "sourceCanonical"
    return {
        **head(
            "ConceptMap",
            f"milia-to-{vocabulary}",
            f"Milia to {title}",
            f"How concepts of Milia map to codes of {title}. "
            "That there is no code means that a search found none. "
            f"Mappings that were considered and rejected are left out.{read}",
            rights,
        ),
        scope: WHOLE,
        "group": [{"source": SYSTEM, "target": SYSTEMS[vocabulary][0], "element": elements}],
    }


def _element(ours: str, display: str, rows: list[Row], release: str) -> Json:
    """Return what a concept is mapped to; that nothing was found counts only where nothing is mapped."""
    name, words = ("relationship", RELATIONSHIPS) if release == "R5" else ("equivalence", EQUIVALENCES)
    made: Json = {"code": ours, "display": display}
    targets = [_target(row, name, words[row["match"]]) for row in rows if row["match"] in words]
    if targets:
        made["target"] = sorted(targets, key=lambda t: (str(t["code"]), str(t[name])))
    elif release == "R5" and any(row["match"] == "none" for row in rows):
        made["noMap"] = True
    elif any(row["match"] == "none" for row in rows):
        made["target"] = [{"equivalence": "unmatched", "comment": COMMENTS["none"]}]
    return made


def _target(row: Row, name: str, word: str) -> Json:
    said = {
        "code": code(row["vocabulary"], row["code"]),
        "display": row["label"],
        name: word,
        "comment": COMMENTS.get(row["match"], ""),
    }
    return {key: value for key, value in said.items() if value}
