"""Building: the same bytes every time, and whatever goes wrong, the last good build stays as it was."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from milia.build import STAGES, build
from milia.errors import BadSource, BuildProblem, Misuse
from milia.paths import Home

ROOT = Path(__file__).resolve().parents[1]

# A build of a graph of three statements: all that writes and swaps is real, the rules and checks are not run.
DRIVER = """
import os, signal, sys
from pathlib import Path
from pyoxigraph import Literal, Quad
import milia.build as b
from milia.load import Sources
from milia.model import Finding
from milia.names import derived_graph, expand
from milia.paths import Home
from milia.derive import Derivation
from milia.store import empty_store

FINDINGS = []

class NoSteps:
    def step(self, triple):
        return None

def assemble(home, sources, progress=b._quiet, *, steps=True):
    for stage in ("derive", "assemble"):
        progress(stage)
    store = empty_store()
    label = (home.data / "label.txt").read_text()
    for name in ("facts", "data/concepts/x", "disputed"):
        thing = expand("condition:" + name[:4])
        store.add([Quad(thing, expand("rdfs:label"), Literal(label), derived_graph(name))])
    derivation = Derivation(None, NoSteps(), {"inferred": [], "links": []})
    lines = {g.value: sorted(f"{q} .\\n".encode() for q in store.quads([g])) for g in store.graphs()}
    return b.Assembly(sources, derivation, lines, store)

b.load = lambda home: Sources()
b.check_shapes = lambda *_: []
b.assemble_sources = assemble
b.find_snapshots = lambda *_: None
b._check = lambda *_: FINDINGS
home = Home(Path(sys.argv[1]))
"""


def _drive(place: Home, code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DRIVER + code, str(place.root)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=check,
        timeout=300,
    )


@pytest.fixture
def small(tmp_path: Path) -> Home:
    """Return a project of three statements."""
    place = Home(tmp_path / "small")
    (place.root / "data").mkdir(parents=True)
    shutil.copytree(ROOT / "ontology", place.ontology, ignore=shutil.ignore_patterns("examples", "*.ttl"))
    shutil.copytree(ROOT / "queries" / "core", place.queries / "core")
    (place.data / "label.txt").write_text("one", encoding="utf-8")
    return place


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(place: Home) -> dict[str, Any]:
    """Return the manifest of the build in place, having held every file against it."""
    manifest: dict[str, Any] = json.loads((place.build / "manifest.json").read_text(encoding="utf-8"))
    files = {p.relative_to(place.build).as_posix() for p in place.build.rglob("*") if p.is_file()}
    assert files == {"manifest.json", *manifest["files"]}
    for name, about in manifest["files"].items():
        path = place.build / name
        assert about == {"bytes": path.stat().st_size, "sha256": _sha256(path)}, name
    return manifest


def _says(place: Home) -> str:
    return (place.build / "graph.nq").read_text(encoding="utf-8")


def _folders(place: Home) -> list[Path]:
    return [p for p in (place.root / ".builds").iterdir() if p.is_dir()]


# ── what a build is ───────────────────────────────────────────────────────────────────────────────────────


def test_the_manifest_tells_the_truth(built: Home) -> None:
    manifest = _manifest(built)
    assert built.build.is_symlink()
    assert not built.build.readlink().is_absolute()
    lines = (built.build / "graph.nq").read_text(encoding="utf-8").splitlines()
    assert sum(manifest["counts"].values()) == len(lines) == len(set(lines))
    proofs = (built.build / "proofs.jsonl").read_text(encoding="utf-8").splitlines()
    assert manifest["proof steps"] == len(proofs) > 300
    assert set(manifest["files"]) == {"graph.nq", "proofs.jsonl"}
    for text in (json.dumps(manifest), *lines[:50]):
        assert str(built.root) not in text


def test_the_bytes_do_not_depend_on_hash_seed_place_or_time(built: Home, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    for name in ("ontology", "data", "queries"):
        shutil.copytree(ROOT / name, place / name)
    done = subprocess.run(
        [sys.executable, "-m", "milia.cli", "build", "--home", str(place)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout[:6]) == (0, "built:"), done.stderr
    assert [line.partition("] ")[2] for line in done.stderr.splitlines()] == list(STAGES)
    there = Home(place)
    assert _manifest(there) == _manifest(built)
    assert there.build.readlink() == built.build.readlink()


def test_a_second_build_changes_nothing(small: Home) -> None:
    done = _drive(
        small,
        """
first = b.build(home)
stamp = (home.build / "graph.nq").stat().st_mtime_ns
second = b.build(home)
print(first.changed, second.changed, first.manifest == second.manifest, first.folder == second.folder)
print((home.build / "graph.nq").stat().st_mtime_ns == stamp)
""",
    )
    assert done.stdout.split() == ["True", "False", "True", "True", "True"]
    assert len(_folders(small)) == 1


def test_old_builds_are_tidied_and_the_last_one_is_kept_for_its_readers(small: Home) -> None:
    _drive(
        small,
        """
for label in ("one", "two", "three"):
    (home.data / "label.txt").write_text(label)
    b.build(home)
(home.root / ".builds" / "new-left").mkdir()
b.build(home)
""",
    )
    assert '"three"' in _says(small)
    assert [p.name for p in _folders(small)] == [small.build.readlink().name]


HARMS = """
def flip(path):
    content = bytearray(path.read_bytes())
    content[content.rindex(b"0" if path.suffix == ".json" else b"e")] ^= 1
    path.write_bytes(content)

HARMS = flip, lambda path: path.write_text(path.read_text()[:5]), Path.unlink
"""


def test_a_damaged_build_is_made_anew(small: Home) -> None:
    """Each file of it, damaged in each way, whether or not there is something else to build."""
    done = _drive(
        small,
        f"""
{HARMS}
b._write_proofs = lambda *given: given[-1].write_text("a line for want of a step")
for changed in (False, True):
    for name in ("graph.nq", "proofs.jsonl", "manifest.json"):
        for harm in HARMS:
            whole = b.build(home).folder
            harm(home.build / name)
            assert not b._intact(home.build), (name, harm)
            if changed:
                (home.data / "label.txt").write_text(name + str(HARMS.index(harm)))
            found = b.build(home)
            assert b._intact(home.build), (name, harm)
            assert changed or found.folder == whole
            print(found.changed == changed)
""",
    )
    assert done.stdout.split() == ["True"] * 18
    _manifest(small)
    assert not [p.name for p in _folders(small) if p.name.startswith("damaged")]


# ── what may go wrong ─────────────────────────────────────────────────────────────────────────────────────


def test_a_killed_run_leaves_the_last_build_or_the_new_one_whole(small: Home) -> None:
    """Kill a build at each of its calls to the file system, one after another."""
    done = _drive(
        small,
        """
b.stored = lambda *_: None  # its maker is killed elsewhere, and its engine does not survive a fork
EVENTS = {"open", "os.rename", "os.symlink", "os.remove", "os.mkdir", "os.chmod", "shutil.rmtree", "os.rmdir"}
seen, limit, armed = 0, 0, False

def hook(event, args):
    global seen
    if armed and event in EVENTS and str(home.root) in str(args):
        seen += 1
        if seen == limit:
            os.kill(os.getpid(), signal.SIGKILL)

b.build(home)
(home.data / "label.txt").write_text("two")
sys.addaudithook(hook)
ended = {}
while True:
    limit += 1
    pid = os.fork()
    if not pid:
        armed = True
        b.build(home)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    text = (home.build / "graph.nq").read_text()
    assert ('"one"' in text) != ('"two"' in text)
    assert b._intact(home.build.resolve()), limit
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL
    ended[limit] = '"two"' in text
    if ended[limit]:  # from here on the old build is gone: begin again
        (home.data / "label.txt").write_text("one")
        b.build(home)
        (home.data / "label.txt").write_text("two")
print(len(ended), sum(ended.values()))
""",
    )
    points, after_swap = map(int, done.stdout.split())
    assert points > 15
    assert 0 < after_swap < points
    assert '"two"' in _says(small)
    _manifest(small)
    assert len(_folders(small)) <= 2, "what killed runs left is gone"


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_build_leaves_no_trace(small: Home, stage: str) -> None:
    done = _drive(
        small,
        f"""
b.build(home)
before = sorted(p.name for p in (home.root / ".builds").iterdir())
(home.data / "label.txt").write_text("two")

def progress(stage):
    if stage == {stage!r}:
        raise KeyboardInterrupt

try:
    b.build(home, progress=progress)
except KeyboardInterrupt:
    print(before == sorted(p.name for p in (home.root / ".builds").iterdir()))
""",
    )
    assert done.stdout.split() == ["True"]
    assert '"one"' in _says(small)
    _manifest(small)


REASONS = {
    "nothing": "",
    "data": '(home.data / "label.txt").write_text("two")',
    "a new file": '(home.data / "more.txt").write_text("")',
    "a file renamed": '(home.queries / "core" / "spans.rq").rename(home.queries / "core" / "x.rq")',
    "a rule": 'rules = home.ontology / "rules" / "care.rls"; rules.write_text(rules.read_text() + "%\\n")',
    "a query": '(home.queries / "core" / "new.rq").write_text("")',
    "without proofs": "options['proofs'] = False",
    "the snapshots": '(home.root / "pages" / "a.txt").write_text("other words")',
    "other snapshots": "options['snapshots'] = home.root",
    "a damaged build": '(home.build / "graph.nq").write_text("")',
    "a build without its manifest": '(home.build / "manifest.json").unlink()',
    "no record": '(home.root / ".builds" / "inputs.json").unlink()',
    "a damaged record": '(home.root / ".builds" / "inputs.json").write_text("[")',
    "another engine": "i.versions = lambda: {'pyoxigraph': '0'}",
    "this package": "i._PACKAGE = home.ontology",
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_build_is_made_again_for_a_reason_only(small: Home, reason: str) -> None:
    done = _drive(
        small,
        f"""
import milia.inputs as i
(home.root / "pages").mkdir()
(home.root / "pages" / "a.txt").write_text("words")
options = dict(snapshots=home.root / "pages", proofs=True)
b.build(home, **options)
{REASONS[reason]}
ran = []
built = b.build(home, progress=ran.append, **options)
print(bool(ran), b._intact(home.build), built.manifest["name"], built.findings)
""",
    )
    assert done.stdout.split() == [str(reason != "nothing"), "True", "milia", "[]"]


def test_a_build_with_warnings_gives_them_again(small: Home) -> None:
    done = _drive(
        small,
        """
FINDINGS.append(Finding("rule", "https://w3id.org/milia/condition/x", "might be wrong", "Warning"))
print([len(b.build(home).findings) for _ in range(2)])
""",
    )
    assert done.stdout == "[1, 1]\n"


def test_findings_keep_the_last_build(small: Home) -> None:
    done = _drive(
        small,
        """
b.build(home)
(home.data / "label.txt").write_text("two")
FINDINGS.append(Finding("rule", "https://w3id.org/milia/condition/x", "is wrong"))
made = b.build(home)
print(made.manifest, len(made.findings))
FINDINGS[:] = [Finding("rule", "https://w3id.org/milia/condition/x", "is odd", "Warning")]
""",
    )
    assert done.stdout.split() == ["{}", "1"]
    assert '"one"' in _says(small)


def test_warnings_do_not_stop_a_build(small: Home) -> None:
    done = _drive(
        small,
        """
FINDINGS.append(Finding("rule", "https://w3id.org/milia/condition/x", "is odd", "Warning"))
print(len(b.build(home).findings))
""",
    )
    assert done.stdout.split() == ["1"]
    assert '"one"' in _says(small)


@pytest.mark.parametrize("limit", [0, 100, 2_000, 8_000])
def test_a_full_disk_keeps_the_last_build(small: Home, limit: int) -> None:
    done = _drive(
        small,
        f"""
import resource
b.build(home)
(home.data / "label.txt").write_text("two" * 1000)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
try:
    b.build(home)
except b.BuildProblem as error:
    print(error)
""",
    )
    assert "the last build is untouched" in done.stdout
    assert "File too large" in done.stdout
    assert '"one"' in _says(small)
    assert len(_folders(small)) == 1


def test_a_full_cache_is_no_hindrance(small: Home) -> None:
    done = _drive(
        small,
        """
import resource
b._write_real = b._swap
def swap(*args):
    result = b._write_real(*args)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    return result
b._swap = swap
print(b.build(home).changed)
""",
    )
    assert done.stdout.split() == ["True"], done.stderr
    _manifest(small)


def test_a_file_in_the_place_of_the_builds(small: Home) -> None:
    (small.root / ".builds").write_text("in the way", encoding="utf-8")
    with pytest.raises(BuildProblem, match=r"cannot write to .*\.builds: File exists; nothing was built"):
        build(small)


def test_a_folder_in_the_place_of_the_link(small: Home) -> None:
    small.build.mkdir()
    (small.build / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(BuildProblem, match="is no link of ours; move it away"):
        build(small)
    assert (small.build / "mine.txt").exists()


def test_two_builds_at_once(small: Home) -> None:
    (small.root / ".builds").mkdir()
    with (small.root / ".builds" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BuildProblem, match=r"another build is running in .*; wait for it to end"):
            build(small)
    done = _drive(small, "print(b.build(home).changed)")  # the lock goes with its holder
    assert done.stdout.split() == ["True"]


def test_many_at_once_one_wins_and_the_build_is_whole(small: Home) -> None:
    code = "try:\n    b.build(home)\nexcept b.BuildProblem as error:\n    print(error)\n"
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER + code, str(small.root)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for run in runs:
        out, err = run.communicate(timeout=300)
        assert run.returncode == 0, err
        assert out == "" or "another build is running" in out
    _manifest(small)


def test_an_installed_milia_does_not_build_itself(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="name its folder with --home"):
        build(Home(tmp_path, installed=True))
    assert list(tmp_path.iterdir()) == []


def test_a_broken_source_keeps_the_last_build(small: Home) -> None:
    _drive(small, "b.build(home)")
    (small.data / "bad.ttl").write_text("<a> <b>", encoding="utf-8")
    with pytest.raises(BadSource, match=r"data/bad\.ttl:1: is not valid Turtle"):
        build(small)
    assert '"one"' in _says(small)
