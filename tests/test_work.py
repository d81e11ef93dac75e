"""How much work a build and a few commands do, counted: it must not grow unnoticed.

Time depends on the machine; rows, queries and statements do not. They are counted from outside, so that the
product carries no counters. A count may grow by two in a hundred, and one of rows by what a claim or two
bring. Where one should have grown (there is more data, or a new rule), accept it, and read the difference:
`python -m pytest tests/test_work.py --update-golden`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from milia.build import build
from milia.cli import main
from milia.paths import Home
from milia.reason import Engine
from milia.store.oxigraph import OxigraphStore

GOLDEN = Path(__file__).parent / "golden" / "work.json"
MARGIN = 1.02
SLACK = 20  # rows; of queries and runs, each counts
FEW = 50  # rows of a relation that are not worth a line
COMMANDS = {
    "query forms-of-a-site": ("query", "forms-of-a-site"),
    "explain a fact": ("explain", "condition:milia", "milia:treatedBy", "care:extraction"),
    "explain an inference": ("explain", "care:blade-extraction", "milia:subtypeOf", "care:extraction"),
    "page of milia": ("page", "condition:milia"),
    "export turtle": ("export", "turtle"),
}


class Work:
    """What the engines were asked to do, noted as they were asked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.queries: list[str] = []
        self.filled: list[int] = []
        self.engines: list[Engine] = []
        made, asked, loaded = Engine.__init__, OxigraphStore.query, OxigraphStore.load_both

        def make(engine: Engine, *args: Any) -> None:
            self.engines.append(engine)
            made(engine, *args)

        def ask(store: OxigraphStore, text: str, limit: int | None = None) -> Any:
            self.queries.append(text)
            return asked(store, text, limit)

        def load(store: OxigraphStore, content: bytes | BinaryIO) -> None:
            text = content if isinstance(content, bytes) else content.read()
            self.filled.append(text.count(b"\n"))
            loaded(store, text)

        patch.setattr(Engine, "__init__", make)
        patch.setattr(OxigraphStore, "query", ask)
        patch.setattr(OxigraphStore, "load_both", load)

    def rows(self) -> dict[str, int]:
        """Return how many rows each relation of the rules came to."""
        found = Counter[str]()
        for engine in self.engines:
            names = {name for name in engine._relations if not name.startswith("Instance")}
            found.update({f"relation {name}": len(engine.relation(name)) for name in names})
        return dict(found)

    def firings(self) -> dict[str, int]:
        """Return how often each rule fired, of those whose firings are kept for proofs."""
        found = Counter[str]()
        for engine in self.engines:
            for n, rule in enumerate(engine._recorded):
                of = rule.name or f"(unnamed) {rule.head.relation}"
                found[f"rule {of}"] += len(engine.relation(f"Instance{n}"))
        return dict(found)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Build the part of the project and run the commands; return every count."""
    from conftest import copy_part

    home = copy_part(tmp_path_factory.mktemp("work") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home.root.parent / "cache"))
        work = Work(patch)
        manifest = build(home).manifest
        counts = {
            "build: queries": len(work.queries),
            "build: statements put into stores": sum(work.filled),
            "build: statements written": sum(manifest["counts"].values()),
            "build: proof steps": manifest["proof steps"],
            "build: runs of the rules": len(work.engines),
            **{f"build: {name}": n for name, n in (work.rows() | work.firings()).items() if n >= FEW},
            **{f"build: written to {name}": n for name, n in _by_kind(manifest["counts"]).items()},
        }
        counts |= _commands(home, work)
    return dict(sorted(counts.items()))


def _by_kind(counts: Mapping[str, int]) -> dict[str, int]:
    """Sum the statements of graphs that come from files of one folder."""
    found = Counter[str]()
    for graph, count in counts.items():
        _, _, name = graph.partition("graph/")
        found["/".join(name.split("/")[:2])] += count
    return dict(found)


def _commands(home: Home, work: Work) -> dict[str, int]:
    found = {}
    for name, command in COMMANDS.items():
        work.queries.clear()
        work.filled.clear()
        work.engines.clear()
        assert main(["--home", str(home.root), *command]) == 0, name
        found[f"{name}: queries"] = len(work.queries)
        found[f"{name}: statements put into stores"] = sum(work.filled)
        found[f"{name}: runs of the rules"] = len(work.engines)
    return found


def test_no_more_work_than_before(counted: dict[str, int], update_golden: bool) -> None:
    if update_golden:
        GOLDEN.write_text(json.dumps(counted, indent=1) + "\n", encoding="utf-8")
    grown = grown_counts(json.loads(GOLDEN.read_text(encoding="utf-8")), counted)
    assert not grown, "\n".join(["more work than before; see the top of tests/test_work.py", *grown])


def grown_counts(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Say which counts have grown by more than the margin; one that is new has grown from nothing."""
    return [
        f"{name}: {before.get(name, 0):,} → {count:,}"
        for name, count in now.items()
        if count > MARGIN * before.get(name, 0)
        and count > before.get(name, 0) + (0 if name.endswith(("queries", "runs of the rules")) else SLACK)
    ]


@pytest.mark.parametrize(
    ("before", "now", "grown"),
    [
        ({"a": 5_000}, {"a": 5_100}, []),
        ({"a": 5_000}, {"a": 5_101}, ["a: 5,000 → 5,101"]),
        ({"a": 100}, {"a": 120}, []),
        ({"a": 100}, {"a": 121}, ["a: 100 → 121"]),
        ({"a: queries": 3}, {"a: queries": 4}, ["a: queries: 3 → 4"]),
        ({}, {"a: queries": 1, "b": 21}, ["a: queries: 0 → 1", "b: 0 → 21"]),
        ({"a": 5_000}, {"a": 10, "b": 6_000}, ["b: 0 → 6,000"]),
        ({"a": 5}, {}, []),
    ],
)
def test_growth_is_told(before: dict[str, int], now: dict[str, int], grown: list[str]) -> None:
    assert grown_counts(before, now) == grown


def test_queries_are_counted_where_they_are_asked(counted: dict[str, int]) -> None:
    """A guard that counts nothing would hold anything."""
    assert counted["build: queries"] > 50
    assert counted["build: relation T"] > counted["build: relation Fact"] > 100
    assert counted["build: rule prp-trp"] > 100
    assert counted["page of milia: queries"] > counted["query forms-of-a-site: queries"] > 0
    assert counted["query forms-of-a-site: runs of the rules"] == 0
    assert counted["build: runs of the rules"] == 1
