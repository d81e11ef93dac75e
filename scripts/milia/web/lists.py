"""The pages that list something: what stands on each, by the path at which it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from milia.called import IS, names_of
from milia.errors import UnknownName
from milia.export import FEEDS
from milia.export.feed import ASPECTS
from milia.export.lookup import coded
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE, expand
from milia.web import asking, changes, views
from milia.web.bodymap import parts
from milia.web.network import KINDS, network, way

__all__ = ["LISTS"]

Json = dict[str, Any]
Said = Mapping[str, str]
_PAIRS: Final = 25  # comparisons of one kind that are shown


def _home(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    counts = {row["what"]: row["n"] for row in kg.ask(kg.catalog.core("census")).records()}
    whole = views.thing(kg, expand("condition:milia").value)
    groups = {g["property"].rpartition("/")[2]: g for g in views.said_of(kg, whole["iri"])}
    return {
        "counts": counts,
        "whole": whole,
        "glance": [
            (title, groups[name]["statements"][:6]) for name, title in _GLANCE.items() if name in groups
        ],
        "body": parts(kg),
        "forms": _mapped(kg),
    }


_GLANCE: Final = {
    "hasAppearance": "Look",
    "occursAt": "Age",
    "hasMechanism": "How they form",
    "hasCourse": "Course",
    "resembles": "Taken for milia",
}


def _mapped(kg: KnowledgeGraph) -> list[tuple[str, str]]:
    """Return the forms that are seen somewhere on the map, by name."""
    seen = {form for drawn in parts(kg).values() for part in drawn for form in part.forms}
    return sorted(
        seen - {(expand("condition:milia").value, kg.label("condition:milia"))}, key=lambda one: one[1]
    )


def _forms(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    forms = [views.thing(kg, form) for form in kg.forms]
    columns = {
        "subtypeOf": "kind of",
        "occursAt": "age",
        "affects": "where",
        "causedBy": "cause",
        "triggeredBy": "comes after",
        "hasCourse": "course",
    }
    table = []
    for form in forms:
        groups = {g["property"].rpartition("/")[2]: g["statements"] for g in views.said_of(kg, form["iri"])}
        table.append(
            {
                **form,
                "cells": [groups.get(name, [])[:5] for name in columns],
                "more": [max(0, len(groups.get(name, [])) - 5) for name in columns],
            }
        )
    return {"columns": list(columns.values()), "forms": table}


# what may tell a look-alike from milia, where it is said of the one alone
_TELLING: Final = (
    *("hasAppearance", "hasPattern", "hasHistology", "presentsWith", "affects"),
    *("arisesFrom", "hasMechanism", "hasCourse", "occursAt", "commonerIn"),
)
_NOT: Final = ("Denied", "NotObserved")


def _look_alikes(kg: KnowledgeGraph, said: Said) -> Json:
    """List the look-alikes; those of which nothing more is said by their names alone."""
    del said
    names = names_of(kg)
    of_milia = {
        row["object"] for row in kg.rows("edges") if row["subject"] in kg.forms and row["status"] not in _NOT
    }
    found = []
    for iri in sorted(names.of):
        if names.to_milia(iri) != "look-alike":
            continue
        groups = {g["property"].rpartition("/")[2]: g["statements"] for g in views.said_of(kg, iri)}
        telling = [one for name in _TELLING for one in groups.get(name, ())]
        found.append(
            {
                **views.thing(kg, iri),
                "look": groups.get("hasAppearance", [])[:6],
                "where": groups.get("affects", [])[:6],
                "tells": groups.get("toldApartBy", [])[:6],
                "alone": [one for one in telling if one["other"] not in of_milia][:8],
            }
        )
    found.sort(key=lambda one: one["label"])
    described = [one for one in found if one["look"] or one["where"] or one["tells"] or one["alone"]]
    return {"things": described, "named": [one for one in found if one not in described]}


def _disagreements(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    kinds = views.differences(kg)
    shown = [{**kind, "pairs": kind["pairs"][:_PAIRS]} for kind in kinds]
    return {"kinds": shown, "number": sum(kind["number"] for kind in kinds)}


def _sources(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    by = views.claims_by_source(kg)
    rows: list[Json] = [{**row, "claims": len(by.get(row["source"], ()))} for row in kg.rows("cited-sources")]
    standings: dict[str, list[Json]] = {}
    for row in sorted(rows, key=lambda r: (-r["claims"], r["title"])):
        standings.setdefault(row["standing"], []).append(row)
    return {
        "standings": sorted(standings.items(), key=lambda one: -len(one[1])),
    }


def _questions(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    return {"queries": [*kg.catalog.all("pages"), *kg.catalog.all("answers")]}


def _ask(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    return asking.page(kg)


def _changes(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    return {"since": None, "days": changes.days(kg)}


def _search(kg: KnowledgeGraph, said: Said) -> Json:
    word = said.get("q", "").strip()
    found: dict[str, Json] = {}
    if any(c.isalnum() for c in word):
        for b in names_of(kg).with_part(word):
            one = found.setdefault(b.thing, {**_brief(kg, b.thing), "iri": b.thing, "names": []})
            one["names"].append({"name": b.name, "language": b.language, "stands": b.stands})
    for iri, match in coded(kg, word) if word else ():
        one = found.setdefault(iri, {**_brief(kg, iri), "iri": iri, "names": []})
        how = "its code" if match == "exactMatch" else f"a {match.removesuffix('Match')} code"
        one["is"] += f"; {word} is {how}"
    nearest = (
        [{"iri": b.thing, "label": b.label} for b in names_of(kg).nearest(word)] if word and not found else []
    )
    return {
        "word": word,
        "things": list(found.values())[:60],
        "number": len(found),
        "nearest": nearest,
        "kinds": IS,
    }


def _brief(kg: KnowledgeGraph, iri: str) -> Json:
    """Return what a thing is called and is: milia, a look-alike, or what its class says."""
    about = names_of(kg).brief(iri)
    if names_of(kg).to_milia(iri) == "other":
        about["is"] = ", ".join(views.kind_of(kg, iri)) or about["is"]
    return dict(about)


def _about(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    return {"manifest": kg.manifest}


def _download(kg: KnowledgeGraph, said: Said) -> Json:
    del said, kg
    return {"feeds": list(FEEDS.values()), "formats": list(FORMATS.values()), "aspects": ASPECTS}


def _api(kg: KnowledgeGraph, said: Said) -> Json:
    from milia.web.fhir import OPERATIONS
    from milia.web.rest import CALLS

    del said, kg
    return {"calls": CALLS, "operations": list(OPERATIONS)}


def _network(kg: KnowledgeGraph, said: Said) -> Json:
    ends = {name: _meant(kg, said[name]) for name in ("from", "to") if said.get(name, "").strip()}
    start = ends.get("from", BASE + "condition/milia").removeprefix(BASE)
    end = ends.get("to", "").removeprefix(BASE)
    label = {node["id"]: node["label"] for node in network(kg)["nodes"]}
    near = [edge for edge in network(kg)["edges"] if start in {edge["from"], edge["to"]}]
    near.sort(key=lambda edge: -edge["sources"])
    links = way(kg, start, end) if end else near[:12]
    return {
        "start": start,
        "end": end,
        "start_label": label.get(start, start),
        "end_label": label.get(end, end),
        "links": [{**one, "from_label": label[one["from"]], "to_label": label[one["to"]]} for one in links],
        "kinds": KINDS,
        "things": sorted(label.values()),
    }


def _meant(kg: KnowledgeGraph, name: str) -> str:
    """Return the one thing that a person means by a name; the first by label, where it is several."""
    meant = names_of(kg).meant(name)
    if not meant:
        raise UnknownName("thing", name, kg.labels.values())
    return meant[0]


Maker = Callable[[KnowledgeGraph, Said], Json]
LISTS: Final[dict[str, tuple[str, Maker]]] = {
    "": ("home", _home),
    "forms": ("forms", _forms),
    "look-alikes": ("look-alikes", _look_alikes),
    "disagreements": ("disagreements", _disagreements),
    "sources": ("sources", _sources),
    "questions": ("questions", _questions),
    "ask": ("ask", _ask),
    "network": ("network", _network),
    "search": ("search", _search),
    "about": ("about", _about),
    "changes": ("changes", _changes),
    "download": ("download", _download),
    "api": ("api", _api),
}
