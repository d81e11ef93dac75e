"""Break the real data in every way of `mutants.py`, and see each break caught and named."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import in_part
from pyoxigraph import Quad
from tests.mutants import KINDS, Kind, Mutant, World

from milia.catalog import Catalog
from milia.check import check_forms, check_inconsistencies, check_queries, check_shapes, check_spans
from milia.derive import derive
from milia.evidence import find_snapshots
from milia.load import Sources, load
from milia.names import derived_graph
from milia.paths import Home
from milia.store import empty_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from milia.model import Finding

HOME = Home(Path(__file__).resolve().parents[1])
WORLD = World(load(HOME))
PART = World(Sources([f for f in WORLD.sources.files if in_part(f.name)]))  # soon checked
PLACES = 2  # of each kind, in the sample; `make mutants` tries all
TOGETHER = 5000  # mutants that share a run at most
ALONE_AT_MOST = 20  # if more than these are missed together, it is no matter of company
SEED = "milia"
ALONE = ("ontology/", "data/sources/")  # folders of which the shapes say all without the others


def findings(
    world: World, mutants: Iterable[Mutant], *, rules: bool = False, snapshots: Path | None = None
) -> list[Finding]:
    """Check the project with these mutants in it, by those checks of a build that should catch them."""
    mutants = list(mutants)
    sources = world.broken(mutants)
    shaped = {m.rule.startswith("shape:") for m in mutants} or {True, False}
    if shaped == {True} and (folders := {_alone_in(m) for m in mutants}) != {""} and len(folders) == 1:
        sources = Sources([f for f in sources.files if f.name.startswith(("ontology/", *folders))])
    catalog = Catalog(HOME)
    store = empty_store()
    store.add(sources.quads())
    found = check_forms(sources)
    if True in shaped:
        found += check_shapes(HOME, sources)
    if rules:
        derivation = derive(HOME, sources)
        for name, triples in derivation.graphs.items():
            graph = derived_graph(name)
            store.add(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        found += check_inconsistencies(derivation, sources)
    if False in shaped:
        found += check_queries(catalog, store, sources)
    if snapshots:
        found += check_spans(store, catalog, find_snapshots(store, catalog, snapshots), sources)
    return found


def survivors(world: World, mutants: list[Mutant], *, rules: bool, snapshots: Path | None) -> list[str]:
    """Return what was not caught: in company, in less company, and in the end not alone either."""
    found = findings(world, mutants, rules=rules, snapshots=snapshots)
    missed = _missed(mutants, found)
    if len(mutants) == 1:
        return [_told(m, found) for m in missed]
    if not missed or len(missed) == len(mutants) > ALONE_AT_MOST:
        return [_told(m, found) for m in missed]
    fewer = [missed] if len(missed) < len(mutants) else [[m] for m in missed]
    return [told for group in fewer for told in survivors(world, group, rules=rules, snapshots=snapshots)]


def _missed(mutants: list[Mutant], found: list[Finding]) -> list[Mutant]:
    by_focus: dict[str, list[Finding]] = {}
    for f in found:
        by_focus.setdefault(f.focus, []).append(f)
    return [m for m in mutants if not any(m.caught_by(f) for f in by_focus.get(m.focus, []))]


def _told(mutant: Mutant, found: list[Finding]) -> str:
    near = [str(f) for f in found if f.focus in {mutant.focus, mutant.thing}] or [str(f) for f in found[:5]]
    wanted = f"{mutant.file}: {mutant.rule}: … {mutant.says} …"
    return "\n    ".join([f"{mutant.kind}: {mutant.focus}: wanted {wanted}; found:", *near])


def batches(mutants: Iterable[Mutant]) -> Iterator[list[Mutant]]:
    """Put mutants into runs; no two of one run touch or name the same thing."""
    by_folder: dict[str, list[Mutant]] = {}
    for m in mutants:
        by_folder.setdefault(_alone_in(m), []).append(m)
    for group in by_folder.values():
        yield from _apart(group)


def _alone_in(mutant: Mutant) -> str:
    """Return the folder beside which the shapes need only the ontology, or nothing if they need more."""
    return next((folder for folder in ALONE if mutant.file.startswith(folder)), "")


def _apart(todo: list[Mutant]) -> Iterator[list[Mutant]]:
    while todo:
        run: list[Mutant] = []
        rest: list[Mutant] = []
        names: set[str] = set()
        for m in todo:
            mine = {m.focus, m.thing}
            if len(run) < TOGETHER and not mine & names:
                run.append(m)
                names |= mine
            else:
                rest.append(m)
        yield run
        todo = rest


def sample(kind: Kind) -> list[Mutant]:
    """Return some mutants of a kind, the same ones each time."""
    mutants = list(kind.mutants(PART))
    return random.Random(f"{SEED} {kind.name}").sample(mutants, min(PLACES, len(mutants)))


_PLAIN = [k for k in KINDS if not k.rules and not k.snapshots]
_SHAPED = [k for k in _PLAIN if k.rule.startswith("shape:")]
_ASKED = [k for k in _PLAIN if k not in _SHAPED]
GROUPS = {
    **{f"shapes {n + 1}": _SHAPED[n::2] for n in range(2)},
    **{f"checks {n + 1}": _ASKED[n::2] for n in range(2)},
    "rules": [k for k in KINDS if k.rules],
    "snapshots": [k for k in KINDS if k.snapshots],
}


def test_sound_data_has_no_findings() -> None:
    assert findings(WORLD, [], rules=True) == []


@pytest.mark.parametrize("folder", ALONE)
def test_a_folder_alone_is_sound(folder: str) -> None:
    files = [f for f in WORLD.sources.files if f.name.startswith(("ontology/", folder))]
    assert check_shapes(HOME, Sources(files)) == []


def test_kinds_are_told_apart() -> None:
    assert len({k.name for k in KINDS}) == len(KINDS) >= 24


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_kind_applies_somewhere(kind: Kind) -> None:
    assert next(kind.mutants(PART), None) is not None


@pytest.mark.parametrize("group", GROUPS)
def test_sample_is_caught(group: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("snapshots_dir") if group == "snapshots" else None
    mutants = [m for kind in GROUPS[group] for m in sample(kind)]
    missed = [
        told
        for run in batches(mutants)
        for told in survivors(PART, run, rules=group == "rules", snapshots=folder)
    ]
    assert not missed, f"{len(missed)} of {len(mutants)} not caught:\n" + "\n".join(missed)


@pytest.mark.mutants
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_mutant_is_caught(kind: Kind, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("snapshots_dir") if kind.snapshots else None
    mutants = list(kind.mutants(WORLD))
    missed = [
        told for run in batches(mutants) for told in survivors(WORLD, run, rules=kind.rules, snapshots=folder)
    ]
    assert not missed, f"{len(missed)} of {len(mutants)} not caught:\n" + "\n".join(missed)
