"""Write nodes and edges in the KGX format of the Biolink Model, as TSV and as JSON Lines.

One edge a fact or inference; a triple that is only denied is an edge with `negated`. The predicate is the
nearest one of Biolink, `related_to` where there is none, and ours is the `original_predicate`. What Biolink
has no slot for stands in columns of ours that begin with `milia_`. A cell of `negated` is `True` or empty, as
readers of tables take any text in it for true.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from milia.export.biolink import DATABASES, PREDICATES, categories, code, curie, publication
from milia.export.feed import Feed, Files
from milia.kg import KnowledgeGraph
from milia.model import Claim
from milia.names import BASE, NOTICE, PREFIXES, short

__all__ = ["FEEDS", "edges", "nodes", "write_jsonl", "write_tsv"]

Record = dict[str, "str | bool | list[str]"]

_SELF: Final = "infores:milia"
_AUTOMATIC: Final = "eco:0000501"  # used in automatic assertion
_ABOUT: Record = {
    "id": _SELF,
    "category": ["biolink:Dataset"],
    "name": "Milia",
    "description": f"{NOTICE} milia_review_state "
    "says of each edge how far its claims went through review; Draft is not reviewed.",
    "iri": BASE,
}
_NODE: Final = ("id", "category", "name", "description", "synonym", "xref", "iri", "provided_by")
_EDGE: Final = [
    "id",
    "subject",
    "predicate",
    "object",
    "category",
    "negated",
    "knowledge_level",
    "agent_type",
    "primary_knowledge_source",
    "aggregator_knowledge_source",
    "publications",
    "has_evidence_of_type",
    "frequency_qualifier",
    "original_predicate",
    "milia_status",
    "milia_standing",
    "milia_independent_sources",
    "milia_frequency",
    "milia_scope",
    "milia_review_state",
    "milia_claims",
]


def nodes(kg: KnowledgeGraph) -> list[Record]:
    """Return a record for each thing, and one that says what the whole is."""
    spaces = {row["space"]: row["prefix"] for row in _rows(kg, "vocabularies")}
    return [_ABOUT, *(_node(row, spaces) for row in _rows(kg, "nodes") if row["classes"])]


def _rows(kg: KnowledgeGraph, query: str) -> list[Mapping[str, str]]:
    """Return the rows of a query for exports; what is unbound in one is an empty text."""
    return [defaultdict(str, row) for row in kg.rows(query)]


def _node(row: Mapping[str, str], spaces: Mapping[str, str]) -> Record:
    named = (name.rpartition("@")[0] for name in row["names"].split("|"))
    return {
        "id": curie(row["node"]),
        "category": categories(row["classes"].split("|")),
        "name": row["label"],
        "description": row["definition"],
        "synonym": _several(named),
        "xref": _several(code(iri, spaces) for iri in row["codes"].split("|") if iri),
        "iri": row["node"],
        "provided_by": [_SELF],
    }


def edges(kg: KnowledgeGraph) -> list[Record]:
    """Return a record for each fact and inference between things, and for each that is only denied."""
    things = {str(node["iri"]) for node in nodes(kg)}
    places = {row["source"]: publication(row["addresses"].split()) for row in _rows(kg, "publications")}
    rows = [row for row in _rows(kg, "edges") if row["subject"] in things and row["object"] in things]
    claimed = {row["predicate"] for row in rows if row["kind"] == "claimed"}
    found: list[Record] = []
    said: set[tuple[object, ...]] = set()
    for row in sorted(rows, key=lambda r: r["kind"]):  # claimed before inferred
        local = row["predicate"].removeprefix(PREFIXES["milia"])
        if local not in PREDICATES and row["predicate"] not in claimed:
            continue  # an inverse says nothing more
        for edge in _edge(kg, row, places):
            key = (*_link(edge), edge["milia_status"])
            if row["kind"] == "claimed" or key not in said:
                found.append(edge)
            said |= {key, (*_link(edge), "Hedged")}  # what is certain is not also said as a maybe
    affirmed = {_link(edge) for edge in found if not edge["negated"]}
    kept = (edge for edge in found if not (edge["negated"] and _link(edge) in affirmed))
    return sorted(kept, key=lambda edge: str(edge["id"]))


def _link(edge: Record) -> tuple[object, ...]:
    """Return what an edge links, which several of our links may come to: what one affirms none may deny."""
    return (edge["subject"], edge["predicate"], edge["object"])


def _edge(kg: KnowledgeGraph, row: Mapping[str, str], places: Mapping[str, str]) -> Iterator[Record]:
    """Yield the edge of a row, or none: what is disputed or was only not seen is neither true nor false."""
    denied = row["status"] == "Denied"
    if row["status"] not in {"Established", "Hedged", "Denied"}:
        return
    local = row["predicate"].removeprefix(PREFIXES["milia"])
    relation = PREDICATES.get(local, ("related_to", ""))[denied]
    if not relation:
        return
    subject, obj = curie(row["subject"]), curie(row["object"])
    if relation.startswith("^"):
        subject, obj = obj, subject
    claims = [kg.claims[c] for c in row["against" if denied else "for"].split("|") if c]
    often = _several(o for c in claims for o in _frequency(c))
    bands = [o for o in often if o.startswith("HP:")]
    yield {
        "id": curie(row["edge"]),
        "subject": subject,
        "predicate": f"biolink:{relation.removeprefix('^')}",
        "object": obj,
        "category": ["biolink:Association"],
        "negated": denied,
        "knowledge_level": _level(row),
        **_provenance(claims),
        "publications": _several(places.get(e.source, "") for c in claims for e in c.evidence),
        "has_evidence_of_type": _several((e.type or "").upper() for c in claims for e in c.evidence),
        "frequency_qualifier": bands[0] if len(bands) == 1 else "",
        "original_predicate": row["predicate"],
        "milia_status": row["status"],
        "milia_standing": row["standing"],
        "milia_independent_sources": row["independent"],
        "milia_frequency": often,
        "milia_scope": _several(
            f"{short(p)}={short(v)}".removeprefix("milia:") for c in claims for p, v in c.scope
        ),
        "milia_review_state": _several(c.review.removeprefix("milia:") for c in claims),
        "milia_claims": _several(c.iri for c in claims),
    }


def _level(row: Mapping[str, str]) -> str:
    """Return the knowledge level; Biolink has none for what a source leaves open."""
    if row["status"] == "Hedged":
        return "not_provided"
    return "knowledge_assertion" if row["kind"] == "claimed" else "logical_entailment"


def _provenance(claims: Iterable[Claim]) -> Record:
    """Return who made a statement and whence it came: from a database only where all of it did."""
    evidence = [e for c in claims for e in c.evidence]
    first = {DATABASES.get(short(e.drawn_from or e.source), _SELF) for e in evidence}
    primary = first.pop() if len(first) == 1 else _SELF
    through = {DATABASES.get(short(e.source), _SELF) for e in evidence} | {_SELF}
    automatic = all(e.type == _AUTOMATIC for e in evidence)
    return {
        "agent_type": "automated_agent" if automatic else "manual_agent",
        "primary_knowledge_source": primary,
        "aggregator_knowledge_source": sorted(through - {primary}) if primary != _SELF else [],
    }


def _frequency(claim: Claim) -> Iterator[str]:
    if claim.frequency:
        yield claim.frequency.removeprefix("milia:").replace("hp:", "HP:")
    if claim.of is not None:
        yield f"{claim.observed}/{claim.of}"


def _several(values: Iterable[str]) -> list[str]:
    return sorted({value for value in values if value})


def write_jsonl(kg: KnowledgeGraph) -> Files:
    """Return `milia_nodes.jsonl` and `milia_edges.jsonl`, one object a line, without what is empty."""

    def lines(records: Iterable[Record]) -> bytes:
        said = ({key: value for key, value in r.items() if value} for r in records)
        return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in said).encode()

    return {"milia_nodes.jsonl": lines(nodes(kg)), "milia_edges.jsonl": lines(edges(kg))}


def write_tsv(kg: KnowledgeGraph) -> Files:
    """Return `milia_nodes.tsv` and `milia_edges.tsv`; several values of one cell are parted by `|`."""
    return {"milia_nodes.tsv": _table(_NODE, nodes(kg)), "milia_edges.tsv": _table(_EDGE, edges(kg))}


def _table(columns: Iterable[str], records: Iterable[Record]) -> bytes:
    columns = tuple(columns)
    rows = ["\t".join(_cell(record.get(column, "")) for column in columns) for record in records]
    return ("\n".join(["\t".join(columns), *rows]) + "\n").encode()


def _cell(value: str | bool | list[str]) -> str:
    """Write a cell: there is no quoting in this format, so no tab, line or bar may stand in a value.

    >>> _cell(["a|b", "c"]), _cell(True), _cell(False)
    ('a/b|c', 'True', '')
    """
    if isinstance(value, bool):
        return "True" if value else ""
    values = [value] if isinstance(value, str) else value
    return "|".join(re.sub(r"\s+", " ", v).replace("|", "/") for v in values)


def _feed(form: str, title: str, write: Callable[[KnowledgeGraph], Files]) -> Feed:
    carried = frozenset({"certainty", "frequency", "inferences", "review state", "scope", "standing"})
    return Feed(form, title, "KGX and other tools of the Biolink Model", "bmt", write, carried)


FEEDS = (
    _feed("kgx-tsv", "KGX, as tables", write_tsv),
    _feed("kgx-jsonl", "KGX, as JSON Lines", write_jsonl),
)
