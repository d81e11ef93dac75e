"""Describe a form of milia to search engines: schema.org in JSON-LD, a `MedicalWebPage` about a condition.

Only what is established goes in. Care goes in as it stands on the page, as decided for a person: where
nothing is known of the reader, that is what may be said to the parent of an infant.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, Final

from milia.export.biolink import code
from milia.export.blocks import NOTICE, Page, page
from milia.export.feed import Feed, Files
from milia.kg import KnowledgeGraph
from milia.names import short

__all__ = ["FEED", "describe", "document", "write"]

_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
# our links, and the property and type that schema.org has for what they lead to
_LINKS: Final = {
    "affects": ("associatedAnatomy", "AnatomicalStructure"),
    "arisesFrom": ("associatedAnatomy", "AnatomicalStructure"),
    "causedBy": ("cause", "MedicalCause"),
    "triggeredBy": ("cause", "MedicalCause"),
    "hasAppearance": ("signOrSymptom", "MedicalSignOrSymptom"),
    "presentsWith": ("signOrSymptom", "MedicalSignOrSymptom"),
    "hasRiskFactor": ("riskFactor", "MedicalRiskFactor"),
}
_TEXTS: Final = {"hasCourse": "naturalProgression", "occursAt": "epidemiology"}
_CARE: Final = ("self-care", "treatments")  # blocks of a page

Json = dict[str, Any]


def document(kg: KnowledgeGraph, condition: str, **person: str) -> Json:
    """Return the JSON-LD of a page on a form of milia.

    Args:
        kg: the graph.
        condition: a form, by any name the graph knows.
        person: what is known of the reader, as for `blocks.page`.

    Raises:
        UnknownName: there is no such form, age, site, provider …
    """
    return describe(kg, page(kg, condition, None, **person))


def describe(kg: KnowledgeGraph, made: Page) -> Json:
    """Return the JSON-LD that stands beside the blocks of a page."""
    cited: list[Json] = [
        {"@type": "CreativeWork", "name": r.title, **({"url": r.url} if r.url else {})}
        for r in made.references
    ]
    return {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": made.title,
        "description": NOTICE,
        "inLanguage": "en",
        "license": _LICENCE,
        "about": _condition(kg, made),
        "citation": cited,
    }


def _condition(kg: KnowledgeGraph, made: Page) -> Json:
    form = made.condition
    node = next(row for row in kg.rows("nodes") if row["node"] == form)
    spaces = {row["space"]: row["prefix"] for row in kg.rows("vocabularies")}
    names = (name.rpartition("@") for name in node.get("names", "").split("|"))
    codes = (code(iri, spaces).partition(":") for iri in node.get("codes", "").split("|") if iri)
    said: Json = {
        "@type": "MedicalCondition",
        "@id": form,
        "name": node["label"],
        "alternateName": sorted(name for name, _, language in names if language == "en"),
        "code": [{"@type": "MedicalCode", "codingSystem": s, "codeValue": value} for s, _, value in codes],
        **_links(kg, form),
        **_care(kg, made),
    }
    return {key: value for key, value in said.items() if value}


def _established(kg: KnowledgeGraph, form: str) -> dict[str, list[str]]:
    """Return the labels of what a form is linked with for sure, by our property."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row in kg.rows("page-facts"):
        if row["form"] == form and row["status"] == "Established" and row["object"] in kg.labels:
            found[short(row["predicate"]).partition(":")[2]][kg.labels[row["object"]]] = None
    return {predicate: [*labels] for predicate, labels in found.items()}


def _links(kg: KnowledgeGraph, form: str) -> Json:
    facts = _established(kg, form)
    said: Json = defaultdict(list)
    for link, (term, kind) in _LINKS.items():
        known = {one["name"] for one in said[term]}
        said[term] += [{"@type": kind, "name": name} for name in facts.get(link, ()) if name not in known]
    for name in facts.get("resembles", ()):
        other = {"@type": "MedicalCondition", "name": name}
        said["differentialDiagnosis"].append({"@type": "DDxElement", "diagnosis": other})
    for link, term in _TEXTS.items():
        said[term] = "; ".join(facts.get(link, ()))
    return dict(said)


def _care(kg: KnowledgeGraph, made: Page) -> Json:
    """Return the care that stands on the page; what prevents must be advised there as self-care."""
    named = {b.name: dict.fromkeys(s.names[0] for s in b.sentences) for b in made.blocks if b.name in _CARE}
    home = named.get("self-care", {})
    prevents = [name for name in _established(kg, made.condition).get("preventedBy", ()) if name in home]
    treats = [name for name in {**home, **named.get("treatments", {})} if name not in prevents]
    return {
        "possibleTreatment": [{"@type": "MedicalTherapy", "name": n} for n in treats],
        "primaryPrevention": [{"@type": "MedicalTherapy", "name": n} for n in prevents],
    }


def write(kg: KnowledgeGraph) -> Files:
    """Return a file for each form of milia, for a reader of whom nothing is known."""
    forms = kg.store.query("SELECT ?form { ?form a milia:MiliaForm } ORDER BY ?form").records()
    return {
        f"{row['form'].rpartition('/')[2]}.jsonld": (
            json.dumps(document(kg, row["form"]), indent=1, ensure_ascii=False) + "\n"
        ).encode()
        for row in forms
    }


FEED = Feed(
    "schema-org", "Web pages for search engines", "search engines, websites", "pyld, schema.org", write
)
