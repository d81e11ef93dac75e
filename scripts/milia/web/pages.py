"""The pages: which there are, and how each is made of the graph; for the server and a static site alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Triple

from milia.called import IS, names_of
from milia.errors import UnknownName
from milia.export import FEEDS
from milia.export.feed import ASPECTS
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE, LICENCE, NOTICE, PREFIXES, VERSION, expand, short
from milia.web import asking, views
from milia.web.bodymap import parts
from milia.web.linked import is_here
from milia.web.network import KINDS, network, way
from milia.web.urls import Urls

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["LISTS", "POLICY", "STATIC", "Pages", "cell"]

Json = dict[str, Any]
Said = Mapping[str, str]
_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = _HERE / "templates"
STATIC: Final = _HERE / "static"
_FACT: Final = PREFIXES["fact"]
# what may be known of a reader, and how that is asked
_PERSON: Final = {
    "form": "Form of milia",
    "age": "Age, such as adult",
    "site": "Where, such as cheek",
    "pregnancy": "Pregnancy, such as pregnant",
}
_KEPT: Final = 512  # pages; some 20 MB
_PAIRS: Final = 25  # comparisons of one kind that are shown
# what a page may load, and from where: from here alone
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


class Pages:
    """Makes each page of a graph; `static` for a site that no server stands behind."""

    def __init__(self, kg: KnowledgeGraph, *, static: bool = False) -> None:
        """Remember the graph; nothing is made before it is asked for, and what was made is kept a while."""
        self.kg, self.static = kg, static
        self._kept = lru_cache(maxsize=1 if static else _KEPT)(self._made)

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        made = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["iri"] = lambda iri: short(expand(iri))
        return made

    @cached_property
    def _has(self) -> set[str]:
        """Return what has been bundled for browsers; without it the pages say and do the same."""
        return {p.stem for p in STATIC.glob("*.js")}

    @cached_property
    def _kinds(self) -> list[str]:
        """Return how the paths of things begin that have pages."""
        return sorted({path.partition("/")[0] for path in self._known or () if "/" in path} - {"questions"})

    @cached_property
    def _known(self) -> frozenset[str] | None:
        return frozenset(self.paths()) if self.static else None

    def html(self, path: str, said: Said | None = None) -> str | None:
        """Return the page at a path below the root, or None where there is none.

        Raises:
            Misuse: what was said with the address does not fit.
        """
        return self._made(path, said) if said else self._kept(path)

    def _made(self, path: str, said: Said | None = None) -> str | None:
        if path in LISTS:
            template, make = LISTS[path]
            return self.rendered(path, template, make(self.kg, said or {}))
        if path.startswith("questions/"):
            return self._question(path, said or {})
        return self._thing(path, said or {}) if is_here(self.kg, path) else None

    def rendered(self, path: str, template: str, data: Json) -> str:
        """Return a page made with a template; `path` is where it stands."""
        common = {
            "url": Urls(path, static=self.static, known=self._known),
            "path": path,
            "static": self.static,
            "base": BASE,
            "policy": POLICY,
            "kinds": self._kinds,
            "label_of": self._label,
            "has": self._has,
            "notice": NOTICE,
            "licence": LICENCE,
            "version": VERSION,
        }
        return self._templates.get_template(f"{template}.html").render({**common, **data})

    def _thing(self, path: str, said: Said) -> str:
        kg, iri = self.kg, BASE + path
        if iri in kg.claims:
            return self.rendered(path, "claim", {"claim": views.claim(kg, iri)})
        if path.startswith("source/"):
            return self.rendered(path, "source", {"source": views.source(kg, iri)})
        if iri.startswith(_FACT) and (triple := _triple(kg, iri)):
            return self.rendered(path, "fact", self._fact(triple))
        if iri in names_of(kg).of and not path.startswith(("name/", "ontology/")):
            return self.rendered(path, "thing", self._concept(iri, said))
        return self.rendered(path, "other", self._other(iri))

    def _concept(self, iri: str, said: Said) -> Json:
        kg = self.kg
        person = {name: said[name] for name in _PERSON if said.get(name)}
        is_provider = iri.startswith(PREFIXES["provider"])
        return {
            "blocks": views.offers(kg, iri, person) if is_provider else [],
            "person": person,
            "asked": _PERSON,
            "thing": views.thing(kg, iri),
            "said": views.said_of(kg, iri),
            "said_of_others": views.said_of(kg, iri, inward=True),
            "inferred": views.inferred(kg, iri),
            "codes": views.codes(kg, iri),
            "near": views.neighbours(kg, iri),
            "formats": list(FORMATS.values()),
        }

    def _fact(self, triple: Triple) -> Json:
        kg = self.kg
        proof = kg.explain(triple)
        names = [
            {"label": kg.label(t), "iri": getattr(t, "value", "")}
            for t in (triple.subject, triple.predicate, triple.object)
        ]
        return {"ends": names, "proof": proof.to_json(), "holds": proof.holds}

    def _label(self, iri: str) -> str:
        """Return what a thing is called, by its IRI, CURIE, or the name of a term of ours."""
        name = iri if ":" in iri else f"milia:{iri}"
        return self.kg.label(expand(name))

    def _other(self, iri: str) -> Json:
        kg = self.kg
        rows = kg.store.query(
            f"SELECT DISTINCT ?p ?o {{ {{ <{iri}> ?p ?o }} UNION {{ GRAPH ?g {{ <{iri}> ?p ?o }} }} }} "
            "ORDER BY ?p ?o"
        ).rows
        said: list[Json] = []
        for p, o in rows:
            value = getattr(o, "value", str(o))
            said.append(
                {
                    "property": getattr(p, "value", ""),
                    "label": kg.label(p),  # type: ignore[arg-type]
                    "value": kg.labels.get(value, value),
                    "iri": value if value.startswith(("http://", "https://")) else "",
                    "language": getattr(o, "language", None) or "",
                }
            )
        graph = kg.manifest.get("counts", {}).get(iri.removeprefix(BASE))
        return {
            "iri": iri,
            "label": kg.labels.get(iri) or short(expand(iri)),
            "said": said,
            "size": graph,
            "formats": list(FORMATS.values()),
        }

    def _question(self, path: str, said: Said) -> str | None:
        name = path.removeprefix("questions/")
        try:
            query = self.kg.catalog.find(name)
        except UnknownName:
            return None
        if query.folder not in {"answers", "pages"}:
            return None
        given = {p.name: said[p.name] for p in query.parameters if said.get(p.name)}
        text = self.kg.question(name, given)
        answer = self.kg.store.query(text, asking.ROWS + 1)
        rows = [[cell(self.kg, term) for term in row] for row in answer.rows[: asking.ROWS]]
        return self.rendered(
            path,
            "question",
            {
                "query": query,
                "given": given,
                "text": text,
                "columns": answer.variables,
                "rows": rows,
                "cut": len(answer.rows) > asking.ROWS,
                "truth": answer.truth,
            },
        )

    def paths(self) -> Iterable[str]:
        """Yield the path of every page that a static site has, in order."""
        kg = self.kg
        yield from (path for path in LISTS if not self.static or self._stands_alone(path))
        yield from (
            f"questions/{name}" for folder in ("answers", "pages") for name in kg.catalog.names(folder)
        )
        yield from sorted(self._things())

    def _stands_alone(self, path: str) -> bool:
        """Tell whether a page needs no server."""
        return path != "api" and (path != "ask" or "engine" in self._has)

    def _things(self) -> set[str]:
        kg = self.kg
        things = {iri.removeprefix(BASE) for iri in names_of(kg).of if iri.startswith(BASE)}
        things |= {iri.removeprefix(BASE) for iri in kg.claims}
        things |= {row["source"].removeprefix(BASE) for row in kg.rows("cited-sources")}
        things |= {row["edge"].removeprefix(BASE) for row in kg.rows("edges")}
        things |= {iri.removeprefix(BASE) for iri in kg.labels if iri.startswith(PREFIXES["milia"])}
        return things


def _triple(kg: KnowledgeGraph, iri: str) -> Triple | None:
    rows = kg.store.query(
        f"SELECT ?s ?p ?o {{ GRAPH ?g {{ <{iri}> rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }} }} "
        "LIMIT 1"
    ).rows
    return Triple(*rows[0]) if rows else None  # type: ignore[arg-type]


def cell(kg: KnowledgeGraph, term: Any) -> Json:  # noqa: ANN401  any RDF term or None
    """Return a cell of a table: what stands in it, and where it leads."""
    value = getattr(term, "value", "") if term is not None else ""
    is_iri = value.startswith(("http://", "https://")) and not getattr(term, "datatype", None)
    return {
        "text": kg.labels.get(value)
        or (short(expand(value)) if is_iri and value.startswith(BASE) else value),
        "iri": value if is_iri else "",
    }


# ── pages that list something ─────────────────────────────────────────────────────────────────────────────


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
    }


_GLANCE: Final = {
    "hasAppearance": "Look",
    "occursAt": "Age",
    "hasMechanism": "How they form",
    "hasCourse": "Course",
    "resembles": "Taken for milia",
}


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


def _look_alikes(kg: KnowledgeGraph, said: Said) -> Json:
    del said
    names = names_of(kg)
    found = [views.thing(kg, iri) for iri in sorted(names.of) if names.to_milia(iri) == "look-alike"]
    for one in found:
        groups = {g["property"].rpartition("/")[2]: g["statements"] for g in views.said_of(kg, one["iri"])}
        one["tells"] = groups.get("toldApartBy", [])[:6]
        one["look"] = groups.get("hasAppearance", [])[:6]
        one["where"] = groups.get("affects", [])[:6]
    return {"things": sorted(found, key=lambda one: one["label"])}


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


def _search(kg: KnowledgeGraph, said: Said) -> Json:
    word = said.get("q", "").strip()
    found: dict[str, Json] = {}
    if any(c.isalnum() for c in word):
        for b in names_of(kg).with_part(word):
            one = found.setdefault(b.thing, {**names_of(kg).brief(b.thing), "iri": b.thing, "names": []})
            one["names"].append({"name": b.name, "language": b.language, "stands": b.stands})
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
    "download": ("download", _download),
    "api": ("api", _api),
}
