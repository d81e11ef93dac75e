"""Write the pages as a static site, for any web host: no server of ours stands behind it.

Everything is written into a folder beside the wanted one, which takes its place at the end: a run that is
killed leaves the last good site as it was.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from milia.called import fold, names_of
from milia.errors import BuildProblem, Misuse
from milia.export import bundle, void
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE
from milia.product import GRAPH, hold_graph
from milia.web.asking import completions
from milia.web.linked import written
from milia.web.network import network
from milia.web.pages import STATIC, Pages
from milia.web.urls import site_map

__all__ = ["write_site"]

_MARK: Final = "milia-site.json"  # tells a site of ours from a folder of somebody's
_WHOLE: Final = ("turtle", "jsonld")  # of each thing; of claims and facts the first alone

Progress = Callable[[int, int], None]


def write_site(
    kg: KnowledgeGraph,
    folder: Path,
    *,
    address: str = "",
    since: Path | None = None,
    progress: Progress = lambda *_: None,
) -> int:
    """Write all pages, data files and names; return how many files there are.

    Args:
        kg: the graph.
        folder: where the site is to be; what is there must be a site of ours, or nothing.
        address: where it will be reached, for the map of the site; without it there is none.
        since: an earlier build, to tell what changed.
        progress: is told how many pages are done, and of how many.

    Raises:
        Misuse: the folder holds something else, or there is no such build.
        BuildProblem: a file cannot be written.
    """
    if folder.exists() and not (folder / _MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} holds something that is no site of ours; name another folder, or empty it"
        raise Misuse(msg)
    folder = folder.resolve()
    fresh = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    try:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        number = 0
        for name, content in _files(Pages(kg, static=True, since=since), address, progress):
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            number += 1
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        msg = f"cannot write the site to {folder}: {error.strerror}; what was there is untouched"
        raise BuildProblem(msg) from error
    finally:
        with contextlib.suppress(OSError):
            for left in (fresh, old):
                shutil.rmtree(left, ignore_errors=True)
    return number


def _files(pages: Pages, address: str, progress: Progress) -> Iterator[tuple[str, bytes]]:
    kg = pages.kg
    paths = list(pages.paths())
    listed = set(names_of(kg).of)
    for number, path in enumerate(paths, 1):
        page = pages.html(path)
        assert page is not None, path
        yield f"{path or 'index'}.html", page.encode()
        for name in _forms(path, listed):
            yield f"{path}{FORMATS[name].suffix}", written(kg, path, FORMATS[name])
        progress(number, len(paths))
    lost = {"what": "There is nothing at this address.", "nearest": [], "is_wrong": False}
    yield "404.html", pages.rendered("404", "missing", lost).encode()
    yield "search.json", _names(kg)
    yield "network.json", _json(network(kg))
    if "ask" in paths:
        yield "completions.json", _json(completions(kg))
        graph = b"".join(path.read_bytes() for path in hold_graph(kg.home.build / GRAPH, kg.key or None))
        # the same bytes each time: no date goes in
        yield "graph.nq.gz", gzip.compress(graph, 9, mtime=0)
    (described,) = void.write(kg).values()
    yield "void.ttl", described
    for name, content in bundle(kg):
        yield f"files/{name}", content
    for file in sorted(STATIC.iterdir()):
        yield f"static/{file.name}", file.read_bytes()
    if address:
        root = address.rstrip("/")
        yield "sitemap.xml", site_map(f"{root}/{quote(path or 'index')}.html" for path in paths).encode()
    about = {"graph": kg.key, "version": kg.manifest["version"]}
    yield _MARK, (json.dumps(about, indent=1) + "\n").encode()


def _forms(path: str, listed: set[str]) -> tuple[str, ...]:
    """Return the formats in which a path's data is written beside its page."""
    if "/" not in path or path.startswith("questions/"):
        return ()
    return _WHOLE if BASE + path in listed else _WHOLE[:1]


def _names(kg: KnowledgeGraph) -> bytes:
    """Return all names by which a thing can be found, folded, for the script that finds."""
    names = names_of(kg)
    things = [
        {
            "path": iri.removeprefix(BASE),
            "label": bearers[0].label,
            "alike": bearers[0].to_milia == "look-alike",
            "milia": bearers[0].to_milia == "milia",
            "names": sorted({fold(b.name) for b in bearers if b.stands}),
        }
        for iri, bearers in sorted(names.of.items())
        if iri.startswith(BASE)
    ]
    return _json(things)


def _json(value: Any) -> bytes:  # noqa: ANN401  what JSON can be made of
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
