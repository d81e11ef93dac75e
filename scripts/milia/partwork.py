"""Work on one part of a large project: derive, check, write; the same answer for the same input is kept.

Runs in processes of its own, each of which reads the core once. What a part gives is kept in a folder that is
named by all that it was made from, so that the next build takes it as it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from milia.catalog import Catalog
from milia.check import check, is_apart
from milia.derive import derive, is_thing_link
from milia.errors import MiliaError
from milia.evidence import find_snapshots
from milia.lines import graph_lines
from milia.load import Sources, load_files, read_files_apart
from milia.memory import without_collector
from milia.model import Finding
from milia.parts import Part, Surroundings, joined_properties, local_properties, owned
from milia.paths import Home
from milia.product import GRAPH, described
from milia.steps import PROOFS, store_steps
from milia.store.oxigraph import OxigraphStore
from milia.union import loadable

__all__ = ["ABOUT", "Given", "Worker", "about_part", "keep", "kept", "part_key", "sorted_text"]

ABOUT: Final = "about.json"


@dataclass(frozen=True)
class Given:
    """What a part gave: where it is, or why it belongs into the core."""

    name: str
    folder: str
    about: dict[str, Any]

    @property
    def joined(self) -> str | None:
        """Return why the part belongs into the core, or None for one that was worked on apart."""
        reason: str | None = self.about["joined"]
        return reason

    @property
    def findings(self) -> list[Finding]:
        """Return what is wrong with the part."""
        return [Finding(**f) for f in self.about["findings"]]


def part_key(core: str, files: Mapping[str, Path]) -> str:
    """Return the hash of a part's own files on top of that of the core."""
    total = hashlib.sha256(core.encode())
    for name, path in files.items():
        total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:20]


def kept(folder: Path, name: str, key: str, concepts: Mapping[str, str]) -> Given | None:
    """Return what a part gave before, if it is whole, and the core and what it drew on are as they were."""
    place = folder / key
    try:
        about = json.loads((place / ABOUT).read_text(encoding="utf-8"))
        if any(described(place / file) != was for file, was in about["files"].items()):
            return None
        if any(concepts.get(other) != was for other, was in about["drawn on"].items()):
            return None
    except (OSError, ValueError, KeyError):
        return None
    return Given(name, str(place), about)


class Worker:
    """Works on parts; made once in a process, after which it has read the core."""

    def __init__(
        self,
        home: Home,
        core: Mapping[str, Path],
        parts: Mapping[str, Mapping[str, Path]],
        folder: Path,
        concepts: Mapping[str, str],
        snapshots: str | None,
        *,
        proofs: bool,
    ) -> None:
        """Read the core and the concepts of all parts."""
        self._home, self._parts, self._folder, self._proofs = home, parts, folder, proofs
        self._snapshots, self._concepts = snapshots, concepts
        own = load_files(home, core)
        beside = {
            n: p for files in parts.values() for n, p in files.items() if n.startswith("data/concepts/")
        }
        self._part_of = {n: name for name, files in parts.items() for n in files}
        self._around = Surroundings(own, read_files_apart(home, beside), joined_properties(home))
        self._local = local_properties(home, own.below("ontology/"))
        whole = Part("core", own)
        self._taken = whole.things | whole.subjects | whole.led_to(self._local)

    def work(self, name: str, key: str) -> Given:
        """Derive and check a part and write what it gives; a part that belongs into the core only says so."""
        part = Part(name, read_files_apart(self._home, self._parts[name]))
        joined = part.joined_by(self._local, self._taken)
        if joined:
            about = about_part() | {"joined": joined, "subjects": sorted(t.value for t in part.subjects)}
            return keep(self._folder, name, key, about, {})
        around = self._around.around(part)
        everything = Sources(sorted([*part.sources.files, *around.files], key=lambda f: f.name))
        derivation = derive(self._home, everything, steps=self._proofs)
        given, shown = owned(derivation.graphs, part)
        lines = graph_lines(part.sources, given)
        shared = graph_lines(Sources([]), {"inferred": shown})
        store = OxigraphStore()
        for found in (lines, graph_lines(around, _left(derivation.graphs, given))):
            store.load_both(loadable(found))
        texts = find_snapshots(store, Catalog(self._home), self._snapshots)
        findings = check(
            self._home, everything, derivation, store, texts, queries=is_apart, about=part.sources
        )
        drawn = {self._part_of[f.name] for f in around.files if f.name in self._part_of} - {name}
        about = about_part(findings, {graph: len(found) for graph, found in lines.items()}) | {
            "drawn on": {other: self._concepts[other] for other in sorted(drawn)},
            "things": sorted(t.value for t in part.things),
            "shared": [line.decode() for found in shared.values() for line in found],
        }
        writers: dict[str, Callable[[Path], Any]] = {
            GRAPH: lambda path: path.write_bytes(sorted_text(lines, shared)),
        }
        if derivation.steps is not None:
            links = [t for g in ("inferred", "links") for t in given[g] if is_thing_link(t)]
            writers[PROOFS] = partial(store_steps, derivation.steps, links)
        return keep(self._folder, name, key, about, writers)


def about_part(findings: Iterable[Finding] = (), counts: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return what is kept of a part beside its files; what is not said of it here is none."""
    return {
        "joined": None,
        "drawn on": {},
        "findings": [asdict(f) for f in findings],
        "counts": dict(counts or {}),
        "things": [],
        "shared": [],
        "steps": 0,
    }


def keep(
    folder: Path, name: str, key: str, about: dict[str, Any], writers: Mapping[str, Callable[[Path], Any]]
) -> Given:
    """Write what a part gives beside its place and rename it there, whole.

    Args:
        folder: where it is kept what parts gave.
        name: the part's.
        key: the hash of what it was made from.
        about: what `about_part` says.
        writers: what writes each file; the writer of proofs returns how many steps there are.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    try:
        made = {file: write(fresh / file) for file, write in writers.items()}
        about["steps"] = made.get(PROOFS, 0)
        about["files"] = {file: described(fresh / file) for file in writers}
        (fresh / ABOUT).write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
        place = folder / key
        shutil.rmtree(place, ignore_errors=True)
        fresh.chmod(0o755)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Given(name, str(place), about)


def _left(every: Mapping[str, list[Any]], taken: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """Return what was derived and is not the part's own."""
    return {name: list(set(triples) - set(taken[name])) for name, triples in every.items()}


def sorted_text(*lines: Mapping[str, list[bytes]]) -> bytes:
    """Return lines by graph as one text, sorted as a whole, in which lines can be looked up."""
    return b"".join(sorted(chain.from_iterable(found for graphs in lines for found in graphs.values())))


def main() -> None:
    """Work on parts as they are named on standard input, a line of JSON each, after one with the job."""
    job = json.loads(sys.stdin.readline())
    home = Home(Path(job["root"]), overlay=job["overlay"] and Path(job["overlay"]))
    core = {name: Path(path) for name, path in job["core"].items()}
    parts = {n: {f: Path(p) for f, p in files.items()} for n, files in job["parts"].items()}
    with without_collector():
        worker = None
        for line in sys.stdin:
            try:
                worker = worker or Worker(
                    home,
                    core,
                    parts,
                    Path(job["folder"]),
                    job["concepts"],
                    job["snapshots"],
                    proofs=job["proofs"],
                )
                told = asdict(worker.work(*json.loads(line)))
            except (MiliaError, OSError) as error:
                told = {"failed": str(error)}
            sys.stdout.write(f"{json.dumps(told)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
