"""The operations of FHIR: right answers, the parameters of the specification, and errors that help."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milia.errors import Misuse, UnknownName
from milia.export.fhir_terms import SYSTEM, WHOLE
from milia.kg import KnowledgeGraph
from milia.terminology import expand, lookup, subsumes, translate, validate_code

Json = dict[str, Any]
FORMS = f"{WHOLE}-forms"
HP = "http://human-phenotype-ontology.org"
CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _one(answer: Json, name: str) -> Any:
    """Return the value of the only parameter of a name, or None."""
    found = [p for p in answer["parameter"] if p["name"] == name]
    assert len(found) < 2
    return next((v for p in found for k, v in p.items() if k.startswith("value")), None)


def _many(answer: Json, name: str) -> list[Json]:
    """Return the parts of each parameter of a name, by their names."""
    return [
        {part["name"]: next(v for k, v in part.items() if k.startswith("value")) for part in p["part"]}
        for p in answer["parameter"]
        if p["name"] == name
    ]


# ── $lookup ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "language", "display"),
    [
        ("condition:milia", "", "Milia"),
        ("condition:milia", "de", "Milien"),
        ("condition:milia", "de-CH", "Milien"),
        ("condition:milia", "xx", "Milia"),
        ("care:extraction", "", "Extraction of milia"),
    ],
)
def test_lookup_gives_the_name_in_a_language(
    kg: KnowledgeGraph, code: str, language: str, display: str
) -> None:
    found = lookup(kg, code, display_language=language)
    assert _one(found, "display") == display
    assert _one(found, "name") == "Milia"
    assert _one(found, "version")
    assert _one(found, "definition")


def test_lookup_gives_names_and_properties(kg: KnowledgeGraph) -> None:
    found = lookup(kg, "condition:neonatal-milia")
    assert {"code": "parent", "value": "condition:milia", "description": "Milia"} in _many(found, "property")
    assert {"code": "kind", "value": "MiliaForm"} in _many(found, "property")
    names = {(d["language"], d["value"]) for d in _many(found, "designation")}
    assert ("en", "milk spots") in names


# ── $validate-code ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "url", "display", "result", "message"),
    [
        ("condition:milia", SYSTEM, "", True, None),
        ("condition:milia", SYSTEM, "Milia", True, None),
        ("condition:milia", SYSTEM, "GRIESKORN", True, None),
        ("condition:milia", SYSTEM, "Miliaria", False, "is no name of condition:milia"),
        ("condition:milium", SYSTEM, "", False, "did you mean condition:milia"),
        ("condition:milia", WHOLE, "", True, None),
        ("condition:milia", FORMS, "", True, None),
        ("condition:miliaria", FORMS, "", False, "which is a look-alike and not milia, is not in"),
        ("site:face", f"{WHOLE}-sites", "", True, None),
        ("site:face", f"{WHOLE}-care", "", False, "site:face (Face) is not in"),
    ],
)
def test_validate_code(
    kg: KnowledgeGraph, code: str, url: str, display: str, result: bool, message: str | None
) -> None:
    found = validate_code(kg, code, url=url, display=display)
    assert _one(found, "result") is result
    assert (message or "") in (_one(found, "message") or "")
    assert (_one(found, "message") is None) is result


def test_validate_code_repeats_the_code_in_r5_only(kg: KnowledgeGraph) -> None:
    names = {r: {p["name"] for p in validate_code(kg, "site:face", release=r)["parameter"]} for r in _BOTH}
    assert names == {
        "R4B": {"result", "display"},
        "R5": {"result", "display", "code", "system", "version"},
    }


_BOTH = ("R4B", "R5")

# ── $expand ───────────────────────────────────────────────────────────────────────────────────────────────


def _codes(value_set: Json) -> list[str]:
    return [c["code"] for c in value_set["expansion"].get("contains", ())]


def test_pages_make_up_the_whole(kg: KnowledgeGraph) -> None:
    whole = _codes(expand(kg, FORMS))
    assert whole == sorted(set(whole))
    pages = [expand(kg, FORMS, offset=start, count=7) for start in range(0, len(whole), 7)]
    assert [code for page in pages for code in _codes(page)] == whole
    assert {page["expansion"]["total"] for page in pages} == {len(whole)}
    assert [page["expansion"]["offset"] for page in pages] == list(range(0, len(whole), 7))


@pytest.mark.parametrize(("offset", "count"), [(0, 0), (1000, None), (1000, 5)])
def test_an_empty_page_still_counts(kg: KnowledgeGraph, offset: int, count: int | None) -> None:
    found = expand(kg, FORMS, offset=offset, count=count)["expansion"]
    assert "contains" not in found
    assert found["total"] > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("neonatal", {"condition:neonatal-milia"}),
        ("mil neon", {"condition:neonatal-milia"}),
        ("NEUGEBORENENMILIEN", {"condition:neonatal-milia"}),
        ("eonatal", set()),  # the beginning of a word
        ("neonatal plaque", set()),  # words of one name
        ("xyzzy", set()),
    ],
)
def test_a_filter_finds_beginnings_of_words(kg: KnowledgeGraph, text: str, expected: set[str]) -> None:
    found = expand(kg, FORMS, text=text)
    assert set(_codes(found)) >= expected
    assert bool(_codes(found)) == bool(expected)
    assert found["expansion"]["total"] == len(_codes(found))
    assert found["expansion"]["parameter"] == [{"name": "filter", "valueString": text}]


def test_an_expansion_says_how_it_was_made(kg: KnowledgeGraph) -> None:
    found = expand(kg, FORMS, offset=1, count=1, display_language="fr", include_designations=True, now=NOW)
    assert found["url"] == FORMS
    assert found["status"] == "draft"
    assert "compose" not in found
    assert found["expansion"]["timestamp"] == "2026-01-02T03:04:05Z"
    assert {p["name"] for p in found["expansion"]["parameter"]} == {
        "offset",
        "count",
        "displayLanguage",
        "includeDesignations",
    }
    assert found["expansion"]["contains"][0]["designation"]


def test_all_concepts_can_be_expanded(kg: KnowledgeGraph) -> None:
    assert set(_codes(expand(kg, FORMS))) < set(_codes(expand(kg, WHOLE)))
    shown = {
        c["code"]: c["display"] for c in expand(kg, WHOLE, display_language="de")["expansion"]["contains"]
    }
    assert shown["condition:milia"] == "Milien"
    assert shown["care:extraction"] == "Extraction of milia"


@pytest.mark.parametrize(("offset", "count"), [(-1, None), (0, -1)])
def test_a_page_is_not_below_nought(kg: KnowledgeGraph, offset: int, count: int | None) -> None:
    with pytest.raises(Misuse, match="from 0"):
        expand(kg, FORMS, offset=offset, count=count)


# ── $subsumes ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("condition:milia", "condition:milia", "equivalent"),
        ("condition:milia", "condition:neonatal-milia", "subsumes"),
        ("condition:neonatal-milia", "condition:milia", "subsumed-by"),
        ("condition:milia", "condition:miliaria", "not-subsumed"),
        ("care:topical-retinoid", "care:adapalene", "subsumes"),
        ("condition:primary-milia", "condition:milia-en-plaque", "not-subsumed"),  # this is disputed
        ("site:head", "site:face", "not-subsumed"),  # a part, no subtype
    ],
)
def test_subsumes(kg: KnowledgeGraph, a: str, b: str, outcome: str) -> None:
    assert subsumes(kg, a, b) == {
        "resourceType": "Parameters",
        "parameter": [{"name": "outcome", "valueCode": outcome}],
    }


def test_what_is_subsumed_is_so_through_all_levels(kg: KnowledgeGraph) -> None:
    parents: dict[str, set[str]] = {}
    for code in _codes(expand(kg, f"{WHOLE}-care")):
        found = _many(lookup(kg, code), "property")
        parents[code] = {p["value"] for p in found if p["code"] == "parent"}
    deep = [
        (c, b) for c, above in parents.items() for a in above for b in parents.get(a, ()) if b not in above
    ]
    assert deep
    for below, above in deep:
        assert _one(subsumes(kg, above, below), "outcome") == "subsumes"


# ── $translate ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "target", "expected"),
    [
        ("condition:milia", CM, {("source-is-narrower-than-target", "L72.0")}),
        ("condition:miliaria", CM, {("source-is-broader-than-target", "L74.3")}),
        ("age:birth", HP, {("related-to", "HP:0003577")}),
    ],
)
def test_translate_to_a_vocabulary(
    kg: KnowledgeGraph, code: str, target: str, expected: set[tuple[str, str]]
) -> None:
    found = translate(kg, code, target_system=target)
    assert _one(found, "result") is True
    matches = _many(found, "match")
    assert {(m["relationship"], m["concept"]["code"]) for m in matches} >= expected
    assert {m["concept"]["system"] for m in matches} == {target}


def test_translate_gives_all_hits(kg: KnowledgeGraph) -> None:
    systems = {m["concept"]["system"] for m in _many(translate(kg, "condition:milia"), "match")}
    assert {HP, CM, SNOMED} <= systems
    single = [m for s in systems for m in _many(translate(kg, "condition:milia", target_system=s), "match")]
    assert len(single) == len(_many(translate(kg, "condition:milia"), "match"))


def test_translate_back_is_read_from_the_other_side(kg: KnowledgeGraph) -> None:
    found = translate(kg, "HP:0001056", system=HP)
    back = {(m["relationship"], m["concept"]["code"]) for m in _many(found, "match")}
    assert ("equivalent", "condition:milia") in back
    assert {m["concept"]["system"] for m in _many(found, "match")} == {SYSTEM}
    for release, relation, how in (
        ("R5", "relationship", _from_the_other_side),
        ("R4B", "equivalence", {"wider": "narrower", "narrower": "wider"}),
    ):
        for code in ("HP:0001056", "HP:0011355", "HP:0200040"):
            for match in _many(translate(kg, code, system=HP, release=release), "match"):
                ours = match["concept"]["code"]
                forth = _many(translate(kg, ours, target_system=HP, release=release), "match")
                seen = {(m[relation], m["concept"]["code"]) for m in forth}
                assert (how.get(match[relation], match[relation]), code) in seen


_from_the_other_side = {
    "source-is-narrower-than-target": "source-is-broader-than-target",
    "source-is-broader-than-target": "source-is-narrower-than-target",
}


def test_what_is_wider_than_milia_is_not_called_narrower(kg: KnowledgeGraph) -> None:
    (match,) = (
        m
        for m in _many(translate(kg, "HP:0011355", system=HP), "match")
        if m["concept"]["code"] == "condition:milia"
    )
    assert match["relationship"] == "source-is-broader-than-target"


def test_a_rejected_mapping_is_not_translated(kg: KnowledgeGraph) -> None:
    found = {m["concept"]["code"] for m in _many(translate(kg, "HP:0001056", system=HP), "match")}
    assert not found & {"condition:miliaria", "condition:closed-comedo", "condition:colloid-milium"}


@pytest.mark.parametrize(
    ("code", "system", "target"),
    [
        ("HP:0000001", HP, ""),
        ("L72.8", CM, ""),  # considered and rejected
        ("HP:0001056", HP, CM),  # only to us
        ("condition:areolar-milium", SYSTEM, "http://purl.obolibrary.org/obo/mondo.owl"),  # a vain search
    ],
)
@pytest.mark.parametrize("release", _BOTH)
def test_where_nothing_is_known_the_answer_is_no(
    kg: KnowledgeGraph, code: str, system: str, target: str, release: str
) -> None:
    found = translate(kg, code, system=system, target_system=target, release=release)
    assert _one(found, "result") is False
    assert _one(found, "message") == "No mapping is known."
    assert all(m == {"equivalence": "unmatched", "source": m["source"]} for m in _many(found, "match"))


def test_each_release_has_its_own_words(kg: KnowledgeGraph) -> None:
    keys = {
        r: {k for m in _many(translate(kg, "condition:milia", release=r), "match") for k in m} for r in _BOTH
    }
    assert keys == {
        "R4B": {"equivalence", "concept", "source"},
        "R5": {"relationship", "concept", "originMap"},
    }


# ── errors ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda kg: lookup(kg, "condition:milium"), "no code is called .* did you mean condition:milia"),
        (lambda kg: lookup(kg, "person:susan-mayou"), "no code is called"),
        (lambda kg: lookup(kg, "condition:milia", system="urn:x"), "no code system is called 'urn:x'"),
        (lambda kg: subsumes(kg, "condition:milia", "condition:milum"), "did you mean condition:milia"),
        (lambda kg: expand(kg, FORMS + "s"), "no value set is called .* did you mean .*milia-forms"),
        (lambda kg: validate_code(kg, "site:face", url="urn:x"), "no value set is called"),
        (lambda kg: translate(kg, "condition:milium"), "did you mean condition:milia"),
        (lambda kg: translate(kg, "1", system=SNOMED + "x"), "did you mean http://snomed.info/sct"),
        (lambda kg: translate(kg, "site:face", target_system="urn:x"), "no code system is called"),
        (lambda kg: translate(kg, "site:face", release="R6"), "no release of FHIR is called 'R6'"),
        (lambda kg: validate_code(kg, "site:face", release="STU3"), "no release of FHIR"),
    ],
)
def test_an_unknown_name_is_an_error_that_helps(
    kg: KnowledgeGraph, call: Callable[[KnowledgeGraph], Json], expected: str
) -> None:
    with pytest.raises(UnknownName, match=expected):
        call(kg)


# ── the readers' own validator ────────────────────────────────────────────────────────────────────────────


def test_answers_are_resources_of_both_releases(
    kg: KnowledgeGraph, referee: Callable[..., str], tmp_path: Path
) -> None:
    paths = []
    for release in _BOTH:
        answers = [
            lookup(kg, "condition:neonatal-milia", display_language="de"),
            validate_code(kg, "condition:milia", display="Milien", release=release),
            validate_code(kg, "condition:milium", release=release),
            expand(kg, FORMS, text="mil", offset=1, count=3, include_designations=True, now=NOW),
            expand(kg, WHOLE, count=0, now=NOW),
            subsumes(kg, "condition:milia", "condition:neonatal-milia"),
            translate(kg, "condition:milia", release=release),
            translate(kg, "HP:0001056", system=HP, release=release),
            translate(kg, "condition:areolar-milium", release=release),
        ]
        for number, answer in enumerate(answers):
            path = tmp_path / f"{number}-{release.lower()}.json"
            path.write_text(json.dumps(answer), encoding="utf-8")
            paths.append(path)
    assert referee("fhir_check", *paths).count("fine by") == len(paths)
