"""What the project knows already and an import builds on: things, what they are mapped to, and sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from milia.load import read_turtle
from milia.mappings import Mapping, read_mappings
from milia.names import PREFIXES, milia, plain, short
from milia.paths import Home

__all__ = ["Known", "code", "known"]

_EXACT = NamedNode(PREFIXES["skos"] + "exactMatch")
_LABEL = NamedNode(PREFIXES["skos"] + "prefLabel")
_OTHER = NamedNode(PREFIXES["skos"] + "altLabel")
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_WITHIN = NamedNode(PREFIXES["rdfs"] + "subClassOf")
_IDENTIFIER = NamedNode(PREFIXES["dcterms"] + "identifier")
_PUBMED = re.compile(r"https://pubmed\.ncbi\.nlm\.nih\.gov/(\d+)/?")
# how the vocabularies an import reads are abbreviated, here and elsewhere
_VOCABULARIES: Final = {
    "HP": "HP",
    "HPO": "HP",
    "MIM": "OMIM",
    "NCBIGENE": "NCBIGene",
    "OMIM": "OMIM",
    "ORDO": "ORPHA",
    "ORPHA": "ORPHA",
    "ORPHANET": "ORPHA",
    "ORPHANET.ORDO": "ORPHA",
}
_CODE = re.compile(r"([A-Za-z.]+):(?:Orphanet_|ORPHA_?)?(\d+)")


@dataclass(frozen=True)
class Known:
    """What an import looks up: things by CURIE, codes as the tables write them, papers by their PubMed id.

    `codes` holds exact mappings, `places` where each of these codes stands first. `ages` holds all mappings
    of age groups, which are seldom exact: an onset is filed under the group that comes nearest. `kinds` has
    each class with all that are above it, `names` every English name of a thing.
    """

    labels: dict[str, str]
    names: tuple[str, ...]
    classes: dict[str, frozenset[str]]
    codes: dict[str, tuple[str, ...]]
    places: dict[str, str]
    ages: dict[str, str]
    papers: dict[str, str]
    kinds: dict[str, frozenset[str]]

    def is_a(self, thing: str, *classes: str) -> bool:
        """Say whether a thing is of one of the classes, or of a narrower one."""
        return not self.classes.get(thing, frozenset()).isdisjoint(classes)

    def label(self, thing: str) -> str:
        """Return a thing's name, or its CURIE where it has none."""
        return self.labels.get(thing, thing)


def code(text: str) -> str | None:
    """Return a code as the tables of HPO write it, or None for one of another vocabulary.

    >>> code("Orphanet:79405"), code("OMIM:131750"), code("OMIMPS:131760")
    ('ORPHA:79405', 'OMIM:131750', None)
    """
    found = _CODE.fullmatch(text)
    prefix = _VOCABULARIES.get(found[1].upper()) if found else None
    return f"{prefix}:{found[2]}" if found and prefix else None


def known(home: Home) -> Known:
    """Read things, exact mappings and sources of a project.

    Raises:
        BadSource: one of its files cannot be read.
    """
    concepts = _statements(home, "data/concepts/**/*.ttl")
    names = [
        (t.subject, t.predicate, t.object.value)
        for t in concepts
        if t.predicate in {_LABEL, _OTHER} and isinstance(t.object, Literal) and t.object.language == "en"
    ]
    kinds = _kinds(_statements(home, "ontology/*.ttl"))
    classes = _classes(concepts, kinds)
    mappings = [m for m in read_mappings(home) if m.found and not m.negated]
    exact = [m for m in mappings if m.predicate == _EXACT]
    ages = [m for m in mappings if "AgeGroup" in classes.get(short(m.subject), ())]
    return Known(
        labels={short(s): name for s, p, name in names if p == _LABEL},
        names=tuple(name for *_, name in names),
        classes=classes,
        codes=_codes(exact),
        places={c: f"{m.file}:{m.line}" for m in reversed(exact) if (c := code(m.object_id))},
        ages={found: things[0] for found, things in _codes(ages).items() if len(things) == 1},
        papers=_papers(_statements(home, "data/sources/**/*.ttl")),
        kinds=kinds,
    )


def _statements(home: Home, pattern: str) -> list[Triple]:
    paths = sorted(home.root.glob(pattern), key=home.relative)
    return [t for path in paths for t in read_turtle(path, home.relative(path))]


def _kinds(ontology: Iterable[Triple]) -> dict[str, frozenset[str]]:
    """Return each class of ours with itself and all that are above it."""
    prefix = milia("").value
    above = defaultdict[str, set[str]](set)
    for t in ontology:
        if t.predicate == _WITHIN and isinstance(t.object, NamedNode):
            above[plain(t.subject).removeprefix(prefix)].add(t.object.value.removeprefix(prefix))
    return {kind: frozenset(_upwards(kind, above)) for kind in [*above, *set().union(*above.values())]}


def _upwards(kind: str, above: Map[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [kind]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(above.get(one, ()))
    return found


def _classes(concepts: Iterable[Triple], kinds: Map[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return the classes of each thing with all that are above them."""
    prefix = milia("").value
    found = defaultdict[str, set[str]](set)
    for t in concepts:
        if t.predicate == _TYPE:
            kind = plain(t.object).removeprefix(prefix)
            found[short(t.subject)] |= kinds.get(kind, {kind})
    return {thing: frozenset(classes) for thing, classes in found.items()}


def _codes(mappings: Iterable[Mapping]) -> dict[str, tuple[str, ...]]:
    """Return the things that are mapped to each code of the vocabularies that an import reads."""
    things = defaultdict[str, set[str]](set)
    for mapping in mappings:
        found = code(mapping.object_id)
        if found:
            things[found].add(short(mapping.subject))
    return {found: tuple(sorted(names)) for found, names in things.items()}


def _papers(sources: Iterable[Triple]) -> dict[str, str]:
    found = {}
    for t in sources:
        if t.predicate == _IDENTIFIER and isinstance(t.object, NamedNode):
            paper = _PUBMED.fullmatch(t.object.value)
            if paper:
                found["PMID:" + paper[1]] = short(t.subject)
    return found
