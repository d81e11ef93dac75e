"""How claims relate: agreement, and every kind of disagreement, case by case."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.worlds import World, status, triple

from milia.names import expand, fact_iri, milia, short

if TYPE_CHECKING:
    from milia.derive import Derivation
    from milia.paths import Home

THINGS = """
condition:wide a milia:MiliaForm . condition:narrow a milia:MiliaForm . condition:alike a milia:Disorder .
care:preventive-measures a milia:Care, milia:Generality .
condition:homonym a milia:MiliaForm . condition:even a milia:MiliaForm . condition:remedy a milia:MiliaForm .
structure:gland a milia:Structure . structure:duct a milia:Structure . structure:hair a milia:Structure .
<scheme/one/x> skos:inScheme <scheme/one> ; skos:broader <scheme/one/w> .
<scheme/one/w> skos:inScheme <scheme/one> .
<scheme/two/x> skos:inScheme <scheme/two> ; skos:broader <scheme/two/w> .
<scheme/two/w> skos:inScheme <scheme/two> .
"""
SCOPE = "milia:scope [ milia:scopeAge age:test-{} ] ;"
BAND = "milia:frequency hp:00402{} ;"


def count(observed: int, of: int) -> str:
    return f"milia:observed {observed} ; milia:of {of} ;"


def words(frequency: str) -> str:
    return f"milia:frequency milia:{frequency} ;"


def share(*ends: float, rough: bool = False) -> str:
    low, high = (ends * 2)[:2]
    about = " ; milia:approximate true" if rough else ""
    return f'[ a milia:Range ; milia:lower {low} ; milia:upper {high}{about} ; milia:unit "%" ]'


def time(low: float, high: float, unit: str) -> str:
    return f'[ a milia:Range ; milia:lower {low} ; milia:upper {high} ; milia:unit "{unit}" ]'


Said = tuple[str, dict[str, Any]]
# what is said (by `low` unless another source is named), and the kinds of comparison that must come of it
CASES: dict[str, tuple[list[Said], dict[str, int]]] = {
    "one-voice-twice": (
        [
            ("condition:one affects site:nose", {}),
            ("condition:one affects site:nose", {"source": "low-again"}),
        ],
        {},
    ),
    "two-voices": (
        [("condition:two affects site:nose", {}), ("condition:two affects site:nose", {"source": "other"})],
        {"Agreement": 1},
    ),
    "one-drawn-from-the-other": (
        [
            ("condition:drawn affects site:nose", {}),
            (
                "condition:drawn affects site:nose",
                {"source": "other", "evidence": "; milia:drawnFrom source:low"},
            ),
        ],
        {},
    ),
    "agreed-denial": (
        [
            ("condition:no affects site:nose", {"denies": True}),
            ("condition:no affects site:nose", {"denies": True, "source": "other"}),
        ],
        {"Agreement": 1},
    ),
    "contradiction": (
        [
            ("condition:c affects site:nose", {}),
            ("condition:c affects site:nose", {"denies": True, "source": "high"}),
        ],
        {"StanceContradiction": 1},
    ),
    "contradiction-of-others": (
        [
            ("condition:d affects site:nose", {"more": SCOPE.format("child")}),
            (
                "condition:d affects site:nose",
                {"denies": True, "source": "high", "more": SCOPE.format("old")},
            ),
        ],
        {"ScopeDifference": 1},
    ),
    "denied-of-the-wider": (
        [
            ("condition:narrow subtypeOf condition:wide", {}),
            ("condition:narrow commonerIn population:x", {"source": "other"}),
            ("condition:wide commonerIn population:x", {"denies": True, "source": "high"}),
        ],
        {"StanceContradiction": 1},
    ),
    "denied-of-the-narrower": (
        [
            ("condition:narrow commonerIn population:y", {"denies": True, "source": "other"}),
            ("condition:wide commonerIn population:y", {"source": "high"}),
        ],
        {"ScopeDifference": 1},
    ),
    "denied-of-the-whole-region": (
        [
            ("site:tip partOf site:nose", {}),
            ("condition:e affects site:tip", {}),
            ("condition:e affects site:nose", {"denies": True, "source": "high"}),
        ],
        {"StanceContradiction": 1},
    ),
    "no-prevention-at-all": (
        [
            ("condition:f preventedBy care:cream", {}),
            ("condition:f preventedBy care:preventive-measures", {"denies": True, "source": "high"}),
        ],
        {"StanceContradiction": 1},
    ),
    "placed-and-not-placed": (
        [
            ("condition:g subtypeOf condition:wide", {}),
            ("condition:g subtypeOf condition:wide", {"denies": True, "source": "high"}),
        ],
        {"ClassificationDifference": 1},
    ),
    "two-schemes": (
        [
            ("<scheme/one/x> denotes condition:h", {}),
            ("<scheme/one/w> denotes condition:h1", {}),
            ("<scheme/two/x> denotes condition:h", {"source": "other"}),
            ("<scheme/two/w> denotes condition:h2", {"source": "other"}),
        ],
        {"ClassificationDifference": 1},
    ),
    "courses": (
        [("condition:i hasCourse course:x", {}), ("condition:i hasCourse course:y", {"source": "high"})],
        {"ValueDifference": 1},
    ),
    "origin-by-mechanism": (
        [
            ("cause:plug involves structure:gland", {}),
            ("condition:j hasMechanism cause:plug", {"hedged": True}),
            ("condition:j arisesFrom structure:hair", {"source": "high"}),
        ],
        {"ValueDifference": 1},
    ),
    "origin-in-a-part": (
        [
            ("structure:duct partOf structure:gland", {}),
            ("condition:k hasMechanism cause:plug", {}),
            ("condition:k arisesFrom structure:duct", {"source": "high"}),
        ],
        {},
    ),
    "shares-apart": (
        [
            (f"condition:l prevalence {share(40, 50)}", {}),
            (f"condition:l prevalence {share(7.5)}", {"source": "high"}),
        ],
        {"NumberDifference": 1},
    ),
    "shares-that-meet": (
        [
            (f"condition:m prevalence {share(40, 50)}", {}),
            (f"condition:m prevalence {share(50, rough=True)}", {"source": "high"}),
        ],
        {"NumberCompatibility": 1},
    ),
    "rough-shares-apart": (
        [
            (f"condition:n prevalence {share(40, rough=True)}", {}),
            (f"condition:n prevalence {share(50, rough=True)}", {"source": "high"}),
        ],
        {"NumberDifference": 1},
    ),
    "times-in-other-units": (
        [
            (f"condition:o resolvesWithin {time(2, 4, 'wk')}", {}),
            (f"condition:o resolvesWithin {time(21, 30, 'd')}", {"source": "high"}),
        ],
        {"NumberCompatibility": 1},
    ),
    "times-apart-in-other-units": (
        [
            (f"condition:p resolvesWithin {time(2, 4, 'wk')}", {}),
            (f"condition:p resolvesWithin {time(2, 3, 'mo')}", {"source": "high"}),
        ],
        {"NumberDifference": 1},
    ),
    "figures-of-a-part": (
        [
            (f"condition:q diameter {time(1, 2, 'mm')}", {}),
            (f"condition:q diameter {time(4, 5, 'mm')}", {"source": "high", "more": SCOPE.format("old")}),
        ],
        {"ScopeDifference": 1},
    ),
    "none-of-33-and-very-rare": (
        [
            ("condition:r presentsWith finding:x", {"more": count(0, 33)}),
            ("condition:r presentsWith finding:x", {"source": "other", "more": BAND.format(84)}),
        ],
        {"NumberCompatibility": 1},
    ),
    "four-of-six-and-occasional": (
        [
            ("condition:s presentsWith finding:x", {"more": count(4, 6)}),
            ("condition:s presentsWith finding:x", {"source": "other", "more": BAND.format(83)}),
        ],
        {"NumberDifference": 1, "Agreement": 1},
    ),
    "rarely-and-often": (
        [
            ("condition:t presentsWith finding:x", {"more": words("Rarely")}),
            ("condition:t presentsWith finding:x", {"source": "other", "more": words("Often")}),
        ],
        {"FrequencyDifference": 1, "Agreement": 1},
    ),
    "sometimes-and-often": (
        [
            ("condition:u presentsWith finding:x", {"more": words("Sometimes")}),
            ("condition:u presentsWith finding:x", {"source": "other", "more": words("Often")}),
        ],
        {"Agreement": 1},
    ),
    "remedy-and-cause": (
        [
            ("condition:remedy treatedBy care:burner", {}),
            ("condition:wide triggeredBy care:burner", {"source": "high"}),
        ],
        {"RemedyAndCause": 1},
    ),
    "one-name-for-two": (
        [
            ("condition:homonym resembles condition:alike", {}),
            ("condition:homonym preferredName name:fr-x", {"source": "other"}),
            ("condition:alike otherName name:fr-x", {"source": "high"}),
        ],
        {"NameClash": 1},
    ),
    "one-name-for-two-evenly": (
        [
            ("condition:even otherName name:fr-y", {"source": "other"}),
            ("condition:alike otherName name:fr-y", {}),
        ],
        {"NameClash": 1},
    ),
}


@pytest.fixture(scope="module")
def compared(home: Home) -> tuple[Derivation, dict[str, Counter[str]]]:
    """Say everything at once; return what was derived, and the kinds found by case."""
    world, owner = World(), {}
    for name, (said, _) in CASES.items():
        for text, how in said:
            owner[expand(world.say(text, **how))] = name
    made = world.derive(home, THINGS)
    kinds, cases = {}, {}
    for t in made.graphs["disagreements"]:
        if t.predicate == milia("kind"):
            kinds[t.subject] = short(t.object).removeprefix("milia:")
        elif t.predicate == milia("between"):
            cases[t.subject] = owner[t.object]  # type: ignore[index]
    found = {name: Counter[str]() for name in CASES}
    for node, kind in kinds.items():
        found[cases[node]][kind] += 1
    return made, found


@pytest.mark.parametrize("name", CASES)
def test_comparison(compared: tuple[Derivation, dict[str, Counter[str]]], name: str) -> None:
    assert compared[1][name] == CASES[name][1]


def test_the_weaker_side_loses_a_name(compared: tuple[Derivation, object]) -> None:
    made, _ = compared
    assert status(made, "condition:homonym preferredName name:fr-x") == "Disputed"
    assert status(made, "condition:alike otherName name:fr-x") == "Established"


def test_both_sides_lose_a_name_where_neither_is_stronger(compared: tuple[Derivation, object]) -> None:
    made, _ = compared
    assert status(made, "condition:even otherName name:fr-y") == "Disputed"
    assert status(made, "condition:alike otherName name:fr-y") == "Disputed"


def test_an_agreement_names_its_fact_and_all_its_claims(compared: tuple[Derivation, object]) -> None:
    made, _ = compared
    t = triple("condition:two affects site:nose")
    node = fact_iri(t.subject, t.predicate, t.object)
    (agreement,) = {x.subject for x in made.graphs["disagreements"] if x.object == node}
    said = [x for x in made.graphs["disagreements"] if x.subject == agreement]
    assert len([x for x in said if x.predicate == milia("between")]) == 2


def test_a_count_of_nought_is_listed_with_its_fact(compared: tuple[Derivation, object]) -> None:
    made, _ = compared
    t = triple("condition:r presentsWith finding:x")
    node = fact_iri(t.subject, t.predicate, t.object)
    found = {short(x.predicate) for x in made.graphs["facts"] if x.subject == node}
    assert {"milia:supportedBy", "milia:notSeenBy"} <= found
