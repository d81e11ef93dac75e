"""Say in a query's own text which graphs it is about.

The protocol has parameters for it, but a server may answer with a header for each of them, and Virtuoso
takes a hundred times longer then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode

from milia.store.base import blanked

__all__ = ["form_of", "with_dataset"]

_FORM: Final = re.compile(r"(?<![\w:?$@.-])(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:.-])", re.IGNORECASE)
_PROLOGUE: Final = re.compile(r"\s*(?:(?:BASE|PREFIX\s+[\w.-]*:)\s+)*", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"(?<![\w:?$@.-])(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)(?![\w:.-])", re.IGNORECASE
)
_FROM: Final = re.compile(r"(?<![\w:?$@.-])FROM(?![\w:.-])", re.IGNORECASE)
_WHERE: Final = re.compile(r"WHERE(?![\w:.-])", re.IGNORECASE)
_DEEPER: Final = {"(": 1, "{": 1, ")": -1, "}": -1}


def form_of(text: str) -> str | None:
    """Return the form of a query in capitals, or None for what is none: some servers would carry it out.

    >>> form_of("PREFIX a: <b:c> ask { ?insert ?p 'drop' }")
    'ASK'
    >>> form_of("INSERT DATA { <a:a> <a:b> 1 }")
    """
    bare = blanked(text)
    prologue = _PROLOGUE.match(bare)
    form = _FORM.match(bare, prologue.end() if prologue else 0)
    return form[1].upper() if form and not _CHANGES.search(bare) else None


def with_dataset(text: str, default: NamedNode, named: Iterable[NamedNode]) -> str | None:
    """Return a query with its graphs named before its pattern, or None where it is not plain where that is.

    >>> with_dataset("SELECT ?s WHERE { ?s ?p 1 }", NamedNode("a:d"), [NamedNode("a:n")])
    'SELECT ?s FROM <a:d> FROM NAMED <a:n> WHERE { ?s ?p 1 }'
    >>> with_dataset("CONSTRUCT { ?s a 'WHERE' } { ?s ?p 1 }", NamedNode("a:d"), [])
    "CONSTRUCT { ?s a 'WHERE' } FROM <a:d> { ?s ?p 1 }"
    >>> with_dataset("ASK FROM <a:b> { ?s ?p 1 }", NamedNode("a:d"), [])
    """
    bare = blanked(text)
    form = _FORM.search(bare)
    if not form or form[1].upper() == "DESCRIBE" or _FROM.search(bare):
        return None
    start = form.end()
    if form[1].upper() == "CONSTRUCT" and bare[start:].lstrip().startswith("{"):
        start = _closing(bare, bare.index("{", start)) + 1
    place = _pattern(bare, start)
    if place is None:
        return None
    clauses = f"FROM {default} {''.join(f'FROM NAMED {graph} ' for graph in named)}"
    return f"{text[:place]}{clauses}{text[place:]}"


def _closing(bare: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(bare)):
        depth += _DEEPER.get(bare[place], 0)
        if depth == 0:
            return place
    return len(bare)


def _pattern(bare: str, start: int) -> int | None:
    """Return where the pattern begins, with its WHERE; what is in parentheses before is the head."""
    depth = 0
    for place in range(start, len(bare)):
        if depth == 0 and (
            bare[place] == "{" or (bare[place - 1] in " \n\t)*" and _WHERE.match(bare, place))
        ):
            return place
        depth += _DEEPER.get(bare[place], 0)
    return None
