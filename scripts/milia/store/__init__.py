"""SPARQL engines behind one seam; a new engine is one module and one line here."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from milia.errors import UnknownName
from milia.manifest import hold
from milia.store.base import Answer, Store

__all__ = ["ENGINES", "Answer", "Store", "empty_store", "stored"]


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
    from milia.store.oxigraph import VERSION, OxigraphStore

    if folder is not None:
        folder = folder.with_name(f"{folder.name}-{VERSION}")
        with contextlib.suppress(OSError):
            if not _is_whole(folder):
                _make_anew(graph, folder, sha256)
            try:
                return OxigraphStore(
                    folder / "store", read_only=True, remake=lambda: _make_anew(graph, folder, sha256)
                )
            except RuntimeError:  # the engine has no error of its own
                _make_anew(graph, folder, sha256)
                return OxigraphStore(folder / "store", read_only=True)
    store = OxigraphStore()
    store.load(hold(graph, sha256).read_bytes())
    return store


def _is_whole(folder: Path) -> bool:
    """Tell whether a store was made to the end and is as it was: the engine can choke on one that is not."""
    try:
        known: dict[str, dict[str, Any]] = json.loads((folder / _MADE).read_text(encoding="utf-8"))
        files = {name: folder / "store" / name for name in known}
        sizes = {name: path.stat().st_size for name, path in files.items()}
        if any(sizes[name] != about["bytes"] for name, about in known.items()):
            return False
        if sum(sizes.values()) > _TOO_LONG:
            return True
        return all(_sha256(files[name]) == about["sha256"] for name, about in known.items())
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


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
    _make(graph, folder, sha256)
    return folder / "store"


def _make(graph: Path, folder: Path, sha256: str | None) -> None:
    """Fill a store beside the folder and rename it into place, so that it is there whole or not at all."""
    from milia.store.oxigraph import OxigraphStore

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder.parent))
    try:
        store = OxigraphStore(fresh / "store")
        store.load(hold(graph, sha256).read_bytes())
        store.close()
        del store
        made = sorted((fresh / "store").glob("*.sst"))
        known = {p.name: {"bytes": p.stat().st_size, "sha256": _sha256(p)} for p in made}
        (fresh / _MADE).write_text(json.dumps(known) + "\n", encoding="utf-8")
        fresh.rename(folder)
        _forget_old(folder)
    except OSError:
        if not (folder / _MADE).exists():  # another process may have made it meanwhile
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
