"""Write answers for people and programs: tables, CSV, TSV, JSON.

Pure text in, text out; colour only where it is asked for.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from milia.errors import UnknownName
from milia.names import Term, short
from milia.store import Answer

__all__ = ["RESULT_FORMATS", "Style", "result_text", "table"]


class Style:
    """Colours for a terminal, or none."""

    def __init__(self, colour: bool) -> None:
        """Colour or not."""
        self._on = colour

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._on and text else text

    def bold(self, text: str) -> str:
        """Make text bold."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Make text faint."""
        return self._wrap("2", text)

    def bad(self, text: str) -> str:
        """Mark a fault."""
        return self._wrap("31", text)

    def good(self, text: str) -> str:
        """Mark a success."""
        return self._wrap("32", text)


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], width: int = 100, style: Style | None = None
) -> str:
    """Lay out rows under a header; long cells wrap so that lines fit `width` where they can.

    >>> print(table(["form", "site"], [["milia", "face"]]))
    form   site
    milia  face
    """
    style = style or Style(False)
    if not header:
        return style.dim("no columns")
    cells = [[c.replace("\n", " ") for c in row] for row in rows]
    widths = [max([_width(h), *(_width(r[i]) for r in cells)]) for i, h in enumerate(header)]
    space = width - 2 * (len(widths) - 1)
    least = _least(header, cells)
    while sum(widths) > space:
        wide = [i for i, w in enumerate(widths) if w > least[i]]
        if not wide:
            break  # words are never cut: the line grows instead
        widths[max(wide, key=lambda i: widths[i])] -= 1
    lines = [style.bold(_line(header, widths))]
    for row in cells:
        wrapped = [_wrapped(c, w) for c, w in zip(row, widths, strict=True)]
        for n in range(max(map(len, wrapped))):
            lines.append(_line([w[n] if n < len(w) else "" for w in wrapped], widths))
    return "\n".join(lines)


def _least(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[int]:
    """Return how narrow each column can get: as wide as its longest word."""
    columns = zip(header, *cells, strict=True)
    return [max(_width(word) for cell in column for word in cell.split() or [""]) for column in columns]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c + " " * (w - _width(c)) for c, w in zip(cells, widths, strict=True)).rstrip()


def _cell(term: Term | None) -> str:
    """Write a term for a person: our own words (Established, Usually, hasMechanism) bare."""
    return "" if term is None else short(term).removeprefix("milia:")


def _as_table(answer: Answer, width: int, style: Style, unfold: bool) -> str:
    if answer.truth is not None:
        return "yes" if answer.truth else "no"
    if answer.triples is not None:
        rows = [[short(t.subject), short(t.predicate), short(t.object)] for t in answer.triples]
        return table(["subject", "predicate", "object"], rows, width, style)
    if not answer.rows:
        return style.dim("no rows")
    rows = [[_cell(t) for t in row] for row in answer.rows]
    if unfold and sum(_least(answer.variables, rows)) + 2 * (len(answer.variables) - 1) > width:
        return _records(answer.variables, rows, width, style)
    return table(answer.variables, rows, width, style)


def _records(header: Sequence[str], rows: Iterable[Sequence[str]], width: int, style: Style) -> str:
    """Lay out each row as lines of name and value, for a screen too narrow for a table."""
    space = max(map(_width, header), default=0) + 2
    blocks = []
    for row in rows:
        lines = []
        for name, value in zip(header, row, strict=True):
            wrapped = _wrapped(value, max(width - space, 16))
            lines += [style.bold(name) + " " * (space - _width(name)) + wrapped[0]]
            lines += [" " * space + line for line in wrapped[1:]]
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks)


def _separated(answer: Answer, delimiter: str, cell: Callable[[Term | None], str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if delimiter == "," else "\n")
    if answer.truth is not None:
        writer.writerows([["answer"], [str(answer.truth).lower()]])
    else:
        writer.writerow(answer.variables)
        writer.writerows([cell(t) for t in row] for row in answer.rows)
    return out.getvalue()


def _plain(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _tsv(answer: Answer) -> str:
    """Write SPARQL 1.1 TSV: variables with a question mark, terms in Turtle form."""
    if answer.truth is not None:
        return f"?answer\n{str(answer.truth).lower()}\n"
    lines = ["\t".join("?" + v for v in answer.variables)]
    lines += ["\t".join("" if t is None else str(t).replace("\t", "\\t") for t in row) for row in answer.rows]
    return "\n".join(lines) + "\n"


def _json_term(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if not isinstance(term, Literal):
        return {"type": "triple", "value": str(term)}
    data = {"type": "literal", "value": term.value}
    if term.language:
        data["xml:lang"] = term.language
    elif not term.datatype.value.endswith("#string"):
        data["datatype"] = term.datatype.value
    return data


def _as_json(answer: Answer) -> str:
    """Write the SPARQL 1.1 results format in JSON."""
    if answer.truth is not None:
        data: dict[str, Any] = {"head": {}, "boolean": answer.truth}
    else:
        bindings = [{name: _json_term(t) for name, t in row.items()} for row in answer.dicts()]
        data = {"head": {"vars": list(answer.variables)}, "results": {"bindings": bindings}}
    return json.dumps(data, ensure_ascii=False, indent=1)


RESULT_FORMATS: Final = ("table", "csv", "tsv", "json")


def result_text(
    answer: Answer, form: str = "table", width: int = 100, style: Style | None = None, *, unfold: bool = False
) -> str:
    """Write the answer of a SELECT or ASK in one of the result formats.

    With `unfold`, a table that cannot fit `width` becomes a block of lines a row.

    Raises:
        UnknownName: there is no such format.
    """
    if form == "table":
        return _as_table(answer, width, style or Style(False), unfold)
    if form == "csv":
        return _separated(answer, ",", _plain)
    if form == "tsv":
        return _tsv(answer)
    if form == "json":
        return _as_json(answer)
    raise UnknownName("result format", form, RESULT_FORMATS)
