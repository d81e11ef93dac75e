"""The shapes, each with a message that an invalid example tries; and what is told of a result."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from tests.examples import Example, examples, project_of
from tests.shacl_referee import both, turtle, unlike, written

from milia.errors import BadSource
from milia.load import load
from milia.names import BASE, PREFIXES, plain
from milia.paths import Home
from milia.shapes import VALIDATORS, read_shapes, validate

HOME = Home(Path(__file__).resolve().parents[1])
SHAPES = read_shapes(HOME)
INVALID = [e for e in examples(HOME) if e.path.parent.name == "invalid"]
# such a shape only gathers others, which carry the messages
GATHERS = re.compile(r"Something in this .* is not right: its other results say what, and how to mend it\.")


def renamed(example: Example, tag: str) -> list[Triple]:
    """Return an example's own statements under names of its own, so that all examples can share one graph."""
    triples = [
        t for f in project_of(HOME, example).files if f.name.endswith("/example.ttl") for t in f.triples
    ]
    own = {plain(t.subject) for t in triples}

    def name(term: object) -> object:
        if not isinstance(term, NamedNode) or term.value not in own or not term.value.startswith(BASE):
            return term
        kind, _, rest = term.value.removeprefix(BASE).partition("/")
        return NamedNode(f"{BASE}{kind}/{tag}-{rest}")

    return [Triple(name(t.subject), t.predicate, name(t.object)) for t in triples]  # type: ignore[arg-type]


@cache
def together() -> list[Triple]:
    """Return all invalid examples in one graph with the ontology."""
    shared = [t for f in load(HOME).files if f.name.startswith("ontology/") for t in f.triples]
    return shared + [t for n, e in enumerate(INVALID) for t in renamed(e, f"e{n}")]


@cache
def shapes() -> dict[str, dict[str, list[str]]]:
    """Return what each named shape says, by property."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in parse(SHAPES, format=RdfFormat.N_TRIPLES):
        if plain(quad.subject).startswith(BASE + "shape/"):
            said[plain(quad.subject)][quad.predicate.value.removeprefix(PREFIXES["sh"])].append(
                plain(quad.object)
            )
    return said


def test_every_shape_has_one_message_and_one_severity() -> None:
    for shape, said in shapes().items():
        assert len(said["message"]) == 1, shape
        assert len(said["severity"]) == 1, shape


def test_every_message_is_tried_by_an_invalid_example() -> None:
    tried = {r.message for r in validate(together(), SHAPES)}
    wanted = {said["message"][0] for said in shapes().values()}
    assert {m for m in wanted - tried if not GATHERS.fullmatch(m)} == set()


def test_engines_agree_on_the_invalid_examples() -> None:
    assert unlike(both(together(), SHAPES)) == ""


@pytest.mark.parametrize("engine", VALIDATORS)
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("sh:property [ sh:path [ sh:bogus :p ] ; sh:minCount 1 ]", "path"),
        ("sh:property [ sh:minCount 1 ]", "PropertyShape|no sh:path"),
        ('sh:sparql [ sh:select "SELECT $this WHERE { SERVICE <urn:x> { $this ?p ?o } }" ]', "SERVICE"),
    ],
)
def test_a_shape_that_cannot_be_run_is_no_silence(engine: str, fault: str, says: str) -> None:
    with pytest.raises(BadSource, match=f"{engine} cannot run the shapes: .*({says})"):
        validate(turtle(":a :p 1 ."), written(turtle(f":s sh:targetNode :a ; {fault} .")), engine)


def test_what_the_fast_engine_does_not_know_is_refused() -> None:
    shapes = written(turtle(":s sh:targetNode :a ; sh:property [ sh:path :p ; sh:nodeKind sh:Iri ] ."))
    with pytest.raises(BadSource, match=r"shifty cannot run the shapes: .*nodeKind"):
        validate(turtle(":a :p 1 ."), shapes)


def test_a_quick_pass_that_finds_more_than_the_report_is_no_silence() -> None:
    """Of two patterns the fast engine takes either, each time anew: often its two passes differ."""
    shapes = written(turtle(':s sh:targetNode :a ; sh:property [ sh:path :p ; sh:pattern "a", "b" ] .'))
    silent = 0
    for _ in range(20):
        with suppress(BadSource):
            silent += validate(turtle(':a :p "a" .'), shapes) == []
    assert silent == 0


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("sh:minCounts 1", "sh:minCounts of shape/x is no word of SHACL that shapes here may use"),
        ("sh:minCount 1, 2", "sh:minCount of shape/x may have one value only"),
        ('sh:pattern "a", "b"', "sh:pattern of shape/x may have one value only"),
        ("sh:maxCount -1", "sh:maxCount of shape/x must be a whole number, nought or more, and not"),
        ('sh:minLength "1"', "sh:minLength of shape/x must be a whole number, nought or more, and not"),
        ('sh:uniqueLang "true"', "sh:uniqueLang of shape/x must be true or false, and not"),
        ("sh:node shape:y", "sh:node of shape/x names shape/y, which is declared nowhere"),
        ("sh:not [ sh:property shape:y ]", "sh:property of a shape without a name names shape/y, which is"),
    ],
)
def test_a_shape_that_is_not_well_formed_is_refused(tmp_path: Path, fault: str, says: str) -> None:
    file = tmp_path / "ontology" / "shapes" / "x.shapes.ttl"
    file.parent.mkdir(parents=True)
    head = f"@prefix sh: <{PREFIXES['sh']}> . @prefix shape: <{BASE}shape/> .\n"
    file.write_text(f"{head}shape:x a sh:PropertyShape ; sh:path shape:p ; {fault} .", encoding="utf-8")
    with pytest.raises(BadSource, match=re.escape(f"ontology/shapes/x.shapes.ttl: {says}")):
        read_shapes(Home(tmp_path))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (":p", "urn:p"),
        ("[ sh:inversePath :p ]", "^<urn:p>"),
        ("( :p [ sh:zeroOrMorePath :q ] )", "(<urn:p>/<urn:q>*)"),
        ("[ sh:alternativePath ( :p [ sh:oneOrMorePath :q ] ) ]", "(<urn:p>|<urn:q>+)"),
        ("[ sh:zeroOrOnePath [ sh:inversePath :p ] ]", "^<urn:p>?"),
    ],
)
@pytest.mark.parametrize("engine", VALIDATORS)
def test_a_path_is_told_as_sparql_writes_it(engine: str, path: str, told: str) -> None:
    shapes = written(turtle(f":s a sh:PropertyShape ; sh:targetNode :a ; sh:path {path} ; sh:minCount 9 ."))
    (found,) = validate(turtle(":a :p :b ."), shapes, engine)
    assert (found.path, found.shape) == (told, "urn:s")


@pytest.mark.parametrize("engine", VALIDATORS)
def test_a_value_is_told_as_it_is_written(engine: str) -> None:
    shapes = written(turtle(":s a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:nodeKind sh:IRI ."))
    data = turtle(':a :p 1, "01"^^xsd:integer, "2020-01-01T00:00:00Z"^^xsd:dateTime .')
    assert [r.value for r in validate(data, shapes, engine)] == ["01", "1", "2020-01-01T00:00:00Z"]


@pytest.mark.parametrize("engine", VALIDATORS)
def test_what_the_shapes_say_is_no_data(engine: str) -> None:
    shapes = written(turtle(":s sh:targetNode :a ; sh:class :C . :D rdfs:subClassOf :C . :a a :C ."))
    assert [r.focus for r in validate(turtle(":a a :D ."), shapes, engine)] == ["urn:a"]
