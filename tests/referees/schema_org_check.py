"""Check schema.org JSON-LD: `schema_org_check.py TERMS FILE …`.

Each document is expanded by pyld and read by rdflib; both must give the same triples. Each property must
be one of its type, and lead to what schema.org says it leads to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyld import jsonld
from rdflib import Graph
from rdflib.compare import isomorphic

BASE = "https://schema.org/"
CONTEXT = {"@vocab": BASE, "license": {"@type": "@id"}, "url": {"@type": "@id"}}
TEXTS = {"Text", "URL"}


def faults(terms: dict[str, Any], node: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an expanded node and those inside it."""
    types = [t.removeprefix(BASE) for t in node.get("@type", ())]
    if len(types) != 1 or types[0] not in terms["types"]:
        yield f"no type of schema.org: {types}"
        return
    kinds = {types[0], *terms["types"][types[0]]}
    for iri, values in node.items():
        if iri.startswith("@"):
            continue
        term = terms["properties"].get(iri.removeprefix(BASE))
        if term is None or kinds.isdisjoint(term["domain"]):
            yield f"{iri} is no property of {types[0]}"
            continue
        for value in values:
            if "@type" in value:
                inner = {t.removeprefix(BASE) for t in value["@type"]}
                inner |= {s for t in inner for s in terms["types"].get(t, ())}
                if inner.isdisjoint(term["range"]):
                    yield f"{iri} leads to {value['@type']}"
                yield from faults(terms, value)
            elif TEXTS.isdisjoint(term["range"]):
                yield f"{iri} leads to a text"


def context(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Give pyld the context of schema.org, as far as it bears on what we write, without the network."""
    del options
    document = {"@context": CONTEXT}
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": document,
    }


def main(table: Path, paths: list[Path]) -> int:
    """Print what is wrong with each document; return 1 where anything is."""
    jsonld.set_document_loader(context)
    terms, bad = json.loads(table.read_text(encoding="utf-8")), 0
    for path in paths:
        text = path.read_text(encoding="utf-8")
        written = json.loads(text)
        found = [] if written["@context"] == BASE.rstrip("/") else ["the context is another"]
        for node in jsonld.expand(written):
            found += faults(terms, node)
        quads = jsonld.to_rdf(written, {"format": "application/n-quads"})
        local = json.dumps({**written, "@context": CONTEXT})  # rdflib would fetch the context
        ours = Graph().parse(data=local, format="json-ld")
        if not isomorphic(Graph().parse(data=quads, format="nt"), ours):
            found.append("two readers find different triples")
        print(f"{path.name}:", "; ".join(found[:5]) or "fine")
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(arg) for arg in sys.argv[2:]]))
