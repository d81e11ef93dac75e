"""The rules of facts.rls and links.rls, case by case, on small worlds of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.worlds import World, ontology_of, status, triple

from milia.derive import Derivation, derive, is_thing_link
from milia.errors import BadSource
from milia.load import Sources, load
from milia.names import expand, fact_iri, milia, short
from milia.paths import Home
from milia.reason import claimed_triples, run_rules
from milia.rules import RULE_FILES, fireable, read_rules

if TYPE_CHECKING:
    from milia.build import Assembly

OLDER = "milia:scope [ milia:scopeAge age:test-older ] ;"
ADULT = "milia:scope [ milia:scopeAge age:test-old ] ;"
CHILD = "milia:scope [ milia:scopeAge age:test-child ] ;"
TEEN = "milia:scope [ milia:scopeAge age:test-teen ] ;"

# what is said of `condition:<name> milia:affects site:nose`, and what it adds up to
STATUS_CASES: dict[str, tuple[list[dict[str, object]], str]] = {
    "stated": ([{}], "Established"),
    "hedged": ([{"hedged": True}], "Hedged"),
    "hedged-and-stated": ([{"hedged": True}, {"source": "other"}], "Established"),
    "denied": ([{"denies": True}], "Denied"),
    "denied-by-an-equal": ([{}, {"denies": True, "source": "other"}], "Disputed"),
    "denied-by-a-better-one": ([{}, {"denies": True, "source": "high"}], "Disputed"),
    "denied-by-a-lower-one": ([{"source": "high"}, {"denies": True}], "Established"),
    "hedged-and-denied": ([{"hedged": True}, {"denies": True}], "Disputed"),
    "counted-nowhere": ([{"more": "milia:observed 0 ; milia:of 33 ;"}], "NotObserved"),
    "counted-nowhere-and-seen": ([{"more": "milia:observed 0 ; milia:of 33 ;"}, {}], "Established"),
    "counted-nowhere-and-denied": ([{"more": "milia:observed 0 ; milia:of 3 ;"}, {"denies": True}], "Denied"),
    "retracted": ([{"retracted": True}], "Retracted"),
    "drawn-from-a-retracted-source": ([{"evidence": "; milia:drawnFrom source:gone"}], "Retracted"),
    "retracted-source": ([{"source": "gone"}], "Retracted"),
    "retracted-source-and-another": ([{"source": "gone"}, {"source": "low"}], "Established"),
    "denial-retracted": ([{}, {"denies": True, "retracted": True}], "Established"),
    "denial-by-a-retracted-source": ([{}, {"denies": True, "source": "gone"}], "Established"),
    "denied-for-others": ([{"more": CHILD}, {"denies": True, "more": ADULT}], "Established"),
    "denied-where-ages-overlap": ([{"more": CHILD}, {"denies": True, "more": TEEN}], "Disputed"),
    "denied-where-both-ages-are-open": ([{"more": OLDER}, {"denies": True, "more": ADULT}], "Disputed"),
    "denied-for-some": ([{}, {"denies": True, "more": ADULT}], "Disputed"),
}


@pytest.fixture(scope="module")
def statuses(home: Home) -> Derivation:
    world = World()
    for name, (said, _) in STATUS_CASES.items():
        for claim in said:
            world.say(f"condition:{name} affects site:nose", **claim)  # type: ignore[arg-type]
    return world.derive(home)


@pytest.mark.parametrize("name", STATUS_CASES)
def test_status(statuses: Derivation, name: str) -> None:
    assert status(statuses, f"condition:{name} affects site:nose") == STATUS_CASES[name][1]


@pytest.mark.parametrize("name", STATUS_CASES)
def test_only_what_stands_is_a_plain_statement(statuses: Derivation, name: str) -> None:
    plain, expected = triple(f"condition:{name} affects site:nose"), STATUS_CASES[name][1]
    assert (plain in statuses.graphs["facts"]) == (expected in {"Established", "Hedged"})
    assert (plain in statuses.graphs["disputed"]) == (expected == "Disputed")
    region = triple(f"condition:{name} affectsRegion site:nose")
    assert (region in statuses.graphs["inferred"]) == (expected in {"Established", "Hedged"})


def test_an_inference_is_as_sure_as_its_facts(statuses: Derivation) -> None:
    assert status(statuses, "condition:stated affectsRegion site:nose") == "Established"
    assert status(statuses, "condition:hedged affectsRegion site:nose") == "Hedged"


@pytest.fixture(scope="module")
def world(home: Home) -> Derivation:
    w = World()
    w.say("condition:a subtypeOf condition:top")
    w.say("condition:b subtypeOf condition:a", hedged=True)
    w.say("condition:top subtypeOf condition:group")
    w.say("condition:a affects site:nose")
    w.say("condition:a affects site:chin")
    w.say("condition:top affects site:chin", denies=True, source="high")
    w.say("condition:a treatedBy care:cut")
    w.say("condition:b triggeredBy cause:burn")
    w.say("condition:top hasMechanism cause:plug", more="milia:universal true ;")
    w.say("condition:top hasMechanism cause:other")
    w.say("condition:a affects site:ear", source="low")
    w.say("condition:a affects site:ear", source="low-again")
    w.say("condition:a affects site:ear", source="other")
    w.say("condition:top hasCourse course:short", source="low")
    w.say("condition:top hasCourse course:long", source="other")
    w.say("condition:a hasCourse course:never", source="high", more=ADULT)
    w.say("condition:b hasCourse course:mild", more="milia:frequency milia:Sometimes ;")
    w.say("condition:b hasCourse course:hard", more="milia:frequency milia:Often ;", source="other")
    w.say('condition:a prevalence [ a milia:Range ; milia:lower 40 ; milia:upper 50 ; milia:unit "%" ]')
    w.say(
        'condition:a prevalence [ a milia:Range ; milia:lower 7 ; milia:upper 8 ; milia:unit "%" ]',
        source="other",
    )
    w.say(
        'condition:a prevalence [ a milia:Range ; milia:lower 45 ; milia:upper 60 ; milia:unit "%" ]',
        source="high",
    )
    w.say('condition:a diameter [ a milia:Range ; milia:lower 1 ; milia:upper 2 ; milia:unit "mm" ]')
    w.say('condition:a diameter [ a milia:Range ; milia:lower 3 ; milia:unit "cm" ]', source="other")
    return w.derive(home)


@pytest.mark.parametrize(
    ("link", "inherited"),
    [
        ("condition:top affects site:nose", True),  # up: some of the wider condition
        ("condition:top affects site:chin", False),  # a live claim denies it
        ("condition:group affects site:nose", False),  # not beyond the forms of milia
        ("condition:top treatedBy care:cut", False),  # care is never inherited
        ("condition:b affects site:nose", False),  # sites are not inherited downwards
        ("condition:a triggeredBy cause:burn", True),
        ("condition:top triggeredBy cause:burn", True),
        ("site:nose siteOf condition:top", True),  # and the other way round
        ("condition:top affectsRegion site:nose", True),
        ("condition:a causedBy cause:burn", True),  # and by the wider property
        ("cause:burn causes condition:a", True),
        ("condition:b hasMechanism cause:plug", True),  # down: said of every case
        ("condition:b hasMechanism cause:other", False),  # not said of every case
    ],
)
def test_inheritance(world: Derivation, link: str, inherited: bool) -> None:
    assert (triple(link) in world.graphs["links"]) == inherited
    assert triple(link) not in world.graphs["inferred"]


def test_a_link_through_a_hedged_fact_is_hedged(world: Derivation) -> None:
    assert status(world, "condition:top affects site:nose") == "Established"
    assert status(world, "condition:a triggeredBy cause:burn") == "Hedged"


def test_an_inference_that_is_denied_is_withheld_and_reported(world: Derivation) -> None:
    withheld = {t for t, _ in world.withheld}
    denied = triple("condition:top affects site:chin")
    assert denied in withheld
    node = fact_iri(denied.subject, denied.predicate, denied.object)
    reported = {t.predicate: t.object for t in world.graphs["disagreements"] if t.subject == node}
    assert str(reported[milia("withheld")]).startswith('"true"')
    assert reported[milia("opposedBy")] == expand("claim/test/005")
    assert withheld.isdisjoint(world.graphs["links"])


def test_pages_of_one_publisher_count_once(world: Derivation) -> None:
    t = triple("condition:a affects site:ear")
    node = fact_iri(t.subject, t.predicate, t.object)
    found = {(short(x.predicate), short(x.object)) for x in world.graphs["facts"] if x.subject == node}
    assert ("milia:independentSources", "2") in found
    assert ("milia:bestStanding", "milia:CommercialPage") in found
    assert len([value for name, value in found if name == "milia:supportedBy"]) == 3


def test_disagreements(world: Derivation) -> None:
    values = {claim: short(obj) for claim, _, _, obj in world.engine.terms("Says")}
    between: dict[object, set[str]] = {}
    kinds: dict[object, str] = {}
    for t in world.graphs["disagreements"]:
        if t.predicate == milia("between"):
            between.setdefault(t.subject, set()).add(values.get(t.object, short(t.object)))
        elif t.predicate == milia("kind"):
            kinds[t.subject] = short(t.object).removeprefix("milia:")
    found: dict[str, list[set[str]]] = {}
    for node, kind in kinds.items():
        found.setdefault(kind, []).append(between[node])
    assert found["ValueDifference"] == [{"course:short", "course:long"}]
    assert {frozenset(pair) for pair in found["ScopeDifference"]} == {
        frozenset({"course:short", "course:never"}),
        frozenset({"course:long", "course:never"}),
        frozenset({"course:long", "course:mild"}),
        frozenset({"course:short", "course:hard"}),
        frozenset({"course:never", "course:mild"}),
        frozenset({"course:never", "course:hard"}),
    }
    # 7–8 % against each of the two shares, which overlap; 1–2 mm against 3 cm
    assert len(found["NumberDifference"]) == 3
    assert len(found["NumberCompatibility"]) == 1
    assert len(found["StanceContradiction"]) == 1  # the chin, denied of the wider form


def test_every_rule_is_read(home: Home) -> None:
    texts = [(home.ontology / "rules" / f).read_text(encoding="utf-8") for f in RULE_FILES]
    lines = [line for text in texts for line in text.splitlines() if not line.lstrip().startswith("%")]
    rules = read_rules(home)
    assert len(rules) == sum(line.count(":-") for line in lines)
    assert len([r for r in rules if r.name]) == sum(line.startswith("#[name(") for line in lines)


def test_rules_that_cannot_fire_give_nothing(home: Home) -> None:
    from milia.reason import _INPUTS, _constants

    sources = load(home)
    engine = run_rules(home, sources)
    fired = fireable(read_rules(home), _INPUTS, _constants(sources))
    left_out = {r.head.relation for r in read_rules(home)} - {r.head.relation for r in fired}
    assert left_out
    assert all(engine.relation(name) == [] for name in left_out)


def test_what_is_established_follows_from_established_facts_alone(made: Assembly, home: Home) -> None:
    alone = run_rules(home, made.sources, ("Established",))
    steps = made.derivation.steps
    assert steps is not None
    sure = set[tuple[object, ...]]()
    for graph, relation in (("inferred", "T"), ("links", "Link")):
        sure |= set(alone.terms(relation))
        links = [t for t in made.derivation.graphs[graph] if is_thing_link(t)]
        certain = {t for t in links if steps.is_certain(t)}
        assert certain == {t for t in links if (t.subject, t.predicate, t.object) in sure}
        assert 0 < len(certain) < len(links), "some are hedged"


def test_facts_have_one_node_a_triple(home: Home) -> None:
    claimed = claimed_triples(load(home))
    assert len(set(claimed.values())) == len(claimed)
    assert all(f == fact_iri(*spo) for f, spo in claimed.items())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Broken(?x :- T(?x, ?y, ?z) .", r"ontology/rules/links\.rls:\d+: is no rule: Broken\("),
        ("P(?x) :- T(?x, ?y, ?z)", r"ontology/rules/links\.rls:\d+: is no rule: P\("),
        ("nonsense", r"ontology/rules/links\.rls:\d+: is no rule: nonsense"),
        ("P(?x) :- T(?y, ?y, ?z) .", "the rules do not run"),
    ],
)
def test_a_broken_rule_is_named(project: Home, line: str, message: str) -> None:
    rules = project.ontology / "rules" / "links.rls"
    rules.write_text(rules.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    with pytest.raises(BadSource, match=message):
        derive(project, load(project))


def test_runs_in_threads_do_not_mix(home: Home) -> None:
    def run(name: str) -> bool:
        world = World()
        world.say(f"condition:{name} affects site:nose")
        made = world.derive(home)
        return [t for t in made.graphs["facts"] if t.predicate == milia("affects")] == [
            triple(f"condition:{name} affects site:nose")
        ]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, [f"thread-{n}" for n in range(8)]))


def test_sources_without_claims_are_closed_too(home: Home) -> None:
    made = derive(home, Sources(ontology_of(home)))
    assert made.graphs["inferred"]
    assert made.graphs["facts"] == []
