"""Steps of proofs: which rule gave a triple, and on which triples it rests.

A *step* is one application of a rule: the triple it gives, the rule's name, the triples it rests on. Steps
come from the rule engine's trace, or from the file a build stores, so that an installed package explains
without the engine. What supports and opposes a fact is data: it is read from the graph, never from a trace.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from milia.errors import BadSource
from milia.reason import Engine

__all__ = ["PROOFS", "EngineSteps", "Step", "Steps", "StoredSteps", "store_steps"]


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
    """Steps from the file of a build, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            BadSource: the file is missing or damaged.
        """
        self._steps: dict[str, dict[str, Any]] = {}
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                data = json.loads(line)
                self._steps[data["triple"]] = data
        except (OSError, ValueError, KeyError) as error:
            raise BadSource(
                path, None, f"holds no proof steps: {error}", "run 'milia build' again"
            ) from error

    def step(self, triple: Triple) -> Step | None:
        """Return the stored step of a triple."""
        data = self._steps.get(str(triple))
        if data is None:
            return None
        return Step(
            triple, data["rule"], tuple(map(_triple, data["premises"])), tuple(data.get("absent", ()))
        )


class EngineSteps:
    """Steps traced by the rule engine as they are asked for."""

    def __init__(self, engine: Engine) -> None:
        """Take a finished run of the rules."""
        self._engine = engine
        self._links = {Triple(*row) for row in engine.terms("Link")}
        self._known: dict[Triple, Step | None] = {}

    def step(self, triple: Triple) -> Step | None:
        """Trace a triple: as an inherited link, else as part of the closure."""
        if triple not in self._known:
            self._known[triple] = None
            arguments = f"({triple.subject}, {triple.predicate}, {triple.object})"
            trace = self._engine.trace(("Link" if triple in self._links else "T") + arguments)
            if trace is not None:
                self._keep(trace)
        return self._known[triple]

    def _keep(self, trace: Mapping[str, Any]) -> None:
        """Keep the steps of a whole derivation, so that what it rests on is not traced again."""
        relation, terms = _ground(trace)
        if relation in _TRIPLE_RELATIONS and trace.get("rule"):
            triple = Triple(*terms)
            if self._known.get(triple) is None:
                self._known[triple] = _step(triple, trace)
        for sub in trace.get("subtraces", ()):
            self._keep(sub)


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
    lines = sorted(line for line in done.values() if line)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(lines)


_ATOM = re.compile(r"(~?)\s*(\w+)\s*\(([^()]*)\)")


def _step(triple: Triple, trace: Mapping[str, Any]) -> Step | None:
    """Turn a trace into one step: unnamed rules are plumbing and are looked through."""
    absent: list[str] = []
    while trace.get("rule") and not trace.get("name"):
        absent += _absent(trace)
        triples = [s for s in trace["subtraces"] if _holds_triple(s)]
        same = [s for s in triples if _ground(s)[1] == _terms(triple)]
        if not same:
            break
        trace = same[0]
    if not trace.get("name"):
        return None
    return Step(triple, trace["name"], tuple(dict.fromkeys(_premises(trace))), (*_absent(trace), *absent))


_TRIPLE_RELATIONS = {"T", "Fact", "Link", "Inherited", "Ontology"}


def _holds_triple(trace: Mapping[str, Any]) -> bool:
    return _ground(trace)[0] in _TRIPLE_RELATIONS


def _premises(trace: Mapping[str, Any]) -> Iterator[Triple]:
    """Yield the triples a rule rests on, looking through relations that only rearrange triples."""
    for sub in trace.get("subtraces", ()):
        relation, terms = _ground(sub)
        if relation in _TRIPLE_RELATIONS:
            yield Triple(*terms)
        else:
            yield from _premises(sub)


def _absent(trace: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the rule's negations checked, with their variables filled in."""
    body = trace["rule"].partition(":-")[2]
    for negated, relation, arguments in _ATOM.findall(body):
        if negated:
            yield f"{relation}({_fill(arguments, trace['assignment'])})"


def _ground(trace: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the relation and the terms of the atom a trace is about."""
    if "fact" in trace:
        relation, _, arguments = trace["fact"].partition("(")
        return relation, _parse_terms(arguments.rpartition(")")[0])
    relation, _, arguments = trace["rule"].partition("(")
    return relation, _parse_terms(_fill(arguments.partition(") :-")[0], trace["assignment"]))


def _fill(arguments: str, assignment: Mapping[str, str]) -> str:
    return re.sub(r"\?\w+", lambda m: str(assignment.get(m[0], m[0])), arguments)


_TERM = re.compile(r'<([^>]*)>|("(?:[^"\\]|\\.)*")(?:\^\^<([^>]*)>)?|(-?\d+)')


def _parse_terms(arguments: str) -> tuple[Any, ...]:
    terms: list[Any] = []
    for iri, text, datatype, number in _TERM.findall(arguments):
        if text:
            value = json.loads(text)
            terms.append(Literal(value, datatype=NamedNode(datatype)) if datatype else Literal(value))
        elif number:
            terms.append(Literal(int(number)))
        else:
            terms.append(NamedNode(iri))
    return tuple(terms)


def _terms(triple: Triple) -> tuple[Any, ...]:
    return (triple.subject, triple.predicate, triple.object)


def _triple(text: str) -> Triple:
    quad: Quad = next(iter(parse(text + " .", format=RdfFormat.N_TRIPLES)))
    return quad.triple
