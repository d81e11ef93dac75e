"""Read the project's files into quads, one named graph a file, blank nodes named by their content.

Knows files and RDF syntax; knows nothing of claims, rules or checks. The tables of mappings, which are no
Turtle, have a reader of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from milia.errors import BadSource
from milia.mappings import SUFFIX, VOCABULARIES, read_mapping_file, read_vocabularies
from milia.names import BASE, PREFIXES, curie, digest
from milia.paths import Home

__all__ = [
    "SourceFile",
    "Sources",
    "graph_of",
    "load",
    "load_files",
    "read_files_apart",
    "read_turtle",
    "skolemise",
    "source_paths",
]

_OPENING = re.compile(r"[^\s;#@]+")  # a subject at the beginning of a line
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class SourceFile:
    """One file: where it is, which graph it fills, its statements; of a table, the line of each row.

    `name` is the one it has among the project's files, `shown` where a person finds it: another for a file
    of an overlay.
    """

    path: Path
    name: str
    shown: str
    triples: tuple[Triple, ...]
    rows: Map[str, int] = field(default_factory=dict)

    @cached_property
    def graph(self) -> NamedNode:
        """Return the graph that the file fills."""
        return graph_of(self.name)

    @cached_property
    def lines(self) -> list[str]:
        """Return the file's text by lines."""
        return self.path.read_text(encoding="utf-8").split("\n")  # editors count no other line ends

    def line_of(self, iri: str, near: Iterable[str] = ()) -> int | None:
        """Return the line on which `iri` is described, or the first below it that names one of `near`."""
        if self.rows:
            return self.rows.get(iri)
        start = self._opening(iri) or self._first(iri, 0)
        if start is None:
            return None
        stop = next((n for n in range(start, len(self.lines)) if not self.lines[n].strip()), len(self.lines))
        for name in near:
            found = self._first(name, start - 1, stop)
            if found:
                return found
        return start

    @cached_property
    def _openings(self) -> dict[str, int]:
        """Return the line that each name which begins a line begins first."""
        found: dict[str, int] = {}
        for number, line in enumerate(self.lines, 1):
            if name := _OPENING.match(line):
                found.setdefault(name[0], number)
        return found

    def _opening(self, iri: str) -> int | None:
        lines = [self._openings[name] for name in _spellings(iri) if name in self._openings]
        return min(lines, default=None)

    def _first(self, name: str, start: int, stop: int | None = None) -> int | None:
        find = re.compile(r"(?<![\w:/-])(?:" + _either(name) + r")(?![\w/-])")
        return next(
            (n + 1 for n in range(start, stop or len(self.lines)) if find.search(self.lines[n])), None
        )


def _either(name: str) -> str:
    return "|".join(map(re.escape, _spellings(name)))


def _spellings(name: str) -> list[str]:
    """Return the ways a name can stand in a Turtle file of ours; a literal stands as it is."""
    if "://" not in name:
        return [name]
    forms = [f"<{name}>"]
    if name.startswith(BASE):
        forms.append(f"<{name.removeprefix(BASE)}>")
    short = curie(name)
    if short:
        forms.append(short)
    return forms


@dataclass
class Sources:
    """All files of the project, in the order of their names."""

    files: list[SourceFile] = field(default_factory=list)

    def quads(self) -> Iterator[Quad]:
        """Yield every statement, in its file's graph."""
        for file in self.files:
            for t in file.triples:
                yield Quad(t.subject, t.predicate, t.object, file.graph)

    def below(self, *folders: str) -> Iterator[Triple]:
        """Yield the statements of the files whose name begins with one of `folders`."""
        for file in self.files:
            if file.name.startswith(folders):
                yield from file.triples


def graph_of(name: str) -> NamedNode:
    """Return the graph of a file.

    >>> graph_of("data/claims/cadogan.ttl").value
    'https://w3id.org/milia/graph/data/claims/cadogan'
    """
    folder, slash, local = name.rpartition("/")
    return NamedNode(PREFIXES["graph"] + folder + slash + local.partition(".")[0])


def read_turtle(path: Path, name: str | None = None) -> list[Triple]:
    """Parse one Turtle file, blank nodes skolemised.

    Raises:
        BadSource: the file is missing, not UTF-8, or not Turtle; says in which line.
    """
    name = name or path.as_posix()
    try:
        content = path.read_bytes()
        content.decode("utf-8")
        quads = list(parse(content, format=RdfFormat.TURTLE, base_iri=BASE))
    except OSError as error:
        raise BadSource(name, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadSource(name, line, "is not UTF-8 text", "save the file as UTF-8") from error
    except SyntaxError as error:
        raise _syntax(name, content.decode("utf-8"), error) from error
    try:
        return skolemise(q.triple for q in quads)
    except ValueError as error:
        raise BadSource(name, None, str(error), "write blank nodes in brackets, without circles") from error


def _syntax(name: str, text: str, error: SyntaxError) -> BadSource:
    line = error.lineno or (int(m.group(1)) if (m := _LINE.search(str(error))) else None)
    what = error.msg or str(error)
    lines = text.split("\n")
    shown = f"\n  | {lines[line - 1].strip()}" if line and line <= len(lines) else ""
    mend = "correct the Turtle on this line (or the end of the statement above it)"
    if "prefix" in what.lower():
        mend = "declare the prefix at the top of the file, or correct its spelling"
    return BadSource(name, line, f"is not valid Turtle: {what}{shown}", mend)


def skolemise(triples: Iterable[Triple]) -> list[Triple]:
    """Name each blank node by the hash of what it says, so that equal content has equal names.

    Raises:
        ValueError: blank nodes point at each other in a circle.
    """
    triples = list(triples)
    said: dict[BlankNode, list[Triple]] = {}
    for t in triples:
        if isinstance(t.object, BlankNode):
            said.setdefault(t.object, [])
        if isinstance(t.subject, BlankNode):
            said.setdefault(t.subject, []).append(t)
    inner = {n: [t.object for t in said[n] if isinstance(t.object, BlankNode)] for n in said}
    names: dict[object, NamedNode] = {}
    try:
        for node in TopologicalSorter(inner).static_order():
            lines = sorted({f"{t.predicate} {names.get(t.object, t.object)}" for t in said[node]})
            names[node] = NamedNode(PREFIXES["node"] + digest("\n".join(lines)))
    except CycleError as error:
        msg = "blank nodes point at each other in a circle"
        raise ValueError(msg) from error
    named = (_renamed(t, names) for t in triples)
    return list(dict.fromkeys(named))


def _renamed(t: Triple, names: Map[object, NamedNode]) -> Triple:
    if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode):
        return Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object))
    return t


def _stamp(path: Path, name: str) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise BadSource(name, None, f"cannot be read: {error.strerror}") from error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1024)
def _unchanged(path: Path, name: str, shown: str, stamp: tuple[int, int]) -> SourceFile:
    """Return a file's statements; one that has not changed since it was read is not parsed again."""
    del stamp  # part of what is remembered, so that a change is seen
    return _read(path, name, shown)


def _read(path: Path, name: str, shown: str) -> SourceFile:
    if path.suffix == ".tsv":
        return _table(path, name, shown)
    return SourceFile(path, name, shown, tuple(read_turtle(path, shown)))


def _table(path: Path, name: str, shown: str) -> SourceFile:
    """Read a table of mappings, or that of the vocabularies."""
    read = read_mapping_file if name.endswith(SUFFIX) else read_vocabularies
    rows = read(path, shown)
    triples = dict.fromkeys(t for row in rows for t in row.triples())
    return SourceFile(path, name, shown, tuple(triples), {r.iri.value: r.line for r in rows})


def load(home: Home) -> Sources:
    """Read ontology and data (not the shapes, rules and examples) of a project, with its overlay.

    Raises:
        BadSource: a file cannot be read.
        Misuse: a file of the overlay has the name of one of the project.
    """
    paths = source_paths(home)
    if not paths:
        raise BadSource(home.root, None, "holds no Turtle files in ontology/ and data/")
    return load_files(home, paths)


def source_paths(home: Home) -> dict[str, Path]:
    """Return the files that `load` reads, by name, sorted.

    Raises:
        Misuse: a file of the overlay has the name of one of the project.
    """
    terms = [*home.ontology.glob("*.ttl"), *home.ontology.glob("alignments/**/*.ttl")]
    patterns = ("**/*.ttl", f"mappings/**/*{SUFFIX}", f"mappings/{VOCABULARIES}")
    paths = {home.relative(path): path for path in terms}
    paths |= {name: path for pattern in patterns for name, path in home.data_files(pattern)}
    return dict(sorted(paths.items()))


def load_files(home: Home, paths: Map[str, Path]) -> Sources:
    """Read some of a project's files, by name.

    Raises:
        BadSource: a file cannot be read.
    """
    files = []
    for name, path in paths.items():
        shown = home.relative(path)
        files.append(_unchanged(path, name, shown, _stamp(path, shown)))
    return Sources(files)


def read_files_apart(home: Home, paths: Map[str, Path]) -> Sources:
    """Read some of a project's files as `load_files` does, and keep nothing of them in mind.

    Raises:
        BadSource: a file cannot be read.
    """
    return Sources([_read(path, name, home.relative(path)) for name, path in paths.items()])
