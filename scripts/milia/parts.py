"""Split a large project into a core and parts that can be worked on apart, one at a time or side by side.

The files of one name below folders of one name, such as `data/claims/hpo-annotations/omim-03.ttl` and
`data/concepts/hpo-annotations/omim-03.ttl`, are a part; all else is the core. What follows from a part
follows from what it says and from what that leads to (its surroundings), so long as its claims are about its
own things and use properties that no rule joins with another's statements. A part of which that is not so
goes into the core.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Triple

from milia.load import Sources
from milia.names import PREFIXES, expand, milia, plain, short
from milia.paths import Home
from milia.rules import read_rules

__all__ = [
    "Part",
    "Surroundings",
    "core_and_parts",
    "joined_properties",
    "local_properties",
    "owned",
    "without",
]

_PART = re.compile(r"data/\w+/(.+/[^/.]+)\.")
_TYPE, _WIDER = expand("rdf:type"), expand("rdfs:subPropertyOf")
_SUBJECT, _PREDICATE, _OBJECT = (expand(f"rdf:{part}") for part in ("subject", "predicate", "object"))
_INVERSE, _FIRST = expand("owl:inverseOf"), expand("rdf:first")
_NODE: Final = PREFIXES["node"]
# what part of the core every part sees: few statements, which nearly all parts lead to
_SEEN_BY_ALL: Final = ("ontology/", "data/sources/", "data/mappings/vocabularies")
_CLAIMS: Final = "data/claims/"
_CONCEPTS: Final = "data/concepts/"
_APART: Final = (_CLAIMS, _CONCEPTS, "data/mappings/")
# by these axioms a rule joins two statements of one property, or looks at what else is said of its ends
_JOINING_CLASSES: Final = frozenset(
    expand(f"owl:{kind}Property")
    for kind in ("Transitive", "Functional", "InverseFunctional", "Asymmetric", "Irreflexive")
)
_JOINING: Final = frozenset(
    expand(f"owl:{name}") for name in ("onProperty", "propertyDisjointWith", "equivalentProperty", "hasKey")
)
_RULES: Final = ("facts.rls", "links.rls", "care.rls")


def core_and_parts(paths: Mapping[str, Path]) -> tuple[dict[str, Path], dict[str, dict[str, Path]]]:
    """Return the files of the core by name, and those of each part by its name and theirs.

    >>> names = ["data/claims/berk.ttl", "data/claims/hpo/a.ttl", "data/mappings/hpo/a.sssom.tsv"]
    >>> core, parts = core_and_parts({name: Path(name) for name in names})
    >>> list(core), {name: list(files) for name, files in parts.items()}
    (['data/claims/berk.ttl'], {'hpo/a': ['data/claims/hpo/a.ttl', 'data/mappings/hpo/a.sssom.tsv']})
    """
    core: dict[str, Path] = {}
    parts = defaultdict[str, dict[str, Path]](dict)
    for name, path in paths.items():
        found = _PART.match(name)
        (parts[found[1]] if found else core)[name] = path
    return core, dict(sorted(parts.items()))


def local_properties(home: Home, ontology: Iterable[Triple]) -> frozenset[NamedNode]:
    """Return the properties whose statements no rule joins with one another, or reads by name.

    Raises:
        BadSource: a rule file does not parse.
    """
    ontology = list(ontology)
    named = {c for r in read_rules(home, _RULES) for a in (r.head, *r.body) for c in a.constants()}
    joined: set[object] = named | {
        t.subject for t in ontology if t.predicate == _TYPE and t.object in _JOINING_CLASSES
    }
    joined |= {t.object for t in ontology if t.predicate in _JOINING or t.predicate == _FIRST}
    joined |= {t.subject for t in ontology if t.predicate in _JOINING}
    near = defaultdict[object, set[object]](set)
    for t in ontology:
        if t.predicate in {_WIDER, _INVERSE}:
            near[t.subject].add(t.object)
        if t.predicate == _INVERSE:
            near[t.object].add(t.subject)
    properties: set[object] = {
        t.subject for t in ontology if t.predicate == _TYPE and t.object == expand("owl:ObjectProperty")
    }
    return frozenset(
        p for p in properties if isinstance(p, NamedNode) and joined.isdisjoint(_reached({p}, near))
    )


def joined_properties(home: Home) -> frozenset[NamedNode]:
    """Return the properties by which a rule goes on from any statement to another, as from part to whole.

    Raises:
        BadSource: a rule file does not parse.
    """
    atoms = [a for r in read_rules(home, _RULES) for a in r.body]
    found = [a.arguments[1] for a in atoms if a.relation == "T"]
    found += [a.arguments[2] for a in atoms if a.relation == "Stated" and a.arguments[1] == _PREDICATE]
    return frozenset(p for p in found if isinstance(p, NamedNode))


def _reached(start: Iterable[object], near: Mapping[object, Iterable[object]]) -> set[object]:
    found, waiting = set[object](), list(start)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(near.get(one, ()))
    return found


@dataclass(frozen=True)
class Part:
    """A part: its files, the things that it describes, and the claims that it makes."""

    name: str
    sources: Sources

    @cached_property
    def things(self) -> frozenset[NamedNode]:
        """Return what the part describes."""
        found = (t.subject for t in self.sources.below(_CONCEPTS))
        return frozenset(s for s in found if isinstance(s, NamedNode) and not s.value.startswith(_NODE))

    @cached_property
    def claims(self) -> frozenset[NamedNode]:
        """Return the claims that the part makes."""
        claimed = self.sources.below(_CLAIMS)
        return frozenset(NamedNode(plain(t.subject)) for t in claimed if t.predicate == _SUBJECT)

    @cached_property
    def subjects(self) -> frozenset[NamedNode]:
        """Return what the part makes claims about."""
        claimed = (t.object for t in self.sources.below(_CLAIMS) if t.predicate == _SUBJECT)
        return frozenset(s for s in claimed if isinstance(s, NamedNode))

    def led_to(self, local: frozenset[NamedNode]) -> frozenset[NamedNode]:
        """Return what the part's claims by properties that rules join are of."""
        parts = defaultdict[object, dict[object, object]](dict)
        for t in self.sources.below(_CLAIMS):
            if t.predicate in {_PREDICATE, _OBJECT}:
                parts[t.subject][t.predicate] = t.object
        found = (said.get(_OBJECT) for said in parts.values() if said.get(_PREDICATE) not in local)
        return frozenset(o for o in found if isinstance(o, NamedNode))

    def joined_by(self, local: frozenset[NamedNode], taken: frozenset[NamedNode]) -> str | None:
        """Say why the part cannot be worked on apart, or return None where it can.

        Args:
            local: the properties whose statements no rule joins.
            taken: what the core describes, makes claims about, or leads to by what rules join.
        """
        both = min(self.things & taken, key=str, default=None)
        if both:
            return f"describes {short(both)}, which the core describes, too, or makes claims about"
        strange = next((f.shown for f in self.sources.files if not f.name.startswith(_APART)), None)
        if strange:
            return f"{strange} holds neither concepts, claims nor mappings"
        for t in self.sources.below(_CLAIMS):
            if t.predicate == _SUBJECT and t.object not in self.things:
                return f"{short(t.subject)} is about {short(t.object)}, which the part does not describe"
            if t.predicate == _PREDICATE and t.object not in local:
                return f"{short(t.subject)} uses {short(t.object)}, whose statements the rules join"
        return None

    def mentions(self) -> Iterator[NamedNode]:
        """Yield what the part's statements are about and lead to, again and again."""
        for file in self.sources.files:
            for t in file.triples:
                if isinstance(t.object, NamedNode):
                    yield t.object
                if isinstance(t.subject, NamedNode):
                    yield t.subject


class Surroundings:
    """What the statements of a part lead to: of the core, and of the things that other parts describe."""

    def __init__(self, core: Sources, beside: Sources, joined: frozenset[NamedNode]) -> None:
        """Index the core, and the concepts of all parts; from a thing, claims with `joined` lead on."""
        leading = {t.subject for t in core.below(_CLAIMS) if t.predicate == _PREDICATE and t.object in joined}
        self._files = [*core.files, *beside.files]
        self._always = [f for f in core.files if f.name.startswith(_SEEN_BY_ALL)]
        self._said = defaultdict[object, list[tuple[int, Triple]]](list)
        self._near = defaultdict[object, list[object]](list)
        for number, file in enumerate(self._files):
            if file.rows or file.name.startswith(_SEEN_BY_ALL):
                continue
            for t in file.triples:
                self._said[t.subject].append((number, t))
                self._near[t.subject].append(t.object)
                if t.predicate == _SUBJECT and t.subject in leading:
                    self._near[t.object].append(t.subject)

    def around(self, part: Part) -> Sources:
        """Return the statements that a part leads to, its own left out, each in the file that has it."""
        own = {f.name for f in part.sources.files}
        chosen = defaultdict[int, list[Triple]](list)
        for term in _reached(set(part.mentions()), self._near):
            for number, t in self._said.get(term, ()):
                chosen[number].append(t)
        found = [(self._files[n], triples) for n, triples in chosen.items()]
        partial = [replace(f, triples=tuple(triples)) for f, triples in found if f.name not in own]
        return Sources(sorted([*self._always, *partial], key=lambda f: f.name))


def owned(graphs: Mapping[str, list[Triple]], part: Part) -> tuple[dict[str, list[Triple]], list[Triple]]:
    """Return what of the derived graphs a part has given, about its things and claims; then what it shows.

    What it shows is of what class things of others are: they may show that too.
    """
    nodes = _nodes_of(graphs, part)
    given = {name: [t for t in triples if _is_owned(t, part, nodes)] for name, triples in graphs.items()}
    mine = set(given["inferred"])
    shown = [t for t in graphs["inferred"] if t.predicate == _TYPE and t not in mine and not _is_node(t)]
    return given, shown


def without(
    graphs: Mapping[str, list[Triple]], others: frozenset[NamedNode], own: frozenset[NamedNode]
) -> tuple[dict[str, list[Triple]], list[Triple]]:
    """Return what is derived of more than the things of others; then of what class those are."""

    def is_about_others(t: Triple) -> bool:
        return t.subject in others and t.object not in own

    given = {name: [t for t in triples if not is_about_others(t)] for name, triples in graphs.items()}
    return given, [t for t in graphs["inferred"] if t.predicate == _TYPE and is_about_others(t)]


def _nodes_of(graphs: Mapping[str, list[Triple]], part: Part) -> set[object]:
    """Return the part's nodes: of facts, inferences and disagreements by claim or end, and of ranges."""
    by_claim = {milia(name) for name in ("supportedBy", "opposedBy", "notSeenBy", "between")}
    ends = {_SUBJECT, _OBJECT}
    ends_of_claims = (t.object for t in part.sources.below(_CLAIMS) if t.predicate == _OBJECT)
    ranges = {o for o in ends_of_claims if plain(o).startswith(_NODE)}
    return {
        t.subject
        for triples in graphs.values()
        for t in triples
        if t.subject in ranges
        or (t.predicate in by_claim and t.object in part.claims)
        or (t.predicate in ends and t.object in part.things)
    }


def _is_owned(t: Triple, part: Part, nodes: set[object]) -> bool:
    return t.subject in part.things or t.subject in nodes or t.object in part.things


def _is_node(t: Triple) -> bool:
    return plain(t.subject).startswith(PREFIXES["fact"])
