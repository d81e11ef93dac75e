"""The seam between Milia and its SPARQL engines: six methods, one kind of answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pyoxigraph import NamedNode, Quad, Triple

from milia.errors import BadQuery, UnknownName
from milia.names import PREFIXES, Term, plain

__all__ = ["Answer", "Store", "blanked", "not_sparql"]

# what a prefixed name cannot stand in: IRIs, strings, comments
_LONG = r'"""(?:[^"\\]|\\.|"(?!""))*"""|' + r"'''(?:[^'\\]|\\.|'(?!''))*'''|"
_OPAQUE = re.compile(_LONG + r"""<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""", re.DOTALL)
_PREFIXED = re.compile(r"(?<![\w?$@:.-])([A-Za-z][\w-]*):(?=[\w])")
_DECLARED = re.compile(r"\bPREFIX\s+([A-Za-z][\w-]*):", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What a query returned: rows of a SELECT, the truth of an ASK, or the triples of a CONSTRUCT."""

    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()
    truth: bool | None = None
    triples: tuple[Triple, ...] | None = None

    def records(self) -> list[dict[str, str]]:
        """Return the rows as dictionaries of plain text: an IRI, or a literal's value."""
        return [{name: plain(term) for name, term in row.items()} for row in self.dicts()]

    def dicts(self) -> list[dict[str, Term]]:
        """Return the rows as dictionaries without unbound variables."""
        return [
            {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}
            for row in self.rows
        ]


@runtime_checkable
class Store(Protocol):
    """A set of quads that answers SPARQL 1.1 queries."""

    name: str

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads; what is there already stays once."""
        ...

    def load(self, content: bytes) -> None:
        """Add the quads of an N-Quads text. Raises `BadSource` if it does not parse."""
        ...

    def query(self, text: str, limit: int | None = None) -> Answer:
        """Answer a query, with so many rows or triples at most. Raises `BadQuery` if it does not parse."""
        ...

    def quads(self, graphs: Sequence[NamedNode] | None = None) -> Iterable[Quad]:
        """Yield the quads of these graphs, or of all."""
        ...

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


def blanked(text: str) -> str:
    """Return a query with spaces for IRIs, strings and comments, each name at its place.

    >>> blanked("ASK { ?s ?p 'a' }  # all")
    'ASK { ?s ?p     }       '
    """
    return _OPAQUE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def not_sparql(text: str, reason: str, line: int | None) -> BadQuery:
    """Return the error for a text that no engine can parse; a prefix nobody declared is named first."""
    bare = blanked(text)
    known = {*PREFIXES, *_DECLARED.findall(text)}
    for found in _PREFIXED.finditer(bare):
        if found[1] not in known:
            unknown = UnknownName("prefix", found[1], known)
            return BadQuery(f"this is not SPARQL: {unknown}", bare.count("\n", 0, found.start()) + 1)
    lines = text.splitlines()
    shown = f"\n  | {lines[line - 1].strip()}" if line and line <= len(lines) else ""
    return BadQuery(f"this is not SPARQL: {reason}{shown}", line)
