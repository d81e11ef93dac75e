"""Read what an import needs of an OBO file: its release, names of terms, which id took another's place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from milia.errors import BadSource
from milia.importing.files import read_lines

__all__ = ["Terms", "read_obo"]


@dataclass
class Terms:
    """The terms of one release of an ontology."""

    version: str = ""
    names: dict[str, str] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)
    obsolete: set[str] = field(default_factory=set)

    def current(self, identifier: str) -> str | None:
        """Return the id now in use for a term: its own, or that of the term it was merged into.

        None for a term that the release does not have, or that is obsolete and has no successor.
        """
        seen = set()
        while identifier in self.successors and identifier not in seen:
            seen.add(identifier)
            identifier = self.successors[identifier]
        return identifier if identifier in self.names and identifier not in self.obsolete else None

    def name(self, identifier: str) -> str:
        """Return a term's name, or its id where it has none."""
        return self.names.get(self.current(identifier) or identifier, identifier)


def read_obo(path: Path) -> Terms:
    """Read the terms of an OBO file.

    Raises:
        BadSource: the file cannot be read, or is no OBO file with a release.
    """
    terms = Terms()
    for kind, stanza in _stanzas(path):
        if kind == "":
            terms.version = _release(stanza.get("data-version", [""])[0])
        elif kind == "Term":
            _add(terms, stanza)
    if not terms.version or not terms.names:
        what = "has no data-version" if terms.names else "holds no terms"
        raise BadSource(path.as_posix(), None, what, "give the hp.obo of a release")
    return terms


def _release(version: str) -> str:
    """Return the day in a data-version.

    >>> _release("hp/releases/2025-01-16")
    '2025-01-16'
    """
    day = re.search(r"\d{4}-\d{2}-\d{2}", version)
    return day[0] if day else version


def _stanzas(path: Path) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the header, with the kind '', and then each stanza: its kind, and the values of each tag."""
    kind, stanza = "", dict[str, list[str]]()
    for number, line in read_lines(path):
        if line.startswith("[") and line.endswith("]"):
            yield kind, stanza
            kind, stanza = line[1:-1], {}
        elif line and not line.startswith("!"):
            tag, colon, value = line.partition(":")
            if not colon:
                what = f"is no line of an OBO file: '{line[:60]}'"
                raise BadSource(path.as_posix(), number, what, "give the hp.obo of a release")
            stanza.setdefault(tag, []).append(value.partition(" ! ")[0].strip())
    yield kind, stanza


def _add(terms: Terms, stanza: dict[str, list[str]]) -> None:
    identifier = stanza.get("id", [""])[0]
    terms.names[identifier] = stanza.get("name", [identifier])[0]
    for other in stanza.get("alt_id", ()):
        terms.successors[other] = identifier
    if stanza.get("is_obsolete") == ["true"]:
        terms.obsolete.add(identifier)
        if len(stanza.get("replaced_by", ())) == 1:
            terms.successors[identifier] = stanza["replaced_by"][0]
