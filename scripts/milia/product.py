"""What a finished build holds: its manifest, its graph in one file or several, the key of both.

A large project's graph has a file for the core, `graph.nq`, and one for each part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, parse

from milia.errors import BadSource
from milia.manifest import MEND, hold

__all__ = ["GRAPH", "PARTS", "described", "graph_files", "graph_key", "hold_graph", "read_graph"]

GRAPH: Final = "graph.nq"
PARTS: Final = "parts"


def graph_files(graph: Path) -> list[Path]:
    """Return the files of a graph by that of its core, which comes first."""
    return [graph, *sorted((graph.parent / PARTS).glob("*.nq"))] if graph.name == GRAPH else [graph]


def graph_key(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 by which a build's graph is known: that of its file, or of all their hashes.

    Raises:
        KeyError: the manifest is none of a build.
    """
    files = manifest["files"]
    hashes = [str(files[GRAPH]["sha256"])]
    hashes += [f"{name} {about['sha256']}" for name, about in sorted(files.items()) if _is_part(name)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _is_part(name: str) -> bool:
    return name.startswith(f"{PARTS}/") and name.endswith(".nq")


def hold_graph(graph: Path, key: str | None) -> list[Path]:
    """Return the files of a graph that has this key; where none is given, of any.

    Raises:
        BadSource: a file is missing, or they have another key.
    """
    files = graph_files(graph)
    if len(files) == 1 or key is None:
        return [hold(path, key) for path in files]
    listed = {path.relative_to(graph.parent).as_posix(): described(path) for path in map(_there, files)}
    if graph_key({"files": listed}) != key:
        raise BadSource(graph, None, "or a part is damaged: they are not those of the manifest", MEND)
    return files


def _there(path: Path) -> Path:
    return hold(path, None)


def read_graph(graph: Path, key: str | None = None) -> Iterator[Quad]:
    """Yield the quads of a built graph, all its files, which must have the key that is given.

    Raises:
        BadSource: a file is missing, or they have another key.
    """
    for path in hold_graph(graph, key):
        yield from parse(path=path, format=RdfFormat.N_QUADS)


def described(path: Path) -> dict[str, Any]:
    """Return what a manifest says of a file: its size in bytes and its SHA-256.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as content:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(content, "sha256").hexdigest()}
