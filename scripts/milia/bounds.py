"""Answer a stranger's query within bounds: reading only, from this graph only, so many rows, so much time.

What it may not ask is refused first (`milia.refusal`). The query then runs in a process of its own, which can
be ended at any moment; an engine cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from milia.errors import BadQuery, MiliaError
from milia.names import short
from milia.paths import cache_folder
from milia.refusal import refuse
from milia.store import stored

__all__ = [
    "MOST_MEMORY",
    "MOST_ROWS",
    "MOST_SECONDS",
    "Rows",
    "answer",
    "bound_memory",
]

MOST_ROWS: Final = 1000
MOST_SECONDS: Final = 10.0
MOST_MEMORY: Final = 3 << 30  # bytes of address space, where the system can bound it


@dataclass(frozen=True)
class Rows:
    """What a bounded query returned, written briefly: rows, a truth, or triples; `cut` if there were more."""

    variables: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    truth: bool | None = None
    triples: tuple[tuple[str, ...], ...] | None = None
    cut: bool = False


def answer(graph: Path, key: str, text: str, rows: int, seconds: float = MOST_SECONDS) -> Rows:
    """Answer a query over the built graph (`graph.nq` and its hash), with at most so many rows or triples.

    Raises:
        BadQuery: the query is refused, does not parse, or takes too much time or memory.
        MiliaError: the graph cannot be read.
    """
    refuse(text)
    within = {"rows": min(rows, MOST_ROWS), "memory": MOST_MEMORY}
    asked = {"graph": str(graph), "key": key, "text": text, **within}
    try:
        done = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-P", "-m", __spec__.name],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        msg = f"no answer within {seconds:g} seconds; ask for less, or join on fewer variables"
        raise BadQuery(msg) from None
    if done.returncode:
        msg = "the query was ended, most likely as it takes more memory than it may have; ask for less"
        raise BadQuery(msg)
    told = json.loads(done.stdout)
    if "refused" in told:
        raise BadQuery(told["refused"], told["line"])
    if "failed" in told:
        raise MiliaError(told["failed"])
    triples = told["triples"]
    return Rows(
        tuple(told["variables"]),
        tuple(map(tuple, told["rows"])),
        told["truth"],
        None if triples is None else tuple(map(tuple, triples)),
        told["cut"],
    )


def _answer(graph: str, key: str, text: str, rows: int, memory: int) -> dict[str, Any]:
    """Answer one query, in the process made for it."""
    bound_memory(memory)
    try:
        found = stored(Path(graph), cache_folder(key), key).query(text, rows + 1)
    except BadQuery as error:
        return {"refused": error.what, "line": error.line}
    except (MiliaError, OSError, RuntimeError) as error:  # the engine has no error of its own
        return {"failed": str(error)}
    written = [[None if t is None else short(t) for t in row] for row in found.rows]
    triples = [[short(t.subject), short(t.predicate), short(t.object)] for t in found.triples or ()]
    return {
        "variables": found.variables,
        "rows": written[:rows],
        "truth": found.truth,
        "triples": None if found.triples is None else triples[:rows],
        "cut": max(len(written), len(triples)) > rows,
    }


def bound_memory(most: int) -> None:
    """Let this process take so many bytes of address space, where the system can bound it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    json.dump(_answer(**json.load(sys.stdin)), sys.stdout)
