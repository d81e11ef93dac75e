"""What the SHACL engines are known to say differently: a minimal case for each, and which of them is right.

A case shows the difference, so that it fails, and is taken off, when an engine changes. Differences like it in
other data are recognised by `explained`, which asks for the same cause.
"""

# ruff: noqa: E501  the differences are a table, one a line
from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pyoxigraph import Literal
from tests.shacl_referee import parsed

from milia.names import PREFIXES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple
    from tests.shacl_referee import Both

    from milia.names import Term
    from milia.shapes import Result

__all__ = ["DIFFERENCES", "Difference", "explained"]


@dataclass(frozen=True)
class Difference:
    """A constraint, data in Turtle, what each engine finds (or None where it gives up), and which is right.

    The constraint is one of a property shape on `path`, whose target is `:a`; a result is a component and a value.
    """

    cause: str
    constraint: str
    data: str
    shifty: tuple[str, ...]
    pyshacl: tuple[str, ...] | None
    right: str = "shifty"
    path: str = ":p"


NO_ORDER = "what cannot be put in order is neither less nor more, so it is a result"
LEXICAL = "the text is not one of that datatype"
DATES = "the text is one of that datatype: years may have a sign or more digits, and a day ends at 24:00:00"
BLANK = "a blank node has no text, not even an empty one"
INVERSE = "the inverse of a sequence goes its steps in the other order, each backwards"
REGEX = "patterns are those of XPath"

# fmt: off
DIFFERENCES = (
    Difference(NO_ORDER, "sh:lessThan :q", ':a :p 1 ; :q "far"^^xsd:integer .', ("LessThan 1",), ()),
    Difference(NO_ORDER, "sh:lessThanOrEquals :q", ':a :p "far"^^xsd:integer ; :q 1 .', ("LessThanOrEquals far",), None),
    Difference(NO_ORDER, "sh:lessThanOrEquals :q", ':a :p "x"^^xsd:date ; :q "y"^^xsd:date .', ("LessThanOrEquals x",), ()),
    Difference(NO_ORDER, "sh:lessThanOrEquals :q", ":a :p :b ; :q :b .", ("LessThanOrEquals urn:b",), ()),
    Difference(NO_ORDER, "sh:lessThanOrEquals :q", ":a :p _:b ; :q 1 .", ("LessThanOrEquals b",), None),
    Difference(NO_ORDER, "sh:lessThan :q", ':a :p "a"@en ; :q "b"@en .', ("LessThan a",), ()),
    Difference(NO_ORDER, "sh:lessThan :q", ':a :p "2020-01-01"^^xsd:date ; :q "2020-01-02T00:00:00Z"^^xsd:dateTime .', ("LessThan 2020-01-01",), ()),
    Difference(NO_ORDER, "sh:lessThan :q", ':a :p "2020-01-01T00:00:00"^^xsd:dateTime ; :q "2020-01-01T05:00:00Z"^^xsd:dateTime .', ("LessThan 2020-01-01T00:00:00",), ()),
    Difference(NO_ORDER, "sh:lessThan :q", ':a :p "2020"^^xsd:gYear ; :q "2021"^^xsd:gYear .', ("LessThan 2020",), ()),
    Difference(NO_ORDER, 'sh:minInclusive "2020-01-01"^^xsd:date', ":a :p 1 .", ("MinInclusive 1",), ()),
    Difference(NO_ORDER, "sh:minInclusive 1", ':a :p "z"^^:own .', ("MinInclusive z",), ()),
    Difference(NO_ORDER, 'sh:minInclusive "b"', ':a :p "c"@en .', ("MinInclusive c",), ()),
    Difference(NO_ORDER, "sh:maxInclusive 1", ":a :p true .", ("MaxInclusive true",), ()),
    Difference(NO_ORDER, "sh:maxInclusive 1", ':a :p "NaN"^^xsd:double .', ("MaxInclusive NaN",), ()),
    Difference("false is less than true", "sh:lessThan :q", ":a :p false ; :q true .", ("LessThan false",), (), "pyshacl"),
    Difference(BLANK, "sh:minLength 0", ":a :p _:b .", ("MinLength b",), ()),
    Difference(LEXICAL, "sh:datatype xsd:integer", ':a :p "1_0"^^xsd:integer, "٣"^^xsd:integer .', ("Datatype 1_0", "Datatype ٣"), ()),
    Difference(LEXICAL, "sh:datatype xsd:decimal", ':a :p "1e3"^^xsd:decimal, "INF"^^xsd:decimal .', ("Datatype 1e3", "Datatype INF"), ()),
    Difference(LEXICAL, "sh:datatype xsd:double", ':a :p "1_0"^^xsd:double .', ("Datatype 1_0",), ()),
    Difference(LEXICAL, "sh:datatype xsd:date", ':a :p "2020-W01-1"^^xsd:date, "2020-01-01+14:30"^^xsd:date .', ("Datatype 2020-01-01+14:30", "Datatype 2020-W01-1"), ()),
    Difference(LEXICAL, "sh:datatype xsd:dateTime", ':a :p "2020-01-01"^^xsd:dateTime .', ("Datatype 2020-01-01",), ()),
    Difference(DATES, "sh:datatype xsd:date", ':a :p "-0001-01-01"^^xsd:date, "12020-01-01"^^xsd:date .', (), ("Datatype -0001-01-01", "Datatype 12020-01-01")),
    Difference(DATES, "sh:datatype xsd:dateTime", ':a :p "2020-01-01T24:00:00Z"^^xsd:dateTime .', (), ("Datatype 2020-01-01T24:00:00Z",)),
    Difference(INVERSE, "sh:maxCount 0", ":c :p :b . :b :q :a .", ("MaxCount None",), (), path="[ sh:inversePath ( :p :q ) ]"),
    Difference(REGEX + ": the end is the end, not before a line break", 'sh:pattern "^a$"', ':a :p "a\\n" .', ("Pattern a\n",), ()),
    Difference(REGEX + ": flag s, a point is any character", 'sh:pattern "a.b" ; sh:flags "s"', ':a :p "a\\nb" .', (), ("Pattern a\nb",)),
    Difference(REGEX + ": flag x, blanks do not count", 'sh:pattern "a b" ; sh:flags "x"', ':a :p "ab" .', (), ("Pattern ab",)),
    Difference(REGEX + ": \\p is a class of characters", r'sh:pattern "\\p{Lu}"', ':a :p "A" .', (), None),
    Difference(REGEX + ": a group can be named again", r'sh:pattern "(a)\\1"', ':a :p "aa" .', ("Pattern aa",), (), "pyshacl"),
    Difference(REGEX + ": a class may be taken from another", 'sh:pattern "^[a-z-[aeiou]]$"', ':a :p "e" .', (), ("Pattern e",), "pyshacl"),
)
# fmt: on

# ── the same cause in other data ────────────────────────────────────────────────────────────────────────────

_ORDER = {"minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "lessThan", "lessThanOrEquals"}
_INSIDE = {"And", "Or", "Xone", "Not", "Node", "QualifiedMinCount", "QualifiedMaxCount"}
_TEXTS = {
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "string": r"(?s:.*)",
    "date": r"\d{4}-\d\d-\d\d",
    "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


def explained(found: Both, triples: Iterable[Triple], shapes: bytes) -> Both:
    """Leave out what differs because values were compared that have no order, or may follow from that."""
    said = parsed(shapes)
    bounds = [t for t in said if t.predicate.value.removeprefix(PREFIXES["sh"]) in _ORDER]
    if not bounds:
        return found
    terms = {term for t in triples for term in (t.subject, t.object)} | {t.object for t in said}

    def excused(result: Result) -> bool:
        component = result.component.removesuffix("ConstraintComponent")
        if component in _INSIDE:
            return True
        here = [t for t in bounds if plain(t.subject) == result.shape and _component(t) == component]
        others = terms if component.startswith("LessThan") else {t.object for t in here}
        values = [t for t in terms if plain(t) == result.value]
        return any(not _ordered(v, o) for v in values for o in others)

    ours, theirs = (Counter(results) for results in found)
    left = ([r for r in (a - b).elements() if not excused(r)] for a, b in ((ours, theirs), (theirs, ours)))
    shared = list((ours & theirs).elements())
    return (shared + next(left), shared + next(left))


def _component(triple: Triple) -> str:
    name = triple.predicate.value.removeprefix(PREFIXES["sh"])
    return name[0].upper() + name[1:]


def _ordered(a: Term, b: Term) -> bool:
    """Say whether SPARQL puts two terms in order, and without doubt."""
    if not (isinstance(a, Literal) and isinstance(b, Literal)) or a.language or b.language:
        return False
    return _kind(a) == _kind(b) is not None


def _kind(literal: Literal) -> str | None:
    """Return the kind of value that a literal of a common datatype has, if it has one."""
    name = literal.datatype.value.removeprefix(PREFIXES["xsd"])
    if not re.fullmatch(_TEXTS.get(name, "(?!)"), literal.value):
        return None
    if name.startswith("date"):
        try:
            date.fromisoformat(literal.value[:10])
        except ValueError:
            return None
    return "number" if name in {"integer", "decimal", "double"} else name
