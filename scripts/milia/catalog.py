"""The catalogue of queries: `.rq` files with a header that says what they ask and which parameters they take.

A header is the block of comment lines at the top, `# key: text`; a parameter is declared as
`# param form: condition: which form` and stands in the query as `VALUES ?form { condition:milia }`, so that
the file runs as it is on any SPARQL engine, with the values written there as defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from milia.errors import BadSource, Misuse, UnknownName
from milia.names import expand
from milia.paths import Home

__all__ = ["Catalog", "Parameter", "Query", "read_query"]

_HEADER = re.compile(r"#\s*([a-z][a-z -]*?)\s*:\s*(.*)")
_PARAM = re.compile(r"#\s*param\s+([A-Za-z]\w*)\s*:\s*([a-z]+)\s*:\s*(.*)")
# a VALUES clause of one variable; strings and IRIs may hold braces of their own
_VALUES = re.compile(r'VALUES\s+\?(\w+)\s*\{((?:"(?:[^"\\]|\\.)*"|<[^<>]*>|[^{}"<])*)\}')
_FOLDERS = ("answers", "checks", "exports", "pages")


@dataclass(frozen=True)
class Parameter:
    """A value a query takes: an IRI of some kind, or a `text` or `number`."""

    name: str
    kind: str
    about: str
    default: str

    def literal(self, value: str) -> str:
        """Write a value given by a person as a SPARQL term.

        Raises:
            Misuse: the value is no number where one is asked for.
            UnknownName: its prefix does not exist.
        """
        if self.kind == "number":
            if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value):
                msg = f"parameter '{self.name}' takes a number, not '{value}'"
                raise Misuse(msg)
            return value
        return str(Literal(value) if self.kind == "text" else self.iri(value))

    @property
    def is_thing(self) -> bool:
        """Say whether the parameter takes a thing of the graph, not a text or a number."""
        return self.kind not in {"text", "number"}

    def iri(self, value: str) -> NamedNode:
        """Return the thing that is meant: a slug of the parameter's kind, a CURIE, a path or an IRI.

        Raises:
            UnknownName: its prefix does not exist.
        """
        return expand(value if ":" in value or "/" in value else f"{self.kind}:{value}")


@dataclass(frozen=True)
class Query:
    """A question kept as a file."""

    name: str
    folder: str
    path: Path
    text: str
    header: Mapping[str, str]
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def title(self) -> str:
        """Return the query's title."""
        return self.header.get("title", self.name)

    @property
    def question(self) -> str:
        """Return the question in plain language."""
        return self.header.get("question", "")

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the SPARQL text with the given parameter values in place of the defaults.

        Raises:
            UnknownName: the query has no such parameter.
            Misuse: a value does not fit its parameter.
        """
        known = {p.name: p for p in self.parameters}
        for name in values:
            if not known:
                msg = f"the query '{self.name}' takes no parameters"
                raise Misuse(msg)
            if name not in known:
                raise UnknownName(f"parameter of '{self.name}'", name, known)
        terms = {name: known[name].literal(value) for name, value in values.items()}

        def put(found: re.Match[str]) -> str:
            return f"VALUES ?{found[1]} {{ {terms[found[1]]} }}" if found[1] in terms else found[0]

        return _VALUES.sub(put, self.text)  # in one pass: a value is never taken for part of the query


def _read(path: Path) -> str:
    content = b""
    try:
        content = path.read_bytes()
        return content.decode("utf-8")
    except OSError as error:
        raise BadSource(path, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadSource(path, line, "is not UTF-8 text", "save the file as UTF-8") from error


def read_query(path: Path) -> Query:
    """Read one `.rq` file.

    Raises:
        BadSource: the file cannot be read, or a declared parameter has no VALUES in the query.
    """
    text = _read(path)
    header: dict[str, str] = {}
    parameters = []
    defaults = {found[1]: found[2].strip() for found in _VALUES.finditer(text)}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        if re.match(r"#\s*param\b", line):
            parameters.append(_parameter(path, number, line, defaults))
        elif found := _HEADER.match(line):
            header[found[1]] = found[2]
    return Query(path.stem, path.parent.name, path, text, header, tuple(parameters))


def _parameter(path: Path, number: int, line: str, defaults: Mapping[str, str]) -> Parameter:
    found = _PARAM.fullmatch(line.rstrip())
    if not found:
        raise BadSource(path, number, "is no parameter", "write '# param NAME: KIND: what it is'")
    name, kind, about = found.groups()
    if name not in defaults:
        raise BadSource(path, number, f"parameter '{name}' has no 'VALUES ?{name} {{ … }}' in the query")
    return Parameter(name, kind, about, defaults[name])


@dataclass(frozen=True)
class Catalog:
    """All queries of a project, by folder and name."""

    home: Home

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        return {
            path.stem: path
            for folder in _FOLDERS
            for path in sorted((self.home.queries / folder).glob("*.rq"))
        }

    def names(self, folder: str) -> list[str]:
        """Return the names of the queries in a folder, sorted."""
        return sorted(path.stem for path in (self.home.queries / folder).glob("*.rq"))

    def all(self, folder: str) -> list[Query]:
        """Return the queries of a folder, in the order of their names."""
        return [read_query(self.home.queries / folder / f"{name}.rq") for name in self.names(folder)]

    def find(self, name: str) -> Query:
        """Return a query by its name.

        Raises:
            UnknownName: there is no such query.
        """
        if name not in self._by_name:
            raise UnknownName("query", name, self._by_name)
        return read_query(self._by_name[name])

    def core(self, name: str) -> str:
        """Return the text of a query that the package itself asks.

        Raises:
            BadSource: the file cannot be read.
        """
        return _read(self.home.queries / "core" / f"{name}.rq")

    def export(self, name: str) -> str:
        """Return the text of a query that an export asks.

        Raises:
            BadSource: the file cannot be read.
        """
        return _read(self.home.queries / "exports" / f"{name}.rq")
