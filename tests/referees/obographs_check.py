"""Read a vocabulary as JSON and as OBO with pronto and fastobo, and print what was counted in each.

The arguments are pairs of files, `….json` before `….obo`; the two must say the same. One line a pair: what
was counted, as JSON, or else what is wrong.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastobo
import pronto

# what the schema of OBO Graphs has room for, of what we use
KEYS = {
    "document": {"graphs"},
    "graph": {"id", "lbl", "meta", "nodes", "edges"},
    "node": {"id", "lbl", "type", "propertyType", "meta"},
    "edge": {"sub", "pred", "obj", "meta"},
    "meta": {"definition", "comments", "subsets", "synonyms", "xrefs", "basicPropertyValues", "version"},
    "definition": {"val"},
    "synonyms": {"synonymType", "pred", "val", "meta"},
    "xrefs": {"val"},
    "basicPropertyValues": {"pred", "val"},
}
SYNONYMS = {"hasExactSynonym", "hasRelatedSynonym"}


def misplaced(part: str, value: dict[str, Any]) -> Iterator[str]:
    """Yield the keys that the schema has no room for."""
    yield from (f"{part}: no place for {key}" for key in value.keys() - KEYS[part])
    for key, inner in value.get("meta", {}).items():
        if key in KEYS:
            for one in inner if isinstance(inner, list) else [inner]:
                yield from misplaced(key, one)
    if "meta" in value:
        yield from (f"meta: no place for {key}" for key in value["meta"].keys() - KEYS["meta"])


def faults(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong in a document of OBO Graphs that its readers let pass."""
    yield from misplaced("document", document)
    for graph in document["graphs"]:
        yield from misplaced("graph", graph)
        kinds = {node["id"]: (node["type"], node.get("propertyType")) for node in graph["nodes"]}
        if len(kinds) < len(graph["nodes"]):
            yield "two nodes have one id"
        for node in graph["nodes"]:
            yield from misplaced("node", node)
            if kinds[node["id"]] not in {("CLASS", None), ("PROPERTY", "ANNOTATION")}:
                yield f"{node['id']}: neither a class nor an annotation property"
            for synonym in node["meta"].get("synonyms", ()):
                if synonym["pred"] not in SYNONYMS:
                    yield f"no kind of synonym {synonym['pred']}"
        for edge in graph["edges"]:
            yield from misplaced("edge", edge)
            for end in ("sub", "obj"):
                if kinds.get(edge[end], ("", ""))[0] != "CLASS":
                    yield f"there is no class {edge[end]}"
            if edge["pred"] != "is_a" and kinds.get(edge["pred"], ("", ""))[0] != "PROPERTY":
                yield f"there is no property {edge['pred']}"


def read(path: Path) -> dict[str, Any]:
    """Return what pronto finds in a file, by IRI."""
    ontology = pronto.Ontology(str(path))
    spaces = {prefix: url for prefix, (url, _) in ontology.metadata.idspaces.items()}

    def iri(name: str) -> str:
        prefix, _, local = name.partition(":")
        return spaces[prefix] + local if prefix in spaces else name

    terms = {}
    for term in ontology.terms():
        terms[iri(term.id)] = (
            term.name,
            str(term.definition),
            sorted((s.description, s.scope) for s in term.synonyms),
            sorted(x.id for x in term.xrefs),
            sorted(iri(s) for s in term.subsets),
            sorted(iri(t.id) for t in term.superclasses(distance=1, with_self=False)),
            sorted((iri(r.id), iri(t.id)) for r, found in term.relationships.items() for t in found),
        )
        if any(term in wider.superclasses() for wider in term.superclasses(distance=1, with_self=False)):
            raise ValueError(f"{term.id} is a kind of itself")
    declared = {s.name for s in ontology.metadata.subsetdefs}
    if path.suffix == ".obo" and (missing := {s for t in ontology.terms() for s in t.subsets} - declared):
        raise ValueError(f"no subsetdef of {min(missing)}")
    properties = {
        iri(r.id): (r.name, str(r.definition))
        for r in ontology.relationships()
        if path.suffix == ".json" or r.metadata_tag
    }
    return {"terms": terms, "properties": properties}


def counts(found: dict[str, Any]) -> dict[str, int]:
    """Return how many there are of each thing."""
    terms = found["terms"].values()
    return {
        "terms": len(terms),
        "names": sum(bool(t[0]) for t in terms),
        "synonyms": sum(len(t[2]) for t in terms),
        "xrefs": sum(len(t[3]) for t in terms),
        "is_a": sum(len(t[5]) for t in terms),
        "relationships": sum(len(t[6]) for t in terms),
        "properties": len(found["properties"]),
    }


def hedges(graph: dict[str, Any], obo: Any) -> Iterator[str]:
    """Yield where the two files differ in what they say of certainty: no reader above looks at it."""
    of_json = sum("meta" in edge for edge in graph["edges"])
    of_obo = sum(str(clause).count('milia.ontology:certainty="Hedged"') for frame in obo for clause in frame)
    if of_json != of_obo:
        yield f"{of_json} hedges in one file, {of_obo} in the other"


def check(graphs: Path, obo: Path) -> Iterator[str]:
    """Yield what is wrong with a pair of files."""
    try:
        document = json.loads(graphs.read_text(encoding="utf-8"))
        yield from faults(document)
        fastobo.load_graph(str(graphs))
        yield from hedges(document["graphs"][0], fastobo.load(str(obo)))
        one, other = read(graphs), read(obo)
    except (ValueError, KeyError, SyntaxError, RuntimeError, UserWarning) as error:
        yield f"{type(error).__name__}: {error}"
        return
    for part in one:
        for name in sorted({*one[part], *other[part]}):
            if one[part].get(name) != other[part].get(name):
                yield f"{name}: {one[part].get(name)} in one file, {other[part].get(name)} in the other"
    print(json.dumps(counts(one)))


if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    wrong = False
    for pair in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        for finding in list(check(*map(Path, pair)))[:5]:
            wrong = True
            print(f"{Path(pair[0]).parent.name}: {finding}")
    sys.exit(wrong)
