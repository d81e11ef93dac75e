"""The examples in ontology/examples, each in a small project of its own with the ontology."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import Quad

from milia.catalog import Catalog
from milia.check import check_forms, check_inconsistencies, check_queries, check_shapes
from milia.derive import derive
from milia.load import SourceFile, Sources, load, read_turtle
from milia.names import BASE, PREFIXES, derived_graph, plain
from milia.store import empty_store

if TYPE_CHECKING:
    from pathlib import Path

    from pyoxigraph import Triple

    from milia.model import Finding
    from milia.paths import Home

# an example's statements stand where they would in the project: by what they are about
_FOLDERS = (
    (r"claim/[a-z-]+-catalogue/", "data/catalogue"),
    (r"claim/", "data/claims"),
    (r"source/", "data/sources"),
    (r"mapping/|https://bioregistry[.]io/", "data/mappings"),
    (r"(ontology|agent|node)/", "ontology"),
)
_SHARED = (
    "ontology/",
    "data/sources/evidence-types",
    "data/concepts/scheme.ttl",
    "data/mappings/vocabularies",
)


@dataclass(frozen=True)
class Example:
    """A file of examples: what it should be found to be wrong with, and which checks it touches."""

    path: Path
    expected: tuple[str, ...]
    touches: tuple[str, ...]
    needs_rules: bool

    @property
    def name(self) -> str:
        """Return the folder and the file's name."""
        return f"{self.path.parent.name}/{self.path.stem}"


def examples(home: Home) -> list[Example]:
    """Return every example of the project."""
    return [_example(p) for p in sorted((home.ontology / "examples").glob("*/*.ttl"))]


def _example(path: Path) -> Example:
    header = re.findall(r"^# (expect|touches|rules): (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return Example(
        path,
        tuple(text for key, text in header if key == "expect"),
        tuple(text for key, text in header if key == "touches"),
        ("rules", "run") in header,
    )


def project_of(home: Home, example: Example) -> Sources:
    """Return the sources in which an example is checked."""
    own = _filed(example.path, read_turtle(example.path))
    described = {plain(t.subject) for file in own for t in file.triples}
    things = home.ontology / "examples" / "things.ttl"
    others = [t for t in read_turtle(things) if not _belongs(plain(t.subject), described)]
    if any(file.name.startswith("data/mappings/") for file in own):  # there each thing needs a row
        named = {plain(t.object) for file in own for t in file.triples}
        others = [t for t in others if plain(t.subject) in named]
    return Sources([*_shared(home), *_filed(things, others), *own])


def _belongs(iri: str, described: set[str]) -> bool:
    return iri in described and not iri.startswith(PREFIXES["node"])


@cache
def _shared(home: Home) -> tuple[SourceFile, ...]:
    return tuple(f for f in load(home).files if f.name.startswith(_SHARED))


def _filed(path: Path, triples: list[Triple]) -> list[SourceFile]:
    holder = {plain(t.object): plain(t.subject) for t in triples}
    groups: dict[str, list[Triple]] = defaultdict(list)
    for t in triples:
        thing = plain(t.subject)
        while thing.startswith(PREFIXES["node"]) and thing in holder:
            thing = holder[thing]
        local = thing.removeprefix(BASE)
        folder = next((f for pattern, f in _FOLDERS if re.match(pattern, local)), "data/concepts")
        groups[f"{folder}/example.ttl"].append(t)
    return [SourceFile(path, name, name, tuple(ts)) for name, ts in groups.items()]


@cache
def findings(home: Home, example: Example) -> list[Finding]:
    """Check an example and return what is found."""
    sources = project_of(home, example)
    store = empty_store()
    store.add(sources.quads())
    found = [*check_forms(sources), *check_shapes(home, sources)]
    if example.needs_rules:
        derivation = derive(home, sources)
        for name, triples in derivation.graphs.items():
            graph = derived_graph(name)
            store.add(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        found += check_inconsistencies(derivation, sources)
    return [*found, *check_queries(Catalog(home), store, sources)]
