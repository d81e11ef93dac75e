"""Check KGX files, tables or JSON Lines, against the Biolink Model: `kgx_check.py NODES EDGES …`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from bmt import Toolkit

CURIE = re.compile(r"[^ <()>:]*:[^/ :]+")  # as kgx has it
NEEDED = {
    "node": ("id", "category", "name"),
    "edge": (
        "id",
        "subject",
        "predicate",
        "object",
        "knowledge_level",
        "agent_type",
        "primary_knowledge_source",
    ),
}


def records(path: Path, lists: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the records of a file as kgx reads them: in a table, what has several values is a list."""
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if path.suffix == ".jsonl":
        yield from map(json.loads, lines)
        return
    columns = lines[0].split("\t")
    for line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise SystemExit(
                f"{path.name}: {len(cells)} cells where there are {len(columns)} columns: {line}"
            )
        row = dict(zip(columns, cells, strict=True))
        yield {
            k: v.split("|") if k in lists else bool(v) if k == "negated" else v for k, v in row.items() if v
        }


def faults(kit: Toolkit, nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong."""
    slots = {name.replace(" ", "_") for name in kit.get_all_slots()}
    lists = multivalued(kit)
    levels = set(kit.view.get_enum("KnowledgeLevelEnum").permissible_values)
    agents = set(kit.view.get_enum("AgentTypeEnum").permissible_values)
    known = {node.get("id") for node in nodes}
    for kind, found in (("node", nodes), ("edge", edges)):
        if len({r.get("id") for r in found}) != len(found):
            yield f"two {kind}s have one id"
        for r in found:
            name = f"{kind} {r.get('id')}"
            yield from (f"{name}: no {p}" for p in NEEDED[kind] if not r.get(p))
            yield from (f"{name}: {p} is no slot" for p in r if p not in slots and not p.startswith("milia_"))
            yield from (f"{name}: {p} is no list" for p in lists & r.keys() if not isinstance(r[p], list))
            yield from (
                f"{name}: {p} is no text"
                for p in r.keys() & slots - lists - {"negated"}
                if not isinstance(r[p], str)
            )
            yield from (f"{name}: {p} is empty" for p, v in r.items() if v in ("", [], None))
            if not CURIE.fullmatch(str(r.get("id"))):
                yield f"{name}: the id is no CURIE"
            yield from (
                f"{name}: no category {c}" for c in r.get("category", ()) if not kit_class(kit, c, kind)
            )
    for r in edges:
        name = f"edge {r.get('id')}"
        yield from (
            f"{name}: there is no node {r[end]}" for end in ("subject", "object") if r.get(end) not in known
        )
        predicate = str(r.get("predicate"))
        element = kit.get_element(predicate)
        if not predicate.startswith("biolink:") or not kit.is_predicate(predicate) or element.deprecated:
            yield f"{name}: no predicate {predicate}"
        if r.get("knowledge_level") not in levels:
            yield f"{name}: no knowledge level {r.get('knowledge_level')}"
        if r.get("agent_type") not in agents:
            yield f"{name}: no agent type {r.get('agent_type')}"
        if r.get("negated", True) is not True:
            yield f"{name}: negated is {r['negated']!r}"
        if not str(r.get("primary_knowledge_source")).startswith("infores:"):
            yield f"{name}: the primary knowledge source is no infores"


def kit_class(kit: Toolkit, category: str, kind: str) -> bool:
    """Say whether Biolink has a category of this kind that things may be of."""
    if not category.startswith("biolink:") or (element := kit.get_element(category)) is None:
        return False
    is_one = kit.is_category if kind == "node" else kit.is_association
    return bool(is_one(category)) and not element.abstract and not element.mixin


def multivalued(kit: Toolkit) -> set[str]:
    """Return the slots that take a list."""
    return {name.replace(" ", "_") for name in kit.get_all_multivalued_slots()} | {"category"}


def main(paths: list[Path]) -> int:
    """Print what is wrong with each pair of files and say so by the exit code."""
    schema = files("biolink_model") / "schema" / "biolink_model.yaml"
    kit = Toolkit(schema=str(schema), predicate_map={"predicate mappings": []})
    lists, bad = multivalued(kit), 0
    for nodes, edges in zip(paths[::2], paths[1::2], strict=True):
        found = list(faults(kit, list(records(nodes, lists)), list(records(edges, lists))))
        print(f"{nodes.parent.name}:", "; ".join(found[:5]) or f"fine by Biolink {kit.get_model_version()}")
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main([Path(arg) for arg in sys.argv[1:]]))
