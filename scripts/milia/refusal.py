"""Tell whether a query does more than read this graph, before it is evaluated: on its tokens.

The embedded engine would fetch what SERVICE names over the network, and it reads keywords that are written
together with what stands around them (`trueSERVICE<…>`, `SERVICE:x`). So what cannot be told apart for
certain is refused: the check may refuse too much, never too little.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from milia.errors import BadQuery

__all__ = ["LONGEST_QUERY", "refuse", "refuse_elsewhere"]

LONGEST_QUERY: Final = 20_000  # characters

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n\r]* )
  | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<string> \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
      | "(?:[^"\\\n\r]|\\[^\n\r])*" | '(?:[^'\\\n\r]|\\[^\n\r])*' )
  | (?P<variable> [?$]\w+ )
  | (?P<language> @[A-Za-z][A-Za-z0-9-]* )
  | (?P<blank> _:\w(?:[\w.-]*[\w-])? )
  | (?P<name> (?P<prefix>[^\W\d_](?:[\w.-]{0,99}[\w-])?)? :
      (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
         (?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
            (?:[\w:-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)? )
  | (?P<word> [^\W\d]\w* )
  | (?P<other> \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_WHOLE_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_PROLOGUE = {"BASE", "PREFIX", "VERSION"}
_FORMS = ("SELECT", "ASK", "CONSTRUCT")
_OTHER_GRAPHS: Final = "FROM is refused: the graphs are those of this build; choose among them by GRAPH"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    prefix: str
    line: int


def refuse(text: str, forms: Sequence[str] = _FORMS, graphs: Collection[str] = ()) -> str:
    """Return the form of a query; raise an error if it does more than read, or if that is not certain.

    Args:
        text: the query.
        forms: the forms that are answered.
        graphs: IRIs of graphs that FROM may name; none, if it may name none.

    Raises:
        BadQuery: it is of another form, it asks another place, or it is too long.
    """
    if len(text) > LONGEST_QUERY:
        msg = f"a query may have {LONGEST_QUERY} characters; this one has {len(text)}"
        raise BadQuery(msg)
    tokens = _harmless(text, graphs)
    words = [t for t in tokens if t.kind == "word" and t.text.upper() not in _PROLOGUE]
    if not words or words[0].text.upper() not in forms:
        what = f"not {words[0].text}" if words else "and this is none of them"
        msg = f"only {', '.join(forms[:-1])} and {forms[-1]} are answered, {what}"
        raise BadQuery(msg, words[0].line if words else None)
    return words[0].text.upper()


def refuse_elsewhere(text: str) -> None:
    """Raise an error if a query of one's own would ask another place; all else may be asked.

    Raises:
        BadQuery: it names a SERVICE, or it cannot be told for certain whether it does.
    """
    if "service" in text.lower() or _ESCAPED.search(text):
        _harmless(text, None)


def _harmless(text: str, graphs: Collection[str] | None) -> list[_Token]:
    """Return the tokens of a query that asks no other place; FROM may name these graphs, or with None any."""
    if found := _ESCAPED.search(text):
        msg = f"write the character itself instead of {found[0]}"
        raise BadQuery(msg, text.count("\n", 0, found.start()) + 1)
    tokens = [t for t in _tokens(text) if t.kind != "comment"]
    for n, token in enumerate(tokens):
        before, after = tokens[n - 1] if n else None, tokens[n + 1] if n + 1 < len(tokens) else None
        if graphs and token.text.upper() == "FROM" and _is_here(tokens[n + 1 : n + 3], graphs):
            continue
        reason = _forbidden(token, before, after)
        if reason and not (graphs is None and reason == _OTHER_GRAPHS):
            raise BadQuery(reason, token.line)
    return tokens


def _is_here(after: Sequence[_Token], graphs: Collection[str]) -> bool:
    """Say whether what follows FROM names a graph that is here."""
    named = after[1:] if after and after[0].text.upper() == "NAMED" else after
    return bool(named) and (
        named[0].text[1:-1] in graphs
        if named[0].kind == "iri"
        else named[0].kind == "name" and named[0].prefix == "graph"
    )


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(m.lastgroup or "", m[0], m["prefix"] or "", text.count("\n", 0, m.start()) + 1)
        for m in _TOKEN.finditer(text)
    ]


def _forbidden(token: _Token, before: _Token | None, after: _Token | None) -> str | None:
    """Say why a token is refused, or return None."""
    if token.kind == "iri" and re.search("['#]", token.text) and not _WHOLE_IRI.match(token.text):
        return f"{token.text} may be read in two ways: write the whole IRI, or put spaces around '<'"
    if token.kind == "word":
        return _elsewhere(token.text)
    if token.kind != "name":
        return None
    if token.prefix.lower() != "service":
        return _elsewhere(token.prefix)
    # a thing of the kind "service"; before a brace an engine may read the keyword instead
    if after is not None and after.text == "{" and not (before and before.text.upper() == "GRAPH"):
        return _elsewhere(token.prefix)
    return None


def _elsewhere(word: str) -> str | None:
    if "service" in word.lower():
        return "SERVICE is refused: a query is answered from this graph alone"
    if "from" in word.lower():
        return _OTHER_GRAPHS
    return None
