"""What changed: between an earlier build and this one, and on which day what was written down."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any, Final

from milia.diff import Change, Comparison, compare
from milia.kg import KnowledgeGraph

__all__ = ["days", "since"]

Json = dict[str, Any]
_MOST: Final = 100  # of one kind that are shown
_SOURCES: Final = 12  # of one day


def since(kg: KnowledgeGraph, old: Path) -> Json:
    """Return what came, went and changed since a build, by kind.

    Raises:
        Misuse: there is no build.
        BadSource: it is not one.
    """
    found = compare(old, kg.home.build)
    return {
        "old": Path(found.old).name,
        "kinds": [
            {
                "kind": kind,
                "counts": sorted(counts.items()),
                "number": counts.total(),
                "changes": [_told(found, one) for one in found.changes if one.kind == kind][:_MOST],
            }
            for kind, counts in found.counts.items()
            if counts
        ],
    }


def _told(found: Comparison, change: Change) -> Json:
    return {
        "what": change.what,
        "iri": change.iri,
        "says": found.says(change),
        "details": found.details(change) if change.what == "changed" else (),
    }


def days(kg: KnowledgeGraph) -> list[Json]:
    """Return the days on which claims were written down, the last first, with their sources."""
    made = []
    for day, rows in groupby(kg.rows("recorded"), lambda row: row["day"]):
        sources = [{**row, "label": kg.label(row["source"])} for row in rows]
        made.append(
            {
                "day": day,
                "claims": sum(int(one["claims"]) for one in sources),
                "number": len(sources),
                "sources": sources[:_SOURCES],
            }
        )
    return made
