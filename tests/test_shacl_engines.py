"""The fast SHACL engine and its referee, result by result: on the real data and on data broken on purpose."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from functools import cache
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.mutants import KINDS, Kind, Mutant, World
from tests.shacl_differences import DIFFERENCES, Difference, explained
from tests.shacl_referee import both, neighbourhood, parsed, terms, turtle, unlike, written
from tests.shacl_worlds import WORLDS, faulty
from tests.test_mutants import PART, WORLD, batches
from tests.test_shapes import renamed

from milia.check import check_forms
from milia.errors import BadSource
from milia.load import SourceFile, Sources
from milia.names import expand, plain
from milia.paths import Home
from milia.shapes import read_shapes, validate

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from milia.build import Assembly
    from milia.shapes import Result

HOME = Home(Path(__file__).resolve().parents[1])
SHAPES = read_shapes(HOME)
VALID = [e for e in examples(HOME) if e.path.parent.name == "valid"]
TERMS = terms(WORLD.sources)
pytestmark = pytest.mark.filterwarnings("ignore:NotImplemented should not be used")  # rdflib, on wrong dates
# more examples for an unhurried run: MILIA_SHACL_EXAMPLES=5000 pytest tests/test_shacl_engines.py
NUMBER = os.environ.get("MILIA_SHACL_EXAMPLES")
settings.register_profile(
    "shacl", derandomize=NUMBER is None, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
PROFILE = settings.get_profile("shacl")
FIRST = 200  # of a kind's mutants, among which the sample picks one


def statements(sources: Sources) -> list[Triple]:
    return [t for f in sources.files if not f.rows for t in f.triples]


def compared(world: World, mutants: list[Mutant]) -> list[Result]:
    """Break the data, compare the engines on what the broken things lead to, and return what they find."""
    things = {name for m in mutants for name in (m.thing, m.focus, *(plain(t.subject) for _, t in m.new))}
    triples = neighbourhood(world.broken(mutants), things)
    found = both(triples, SHAPES)
    assert unlike(explained(found, triples, SHAPES)) == ""
    return found[0]


def short_of(result: Result) -> str:
    return result.component.removesuffix("ConstraintComponent")


# ── the real data, and mutants of it ────────────────────────────────────────────────────────────────────────


def test_engines_agree_on_the_real_data(part: Assembly) -> None:
    triples = statements(part.sources)
    assert both(triples, SHAPES) == ([], [])


@pytest.mark.mutants
def test_engines_agree_on_all_the_real_data() -> None:
    assert both(statements(WORLD.sources), SHAPES) == ([], [])


@pytest.mark.mutants
def test_engines_agree_on_a_mutant_of_each_kind() -> None:
    chance = random.Random("milia shapes")
    picked = [chance.choice(list(islice(k.mutants(PART), FIRST))) for k in KINDS]
    for run in batches(picked):
        told = {(f"shape:{short_of(r)}", r.message) for r in compared(PART, run)}
        shaped = [m for m in run if m.rule.startswith("shape:")]
        assert [
            m.kind for m in shaped if not any(m.rule == rule and m.says in text for rule, text in told)
        ] == []


@pytest.mark.mutants
@pytest.mark.parametrize("kind", [k for k in KINDS if k.rule.startswith("shape:")], ids=lambda k: k.name)
def test_engines_agree_on_every_mutant(kind: Kind) -> None:
    for run in batches(list(kind.mutants(WORLD))):
        for n in range(0, len(run), 500):
            compared(WORLD, run[n : n + 500])


# ── generated data ──────────────────────────────────────────────────────────────────────────────────────────


def agreed(triples: list[Triple], shapes: bytes) -> str:
    """Return what differs for no known cause; nothing where the referee gives up on what has no order."""
    try:
        found = both(triples, shapes)
    except BadSource as error:
        given_up = "pyshacl cannot run the shapes: Cannot use sh:lessThan" in str(error)
    except TypeError as error:
        given_up = "not supported between instances of 'Literal' and 'Literal'" in str(error)
    else:
        return unlike(explained(found, triples, shapes))
    return "" if given_up else "an engine failed"


@cache
def sound() -> tuple[Triple, ...]:
    """Return all valid examples side by side: claims, scopes, ranges, evidence, things, names, sources."""
    tags = ["".join(pair) for pair in product("xyz", ascii_lowercase)]
    return tuple(t for tag, e in zip(tags, VALID, strict=False) for t in renamed(e, tag))


def test_valid_examples_are_sound_to_both() -> None:
    assert len(VALID) > 20
    assert both([*TERMS, *sound()], SHAPES) == ([], [])


@settings(PROFILE, max_examples=int(NUMBER or 4))
@given(st.deferred(lambda: faulty(sound())))
def test_engines_agree_on_our_descriptions_with_faults(triples: list[Triple]) -> None:
    assert agreed([*TERMS, *triples], SHAPES) == ""


@settings(PROFILE, max_examples=int(NUMBER or 150))
@given(WORLDS)
def test_engines_agree_on_shapes_and_data_of_any_kind(world: tuple[str, str]) -> None:
    shapes, data = world
    assert agreed(turtle(data), written(turtle(shapes))) == ""


# ── known differences ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: f"{d.constraint} {d.data}")
def test_a_known_difference_is_still_there(difference: Difference) -> None:
    assert (found_by("shifty", difference), found_by("pyshacl", difference)) == (
        difference.shifty,
        difference.pyshacl,
    )
    assert difference.shifty != difference.pyshacl


def test_the_docs_list_every_known_difference(home: Home) -> None:
    cases = Counter((d.cause, d.right) for d in DIFFERENCES)
    rows = [f"| {cause} | `{right}` | {n} |" for (cause, right), n in cases.items()]
    page = (home.root / "docs" / "validation.md").read_text(encoding="utf-8")
    assert "\n".join(["| --- | --- | --- |", *rows]) in page


def found_by(engine: str, difference: Difference) -> tuple[str, ...] | None:
    shape = (
        f":s a sh:PropertyShape ; sh:targetNode :a ; sh:path {difference.path} ; {difference.constraint} ."
    )
    try:
        found = validate(turtle(difference.data), written(turtle(shape)), engine)
    except (BadSource, TypeError, re.error):
        return None
    return tuple(f"{short_of(r)} {r.value}" for r in found)


def test_what_both_let_pass_is_found_elsewhere(tmp_path: Path) -> None:
    shape = written(turtle(":s sh:targetNode :a ; sh:path :p ; sh:datatype xsd:integer ."))
    data = turtle(':a :p " 1"^^xsd:integer .')
    assert both(data, shape) == ([], [])
    path = tmp_path / "x.ttl"
    path.write_bytes(written(data))
    file = SourceFile(path, path.name, path.name, tuple(data))
    assert [f.rule for f in check_forms(Sources([file]))] == ["wrong-literals"]


def test_our_patterns_are_read_alike_by_all() -> None:
    """No flag, no class within a class, nothing named again: there the engines and the standard part ways."""
    patterns = [plain(t.object) for t in parsed(SHAPES) if t.predicate == expand("sh:pattern")]
    assert len(patterns) > 10
    assert [p for p in patterns if re.search(r"\\(?![./])|\[[^\]]*\[|\(\?", p)] == []
    assert [t for t in parsed(SHAPES) if t.predicate == expand("sh:flags")] == []
