"""Milia beside the plain pipeline (rdflib, owlrl, pyshacl): same files, same graph, same answers.

`make bench` runs it. Each side runs in a process of its own, one after the other. Read the ratios: seconds
are of this machine only. What takes a referee many minutes runs with MILIA_BENCH_REFEREES=all; a large
project that `milia build` can build joins the table as "whole" with MILIA_BENCH_WHOLE=FOLDER.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from conftest import copy_project
from pyoxigraph import RdfFormat, serialize
from tests.bench.hpo import make_project, statements
from tests.bench.results import ENVIRONMENT, FLAT_MEMORY, FLAT_TIME, Question, Results, Row

from milia.kg import KnowledgeGraph, open_graph
from milia.load import load, read_turtle
from milia.manifest import read_manifest
from milia.names import BASE, plain
from milia.paths import Home
from milia.shapes import read_shapes, validate

RUNS, COLD_RUNS, EDITS, BUILDS = 3, 9, 5, 3
QUESTION = "forms-of-a-site"
SIDES = Path(__file__).with_name("sides.py")
ALL = os.environ.get("MILIA_BENCH_REFEREES") == "all"
WHOLE = os.environ.get("MILIA_BENCH_WHOLE")
LIMIT = 5  # seconds that rdflib may take for one question

pytestmark = pytest.mark.bench


# ── the pipeline, stage by stage ──────────────────────────────────────────────────────────────────────────

PROJECTS = {"1×": copy_project, "20k": None, "200k": None}
SIZES = {"20k": 20_000, "200k": 200_000, "2M": 2_000_000}
# how many runs of ours beside one of the plain side, and what the referees are spared unless all is asked for
RUNS_OF = {"1×": 3, "20k": 3, "200k": 1}
SPARED = {"200k": {"closure", "validation"}}
AN_INFERENCE = """SELECT ?s ?p ?o WHERE {
  GRAPH graph:inferred { ?node a milia:Inference ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }
} LIMIT 1"""
PROGRAMS = {"parse": "rdflib", "closure": "owlrl", "validation": "pySHACL", "store": "rdflib"}
NAMES = {
    "parse": "parse",
    "closure": "facts and closure",
    "validation": "validation",
    "store": "filling the store",
}
CLOSURE_TARGETS = {"20k": 40.0, "200k": 50.0}
VALIDATION_TARGET, BUILD_TARGET, QUESTIONS_TARGET = 10.0, 30.0, 15.0


@pytest.mark.parametrize("size", PROJECTS)
def test_pipeline(size: str, tmp_path: Path, results: Results) -> None:
    place = tmp_path / "project"
    copy = PROJECTS[size]
    home = copy(place) if copy else make_project(place, SIZES[size])
    ours, plain = _both_sides(home, size, tmp_path)
    for stage in ("parse", "closure", "validation", "store"):
        if stage in plain[-1]:
            assert ours[-1][stage] == plain[-1][stage], f"the two sides give different answers: {stage}"
    unlike = {n for n, answer in plain[-1]["answers"].items() if ours[-1]["answers"][n] != answer}
    for name in unlike:
        nothing = not ours[-1]["answers"][name][1] and "GROUP BY" in ours[-1]["questions"][name]
        assert nothing, f"the two sides answer differently: {name}"
        for run in (*ours, *plain):  # rdflib makes a group of nothing, against SPARQL 1.1
            run["stages"].pop(f"? {name}")
    results.rows += _stages(size, ours, plain)
    results.rows += _questions(size, ours, plain, results)
    results.rows.append(
        Row(
            size,
            "peak memory of these",
            _of(ours, "memory"),
            "MB",
            _of(plain, "memory"),
            "all",
            note="a process",
        )
    )
    if size in SIZES:
        results.rows += _whole_build(home, size, plain)


def _both_sides(home: Home, size: str, folder: Path) -> tuple[list[Any], list[Any]]:
    """Run ours, and then, on what that wrote down, the other once: it takes far longer than all of ours."""
    stages = [stage for stage in ("closure", "validation") if ALL or stage not in SPARED.get(size, ())]
    job = {
        "home": str(home.root),
        "facts": str(folder / "facts.nt"),
        "graph": str(folder / "graph.nq"),
        "shapes": [str(p) for p in sorted((home.ontology / "shapes").glob("*.shapes.ttl"))],
        "base": BASE,
        "stages": stages,
        "limit": LIMIT,
    }
    ours = [_run("milia", job, folder) for _ in range(RUNS_OF[size])]
    told = {key: ours[-1][key] for key in ("files", "asserted", "union", "questions")}
    return ours, [_run("plain", job | told, folder)]


def _run(side: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    _call(str(SIDES), side, str(folder / "job.json"), str(folder / "answers.json"))
    done: dict[str, Any] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return done


def _call(*arguments: str) -> float:
    """Run Python on these arguments and return the seconds from start to end of the process."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=ENVIRONMENT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stdout + done.stderr
    return seconds


def _of(runs: Sequence[dict[str, Any]], *keys: str) -> float:
    """Return the median of what each run has at these keys."""
    found: list[Any] = list(runs)
    for key in keys:
        found = [run[key] for run in found]
    return float(median(found))


def _stages(size: str, ours: list[Any], plain: list[Any]) -> Iterator[Row]:
    notes = {
        "parse": f"{ours[-1]['sources']:,} statements",
        "closure": f"{ours[-1]['closure'][0]:,} links and types; ours with statuses, proofs, disagreements",
        "validation": f"{ours[-1]['validation'][0]} faults",
        "store": f"{ours[-1]['store']:,} statements in graphs",
    }
    targets = {"closure": CLOSURE_TARGETS.get(size), "validation": VALIDATION_TARGET}
    for stage, program in PROGRAMS.items():
        known = stage in plain[-1]["stages"]
        yield Row(
            size,
            NAMES[stage],
            _of(ours, "stages", stage),
            other=_of(plain, "stages", stage) if known else None,
            program=program if known else "",
            target=targets.get(stage) if known else None,
            note=notes[stage],
        )


def _questions(size: str, ours: list[Any], plain: list[Any], results: Results) -> Iterator[Row]:
    """Note each question, and yield what they come to together."""
    ratios, slow = [], 0
    found, other = ours[-1]["stages"], plain[-1]["stages"]
    asked = sorted(name for name in found if name.startswith("? "))
    for name in asked:
        took, theirs = _of(ours, "stages", name), other.get(name)
        results.questions.append(
            Question(size, name[2:], 1000 * took, None if theirs is None else 1000 * theirs)
        )
        slow += theirs is None
        ratios.append((LIMIT if theirs is None else theirs) / took)
    both = [name for name in asked if name in other]
    what = f"{len(both)} questions"
    if slow:
        alone = sum(found[name] for name in asked if name not in other)
        what += f"; {slow} more took rdflib over {LIMIT} s each, ours {alone:.1f} s in all"
    yield Row(
        size,
        "competency questions, all",
        sum(found[name] for name in both),
        other=sum(other[name] for name in both),
        program="rdflib",
        note=what,
    )
    yield Row(
        size,
        "competency questions, median ratio",
        1.0,
        "×",
        median(ratios),
        "rdflib",
        target=QUESTIONS_TARGET if size == "200k" else None,
        note=f"{sum(r >= QUESTIONS_TARGET for r in ratios)} of {len(ratios)} at {QUESTIONS_TARGET:g}×",
    )


def _whole_build(home: Home, size: str, plain: list[Any]) -> Iterator[Row]:
    """Set the command `milia build` beside all stages of the plain pipeline, where it has run all."""
    for check in ("thing-without-code", "same-name-for-two-things", "same-definition-for-two-things"):
        (home.queries / "checks" / f"{check}.rq").unlink()  # no codes, and names of HPO
    seconds, memory = _built(home)
    if PROGRAMS.keys() <= plain[-1]["stages"].keys():
        other = sum(_of(plain, "stages", stage) for stage in PROGRAMS)
        note = "milia build, with checks and proofs, from start to end; the sum of the stages above"
        yield Row(
            size, "the whole build", seconds, other=other, program="all", target=BUILD_TARGET, note=note
        )
    yield from _flat(size, home, seconds, memory)


def _flat(size: str, home: Home, seconds: float, memory: float) -> Iterator[Row]:
    """Yield what a build takes for each statement that it writes, which should not grow with their number."""
    count = sum(read_manifest(home.build)["counts"].values())
    note = f"{seconds:,.1f} s and {memory:,.0f} MB at most in one process for {count:,} statements"
    yield Row(size, FLAT_TIME, 1e6 * seconds / count, "µs", note=note)
    yield Row(size, FLAT_MEMORY, 1e6 * memory / count, "B", note="the same build")


def _built(home: Home) -> tuple[float, float]:
    """Run `milia build`; return the seconds it took and the megabytes it held at most."""
    (home.root / ".builds" / "inputs.json").unlink(missing_ok=True)  # else nothing would be built
    start = time.perf_counter()
    command = [sys.executable, "-m", "milia.cli", "--home", str(home.root), "--quiet", "build"]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - start, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def test_both_engines_name_the_same_faults(home: Home) -> None:
    """Together with every invalid example, so that something is wrong."""
    examples = sorted((home.ontology / "examples" / "invalid").glob("*.ttl"))
    triples = dict.fromkeys(t for f in load(home).files if "concepts" in f.name for t in f.triples)
    triples |= dict.fromkeys(t for path in examples for t in read_turtle(path))
    # rdflib rewrites some values as it reads them (Z becomes +00:00), so they are not compared
    ours, referee = (
        {replace(r, value=None) for r in validate(triples, read_shapes(home), engine)}
        for engine in ("shifty", "pyshacl")
    )
    assert ours == referee, "the two SHACL engines find different faults"
    assert ours


# ── the closure alone ─────────────────────────────────────────────────────────────────────────────────────


def test_closure(home: Home, tmp_path: Path, results: Results) -> None:
    """Bare claims with their hierarchy under all 78 rules, and how the time grows with their number."""
    took = {}
    for size, number in SIZES.items():
        path = tmp_path / f"{size}.nt"
        serialize(islice(statements(), number), path, format=RdfFormat.N_TRIPLES)
        beside = size == "20k" or (ALL and size == "200k")
        job = {"home": str(home.root), "statements": str(path), "compared": beside}
        runs = [_run("close-milia", job, tmp_path) for _ in range(1 if size == "2M" else RUNS)]
        other = _run("close-owlrl", job, tmp_path) if beside else None
        if other:
            assert runs[-1]["closure"] == other["closure"], "the two closures differ"
        took[size] = _of(runs, "stages", "closure")
        results.rows.append(
            Row(
                size,
                "closure, all 78 rules",
                took[size],
                other=other["stages"]["closure"] if other else None,
                program="owlrl" if other else "",
                target=CLOSURE_TARGETS[size] if other else None,
                note=f"{number:,} statements → {runs[-1]['rows']:,}; {_of(runs, 'memory'):,.0f} MB",
            )
        )
    for size, less, target in (("200k", "20k", None), ("2M", "200k", 12.0)):
        grown = took[size] / took[less]
        results.rows.append(Row(size, f"times the time of {less}", grown, "×", target=target))


# ── the commands on the project ───────────────────────────────────────────────────────────────────────────


def test_commands(kg: KnowledgeGraph, tmp_path: Path, results: Results) -> None:
    whole = copy_project(tmp_path / "whole")
    texts = [] if kg.snapshots.folder is None else ["--snapshots", str(kg.snapshots.folder)]
    results.rows += [
        _within("1×", "cold query", _cold(kg.home), 0.12),
        _within("1×", "saved → checked, watching", list(_edits(whole, texts)), 1.0),
        *_builds(whole, texts),
    ]


@pytest.mark.skipif(WHOLE is None, reason="no large project is named by MILIA_BENCH_WHOLE")
def test_whole(results: Results) -> None:
    """A project of any size, as `milia build` builds it."""
    home = Home(Path(str(WHOLE)).resolve())
    shutil.rmtree(home.root / ".builds" / "parts", ignore_errors=True)  # or nothing would be worked on
    seconds, memory = _built(home)
    results.rows += [*_flat("whole", home, seconds, memory), *_one_file(home, seconds)]
    results.rows += [_within("whole", "cold query", _cold(home), 0.12), _proof(home)]


def _one_file(home: Home, scratch: float) -> Iterator[Row]:
    """Change one file of claims, and build what it touches."""
    path = min((home.data / "claims").rglob("*.ttl"), key=lambda p: (-len(p.parts), p))
    text = path.read_text(encoding="utf-8")
    took = []
    try:
        for n in range(BUILDS):
            path.write_text(f"{text}# edit {n}\n", encoding="utf-8")
            took.append(_built(home)[0])
    finally:
        path.write_text(text, encoding="utf-8")
    note = f"{len(took)} runs, {min(took):.1f}–{max(took):.1f} s; all of it took {scratch:.0f} s"
    yield Row(
        "whole", "one file changed", median(took), other=scratch, program="scratch", target=20.0, note=note
    )


def _proof(home: Home) -> Row:
    """Draw the proof of an inference from a graph that has just been opened."""
    kg = open_graph(home.root)
    (link,) = kg.ask(AN_INFERENCE).rows
    start = time.perf_counter()
    proof = kg.explain(*(plain(term) for term in link if term))
    took = time.perf_counter() - start
    assert proof.holds
    assert list(proof.claims())
    return Row("whole", "a proof, the first", took, target=1.0, note="of an open graph")


def _within(size: str, name: str, seconds: list[float], target: float | None = None) -> Row:
    note = f"{len(seconds)} runs, {min(seconds):.2f}–{max(seconds):.2f} s"
    return Row(size, name, median(seconds), target=target, note=note)


def _cold(home: Home) -> list[float]:
    cold = ["-m", "milia.cli", "--home", str(home.root), "query", QUESTION]
    _call(*cold)  # the store in the cache is made once after a build
    return [_call(*cold) for _ in range(COLD_RUNS)]


def _edits(project: Home, texts: list[str]) -> Iterator[float]:
    path = project.data / "claims" / "cadogan.ttl"
    text = path.read_text(encoding="utf-8")
    with _watching(project, texts) as checked:
        for n in range(EDITS):
            path.write_text(f"{text}# edit {n}\n", encoding="utf-8")
            saved = time.perf_counter()
            yield checked() - saved
    path.write_text(text, encoding="utf-8")


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


def _builds(project: Home, texts: list[str]) -> Iterator[Row]:
    def command(*options: str) -> list[str]:
        return ["-m", "milia.cli", "--home", str(project.root), "--quiet", *texts, *options]

    def seconds(*options: str) -> Iterator[float]:
        for _ in range(BUILDS):
            (project.root / ".builds" / "inputs.json").unlink(missing_ok=True)  # else nothing would be built
            yield _call(*command(*options))

    yield _within("1×", "milia check", list(seconds("check")))
    yield _within("1×", "milia build --no-proofs", list(seconds("build", "--no-proofs")))
    yield _within("1×", "milia build", list(seconds("build")), 5.0)
    yield _within("1×", "milia build, nothing changed", [_call(*command("build")) for _ in range(BUILDS)])
