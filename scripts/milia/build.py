"""Build the graph: load → facts → closure → links → check → outputs, swapped in at the end or not at all.

A build is written to a folder of its own under `.builds/`, named by its content; `build` is a link to it that
is replaced in one step. Whatever happens before that step, the last good build stays as it was.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from milia.catalog import Catalog
from milia.check import check, check_shapes
from milia.derive import Derivation, derive, is_thing_link
from milia.errors import BuildProblem, Misuse
from milia.evidence import Snapshots, find_snapshots
from milia.inputs import fingerprint, versions
from milia.load import Sources, load
from milia.manifest import content_name, is_whole_manifest
from milia.memory import without_collector
from milia.model import Finding
from milia.names import BASE, VERSION, derived_graph
from milia.paths import Home, cache_folder
from milia.steps import PROOFS, store_steps
from milia.store import Store, empty_store, stored

__all__ = ["STAGES", "Assembly", "Built", "assemble", "assemble_sources", "build", "build_into", "write"]

_INPUTS = "inputs.json"  # beside the builds: which one was made from what
_FRESH_INPUTS = "inputs.new"  # and what it is written as, before it takes the place of the last one
STAGES = ("load", "derive", "assemble", "write", "check", "swap")

Progress = Callable[[str], None]


@dataclass
class Built:
    """What a build made, and what it found."""

    manifest: dict[str, Any]
    findings: list[Finding]
    folder: Path | None = None
    changed: bool = True


@dataclass
class Assembly:
    """Sources, what was derived from them, and both together: as text by graph, and in one store."""

    sources: Sources
    derivation: Derivation
    lines: dict[str, list[bytes]]
    store: Store


def _quiet(stage: str) -> None:
    del stage


def assemble(home: Home, *, steps: bool = True) -> Assembly:
    """Load the sources, run the rules and put everything into one store.

    Raises:
        BadSource: a file cannot be read.
        MissingPart: the rule engine is not installed.
    """
    return assemble_sources(home, load(home), steps=steps)


def assemble_sources(
    home: Home,
    sources: Sources,
    progress: Progress = _quiet,
    *,
    steps: bool = True,
) -> Assembly:
    """Run the rules over sources that have been loaded and put everything into one store.

    The store is filled from the very text that is written as `graph.nq`.

    Raises:
        MissingPart: the rule engine is not installed.
    """
    progress("derive")
    derivation = derive(home, sources, steps=steps)
    progress("assemble")
    lines = _lines(sources, derivation)
    store = empty_store()
    store.load(_text(lines))
    return Assembly(sources, derivation, lines, store)


def _lines(sources: Sources, derivation: Derivation) -> dict[str, list[bytes]]:
    """Return the statements of each graph, sorted, as N-Quads."""
    graphs: dict[NamedNode, list[Triple]] = {}
    for file in sources.files:
        graphs.setdefault(file.graph, []).extend(file.triples)
    for name, triples in derivation.graphs.items():
        graphs.setdefault(derived_graph(name), []).extend(triples)
    lines = {}
    for graph in sorted(graphs, key=lambda g: g.value):
        said = (serialize(graphs[graph], format=RdfFormat.N_TRIPLES) or b"").splitlines()
        end = f" {graph} .\n".encode()
        lines[graph.value] = [t.removesuffix(b" .") + end for t in sorted(set(said))]
    return lines


def _text(lines: Mapping[str, list[bytes]]) -> bytes:
    return b"".join(chain.from_iterable(lines.values()))


def build(
    home: Home,
    *,
    snapshots: str | os.PathLike[str] | None = None,
    proofs: bool = True,
    progress: Progress = _quiet,
) -> Built:
    """Build the project's graph into `build/`; with findings of severity Violation nothing is swapped in.

    Where the last build was made from the very same input, and had no findings, it stays as it is.

    Raises:
        Misuse: the project is an installed one, which carries its build.
        BuildProblem: another build is running, or the folder cannot be written.
        BadSource: a file cannot be read.
        SnapshotProblem: the folder of snapshots cannot be read.
    """
    if home.installed and not home.overlay:
        msg = "this milia is installed with its graph built; to build a project, name its folder with --home"
        raise Misuse(msg)
    # shapes and queries run outside Python's lock: beside the rules and the writing
    with _alone(home), without_collector(), ThreadPoolExecutor() as beside:
        inputs = _inputs(home, snapshots, proofs=proofs)
        last = _last(home, inputs)
        if last:
            return last
        progress("load")
        sources = load(home)
        shapes = beside.submit(check_shapes, home, sources)
        made = assemble_sources(home, sources, progress)
        texts = find_snapshots(made.store, Catalog(home), snapshots)
        checked = beside.submit(_check, home, made, texts, shapes.result)
        with _fresh_folder(home) as folder:
            progress("write")
            manifest = write(made, folder, proofs=proofs)
            # for fast answers; made before it is known whether this build stays, since both take long
            cache = cache_folder(manifest["files"]["graph.nq"]["sha256"])
            fast = beside.submit(stored, folder / "graph.nq", cache)
            progress("check")
            findings = checked.result()
            fast.result()
            if any(f.severity == "Violation" for f in findings):
                return Built({}, findings)
            progress("swap")
            final, changed = _swap(home, folder)
            if not findings:
                _remember(home, inputs, final)
        return Built(manifest, findings, final, changed)


def _inputs(home: Home, snapshots: str | os.PathLike[str] | None, *, proofs: bool) -> str | None:
    try:
        return fingerprint(home, snapshots, proofs=proofs)
    except OSError:  # the stage that reads the file says so better
        return None


def _last(home: Home, inputs: str | None) -> Built | None:
    """Return the build in place if it is whole and was made from this very input."""
    if inputs is None or not home.build.is_symlink():
        return None
    try:
        known = json.loads((home.works / ".builds" / _INPUTS).read_text(encoding="utf-8"))
        if known != {home.build.readlink().name: inputs} or not _intact(home.build):
            return None
        manifest = json.loads((home.build / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    final = home.build.resolve()
    _tidy(home, keep={final.name})
    return Built(manifest, [], final, changed=False)


def _remember(home: Home, inputs: str | None, final: Path) -> None:
    """Note what the build was made from; without the note, the next build is only slower."""
    path = home.works / ".builds" / _INPUTS
    fresh = path.with_name(_FRESH_INPUTS)
    with contextlib.suppress(OSError):
        fresh.write_text(json.dumps({final.name: inputs}) + "\n", encoding="utf-8")
        fresh.replace(path)
    with contextlib.suppress(OSError):
        fresh.unlink(missing_ok=True)


def build_into(project_root: Path, target: Path) -> None:
    """Build what a wheel carries (graph, manifest, proof steps) into an existing folder.

    Raises:
        BuildProblem: the sources have faults; the message lists them.
    """
    home = Home(project_root.resolve())
    made = assemble(home)
    findings = [f for f in _check(home, made, Snapshots()) if f.severity == "Violation"]
    if findings:
        raise BuildProblem("\n".join(["the sources have faults:", *map(str, findings)]))
    write(made, target)


def _check(
    home: Home,
    made: Assembly,
    snapshots: Snapshots,
    shapes: Callable[[], list[Finding]] | None = None,
) -> list[Finding]:
    return check(home, made.sources, made.derivation, made.store, snapshots, shapes)


def write(made: Assembly, folder: Path, *, proofs: bool = True) -> dict[str, Any]:
    """Write every product into `folder` and return the manifest that describes them."""
    (folder / "graph.nq").write_bytes(_text(made.lines))
    count = _write_proofs(made.derivation, folder / PROOFS) if proofs else 0
    manifest = {
        "name": "milia",
        "version": VERSION,
        "made with": versions(),
        "counts": {graph.removeprefix(BASE): len(lines) for graph, lines in made.lines.items()},
        "proof steps": count,
        "files": {
            path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def _write_proofs(derivation: Derivation, path: Path) -> int:
    """Store the step behind every derived link between things; return how many steps there are."""
    if derivation.steps is None:
        return 0
    links = [t for g in ("inferred", "links") for t in derivation.graphs[g] if is_thing_link(t)]
    return store_steps(derivation.steps, links, path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the lock of the project's builds; refuse to wait for another build."""
    folder = home.works / ".builds"
    if home.build.exists() and not home.build.is_symlink():
        msg = f"{home.build} is no link of ours; move it away: 'milia build' keeps a link there"
        raise BuildProblem(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        msg = f"cannot write to {folder}: {error.strerror}; nothing was built"
        raise BuildProblem(msg) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another build is running in {home.works}; wait for it to end, then try again"
            raise BuildProblem(msg) from error
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _fresh_folder(home: Home) -> Iterator[Path]:
    """Give a new folder under `.builds` and take it away again if anything goes wrong."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="new-", dir=home.works / ".builds"))
        folder.chmod(0o755)
        yield folder
    except OSError as error:
        where = folder or home.works / ".builds"
        msg = f"cannot write the build to {where}: {error.strerror}; the last build is untouched"
        raise BuildProblem(msg) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _swap(home: Home, folder: Path) -> tuple[Path, bool]:
    """Name the finished folder by its content and point `build` at it in one step."""
    name = content_name((folder / "manifest.json").read_bytes())
    final = home.works / ".builds" / name
    link = home.build
    before = link.readlink().name if link.is_symlink() else None
    if final.exists() and not _intact(final):
        final.rename(final.with_name(f"damaged-{name}"))
    if not final.exists():
        folder.rename(final)
    if before != name:
        fresh = home.works / ".builds" / "link"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path(".builds") / name, target_is_directory=True)
        fresh.replace(link)
    _tidy(home, keep={name, before or name})
    return final, before != name


def _intact(folder: Path) -> bool:
    """Say whether a finished build has the manifest that names it, and still holds what that lists."""
    try:
        content = (folder / "manifest.json").read_bytes()
        files = json.loads(content)["files"]
        return is_whole_manifest(folder, content) and all(
            _sha256(folder / name) == about["sha256"] for name, about in files.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _tidy(home: Home, keep: set[str]) -> None:
    """Remove builds that nothing points at, among them what a killed run left behind."""
    for left in ("link", _FRESH_INPUTS):
        (home.works / ".builds" / left).unlink(missing_ok=True)
    for old in (home.works / ".builds").iterdir():
        if old.is_dir() and old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)
