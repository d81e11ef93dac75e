"""Where ontology, data, queries and the built graph are: a checkout's folders, or the wheel's bundle."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from milia.errors import Misuse

__all__ = ["Home", "cache_folder", "find_home"]

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Home:
    """The folders of one Milia project.

    >>> Home(Path("/somewhere")).queries.as_posix()
    '/somewhere/queries'
    """

    root: Path
    installed: bool = False

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
        """What was built: graph.nq, the manifest, proof steps, the store."""
        return self.root / "build"

    def relative(self, path: Path) -> str:
        """Return `path` as it is written from the project's root, with forward slashes."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def find_home(start: str | os.PathLike[str] | None = None) -> Home:
    """Find the project: `start`, `MILIA_HOME`, the checkout this package runs from, or its own bundle.

    Raises:
        Misuse: `start` or `MILIA_HOME` names a folder without `ontology` and `data`.
    """
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
