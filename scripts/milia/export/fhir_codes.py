"""Make our concepts a FHIR code system with a value set for each kind; both releases have the same form.

A parent is what is established to be wider, never what is only hedged or disputed. Misspellings are left out,
as software shows any designation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from milia.export.fhir_terms import SETS, SYSTEM, WHOLE, Json, head
from milia.kg import KnowledgeGraph
from milia.names import PREFIXES, VERSION, short

__all__ = ["code_system", "value_sets"]

Row = Mapping[str, str]

_DEFINED: Final = "http://hl7.org/fhir/concept-properties#"
_PROPERTIES: Final = (
    ("child", _DEFINED + "child", "A concept that is established to be a subtype of this one", "code"),
    ("kind", PREFIXES["rdf"] + "type", "A class of Milia's ontology that the concept belongs to", "string"),
    ("parent", _DEFINED + "parent", "A concept that this one is established to be a subtype of", "code"),
    ("partOf", PREFIXES["milia"] + "partOf", "A concept that this one is established to be part of", "code"),
)
_LINKS: Final = {"subtypeOf": "parent", "partOf": "partOf"}
_PREFERRED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra",
    "code": "preferredForLanguage",
}
_SYNONYM: Final = {"system": "http://snomed.info/sct", "code": "900000000000013009"}


def code_system(kg: KnowledgeGraph) -> Json:
    """Return the code system of our concepts."""
    concepts = _concepts(kg.rows("fhir-concepts"))
    return {
        **head("CodeSystem", "milia", "Milia", "Concepts of the skin condition milia and around it."),
        "caseSensitive": True,
        "valueSet": WHOLE,
        "hierarchyMeaning": "is-a",
        "compositional": False,
        "content": "complete",
        "count": len(concepts),
        "property": [
            {"code": name, "uri": uri, "description": about, "type": form}
            for name, uri, about, form in _PROPERTIES
        ],
        "concept": concepts,
    }


def _concepts(rows: Iterable[Row]) -> list[Json]:
    said: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    children: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        said[row["thing"]][row["property"]].append(row)
        if row["property"] == "subtypeOf":
            children[row["value"]].append(short(row["thing"]))
    return [_concept(thing, said[thing], sorted(children[thing])) for thing in sorted(said)]


def _concept(thing: str, said: Mapping[str, list[Row]], children: list[str]) -> Json:
    english = {p: r["value"] for p in ("prefLabel", "definition") for r in said[p] if r["language"] == "en"}
    properties = [{"code": "child", "valueCode": child} for child in children]
    properties += [{"code": "kind", "valueString": row["value"]} for row in said["kind"]]
    properties += [
        {"code": name, "valueCode": short(row["value"])}
        for link, name in _LINKS.items()
        for row in said[link]
    ]
    preferred = {(row["language"], row["value"]) for row in said["prefLabel"]}
    names = [_designation(row, _PREFERRED) for row in said["prefLabel"]]
    names += [
        _designation(row, _SYNONYM)
        for row in said["altLabel"]
        if (row["language"], row["value"]) not in preferred
    ]
    return {
        "code": short(thing),
        "display": english["prefLabel"],
        "definition": english["definition"],
        "designation": names,
        "property": properties,
    }


def _designation(row: Row, use: Json) -> Json:
    return {"language": row["language"], "use": use, "value": row["value"]}


def value_sets(system: Json) -> list[Json]:
    """Return the value set of all concepts of a code system, and one for each kind."""
    whole = head("ValueSet", "milia", "Milia: all concepts", "All concepts of Milia.")
    return [{**whole, "compose": {"include": [{"system": SYSTEM, "version": VERSION}]}}] + [
        _value_set(system, name, *about) for name, about in SETS.items()
    ]


def _value_set(system: Json, name: str, kind: str, title: str) -> Json:
    listed = [
        {"code": concept["code"], "display": concept["display"]}
        for concept in system["concept"]
        if {"code": "kind", "valueString": kind} in concept["property"]
    ]
    about = head("ValueSet", f"milia-{name}", f"Milia: {title}", f"{title}, as concepts of Milia.")
    return {
        **about,
        "compose": {"include": [{"system": SYSTEM, "version": VERSION, "concept": listed}]},
    }
