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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from milia.catalog import Catalog
from milia.check import check, check_shapes, check_whole, in_order, is_apart
from milia.derive import Derivation, derive, is_thing_link
from milia.errors import BuildProblem, Misuse
from milia.evidence import Snapshots, find_snapshots
from milia.inputs import fingerprint, versions
from milia.large import FOLDER, Parts, changes
from milia.lines import graph_lines
from milia.load import Sources, load, load_files, read_files_apart, source_paths
from milia.memory import without_collector
from milia.model import Finding
from milia.names import BASE, VERSION, derived_graph
from milia.parts import core_and_parts
from milia.partwork import Given
from milia.paths import Home, cache_folder
from milia.product import GRAPH, PARTS, graph_files, graph_key
from milia.sortedfile import SortedFile
from milia.steps import PROOFS, store_steps
from milia.store import Making, Store, stored, versioned, whole_store
from milia.store.oxigraph import OxigraphStore
from milia.union import loadable, with_union

__all__ = ["STAGES", "Assembly", "Built", "assemble", "assemble_sources", "build", "build_into", "write"]

_INPUTS = "inputs.json"  # beside the builds: which one was made from what
_INFERRED = derived_graph("inferred").value
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

    The store is filled from the very lines that are written as `graph.nq`.

    Raises:
        MissingPart: the rule engine is not installed.
    """
    progress("derive")
    derivation = derive(home, sources, steps=steps)
    progress("assemble")
    lines = graph_lines(sources, derivation.graphs)
    store = OxigraphStore()
    store.load_both(loadable(lines))
    return Assembly(sources, derivation, lines, store)


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
    with _alone(home), without_collector():
        inputs = _inputs(home, snapshots, proofs=proofs)
        last = _last(home, inputs)
        if last:
            return last
        core, parts = core_and_parts(source_paths(home))
        if parts:
            folder = None if snapshots is None else os.fspath(snapshots)
            built = _build_parts(Parts(home, core, parts, folder, proofs), progress)
        else:
            built = _build_whole(home, snapshots, proofs=proofs, progress=progress)
        if built.folder is not None and not built.findings:
            _remember(home, inputs, built.folder)
        return built


def _build_whole(
    home: Home, snapshots: str | os.PathLike[str] | None, *, proofs: bool, progress: Progress
) -> Built:
    # shapes and queries run outside Python's lock: beside the rules and the writing
    with ThreadPoolExecutor() as beside:
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
            fast = beside.submit(stored, folder / GRAPH, cache_folder(graph_key(manifest)))
            progress("check")
            findings = checked.result()
            fast.result()
            if any(f.severity == "Violation" for f in findings):
                return Built({}, findings)
            progress("swap")
            final, changed = _swap(home, folder)
        return Built(manifest, findings, final, changed)


def _build_parts(work: Parts, progress: Progress) -> Built:
    """Build a large project: its parts side by side, then its core, and one store of them all.

    Where few parts have changed, the store of the last build is changed too, instead of being filled anew.
    """
    home, last = work.home, _last_parts(work.home)
    with _fresh_folder(home) as folder:
        progress("load")
        known, working = work.work()
        few = last is not None and len(known) * 4 >= len(work.parts) * 3
        with Making((cache_folder("") or folder / "cache").parent, last[1] if last and few else None) as made:
            progress("derive")
            given = list(known)
            if not few:
                _fill(made.store, [Path(g.folder) / GRAPH for g in known if g.joined is None])
            for one in working:
                given.append(one)
                if one.joined is None:
                    if not few:
                        made.store.load_both(one.load.read_bytes())
                    one.load.unlink()
            given = _apart(given)
            progress("assemble")
            joined = {n: p for g in given if g.joined for n, p in work.parts[g.name].items()}
            core = assemble_sources(home, load_files(home, dict(sorted({**work.core, **joined}.items()))))
            progress("write")
            manifest = write(core, folder, proofs=work.proofs, parts=[g for g in given if not g.joined])
            if last and few:
                still = set(chain.from_iterable(core.lines.values()))
                still |= {line.encode() for g in given for line in g.about.get("shared", ())}
                made.store.change(*changes(_graphs(last[0]), _graphs(folder), still))
            else:
                made.store.load_both(loadable(core.lines))
            progress("check")
            findings = _check_parts(work, core, given, made.store)
            if any(f.severity == "Violation" for f in findings):
                return Built({}, findings)
            progress("swap")
            cache = cache_folder(graph_key(manifest))
            if cache is not None:
                made.keep(versioned(cache))
            final, changed = _swap(home, folder)
    _forget(work.folder, {Path(g.folder).name for g in given})
    return Built(manifest, findings, final, changed)


def _last_parts(home: Home) -> tuple[Path, Path] | None:
    """Return the last build and its store, where both are there and whole."""
    try:
        manifest = json.loads((home.build / "manifest.json").read_text(encoding="utf-8"))
        cache = cache_folder(graph_key(manifest))
    except (OSError, ValueError, KeyError):
        return None
    if cache is None or not whole_store(versioned(cache)) or not _intact(home.build):
        return None
    return home.build.resolve(), versioned(cache)


def _graphs(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in graph_files(folder / GRAPH)}


def _fill(store: OxigraphStore, graphs: Iterable[Path]) -> None:
    for path in graphs:
        store.load_both(with_union(path.read_bytes()))


def _apart(given: Iterable[Given]) -> list[Given]:
    """Put parts that describe one thing into the core, both of them."""
    given = sorted(given, key=lambda g: g.name)
    owner: dict[str, str] = {}
    twice = set[str]()
    for one in given:
        for thing in one.about.get("things", ()):
            twice |= {one.name, owner[thing]} if thing in owner else set()
            owner[thing] = one.name
    return [
        replace(g, joined=g.joined or "describes what another part does") if g.name in twice else g
        for g in given
    ]


def _check_parts(work: Parts, core: Assembly, given: Sequence[Given], store: OxigraphStore) -> list[Finding]:
    """Return what is wrong with the parts, with the core, and with all of it together."""
    catalog = Catalog(work.home)
    texts = find_snapshots(core.store, catalog, work.snapshots)
    found = check(work.home, core.sources, core.derivation, core.store, texts, queries=is_apart)
    found += [f for g in given if not g.joined for f in g.findings]
    parts = (read_files_apart(work.home, work.parts[g.name]) for g in given if not g.joined)
    return in_order([*found, *check_whole(catalog, store, chain([core.sources], parts))])


def _forget(folder: Path, keep: set[str]) -> None:
    """Remove what parts gave that no build needs any more."""
    for old in folder.iterdir() if folder.exists() else ():
        if old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)


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
    fresh = path.with_suffix(".new")
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


def write(
    made: Assembly, folder: Path, *, proofs: bool = True, parts: Sequence[Given] = ()
) -> dict[str, Any]:
    """Write every product into `folder` and return the manifest that describes them."""
    (folder / GRAPH).write_bytes(_text(made.lines))
    count = _write_proofs(made.derivation, folder / PROOFS) if proofs else 0
    files = {path.name: _described(path) for path in (folder / GRAPH, folder / PROOFS) if path.exists()}
    counts = {graph: len(lines) for graph, lines in made.lines.items()}
    for part in parts:
        files |= _place(part, folder)
        count += part.about["steps"]
        for graph, number in part.about["counts"].items():
            counts[graph] = counts.get(graph, 0) + number
    shown = _shown_alone(parts, made)
    if shown:
        counts[_INFERRED] = counts.get(_INFERRED, 0) + shown
    manifest = {
        "name": "milia",
        "version": VERSION,
        "made with": versions(),
        "counts": {graph.removeprefix(BASE): number for graph, number in counts.items()},
        "proof steps": count,
        "files": files,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def _shown_alone(parts: Sequence[Given], made: Assembly) -> int:
    """Return how many statements parts show of things of others that these do not show themselves."""
    shared = {line.encode() for part in parts for line in part.about["shared"]}
    shared.difference_update(made.lines.get(_INFERRED, ()))
    files = {part.name: SortedFile(Path(part.folder) / GRAPH) for part in parts if shared}
    owner = {f"<{thing}>".encode(): files[p.name] for p in parts for thing in p.about["things"] if shared}
    known = ((line, owner.get(line.partition(b" ")[0])) for line in shared)
    return sum(file is None or file.line(line) is None for line, file in known)


def _described(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _place(part: Given, folder: Path) -> dict[str, Any]:
    """Put what a part gave beside the rest, without a copy where the system can; return what it is."""
    (folder / PARTS).mkdir(exist_ok=True)
    placed = {}
    stem = part.name.replace("/", "--")
    for name, new in ((GRAPH, f"{PARTS}/{stem}.nq"), (PROOFS, f"{PARTS}/{stem}.{PROOFS}")):
        if name in part.about["sha256"]:
            placed[new] = part.about["sha256"][name]
            try:
                os.link(Path(part.folder) / name, folder / new)
            except OSError:
                shutil.copyfile(Path(part.folder) / name, folder / new)
    return placed


def _write_proofs(derivation: Derivation, path: Path) -> int:
    """Store the step behind every derived link between things; return how many steps there are."""
    if derivation.steps is None:
        return 0
    links = [t for g in ("inferred", "links") for t in derivation.graphs[g] if is_thing_link(t)]
    return store_steps(derivation.steps, links, path)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


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
    name = _sha256(folder / "manifest.json")[:20]
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
    """Say whether a finished build still holds what its manifest lists."""
    try:
        files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        return all(_sha256(folder / name) == about["sha256"] for name, about in files.items())
    except (OSError, ValueError, KeyError):
        return False


def _tidy(home: Home, keep: set[str]) -> None:
    """Remove builds that nothing points at, among them what a killed run left behind."""
    for old in (home.works / ".builds").iterdir():
        if old.is_dir() and old.name not in {*keep, FOLDER}:
            shutil.rmtree(old, ignore_errors=True)
