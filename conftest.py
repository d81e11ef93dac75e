"""What the tests share: the project, its sources, what was derived, a built graph, the pages' snapshots."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from milia.build import assemble, assemble_sources, build, write
from milia.kg import open_graph
from milia.load import Sources, load
from milia.paths import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from milia.build import Assembly
    from milia.kg import KnowledgeGraph

ROOT = Path(__file__).resolve().parent
FOLDERS = ("ontology", "data", "queries")
PART = (
    "berk-bayliss-2008",
    "body-perfection",
    "cadogan",
    "estarguapas-milios",
    "hpo-annotations",
    "hpo-genes",
    "hpo-names",
    "hpo-translation-fr",
    "iml-quistes-de-millium",
    "milia-curators",
    "pregnancy101-milia",
    "yates-2015-periocular-laser",
)


_NAMED = os.environ.get("MILIA_SNAPSHOTS")  # read once: the tests themselves do without the variable


def _snapshots() -> Path | None:
    folder = Path(_NAMED) if _NAMED else ROOT.parent / "shared" / "sources"
    return folder if folder.is_dir() else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Say whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def snapshots_dir() -> Path:
    """Return the folder of the pages' snapshots, or skip: the project does not carry the pages."""
    folder = _snapshots()
    if folder is None:
        pytest.skip("the pages' snapshots are not here (MILIA_SNAPSHOTS, or ../shared/sources)")
    return folder


@pytest.fixture(scope="session")
def referee() -> Callable[..., str]:
    """Return a function that runs a script of `tests/referees` in the environment of the consumers' tools.

    The script gets the paths of files; it exits with 1 and prints what is wrong, or with 0.
    """
    python = ROOT / ".venv-referees" / "bin" / "python"
    if not python.exists():
        pytest.skip("the tools of the feeds' readers are not here (make referees)")

    def run(script: str, *paths: Path) -> str:
        command = [python, ROOT / "tests" / "referees" / f"{script}.py", *paths]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the stores that tests make out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("MILIA_SNAPSHOTS", raising=False)
        patch.delenv("MILIA_HOME", raising=False)
        yield


def copy_project(target: Path) -> Home:
    """Copy ontology, data and queries into `target`, so that a test may change them."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, target / name)
    return Home(target)


def copy_part(target: Path) -> Home:
    """Copy ontology, queries and a part of the data into `target`."""
    place = copy_project(target)
    for path in place.data.rglob("*.*"):
        if not in_part(place.relative(path)):
            path.unlink()
    return place


@pytest.fixture
def project(tmp_path: Path) -> Home:
    """Return a project of the test's own, with a part of the data, to be changed at will."""
    return copy_part(tmp_path / "project")


@pytest.fixture(scope="session")
def home() -> Home:
    """Return the checkout (read only)."""
    return Home(ROOT)


@pytest.fixture(scope="session")
def made(home: Home) -> Assembly:
    """Return sources, derivation and store of the checkout (read only)."""
    return assemble(home)


@pytest.fixture(scope="session")
def part(home: Home) -> Assembly:
    """Return a part of the project with something of every kind, small enough for the slow engine."""
    return assemble_sources(home, Sources([f for f in load(home).files if in_part(f.name)]))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a built project of that part alone (read only)."""
    place = copy_part(tmp_path_factory.mktemp("small"))
    made = assemble(place)
    folder = place.root / ".builds" / "part"
    folder.mkdir(parents=True)
    write(made, folder)
    place.build.symlink_to(Path(".builds") / "part", target_is_directory=True)
    return place


def in_part(name: str) -> bool:
    """Say whether a file belongs to the part: of the sources' claims and the tables, some."""
    folder, _, file = name.rpartition("/")
    if folder == "data/mappings":
        return file.startswith(("chebi.", "icd10.", "omim.", "vocabularies"))
    if folder == "data/claims" and not file.startswith(PART):
        return zlib.crc32(file.encode()) % 90 == 0
    return True


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Home:
    """Return a copy of the project that has been built, without findings (read only); one for all workers."""
    folder = tmp_path_factory.getbasetemp()
    place = Home((folder if worker_id == "master" else folder.parent) / "built")
    with (place.root.parent / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.build.exists():
            result = build(copy_project(place.root))
            assert result.manifest, "\n".join(map(str, result.findings))
    return place


@pytest.fixture(scope="session")
def kg(built: Home) -> KnowledgeGraph:
    """Return the built graph, opened; with the snapshots where they are here."""
    return open_graph(built.root, snapshots=_snapshots())


@pytest.fixture(autouse=True)
def _examples_find_a_graph(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the examples in docstrings open a built graph, whether or not the checkout has been built."""
    if not isinstance(request.node, pytest.DoctestItem) or request.node.dtest is None:
        return
    if any("milia.open" in example.source for example in request.node.dtest.examples):
        monkeypatch.setenv("MILIA_HOME", str(request.getfixturevalue("built").root))
