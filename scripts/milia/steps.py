"""Steps of proofs: which rule gave a triple, and on which triples it rests.

A *step* is one application of a rule: the triple it gives, the rule's name, the triples it rests on. Steps
come from the ways in which the rules fired, or from the file a build stores, so that an installed package
explains without the engine. What supports and opposes a fact is data: it is read from the graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import Quad, RdfFormat, Triple, parse

from milia.errors import BadSource
from milia.names import milia
from milia.reason import Engine
from milia.rules import GIVES_TRIPLES, Atom, Rule
from milia.sortedfile import SortedFile

__all__ = ["PROOFS", "DerivedSteps", "Step", "Steps", "StoredSteps", "store_steps"]


PROOFS = "proofs.jsonl"


@dataclass(frozen=True)
class Step:
    """One application of a rule."""

    triple: Triple
    rule: str
    premises: tuple[Triple, ...]
    absent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the step as plain data, triples in N-Triples form."""
        data: dict[str, Any] = {
            "triple": str(self.triple),
            "rule": self.rule,
            "premises": [str(p) for p in self.premises],
        }
        if self.absent:
            data["absent"] = list(self.absent)
        return data


class Steps(Protocol):
    """Where steps come from."""

    def step(self, triple: Triple) -> Step | None:
        """Return the step that gives a triple, or None where no rule does."""
        ...


class StoredSteps:
    """Steps from the files of a build, one JSON object a line, sorted: looked up, never read as a whole."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the files.

        Raises:
            BadSource: one is missing or damaged.
        """
        self._files = [_opened(path) for path in paths]

    def step(self, triple: Triple) -> Step | None:
        """Return the stored step of a triple.

        Raises:
            BadSource: the line that holds it is damaged.
        """
        start = f"{_OPENING}{json.dumps(str(triple), ensure_ascii=False)}, ".encode()
        for file in self._files:
            line = file.line(start)
            if line is not None:
                return _stored_step(triple, line, file.path)
        return None


_OPENING = '{"triple": '


def _stored_step(triple: Triple, line: bytes, path: Path) -> Step:
    try:
        data = json.loads(line)
        premises = tuple(map(_triple, data["premises"]))
        return Step(triple, data["rule"], premises, tuple(data.get("absent", ())))
    except (ValueError, KeyError, StopIteration) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: object) -> BadSource:
    return BadSource(path, None, f"holds no proof steps: {error}", "run 'milia build' again")


def _opened(path: Path) -> SortedFile:
    try:
        file = SortedFile(path)
        if file.size and file.line(_OPENING.encode()) is None:
            raise _damaged(path, "it is no such file")
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return file


_TRIPLE_RELATIONS = GIVES_TRIPLES | {"Fact", "Ontology"}


Ground = tuple[str, tuple[Any, ...]]
"""An atom without variables: its relation and its terms."""


@dataclass(frozen=True)
class _Instance:
    """One way in which a rule fired."""

    rule: Rule
    head: Ground
    body: tuple[Ground, ...]
    absent: tuple[str, ...]


class DerivedSteps:
    """Steps from the ways in which the rules fired, chosen so that no proof runs in a circle.

    An atom takes the first instance of a rule all of whose premises have steps already, as they do when the
    closure is worked out in rounds: the earliest, and so among the shortest.
    """

    def __init__(self, engine: Engine) -> None:
        """Take a finished run of the rules that kept its instances."""
        self._chosen, self._certain = _choose(list(_instances(engine)), _given(engine))
        self._links = {terms for relation, terms in self._chosen if relation == "Link"}

    def is_certain(self, triple: Triple) -> bool:
        """Say whether a derived triple follows from what is asserted and Established alone."""
        terms = (triple.subject, triple.predicate, triple.object)
        return bool({("T", terms), ("Link", terms)} & self._certain)

    def step(self, triple: Triple) -> Step | None:
        """Return the step of a triple: as an inherited link, else as part of the closure."""
        terms = (triple.subject, triple.predicate, triple.object)
        chosen = self._chosen.get(("Link" if terms in self._links else "T", terms))
        absent: list[str] = []
        while chosen is not None and chosen.rule.name is None:
            absent += chosen.absent
            same = [g for g in chosen.body if g[1] == terms and g in self._chosen]
            chosen = self._chosen[same[0]] if same else None
        if chosen is None:
            return None
        premises = tuple(dict.fromkeys(p for g in chosen.body for p in self._triples(g)))
        return Step(triple, str(chosen.rule.name), premises, (*chosen.absent, *absent))

    def _triples(self, atom: Ground) -> Iterator[Triple]:
        """Yield the triples an atom rests on, looking through relations that only rearrange triples."""
        relation, terms = atom
        if relation in _TRIPLE_RELATIONS:
            yield Triple(*terms)
        elif atom in self._chosen:
            for premise in self._chosen[atom].body:
                yield from self._triples(premise)


def _instances(engine: Engine) -> Iterator[_Instance]:
    for rule, values in engine.instances():
        atoms = [(a.relation, tuple(a.filled(values))) for a in rule.body if not a.absent]
        absent = tuple(_said(a, values) for a in rule.body if a.absent)
        yield _Instance(rule, (rule.head.relation, tuple(rule.head.filled(values))), tuple(atoms), absent)


def _said(atom: Atom, values: Mapping[str, Any]) -> str:
    return f"{atom.relation}({', '.join(map(str, atom.filled(values)))})"


def _given(engine: Engine) -> tuple[set[Ground], set[Ground]]:
    """Return what no rule need derive: what is asserted and established, then what is hedged."""
    nodes = {f: spo for f, *spo in engine.terms("FactNode")}
    statuses = dict(engine.terms("Status"))
    sure = {("T", tuple(spo)) for f, spo in nodes.items() if statuses.get(f) == milia("Established")}
    facts = {("T", row) for row in engine.terms("Fact")}
    return {("T", row) for row in engine.terms("Ontology")} | sure, facts - sure


def _choose(
    every: Sequence[_Instance], rounds: Sequence[set[Ground]]
) -> tuple[dict[Ground, _Instance], set[Ground]]:
    """Return one instance for each atom: of those whose premises are there already, round by round.

    What follows from the first round alone, returned too, is worked out before the second begins, so that no
    proof leans on a hedged fact where established ones will do.
    """
    awaited = {i.head for i in every}.union(*rounds)
    missing = [sum(g in awaited for g in set(i.body)) for i in every]
    waiting: dict[Ground, list[int]] = {}
    for n, instance in enumerate(every):
        for atom in set(instance.body):
            waiting.setdefault(atom, []).append(n)
    chosen: dict[Ground, _Instance] = {}
    known: set[Ground] = set()
    certain: set[Ground] = set()
    ready = [n for n, count in enumerate(missing) if count == 0]
    for n_th, given in enumerate(rounds):
        fresh = given - known
        while fresh or ready:
            known |= fresh
            for atom in fresh:
                for n in waiting.get(atom, ()):
                    missing[n] -= 1
                    if missing[n] == 0:
                        ready.append(n)
            found: dict[Ground, _Instance] = {}
            for n in sorted(ready, key=lambda n: _preference(every[n])):
                if every[n].head not in known:
                    found.setdefault(every[n].head, every[n])
            chosen |= found
            fresh, ready = set(found), []
        if n_th == 0:
            certain = set(known)
    return chosen, certain


def _preference(instance: _Instance) -> tuple[int, str]:
    """Prefer the rule with fewer premises, then any fixed order: a build must not depend on chance."""
    return len(instance.body), f"{instance.rule.name} {instance.body}"


def store_steps(steps: Steps, triples: Iterable[Triple], path: Path) -> int:
    """Write the steps of these triples, and of all they rest on, sorted, one a line; return how many."""
    done: dict[str, str] = {}
    waiting = list(triples)
    while waiting:
        triple = waiting.pop()
        key = str(triple)
        if key in done:
            continue
        step = steps.step(triple)
        if step is None or not step.premises:
            done[key] = ""
            continue
        done[key] = json.dumps(step.to_json(), ensure_ascii=False)
        waiting.extend(step.premises)
    lines = sorted(line.encode() for line in done.values() if line)  # by bytes, as they are looked up
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return len(lines)


def _triple(text: str) -> Triple:
    quad: Quad = next(iter(parse(text + " .", format=RdfFormat.N_TRIPLES)))
    return quad.triple
