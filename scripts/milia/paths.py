"""Where ontology, data, queries and the built graph are: a checkout's folders, or the wheel's bundle."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from milia.errors import Misuse

__all__ = ["Home", "cache_folder", "find_home"]

_PACKAGE = Path(__file__).resolve().parent
# the folders of `data` that an overlay may have
_LAID_OVER: Final = ("catalogue", "claims", "concepts", "mappings", "sources")


@dataclass(frozen=True)
class Home:
    """The folders of one Milia project, and of what somebody lays over its data.

    >>> Home(Path("/somewhere")).queries.as_posix()
    '/somewhere/queries'
    """

    root: Path
    installed: bool = False
    overlay: Path | None = None
    """A folder that is laid out as `data` is: its files count as the project's own."""

    @property
    def ontology(self) -> Path:
        """What can be said: classes, shapes, rules."""
        return self.root / "ontology"

    @property
    def data(self) -> Path:
        """What is said: concepts, claims, sources."""
        return self.root / "data"

    @property
    def queries(self) -> Path:
        """What is asked: answers, checks, exports."""
        return self.root / "queries"

    @property
    def build(self) -> Path:
        """What was built: graph.nq, the manifest, proof steps."""
        return self.works / "build"

    @property
    def works(self) -> Path:
        """Where builds are kept: the project's root; for a project with an overlay the user's cache.

        Raises:
            Misuse: the user has no cache.
        """
        if self.overlay is None:
            return self.root
        folder = cache_folder(f"{self.root} with {self.overlay}")
        if folder is None:
            msg = "a project with an overlay is built in your cache, and you have none: set XDG_CACHE_HOME"
            raise Misuse(msg)
        return folder

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every folder that a build reads."""
        own = (self.ontology, self.data, self.queries)
        return own if self.overlay is None else (*own, self.overlay)

    def data_files(self, pattern: str) -> Iterator[tuple[str, Path]]:
        """Yield each file of the data, the overlay's too, with the name it has as the project's own.

        Raises:
            Misuse: a file of the overlay has the name of one of the project.
        """
        names = {}
        for path in sorted(self.data.glob(pattern)):
            names[f"data/{path.relative_to(self.data).as_posix()}"] = path
        yield from names.items()
        for path in sorted(self.overlay.glob(pattern) if self.overlay else ()):
            name = f"data/{path.relative_to(self.overlay).as_posix()}"  # type: ignore[arg-type]
            if name in names:
                msg = f"{path} has the name of the project's own {name}; give it another"
                raise Misuse(msg)
            yield name, path

    def relative(self, path: Path) -> str:
        """Return `path` as it is written from the project's root, with forward slashes."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def find_home(
    start: str | os.PathLike[str] | None = None, overlay: str | os.PathLike[str] | None = None
) -> Home:
    """Find the project: `start`, `MILIA_HOME`, the checkout this package runs from, or its own bundle.

    Raises:
        Misuse: `start` or `MILIA_HOME` names a folder without `ontology` and `data`, or `overlay` one that is
            not laid out as `data` is.
    """
    home = _project(start)
    return home if overlay is None else replace(home, overlay=_overlay(Path(overlay).resolve()))


def _overlay(folder: Path) -> Path:
    if not folder.is_dir():
        msg = f"{folder} is no folder to lay over the data"
        raise Misuse(msg)
    known = {path for name in _LAID_OVER for path in (folder / name).rglob("*")}
    strange = [p for p in sorted(folder.rglob("*")) if p.suffix in {".ttl", ".tsv"} and p not in known]
    if strange or not known:
        what = f"{strange[0]} lies in no folder of an overlay" if strange else f"{folder} holds nothing"
        msg = f"{what}; it has, as 'data' has: {', '.join(_LAID_OVER)}"
        raise Misuse(msg)
    return folder


def _project(start: str | os.PathLike[str] | None) -> Home:
    named = start or os.environ.get("MILIA_HOME")
    if named:
        root = Path(named).resolve()
        if not (root / "ontology").is_dir() or not (root / "data").is_dir():
            msg = f"{root} is no Milia project: it has no folders 'ontology' and 'data'"
            raise Misuse(msg)
        return Home(root)
    bundle = _PACKAGE / "_bundle"
    if bundle.is_dir():
        return Home(bundle, installed=True)
    return Home(_PACKAGE.parents[1])


def cache_folder(key: str) -> Path | None:
    """Return the user's cache folder for what is derived from `key` (it may not exist yet).

    None for a user without a home folder, as in some containers.
    """
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    return Path(base) / "milia" / hashlib.sha256(key.encode()).hexdigest()[:20]
