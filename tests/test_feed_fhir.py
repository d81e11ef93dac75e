"""FHIR: valid in both releases, only what is established is wider, no match is made stronger than it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milia.export import fhir
from milia.export.fhir_terms import COMMENTS, EQUIVALENCES, RELATIONSHIPS, RELEASES, SETS, SYSTEM, SYSTEMS
from milia.kg import KnowledgeGraph
from milia.names import short

Json = dict[str, Any]
Files = dict[str, bytes]
# what the clinics' own catalogue is made of: no concepts of medicine
CATALOGUE = ("Article", "Concern", "Person", "Product", "Provider", "Service")


@pytest.fixture(scope="module")
def files(kg: KnowledgeGraph) -> Files:
    return fhir.write(kg)


def _resources(files: Files, release: str, kind: str) -> dict[str, Json]:
    bundle = json.loads(files[f"milia-fhir-{release.lower()}.json"])
    found = [e["resource"] for e in bundle["entry"]]
    return {r["id"]: r for r in found if r["resourceType"] == kind}


@pytest.fixture(scope="module")
def concepts(files: Files) -> dict[str, Json]:
    (system,) = _resources(files, "R5", "CodeSystem").values()
    return {c["code"]: c for c in system["concept"]}


def _asked(kg: KnowledgeGraph, pattern: str) -> set[tuple[str, str]]:
    """Return the pairs of a pattern of which both ends are things of ours."""
    ours = "?s skos:inScheme scheme:milia . ?o skos:inScheme scheme:milia"
    rows = kg.ask(f"SELECT DISTINCT ?s ?o {{ {pattern} {ours} }}").records()
    return {(short(r["s"]), short(r["o"])) for r in rows}


def _linked(concepts: dict[str, Json], name: str) -> set[tuple[str, str]]:
    return {
        (c, p["valueCode"]) for c, said in concepts.items() for p in said["property"] if p["code"] == name
    }


# ── the code system ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["CodeSystem", "ValueSet"])
def test_both_releases_have_the_same_codes(files: Files, kind: str) -> None:
    assert _resources(files, "R4B", kind) == _resources(files, "R5", kind)


def test_each_resource_says_what_it_is_not(files: Files) -> None:
    for release in RELEASES:
        for kind in ("CodeSystem", "ValueSet", "ConceptMap"):
            for resource in _resources(files, release, kind).values():
                assert "not medical advice" in resource["description"]
                assert resource["experimental"] is True
                assert resource["status"] == "draft"
                assert "https://creativecommons.org/licenses/by/4.0/" in resource["copyright"]


def test_each_thing_is_a_concept_but_the_catalogue(kg: KnowledgeGraph, concepts: dict[str, Json]) -> None:
    classes = " ".join(f"FILTER NOT EXISTS {{ ?s a milia:{name} }}" for name in CATALOGUE)
    rows = kg.ask(f"SELECT ?s {{ ?s skos:inScheme scheme:milia {classes} }}").records()
    assert {short(row["s"]) for row in rows} == concepts.keys()
    assert not [code for code in concepts if code.startswith(("person:", "provider:", "service:", "scheme"))]


def test_only_what_is_established_is_a_parent(kg: KnowledgeGraph, concepts: dict[str, Json]) -> None:
    fact = "?f a milia:Fact ; rdf:subject ?s ; rdf:predicate milia:subtypeOf ; rdf:object ?o ; milia:status"
    doubtful = _asked(kg, f"GRAPH ?g {{ {fact} ?status }} FILTER (?status != milia:Established)")
    parents = _linked(concepts, "parent")
    assert parents == _asked(kg, f"GRAPH graph:facts {{ {fact} milia:Established }}")
    assert ("condition:milia-en-plaque", "condition:primary-milia") in doubtful
    assert not doubtful & parents
    assert {(b, a) for a, b in _linked(concepts, "child")} == parents


def test_nothing_is_above_itself(concepts: dict[str, Json]) -> None:
    parents = _linked(concepts, "parent")
    reached = set(parents)
    while more := {(a, d) for a, b in reached for c, d in parents if b == c} - reached:
        reached |= more
    assert reached
    assert not [a for a, b in reached if a == b]


def test_parts_of_the_body_are_no_subtypes(concepts: dict[str, Json]) -> None:
    assert ("site:face", "site:head") in _linked(concepts, "partOf")
    assert not _linked(concepts, "partOf") & _linked(concepts, "parent")


@pytest.mark.parametrize(
    ("label", "use"), [("prefLabel", "preferredForLanguage"), ("altLabel", "900000000000013009")]
)
def test_all_names_are_there_in_all_languages(
    kg: KnowledgeGraph, concepts: dict[str, Json], label: str, use: str
) -> None:
    rows = kg.ask(
        f"SELECT ?s ?o (lang(?o) AS ?l) {{ ?s skos:inScheme scheme:milia ; skos:{label} ?o }}"
    ).records()
    asked = {(short(r["s"]), r["l"], r["o"]) for r in rows if short(r["s"]) in concepts}
    given = {
        (code, d["language"], d["value"])
        for code, said in concepts.items()
        for d in said["designation"]
        if d["use"]["code"] == use
    }
    named = {(c, d["language"], d["value"]) for c, said in concepts.items() for d in said["designation"]}
    assert given <= asked <= named
    assert len({language for _, language, _ in given}) > 5


def test_a_name_stands_once(concepts: dict[str, Json]) -> None:
    for code, said in concepts.items():
        names = [(d["language"], d["value"]) for d in said["designation"]]
        assert len(names) == len(set(names)), code


def test_a_misspelling_is_no_name(kg: KnowledgeGraph, concepts: dict[str, Json]) -> None:
    rows = kg.ask("SELECT ?s ?o (lang(?o) AS ?l) { ?s skos:hiddenLabel ?o }").records()
    assert rows
    for row in rows:
        names = [(d["language"], d["value"]) for d in concepts[short(row["s"])]["designation"]]
        assert (row["l"], row["o"]) not in names


def test_a_concept_is_called_and_described(concepts: dict[str, Json]) -> None:
    said = concepts["condition:neonatal-milia"]
    assert said["display"] == "Neonatal milia"
    assert said["definition"].startswith("Milia in a newborn baby")
    assert {"code": "kind", "valueString": "MiliaForm"} in said["property"]
    assert {"code": "parent", "valueCode": "condition:milia"} in said["property"]
    assert next(d["value"] for d in said["designation"] if d["language"] == "fr") == "grains de milium"


# ── the value sets ────────────────────────────────────────────────────────────────────────────────────────


def _listed(value_set: Json) -> list[str]:
    (include,) = value_set["compose"]["include"]
    return [c["code"] for c in include["concept"]]


@pytest.mark.parametrize("name", SETS)
def test_a_value_set_has_the_things_of_its_class(kg: KnowledgeGraph, files: Files, name: str) -> None:
    rows = kg.ask(f"SELECT ?s {{ ?s a milia:{SETS[name][0]} ; skos:inScheme scheme:milia }}").records()
    found = _listed(_resources(files, "R5", "ValueSet")[f"milia-{name}"])
    assert found == sorted(short(row["s"]) for row in rows)
    assert found


def test_each_concept_is_in_a_value_set(files: Files, concepts: dict[str, Json]) -> None:
    sets = _resources(files, "R5", "ValueSet")
    whole = sets.pop("milia")
    assert whole["compose"]["include"] == [{"system": SYSTEM, "version": whole["version"]}]
    assert {code for one in sets.values() for code in _listed(one)} == concepts.keys()


# ── the concept maps ──────────────────────────────────────────────────────────────────────────────────────


def _targets(files: Files, release: str) -> Iterator[tuple[str, str, Json]]:
    for name, made in _resources(files, release, "ConceptMap").items():
        for group in made["group"]:
            for element in group["element"]:
                for target in element.get("target", ()):
                    yield name.removeprefix("milia-to-"), element["code"], target


def _mapped(kg: KnowledgeGraph, match: str) -> set[tuple[str, str, str]]:
    """Return vocabulary, concept and end of the code of every mapping that was accepted."""
    rows = kg.ask(
        f"SELECT ?v ?s ?o {{ GRAPH ?g {{ ?m owl:annotatedSource ?s ; owl:annotatedProperty skos:{match} ; "
        "owl:annotatedTarget ?o ; sssom:object_source ?v FILTER (?o != sssom:NoTermFound) "
        "FILTER NOT EXISTS { ?m sssom:predicate_modifier ?not } } ?s skos:inScheme scheme:milia }"
    ).records()
    return {(r["v"].rpartition("/")[2], short(r["s"]), _end(r["o"])) for r in rows}


def _end(code: str) -> str:
    """Return what is left of a code, or of its IRI, without what all codes of its vocabulary begin with."""
    return re.sub(r"^(?:.*[:/#_])?(?:fma|PS)?", "", code)


@pytest.mark.parametrize("match", RELATIONSHIPS)
def test_a_match_keeps_its_strength(kg: KnowledgeGraph, files: Files, match: str) -> None:
    expected = _mapped(kg, match)
    assert expected
    for release, name, words in (
        ("R5", "relationship", RELATIONSHIPS),
        ("R4B", "equivalence", EQUIVALENCES),
    ):
        found = {
            (v, s, _end(t["code"]))
            for v, s, t in _targets(files, release)
            if t[name] == words.get(match) and t.get("comment") == COMMENTS.get(match) and "code" in t
        }
        kept = {row for row in expected if row[0] in SYSTEMS and not row[1].startswith(_NOT_CODED)}
        assert found == (kept if match in words else set()), release


_NOT_CODED = tuple(f"{name.lower()}:" for name in CATALOGUE)


@pytest.mark.parametrize(
    ("vocabulary", "concept", "code", "r5", "r4b"),
    [
        ("hp", "condition:milia", "HP:0001056", "equivalent", "equivalent"),
        ("icd10", "condition:milia", "L72", "source-is-narrower-than-target", "wider"),
        ("icd10cm", "condition:miliaria", "L74.3", "source-is-broader-than-target", "narrower"),
        ("fma", "site:abdomen", "FMA:9577", "related-to", "inexact"),
        ("hp", "age:birth", "HP:0003577", "related-to", None),
        ("snomedct", "condition:basal-cell-carcinoma", "1338007", "related-to", "inexact"),
    ],
)
def test_a_match_is_read_from_our_concept_to_the_code(
    files: Files, vocabulary: str, concept: str, code: str, r5: str, r4b: str | None
) -> None:
    for release, name, expected in (("R5", "relationship", r5), ("R4B", "equivalence", r4b)):
        found = [
            t[name]
            for v, s, t in _targets(files, release)
            if (v, s, t.get("code")) == (vocabulary, concept, code)
        ]
        assert found == ([expected] if expected else [])


def test_what_was_rejected_is_nowhere(kg: KnowledgeGraph, files: Files) -> None:
    rejected = kg.ask(
        "SELECT ?s ?o { GRAPH ?g { ?m sssom:predicate_modifier ?not ; owl:annotatedSource ?s ; "
        "owl:annotatedTarget ?o } }"
    ).records()
    assert rejected
    for release in RELEASES:
        given = {(s, _end(t["code"])) for _, s, t in _targets(files, release) if "code" in t}
        assert not given & {(short(r["s"]), _end(r["o"])) for r in rejected}
        words = {t.get("relationship") or t["equivalence"] for _, _, t in _targets(files, release)}
        assert not words & {"not-related-to", "disjoint"}


def test_that_nothing_was_found_is_said_where_nothing_is_mapped(kg: KnowledgeGraph, files: Files) -> None:
    rows = kg.ask(
        "SELECT ?v ?s { GRAPH ?g { ?m owl:annotatedSource ?s ; owl:annotatedTarget sssom:NoTermFound ; "
        "sssom:object_source ?v } ?s skos:inScheme scheme:milia }"
    ).records()
    vain = {(r["v"].rpartition("/")[2], short(r["s"])) for r in rows}
    none = {
        (name.removeprefix("milia-to-"), element["code"])
        for name, made in _resources(files, "R5", "ConceptMap").items()
        for element in made["group"][0]["element"]
        if element.get("noMap")
    }
    unmatched = {(v, s) for v, s, t in _targets(files, "R4B") if t["equivalence"] == "unmatched"}
    assert none
    assert none <= unmatched <= vain
    related = {(v, s) for v, s, t in _targets(files, "R5") if t.get("comment") == COMMENTS["relatedMatch"]}
    assert unmatched - none <= related  # R4B has no word for those
    assert not none & {(v, s) for v, s, _ in _targets(files, "R5")}


def test_names_of_closed_vocabularies_stand_nowhere(kg: KnowledgeGraph, files: Files) -> None:
    rows = kg.ask("SELECT ?v { GRAPH ?g { ?v milia:mayCarryLabels false } }").records()
    closed = {row["v"].rpartition("/")[2] for row in rows}
    assert {"snomedct", "umls", "icd11", "omim"} <= closed
    named = {v for release in RELEASES for v, _, t in _targets(files, release) if "display" in t}
    assert {"hp", "mondo", "mesh"} <= named
    assert not named & closed


def test_each_vocabulary_has_its_system(kg: KnowledgeGraph, files: Files) -> None:
    known = {row["vocabulary"] for row in kg.rows("vocabularies")}
    assert known - SYSTEMS.keys() == {"eco"}  # what is mapped to it are kinds of study, no concepts of ours
    assert len({uri for uri, _ in SYSTEMS.values()}) == len(SYSTEMS)
    for release in RELEASES:
        maps = _resources(files, release, "ConceptMap")
        assert maps.keys() == {f"milia-to-{name}" for name in SYSTEMS}
        for name, made in maps.items():
            (group,) = made["group"]
            assert group["source"] == SYSTEM
            assert group["target"] == SYSTEMS[name.removeprefix("milia-to-")][0]


@pytest.mark.parametrize(
    ("vocabulary", "uri", "code"),
    [
        ("hgnc", "http://www.genenames.org", r"HGNC:\d+"),
        ("hp", "http://human-phenotype-ontology.org", r"HP:\d{7}"),
        ("icd10", "http://hl7.org/fhir/sid/icd-10", r"[A-Z]\d\d(\.\d|-[A-Z]\d\d)?"),
        ("icd10cm", "http://hl7.org/fhir/sid/icd-10-cm", r"[A-Z]\d\w(\.\w{1,4}|-[A-Z]\d\w)?"),
        ("icd11.code", "http://id.who.int/icd/release/11/mms", r"[0-9A-Z]+(\.[0-9A-Z]+)?"),
        ("mesh", "https://www.nlm.nih.gov/mesh", r"[CD]\d+"),
        ("mondo", "http://purl.obolibrary.org/obo/mondo.owl", r"MONDO:\d{7}"),
        ("ncit", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", r"C\d+"),
        ("omim", "http://www.omim.org", r"\d{6}"),
        ("omim.ps", "https://omim.org/phenotypicSeries", r"PS\d{6}"),
        ("orphanet.ordo", "https://www.orpha.net", r"\d+"),
        ("snomedct", "http://snomed.info/sct", r"\d+"),
        ("umls", "http://terminology.hl7.org/CodeSystem/umls", r"C\d{7}"),
    ],
)
def test_systems_and_codes_are_written_as_prescribed(
    files: Files, vocabulary: str, uri: str, code: str
) -> None:
    assert SYSTEMS[vocabulary][0] == uri
    codes = [t["code"] for v, _, t in _targets(files, "R5") if v == vocabulary]
    assert codes
    assert [one for one in codes if not re.fullmatch(code, one)] == []


# ── the readers' own validator ────────────────────────────────────────────────────────────────────────────


def _saved(folder: Path, files: Files) -> list[Path]:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(files)]


def test_fhir_resources_finds_nothing_wrong(
    referee: Callable[..., str], files: Files, tmp_path: Path
) -> None:
    said = referee("fhir_check", *_saved(tmp_path / "files", files))
    assert said.splitlines() == [
        "files/milia-fhir-r4b.json: fine by R4B",
        "files/milia-fhir-r5.json: fine by R5",
    ]


FAULTS = [
    ("r5", '"relationship": "equivalent"', '"equivalence": "equivalent"', "Extra inputs"),
    ("r4b", '"equivalence": "equivalent"', '"relationship": "equivalent"', "Extra inputs"),
    ("r5", '"relationship": "equivalent"', '"relationship": "wider"', "relationship is 'wider'"),
    ("r4b", '"equivalence": "wider"', '"equivalence": "broader"', "equivalence is 'broader'"),
    ("r5", '"status": "draft"', '"status": "new"', "status is 'new'"),
    ("r5", '"content": "complete",', "", "content"),
    ("r4b", '"hierarchyMeaning": "is-a"', '"hierarchyMeaning": "kind-of"', "hierarchyMeaning is 'kind-of'"),
    ("r5", '"code": "site:face"', '"code": "site:head"', "csd-1"),
    ("r5", '"valueCode": "site:head"', '"valueCode": "site:heads"', "is no code: site:heads"),
    ("r5", '"valueString": "BodySite"', '"valueCode": "BodySite"', "the property kind is not as declared"),
    ("r5", '"count": ', '"count": 1', "the count is 1"),
    ("r5", '"name": "MiliaSites"', '"name": "Milia sites"', "cnl-0: Milia sites"),
    ("r5", '"source": "https', '"source": "http', "no code system"),
    ("r5", '"noMap": true', '"display": ""', "String should"),
    ("r4b", f'"comment": "{COMMENTS["closeMatch"]}"', '"display": "x"', "cmd-1"),
    ("r5", '"fullUrl": "https://w3id', '"fullUrl": "https://www.w3id', "is not the resource's"),
]


def test_the_validator_finds_each_fault(referee: Callable[..., str], files: Files, tmp_path: Path) -> None:
    paths = []
    for number, (release, good, bad, _) in enumerate(FAULTS):
        name = f"milia-fhir-{release}.json"
        broken = files[name].decode().replace(good, bad).encode()
        assert broken != files[name], good
        paths += _saved(tmp_path / str(number), {name: broken})
    with pytest.raises(AssertionError) as raised:
        referee("fhir_check", *paths)
    said = dict(re.findall(r"(?m)^\W*([0-9]+)/\S+: (.*)$", str(raised.value)))
    assert len(said) == len(FAULTS)
    for number, (_, _, _, finding) in enumerate(FAULTS):
        assert finding in said[str(number)]
