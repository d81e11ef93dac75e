"""Have the parts of a large project worked on, in processes side by side; what has not changed is kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from milia.errors import BuildProblem
from milia.inputs import fingerprint
from milia.partwork import Given, kept, part_key
from milia.paths import Home

__all__ = ["FOLDER", "Parts", "changes"]

FOLDER: Final = "parts"  # below the folder of the builds: what parts gave, by what they were made from
_WORK: Final = "milia.partwork"


@dataclass(frozen=True)
class Parts:
    """The parts of a project, and what a build asks of them."""

    home: Home
    core: Mapping[str, Path]
    parts: Mapping[str, Mapping[str, Path]]
    snapshots: str | None
    proofs: bool

    @property
    def folder(self) -> Path:
        """Return where it is kept what parts gave."""
        return self.home.works / ".builds" / FOLDER

    @cached_property
    def fingerprint(self) -> str:
        """Return the hash of the core and of whatever else every part depends on."""
        return fingerprint(self.home, self.snapshots, proofs=self.proofs, data=self.core.values())

    @cached_property
    def concepts(self) -> dict[str, str]:
        """Return the hash of what each part describes, on which others may draw."""
        return {name: _concepts(files) for name, files in self.parts.items()}

    def work(self) -> tuple[list[Given], Iterator[Given]]:
        """Return what is as it was, and an iterator that works on the rest, each part when it is done.

        Raises:
            BuildProblem: a part cannot be read, or whoever worked on it was ended.
        """
        keys = {name: part_key(self.fingerprint, files) for name, files in self.parts.items()}
        known = {name: kept(self.folder, name, keys[name], self.concepts) for name in self.parts}
        todo = {name: keys[name] for name, given in known.items() if given is None}
        return [g for g in known.values() if g is not None], self._worked(todo)

    def _worked(self, todo: Mapping[str, str]) -> Iterator[Given]:
        if not todo:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        job = {
            "root": str(self.home.root),
            "overlay": self.home.overlay and str(self.home.overlay),
            "core": {name: str(path) for name, path in self.core.items()},
            "parts": {n: {f: str(p) for f, p in files.items()} for n, files in self.parts.items()},
            "folder": str(self.folder),
            "concepts": self.concepts,
            "snapshots": self.snapshots,
            "proofs": self.proofs,
        }
        order = sorted(
            todo.items(), key=lambda one: -self._size(one[0])
        )  # so that the last ones end together
        count = min(os.cpu_count() or 1, len(todo))
        idle = SimpleQueue[subprocess.Popen[str]]()
        with contextlib.ExitStack() as stack, ThreadPoolExecutor(count) as pool:
            for _ in range(count):
                idle.put(stack.enter_context(_process(job)))
            try:
                for done in as_completed([pool.submit(_given, idle, one) for one in order]):
                    yield done.result()
            finally:  # where one failed, nobody wants the rest
                pool.shutdown(cancel_futures=True)

    def _size(self, name: str) -> int:
        return sum(path.stat().st_size for path in self.parts[name].values())


def _concepts(files: Mapping[str, Path]) -> str:
    """Return the hash of what a part describes, on which other parts may draw."""
    total = hashlib.sha256()
    for name, path in files.items():
        if name.startswith("data/concepts/"):
            total.update(path.read_bytes())
    return total.hexdigest()


@contextlib.contextmanager
def _process(job: Mapping[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Start a process that works on parts as it is asked to; it is ended with the context."""
    process = subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-P", "-m", _WORK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        with contextlib.suppress(BrokenPipeError):  # who asks it first is told that it has ended
            _tell(process, job)
        yield process
    finally:
        process.kill()
        with contextlib.suppress(BrokenPipeError):
            process.communicate()


def _given(idle: SimpleQueue[subprocess.Popen[str]], one: Sequence[str]) -> Given:
    """Have an idle process work on a part, by its name and key."""
    process = idle.get()
    try:
        return Given(**_asked(process, one))
    finally:
        idle.put(process)


def _asked(process: subprocess.Popen[str], one: Sequence[str]) -> dict[str, Any]:
    line = ""
    with contextlib.suppress(BrokenPipeError):
        _tell(process, one)
        assert process.stdout
        line = process.stdout.readline()
    if not line:
        msg = f"who worked on {one[0]} was ended, most likely for want of memory; the last build is untouched"
        raise BuildProblem(msg)
    told: dict[str, Any] = json.loads(line)
    if "failed" in told:
        raise BuildProblem(told["failed"])
    return told


def _tell(process: subprocess.Popen[str], said: object) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(said) + "\n")
    process.stdin.flush()


def changes(old: Mapping[str, Path], new: Mapping[str, Path], still: set[bytes]) -> tuple[bytes, bytes]:
    """Return the lines that went and those that came between two builds, by the names of their files.

    Files of which both are the same are not read. Lines of `still` stay, whichever file had them.
    """
    gone, came = set[bytes](), set[bytes]()
    for name in sorted({*old, *new}):
        if name in old and name in new and old[name].samefile(new[name]):
            continue
        before = set(old[name].read_bytes().splitlines(keepends=True)) if name in old else set()
        after = set(new[name].read_bytes().splitlines(keepends=True)) if name in new else set()
        gone |= before - after
        came |= after - before
    return b"".join(sorted(gone - came - still)), b"".join(sorted(came))
