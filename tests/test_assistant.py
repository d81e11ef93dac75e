"""What assistants are answered: evidence or none, never a guess; look-alikes by name; always the notice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from milia.assistant import EVIDENCE, FOUND, NONE, UNANSWERED
from milia.called import fold, names_of
from milia.errors import UnknownName
from milia.names import BASE, LICENCE, NOTICE, short
from milia.toolset import ANSWER_SCHEMA, TOOLS, call

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph

Json = dict[str, Any]

ADULT = {"age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}
MILIA, LOOK_ALIKE = "milia or a form of milia", "a look-alike: taken for milia, and not milia"

# a call of each tool, and whether there is evidence
ANSWERED: dict[str, tuple[str, Json, str]] = {
    "search": ("search", {"name": "Hautgrieß"}, FOUND),
    "search nothing": ("search", {"name": "xylophone"}, NONE),
    "search signs": ("search", {"name": "?!"}, NONE),
    "describe": ("describe", {"thing": "condition:neonatal-milia", "limit": 3}, FOUND),
    "describe by slug": ("describe", {"thing": "neonatal-milia", "limit": 3}, FOUND),
    "describe by IRI": ("describe", {"thing": BASE + "condition/neonatal-milia", "limit": 3}, FOUND),
    "describe in German": ("describe", {"thing": "hautgriess", "limit": 3}, FOUND),
    "describe a care": ("describe", {"thing": "Extraction of milia", "property": "requires"}, NONE),
    "describe nothing": ("describe", {"thing": "condition:neonatal-mila"}, NONE),
    "describe odd prefix": ("describe", {"thing": "conditon:milia"}, NONE),
    "describe odd IRI": ("describe", {"thing": "https://example.org/a b"}, NONE),
    "describe odd property": ("describe", {"thing": "Milia", "property": "tretedBy"}, NONE),
    "describe two": ("describe", {"thing": "milk spots"}, UNANSWERED),
    "query": ("query", {"sparql": "SELECT ?s { condition:milia milia:affects ?s }"}, FOUND),
    "query nothing": ("query", {"sparql": "SELECT ?s { condition:milia milia:nothing ?s }"}, NONE),
    "query yes": ("query", {"sparql": "ASK { condition:milia milia:affects site:eyelid }"}, FOUND),
    "query no": ("query", {"sparql": "ASK { site:eyelid milia:affects condition:milia }"}, NONE),
    "query construct": ("query", {"sparql": "CONSTRUCT WHERE { condition:milia a ?t }"}, FOUND),
    "query empty construct": ("query", {"sparql": "CONSTRUCT WHERE { site:x a ?t }"}, NONE),
    "query service": ("query", {"sparql": "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }"}, UNANSWERED),
    "query from": ("query", {"sparql": "SELECT * FROM <http://x/> { ?s ?p ?o }"}, UNANSWERED),
    "query update": ("query", {"sparql": "DROP ALL"}, UNANSWERED),
    "query bad": ("query", {"sparql": "SELECT ?s { bad"}, UNANSWERED),
    "explain": (
        "explain",
        {"subject": "milia", "predicate": "treatedBy", "object": "care:extraction"},
        FOUND,
    ),
    "explain by label": (
        "explain",
        {"subject": "Milia", "predicate": "affects region", "object": "Head"},
        FOUND,
    ),
    "explain label": (
        "explain",
        {"subject": "Milia", "predicate": "prefLabel", "object": "Milien@de"},
        FOUND,
    ),
    "explain name": (
        "explain",
        {"subject": "Milia", "predicate": "otherName", "object": "name:en-milk-spots"},
        FOUND,
    ),
    "explain nothing": ("explain", {"subject": "milia", "predicate": "treatedBy", "object": "retinol"}, NONE),
    "explain odd property": (
        "explain",
        {"subject": "milia", "predicate": "heals", "object": "retinol"},
        NONE,
    ),
    "explain odd object": (
        "explain",
        {"subject": "milia", "predicate": "treatedBy", "object": "magic"},
        NONE,
    ),
    "suggest": ("suggest", {"form": "milia", **ADULT}, FOUND),
    "suggest look-alike": ("suggest", {"form": "miliaria"}, NONE),
    "suggest no condition": ("suggest", {"form": "eyelid"}, NONE),
    "suggest odd age": ("suggest", {"form": "milia", "age": "grown"}, NONE),
    "suggest odd provider": ("suggest", {"form": "milia", "provider": "cadogan"}, NONE),
    "cite": ("cite", {"claims": ["claim/cadogan/001"]}, FOUND),
    "cite nothing": ("cite", {"claims": ["claim/cadogan/01"]}, NONE),
}
MISUSED: dict[str, tuple[str, Json, str]] = {
    "missing": ("search", {}, "the argument 'name' is missing: a name"),
    "unknown": ("search", {"name": "milia", "lang": "de"}, "no argument 'lang'; there is: name, limit"),
    "type": ("search", {"name": 3}, "'name' takes a value of the type string, not 3"),
    "empty": ("search", {"name": "  "}, "the length of 'name' lies between 1 and 200, not at 0"),
    "long": ("describe", {"thing": "x" * 201}, "the length of 'thing' lies between 1 and 200, not at 201"),
    "none": ("describe", {"thing": None}, "'thing' takes a value of the type string, not None"),
    "too many": (
        "query",
        {"sparql": "ASK {}", "limit": 1001},
        "'limit' lies between 1 and 1000, not at 1001",
    ),
    "too few": ("query", {"sparql": "ASK {}", "limit": 0}, "'limit' lies between 1 and 1000, not at 0"),
    "truth": ("query", {"sparql": "ASK {}", "limit": True}, "'limit' takes a value of the type integer"),
    "one claim": ("cite", {"claims": "claim/cadogan/001"}, "'claims' takes a value of the type array"),
    "no claims": ("cite", {"claims": []}, "the length of 'claims' lies between 1 and 50, not at 0"),
    "odd claim": ("cite", {"claims": [1]}, "'claims' takes a value of the type string, not 1"),
}


def _bears_the_notice(answer: Json, kg: KnowledgeGraph) -> None:
    assert (answer["disclaimer"], answer["licence"]) == (NOTICE, LICENCE)
    assert answer["graph"] == {
        "version": kg.manifest["version"],
        "sha256": kg.manifest["files"]["graph.nq"]["sha256"],
    }
    assert answer["evidence"] in EVIDENCE
    assert answer["message"]
    assert set(ANSWER_SCHEMA["required"]) <= answer.keys()
    json.dumps(answer)


@pytest.mark.parametrize(("tool", "arguments", "evidence"), ANSWERED.values(), ids=ANSWERED)
def test_every_answer_says_whether_there_is_evidence(
    kg: KnowledgeGraph, tool: str, arguments: Json, evidence: str
) -> None:
    answer = call(kg, tool, arguments)
    assert answer["evidence"] == evidence, answer["message"]
    _bears_the_notice(answer, kg)
    if evidence != FOUND:
        for part in ("things", "statements", "rows", "triples", "proof", "suggested", "self_care"):
            assert not answer.get(part), "where there is no evidence there is nothing else"


@pytest.mark.parametrize(("tool", "arguments", "message"), MISUSED.values(), ids=MISUSED)
def test_misuse_is_answered(kg: KnowledgeGraph, tool: str, arguments: Json, message: str) -> None:
    answer = call(kg, tool, arguments)
    assert answer["evidence"] == UNANSWERED
    assert message in answer["message"]
    _bears_the_notice(answer, kg)


def test_an_unknown_tool(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match="no tool is called 'sarch'; did you mean search"):
        call(kg, "sarch", {})


def test_every_tool_is_tried_and_explained() -> None:
    assert {tool for tool, _, _ in ANSWERED.values()} == set(TOOLS)
    for tool in TOOLS.values():
        assert tool.about.endswith(".")
        assert all(p.schema["description"] for p in tool.parameters.values())


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────


def _things(answer: Json) -> dict[str, Json]:
    return {t["thing"]: t for t in answer["things"]}


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Hautgrieß", "condition:milia"),
        ("HAUTGRIESS", "condition:milia"),
        ("grain de milium", "condition:milia"),
        ("粟丘疹", "condition:milia"),
        ("miliyum kisti", "condition:milia"),
        ("heat rash", "condition:miliaria"),
    ],
)
def test_names_in_any_language(kg: KnowledgeGraph, name: str, thing: str) -> None:
    assert thing in _things(call(kg, "search", {"name": name, "limit": 50}))


def test_a_name_of_a_look_alike_says_so(kg: KnowledgeGraph) -> None:
    things = _things(call(kg, "search", {"name": "miliaire", "limit": 50}))
    assert things["condition:miliaria"]["is"] == LOOK_ALIKE
    assert things["condition:milia"]["is"] == MILIA
    (own,) = [n for n in things["condition:milia"]["names"] if n["name"] == "miliaire"]
    assert own["status"] == "Disputed"


def test_no_look_alike_is_ever_called_milia(kg: KnowledgeGraph) -> None:
    forms = {short(f) for (f,) in kg.store.query("SELECT DISTINCT ?f { ?f a milia:MiliaForm }").rows}
    names = names_of(kg)
    said = {short(thing): names.brief(thing)["is"] for thing in names.of}
    assert {thing for thing, what in said.items() if what == MILIA} == forms & said.keys()
    assert len(forms & said.keys()) > 10
    look_alikes = {
        short(c)
        for (c,) in kg.store.query(
            "SELECT DISTINCT ?c { { ?c milia:resembles ?f } UNION { ?f milia:resembles ?c } "
            "?f a milia:MiliaForm . ?c a milia:Disorder . FILTER NOT EXISTS { ?c a milia:MiliaForm } }"
        ).rows
    }
    assert "condition:miliaria" in look_alikes
    assert {said[c] for c in look_alikes} == {LOOK_ALIKE}


def test_search_is_bounded_and_counts_what_it_leaves_out(kg: KnowledgeGraph) -> None:
    few, many = (call(kg, "search", {"name": "milia", "limit": n}) for n in (2, 50))
    assert len(few["things"]) == 2
    assert few["left_out"] == len(many["things"]) + many["left_out"] - 2


@pytest.mark.parametrize(
    ("tool", "arguments", "nearest"),
    [
        ("search", {"name": "milea"}, "condition:milia"),
        ("describe", {"thing": "condition:neonatal-mila"}, "condition:neonatal-milia"),
        ("describe", {"thing": "neonatel milia"}, "condition:neonatal-milia"),
        ("suggest", {"form": "milia", "age": "infnt"}, "age:infant"),
        ("suggest", {"form": "milia", "provider": "cadogan clinik"}, "provider:cadogan-clinic"),
        ("explain", {"subject": "milia", "predicate": "affects", "object": "eyelit"}, "site:eyelid"),
    ],
)
def test_an_unknown_name_gets_the_nearest_and_no_answer(
    kg: KnowledgeGraph, tool: str, arguments: Json, nearest: str
) -> None:
    answer = call(kg, tool, arguments)
    assert answer["evidence"] == NONE
    assert answer["unknown"] in arguments.values()
    assert nearest in {n["thing"] for n in answer["nearest"]}


def test_an_unknown_property_and_claim_get_the_nearest(kg: KnowledgeGraph) -> None:
    answer = call(kg, "describe", {"thing": "Milia", "property": "tretedBy"})
    assert answer["nearest"][0] == "milia:treatedBy"
    answer = call(kg, "cite", {"claims": ["claim/cadogen/001", "claim:cadogan/002"]})
    assert answer["evidence"] == FOUND
    assert [c["claim"] for c in answer["claims"]] == ["claim/cadogan/002"]
    assert answer["unknown"][0]["claim"] == "claim/cadogen/001"
    assert "claim/cadogan/001" in answer["unknown"][0]["nearest"]


@pytest.mark.parametrize(
    ("name", "meanings"),
    [
        ("milk spots", {"condition:milia", "condition:neonatal-milia"}),
        ("acné miliaire", {"condition:milia", "condition:miliaria", "condition:neonatal-acne"}),
    ],
)
def test_a_name_that_several_things_bear_is_not_decided(
    kg: KnowledgeGraph, name: str, meanings: set[str]
) -> None:
    answer = call(kg, "describe", {"thing": name})
    assert answer["evidence"] == UNANSWERED
    assert {m["thing"] for m in answer["meanings"]} == meanings


def test_a_disputed_name_never_leads_to_its_thing_unasked(kg: KnowledgeGraph) -> None:
    names = names_of(kg)
    disputed = {b.name for bearers in names.of.values() for b in bearers if not b.stands}
    assert "acné miliaire" in disputed
    for name in disputed:
        standing = {b.thing for b in names.bearing(name) if b.stands}
        answer = call(kg, "describe", {"thing": name, "limit": 1})
        assert answer["evidence"] == UNANSWERED or answer["iri"] in standing


@pytest.mark.parametrize(
    ("one", "other"), [("Grießkörner", "griesskorner"), ("neonatal–milia", "Neonatal  Milia"), ("ß", "SS")]
)
def test_folding(one: str, other: str) -> None:
    assert fold(one) == fold(other)


# ── what is said of a thing ───────────────────────────────────────────────────────────────────────────────


def test_a_description_is_whole(kg: KnowledgeGraph) -> None:
    answer = call(kg, "describe", {"thing": "condition:milia", "limit": 200})
    assert answer["definition"].endswith(".")
    assert (answer["label"], answer["is"]) == ("Milia", MILIA)
    assert "Hautgrieß" in answer["names"]["de"]
    assert "miliaire" not in answer["names"].get("fr", []), "a disputed name is no name"
    assert len(answer["statements"]) == 200
    told = {tuple(s["link"]) for s in answer["statements"]}
    for s in answer["statements"]:
        assert s["status"] in {"Established", "Hedged", "Disputed", "Denied", "NotObserved"}
        assert s["review_state"]
        assert any(s["claims"].values())
        assert "condition:milia" in s["link"]
        if s["status"] not in {"Established", "Hedged"}:
            assert s["text"].startswith(("Disputed", "Denied", "Looked for"))
    assert len(told) == 200
    cited = {
        short(e.source)
        for s in answer["statements"]
        for cs in s["claims"].values()
        for c in cs
        for e in kg.claims[BASE + c].evidence
    }
    assert {s["source"] for s in answer["sources"]} == cited
    assert all(s["title"] and s["standing"] and s["verification"] for s in answer["sources"])


def test_a_description_counts_what_it_leaves_out(kg: KnowledgeGraph) -> None:
    few = call(kg, "describe", {"thing": "condition:milia", "limit": 20})
    naming = {"milia:preferredName", "milia:otherName", "milia:misspelling"}
    counted = sum(n for p, by in few["properties"].items() if p not in naming for n in by.values())
    assert len(few["statements"]) + few["left_out"] == counted
    assert len({s["link"][1] for s in few["statements"]}) > 10, "some of each property"
    one = call(kg, "describe", {"thing": "condition:milia", "property": "treated by", "limit": 200})
    assert {s["link"][1] for s in one["statements"]} == {"milia:treatedBy"}
    assert len(one["statements"]) == sum(one["properties"]["milia:treatedBy"].values())


def test_limits_frequency_and_what_speaks_against_are_told(kg: KnowledgeGraph) -> None:
    answer = call(kg, "describe", {"thing": "condition:milia-en-plaque", "limit": 200})
    assert any(s["scope"] for s in answer["statements"])
    assert any(s["frequency"] for s in answer["statements"])
    against = [s for s in answer["statements"] if s["claims"].get("against")]
    assert against
    assert all("against it" in s["text"] for s in against)


def test_another_thing_of_the_same_name_is_named(kg: KnowledgeGraph) -> None:
    answer = call(kg, "describe", {"thing": "miliaire", "limit": 1})
    assert answer["thing"] == "condition:miliaria"
    assert {t["thing"] for t in answer["name_also_borne_by"]} == {"condition:milia"}


# ── proofs ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_proof_leads_down_to_claims(kg: KnowledgeGraph) -> None:
    answer = call(kg, "explain", {"subject": "milia", "predicate": "treatedBy", "object": "care:extraction"})
    assert (answer["holds"], answer["status"]) == (True, "Established")
    assert answer["proof"] == kg.explain("condition:milia", "milia:treatedBy", "care:extraction").to_json()
    assert all(w["verification"] and w["title"] for w in answer["proof"]["supporting"])


def test_what_does_not_stand_says_so(kg: KnowledgeGraph) -> None:
    rows = kg.store.query(
        "SELECT ?s ?p ?o ?status { GRAPH graph:disputed { ?f rdf:subject ?s ; rdf:predicate ?p ; "
        "rdf:object ?o ; milia:status ?status } FILTER (isIRI(?o)) ?s a milia:Concept . "
        "?o a milia:Concept } ORDER BY ?f"
    ).rows
    assert len(rows) > 20
    for s, p, o, status in rows[:40]:
        link = dict(zip(("subject", "predicate", "object"), map(short, (s, p, o)), strict=True))
        answer = call(kg, "explain", link)
        assert (answer["evidence"], answer["holds"]) == (FOUND, False)
        assert answer["status"] == short(status).removeprefix("milia:")
        assert "does not stand" in answer["message"]


def test_proofs_are_bounded(kg: KnowledgeGraph) -> None:
    rows = kg.store.query(
        "SELECT ?s ?p ?o (COUNT(?c) AS ?n) { ?f rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; "
        "milia:supportedBy ?c . ?s a milia:Concept . ?o a milia:Concept } "
        "GROUP BY ?s ?p ?o ORDER BY DESC(?n) LIMIT 1"
    ).rows
    s, p, o, n = rows[0]
    link = dict(zip(("subject", "predicate", "object"), map(short, (s, p, o)), strict=True))
    answer = call(kg, "explain", {**link, "limit": 2})
    assert len(answer["proof"]["supporting"]) == 2
    assert answer["proof"]["supporting_left_out"] >= int(short(n)) - 2 > 0


# ── care ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_care_is_what_the_pages_say(kg: KnowledgeGraph) -> None:
    answer = call(kg, "suggest", {"form": "milia", **ADULT})
    rows = [r for b in ("related-treatments", "products") for r in kg.ask(b, form="milia", **ADULT).records()]
    for decision, part in (("Suggested", "suggested"), ("NotSuggested", "not_suggested")):
        assert answer[part]
        wanted = {(short(r["care"]), r["why"]) for r in rows if r["decision"].endswith(f"/{decision}")}
        assert {(e["care"], e["why"]) for e in answer[part]} == wanted
    assert all(e["design"] and e["standing"] and e["reviewState"] == "Draft" for e in answer["suggested"])
    assert any(e.get("cautions") for e in answer["suggested"])
    assert answer["see_a_doctor_first"]
    link = dict(zip(("subject", "predicate", "object"), answer["suggested"][0]["explain"], strict=True))
    assert call(kg, "explain", link)["holds"]


@pytest.mark.parametrize("person", [{}, {"age": "newborn"}, {"age": "infant"}, {"site": "cheek"}])
def test_whoever_may_be_an_infant_gets_reassurance_only(kg: KnowledgeGraph, person: Json) -> None:
    answer = call(kg, "suggest", {"form": "neonatal-milia", **person})
    assert answer["suggested"] == []
    assert {e["care"] for e in answer["self_care"]} == {"care:no-squeezing"}
    assert {e["care"] for e in answer["reassurance_only"]} <= {"care:reassurance", "care:watchful-waiting"}
    assert answer["reassurance_only"]
    if "age" not in person:
        assert answer["person"]["age"].startswith("unknown, so counted as")


def test_services_of_a_provider_have_reasons(kg: KnowledgeGraph) -> None:
    answer = call(kg, "suggest", {"form": "milia", "provider": "Cadogan Clinic", **ADULT})
    assert answer["person"]["provider"] == "provider:cadogan-clinic"
    entries = [e for part in answer.values() if isinstance(part, list) for e in part]
    assert any("service" in e for e in entries)
    assert all(e["why"] for e in entries)


def test_nothing_is_suggested_for_a_look_alike(kg: KnowledgeGraph) -> None:
    answer = call(kg, "suggest", {"form": "miliaria", **ADULT})
    assert answer["evidence"] == NONE
    assert "a look-alike" in answer["message"]
    assert "doctor" in answer["message"]


# ── citations ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_evidence_can_be_cited(kg: KnowledgeGraph) -> None:
    by_kind = {e.verification: c for c in kg.claims.values() for e in c.evidence}
    assert len(by_kind) > 3
    answer = call(kg, "cite", {"claims": [short(c.iri) for c in by_kind.values()]})
    cited = {e["verification"] for c in answer["claims"] for e in c["evidence"]}
    assert {short(v).removeprefix("milia:") for v in by_kind} <= cited
    for claim in answer["claims"]:
        assert claim["says"]
        assert claim["stance"] in {"Affirms", "Denies"}
        assert claim["review"]
        assert all(e["title"] and e["standing"] and e["note"] for e in claim["evidence"])
        assert not {"says", "stance"} & {key for e in claim["evidence"] for key in e}
