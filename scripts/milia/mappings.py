"""Read how our things map to the codes of other vocabularies: SSSOM/TSV, one file a vocabulary.

Knows the form of these files, and how SSSOM says them in RDF; whether they are right is for the checks.
"""

from __future__ import annotations

import csv
import re
from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from milia.errors import BadSource
from milia.names import BASE, PREFIXES, digest, expand
from milia.paths import Home

__all__ = [
    "COLUMNS",
    "MATCHES",
    "NO_TERM_FOUND",
    "SUFFIX",
    "VOCABULARIES",
    "Mapping",
    "Vocabulary",
    "read_mapping_file",
    "read_mappings",
    "read_vocabularies",
    "written",
]

SUFFIX: Final = ".sssom.tsv"
VOCABULARIES: Final = "vocabularies.tsv"
COLUMNS: Final = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "predicate_modifier",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_id",
    "confidence",
    "object_source",
    "object_source_version",
    "mapping_date",
    "other",
    "comment",
)
MATCHES: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
NO_TERM_FOUND: Final = expand("sssom:NoTermFound")
_NEEDED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "author_id", "object_source")
_BUILT_IN = ("owl", "rdf", "rdfs", "semapv", "skos", "sssom")  # SSSOM's own, which no file need declare
_KEY = re.compile(r'([A-Za-z][\w.-]*):(?:\s+("?)(.*?)\2)?\s*')
_VOCABULARY = ("prefix", "shown", "title", "iri", "pattern", "labels", "licence", "homepage")
_BIOREGISTRY = "https://bioregistry.io/registry/"
_TYPE = expand("rdf:type")
_DATE = NamedNode(PREFIXES["xsd"] + "date")

Header = dict[str, "str | dict[str, str]"]


@dataclass(frozen=True)
class Mapping:
    """One row: how a thing of ours matches a code elsewhere, or that no code was found there."""

    subject: NamedNode
    subject_label: str
    predicate: NamedNode
    negated: bool
    object_id: str
    object: NamedNode
    object_label: str
    justification: NamedNode
    author: NamedNode
    confidence: float | None
    object_source: NamedNode
    object_source_version: str
    date: str
    other: str
    comment: str
    file: str
    line: int

    @property
    def vocabulary(self) -> str:
        """Return the name of the vocabulary, which is that of the file."""
        return self.file.rpartition("/")[2].removesuffix(SUFFIX)

    @property
    def found(self) -> bool:
        """Say whether there is a code; otherwise the row says that none was found."""
        return self.object != NO_TERM_FOUND

    @cached_property
    def iri(self) -> NamedNode:
        """Return the name of the row: a hash of what it says, whatever release it was read in."""
        parts = (self.subject, self.predicate, self.negated, self.object, self.object_source)
        return NamedNode(f"{BASE}mapping/{digest(' '.join(map(str, parts)))}")

    def triples(self) -> Iterator[Triple]:
        """Yield the row as SSSOM says it in RDF, and the plain match where the row affirms one."""
        if self.found and not self.negated:
            yield Triple(self.subject, self.predicate, self.object)
        for name, value in self._said():
            yield Triple(self.iri, expand(name), value)

    def _said(self) -> Iterator[tuple[str, NamedNode | Literal]]:
        yield "rdf:type", expand("owl:Axiom")
        yield "rdf:type", expand("sssom:Mapping")
        yield "owl:annotatedSource", self.subject
        yield "owl:annotatedProperty", self.predicate
        yield "owl:annotatedTarget", self.object
        yield "sssom:mapping_justification", self.justification
        yield "pav:authoredBy", self.author
        yield "sssom:object_source", self.object_source
        if self.negated:
            yield "sssom:predicate_modifier", expand("sssom:NegatedPredicate")
        if self.confidence is not None:
            yield "sssom:confidence", Literal(self.confidence)
        if self.date:
            yield "dcterms:created", Literal(self.date, datatype=_DATE)
        if self.comment:
            yield "rdfs:comment", Literal(self.comment, language="en")
        for name in ("subject_label", "object_label", "object_source_version", "other"):
            if value := getattr(self, name):
                yield f"sssom:{name}", Literal(value)


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary that we map to: how its codes look and whether its names may stand in our files."""

    prefix: str
    shown: str
    title: str
    space: str
    pattern: str
    labels: bool
    licence: str
    homepage: str
    line: int

    @property
    def iri(self) -> NamedNode:
        """Return the entry in the Bioregistry, by which mappings name the vocabulary."""
        return NamedNode(_BIOREGISTRY + self.prefix)

    def triples(self) -> Iterator[Triple]:
        """Yield what the table says of the vocabulary."""
        yield Triple(self.iri, _TYPE, expand("void:Dataset"))
        yield Triple(self.iri, expand("dcterms:title"), Literal(self.title, language="en"))
        yield Triple(self.iri, expand("vann:preferredNamespacePrefix"), Literal(self.shown))
        yield Triple(self.iri, expand("void:uriSpace"), Literal(self.space))
        yield Triple(self.iri, expand("void:uriRegexPattern"), Literal(self.iri_pattern))
        yield Triple(self.iri, expand("milia:mayCarryLabels"), Literal(self.labels))
        yield Triple(self.iri, expand("foaf:homepage"), NamedNode(self.homepage))
        if self.licence:
            yield Triple(self.iri, expand("dcterms:license"), NamedNode(self.licence))

    @property
    def iri_pattern(self) -> str:
        """Return the pattern of a whole IRI.

        >>> one = Vocabulary("hp", "HP", "", "http://x.org/HP_", "^[0-9]{7}$", True, "", "", 1)
        >>> one.iri_pattern
        '^http://x[.]org/HP_(?:[0-9]{7})$'
        """
        space = re.sub(r"[.?+*^$()\[\]{}|\\]", lambda m: f"[{m[0]}]", self.space)
        return f"^{space}(?:{self.pattern.removeprefix('^').removesuffix('$')})$"


def read_mappings(home: Home) -> list[Mapping]:
    """Return every row of `data/mappings`, in the order of files and lines.

    Raises:
        BadSource: a file cannot be read; says in which line.
    """
    paths = (path for _, path in home.data_files(f"mappings/**/*{SUFFIX}"))
    return [m for path in paths for m in read_mapping_file(path, home.relative(path))]


def read_mapping_file(path: Path, name: str | None = None) -> list[Mapping]:
    """Return the rows of one file.

    Raises:
        BadSource: the file is missing, not UTF-8, or not SSSOM/TSV; says in which line.
    """
    name = name or path.as_posix()
    head, table = _parts(path, name)
    prefixes = _prefixes(_header(head, name), name)
    return [_mapping(_Row(row, name, line), prefixes) for line, row in _rows(table, len(head), name)]


def read_vocabularies(path: Path, name: str | None = None) -> list[Vocabulary]:
    """Return the vocabularies of the table, of which the first lines say where it comes from.

    Raises:
        BadSource: the file is missing, not UTF-8, or no such table; says in which line.
    """
    name = name or path.as_posix()
    head, table = _parts(path, name)
    found = []
    for line, row in _rows(table, len(head), name, _VOCABULARY, _VOCABULARY):
        if row["labels"] not in {"yes", "no"}:
            raise BadSource(
                name, line, f"labels is '{row['labels']}'", "write yes or no: may its names stand here?"
            )
        found.append(
            Vocabulary(
                row["prefix"],
                row["shown"],
                row["title"],
                row["iri"],
                row["pattern"],
                row["labels"] == "yes",
                row["licence"],
                row["homepage"],
                line,
            )
        )
    return found


def _parts(path: Path, name: str) -> tuple[list[str], list[str]]:
    """Return the lines that begin with # at the top of a file, and the rest."""
    lines = _lines(path, name)
    size = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:size], lines[size:]


def _lines(path: Path, name: str) -> list[str]:
    content = b""
    try:
        content = path.read_bytes()
        return content.decode("utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise BadSource(name, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadSource(name, line, "is not UTF-8 text", "save the file as UTF-8") from error


def _header(lines: list[str], name: str) -> Header:
    """Read the part of YAML that such headers need: `key: text`, and one level of keys below `key:`."""
    header: Header = {}
    inner: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("#").rstrip()
        found = _KEY.fullmatch(text.lstrip())
        if not found:
            raise BadSource(name, number, "is no line of a header", "write '#key: text' or '#  prefix: IRI'")
        key, value = found[1], found[3]
        if text.startswith(" "):
            inner[key] = value or ""
        elif value is None:
            header[key] = inner = {}
        else:
            header[key] = value
    return header


def _prefixes(header: Header, name: str) -> dict[str, str]:
    declared = header.get("curie_map")
    if not isinstance(declared, dict):
        mend = "begin the file with '#curie_map:' and a line '#  prefix: IRI' for each prefix"
        raise BadSource(name, 1, "declares no prefixes", mend)
    for key in ("mapping_set_id", "license"):
        if not header.get(key):
            raise BadSource(name, 1, f"has no {key}", f"write '#{key}: IRI' in the header")
    return {**{prefix: PREFIXES[prefix] for prefix in _BUILT_IN}, **declared}


def _rows(
    lines: list[str],
    above: int,
    name: str,
    known: tuple[str, ...] = COLUMNS,
    needed: tuple[str, ...] = _NEEDED,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the columns of each row of a table that has `above` lines above it."""
    table = csv.reader(lines, delimiter="\t", strict=True)
    try:
        columns = next(table, [])
        _check_columns(columns, known, needed, name, above + 1)
        for row in table:
            line = above + table.line_num
            if len(row) != len(columns):
                what = f"has {len(row)} columns where there are {len(columns)}"
                raise BadSource(name, line, what, "separate the columns by one tab each")
            yield line, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        mend = "close the quotation mark, or leave it out"
        raise BadSource(name, above + table.line_num, f"is no table: {error}", mend) from error


def _check_columns(
    columns: list[str], known: tuple[str, ...], needed: tuple[str, ...], name: str, line: int
) -> None:
    mend = f"the columns are {', '.join(known)}"
    if missing := [c for c in needed if c not in columns]:
        raise BadSource(name, line, f"has no column {', '.join(missing)}", mend)
    if unknown := [c for c in columns if c not in known]:
        raise BadSource(name, line, f"has a column that nothing reads: {', '.join(unknown)}", mend)
    if len(set(columns)) < len(columns):
        raise BadSource(name, line, "has a column twice", mend)


@dataclass(frozen=True)
class _Row:
    """The cells of a row, with the place to name when one of them is wrong."""

    cells: dict[str, str]
    name: str
    line: int

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def bad(self, what: str, mend: str) -> BadSource:
        return BadSource(self.name, self.line, what, mend)


def _mapping(row: _Row, prefixes: dict[str, str]) -> Mapping:
    def iri(column: str) -> NamedNode:
        return _expand(row, column, prefixes)

    if row.text("predicate_modifier") not in {"", "Not"}:
        raise row.bad(
            f"'{row.text('predicate_modifier')}' is no predicate_modifier", "write Not, or leave it empty"
        )
    if row.text("predicate_id").removeprefix("skos:") not in MATCHES:
        raise row.bad(
            f"'{row.text('predicate_id')}' is no match", f"write one of skos:{', skos:'.join(MATCHES)}"
        )
    return Mapping(
        subject=iri("subject_id"),
        subject_label=row.text("subject_label"),
        predicate=iri("predicate_id"),
        negated=row.text("predicate_modifier") == "Not",
        object_id=row.text("object_id"),
        object=iri("object_id"),
        object_label=row.text("object_label"),
        justification=iri("mapping_justification"),
        author=iri("author_id"),
        confidence=_number(row),
        object_source=iri("object_source"),
        object_source_version=row.text("object_source_version"),
        date=_date(row),
        other=row.text("other"),
        comment=row.text("comment"),
        file=row.name,
        line=row.line,
    )


def _expand(row: _Row, column: str, prefixes: dict[str, str]) -> NamedNode:
    text = row.text(column)
    prefix, _, local = text.partition(":")
    if not local:
        raise row.bad(f"{column} is no CURIE: '{text}'", "write prefix:identifier")
    if prefix not in prefixes:
        mend = "add it to the curie_map at the top of the file, or correct its spelling"
        raise row.bad(f"the prefix '{prefix}' of {column} is not declared", mend)
    try:
        return NamedNode(prefixes[prefix] + local)
    except ValueError as error:
        raise row.bad(f"{column} is no IRI: {error}", "correct the identifier") from error


def _number(row: _Row) -> float | None:
    text = row.text("confidence")
    if text and not re.fullmatch(r"0([.][0-9]+)?|1([.]0+)?", text):
        raise row.bad(
            f"the confidence '{text}' is no number from 0 to 1", "write 0.9, say, or leave it empty"
        )
    return float(text) if text else None


def _date(row: _Row) -> str:
    text = row.text("mapping_date")
    if text and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise row.bad(f"the mapping_date '{text}' is no day", "write it as 2026-11-21")
    return text


def written(iri: str, spaces: abc.Mapping[str, str]) -> str:
    """Write a code with the prefix that the mappings give its vocabulary, or its IRI where that is unknown.

    `spaces` has the prefixes, by what IRIs begin with.

    >>> written("https://omim.org/entry/157400", {"https://omim.org/entry/": "OMIM"})
    'OMIM:157400'
    """
    space = max((s for s in spaces if iri.startswith(s)), key=len, default="")
    return f"{spaces[space]}:{iri[len(space) :]}" if space else iri
