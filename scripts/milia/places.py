"""Where things are described: the file and line of a term, and the things that hold a node in brackets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from milia.load import SourceFile, Sources
from milia.names import PREFIXES, plain

__all__ = ["Place", "Places"]

_NODE = PREFIXES["node"]
_TYPE = PREFIXES["rdf"] + "type"


@dataclass(frozen=True)
class Place:
    """A file of the project and a line in it, counted from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        """Write `file:line`, as editors read it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Places:
    """Where each thing is described, and which things hold a node that is written in brackets."""

    def __init__(self, sources: Sources) -> None:
        """Index the sources; worth it once there is something to place."""
        self._files = sources.files
        self._said: dict[str, dict[int, set[str]]] = defaultdict(dict)
        self._holders: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)
        for number, file in enumerate(self._files):
            for t in file.triples:
                subject, value = plain(t.subject), plain(t.object)
                self._said[subject].setdefault(number, set()).update((t.predicate.value, value))
                if value.startswith(_NODE):
                    self._holders[value][subject, number] = None

    def of(self, iri: str, *near: str) -> list[tuple[str, Place | None]]:
        """Return each named thing that `iri` is or belongs to, with the line that names one of `near`."""
        wanted = [n for n in near if n]
        return [
            (owner, None if file is None else self._line(self._files[file], owner, wanted))
            for owner, file in dict.fromkeys(self._owners(iri, wanted))
        ]

    def _line(self, file: SourceFile, owner: str, near: list[str]) -> Place:
        return Place(file.shown, file.line_of(owner, near))

    def _owners(self, iri: str, near: list[str]) -> Iterator[tuple[str, int | None]]:
        holders = self._holders.get(iri, {}) if iri.startswith(_NODE) else {}
        if not holders:
            yield iri, self._file(iri, near)
        for holder, file in holders:
            if holder.startswith(_NODE):
                yield from self._owners(holder, near)
            else:
                yield holder, file

    def _file(self, iri: str, near: list[str]) -> int | None:
        """Return the file that says of `iri` what is `near`, else what it is, else the first that has it."""
        files = self._said.get(iri, {})
        for wanted in (*near, _TYPE):
            for file, said in files.items():
                if wanted in said:
                    return file
        return next(iter(files), None)
