"""Every error Milia raises, in one tree.

::

    MiliaError                    exit  what went wrong
    ├── Misuse                      2   the command or call was not understood
    │   ├── UnknownName             2   no such query, format, parameter, thing … (with the nearest ones)
    │   └── BadQuery                2   the SPARQL text does not parse
    ├── BadSource                   1   a file of the project cannot be read: file, line, what, mend
    ├── SnapshotProblem             1   the text of a source page is missing or differs
    ├── BuildProblem                1   the build could not be written; the last good one is untouched
    ├── Busy                        1   too much is asked at once; nothing is wrong with what was asked
    └── MissingPart                 2   an optional part (rule engine, built graph, …) is not installed

`exit_code` is what the command line returns; the message is one a person can act on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BadQuery",
    "BadSource",
    "BuildProblem",
    "Busy",
    "MiliaError",
    "MissingPart",
    "Misuse",
    "SnapshotProblem",
    "TooMuch",
    "UnknownName",
]


class MiliaError(Exception):
    """Base of all errors that are meant for a person to read."""

    exit_code = 1


class Misuse(MiliaError):
    """The command or call was not understood."""

    exit_code = 2


class UnknownName(Misuse):
    """A name that does not exist; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        """Say that `name` is no `kind`, and which of `known` come nearest."""
        self.kind, self.name = kind, name
        known = sorted(set(known))
        self.nearest = near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        if near:
            hint = f"did you mean {' or '.join(near)}?"
        elif 0 < len(known) <= 12:
            hint = f"there is: {', '.join(known)}"
        else:
            hint = f"there are {len(known)} of them"
        super().__init__(f"no {kind} is called '{name}'; {hint}")


class BadQuery(Misuse):
    """The SPARQL text does not parse or asks for something that is not allowed."""

    def __init__(self, what: str, line: int | None = None, path: object = None) -> None:
        """Say what is wrong, in which line (from 1), and of which file if the text is one."""
        self.what, self.line = what, line
        place = [str(path)] if path is not None else []
        if line is not None:
            place.append(str(line) if place else f"line {line}")
        super().__init__(f"{':'.join(place)}: {what}" if place else what)


class BadSource(MiliaError):
    """A file of the project that cannot be read as it should."""

    def __init__(self, path: object, line: int | None, what: str, mend: str = "") -> None:
        """Name the file, the line (from 1), what is wrong and how to mend it."""
        self.path, self.line, self.what, self.mend = str(path), line, what, mend
        place = self.path if line is None else f"{self.path}:{line}"
        super().__init__(f"{place}: {what}" + (f"\n  mend: {mend}" if mend else ""))


class SnapshotProblem(MiliaError):
    """The text of a source page is missing, or is not the text that was cited."""


class BuildProblem(MiliaError):
    """The build could not be written; what was there before still is."""


class TooMuch(BadQuery):
    """A query took more time or memory than it may; nothing is wrong with how it is written."""


class Busy(MiliaError):
    """Too much is asked at once; the same may be asked again in a while."""


class MissingPart(MiliaError):
    """Something optional is needed and not here; the message says what to do."""

    exit_code = 2
