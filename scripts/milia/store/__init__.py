"""SPARQL engines behind one seam; a new engine is one module and one line here."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from milia.errors import UnknownName
from milia.product import described, hold_graph
from milia.store.base import Answer, Store
from milia.union import with_union

if TYPE_CHECKING:
    from milia.store.filling import Filling
    from milia.store.oxigraph import OxigraphStore

__all__ = ["ENGINES", "Answer", "Making", "Store", "empty_store", "stored", "versioned", "whole_store"]


def _oxigraph() -> Store:
    from milia.store.oxigraph import OxigraphStore

    return OxigraphStore()


def _rdflib() -> Store:
    from milia.store.rdflib_store import RdflibStore

    return RdflibStore()


_MADE = "complete"  # lists the files of a store, their sizes and checksums
_TOO_LONG = 200_000_000  # bytes, whose checksums would take longer than a person likes to wait
_FRESH = "new-"  # how folders begin in which a store is being made
_LONG_AGO = 3600  # seconds after which nobody works on such a folder
_KEPT = 4  # stores of earlier builds that stay in the cache
ENGINES: Final[dict[str, Callable[[], Store]]] = {"oxigraph": _oxigraph, "rdflib": _rdflib}


def empty_store(engine: str = "oxigraph") -> Store:
    """Return an empty store of the named engine; its library is imported only now.

    Raises:
        UnknownName: there is no such engine.
    """
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    return ENGINES[engine]()


def stored(graph: Path, folder: Path | None, sha256: str | None = None) -> Store:
    """Return a read-only store of the N-Quads file `graph`, made beside `folder` the first time.

    The store's own folder bears the engine's version, since another version may read it differently. One that
    is damaged is made anew, when it is opened or when a query comes upon the damage.

    Without a folder, or where it cannot be written, the graph is read into memory. Whenever it is read, it
    must have the checksum that is given.

    Raises:
        BadSource: the file is missing, is not N-Quads, or has another checksum.
    """
    from milia.store.oxigraph import OxigraphStore

    if folder is not None:
        folder = versioned(folder)
        with contextlib.suppress(OSError):
            if not whole_store(folder):
                _make_anew(graph, folder, sha256)
            try:
                return OxigraphStore(
                    folder / "store", read_only=True, remake=lambda: _make_anew(graph, folder, sha256)
                )
            except RuntimeError:  # the engine has no error of its own
                _make_anew(graph, folder, sha256)
                return OxigraphStore(folder / "store", read_only=True)
    store = OxigraphStore()
    _fill(store, graph, sha256)
    return store


def _fill(store: OxigraphStore, graph: Path, sha256: str | None) -> None:
    for path in hold_graph(graph, sha256):
        store.load_both(with_union(path.read_bytes()))


def whole_store(folder: Path) -> bool:
    """Tell whether a store was made to the end and is as it was: the engine can choke on one that is not."""
    try:
        known: dict[str, dict[str, Any]] = json.loads((folder / _MADE).read_text(encoding="utf-8"))
        files = {name: folder / "store" / name for name in known}
        sizes = {name: path.stat().st_size for name, path in files.items()}
        if any(sizes[name] != about["bytes"] for name, about in known.items()):
            return False
        if sum(sizes.values()) > _TOO_LONG:
            return True
        return all(described(files[name]) == about for name, about in known.items())
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return False


def _forget_old(folder: Path) -> None:
    """Remove all but the newest stores beside this one, and what runs that were killed left long ago."""
    made = sorted(folder.parent.glob(f"*/{_MADE}"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for old in made[_KEPT:]:
        shutil.rmtree(old.parent, ignore_errors=True)
    for left in folder.parent.glob(f"{_FRESH}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LONG_AGO:
                shutil.rmtree(left, ignore_errors=True)


def _make_anew(graph: Path, folder: Path, sha256: str | None) -> Path:
    """Make a store in the place of what is there, if that is not whole; return where it is."""
    if folder.exists():
        damaged = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder.parent))
        with contextlib.suppress(OSError):
            folder.rename(damaged / "damaged")
        shutil.rmtree(damaged, ignore_errors=True)
    with Making(folder.parent) as made:
        for path in hold_graph(graph, sha256):
            made.put(path.read_bytes())
        made.keep(folder)
    return folder / "store"


class Making:
    """A store on disk that is being filled: it is there whole, once it is kept, or not at all."""

    def __init__(self, parent: Path, model: Path | None = None) -> None:
        """Begin beside where it will be: empty, or with what another has, whose files are shared.

        Raises:
            OSError: the folder cannot be written.
        """
        from milia.store.oxigraph import OxigraphStore

        parent.mkdir(parents=True, exist_ok=True)
        self._fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=parent))
        self._known: dict[str, dict[str, Any]] = {}
        if model is not None:
            self._known = json.loads((model / _MADE).read_text(encoding="utf-8"))
            _share(model / "store", self._fresh / "store")
        self.store: OxigraphStore = OxigraphStore(self._fresh / "store")
        self._filling: Filling | None = None

    def put(self, content: bytes) -> None:
        """Add lines that a build wrote, at the latest when it is settled.

        Raises:
            BadSource: something was not N-Quads.
        """
        from milia.store.filling import Filling

        if self._filling and self._filling.complete:
            self._end()
        self._filling = self._filling or Filling(self.store)
        self._filling.put(content)

    def begin_to_settle(self) -> None:
        """Have the store take what was put into it, beside whatever else is done."""
        if self._filling:
            self._filling.close()

    def settle(self) -> None:
        """Have the store hold whatever was put into it, sorted.

        Raises:
            BadSource: something was not N-Quads.
        """
        self._end()
        if not self._known:  # with the tables of another store it has few of its own
            self.store.settle()

    def _end(self) -> None:
        filling, self._filling = self._filling, None
        if filling:
            filling.end()

    def keep(self, folder: Path) -> None:
        """Rename the store into its place; one that another process has made meanwhile stays there.

        Raises:
            OSError: it cannot be written.
        """
        self.settle()
        self.store.close()
        del self.store
        made = sorted((self._fresh / "store").glob("*.sst"))
        known = {p.name: self._known.get(p.name) or described(p) for p in made}
        try:
            (self._fresh / _MADE).write_text(json.dumps(known) + "\n", encoding="utf-8")
            self._fresh.rename(folder)
            _forget_old(folder)
        except OSError:
            if not (folder / _MADE).exists():
                raise

    def __enter__(self) -> Making:
        """Return the store that is being made."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was not kept."""
        if self._filling:
            self._filling.give_up()
        shutil.rmtree(self._fresh, ignore_errors=True)


def _share(old: Path, new: Path) -> None:
    """Copy a store; its tables, which never change, are linked."""
    new.mkdir()
    for path in old.iterdir():
        if path.suffix == ".sst":
            os.link(path, new / path.name)
        elif path.name != "LOCK":
            shutil.copy2(path, new / path.name)


def versioned(folder: Path) -> Path:
    """Return the folder of a store by that of its build: another version may read it differently."""
    from milia.store.oxigraph import VERSION

    return folder.with_name(f"{folder.name}-{VERSION}")
