"""schema.org: valid by its own vocabulary, nothing that is only supposed, no care that was not decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.export.blocks import NOTICE
from milia.export.schema_org import document, write
from milia.kg import KnowledgeGraph

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
    files = files | {"adult.jsonld": json.dumps(document(kg, "milia", **ADULT)).encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert referee("schema_org_check", TERMS, *(tmp_path / name for name in files)).count("fine") == len(
        files
    )


def test_a_wrong_document_is_found(tmp_path: Path, referee: Callable[..., str]) -> None:
    bad = {"@context": "https://schema.org", "@type": "MedicalCondition", "possibleTreatment": "a text"}
    (tmp_path / "bad.jsonld").write_text(json.dumps(bad))
    with pytest.raises(AssertionError, match="leads to a text"):
        referee("schema_org_check", TERMS, tmp_path / "bad.jsonld")


def test_what_is_not_established_is_left_out(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    rows = [row for row in kg.rows("edges") if row["kind"] == "claimed"]
    for content in files.values():
        said = json.loads(content)
        held = {
            kg.labels[row["object"]]
            for row in rows
            if row["subject"] == said["about"]["@id"]
            and row["predicate"].endswith("/affects")
            and row["status"] == "Established"
        }
        origins = {
            kg.labels[row["object"]]
            for row in rows
            if row["subject"] == said["about"]["@id"]
            and row["predicate"].endswith("/arisesFrom")
            and row["status"] == "Established"
        }
        assert _names(said, "associatedAnatomy") == held | origins
        assert said["description"] == NOTICE


def test_of_care_only_what_was_decided_is_named(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    for content in files.values():
        care = _names(json.loads(content), "possibleTreatment")
        assert care <= {"Reassurance", "Watchful waiting", "Not squeezing or picking"}
    grown = document(kg, "milia", **ADULT)
    rows = kg.ask("related-treatments", form="milia", **ADULT).records()
    allowed = {row["careName"] for row in rows if not row["decision"].endswith("/NotSuggested")}
    assert {"Chemical peel"} < _names(grown, "possibleTreatment") <= allowed
    assert _names(grown, "primaryPrevention") <= allowed


def test_codes_are_those_of_exact_mappings(kg: KnowledgeGraph, files: dict[str, bytes]) -> None:
    codes = json.loads(files["milia.jsonld"])["about"]["code"]
    assert {"@type": "MedicalCode", "codingSystem": "HP", "codeValue": "0001056"} in codes
    exact = {row["code"] for row in kg.rows("codes") if row["thing"].endswith("/condition/milia")}
    assert all(any(iri.endswith(code["codeValue"]) for iri in exact) for code in codes)
