"""Describe a form of milia to search engines: schema.org in JSON-LD, a `MedicalWebPage` about a condition.

Only what is established, and said outright of anybody, goes in. Care goes in as it stands on the page, as
decided for a person: where nothing is known of the reader, that is what may be said to an infant's parent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from milia.export.biolink import code
from milia.export.blocks import NOTICE, Page, page
from milia.export.feed import Feed, Files
from milia.export.wording import Sentence
from milia.kg import KnowledgeGraph
from milia.names import LICENCE, expand

__all__ = ["FEED", "describe", "document", "write"]

# our links, and the property and type that schema.org has for what they lead to
_LINKS: Final = {
    "affects": ("associatedAnatomy", "AnatomicalStructure"),
    "arisesFrom": ("associatedAnatomy", "AnatomicalStructure"),
    "causedBy": ("cause", "MedicalCause"),
    "triggeredBy": ("cause", "MedicalCause"),
    "hasAppearance": ("signOrSymptom", "MedicalSignOrSymptom"),
    "presentsWith": ("signOrSymptom", "MedicalSignOrSymptom"),
    "hasRiskFactor": ("riskFactor", "MedicalRiskFactor"),
    "resembles": ("differentialDiagnosis", "DDxElement"),
}
# what is said in whole sentences, as it hangs on age, form and frequency
_TEXTS: Final = {"hasCourse": "naturalProgression", "occursAt": "epidemiology"}
# that there is nothing is no cause and no symptom; a property of schema.org cannot say so
_ABSENT: Final = {
    expand(name).value
    for name in ("cause:spontaneous-occurrence", "cause:unknown-cause", "finding:no-symptoms")
}
_CARE: Final = ("self-care", "treatments")  # blocks of a page
# our kinds of care, where schema.org has another name than MedicalTherapy
_TREATMENTS: Final = {"Drug": "Drug", "SelfCare": "LifestyleModification"}

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
        "license": LICENCE,
        "about": _condition(kg, made),
        **({"mentions": offered} if (offered := _mentions(made)) else {}),
        "citation": cited,
    }


def _condition(kg: KnowledgeGraph, made: Page) -> Json:
    form = made.condition
    node = next(row for row in kg.rows("nodes") if row["node"] == form)
    spaces = {row["space"]: row["prefix"] for row in kg.rows("vocabularies")}
    titles = {row["prefix"]: row["title"] for row in kg.rows("vocabularies")}
    names = (name.rpartition("@") for name in node.get("names", "").split("|"))
    codes = (code(iri, spaces).partition(":") for iri in node.get("codes", "").split("|") if iri)
    said: Json = {
        "@type": "MedicalCondition",
        "@id": form,
        "name": node["label"],
        "alternateName": sorted(name for name, _, language in names if language == "en"),
        "code": [
            {"@type": "MedicalCode", "codingSystem": titles.get(s, s), "codeValue": value}
            for s, _, value in codes
        ],
        **_links(made),
        **_care(kg, made),
    }
    return {key: value for key, value in said.items() if value}


def _links(made: Page) -> Json:
    """Return what is said outright of anybody; a limit or a doubt would be lost on the way."""
    said: Json = defaultdict(list)
    for sentence in (s for block in made.blocks for s in block.sentences):
        if text := _TEXTS.get(sentence.link):
            said[text].append(sentence.text)
        elif sentence.link in _LINKS and sentence.is_general and sentence.thing not in _ABSENT:
            term, kind = _LINKS[sentence.link]
            one = _named(kind, sentence.names[1])
            said[term] += [one] if one not in said[term] else []
    return {term: " ".join(values) if term in _TEXTS.values() else values for term, values in said.items()}


def _named(kind: str, name: str) -> Json:
    if kind == "DDxElement":
        return {"@type": kind, "diagnosis": _named("MedicalCondition", name)}
    return {"@type": kind, "name": name}


def _care(kg: KnowledgeGraph, made: Page) -> Json:
    """Return the care that stands on the page; what prevents must be advised there as self-care."""
    prevents = [s for s in made.block("questions") if s.link == "preventedBy" and s.is_general]
    others = {s.thing for s in prevents}
    classes = {row["node"]: row["classes"].split("|") for row in kg.rows("nodes") if "classes" in row}
    treats = {
        s.thing: _named(_treatment(classes.get(s.thing, ())), s.names[0])
        for name in _CARE
        for s in made.block(name)
        if s.thing not in others
    }
    return {
        "possibleTreatment": list(treats.values()),
        "primaryPrevention": [_named("MedicalTherapy", s.names[1]) for s in prevents],
    }


def _treatment(classes: Iterable[str]) -> str:
    return next((_TREATMENTS[c] for c in classes if c in _TREATMENTS), "MedicalTherapy")


def _mentions(made: Page) -> list[Json]:
    """Return who offers what of the page; what a catalogue of one's own offers stands by itself."""
    services = [
        _offered("MedicalProcedure" if made.provider else "Service", s) for s in made.block("services")
    ]
    products = [_offered("Product", s) for s in made.block("products") if s.is_offered]
    if not made.provider:
        return [*services, *products]
    by = made.provider
    people = [
        {"@type": "Person", "name": name, "jobTitle": [job for one, job in by.people if one == name]}
        for name in dict.fromkeys(name for name, _ in by.people)
    ]
    said = {
        "@type": "MedicalClinic",
        "@id": by.iri,
        "name": by.name,
        "url": by.url,
        "telephone": by.telephone,
        "availableService": services,
        "makesOffer": [{"@type": "Offer", "itemOffered": product} for product in products],
        "employee": people,
    }
    return [{key: value for key, value in said.items() if value}]


def _offered(kind: str, sentence: Sentence) -> Json:
    return {**_named(kind, sentence.names[0]), **({"url": sentence.url} if sentence.url else {})}


def write(kg: KnowledgeGraph) -> Files:
    """Return a file for each form of milia, for a reader of whom nothing is known."""
    with ThreadPoolExecutor() as pool:  # the engine decides on care outside Python's lock
        made = pool.map(lambda form: document(kg, form), kg.forms)
        return {
            f"{form.rpartition('/')[2]}.jsonld": (
                json.dumps(said, indent=1, ensure_ascii=False) + "\n"
            ).encode()
            for form, said in zip(kg.forms, made, strict=True)
        }


FEED = Feed(
    "schema-org", "Web pages for search engines", "search engines, websites", "pyld, schema.org", write
)
