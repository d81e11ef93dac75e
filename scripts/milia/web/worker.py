"""A process that answers queries, one after the other, until its input ends; `web.workers` starts it.

Each question is a line of JSON, each answer a line of JSON with what came of it and the number of bytes that
follow. The process bounds its own memory; its time is bounded by whoever started it.
"""

from __future__ import annotations

import json
import mmap
import sys
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import QueryResultsFormat, RdfFormat

from milia.bounds import bound_memory
from milia.errors import BadQuery, MiliaError
from milia.paths import cache_folder
from milia.store import stored
from milia.store.oxigraph import OxigraphStore

__all__ = ["main"]


def main(graph: str, key: str, memory: str, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions about a built graph."""
    store = stored(Path(graph), cache_folder(key), key)
    assert isinstance(store, OxigraphStore)
    store.query("ASK { ?s ?p ?o }")  # what the engine takes for itself is no query's
    bound_memory(_in_use() + int(memory))
    _say(answers, {"status": "ready"}, b"")
    for line in questions:
        told, content = _answer(store, json.loads(line))
        _say(answers, told, content)


def _in_use() -> int:
    """Return the bytes of address space that this process has, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * mmap.PAGESIZE


def _answer(store: OxigraphStore, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    kind: type[QueryResultsFormat | RdfFormat] = QueryResultsFormat if asked["results"] else RdfFormat
    form = kind.from_media_type(asked["form"])
    assert form is not None
    try:
        content = store.write(
            asked["text"],
            form,
            asked["most"],
            asked["default_graphs"],
            asked["named_graphs"],
        )
    except BadQuery as error:
        return {"status": "bad", "what": error.what, "line": error.line}, b""
    except (MiliaError, OSError, RuntimeError) as error:  # the engine has no error of its own
        return {"status": "failed", "what": str(error)}, b""
    return {"status": "ok"}, content


def _say(answers: BinaryIO, told: dict[str, Any], content: bytes) -> None:
    answers.write(json.dumps({**told, "bytes": len(content)}).encode() + b"\n" + content)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.stdin.buffer, sys.stdout.buffer)
