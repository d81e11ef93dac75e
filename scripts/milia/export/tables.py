"""Write nodes and edges as CSV, for spreadsheets, NetworkX and Neo4j."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from milia.export.feed import ASPECTS, Feed, Files
from milia.kg import KnowledgeGraph

__all__ = ["FEED", "write"]

_NODES = ("id", "label", "classes", "definition", "names", "codes")
_EDGES = (
    "id",
    "subject",
    "subject_label",
    "predicate",
    "object",
    "object_label",
    "kind",
    "status",
    "standing",
    "independent_sources",
    "frequencies",
    "scopes",
    "claims_for",
    "claims_against",
    "claims_not_seen",
)


def write(kg: KnowledgeGraph) -> Files:
    """Return `nodes.csv` and `edges.csv`; several values of one cell are parted by `|`."""
    nodes = ({**row, "id": row["node"]} for row in kg.rows("nodes"))
    edges = (_edge(kg, row) for row in kg.rows("edges"))
    return {"nodes.csv": _table(_NODES, nodes), "edges.csv": _table(_EDGES, edges)}


def _edge(kg: KnowledgeGraph, row: Mapping[str, str]) -> dict[str, str]:
    return {
        **row,
        "id": row["edge"],
        "subject_label": kg.labels.get(row["subject"], ""),
        "object_label": kg.labels.get(row["object"], ""),
        "independent_sources": row.get("independent", ""),
        "claims_for": row.get("for", ""),
        "claims_against": row.get("against", ""),
        "claims_not_seen": row.get("unseen", ""),
    }


def _table(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


FEED = Feed(
    "csv",
    "Nodes and edges",
    "spreadsheets, NetworkX, Neo4j",
    "tests of ours",
    write,
    frozenset(ASPECTS) - {"evidence", "disagreements", "review state", "denials"},
)
