"""Say why a link is absent: the rules that could have given it, and the premises they miss.

Reads the rule files as data. For each named rule whose head fits the link, it looks for the assignment of
variables that leaves the fewest premises unmet; a rule counts only if the axioms it needs are there. The
nearest rules come first. Needs the rule engine, since it compares with everything that was derived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyoxigraph import Triple

from milia.load import load
from milia.names import Term, short
from milia.paths import Home
from milia.reason import Engine, run_rules
from milia.rules import Atom, Rule, read_rules

__all__ = ["Reason", "why_not"]

# relations that hold statements about things; every other relation of the closure is an axiom in another form
_DATA = {"T", "Fact", "Inherited", "Universal"}
_GIVES_LINKS = {"T", "Inherited"}
_SHOWN = 3

Assignment = Mapping[str, Term]


@dataclass(frozen=True)
class Reason:
    """One way the link could have come about: what holds of it and what is missing."""

    rule: str
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    axioms: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the reason as plain data."""
        return {"rule": self.rule, "met": self.met, "unmet": self.unmet, "axioms": self.axioms}


class _Relations:
    """The relations of a finished run, indexed by what stands where."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._index: dict[str, dict[tuple[int, Any], list[tuple[Any, ...]]]] = {}

    def rows(self, relation: str, pattern: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows that fit a pattern of terms and variables."""
        if relation not in self._rows:
            rows = self._engine.terms(relation)
            index: dict[tuple[int, Any], list[tuple[Any, ...]]] = defaultdict(list)
            for row in rows:
                for place in enumerate(row):
                    index[place].append(row)
            self._rows[relation], self._index[relation] = rows, index
        known = [(n, value) for n, value in enumerate(pattern) if not isinstance(value, str)]
        candidates = [self._index[relation].get(place, []) for place in known] or [self._rows[relation]]
        return [r for r in min(candidates, key=len) if all(r[n] == value for n, value in known)]


class _Search:
    """Finds the assignment of a rule's variables that leaves the fewest premises unmet."""

    def __init__(self, rule: Rule, relations: _Relations) -> None:
        self._rule, self._relations = rule, relations
        self._axioms = [a for a in rule.body if not a.absent and a.relation not in _DATA]
        self._data = [a for a in rule.body if not a.absent and a.relation in _DATA]
        self._denials = [a for a in rule.body if a.absent]
        self.best: tuple[int, int, Assignment] | None = None

    def run(self, triple: Triple) -> Reason | None:
        values = _unify(self._rule.head.arguments, (triple.subject, triple.predicate, triple.object))
        if values is None:
            return None
        for known in self._meet_axioms(self._axioms, values):
            self._meet_data(self._data, known, 0, 0)
        return self._reason(self.best[2]) if self.best else None

    def _meet_axioms(self, atoms: Sequence[Atom], values: Assignment) -> Iterator[Assignment]:
        if not atoms:
            yield values
            return
        for row in self._relations.rows(atoms[0].relation, atoms[0].filled(values)):
            more = _unify(atoms[0].filled(values), row)
            if more is not None:
                yield from self._meet_axioms(atoms[1:], {**values, **more})

    def _meet_data(self, atoms: Sequence[Atom], values: Assignment, met: int, unmet: int) -> None:
        if self.best is not None and (unmet, -met - len(atoms)) >= (self.best[0], -self.best[1]):
            return
        if not atoms:
            if all(values.get(a) != values.get(b) or a not in values for a, b in self._rule.differ):
                self.best = (unmet, met, values)
            return
        # what is known best first, so that variables are bound by premises that hold
        atom = min(atoms, key=lambda a: sum(isinstance(x, str) for x in a.filled(values)))
        rest = [a for a in atoms if a is not atom]
        for row in self._relations.rows(atom.relation, atom.filled(values)):
            more = _unify(atom.filled(values), row)
            if more is not None:
                self._meet_data(rest, {**values, **more}, met + 1, unmet)
        self._meet_data(rest, values, met, unmet + 1)

    def _reason(self, values: Assignment) -> Reason:
        met: list[str] = []
        unmet: list[str] = []
        for atom in self._data:
            filled = atom.filled(values)
            bound = all(not isinstance(x, str) for x in filled)
            holds = bound and bool(self._relations.rows(atom.relation, filled))
            (met if holds else unmet).append(_say(atom.relation, filled))
        for atom in self._denials:
            if self._relations.rows(atom.relation, atom.filled(values)):
                unmet.append(f"not {_say(atom.relation, atom.filled(values))}, but it is so")
        axioms = tuple(_say(a.relation, a.filled(values)) for a in self._axioms)
        return Reason(str(self._rule.name), tuple(met), tuple(unmet), axioms)


def _unify(pattern: Sequence[Any], row: Sequence[Any]) -> dict[str, Term] | None:
    values: dict[str, Term] = {}
    for wanted, term in zip(pattern, row, strict=True):
        if isinstance(wanted, str):
            if values.setdefault(wanted, term) != term:
                return None
        elif wanted != term:
            return None
    return values


def _say(relation: str, arguments: Sequence[Any]) -> str:
    names = [a if isinstance(a, str) else short(a) for a in arguments]
    if relation in {"T", "Fact", "Inherited", "Ontology"}:
        return " ".join(names)
    if relation == "Universal":
        return f"a claim that says of every case: {' '.join(names)}"
    return f"{relation}({', '.join(names)})"


class _Why:
    def __init__(self, home: Home) -> None:
        self._home = home

    @cached_property
    def _relations(self) -> _Relations:
        engine = run_rules(self._home, load(self._home))
        return _Relations(engine)

    def reasons(self, triple: Triple) -> list[Reason]:
        found = [*self._claims(triple)]
        for rule in read_rules(self._home):
            if (
                rule.name
                and rule.head.relation in _GIVES_LINKS
                and len(rule.head.arguments) == len(("s", "p", "o"))
            ):
                reason = _Search(rule, self._relations).run(triple)
                if reason is not None and reason.unmet and reason.met:
                    found.append(reason)
        found.sort(key=lambda r: (len(r.unmet), -len(r.met), r.rule))
        return list(dict.fromkeys(found))[:_SHOWN]

    def _claims(self, triple: Triple) -> Iterator[Reason]:
        """Say what facts.rls misses: a live claim that affirms the triple, and that none outweighs."""
        said = _say("T", (triple.subject, triple.predicate, triple.object))
        nodes = self._relations.rows("FactNode", ("?f", triple.subject, triple.predicate, triple.object))
        if not nodes:
            yield Reason("fact-established", (), (f"a live claim that affirms: {said}",))
            return
        fact = nodes[0][0]
        supports = [short(row[0]) for row in self._relations.rows("Supports", ("?c", fact))]
        denials = [short(row[0]) for row in self._relations.rows("Denies", ("?c", fact))]
        met = tuple(f"affirmed by {c}" for c in supports)
        if denials:
            yield Reason(
                "fact-established",
                met,
                tuple(f"no claim of such standing denies it, but {c} does" for c in denials),
            )
        elif not supports:
            yield Reason("fact-established", (), ("a claim that is not retracted",))


def why_not(home: Home, triple: Triple) -> list[Reason]:
    """Return the nearest ways in which an absent link could have come about, nearest first.

    Raises:
        MissingPart: the rule engine is not installed.
        BadSource: a file of the project cannot be read.
    """
    return _Why(home).reasons(triple)
