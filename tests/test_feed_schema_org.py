"""schema.org: valid by its own vocabulary, nothing that is only supposed, no care that was not decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.export.blocks import NOTICE, page
from milia.export.schema_org import describe, document, write
from milia.kg import KnowledgeGraph
from milia.offers import Offer, place

TERMS = Path(__file__).parent / "referees" / "schemaorg-terms.json"
ADULT = {"age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}


@pytest.fixture(scope="module")
def files(kg: KnowledgeGraph) -> dict[str, bytes]:
    return write(kg)


def _names(said: dict[str, Any], term: str) -> set[str]:
    return {one["name"] for one in said["about"].get(term, ())}


def test_every_form_has_a_document_that_is_valid(
    kg: KnowledgeGraph, files: dict[str, bytes], tmp_path: Path, referee: Callable[..., str]
) -> None:
    forms = kg.ask("SELECT ?f { ?f a milia:MiliaForm }").records()
    assert len(files) == len(forms)
    offers = place(kg, [Offer("Chemical peel", "service", "https://clinic.example/peel", 2)])
    more = {
        "adult": document(kg, "milia", **ADULT),
        "clinic": document(kg, "milia", **ADULT, provider="cadogan-clinic"),
        "catalogue": describe(kg, page(kg, "milia", offers, **ADULT)),
    }
    files = files | {f"{name}.jsonld": json.dumps(said).encode() for name, said in more.items()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert referee("schema_org_check", TERMS, *(tmp_path / name for name in files)).count("fine") == len(
        files
    )


CODE = {"@type": "MedicalCode", "codeValue": "1"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"@type": "MedicalCondition", "possibleTreatment": "a text"}, "leads to a text"),
    ({"@type": "MedicalCondition", "codeValue": "1"}, "is no property of MedicalCondition"),
    ({"@type": "MedicalCondition", "cure": "1"}, "is no property of MedicalCondition"),
    ({"@type": "MedicalCondition", "cause": CODE}, "cause leads to"),
    ({"@type": "Malady", "name": "x"}, "no type of schema.org"),
    ({"@context": {"@vocab": "https://schema.org/"}, "@type": "MedicalCondition"}, "the context is another"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_document_is_found(
    tmp_path: Path, referee: Callable[..., str], wrong: dict[str, Any], said: str
) -> None:
    (tmp_path / "bad.jsonld").write_text(json.dumps({"@context": "https://schema.org", **wrong}))
    with pytest.raises(AssertionError, match=said):
        referee("schema_org_check", TERMS, tmp_path / "bad.jsonld")


def test_only_what_is_said_outright_of_anybody_goes_in(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    rows = [r for r in kg.rows("edges") if r["kind"] == "claimed" and r["status"] == "Established"]
    limited = 0
    for content in files.values():
        said = json.loads(content)
        general: set[str] = set()
        narrow: set[str] = set()
        for row in rows:
            if row["subject"] == said["about"]["@id"] and row["predicate"].endswith("/affects"):
                claims = [kg.claims[c] for c in row["for"].split("|")]
                outright = any(
                    not c.scope and c.frequency not in {"milia:Rarely", "hp:0040284"} for c in claims
                )
                (general if outright else narrow).add(kg.labels[row["object"]])
        anatomy = _names(said, "associatedAnatomy")
        assert general <= anatomy
        assert not anatomy & narrow
        limited += len(narrow)
        assert said["description"] == NOTICE
    assert limited


def test_absence_is_no_thing(files: dict[str, bytes]) -> None:
    for content in files.values():
        said = json.loads(content)
        assert not _names(said, "cause") & {"No event before it", "Unknown cause"}
        assert "No symptoms" not in _names(said, "signOrSymptom")


def test_of_care_only_what_was_decided_is_named(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    for content in files.values():
        care = _names(json.loads(content), "possibleTreatment")
        assert care <= {"Reassurance", "Watchful waiting", "Not squeezing or picking"}
    grown = document(kg, "milia", **ADULT)
    rows = kg.ask("related-treatments", form="milia", **ADULT).records()
    allowed = {row["careName"] for row in rows if not row["decision"].endswith("/NotSuggested")}
    assert {"Chemical peel"} < _names(grown, "possibleTreatment") <= allowed
    assert _names(grown, "primaryPrevention") <= allowed


def test_a_provider_is_named_with_its_services(kg: KnowledgeGraph) -> None:
    for name in ("cadogan-clinic", "body-perfection-laser-clinic"):
        made = page(kg, "milia", None, **ADULT, provider=name)
        (clinic,) = describe(kg, made)["mentions"]
        assert clinic["@type"] == "MedicalClinic"
        assert clinic["url"].startswith("https://")
        assert {s["name"] for s in clinic.get("availableService", ())} == {
            s.names[0] for s in made.block("services")
        }
    (clinic,) = document(kg, "milia", **ADULT, provider="cadogan-clinic")["mentions"]
    assert {"@type": "Person", "name": "Amelie Seghers", "jobTitle": ["Consultant dermatologist"]} in clinic[
        "employee"
    ]


def test_a_catalogue_of_ones_own_names_services_and_products(kg: KnowledgeGraph) -> None:
    offers = place(
        kg,
        [
            Offer("Our chemical peel", "service", "https://clinic.example/peel", 2),
            Offer("Syringoma removal", "service", "", 3),
        ],
    )
    said = describe(kg, page(kg, "milia", offers, **ADULT))
    assert said["mentions"] == [
        {"@type": "Service", "name": "Our chemical peel", "url": "https://clinic.example/peel"}
    ]
    assert "mentions" not in describe(kg, page(kg, "milia", offers))  # a baby gets no peel
    assert "mentions" not in document(kg, "milia", **ADULT)


def test_care_has_the_type_that_fits(kg: KnowledgeGraph) -> None:
    kinds = {
        one["name"]: one["@type"] for one in document(kg, "milia", **ADULT)["about"]["possibleTreatment"]
    }
    assert kinds["Not squeezing or picking"] == "LifestyleModification"
    assert kinds["Chemical peel"] == "MedicalTherapy"


def test_codes_are_those_of_exact_mappings(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    codes = json.loads(files["milia.jsonld"])["about"]["code"]
    assert {
        "@type": "MedicalCode",
        "codingSystem": "Human Phenotype Ontology",
        "codeValue": "0001056",
    } in codes
    exact = {
        row["target"]
        for row in kg.rows("codes")
        if row["thing"].endswith("/condition/milia") and row["match"] == "exactMatch"
    }
    assert all(any(iri.endswith(code["codeValue"]) for iri in exact) for code in codes)
