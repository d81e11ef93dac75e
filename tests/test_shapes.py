"""The shapes: two engines agree on them, and each has a message that an invalid example tries."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from tests.examples import Example, examples, project_of
from tests.mutants import KINDS, World

from milia.load import Sources, load
from milia.names import BASE, PREFIXES, plain
from milia.paths import Home
from milia.shapes import Result, read_shapes, validate

if TYPE_CHECKING:
    from milia.build import Assembly

HOME = Home(Path(__file__).resolve().parents[1])
SHAPES = read_shapes(HOME)
INVALID = [e for e in examples(HOME) if e.path.parent.name == "invalid"]
# such a shape only gathers others, which carry the messages
GATHERS = re.compile(r"Something in this .* is not right: its other results say what, and how to mend it\.")


def results(triples: list[Triple], engine: str) -> list[Result]:
    """Validate; the offending value is left out, for one engine writes times in its own way."""
    return sorted(replace(r, value=None) for r in validate(dict.fromkeys(triples), SHAPES, engine))


def statements(sources: Sources) -> list[Triple]:
    return [t for f in sources.files for t in f.triples]


def renamed(example: Example, tag: str) -> list[Triple]:
    """Return an example's own statements under names of its own, so that all examples can share one graph."""
    triples = [
        t for f in project_of(HOME, example).files if f.name.endswith("/example.ttl") for t in f.triples
    ]
    own = {plain(t.subject) for t in triples}

    def name(term: object) -> object:
        if not isinstance(term, NamedNode) or term.value not in own or not term.value.startswith(BASE):
            return term
        kind, _, rest = term.value.removeprefix(BASE).partition("/")
        return NamedNode(f"{BASE}{kind}/{tag}-{rest}")

    return [Triple(name(t.subject), t.predicate, name(t.object)) for t in triples]  # type: ignore[arg-type]


@cache
def together() -> list[Triple]:
    """Return all invalid examples in one graph with the ontology."""
    shared = [t for f in load(HOME).files if f.name.startswith("ontology/") for t in f.triples]
    return shared + [t for n, e in enumerate(INVALID) for t in renamed(e, f"e{n}")]


@cache
def shapes() -> dict[str, dict[str, list[str]]]:
    """Return what each named shape says, by property."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in parse(SHAPES, format=RdfFormat.N_TRIPLES):
        if plain(quad.subject).startswith(BASE + "shape/"):
            said[plain(quad.subject)][quad.predicate.value.removeprefix(PREFIXES["sh"])].append(
                plain(quad.object)
            )
    return said


def test_every_shape_has_one_message_and_one_severity() -> None:
    for shape, said in shapes().items():
        assert len(said["message"]) == 1, shape
        assert len(said["severity"]) == 1, shape


def test_every_message_is_tried_by_an_invalid_example() -> None:
    tried = {r.message for r in results(together(), "shifty")}
    wanted = {said["message"][0] for said in shapes().values()}
    assert {m for m in wanted - tried if not GATHERS.fullmatch(m)} == set()


def test_engines_agree_on_the_real_data(part: Assembly) -> None:
    triples = statements(part.sources)
    assert results(triples, "shifty") == results(triples, "pyshacl") == []


def test_engines_agree_on_the_invalid_examples() -> None:
    found = results(together(), "shifty")
    assert found == results(together(), "pyshacl")


def test_engines_agree_on_mutants(part: Assembly) -> None:
    world = World(part.sources)
    chance = random.Random("milia shapes")
    kinds = [k for k in KINDS if k.rule.startswith("shape:")]
    picked = [chance.choice(list(k.mutants(world))) for k in kinds]
    apart = list({m.thing: m for m in picked}.values())
    triples = statements(world.broken(apart))
    found = results(triples, "shifty")
    assert found == results(triples, "pyshacl")
    assert len(found) >= len(apart)
