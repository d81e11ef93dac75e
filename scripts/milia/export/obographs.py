"""Write concepts and properties as ontology editors read them: OBO Graphs JSON and OBO format.

Both read a relation as holding of every case of a thing, which no source says; so ours are annotation
properties. A hedged link says so in a note of its own, and so does a name its language, as neither format has
another place for that.
"""

from __future__ import annotations

import json
from typing import Any, Final

from milia.export import obo
from milia.export.feed import Feed, Files
from milia.export.vocabulary import Entry, Link, Name, Vocabulary, vocabulary
from milia.kg import KnowledgeGraph
from milia.names import LICENCE, PREFIXES, VERSION

__all__ = ["FEED", "write"]

_NAMES: Final = ("hasExactSynonym", "hasRelatedSynonym")  # the second for what is misspelt


def write(kg: KnowledgeGraph) -> Files:
    """Return `milia.obographs.json` and `milia.obo`."""
    said = vocabulary(kg)
    document = {"graphs": [_graph(said)]}
    return {
        "milia.obographs.json": (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(),
        "milia.obo": obo.text(said, kg.labels).encode(),
    }


def _graph(said: Vocabulary) -> dict[str, Any]:
    return {
        "id": obo.ONTOLOGY,
        "lbl": obo.TITLE,
        "meta": {
            "comments": list(obo.REMARKS),
            **_values((obo.LICENSE, LICENCE), (PREFIXES["owl"] + "versionInfo", VERSION)),
            "version": f"{obo.ONTOLOGY}/{VERSION}",
        },
        "nodes": [
            *(_node(entry, type="CLASS") for entry in said.concepts),
            *(_node(entry, type="PROPERTY", propertyType="ANNOTATION") for entry in said.relations),
        ],
        "edges": [_edge(link) for link in said.links],
    }


def _values(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"basicPropertyValues": [{"pred": pred, "val": value} for pred, value in pairs]}


def _node(entry: Entry, **kind: str) -> dict[str, Any]:
    meta = {
        "definition": {"val": entry.definition},
        "subsets": [PREFIXES["milia"] + name for name in entry.kinds],
        "synonyms": [_synonym(name) for name in entry.names],
        "xrefs": [{"val": code} for code in entry.codes],
    }
    said = {key: value for key, value in meta.items() if value}
    return {"id": entry.iri, "lbl": entry.label, **kind, "meta": said}


def _synonym(name: Name) -> dict[str, Any]:
    kind = {"synonymType": obo.MISSPELLING} if name.misspelt else {}
    noted = _values(*((obo.LANGUAGE, language) for language in name.languages))
    return {**kind, "pred": _NAMES[name.misspelt], "val": name.text, "meta": noted}


def _edge(link: Link) -> dict[str, Any]:
    noted = {"meta": _values((obo.CERTAINTY, "Hedged"))} if link.hedged else {}
    return {"sub": link.subject, "pred": link.predicate, "obj": link.object, **noted}


FEED = Feed(
    "obo",
    "OBO Graphs JSON and OBO format",
    "ontology editors and libraries",
    "pronto, fastobo",
    write,
    frozenset({"certainty"}),
)
