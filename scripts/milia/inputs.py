"""What a build is made from: one hash over everything that its outcome depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from milia.evidence import SNAPSHOTS_VARIABLE
from milia.paths import Home

__all__ = ["fingerprint", "versions"]

_ENGINES = ("nemo-python", "pyoxigraph", "pyshifty")
_PACKAGE = Path(__file__).resolve().parent


def fingerprint(
    home: Home,
    snapshots: str | os.PathLike[str] | None,
    *,
    proofs: bool,
    data: Iterable[Path] | None = None,
) -> str:
    """Return a hash of the project's files, the snapshots, this package, its engines, and what is asked for.

    With `data`, these files stand for the project's data and those of its overlay.

    Raises:
        OSError: a file or folder cannot be read.
    """
    named = snapshots or os.environ.get(SNAPSHOTS_VARIABLE)
    total = hashlib.sha256(repr((versions(), proofs, named and Path(named).resolve())).encode())
    for folder in home.inputs if data is None else (home.ontology, home.queries):
        _add(total, folder, sorted(p for p in folder.rglob("*") if p.is_file()))
    for path in data or ():
        _add(total, path.parent, [path])
    _add(total, _PACKAGE, sorted(_PACKAGE.rglob("*.py")))
    if named:
        _add(total, Path(named), sorted(Path(named).glob("*.txt")))
    return total.hexdigest()


def _add(total: hashlib._Hash, folder: Path, files: Iterable[Path]) -> None:
    for line in _told(folder, files):
        total.update(line.encode())


def _told(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    for path in files:
        yield f"{path.relative_to(folder)!r} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def versions() -> dict[str, str]:
    """Return the versions of the engines that a build runs on."""
    return {name: _version(name) for name in _ENGINES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
