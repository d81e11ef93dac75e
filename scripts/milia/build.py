"""Build the graph: load → facts → closure → links → check → outputs, swapped in at the end or not at all.

A build is written to a folder of its own under `.builds/`, named by its content; `build` is a link to it that
is replaced in one step. Whatever happens before that step, the last good build stays as it was.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pyoxigraph import Triple

from milia.catalog import Catalog
from milia.check import check, check_shapes, check_whole, in_order, is_apart
from milia.derive import Derivation, derive, is_thing_link
from milia.errors import BadSource, BuildProblem, MissingPart, Misuse
from milia.evidence import Snapshots, find_snapshots
from milia.inputs import fingerprint, versions
from milia.large import FOLDER, Parts, changes
from milia.lines import graph_lines
from milia.load import Sources, load, load_files, read_files_apart, source_paths
from milia.manifest import content_name, is_whole_manifest, read_manifest
from milia.memory import without_collector
from milia.model import Finding
from milia.names import BASE, VERSION, derived_graph
from milia.parts import Part, Surroundings, core_and_parts, without
from milia.partwork import Given, about_part, keep, kept, part_key, sorted_text
from milia.paths import Home, cache_folder
from milia.product import GRAPH, PARTS, described, graph_files, graph_key
from milia.sortedfile import SortedFile
from milia.steps import PROOFS, store_steps
from milia.store import Making, Store, stored, versioned, whole_store
from milia.store.oxigraph import OxigraphStore
from milia.union import loadable

__all__ = ["STAGES", "Assembly", "Built", "assemble", "assemble_sources", "build", "build_into", "write"]

_INPUTS = "inputs.json"  # beside the builds: which one was made from what
_INFERRED = derived_graph("inferred").value
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

    Where the last build was made from the very same input, it stays as it is, with the warnings it had.

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
        if built.folder is not None:
            _remember(home, inputs, built.folder, built.findings)
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
        old, model = last if last and len(known) * 4 >= len(work.parts) * 3 else (None, None)
        cache = cache_folder("any")
        with Making(cache.parent if cache else work.folder, model) as made:
            progress("derive")
            given = list(known) if old else [_put(made, one) for one in known]
            given += [one if old else _put(made, one) for one in working]
            made.begin_to_settle()
            progress("assemble")
            parts = _apart(given)
            core = _core(work, given)
            progress("write")
            manifest = _write_parts(core, parts, folder)
            if old:
                made.store.change(*changes(_graphs(old), _graphs(folder), _seen_elsewhere(core, parts)))
            else:
                _put(made, core)
            progress("check")
            made.settle()
            findings = in_order([f for one in (core, *parts) for f in one.findings])
            findings = in_order([*findings, *_check_together(work, given, made.store)])
            if any(f.severity == "Violation" for f in findings):
                return Built({}, findings)
            progress("swap")
            cache = cache_folder(graph_key(manifest))
            if cache is not None:
                made.keep(versioned(cache))
            final, changed = _swap(home, folder)
    _forget(work.folder, {Path(g.folder).name for g in (core, *given)})
    return Built(manifest, findings, final, changed)


def _last_parts(home: Home) -> tuple[Path, Path] | None:
    """Return the last build and its store, where both are there to their ends."""
    try:
        manifest = read_manifest(home.build)
        sizes = {name: (home.build / name).stat().st_size for name in manifest["files"]}
    except (OSError, MissingPart, BadSource):
        return None
    cache = cache_folder(graph_key(manifest))
    if cache is None or not whole_store(versioned(cache)):
        return None
    if any(sizes[name] != about["bytes"] for name, about in manifest["files"].items()):
        return None
    return home.build.resolve(), versioned(cache)


def _graphs(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in graph_files(folder / GRAPH)}


def _put(made: Making, given: Given) -> Given:
    """Put what a part gave into a store, unless it belongs into the core."""
    if not given.joined:
        made.put((Path(given.folder) / GRAPH).read_bytes())
    return given


def _apart(given: Iterable[Given]) -> list[Given]:
    """Return the parts that were worked on apart, sorted, after a look at what they share.

    Raises:
        BuildProblem: two describe one thing, or one describes what another part makes claims about.
    """
    parts = sorted((g for g in given if not g.joined), key=lambda g: g.name)
    owner: dict[str, str] = {}
    for one in parts:
        for thing in one.about["things"]:
            if thing in owner:
                msg = f"{owner[thing]} and {one.name} both describe {thing}: keep it in one part"
                raise BuildProblem(msg)
            owner[thing] = one.name
    for one in given:
        for thing in one.about.get("subjects", ()):
            if thing in owner:
                msg = f"{one.name} makes claims about {thing}: move them to {owner[thing]}, which has it"
                raise BuildProblem(msg)
    return parts


def _core(work: Parts, given: Sequence[Given]) -> Given:
    """Return what the core gives, with the parts that belong into it; from before, if it still would."""
    joined = {n: p for g in given if g.joined for n, p in work.parts[g.name].items()}
    files = dict(sorted({**work.core, **joined}.items()))
    key = part_key(work.fingerprint, files)
    before = kept(work.folder, "core", key, work.concepts)
    if before:
        return before
    beside = {n: g.name for g in given if not g.joined for n in work.parts[g.name]}
    paths = {n: work.parts[name][n] for n, name in beside.items() if n.startswith("data/concepts/")}
    own = Part("core", load_files(work.home, files))
    around = Surroundings(Sources(), read_files_apart(work.home, paths), frozenset()).around(own)
    drawn = {beside[f.name] for f in around.files}
    everything = Sources(sorted([*own.sources.files, *around.files], key=lambda f: f.name))
    made = assemble_sources(work.home, everything)
    texts = find_snapshots(made.store, Catalog(work.home), work.snapshots)
    findings = check(
        work.home, everything, made.derivation, made.store, texts, queries=is_apart, about=own.sources
    )
    derived, shown = without(made.derivation.graphs, Part("", around).things, own.things)
    lines = graph_lines(own.sources, derived)
    shared = graph_lines(Sources(), {"inferred": shown})
    about = about_part(findings, {graph: len(found) for graph, found in lines.items()}) | {
        "drawn on": {name: work.concepts[name] for name in sorted(drawn)},
        "shared": [line.decode() for found in shared.values() for line in found],
    }
    text = sorted_text(lines, shared)
    writers: dict[str, Callable[[Path], Any]] = {GRAPH: lambda path: path.write_bytes(text)}
    if work.proofs:
        writers[PROOFS] = lambda path: _write_proofs(made.derivation, derived, path)
    return keep(work.folder, "core", key, about, writers)


def _seen_elsewhere(core: Given, parts: Sequence[Given]) -> set[bytes]:
    """Return the lines that stay when a part no longer has them: the core's, and those that others show."""
    lines = set((Path(core.folder) / GRAPH).read_bytes().splitlines(keepends=True))
    return lines | {line.encode() for one in (core, *parts) for line in one.about["shared"]}


def _check_together(work: Parts, given: Sequence[Given], store: OxigraphStore) -> list[Finding]:
    """Return what is wrong with all of the graph together."""
    core = {n: p for g in given if g.joined for n, p in work.parts[g.name].items()} | dict(work.core)
    files = [core, *(work.parts[g.name] for g in given if not g.joined)]
    return check_whole(Catalog(work.home), store, (read_files_apart(work.home, paths) for paths in files))


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
        findings = [Finding(**f) for f in known["findings"]]
        if (known["build"], known["inputs"]) != (home.build.readlink().name, inputs) or not _intact(
            home.build
        ):
            return None
        manifest = json.loads((home.build / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    final = home.build.resolve()
    _tidy(home, keep={final.name})
    return Built(manifest, findings, final, changed=False)


def _remember(home: Home, inputs: str | None, final: Path, findings: Iterable[Finding]) -> None:
    """Note what the build was made from, and its warnings; without the note the next is only slower."""
    path = home.works / ".builds" / _INPUTS
    fresh = path.with_name(_FRESH_INPUTS)
    with contextlib.suppress(OSError):
        note = {"build": final.name, "inputs": inputs, "findings": [asdict(f) for f in findings]}
        fresh.write_text(json.dumps(note) + "\n", encoding="utf-8")
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
    (folder / GRAPH).write_bytes(_text(made.lines))
    count = _write_proofs(made.derivation, made.derivation.graphs, folder / PROOFS) if proofs else 0
    files = {path.name: described(path) for path in (folder / GRAPH, folder / PROOFS) if path.exists()}
    return _write_manifest(folder, files, {graph: len(lines) for graph, lines in made.lines.items()}, count)


def _write_parts(core: Given, parts: Sequence[Given], folder: Path) -> dict[str, Any]:
    """Put what the core and the parts gave into `folder` and return the manifest that describes it."""
    (folder / PARTS).mkdir()
    files = _place(core, folder, {GRAPH: GRAPH, PROOFS: PROOFS})
    counts = Counter[str](core.about["counts"])
    for part in parts:
        stem = f"{PARTS}/{part.name.replace('/', '--')}"
        files |= _place(part, folder, {GRAPH: f"{stem}.nq", PROOFS: f"{stem}.{PROOFS}"})
        counts.update(part.about["counts"])
    counts[_INFERRED] += _shown_alone(core, parts)
    steps = sum(one.about["steps"] for one in (core, *parts))
    return _write_manifest(folder, files, {graph: counts[graph] for graph in sorted(+counts)}, steps)


def _place(given: Given, folder: Path, names: Mapping[str, str]) -> dict[str, Any]:
    """Put files into a build, without a copy where the system can; return what they are."""
    placed = {}
    for name, about in given.about["files"].items():
        placed[names[name]] = about
        try:
            os.link(Path(given.folder) / name, folder / names[name])
        except OSError:
            shutil.copyfile(Path(given.folder) / name, folder / names[name])
    return placed


def _write_manifest(
    folder: Path, files: Mapping[str, Any], counts: Mapping[str, int], steps: int
) -> dict[str, Any]:
    manifest = {
        "name": "milia",
        "version": VERSION,
        "made with": versions(),
        "counts": {graph.removeprefix(BASE): number for graph, number in counts.items()},
        "proof steps": steps,
        "files": dict(files),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def _shown_alone(core: Given, parts: Sequence[Given]) -> int:
    """Return how many statements parts show of things of others that these do not show themselves."""
    shared = {line.encode() for one in (core, *parts) for line in one.about["shared"]}
    files = {one.name: SortedFile(Path(one.folder) / GRAPH) for one in (core, *parts) if shared}
    owner = {f"<{thing}>".encode(): p.name for p in parts for thing in p.about["things"]}
    known = ((line, owner.get(line.partition(b" ")[0], core.name)) for line in shared)
    return sum(files[name].line(line) is None for line, name in known)


def _write_proofs(derivation: Derivation, graphs: Mapping[str, list[Triple]], path: Path) -> int:
    """Store the step behind every derived link between things; return how many steps there are."""
    if derivation.steps is None:
        return 0
    links = [t for g in ("inferred", "links") for t in graphs[g] if is_thing_link(t)]
    return store_steps(derivation.steps, links, path)


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
            described(folder / name)["sha256"] == about["sha256"] for name, about in files.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _tidy(home: Home, keep: set[str]) -> None:
    """Remove builds that nothing points at, among them what a killed run left behind."""
    for left in ("link", _FRESH_INPUTS):
        (home.works / ".builds" / left).unlink(missing_ok=True)
    for old in (home.works / ".builds").iterdir():
        if old.is_dir() and old.name not in {*keep, FOLDER}:
            shutil.rmtree(old, ignore_errors=True)
