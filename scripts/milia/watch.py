"""Check once, or again and again as files are saved."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from milia.build import assemble_sources
from milia.catalog import Catalog
from milia.check import check, check_shapes
from milia.errors import MiliaError
from milia.evidence import find_snapshots
from milia.load import load
from milia.model import Finding
from milia.paths import Home

__all__ = ["changes", "run_once", "watch"]

_PAUSE = 0.1  # seconds between two looks at the files


def run_once(home: Home, snapshots: str | os.PathLike[str] | None) -> list[Finding]:
    """Load, derive and check the project and return the findings.

    Raises:
        BadSource: a file cannot be read.
        SnapshotProblem: the folder of snapshots cannot be read.
    """
    sources = load(home)
    with ThreadPoolExecutor() as beside:
        shapes = beside.submit(check_shapes, home, sources)
        made = assemble_sources(home, sources, steps=False)
        texts = find_snapshots(made.store, Catalog(home), snapshots)
        return check(home, sources, made.derivation, made.store, texts, shapes.result)


def watch(
    home: Home,
    snapshots: str | os.PathLike[str] | None,
    show: Callable[[Sequence[Finding]], object],
    tell: Callable[[str], None] = print,
) -> int:
    """Check, then check again whenever a file changes, until interrupted; return 0."""
    try:
        for changed in changes(home):
            started = time.perf_counter()
            try:
                show(run_once(home, snapshots))
            except MiliaError as error:
                tell(str(error))
            about = f"after {', '.join(changed)}" if changed else "watching; stop with Ctrl-C"
            tell(f"— checked in {time.perf_counter() - started:.2f} s ({about})")
    except KeyboardInterrupt:
        tell("")
    return 0


def changes(home: Home) -> Iterator[list[str]]:
    """Yield an empty list at once, then the names of the files that changed, each time some did."""
    before = _stamps(home)
    yield []
    while True:
        time.sleep(_PAUSE)
        now = _stamps(home)
        if now != before:
            changed = sorted(
                home.relative(p) for p in now.keys() | before.keys() if now.get(p) != before.get(p)
            )
            before = now
            yield changed


def _stamps(home: Home) -> dict[Path, tuple[int, int]]:
    stamps = {}
    for folder in home.inputs:
        for path in folder.rglob("*"):
            if path.suffix in {".ttl", ".tsv", ".rls", ".rq"}:
                try:
                    status = path.stat()
                except FileNotFoundError:  # removed between listing and looking
                    continue
                stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps
