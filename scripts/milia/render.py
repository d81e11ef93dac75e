"""Write answers, proofs and findings for people: tables, trees, CSV, JSON.

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
from milia.explain import Proof, Witness, short_name
from milia.names import Term, short
from milia.store import Answer
from milia.whynot import Reason

__all__ = ["RESULT_FORMATS", "Style", "proof_text", "reasons_text", "result_text", "table"]


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
    while sum(widths) > space and max(widths) > 16:
        widths[widths.index(max(widths))] -= 1
    lines = [style.bold(_line(header, widths))]
    for row in cells:
        wrapped = [
            textwrap.wrap(c, w, break_long_words=False, break_on_hyphens=False) or [""]
            for c, w in zip(row, widths, strict=True)
        ]
        for n in range(max(map(len, wrapped))):
            lines.append(_line([w[n] if n < len(w) else "" for w in wrapped], widths))
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c + " " * (w - _width(c)) for c, w in zip(cells, widths, strict=True)).rstrip()


def _cell(term: Term | None) -> str:
    return "" if term is None else short(term)


def _as_table(answer: Answer, width: int, style: Style) -> str:
    if answer.truth is not None:
        return "yes" if answer.truth else "no"
    if answer.triples is not None:
        rows = [[short(t.subject), short(t.predicate), short(t.object)] for t in answer.triples]
        return table(["subject", "predicate", "object"], rows, width, style)
    if not answer.rows:
        return style.dim("no rows")
    return table(answer.variables, [[_cell(t) for t in row] for row in answer.rows], width, style)


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


def result_text(answer: Answer, form: str = "table", width: int = 100, style: Style | None = None) -> str:
    """Write the answer of a SELECT or ASK in one of the result formats.

    Raises:
        UnknownName: there is no such format.
    """
    if form == "table":
        return _as_table(answer, width, style or Style(False))
    if form == "csv":
        return _separated(answer, ",", _plain)
    if form == "tsv":
        return _tsv(answer)
    if form == "json":
        return _as_json(answer)
    raise UnknownName("result format", form, RESULT_FORMATS)


def proof_text(
    proof: Proof, label: Callable[[Term], str], style: Style | None = None, width: int = 100
) -> str:
    """Draw a proof as a tree, from the link down to claims and their words."""
    return "\n".join(_Tree(label, style or Style(False), width).lines(proof))


def reasons_text(reasons: Sequence[Reason], style: Style | None = None) -> str:
    """Write why a link is absent: a paragraph a rule, what it has and what it misses."""
    style = style or Style(False)
    lines = []
    for reason in reasons:
        lines.append(style.bold(f"{reason.rule} would give it"))
        lines += [style.dim(f"  by the axiom  {axiom}") for axiom in reason.axioms]
        lines += [style.good(f"  holds         {met}") for met in reason.met]
        lines += [style.bad(f"  is missing    {unmet}") for unmet in reason.unmet]
    return "\n".join(lines)


class _Tree:
    def __init__(self, label: Callable[[Term], str], style: Style, width: int) -> None:
        self._label, self._style, self._width = label, style, width
        self._shown: set[str] = set()

    def lines(self, proof: Proof, lead: str = "") -> list[str]:
        t = proof.triple
        head = " ".join(self._label(x) for x in (t.subject, t.predicate, t.object))
        lines = [self._style.bold(head) + self._about(proof)]
        key = str(t)
        if key in self._shown and (proof.premises or proof.supporting):
            return [lines[0] + self._style.dim("  (proved above)")]
        self._shown.add(key)
        branches: list[list[str]] = [self.lines(p, lead) for p in proof.premises]
        branches += [self._witness(w, "for") for w in proof.supporting]
        branches += [self._witness(w, "against") for w in proof.opposing]
        branches += [[self._style.dim(f"checked: not {absent}")] for absent in map(_readable, proof.absent)]
        for n, branch in enumerate(branches):
            last = n == len(branches) - 1
            for m, line in enumerate(branch):
                mark = ("└─ " if last else "├─ ") if m == 0 else ("   " if last else "│  ")
                lines.append(mark + line)
        return lines

    def _about(self, proof: Proof) -> str:
        if proof.kind == "asserted":
            return self._style.dim(f"  stated in {proof.graph}")
        if proof.kind == "unknown":
            return self._style.bad("  nothing in the graph says so")
        parts = [proof.status or "", f"by {proof.rule}" if proof.rule else ""]
        if proof.publishers:
            parts.append(f"{proof.publishers} publisher{'s' if proof.publishers > 1 else ''}")
        return self._style.dim("  [" + ", ".join(p for p in parts if p) + "]")

    def _witness(self, w: Witness, side: str) -> list[str]:
        claim, span = w.claim, w.evidence.span
        qualities = [short_name(claim.certainty).lower(), w.standing]
        if claim.frequency:
            qualities.insert(1, short_name(claim.frequency).lower())
        if claim.observed is not None:
            qualities.append(
                f"{claim.observed} of {claim.of}" if claim.of is not None else f"{claim.observed} observed"
            )
        qualities += [
            f"{short_name(aspect).removeprefix('scope').lower()}: {self._label(v)}"
            for aspect, v in claim.scope
        ]
        qualities.append(short_name(claim.review).lower())
        lines = [f"{side}: {short(NamedNode(claim.iri))}" + self._style.dim(f"  [{', '.join(qualities)}]")]
        lines += [f"   {line}" for line in textwrap.wrap(f"says: {claim.comment}", self._width - 12)]
        place = f" at {span.start}–{span.end}" if span else ""
        lines.append(self._style.dim(f"   source: {w.title}{place} ({w.note()})"))
        if w.words is not None:
            quoted = " ".join(w.words.split())
            lines += [f"   {line}" for line in textwrap.wrap(f"words: “{quoted}”", self._width - 12)]
        elif w.evidence.reason:
            lines += [
                f"   {line}" for line in textwrap.wrap(f"reason: {w.evidence.reason}", self._width - 12)
            ]
        if w.link():
            lines.append(self._style.dim(f"   page: {w.link()}"))
        return lines


def _readable(atom: str) -> str:
    relation, _, arguments = atom.partition("(")
    names = [
        short(NamedNode(a.strip()[1:-1])) if a.strip().startswith("<") else a.strip()
        for a in arguments.rstrip(")").split(",")
    ]
    return f"{relation}({', '.join(names)})"
