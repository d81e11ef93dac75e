"""SPARQL engines behind one seam; a new engine is one module and one line here."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from milia.errors import BadSource, UnknownName
from milia.store.base import Answer, Store

__all__ = ["ENGINES", "Answer", "Store", "empty_store", "stored"]


def _oxigraph() -> Store:
    from milia.store.oxigraph import OxigraphStore

    return OxigraphStore()


def _rdflib() -> Store:
    from milia.store.rdflib_store import RdflibStore

    return RdflibStore()


_MADE = "complete"
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


def stored(graph: Path, folder: Path | None) -> Store:
    """Return a read-only store of the N-Quads file `graph`, made beside `folder` the first time.

    The store's own folder bears the engine's version, since another version may read it differently.

    Without a folder, or where it cannot be written or is damaged, the graph is read into memory.

    Raises:
        BadSource: the file is missing or is not N-Quads.
    """
    from milia.store.oxigraph import VERSION, OxigraphStore

    if folder is not None:
        folder = folder.with_name(f"{folder.name}-{VERSION}")
        with contextlib.suppress(OSError):
            if not (folder / _MADE).exists():
                _make(graph, folder)
            return OxigraphStore(folder / "store", read_only=True)
    store = OxigraphStore()
    store.load(_text(graph))
    return store


def _text(graph: Path) -> bytes:
    try:
        return graph.read_bytes()
    except FileNotFoundError as error:
        raise BadSource(graph, None, "is missing", "run 'milia build'") from error


def _forget_old(folder: Path) -> None:
    """Remove all but the newest stores beside this one."""
    made = sorted(folder.parent.glob(f"*/{_MADE}"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for old in made[_KEPT:]:
        shutil.rmtree(old.parent, ignore_errors=True)


def _make(graph: Path, folder: Path) -> None:
    """Fill a store beside the folder and rename it into place, so that it is there whole or not at all."""
    from milia.store.oxigraph import OxigraphStore

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    try:
        store = OxigraphStore(fresh / "store")
        store.load(_text(graph))
        store.close()
        del store
        (fresh / _MADE).write_text("complete\n", encoding="utf-8")
        fresh.rename(folder)
        _forget_old(folder)
    except OSError:
        if not (folder / _MADE).exists():  # another process may have made it meanwhile
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
