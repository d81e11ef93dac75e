"""The catalogue of queries: `.rq` files with a header that says what they ask and which parameters they take.

A header is the block of comment lines at the top, `# key: text`; a parameter is declared as
`# param form: condition: which form` and stands in the query as `VALUES ?form { condition:milia }`, so that
the file runs as it is on any SPARQL engine, with the values written there as defaults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from milia.errors import BadSource, Misuse, UnknownName
from milia.names import expand
from milia.paths import Home

__all__ = ["Catalog", "Parameter", "Query", "read_query"]

_HEADER = re.compile(r"#\s*([a-z][a-z -]*?)\s*:\s*(.*)")
_PARAM = re.compile(r"param\s+(\w+)")
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
            if not re.fullmatch(r"[+-]?\d+(\.\d+)?", value):
                msg = f"parameter '{self.name}' takes a number, not '{value}'"
                raise Misuse(msg)
            return value
        if self.kind == "text":
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if ":" not in value and "/" not in value:
            value = f"{self.kind}:{value}"
        return str(expand(value))


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
        text = self.text
        known = {p.name: p for p in self.parameters}
        for name, value in values.items():
            if name not in known:
                if not known:
                    msg = f"the query '{self.name}' takes no parameters"
                    raise Misuse(msg)
                raise UnknownName(f"parameter of '{self.name}'", name, known)
            term = known[name].literal(value)
            text = re.sub(_values(name), _constant(f"VALUES ?{name} {{ {term} }}"), text)
        return text


def _constant(text: str) -> Callable[[re.Match[str]], str]:
    return lambda _: text


def _values(name: str) -> str:
    return rf"VALUES\s+\?{name}\s*\{{[^}}]*\}}"


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
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        found = _HEADER.match(line)
        if not found:
            continue
        key, value = found.groups()
        named = _PARAM.fullmatch(key) or re.match(r"#\s*param\s+(\w+)\s*:", line)
        if named:
            name = named.group(1)
            default = re.search(_values(name), text)
            if not default:
                raise BadSource(
                    path, number, f"parameter '{name}' has no 'VALUES ?{name} {{ … }}' in the query"
                )
            kind, _, about = re.sub(r"#\s*param\s+\w+\s*:\s*", "", line).partition(":")
            inner = default.group(0).partition("{")[2].rstrip("}").strip()
            parameters.append(Parameter(name, kind.strip(), about.strip(), inner))
        else:
            header[key] = value
    return Query(path.stem, path.parent.name, path, text, header, tuple(parameters))


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
