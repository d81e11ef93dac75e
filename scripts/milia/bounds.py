"""Answer a stranger's query within bounds: reading only, from this graph only, so many rows, so much time.

The embedded engine would fetch what SERVICE names over the network, and it reads keywords that are written
together with what stands around them (`trueSERVICE<…>`, `SERVICE:x`). So what cannot be told apart for
certain is refused: the check may refuse too much, never too little. The query then runs in a process of its
own, which can be ended at any moment; an engine cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from milia.errors import BadQuery, MiliaError
from milia.names import short
from milia.paths import cache_folder
from milia.store import stored

__all__ = ["LONGEST_QUERY", "MOST_MEMORY", "MOST_ROWS", "MOST_SECONDS", "Rows", "answer", "refuse"]

LONGEST_QUERY: Final = 20_000  # characters
MOST_ROWS: Final = 1000
MOST_SECONDS: Final = 10.0
MOST_MEMORY: Final = 3 << 30  # bytes of address space, where the system can bound it

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n\r]* )
  | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<string> \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
      | "(?:[^"\\\n\r]|\\[^\n\r])*" | '(?:[^'\\\n\r]|\\[^\n\r])*' )
  | (?P<variable> [?$]\w+ )
  | (?P<language> @[A-Za-z][A-Za-z0-9-]* )
  | (?P<blank> _:\w(?:[\w.-]*[\w-])? )
  | (?P<name> (?P<prefix>[^\W\d_](?:[\w.-]{0,99}[\w-])?)? :
      (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
         (?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
            (?:[\w:-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)? )
  | (?P<word> [^\W\d]\w* )
  | (?P<other> \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_WHOLE_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_PROLOGUE = {"BASE", "PREFIX", "VERSION"}
_FORMS = {"SELECT", "ASK", "CONSTRUCT"}


@dataclass(frozen=True)
class Rows:
    """What a bounded query returned, written briefly: rows, a truth, or triples; `cut` if there were more."""

    variables: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    truth: bool | None = None
    triples: tuple[tuple[str, ...], ...] | None = None
    cut: bool = False


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    prefix: str
    line: int


def refuse(text: str) -> None:
    """Raise an error if a query does more than read this graph, or if that cannot be told for certain.

    Raises:
        BadQuery: it is no SELECT, ASK or CONSTRUCT, it asks another place, or it is too long.
    """
    if len(text) > LONGEST_QUERY:
        msg = f"a query may have {LONGEST_QUERY} characters; this one has {len(text)}"
        raise BadQuery(msg)
    if found := _ESCAPED.search(text):
        msg = f"write the character itself instead of {found[0]}"
        raise BadQuery(msg, text.count("\n", 0, found.start()) + 1)
    tokens = [t for t in _tokens(text) if t.kind != "comment"]
    for n, token in enumerate(tokens):
        before, after = tokens[n - 1] if n else None, tokens[n + 1] if n + 1 < len(tokens) else None
        if reason := _forbidden(token, before, after):
            raise BadQuery(reason, token.line)
    words = [t for t in tokens if t.kind == "word" and t.text.upper() not in _PROLOGUE]
    if not words or words[0].text.upper() not in _FORMS:
        what = f"not {words[0].text}" if words else "and this is none of them"
        msg = f"only SELECT, ASK and CONSTRUCT are answered, {what}"
        raise BadQuery(msg, words[0].line if words else None)


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(m.lastgroup or "", m[0], m["prefix"] or "", text.count("\n", 0, m.start()) + 1)
        for m in _TOKEN.finditer(text)
    ]


def _forbidden(token: _Token, before: _Token | None, after: _Token | None) -> str | None:
    """Say why a token is refused, or return None."""
    if token.kind == "iri" and re.search("['#]", token.text) and not _WHOLE_IRI.match(token.text):
        return f"{token.text} may be read in two ways: write the whole IRI, or put spaces around '<'"
    if token.kind == "word":
        return _elsewhere(token.text)
    if token.kind != "name":
        return None
    if token.prefix.lower() != "service":
        return _elsewhere(token.prefix)
    # a thing of the kind "service"; before a brace an engine may read the keyword instead
    if after is not None and after.text == "{" and not (before and before.text.upper() == "GRAPH"):
        return _elsewhere(token.prefix)
    return None


def _elsewhere(word: str) -> str | None:
    if "service" in word.lower():
        return "SERVICE is refused: a query is answered from this graph alone"
    if "from" in word.lower():
        return "FROM is refused: the graphs are those of this build; choose among them by GRAPH"
    return None


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
    _bound_memory(memory)
    try:
        found = stored(Path(graph), cache_folder(key)).query(text, rows + 1)
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


def _bound_memory(most: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    json.dump(_answer(**json.load(sys.stdin)), sys.stdout)
