"""The rules of owl2rl.rls: case by case, against owlrl on the same statements, and with rules left out."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, Triple
from tests.owl2rl_cases import CASES, Case
from tests.owl2rl_referee import (
    FAULTS,
    RULES,
    Fault,
    Row,
    by_owlrl,
    by_rules,
    kind_of,
    normal,
    reports,
    statements,
)

from milia import reason
from milia.closure import Contradiction
from milia.load import SourceFile, Sources
from milia.reason import run_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from milia.build import Assembly
    from milia.closure import Closure, Reason
    from milia.paths import Home

TEXT = RULES.read_text(encoding="utf-8")
NAMES = set(re.findall(r'^#\[name\("([^"]+)"\)\]', TEXT, re.MULTILINE))
# more examples for an unhurried run: MILIA_OWL2RL_EXAMPLES=2000 pytest tests/test_owl2rl.py
EXAMPLES = os.environ.get("MILIA_OWL2RL_EXAMPLES")


def rows(triples: Iterable[Triple]) -> set[Row]:
    return {(t.subject, t.predicate, t.object) for t in triples}


def closed(closure: Closure) -> set[Row]:
    return normal(closure.statements)


def unlike(ours: set[Row], theirs: set[Row]) -> str:
    """Return what only one side holds, for a reader."""
    told = [f"only here: {' '.join(map(str, r))}" for r in sorted(ours - theirs, key=str)]
    told += [f"only owlrl: {' '.join(map(str, r))}" for r in sorted(theirs - ours, key=str)]
    return "\n".join(told)


# ── the rules and their names ───────────────────────────────────────────────────────────────────────


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert {c.rule for c in CASES} == NAMES


def test_the_header_lists_the_rules() -> None:
    head = TEXT.partition("@prefix")[0]
    listed = head.partition("% Implemented")[2].partition("% Kept out of T")[0]
    assert set(re.findall(r"\b(?:eq|prp|cls|cax|dt|scm)-[a-z]+(?:-[a-z]+)?\d?\b", listed)) == NAMES
    said = re.search(r"% Implemented: (\d+) of (\d+)", head)
    assert said
    assert (int(said[1]), int(said[2])) == (len(NAMES), 78)


# ── cases ───────────────────────────────────────────────────────────────────────────────────────────


def rules_of(reason: Reason | None) -> Iterator[str]:
    """Yield the names of the rules in an explanation."""
    if reason is not None:
        yield reason.rule
        for premise in reason.premises:
            yield from rules_of(premise)


def faults(case: Case, rules: str | None = None) -> list[str]:
    """Return what is wrong with the rules, by a case."""
    closure = by_rules(statements(case.data), rules, complete=bool(case.always))
    return breach_faults(case, closure, rules) if case.breach else closure_faults(case, closure)


def breach_faults(case: Case, closure: Closure, rules: str | None) -> list[str]:
    expected = [statements(f":x :is {c} .")[0].object if c else None for c in case.breach]
    told = [
        row
        for row in closure.rows("Inconsistent")
        if row[0].value == (case.reported or case.rule)
        and all(e in (None, v) for e, v in zip(expected, row[1:], strict=True))
    ]
    if not told:
        return [f"not reported: {case.breach}"]
    used = list(rules_of(closure.explain(Contradiction(told[0][0].value, told[0][1:]))))
    wrong = []
    if not used or used[0] != (case.reported or case.rule) or case.rule not in used:
        wrong.append(f"the explanation does not begin with the rule: {used}")
    quiet = by_rules(statements(case.quiet), rules)
    return wrong + [f"reported without reason: {one}" for one in quiet.contradictions]


def closure_faults(case: Case, closure: Closure) -> list[str]:
    have, wanted = closure.statements, rows(statements(case.follows))
    wrong = [f"reported without reason: {one}" for one in closure.contradictions]
    wrong += [f"missing: {row}" for row in wanted - have]
    wrong += [f"unsound: {row}" for row in rows(statements(case.never)) & have]
    wrong += [f"not axiomatic: {row}" for row in rows(statements(case.always)) - closure.axiomatic]
    named = {name for row in wanted & have for name in rules_of(closure.explain((row[0], row[1], row[2])))}
    if wanted and case.rule not in named:
        wrong.append(f"the rule has no hand in it: {sorted(named)}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{n}" for n, c in enumerate(CASES)])
def test_case(case: Case) -> None:
    data, follows = rows(statements(case.data)), rows(statements(case.follows))
    assert follows or case.never or case.breach or case.always
    assert not data & (follows | rows(statements(case.never))), "a case does not hold what it expects"
    assert faults(case) == []


# what the workarounds of the referee do not reach
BEYOND_MENDING = {f.data for f in FAULTS if "listed twice" in f.about or f.rule in {"scm-op", "dt-eq"}} | {
    case.data for case in CASES if case.rule.startswith("dt-")
}


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}-{n}" for n, c in enumerate(CASES)])
def test_case_against_owlrl(case: Case) -> None:
    for data in filter(None, (case.data, case.quiet)):
        closure = by_rules(statements(data))
        theirs, told = by_owlrl(statements(data))
        if "cls-nothing2" in reports(closure):
            assert "cls-nothing2" in told
        elif data not in BEYOND_MENDING:
            assert not unlike(closed(closure), theirs)
            assert reports(closure) == told


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{f.rule}-{n}" for n, f in enumerate(FAULTS)])
def test_known_fault_of_owlrl_is_still_there(fault: Fault) -> None:
    closure = by_rules(statements(fault.data))
    theirs, told = by_owlrl(statements(fault.data), mended=False)
    misses, adds = rows(statements(fault.misses)), rows(statements(fault.adds))
    assert misses or adds or fault.unsaid
    assert misses <= closed(closure) - theirs
    assert adds <= theirs - closed(closure)
    if fault.unsaid:
        assert reports(closure) == {kind_of(fault.rule)}
        assert told == set()


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if f.data not in BEYOND_MENDING], ids=lambda f: f"{f.rule}: {f.about}"
)
def test_faults_are_worked_around(fault: Fault) -> None:
    closure = by_rules(statements(fault.data))
    theirs, told = by_owlrl(statements(fault.data))
    assert not unlike(closed(closure), theirs)
    assert reports(closure) == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('"7"^^xsd:integer', '"07"^^xsd:integer', True),
        ('"7"^^xsd:integer', '"7"^^xsd:nonNegativeInteger', True),
        ('"7"^^xsd:integer', '"7.0"^^xsd:decimal', True),
        ('"7.5"^^xsd:decimal', '"7.50"^^xsd:decimal', True),
        ('"7"^^xsd:double', '"7.0"^^xsd:double', True),
        ('"1"^^xsd:boolean', '"true"^^xsd:boolean', True),
        ('"7"^^xsd:integer', '"7.0"^^xsd:double', False),  # in OWL 2 no double is a decimal
        ('"7"^^xsd:integer', '"7"^^xsd:string', False),
        ('"1"^^xsd:integer', '"1"^^xsd:boolean', False),
        ('"7"^^xsd:float', '"7.0"^^xsd:float', True),
        ('"7"^^xsd:float', '"7"^^xsd:double', False),
        ('"x"', '"x"@en', False),
        ('"x"@en', '"x"@EN', True),
        ('"x"', '"x"^^xsd:token', True),
        ('"0a"^^xsd:hexBinary', '"0A"^^xsd:hexBinary', True),
        ('"2026-01-01T00:00:00Z"^^xsd:dateTime', '"2026-01-01T00:00:00+00:00"^^xsd:dateTime', True),
        # the same moment, and yet another value
        ('"2026-01-01T00:00:00Z"^^xsd:dateTime', '"2026-01-01T01:00:00+01:00"^^xsd:dateTime', False),
    ],
)
def test_which_literals_have_one_value(one: str, other: str, same: bool) -> None:
    data = f":C owl:hasValue {one} ; owl:onProperty :p . :a :p {other} ."
    assert (rows(statements(":a a :C .")) <= closed(by_rules(statements(data)))) == same


# ── without a rule ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.mutants
@pytest.mark.parametrize("name", sorted(NAMES))
def test_without_a_named_rule_a_case_of_it_fails(name: str) -> None:
    text = re.sub(rf'#\[name\("{name}"\)\]\n.*\n', "", TEXT)
    assert any(faults(case, text) for case in CASES if case.rule == name)


@pytest.mark.mutants
def test_without_a_rule_of_the_plumbing_a_case_fails() -> None:
    lines = TEXT.splitlines()
    plumbing = [
        n
        for n, line in enumerate(lines)
        if ":-" in line and not line.startswith("%") and not lines[n - 1].startswith("#[")
    ]
    idle = []
    for n in plumbing:
        text = "\n".join([*lines[:n], *lines[n + 1 :], ""])
        if not any(faults(case, text) for case in CASES):
            idle.append(lines[n])
    assert plumbing
    assert idle == []


# ── small ontologies at random, against owlrl ───────────────────────────────────────────────────────


def say(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda t: template.format(*t))


def listed(of: st.SearchStrategy[str], low: int, high: int, *, unique: bool = True) -> st.SearchStrategy[str]:
    return st.lists(of, min_size=low, max_size=high, unique=unique).map(lambda xs: f"({' '.join(xs)})")


class_ = st.sampled_from([f":C{n}" for n in range(4)])
limit = st.sampled_from([f":R{n}" for n in range(3)])
any_class = st.one_of(class_, limit, st.one_of(class_, st.just("owl:Thing")))
link = st.sampled_from([f":p{n}" for n in range(4)])
thing = st.sampled_from([f":a{n}" for n in range(4)])
# no 0 or 1: owlrl stumbles over a thing that is the same as the number of a cardinality
value = st.one_of(thing, thing, thing, st.sampled_from(["7", "8", '"x"', '"7.0"^^xsd:decimal', '"x"@en']))
at_most = st.sampled_from([0, 1, 1]).map('"{}"^^xsd:nonNegativeInteger'.format)
trait = st.sampled_from(
    [
        "Asymmetric",
        "Datatype",
        "Functional",
        "InverseFunctional",
        "Irreflexive",
        "Object",
        "Symmetric",
        "Transitive",
    ]
)
datum = st.one_of(say("{} {} {} .", thing, link, value), say("{} a {} .", thing, any_class))
axiom = st.one_of(
    say("{} a owl:Class .", st.one_of(class_, limit)),
    say("{} rdfs:subClassOf {} .", any_class, any_class),
    say("{} owl:equivalentClass {} .", any_class, any_class),
    say("{} rdfs:domain {} .", link, any_class),
    say("{} rdfs:range {} .", link, any_class),
    say("{} rdfs:subPropertyOf {} .", link, link),
    say("{} owl:equivalentProperty {} .", link, link),
    say("{} owl:inverseOf {} .", link, link),
    say("{} a owl:{}Property .", link, trait),
    say("{} owl:propertyChainAxiom {} .", link, listed(link, 1, 4, unique=False)),
    say("{} owl:someValuesFrom {} ; owl:onProperty {} .", limit, any_class, link),
    say("{} owl:allValuesFrom {} ; owl:onProperty {} .", limit, any_class, link),
    say("{} owl:hasValue {} ; owl:onProperty {} .", limit, value, link),
    say("{} owl:maxCardinality {} ; owl:onProperty {} .", limit, at_most, link),
    say(
        "{} owl:maxQualifiedCardinality {} ; owl:onClass {} ; owl:onProperty {} .",
        limit,
        at_most,
        any_class,
        link,
    ),
    say("{} owl:intersectionOf {} .", class_, listed(any_class, 1, 3)),
    say("{} owl:unionOf {} .", class_, listed(any_class, 1, 3)),
    say("{} owl:oneOf {} .", class_, listed(thing, 1, 3)),
    say("{} owl:complementOf {} .", class_, any_class),
    say("{} owl:hasKey {} .", class_, listed(link, 1, 3)),
    say("{} owl:disjointWith {} .", class_, any_class),
    say("{} owl:propertyDisjointWith {} .", link, link),
    say("[] a owl:AllDisjointClasses ; owl:members {} .", listed(class_, 2, 3)),
    say("[] a owl:AllDisjointProperties ; owl:members {} .", listed(link, 2, 3)),
    say("[] a owl:AllDifferent ; owl:members {} .", listed(thing, 2, 3)),
    say("[] a owl:AllDifferent ; owl:distinctMembers {} .", listed(thing, 2, 3)),
    say("{} owl:differentFrom {} .", thing, thing),
    say("{} owl:sameAs {} .", thing, thing),
    say("{} owl:sameAs {} .", link, link),
    say(
        "[] owl:sourceIndividual {} ; owl:assertionProperty {} ; owl:targetIndividual {} .",
        thing,
        link,
        thing,
    ),
    say("[] owl:sourceIndividual {} ; owl:assertionProperty {} ; owl:targetValue {} .", thing, link, value),
    say("{} rdfs:subClassOf owl:Nothing .", class_),
)
ontologies = st.tuples(
    st.lists(axiom, min_size=4, max_size=20), st.lists(datum, min_size=4, max_size=14)
).map(lambda t: "\n".join(t[0] + t[1]))


@settings(
    max_examples=int(EXAMPLES or 40),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(ontologies)
def test_random_ontologies_close_as_in_owlrl(turtle: str) -> None:
    triples = statements(turtle)
    closure = by_rules(triples)
    theirs, told = by_owlrl(triples)
    if "cls-nothing2" in reports(closure):  # from a member of owl:Nothing owlrl infers everything
        assert "cls-nothing2" in told
        return
    assert not unlike(closed(closure), theirs)
    assert reports(closure) == told


# ── the project's own graph ─────────────────────────────────────────────────────────────────────────


def test_the_graph_closes_as_in_owlrl(part: Assembly) -> None:
    engine = part.derivation.engine
    asserted = (
        t
        for t in part.sources.below("ontology/", "data/concepts/")
        if not (isinstance(t.object, Literal) and t.object.language)
    )
    theirs, told = by_owlrl({*asserted, *(Triple(*row) for row in engine.terms("Fact"))})
    assert not unlike(normal(engine.terms("T")), theirs)
    assert told == set()
    assert engine.terms("Inconsistent") == []


# ── rules that cannot fire, left out ────────────────────────────────────────────────────────────────

ANSWERS = ("T", "Fact", "Link", "Withheld", "Disagree", "Inconsistent")
RARE = {rule: next(c for c in CASES if c.rule == rule) for rule in ("prp-key", "cls-maxqc3", "prp-adp")}


def answers(home: Home, sources: Sources) -> dict[str, set[Row]]:
    engine = run_rules(home, sources)
    return {name: set(engine.terms(name)) for name in ANSWERS}


def with_all_rules(home: Home, sources: Sources) -> dict[str, set[Row]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reason, "fireable", lambda rules, *_: list(rules))
        return answers(home, sources)


def test_rules_left_out_change_nothing_in_the_graph(home: Home, part: Assembly) -> None:
    sources = part.sources
    some, full = answers(home, sources), with_all_rules(home, sources)
    assert some["T"]
    assert some["Link"]
    assert some == full


@pytest.mark.parametrize("rule", RARE)
def test_rules_left_out_change_nothing_where_rare_rules_fire(
    home: Home, part: Assembly, tmp_path: Path, rule: str
) -> None:
    case, name = RARE[rule], "ontology/case.ttl"
    file = SourceFile(tmp_path / "case.ttl", name, name, tuple(statements(case.data)))
    sources = Sources([*part.sources.files, file])
    some, full = answers(home, sources), with_all_rules(home, sources)
    assert some == full
    assert rows(statements(case.follows)) <= some["T"]
    assert {str(row[0]) for row in some["Inconsistent"]} == ({f'"{rule}"'} if case.breach else set())
