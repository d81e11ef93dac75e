"""Read anybody's statements: files of RDF in any format, and a statement that a person writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Triple, parse

from milia.errors import BadSource, Misuse, UnknownName
from milia.formats import FORMATS, find
from milia.names import PREFIXES

__all__ = ["read_files", "read_statement"]

_VOCABULARIES = ("owl", "rdf", "rdfs", "xsd")


def read_files(paths: Iterable[Path]) -> tuple[list[Triple], dict[str, str]]:
    """Return the statements of files, whatever graph they stand in, and the prefixes that they declare.

    The format follows from the suffix. Blank nodes of two files are not the same.

    Raises:
        BadSource: a file cannot be read, or does not parse.
        UnknownName: a suffix is none of RDF.
    """
    found: dict[Triple, None] = {}
    prefixes = {name: PREFIXES[name] for name in _VOCABULARIES}
    for path in paths:
        if path.suffix not in {form.suffix for form in FORMATS.values()}:
            suffixes = [form.suffix for form in FORMATS.values()]
            raise UnknownName("format of RDF", path.suffix or path.name, suffixes)
        try:
            content = path.read_bytes()
            parser = parse(
                content,
                format=find(path.suffix).rdf,
                base_iri=path.resolve().as_uri(),
                rename_blank_nodes=True,
            )
            for quad in parser:
                found[quad.triple] = None
            prefixes |= parser.prefixes
        except OSError as error:
            raise BadSource(path, None, f"cannot be read: {error.strerror}") from error
        except SyntaxError as error:
            raise BadSource(path, error.lineno, f"is not valid: {error.msg}") from error
    return list(found), prefixes


def read_statement(terms: Sequence[str], prefixes: Mapping[str, str]) -> tuple[Any, Any, Any]:
    """Return the statement that three terms make, written as in Turtle; a bare address is taken as it is.

    Raises:
        Misuse: one of them is no term, or its prefix is not declared.
    """
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes.items())
    text = " ".join(map(_bracketed, terms))
    try:
        (quad,) = parse(f"{head}{text} .", format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError) as error:
        what = error.msg if isinstance(error, SyntaxError) else "there are not three terms"
        how = "write terms as in Turtle, such as ex:a, <https://…> or '\"x\"@en'"
        msg = f"'{text}' is no statement: {what}; {how}"
        raise Misuse(msg) from error
    return quad.subject, quad.predicate, quad.object


def _bracketed(term: str) -> str:
    return f"<{term}>" if "://" in term and not term.startswith(("<", '"', "'")) else term
