"""The wheel: small, whole, and answering offline from any folder without the rule engine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from milia.kg import KnowledgeGraph
from milia.paths import Home

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 10 * 1024 * 1024
BUNDLE = "milia/_bundle"
# what a copy of the tree leaves behind: the products of earlier builds and the caches
IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "build", ".builds", "dist", "site", "tests", "__pycache__", ".*_cache", ".hypothesis"
)
# the rule engine and the fast SHACL engine are not there for those who only ask
BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"nmo_python", "shifty"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from milia.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from a copy of the tree, without a network."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=IGNORED)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--skip-dependency-check",
            "--outdir",
            folder,
            tree,
        ],
        env={k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list((tree / "scripts").rglob("__pycache__")), "the hook leaves no byte code"
    assert not (tree / "build").exists()
    assert not (tree / ".builds").exists()
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the wheel alone was installed."""
    target = tmp_path_factory.mktemp("installed")
    command = [
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True, capture_output=True, timeout=120)
    return target


def _environment(installed: Path, folder: Path) -> dict[str, str]:
    gone = {"MILIA_HOME", "MILIA_SNAPSHOTS", "PYTHONPATH"}
    kept = {k: v for k, v in os.environ.items() if k not in gone}
    ours = {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "XDG_CACHE_HOME": str(folder / "cache")}
    return {**kept, **ours}


def _ask(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK, *arguments],
        cwd=folder,
        env=_environment(installed, folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= LIMIT


def test_it_holds_everything_and_nothing_else(names: set[str]) -> None:
    for folder in ("ontology", "data", "queries"):
        ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert {f"{BUNDLE}/{name}" for name in ours} <= names
    products = {name for name in names if name.startswith(f"{BUNDLE}/build/")}
    assert products == {f"{BUNDLE}/build/{name}" for name in ("graph.nq", "manifest.json", "proofs.jsonl")}
    modules = {
        f"milia/{p.relative_to(ROOT / 'scripts/milia').as_posix()}"
        for p in (ROOT / "scripts/milia").rglob("*.py")
    }
    assert modules | {"milia/py.typed"} <= names
    known = ("milia/", "milia-")
    assert {name for name in names if not name.startswith(known) or name.endswith((".pyc", ".txt~"))} == set()


def test_its_graph_is_the_one_that_a_build_makes(wheel: Path, built: Home) -> None:
    with zipfile.ZipFile(wheel) as archive:
        graph = archive.read(f"{BUNDLE}/build/graph.nq")
        proofs = archive.read(f"{BUNDLE}/build/proofs.jsonl")
        manifest = json.loads(archive.read(f"{BUNDLE}/build/manifest.json"))
    assert graph == (built.build / "graph.nq").read_bytes()
    assert proofs == (built.build / "proofs.jsonl").read_bytes()
    assert set(manifest["files"]) == {"graph.nq", "proofs.jsonl"}
    assert manifest["files"]["graph.nq"] == {"bytes": len(graph), "sha256": hashlib.sha256(graph).hexdigest()}


def test_no_path_of_this_machine_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            assert str(wheel.parent).encode() not in archive.read(name), name


def test_it_answers_and_explains_from_any_folder(installed: Path, tmp_path: Path, kg: KnowledgeGraph) -> None:
    welcome = _ask(installed, tmp_path)
    assert (welcome.returncode, welcome.stderr) == (0, "")
    assert str(len(kg.claims)) in welcome.stdout

    names = kg.catalog.names("answers")
    listed = _ask(installed, tmp_path, "query")
    assert listed.returncode == 0
    assert all(name in listed.stdout for name in names)
    for name in names[:1]:
        answer = _ask(installed, tmp_path, "query", name, "--json")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert json.loads(answer.stdout)

    proof = _ask(installed, tmp_path, "explain", "milia", "affectsRegion", "head-and-neck", "--json")
    assert (proof.returncode, proof.stderr) == (0, "")
    data = json.loads(proof.stdout)
    assert data["kind"] == "inference"
    assert data["rule"]
    assert data["premises"]

    exported = _ask(installed, tmp_path, "export", "jsonld")
    assert exported.returncode == 0
    assert json.loads(exported.stdout)["@context"]


def test_it_serves_pages_styles_and_sparql(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BLOCK, "serve", "--port", "0"]
    environment = _environment(installed, tmp_path)
    run = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    assert run.stderr
    try:
        address = run.stderr.readline().split()[1]
        for path, told in (
            ("condition/milia", "<h1>Milia</h1>"),
            ("static/milia.css", "--paper"),
            ("sparql?query=ASK%7B%7D&format=json", '"boolean":true'),
        ):
            with urlopen(f"{address}{path}", timeout=60) as answer:
                assert told in answer.read().decode(), path
    finally:
        run.terminate()
        run.wait(30)
        run.stderr.close()


def test_what_needs_the_rule_engine_says_so(installed: Path, tmp_path: Path) -> None:
    check = _ask(installed, tmp_path, "check")
    assert check.returncode == 2
    assert "pip install 'milia[build]'" in check.stderr
    build = _ask(installed, tmp_path, "build")
    assert build.returncode == 2
    assert "name its folder with --home" in build.stderr
    assert "Traceback" not in check.stderr + build.stderr


def test_the_installed_files_are_left_alone(installed: Path, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in installed.rglob("*") if "__pycache__" not in p.parts}
    assert _ask(installed, tmp_path, "query", "ASK {}").stdout == "yes\n"
    after = {p: p.stat().st_mtime_ns for p in installed.rglob("*") if "__pycache__" not in p.parts}
    assert after.keys() <= before.keys()
    assert all(after[p] == stamp for p, stamp in before.items() if p.is_file())
    assert [p.name for p in (tmp_path / "cache" / "milia").iterdir()], "the fast store is in the user's cache"
