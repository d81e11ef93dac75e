"""The pages: which there are, and how each is made of the graph; for the server and a static site alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Triple

from milia.called import names_of
from milia.errors import UnknownName
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE, LICENCE, NOTICE, PREFIXES, VERSION, expand, short
from milia.web import asking, changes, views
from milia.web.bodymap import Part, parts
from milia.web.linked import is_here
from milia.web.lists import LISTS
from milia.web.urls import Urls

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["POLICY", "STATIC", "Pages", "cell", "named"]

Json = dict[str, Any]
Said = Mapping[str, str]
_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = _HERE / "templates"
STATIC: Final = _HERE / "static"
_FACT: Final = PREFIXES["fact"]
_KEPT: Final = 512  # pages; some 20 MB
# what a page may load, and from where: from here alone
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


class Pages:
    """Makes each page of a graph; `static` for a site that no server stands behind."""

    def __init__(self, kg: KnowledgeGraph, *, static: bool = False, since: Path | None = None) -> None:
        """Remember the graph; nothing is made before it is asked for, and what was made is kept a while.

        Args:
            kg: the graph.
            static: whether it is for a site that no server stands behind.
            since: an earlier build, whose differences from this one are shown.
        """
        self.kg, self.static, self.since = kg, static, since
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
            return self.rendered(path, template, make(self.kg, said or {}) | self._since(path))
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
            "published": self._published,
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
        asked = [p for p in kg.catalog.find("related-treatments").parameters if p.name != "provider"]
        is_provider = iri.startswith(PREFIXES["provider"])
        person = views.meant(kg, asked, said) if is_provider else {}
        refusal = self._refusal(person)
        return {
            "blocks": views.offers(kg, iri, person) if is_provider and not refusal else [],
            "refusal": refusal,
            "asked": [views.choices(kg, p, person) for p in asked] if is_provider else [],
            "thing": views.thing(kg, iri),
            "said": views.said_of(kg, iri),
            "said_of_others": views.said_of(kg, iri, inward=True),
            "inferred": views.inferred(kg, iri),
            "codes": views.codes(kg, iri),
            "body": self._body(iri),
            "near": views.neighbours(kg, iri),
            "formats": list(FORMATS.values()),
        }

    def _refusal(self, person: Said) -> str:
        """Return why nothing is suggested, where the form that is asked about is none of milia."""
        form = person.get("form", "")
        return (
            names_of(self.kg).refusal(expand(form if ":" in form else f"condition:{form}").value)
            if form
            else ""
        )

    def _body(self, iri: str) -> dict[str, list[Part]] | None:
        """Return the map of where a form is seen, if anywhere."""
        drawn = parts(self.kg, iri) if iri in self.kg.forms else {}
        return drawn if any(part.sources for ones in drawn.values() for part in ones) else None

    def _since(self, path: str) -> Json:
        return {"since": changes.since(self.kg, self.since)} if path == "changes" and self.since else {}

    def _fact(self, triple: Triple) -> Json:
        kg = self.kg
        proof = kg.explain(triple)
        names = [
            {"label": kg.label(t), "iri": getattr(t, "value", "")}
            for t in (triple.subject, triple.predicate, triple.object)
        ]
        return {"ends": names, "proof": proof.to_json(), "holds": proof.holds}

    def _published(self, source: str) -> str:
        """Return who published a source and when, as far as is known: what tells those of one title apart."""
        about = views.sources(self.kg).get(source, {})
        return ", ".join(filter(None, (about.get("publisher"), about.get("year"))))

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
        given = views.meant(self.kg, query.parameters, said)
        text = self.kg.question(name, given)
        answer = self.kg.store.query(text, asking.ROWS + 1)
        found = [[cell(self.kg, term) for term in row] for row in answer.rows[: asking.ROWS]]
        columns, rows = named(answer.variables, found)
        return self.rendered(
            path,
            "question",
            {
                "query": query,
                "refusal": self._refusal(given) if query.folder == "pages" else "",
                "asked": [views.choices(self.kg, p, given) for p in query.parameters],
                "text": text,
                "columns": columns,
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


def named(columns: Sequence[str], rows: list[list[Json]]) -> tuple[list[str], list[list[Json]]]:
    """Put a thing's name in the place of the thing, where a table has both, and write titles in words."""
    place = {name: n for n, name in enumerate(columns)}
    name_of = {n: place[f"{name}Name"] for name, n in place.items() if f"{name}Name" in place}
    kept = [n for n in range(len(columns)) if n not in name_of.values()]
    shown = [[_called(row[n], row[name_of[n]]) if n in name_of else row[n] for n in kept] for row in rows]
    return [_in_words(columns[n]) for n in kept], shown


def _called(thing: Json, name: Json) -> Json:
    return {**thing, "text": name["text"] or thing["text"]}


def _in_words(name: str) -> str:
    """Return a variable's name as words.

    >>> _in_words("bestStanding")
    'best standing'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _short(iri: str) -> str:
    """Return a short name for a thing without a label; of one that is named by a hash, the first of it."""
    kind, _, local = iri.removeprefix(BASE).rpartition("/")
    return f"{kind} {local[:6]}" if re.fullmatch(r"[0-9a-f]{20}", local) else short(expand(iri))


def cell(kg: KnowledgeGraph, term: Any) -> Json:  # noqa: ANN401  any RDF term or None
    """Return a cell of a table: what stands in it, and where it leads."""
    value = getattr(term, "value", "") if term is not None else ""
    is_iri = value.startswith(("http://", "https://")) and not getattr(term, "datatype", None)
    return {
        "text": kg.labels.get(value) or (_short(value) if is_iri and value.startswith(BASE) else value),
        "iri": value if is_iri else "",
    }
