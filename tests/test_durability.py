"""Builds that are killed, stopped or damaged: the old state or the new one, and what is damaged is told."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import copy_part

import milia
from milia.build import STAGES
from milia.cli import main
from milia.manifest import checksum, hold, read_manifest
from milia.paths import Home

KEPT = ("berk-bayliss", "body-perfection", "cadogan", "milia-curators")
SWITCHED = "data/claims/berk-bayliss-2008.ttl"  # the two states are with it and without
QUERY = (
    "query",
    """SELECT (COUNT(*) AS ?n) (SUM(?derived) AS ?m)
       { GRAPH ?g { ?s ?p ?o } BIND (IF(?g = graph:inferred, 1, 0) AS ?derived) }""",
)
INFERENCE = ("explain", "care:blade-extraction", "milia:subtypeOf", "care:extraction")


@dataclass
class State:
    """One of the two states of the data: the text of the file, the build's name, the answer to the query."""

    text: str
    name: str = ""
    answer: str = ""


@dataclass
class Switching:
    """A small project, built, whose data is in one of two states."""

    home: Home
    states: tuple[State, State]
    lasts: dict[str, float]
    """How long each stage takes."""

    def to(self, state: State) -> None:
        (self.home.root / SWITCHED).write_text(state.text, encoding="utf-8")

    def build(self) -> subprocess.Popen[str]:
        return _command(self.home, "build")

    def present(self) -> State:
        """Return the state that is built, having held every file of the build against it."""
        manifest = read_manifest(self.home.build)
        for name in manifest["files"]:
            hold(self.home.build / name, checksum(manifest, name))
        (state,) = (s for s in self.states if s.name == self.home.build.readlink().name)
        return state


def _scratch(home: Home) -> Path:
    """Return where the commands keep what they need while they run."""
    folder = home.root.parent / "scratch"
    folder.mkdir(exist_ok=True)
    return folder


def _command(home: Home, *arguments: str, **how: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "milia.cli", "--home", str(home.root), *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(milia.__file__).parents[1]), "TMPDIR": str(_scratch(home))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of its own, to be killed as a whole
        **how,
    )


def _folders(home: Home) -> set[str]:
    return {path.name for path in (home.root / ".builds").iterdir() if path.is_dir()}


def _said(run: subprocess.Popen[str]) -> str:
    out, err = run.communicate(timeout=300)
    assert run.returncode == 0, out + err
    return out


def _timed(run: subprocess.Popen[str]) -> dict[str, float]:
    """Wait for a build and return how long each stage took."""
    assert run.stderr
    began = {}
    for line in run.stderr:
        began[line.rpartition("] ")[2].strip()] = time.perf_counter()
    _said(run)
    ends = [*list(began.values())[1:], time.perf_counter()]
    assert tuple(began) == STAGES
    return {stage: end - start for (stage, start), end in zip(began.items(), ends, strict=True)}


@pytest.fixture(scope="module")
def switching(tmp_path_factory: pytest.TempPathFactory) -> Switching:
    """Return a small project without findings, of which both states have been built."""
    home = copy_part(tmp_path_factory.mktemp("durability") / "project")
    for path in home.data.rglob("*.*"):
        folder = home.relative(path.parent)
        said = folder in {"data/claims", "data/catalogue"}
        if folder == "data/mappings" or (said and not path.name.startswith(KEPT)):
            path.unlink()
    (home.queries / "checks" / "thing-without-code.rq").unlink()
    text = (home.root / SWITCHED).read_text(encoding="utf-8")
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("@prefix"))
    made = Switching(home, (State(text), State(header)), {})
    for state in made.states:
        made.to(state)
        made.lasts = _timed(made.build())
        state.name = home.build.readlink().name
        state.answer = _said(_command(home, *QUERY))
    first, second = made.states
    assert first.name != second.name
    assert first.answer != second.answer
    return made


# ── killed ────────────────────────────────────────────────────────────────────────────────────────────────


def _kill_in(stage: str, within: float, run: subprocess.Popen[str]) -> bool:
    """Kill a build and all it started, so long after a stage began; say whether it was still running."""
    assert run.stderr
    for line in run.stderr:
        if line.endswith(f"] {stage}\n"):
            break
    time.sleep(within)
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=300)
    assert run.returncode in (-signal.SIGKILL, 0)  # it may have ended meanwhile
    return run.returncode != 0


def _litter(home: Home) -> set[str]:
    """Return what lies beside the builds, of which there are two at most, and should not."""
    there = {path.name for path in (home.root / ".builds").iterdir()}
    there -= {"lock", "inputs.json"}
    builds = {name for name in there if (home.root / ".builds" / name / "manifest.json").is_file()}
    assert len(builds) <= 2
    assert len(list(_scratch(home).iterdir())) <= 1  # what one run left goes when the rules run next
    return there - builds


def test_a_build_that_is_killed_leaves_the_old_state_or_the_new(switching: Switching) -> None:
    """Kill whole builds at random moments; many of them: MILIA_KILLS=200 (make kills)."""
    chance = random.Random(2026)
    ended: Counter[tuple[str, str]] = Counter()
    for number in range(int(os.environ.get("MILIA_KILLS", "1"))):
        old = switching.present()
        (new,) = (state for state in switching.states if state is not old)
        switching.to(new)
        stage = STAGES[-1 - number % len(STAGES)]
        within = chance.uniform(0, switching.lasts[stage])
        running = _kill_in(stage, within, switching.build())
        found = switching.present()
        assert found in (old, new)
        assert _said(_command(switching.home, *QUERY)) == found.answer, (number, stage, within)
        ended[stage if running else "not killed", "old" if found is old else "new"] += 1
        if chance.random() < 0.2:  # somebody thinks better of it
            switching.to(old)
            new = old
        _said(switching.build())
        assert switching.present() is new, (number, stage, within)
        assert _litter(switching.home) == set(), (number, stage, within)
        assert _said(_command(switching.home, *QUERY)) == new.answer
    for (where, state), count in sorted(ended.items()):
        print(f"{where}: {count} found the {state} state")
    assert sum(count for (where, _), count in ended.items() if where != "not killed")


def test_what_a_kill_leaves_between_two_steps_goes_with_the_next_build(switching: Switching) -> None:
    """Even where that has nothing to build."""
    works = switching.home.root / ".builds"
    switching.to(switching.present())
    _said(switching.build())
    (works / "link").symlink_to("nowhere")
    (works / "inputs.new").write_text("half", encoding="utf-8")
    (works / "new-abc").mkdir()
    (works / "damaged-abc").mkdir()
    assert "unchanged" in _said(switching.build())
    assert _litter(switching.home) == set()


# ── stopped ───────────────────────────────────────────────────────────────────────────────────────────────


def _interruptible() -> None:
    """Listen to Ctrl-C, whoever started the tests: what runs in the background is born deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, resource.RLIM_INFINITY))


@pytest.fixture
def other(switching: Switching) -> Switching:
    """Return the project with its data in the state that is not built, so that a build would swap."""
    first, second = switching.states
    switching.to(second if switching.present() is first else first)
    return switching


@pytest.mark.parametrize("stage", ["derive", "write"])
def test_ctrl_c(other: Switching, stage: str) -> None:
    before, folders = other.present(), _folders(other.home)
    run = _command(other.home, "build", preexec_fn=_interruptible)
    assert run.stderr is not None
    for line in run.stderr:
        if line.endswith(f"] {stage}\n"):
            run.send_signal(signal.SIGINT)
            break
    out, err = run.communicate(timeout=300)
    assert (run.returncode, out) == (1, "")
    assert "milia: stopped; nothing was changed" in err
    assert "Traceback" not in err
    assert other.present() is before
    assert _folders(other.home) == folders


def test_a_full_disk(other: Switching) -> None:
    before, folders = other.present(), _folders(other.home)
    run = _command(other.home, "build", preexec_fn=_limited)
    _, err = run.communicate(timeout=300)
    message = err.splitlines()[-1]
    assert run.returncode == 1
    assert message.startswith("milia: cannot write the build to ")
    assert message.endswith("File too large; the last build is untouched")
    assert "Traceback" not in err
    assert other.present() is before
    assert _folders(other.home) == folders
    assert _said(_command(other.home, *QUERY)) == before.answer


# ── damaged ───────────────────────────────────────────────────────────────────────────────────────────────


def _flip(path: Path) -> None:
    """Change one bit, so that the text is still of its kind."""
    content = bytearray(path.read_bytes())
    place = content.rindex(b"0" if path.suffix == ".json" else b"a")
    content[place] ^= 1
    path.write_bytes(content)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


HARMS: dict[str, Callable[[Path], None]] = {"a bit flipped": _flip, "cut": _halve, "gone": Path.unlink}
# what of a build each command reads while nothing is in the cache
READ = {"query": {"graph.nq", "manifest.json"}, "explain": {"graph.nq", "manifest.json", "proofs.jsonl"}}


@pytest.fixture
def damaged(switching: Switching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a copy of the project, still whole, and nothing in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(switching.home.root, tmp_path / "project", symlinks=True)
    return Home(tmp_path / "project")


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ["graph.nq", "proofs.jsonl", "manifest.json"])
def test_damage_is_told_by_whoever_reads_the_file(
    damaged: Home, name: str, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = damaged.build / name
    HARMS[harm](path)
    for command in (QUERY, INFERENCE):
        code = main(["--home", str(damaged.root), *command])
        said = capsys.readouterr()
        if name not in READ[command[0]]:
            assert code == 0, said.err
            continue
        assert (code, said.out) == (1, "")
        what = "is missing" if harm == "gone" else "is damaged"
        assert said.err.startswith(f"milia: {path}: {what}")
        assert said.err.endswith("\n  mend: run 'milia build'\n")


def test_a_damaged_graph_does_not_outlive_its_mending(
    damaged: Home, switching: Switching, capsys: pytest.CaptureFixture[str]
) -> None:
    """No store in the cache is filled from it, and one that was filled before answers on."""
    answer = switching.present().answer
    whole = (damaged.build / "graph.nq").read_bytes()
    _flip(damaged.build / "graph.nq")
    assert main(["--home", str(damaged.root), *QUERY]) == 1
    (damaged.build / "graph.nq").write_bytes(whole)
    assert main(["--home", str(damaged.root), *QUERY]) == 0
    _flip(damaged.build / "graph.nq")
    assert main(["--home", str(damaged.root), *QUERY]) == 0
    assert capsys.readouterr().out == 2 * answer
    for command in (["export", "rdf12"], ["query", "--engine", "rdflib", QUERY[1]]):
        assert main(["--home", str(damaged.root), *command]) == 1
        assert "graph.nq: is damaged" in capsys.readouterr().err
