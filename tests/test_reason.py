"""Anybody's statements, closed: what follows, what contradicts itself, and why; and the command for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from milia.cli import main
from milia.closure import Closure, close, shown
from milia.errors import BadSource, Misuse, UnknownName
from milia.paths import Home
from milia.statements import read_files, read_statement

HEAD = """\
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
ONTOLOGY = """
ex:Dog rdfs:subClassOf ex:Animal ; owl:disjointWith ex:Cat .
ex:age a owl:FunctionalProperty ; rdfs:range xsd:nonNegativeInteger .
ex:partOf a owl:TransitiveProperty .
ex:name rdfs:subPropertyOf rdfs:label .
"""
DATA = """
ex:rex a ex:Dog ; ex:age 3 ; ex:name "Rex"@en-GB .
ex:tail ex:partOf ex:rex . ex:tip ex:partOf ex:tail .
[] a ex:Dog ; ex:age "007"^^xsd:integer .
"""
EX = "https://example.org/"


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, format=RdfFormat.TURTLE)]


def closed(home: Home, text: str, *, complete: bool = False) -> Closure:
    return close(home, triples(text), complete=complete)


@pytest.fixture(scope="module")
def pets(home: Home) -> Closure:
    return closed(home, ONTOLOGY + DATA)


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_follows_says_something_new(pets: Closure) -> None:
    told = {(str(t.predicate).rpartition("/")[2].rstrip(">"), type(t.object)) for t in pets.inferred}
    assert told == {
        ("partOf", NamedNode),
        ("22-rdf-syntax-ns#type", NamedNode),
        ("rdf-schema#label", Literal),
    }
    assert len(pets.inferred) == 4
    assert pets.contradictions == ()


def test_terms_come_back_as_they_were(pets: Closure) -> None:
    label = next(t.object for t in pets.inferred if isinstance(t.object, Literal))
    assert (label.value, label.language) == ("Rex", "en-gb")  # which the reader writes small
    dogs = [t.subject for t in pets.inferred if t.object == NamedNode(f"{EX}Animal")]
    assert {type(dog) for dog in dogs} == {NamedNode, BlankNode}
    ages = {row[2].value for row in pets.statements if row[1] == NamedNode(f"{EX}age")}
    assert ages == {"3", "007"}


def test_a_value_in_another_spelling_is_no_news(home: Home) -> None:
    found = closed(home, "ex:a ex:p 7 , 7.0 , '07'^^xsd:byte . ex:b ex:p 7 .")
    assert found.inferred == frozenset()
    assert found.contradictions == ()


def test_what_is_true_of_anything_is_told_where_it_is_asked_for(home: Home) -> None:
    assert closed(home, ONTOLOGY).axiomatic == frozenset()
    whole = closed(home, ONTOLOGY, complete=True)
    same = NamedNode("http://www.w3.org/2002/07/owl#sameAs")
    assert (NamedNode(f"{EX}Dog"), same, NamedNode(f"{EX}Dog")) in whole.axiomatic
    assert whole.inferred == closed(home, ONTOLOGY).inferred


@pytest.mark.parametrize(
    "text", ["'abc'^^xsd:integer", "'300'^^xsd:byte", "'NaN'^^xsd:double", "'x'^^xsd:boolean"]
)
def test_no_literal_leads_the_engine_astray(home: Home, text: str) -> None:
    rows = "ex:p owl:inverseOf ex:q . ex:z ex:p ex:y . ex:s a owl:SymmetricProperty . "
    rows += "ex:u ex:s 'x' . ex:v ex:p 5 ."
    usual = closed(home, rows).inferred
    assert closed(home, f"ex:w ex:r {text} . {rows}").inferred == usual


@pytest.mark.parametrize("count", ["-1", "1.5", "'x'", "'INF'^^xsd:double", "true", "'2026-01-01'^^xsd:date"])
def test_a_cardinality_that_is_none_says_nothing(home: Home, count: str) -> None:
    rows = "ex:x a ex:C ; ex:p ex:y , ex:z . ex:u ex:s 'x' . ex:s a owl:SymmetricProperty . "
    found = closed(home, f"ex:C owl:maxCardinality {count} ; owl:onProperty ex:p . {rows}")
    assert (found.inferred, found.contradictions) == (frozenset(), ())
    one = closed(home, f"ex:C owl:maxCardinality 1.0 ; owl:onProperty ex:p . {rows}")
    assert len(one.inferred) == 2


# ── what contradicts itself ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "rule", "says"),
    [
        (
            "ex:x a ex:Dog , ex:Cat .",
            "cax-dw",
            "ex:x belongs to ex:Dog and ex:Cat, which have nothing in common",
        ),
        (
            "ex:x ex:age 3 , 4 .",
            "eq-diff1",
            '"3"^^xsd:integer and "4"^^xsd:integer are the same, and different',
        ),
        ("ex:x ex:age -3 .", "dt-not-type", 'the literal "-3"^^xsd:integer is no xsd:nonNegativeInteger'),
        ("ex:x ex:n 'seven'^^xsd:int .", "dt-not-type", 'the literal "seven"^^xsd:int is no xsd:int'),
        (
            "ex:x owl:sameAs ex:y ; owl:differentFrom ex:y .",
            "eq-diff1",
            "ex:x and ex:y are the same, and different",
        ),
    ],
)
def test_a_contradiction_is_told_and_explained(home: Home, data: str, rule: str, says: str) -> None:
    prefixes = {"ex": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"}
    found = closed(home, ONTOLOGY + data)
    assert [(one.rule, one.sentence(prefixes)) for one in found.contradictions] == [(rule, says)]
    reason = found.explain(found.contradictions[0])
    assert reason
    lines = list(reason.lines(prefixes))
    assert lines[0] == f"{says}  ({rule})"
    assert any(line.endswith("(given)") for line in lines)
    assert json.dumps(reason.to_json())


def test_every_rule_that_reports_has_its_words(home: Home) -> None:
    text = (home.ontology / "rules" / "owl2rl.rls").read_text(encoding="utf-8")
    from milia import closure

    rules = {part.partition('"')[0] for part in text.split('Inconsistent("')[1:]}
    assert rules == set(closure._SAID)


# ── why ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_inference_leads_down_to_what_was_given(pets: Closure) -> None:
    for t in pets.inferred:
        waiting = [pets.explain((t.subject, t.predicate, t.object))]
        while waiting:
            reason = waiting.pop()
            assert reason
            assert reason.rule or reason.statement in pets.given
            assert reason.premises or not reason.rule or reason.rule == "dt-type2"
            waiting += reason.premises


def test_what_does_not_follow_has_no_reason(pets: Closure) -> None:
    assert pets.explain((NamedNode(f"{EX}rex"), NamedNode(f"{EX}partOf"), NamedNode(f"{EX}tip"))) is None
    assert pets.explain((NamedNode(f"{EX}new"), NamedNode(f"{EX}p"), Literal("never seen"))) is None


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (NamedNode(f"{EX}a"), "ex:a"),
        (NamedNode(f"{EX}a/b"), f"<{EX}a/b>"),
        (Literal("a", language="en"), '"a"@en'),
        (Literal(7), '"7"^^xsd:integer'),
        (Literal("plain"), '"plain"'),
    ],
)
def test_terms_are_shown_short(term: NamedNode | Literal, text: str) -> None:
    assert shown(term, {"ex": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"}) == text


# ── files, and the command ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "o.ttl").write_text(HEAD + ONTOLOGY, encoding="utf-8")
    (tmp_path / "d.ttl").write_text(HEAD + DATA, encoding="utf-8")
    return [str(tmp_path / "o.ttl"), str(tmp_path / "d.ttl")]


def test_blank_nodes_of_two_files_are_two(tmp_path: Path) -> None:
    for name in ("a.nt", "b.nt"):
        (tmp_path / name).write_text("_:x <http://p> _:y .\n", encoding="utf-8")
    found, prefixes = read_files([tmp_path / "a.nt", tmp_path / "b.nt"])
    assert len({t.subject for t in found}) == 2
    assert set(prefixes) == {"owl", "rdf", "rdfs", "xsd"}


@pytest.mark.parametrize(
    ("name", "content", "error", "told"),
    [
        ("a.ttl", "ex:a", BadSource, r"a.ttl:1: is not valid"),
        ("a.ttl", "\n\n<a> <b> .", BadSource, r"a.ttl:3: is not valid"),
        ("a.txt", "", UnknownName, "no format of RDF is called '.txt'"),
        ("a", "", UnknownName, "no format of RDF"),
        ("a.ttl", None, BadSource, "cannot be read: No such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, name: str, content: str | None, error: type[Exception], told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(error, match=told):
        read_files([tmp_path / name])


@pytest.mark.parametrize("terms", [("ex:a", "ex:b", "no:c"), ("ex:a", '"b"', "ex:c"), ("ex:a", "ex:b", "'c")])
def test_terms_that_make_no_statement_are_told(terms: tuple[str, str, str]) -> None:
    with pytest.raises(Misuse, match=r"is no statement: .*; write terms as in Turtle"):
        read_statement(terms, {"ex": EX})


def test_the_command_writes_what_follows(files: list[str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["reason", *files]) == 0
    out, err = capfdbinary.readouterr()
    assert len(list(parse(out, format=RdfFormat.TURTLE))) == 4
    assert b"ex:tip ex:partOf ex:rex" in out
    assert b"13 statements given, 4 follow, 0 contradictions" in err
    assert main(["reason", *files, "--all", "--format", "nt", "--quiet"]) == 0
    out, err = capfdbinary.readouterr()
    assert len(list(parse(out, format=RdfFormat.N_TRIPLES))) == 17
    assert err == b""


def test_the_command_finds_contradictions(files: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path(files[1]).write_text(HEAD + DATA + "ex:rex a ex:Cat .", encoding="utf-8")
    assert main(["reason", *files]) == 1
    assert (
        "ex:rex belongs to ex:Dog and ex:Cat, which have nothing in common  (cax-dw)"
        in capfd.readouterr().err
    )
    assert main(["reason", *files, "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert [one["rule"] for one in said["contradictions"]] == ["cax-dw"]


@pytest.mark.parametrize(
    ("terms", "code", "told"),
    [
        (("ex:tip", "ex:partOf", "ex:rex"), 0, "ex:tip ex:partOf ex:rex  (prp-trp)\n  ex:partOf rdf:type"),
        (("ex:rex", "a", "ex:Animal"), 0, "(cax-sco)"),
        ((f"{EX}rex", "a", "ex:Dog"), 0, "ex:rex rdf:type ex:Dog  (given)"),
        (("ex:rex", "rdfs:label", '"Rex"@en-GB'), 0, "(prp-spo1)"),
        (("ex:rex", "a", "ex:Cat"), 1, "nothing says so, and it does not follow"),
    ],
)
def test_the_command_explains(
    files: list[str], terms: tuple[str, str, str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reason", *files, "--explain", *terms]) == code
    assert told in capsys.readouterr().out


def test_it_needs_no_project_of_ones_own(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["reason", *files, "--quiet"]) == 0
    assert "ex:Animal" in capfd.readouterr().out
