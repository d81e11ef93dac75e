"""Read the knowledge request of an Infobutton: codes with their systems, and the patient's age.

The names of the parameters are those of HL7's URL-based implementation guide, which MedlinePlus Connect takes
too: `mainSearchCriteria.v.c` (code), `.cs` (system) and `.dn` (name), further ones numbered (`.c1`, `.cs1`),
`age.v.v` and `age.v.u`. What else a request says is not needed to choose a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from milia.called import names_of
from milia.errors import Misuse, UnknownName
from milia.export.fhir_terms import SYSTEMS
from milia.kg import KnowledgeGraph

__all__ = ["OIDS", "Request", "read_request"]

# object identifiers of code systems, as HL7 Terminology registers them (August 2026), and our vocabularies
OIDS: Final = {
    "2.16.840.1.113883.3.26.1.1": "ncit",
    "2.16.840.1.113883.3.9216": "mondo",
    "2.16.840.1.113883.6.177": "mesh",
    "2.16.840.1.113883.6.281": "hgnc",
    "2.16.840.1.113883.6.3": "icd10",
    "2.16.840.1.113883.6.339": "hp",
    "2.16.840.1.113883.6.86": "umls",
    "2.16.840.1.113883.6.90": "icd10cm",
    "2.16.840.1.113883.6.96": "snomedct",
    "1.3.6.1.4.1.12559.11.10.1.3.1.44.5": "orphanet.ordo",
}
_CRITERION: Final = re.compile(r"mainSearchCriteria\.v\.(cs|c|dn)(\d*)")
_DAYS: Final = {"a": 365.25, "mo": 30.4375, "wk": 7.0, "d": 1.0, "h": 1 / 24}  # units of UCUM


@dataclass(frozen=True)
class Request:
    """What is asked for: codes as `lookup` takes them, things that were named, and the reader's age group."""

    codes: tuple[str, ...]
    things: tuple[str, ...]
    person: Mapping[str, str]


def read_request(kg: KnowledgeGraph, parameters: Mapping[str, str]) -> Request:
    """Return what a request asks for.

    Args:
        kg: the graph.
        parameters: the request's parameters by name, decoded.

    Raises:
        Misuse: the request has no code and no name, or an age without a known unit.
        UnknownName: there is no such code system, or nothing is called so.
    """
    criteria: dict[str, dict[str, str]] = {}
    for name, value in parameters.items():
        if (match := _CRITERION.fullmatch(name)) and value:
            criteria.setdefault(match[2], {})[match[1]] = value
    codes = [_code(kg, said["c"], said.get("cs")) for said in criteria.values() if "c" in said]
    things = [
        t for said in criteria.values() if "c" not in said and "dn" in said for t in _named(kg, said["dn"])
    ]
    if not codes and not things:
        msg = "the request asks for nothing: give mainSearchCriteria.v.c with mainSearchCriteria.v.cs"
        raise Misuse(msg)
    return Request(tuple(codes), tuple(things), _person(kg, parameters))


def _code(kg: KnowledgeGraph, code: str, system: str | None) -> str:
    """Write a code of a system as a CURIE; one without a system must be one already."""
    if system is None:
        return code
    by_uri = {uri: name for name, (uri, _) in SYSTEMS.items()}
    prefixes = {row["vocabulary"]: row["prefix"] for row in kg.rows("vocabularies")}
    by_prefix = {prefix.casefold(): name for name, prefix in prefixes.items()}
    known = {**OIDS, **by_uri, **by_prefix}
    vocabulary = known.get(system.removeprefix("urn:oid:")) or known.get(system.casefold())
    if vocabulary is None:
        raise UnknownName("code system", system, known)
    prefix = prefixes[vocabulary]
    local = re.sub(rf"^{re.escape(prefix)}:", "", code, flags=re.IGNORECASE)
    if vocabulary.startswith("icd10") and re.fullmatch(r"[A-Za-z]\d\w{2,5}", local):
        local = f"{local[:3]}.{local[3:]}"  # records often leave the dot out
    return f"{prefix}:{local}"


def _named(kg: KnowledgeGraph, name: str) -> list[str]:
    names = names_of(kg)
    found = names.meant(name)
    if not found:
        raise UnknownName("thing", name, [bearer.label for bearer in names.nearest(name)])
    return found


def _person(kg: KnowledgeGraph, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the narrowest age group that an age falls into; without an age, nothing is known."""
    value, unit = parameters.get("age.v.v"), parameters.get("age.v.u", "")
    if not value:
        return {}
    if unit not in _DAYS or not re.fullmatch(r"\d+(\.\d+)?", value):
        msg = (
            f"the age '{value} {unit}' cannot be read: age.v.v is a number, age.v.u one of {', '.join(_DAYS)}"
        )
        raise Misuse(msg)
    days = float(value) * _DAYS[unit]
    groups = kg.store.query(
        "SELECT ?age ?from ?below { ?age a milia:AgeGroup ; milia:fromAge ?from "
        "OPTIONAL { ?age milia:belowAge ?below } }"
    ).records()
    spans = [(float(row["from"]), float(row.get("below", "inf")), row["age"]) for row in groups]
    fits = [(below - start, -start, age) for start, below, age in spans if start <= days < below]
    return {"age": min(fits)[2]}  # one holds any age
