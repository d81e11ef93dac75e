"""Milia beside the plain pipeline (rdflib, owlrl, pyshacl): same files, same graph, same answers.

`make bench` runs it; it prints one table and keeps nothing. Each side runs in a process of its own, the two
in turn, so that a slow moment of the machine meets both. Read the ratios: seconds are of this machine only.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from conftest import copy_project
from tests.bench.table import ENVIRONMENT, heading, line

from milia.build import Assembly
from milia.kg import KnowledgeGraph, open_graph
from milia.load import read_turtle
from milia.names import BASE, is_default_graph
from milia.paths import Home
from milia.shapes import read_shapes, validate

RUNS, COLD_RUNS, EDITS, BUILDS = 3, 9, 5, 3
QUESTION = "forms-of-a-site"
STAGES = ("parse", "closure", "validation", "store", "answers", "whole")
PACKAGES = ("pyoxigraph", "nemo-python", "pyshifty", "rdflib", "owlrl", "pyshacl")
SIDES = Path(__file__).with_name("sides.py")

pytestmark = pytest.mark.bench


def test_bench(part: Assembly, small: Home, kg: KnowledgeGraph, tmp_path: Path) -> None:
    job = _job(part, open_graph(small.root), tmp_path)
    runs: dict[str, list[dict[str, Any]]] = {"milia": [], "plain": []}
    for _ in range(RUNS):
        for side, done in runs.items():
            done.append(_run(side, job, tmp_path / "answers.json"))
    ours, plain = runs["milia"][-1], runs["plain"][-1]
    for stage in ("parse", "closure", "validation", "store", "answers"):
        assert ours[stage] == plain[stage], f"the two sides give different answers: {stage}"
    broken = _same_faults(part, kg.home)
    whole = copy_project(tmp_path / "whole")
    texts = [] if kg.snapshots.folder is None else ["--snapshots", str(kg.snapshots.folder)]
    lines = [
        "on a part of the data: the plain pipeline takes too long on the whole",
        line("", "milia", "plain", "ratio", "same on both sides"),
        *_stage_lines(runs, _what(ours, broken)),
        "",
        "on the whole",
        *_cold_lines(kg),
        *_edit_lines(whole, texts),
        *_build_lines(whole, texts),
    ]
    medians = f"medians: {RUNS} runs a side in turn, {COLD_RUNS} cold queries, {EDITS} edits, {BUILDS} builds"
    print("\n" + "\n".join([*heading(medians, *PACKAGES), *lines]))


def _job(made: Assembly, kg: KnowledgeGraph, folder: Path) -> Path:
    """Write down what both sides work on: the files, the facts, the built graph, the questions."""
    facts = folder / "facts.nt"
    rows = made.derivation.engine.terms("Fact")
    facts.write_text("".join(f"{s} {p} {o} .\n" for s, p, o in rows), encoding="utf-8")
    names = [f.name for f in made.sources.files if not f.rows]  # tables are no Turtle
    job = {
        "home": str(kg.home.root),
        "files": {name: str(kg.home.root / name) for name in names},
        "asserted": [n for n in names if n.startswith(("ontology/", "data/concepts/"))],
        "facts": str(facts),
        "shapes": [str(p) for p in sorted((kg.home.ontology / "shapes").glob("*.shapes.ttl"))],
        "graph": str(kg.home.build / "graph.nq"),
        "union": [g.value for g in made.store.graphs() if is_default_graph(g.value)],
        "base": BASE,
        "queries": {q.name: q.text for q in kg.catalog.all("answers")},
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    return path


def _run(side: str, job: Path, out: Path) -> dict[str, Any]:
    _call(str(SIDES), side, str(job), str(out))
    done: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return done


def _call(*arguments: str) -> float:
    """Run Python on these arguments and return the seconds from start to end of the process."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=ENVIRONMENT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stdout + done.stderr
    return seconds


def _same_faults(made: Assembly, home: Home) -> int:
    """Validate the project together with every invalid example; return how many faults both engines name."""
    examples = sorted((home.ontology / "examples" / "invalid").glob("*.ttl"))
    triples = dict.fromkeys(t for f in made.sources.files if not f.rows for t in f.triples)
    triples |= dict.fromkeys(t for path in examples for t in read_turtle(path))
    # rdflib rewrites some values as it reads them (Z becomes +00:00), so they are not compared
    ours, referee = (
        {replace(r, value=None) for r in validate(triples, read_shapes(home), engine)}
        for engine in ("shifty", "pyshacl")
    )
    assert ours == referee, "the two SHACL engines find different faults"
    return len(ours)


def _what(ours: dict[str, Any], broken: int) -> dict[str, str]:
    rows = sum(len(rows) for _, rows in ours["answers"].values())
    return {
        "parse": f"{len(ours['parse'])} statements",
        "closure": f"{len(ours['closure'])} links and types; ours with facts, statuses, disagreements",
        "validation": f"{ours['validation']} faults; {broken} with the invalid examples",
        "store": f"{ours['store']} statements in graphs",
        "answers": f"{len(ours['answers'])} questions, {rows} rows",
        "whole": "all of these, and imports",
    }


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────


def _beside(name: str, ours: float, plain: float, what: str, unit: str = "s") -> str:
    digits = 0 if unit == "MB" else 2
    return line(name, f"{ours:.{digits}f} {unit}", f"{plain:.{digits}f} {unit}", f"{plain / ours:.1f}×", what)


def _within(name: str, seconds: list[float], target: float | None = None) -> str:
    found = median(seconds)
    told = "" if target is None else f"target {target:g} s: {'held' if found < target else 'MISSED'}"
    return line(name, f"{found:.2f} s", what=f"{told} ({min(seconds):.2f}–{max(seconds):.2f})".strip())


def _stage_lines(runs: dict[str, list[dict[str, Any]]], what: dict[str, str]) -> Iterator[str]:
    for stage in STAGES:
        ours, plain = (median(r["stages"][stage] for r in runs[side]) for side in ("milia", "plain"))
        yield _beside(stage, ours, plain, what[stage])
    ours, plain = (median(r["memory"] for r in runs[side]) for side in ("milia", "plain"))
    yield _beside("peak memory", ours, plain, "of the whole process", "MB")


def _cold_lines(kg: KnowledgeGraph) -> Iterator[str]:
    cold = ["-m", "milia.cli", "--home", str(kg.home.root), "query", QUESTION]
    _call(*cold)  # the store in the cache is made once after a build
    seconds = [_call(*cold) for _ in range(COLD_RUNS)]
    yield _within("cold query", seconds, 0.2)


def _edit_lines(project: Home, texts: list[str]) -> Iterator[str]:
    path = project.data / "claims" / "cadogan.ttl"
    text = path.read_text(encoding="utf-8")
    seconds = []
    with _watching(project, texts) as checked:
        for n in range(EDITS):
            path.write_text(f"{text}# edit {n}\n", encoding="utf-8")
            saved = time.perf_counter()
            seconds.append(checked() - saved)
    path.write_text(text, encoding="utf-8")
    yield _within("saved → checked, watching", seconds, 1.0)


@contextmanager
def _watching(project: Home, texts: list[str]) -> Iterator[Any]:
    """Run `milia check --watch`; what is given waits for the next end of a check and returns when it came."""
    command = [sys.executable, "-m", "milia.cli", "--home", str(project.root), *texts, "check", "--watch"]
    times: queue.Queue[float] = queue.Queue()

    def read(stream: Any) -> None:
        for said in stream:
            if "checked in" in said:
                times.put(time.perf_counter())

    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            times.get(timeout=60)
            yield lambda: times.get(timeout=60)
        finally:
            process.terminate()
            reader.join(5)


def _build_lines(project: Home, texts: list[str]) -> Iterator[str]:
    def command(*options: str) -> list[str]:
        return ["-m", "milia.cli", "--home", str(project.root), "--quiet", *texts, *options]

    def seconds(*options: str) -> Iterator[float]:
        for _ in range(BUILDS):
            (project.root / ".builds" / "inputs.json").unlink(missing_ok=True)  # else nothing would be built
            yield _call(*command(*options))

    yield _within("milia check, cold", list(seconds("check")))
    yield _within("milia build --no-proofs", list(seconds("build", "--no-proofs")))
    yield _within("milia build", list(seconds("build")), 5.0)
    yield _within("nothing changed", [_call(*command("build")) for _ in range(BUILDS)])
