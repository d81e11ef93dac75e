"""Random data for the SHACL engines: our own descriptions with faults, and shapes and data of any kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple
from tests.shacl_referee import turtle

from milia.names import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from milia.names import Term

__all__ = ["WORLDS", "faulty"]

# ── shapes and data of any kind, in Turtle with the prefixes of shacl_referee ───────────────────────────────

THINGS = (":a", ":b", ":c", "_:d")
PROPERTIES = (":p", ":q", ":r")
CLASSES = (":C", ":D", ":E")
LITERALS = (
    "1",
    "2",
    "3.0",
    "2.5",
    "1e0",
    '"01"^^xsd:integer',
    '"99999999999999999999"^^xsd:integer',
    '"far"^^xsd:integer',
    "true",
    '"1"^^xsd:boolean',
    '"x"',
    '"xy"',
    '"X\\ny"',
    '""',
    '"x"@en',
    '"y"@en',
    '"x"@en-GB',
    '"x"@fr',
    '"2020-01-01"^^xsd:date',
    '"2020-02-30"^^xsd:date',
    '"2020-01-01T00:00:00Z"^^xsd:dateTime',
    '"2021-01-01T00:00:00Z"^^xsd:dateTime',
    '"z"^^:own',
)
ENDS = ("1", "2", "2.5", '"x"', '"2020-01-01"^^xsd:date', '"2021-01-01T00:00:00Z"^^xsd:dateTime')
DATATYPES = (
    "xsd:integer",
    "xsd:decimal",
    "xsd:boolean",
    "xsd:string",
    "rdf:langString",
    "xsd:date",
    "xsd:dateTime",
)
KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")

# the referee walks the inverse of a sequence in the wrong order (shacl_differences), so none is drawn
_SEQUENCE = re.compile(r"(?<!alternativePath )\( ")
_values = st.sampled_from([*THINGS, *LITERALS])
_small = st.integers(0, 3)


@st.composite
def _statements(draw: st.DrawFn) -> str:
    """Draw some classes, some things of them, and what these say."""
    of = [f"{t} a {c} ." for t, c in draw(st.lists(_pairs(THINGS, CLASSES), max_size=4))]
    above = [f"{c} rdfs:subClassOf {d} ." for c, d in draw(st.lists(_pairs(CLASSES, CLASSES), max_size=2))]
    links = st.tuples(st.sampled_from(THINGS), st.sampled_from(PROPERTIES), _values)
    return " ".join([*of, *above, *(f"{s} {p} {o} ." for s, p, o in draw(st.lists(links, max_size=10)))])


def _pairs(left: tuple[str, ...], right: tuple[str, ...]) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(st.sampled_from(left), st.sampled_from(right))


_paths = st.recursive(
    st.sampled_from(PROPERTIES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda steps: f"( {' '.join(steps)} )"),
        st.lists(inner, min_size=2, max_size=3).map(
            lambda choices: f"[ sh:alternativePath ( {' '.join(choices)} ) ]"
        ),
        inner.filter(lambda path: not _SEQUENCE.search(path)).map(lambda path: f"[ sh:inversePath {path} ]"),
        *(
            inner.map(lambda path, kind=kind: f"[ sh:{kind}Path {path} ]")  # type: ignore[misc]
            for kind in ("zeroOrMore", "oneOrMore", "zeroOrOne")
        ),
    ),
    max_leaves=3,
)


class _Shapes:
    """The shapes drawn so far: each has a name, so that results can say which one they are of."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.written: list[str] = []

    def add(self, depth: int, path: str | None = None, more: str = "") -> str:
        """Draw a shape with some constraints, and return its name."""
        kinds = _SIMPLE + (_OF_PATHS if path else _OF_NODES)
        kinds += _OF_SHAPES + ((qualified,) if path else ()) if depth else ()
        said = {kind.__name__: kind for kind in self.draw(st.lists(st.sampled_from(kinds), max_size=3))}
        parts = [kind(self, depth - 1) for kind in said.values()]
        name = f":s{len(self.written)}"
        head = f"a sh:PropertyShape ; sh:path {path}" if path else "a sh:NodeShape"
        self.written.append(" ; ".join([f'{name} {head} ; sh:message "{name}"', *parts]) + f" {more}.")
        return name

    def property(self, depth: int) -> str:
        return self.add(depth, self.draw(_paths))

    def one_of(self, choices: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from(choices))

    def some(self, make: Callable[[], str], most: int = 2) -> str:
        return " ".join(make() for _ in range(self.draw(st.integers(1, most))))


def simple(word: str, *choices: str) -> Callable[[_Shapes, int], str]:
    """Return a constraint with one value of these."""

    def constraint(shapes: _Shapes, depth: int) -> str:  # noqa: ARG001  all are called alike
        return f"sh:{word} {shapes.one_of(choices)}"

    constraint.__name__ = word
    return constraint


def listed(word: str, *choices: str) -> Callable[[_Shapes, int], str]:
    """Return a constraint with a list of these."""

    def constraint(shapes: _Shapes, depth: int) -> str:  # noqa: ARG001  all are called alike
        return f"sh:{word} ( {shapes.some(lambda: shapes.one_of(choices), 3)} )"

    constraint.__name__ = word
    return constraint


def of_shapes(word: str) -> Callable[[_Shapes, int], str]:
    """Return a constraint with a list of shapes."""

    def constraint(shapes: _Shapes, depth: int) -> str:
        return f"sh:{word} ( {shapes.some(lambda: shapes.add(depth))} )"

    constraint.__name__ = word
    return constraint


def of_shape(word: str) -> Callable[[_Shapes, int], str]:
    """Return a constraint with a shape."""

    def constraint(shapes: _Shapes, depth: int) -> str:
        return f"sh:{word} {shapes.property(depth) if word == 'property' else shapes.add(depth)}"

    constraint.__name__ = word
    return constraint


def qualified(shapes: _Shapes, depth: int) -> str:
    ends = [
        f"sh:qualified{m}Count {shapes.draw(_small)}" for m in ("Min", "Max") if shapes.draw(st.booleans())
    ]
    apart = ["sh:qualifiedValueShapesDisjoint true"] if shapes.draw(st.booleans()) else []
    ends = ends or ["sh:qualifiedMinCount 1"]
    return " ; ".join([f"sh:qualifiedValueShape {shapes.add(depth)}", *ends, *apart])


def closed(shapes: _Shapes, depth: int) -> str:  # noqa: ARG001  all are called alike
    ignored = shapes.some(lambda: shapes.one_of(("rdf:type", ":p")))
    known = "".join(f" ; sh:property {shapes.add(0, p)}" for p in PROPERTIES[: shapes.draw(_small)])
    return f"sh:closed true ; sh:ignoredProperties ( {ignored} ){known}"


_SIMPLE = (
    simple("class", *CLASSES),
    simple("datatype", *DATATYPES),
    simple("nodeKind", *(f"sh:{k}" for k in KINDS)),
    *(simple(f"{m}{e}clusive", *ENDS) for m in ("min", "max") for e in ("In", "Ex")),
    simple("minLength", "1", "2"),
    simple("maxLength", "0", "1", "2"),
    simple("pattern", '"^x"', '"x$"', '"[0-9]+"', '"^X" ; sh:flags "i"', '"^urn:a$"'),
    listed("languageIn", '"en"', '"fr"', '"en-GB"'),
    simple("hasValue", *THINGS[:3], *LITERALS),
    listed("in", *THINGS[:3], *LITERALS),
    simple("equals", *PROPERTIES),
    simple("disjoint", *PROPERTIES),
)
_OF_PATHS = (
    *(simple(f"{m}Count", "0", "1", "2") for m in ("min", "max")),
    simple("uniqueLang", "true", "false"),
    simple("lessThan", *PROPERTIES),
    simple("lessThanOrEquals", *PROPERTIES),
)
_OF_NODES = (closed,)
_OF_SHAPES = (
    *(of_shapes(word) for word in ("and", "or", "xone")),
    *(of_shape(word) for word in ("not", "node", "property")),
)
_TARGETS = (
    *(f"sh:targetNode {t} " for t in (":a", ":b", "1", '"x"@en')),
    *(f"sh:targetClass {c} " for c in CLASSES),
    *(f"sh:target{end}Of {p} " for end in ("Subjects", "Objects") for p in PROPERTIES),
)


@st.composite
def _shapes(draw: st.DrawFn) -> str:
    shapes = _Shapes(draw)
    for _ in range(draw(st.integers(1, 3))):
        more = "".join(f"; {draw(st.sampled_from(_TARGETS))}" for _ in range(draw(st.integers(1, 2))))
        more += draw(st.sampled_from(["", "", "; sh:severity sh:Warning ", "; sh:deactivated true "]))
        shapes.add(2, draw(st.one_of(st.none(), _paths)), more)
    return "\n".join(shapes.written)


WORLDS = st.tuples(_shapes(), _statements())


# ── descriptions in the project's terms, with faults ────────────────────────────────────────────────────────

WRONG = """
    "1", "a text", "a text"@en, "another"@en, "un texte"@fr, "", true, "1"^^xsd:boolean, 0, -1, 7, 7.5,
    "007"^^xsd:integer, "far"^^xsd:integer, "2020-02-30"^^xsd:date, "2020-03-01"^^xsd:date,
    "2020-03-01T00:00:00Z"^^xsd:dateTime, :foreign
"""


def faulty(sound: Sequence[Triple]) -> st.SearchStrategy[list[Triple]]:
    """Draw these statements with some dropped, and with others that say something else or something more.

    What they say instead is a literal of any kind, something else that is described, or a foreign thing.
    """
    values = [t.object for t in turtle(f":x :y {WRONG} .")]
    values += sorted({t.object for t in sound} | {t.subject for t in sound}, key=str)
    edits = st.tuples(
        st.sampled_from(["drop", "change", "add", "move"]), st.sampled_from(sound), st.sampled_from(values)
    )
    return st.lists(edits, min_size=1, max_size=30).map(lambda drawn: _edited(sound, drawn))


def _edited(sound: Sequence[Triple], edits: list[tuple[str, Triple, Term]]) -> list[Triple]:
    said = list(sound)
    for how, t, value in edits:
        other = Triple(t.subject, t.predicate, value)
        if how == "move":  # all that is said of a thing, under a name that is not of our form
            moved = NamedNode(f"{plain(t.subject)}_X")
            said = [Triple(moved, u.predicate, u.object) if u.subject == t.subject else u for u in said]
            continue
        said = [u for u in said if u != t or how == "add"]
        said += [other] if how != "drop" else []
    return list(dict.fromkeys(said))
