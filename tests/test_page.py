"""Blocks of a web page: plain, cited, never more than was decided; a clinic's own catalogue; codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from milia.cli import main
from milia.errors import BadSource, Misuse, UnknownName
from milia.export.blocks import NOTICE, Page, page
from milia.export.infobutton import OIDS, read_request
from milia.export.lookup import answer, lookup
from milia.export.page import WRITERS, fragments, losses
from milia.export.wording import TITLES, Sentence
from milia.kg import KnowledgeGraph
from milia.names import expand
from milia.offers import TEMPLATE, Offer, place, read_offers

ADULT = {"age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}
CASES: list[tuple[str, dict[str, str]]] = [
    ("milia", {}),
    ("milia", ADULT),
    ("milia", {**ADULT, "provider": "cadogan-clinic"}),
    ("neonatal-milia", {"age": "newborn"}),
    ("milia-en-plaque", ADULT),
]
GRADE = 6


def _forms(kg: KnowledgeGraph) -> list[str]:
    return [row["f"] for row in kg.ask("SELECT ?f { ?f a milia:MiliaForm } ORDER BY ?f").records()]


@pytest.fixture(scope="module")
def pages(kg: KnowledgeGraph) -> list[Page]:
    return [page(kg, form, None, **person) for form, person in CASES]


# ── what is said ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_sentence_rests_on_claims_that_stand(kg: KnowledgeGraph, pages: list[Page]) -> None:
    by_rule = {"doctor", "self-care", "treatments", "services", "products"}
    for made in pages:
        cited = {r.source for r in made.references}
        for block in made.blocks:
            for sentence in block.sentences:
                assert sentence.claims or block.name in by_rule, sentence
                assert {e.source for c in sentence.claims for e in kg.claims[c].evidence} <= cited
                assert all(kg.claims[c].affirms for c in sentence.claims), sentence
        assert len(cited) == len(made.references)


def test_what_is_disputed_or_denied_is_on_no_page(kg: KnowledgeGraph) -> None:
    bad = kg.ask(
        "SELECT ?s ?p ?o { GRAPH ?g { ?f a milia:Fact ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; "
        "milia:status ?x } ?s a milia:MiliaForm . "
        "FILTER (?x IN (milia:Disputed, milia:Denied, milia:NotObserved)) }"
    ).records()
    held = {(row["s"], row["p"], row["o"]) for row in bad}
    assert held
    for form in _forms(kg):
        for block in page(kg, form).blocks:
            for sentence in block.sentences:
                for claim in sentence.claims:
                    s, p, o = (getattr(part, "value", "") for part in kg.claims[claim].triple)
                    assert (s, p, o) not in held, sentence


def test_what_is_supposed_says_so(kg: KnowledgeGraph, pages: list[Page]) -> None:
    hedged = [s for b in pages[0].blocks for s in b.sentences if "(not sure" in s.text]
    assert hedged
    assert all(kg.claims[c].certainty.endswith("Hedged") for s in hedged for c in s.claims)


@pytest.mark.parametrize("age", [None, "newborn", "infant"])
def test_who_may_be_an_infant_gets_reassurance_alone(kg: KnowledgeGraph, age: str | None) -> None:
    known = {"age": age} if age else {}
    for form in _forms(kg):
        made = page(kg, form, None, **known)
        assert not made.block("treatments")
        assert not made.block("products")
        assert all("all to do" in s.text or "Not squeezing" in s.text for s in made.block("self-care"))
        assert not any(s.link == "preventedBy" for s in made.block("questions"))


def test_care_is_named_as_the_decisions_have_it(kg: KnowledgeGraph) -> None:
    rows = kg.ask("related-treatments", form="milia", **ADULT).records()
    named = {row["careName"] for row in rows if row["decision"].endswith("/Suggested")}
    assert named
    said = {s.names[0] for s in page(kg, "milia", None, **ADULT).block("treatments")}
    assert said == named


def test_pages_are_in_plain_language(pages: list[Page], tmp_path: Path, referee: Callable[..., str]) -> None:
    (tmp_path / "grade").write_text(str(GRADE))
    files = []
    for n, made in enumerate(pages):
        file = tmp_path / f"{n}.txt"
        file.write_text(" ".join(_plain(s) for b in made.blocks for s in b.sentences))
        files.append(file)
    assert referee("readability", tmp_path / "grade", *files).count("grade") == len(pages)


def _plain(sentence: Sentence) -> str:
    """Return a sentence with each name of a thing as one short word."""
    text = sentence.text
    for name in sorted(filter(None, sentence.names), key=len, reverse=True):
        text = text.replace(name, "spot")
    return text


# ── how it is written ─────────────────────────────────────────────────────────────────────────────────────


def test_html_is_well_formed_and_its_links_lead_somewhere(
    kg: KnowledgeGraph, pages: list[Page], tmp_path: Path, referee: Callable[..., str]
) -> None:
    files = []
    for n, made in enumerate(pages):
        file = tmp_path / f"{n}.html"
        # all blocks alone, one after the other, are the page: what leads to a source finds it
        file.write_text(WRITERS["html"](kg, made), encoding="utf-8")
        files.append(file)
    referee("html_check", *files)


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_says_all(kg: KnowledgeGraph, pages: list[Page], form: str) -> None:
    for made in pages:
        text = WRITERS[form](kg, made)
        assert text == WRITERS[form](kg, made)
        assert NOTICE in text
        assert text.endswith("\n")
        plain = text.replace("\\", "").replace("&#x27;", "'").replace("&amp;", "&")
        for block in made.blocks:
            assert TITLES[block.name] in plain
            assert all(s.lead in plain and s.item in plain for s in block.sentences)


def test_names_cannot_break_out_of_the_html(kg: KnowledgeGraph) -> None:
    evil = Offer('Chemical peel <script>alert("x")</script>', "service", "", 2)
    made = page(kg, "milia", place(kg, [evil]), **ADULT)
    text = WRITERS["html"](kg, made)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "<script" not in WRITERS["markdown"](kg, made).replace("\\<script", "")


def test_json_has_the_claims(kg: KnowledgeGraph, pages: list[Page]) -> None:
    said = json.loads(WRITERS["json"](kg, pages[1]))
    claims = {c for b in said["blocks"] for s in b["sentences"] for c in s["claims"]}
    assert claims <= kg.claims.keys()
    assert len(claims) > 100


# ── a clinic's own catalogue ──────────────────────────────────────────────────────────────────────────────

PLACED = [
    ("Chemical peel", {"chemical-peel"}, ""),
    ("Our superficial chemical peel (30 min)", {"superficial-chemical-peel"}, ""),
    ("CRYOTHERAPY for milk spots", {"cryotherapy"}, ""),
    ("Sebaceous hyperplasia removal", set(), "Sebaceous hyperplasia"),
    ("Cryotherapy for syringoma", set(), "Syringoma"),
    ("Miliaria powder peel", set(), "Miliaria"),
    ("Car wash", set(), "no kind of care"),
    ("Milia removal", set(), "no kind of care"),
]


@pytest.mark.parametrize(("name", "care", "why"), PLACED, ids=[p[0] for p in PLACED])
def test_an_offer_is_placed_by_its_name(kg: KnowledgeGraph, name: str, care: set[str], why: str) -> None:
    (placed,) = place(kg, [Offer(name, "service", "", 2)])
    assert {c.rpartition("/")[2] for c in placed.care} == care
    assert why in placed.why


def test_what_comes_near_is_care_of_milia_first(kg: KnowledgeGraph) -> None:
    (placed,) = place(kg, [Offer("Milia removal", "service", "", 2)])
    assert placed.nearest[0] == "Extraction of milia"


NOT_SHOWN = [
    ("Adapalene gel", "product", "only sellers"),
    ("Tretinoin cream", "product", "prescription"),
    ("Chemical peel", "product", "no product"),
    ("Retinol serum", "service", "not suggested"),
]


@pytest.mark.parametrize(("name", "kind", "why"), NOT_SHOWN, ids=[n[0] for n in NOT_SHOWN])
def test_what_is_not_shown_has_its_reason(kg: KnowledgeGraph, name: str, kind: str, why: str) -> None:
    (left,) = page(kg, "milia", place(kg, [Offer(name, kind, "", 2)]), **ADULT).not_shown
    assert why in left.why


def test_an_offer_leads_to_the_clinics_own_page(kg: KnowledgeGraph) -> None:
    offers = place(kg, [Offer("Chemical peel", "service", "https://clinic.example/?a=1&b=2", 2)])
    made = page(kg, "milia", offers, **ADULT)
    assert '<a href="https://clinic.example/?a=1&amp;b=2">Chemical peel' in WRITERS["html"](kg, made)
    assert "](<https://clinic.example/?a=1&b=2>)" in WRITERS["markdown"](kg, made)
    assert '"url": "https://clinic.example/?a=1&b=2"' in WRITERS["json"](kg, made)


def test_an_offer_stands_on_the_page_only_if_its_care_may_be_suggested(kg: KnowledgeGraph) -> None:
    offers = place(kg, [Offer("Chemical peel", "service", "", 2), Offer("Retinol serum", "product", "", 3)])
    grown = page(kg, "milia", offers, **ADULT)
    assert {s.names[0] for s in grown.block("services")} == {"Chemical peel"}
    assert not grown.block("treatments")
    assert [p.offer.name for p in grown.not_shown] == ["Retinol serum"]
    baby = page(kg, "milia", offers)
    assert not baby.block("services")
    assert {p.offer.name for p in baby.not_shown} == {"Chemical peel", "Retinol serum"}
    assert all(p.why.startswith("not suggested: ") for p in baby.not_shown)


BAD = [
    ("name,kind\nx,service\n", 1, "no column url"),
    ("name,kind,url\n,service,\n", 2, "no name"),
    ("name,kind,url\nPeel,salon,\n", 2, "salon"),
    ("name,kind,url\nPeel,service,javascript:alert(1)\n", 2, "https://"),
    ("", 1, "no column"),
]


@pytest.mark.parametrize(("text", "line", "said"), BAD)
def test_a_bad_catalogue_says_where_and_what(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(text)
    with pytest.raises(BadSource, match=re.escape(said)) as error:
        read_offers(file)
    assert f"mine.csv:{line}" in str(error.value)


def test_the_template_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(TEMPLATE)
    assert [o.kind for o in read_offers(file)] == ["service", "product"]
    with pytest.raises(BadSource):
        read_offers(tmp_path / "none.csv")


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_codes_lead_to_pages(kg: KnowledgeGraph) -> None:
    hits = lookup(kg, ["HP:0001056", "hp:0001056", "http://purl.obolibrary.org/obo/HP_0001056"])
    milia = expand("condition:milia").value
    assert {(h.thing, h.match) for h in hits} == {(milia, "exactMatch")}
    assert all(h.page is not None and h.page.condition == milia for h in hits)


def test_a_page_by_code_has_the_clinics_offers_too(kg: KnowledgeGraph) -> None:
    offers = place(kg, [Offer("Chemical peel", "service", "", 2)])
    (hit,) = lookup(kg, ["HP:0001056"], offers, **ADULT)
    assert hit.page == page(kg, "milia", offers, **ADULT)


def test_a_code_of_something_else_has_no_page(kg: KnowledgeGraph) -> None:
    hits = lookup(kg, ["OMIM:109400"])
    assert [h.page for h in hits] == [None]


def test_an_unknown_code_is_an_error(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match="HP:0001056"):
        lookup(kg, ["HP:0001057"])


# ── an Infobutton's request ───────────────────────────────────────────────────────────────────────────────

OF_MILIA = [
    {"c": "0001056", "cs": "2.16.840.1.113883.6.339"},
    {"c": "HP:0001056", "cs": "urn:oid:2.16.840.1.113883.6.339"},
    {"c": "HP:0001056", "cs": "http://human-phenotype-ontology.org"},
    {"c": "0001056", "cs": "hp"},
    {"c": "HP:0001056"},
    {"c": "254679001", "cs": "http://snomed.info/sct", "dn": "whatever the record calls it"},
    {"c": "C0345996", "cs": "2.16.840.1.113883.6.86"},
    {"dn": "milk spots"},
    {"c": "", "dn": "Milia"},
]


@pytest.mark.parametrize("asked", OF_MILIA, ids=[" ".join(asked.values()) for asked in OF_MILIA])
def test_a_request_finds_its_page(kg: KnowledgeGraph, asked: dict[str, str]) -> None:
    hits = answer(kg, {f"mainSearchCriteria.v.{name}": value for name, value in asked.items()})
    assert expand("condition:milia").value in {h.thing for h in hits if h.page}


def test_a_record_may_leave_the_dot_out_and_ask_several_things(kg: KnowledgeGraph) -> None:
    icd = "2.16.840.1.113883.6.90"
    request = {
        "mainSearchCriteria.v.c": "L720",
        "mainSearchCriteria.v.cs": icd,
        "mainSearchCriteria.v.c1": "HP:0001056",
        "informationRecipient": "PAT",
        "knowledgeResponseType": "application/json",
    }
    assert {h.code for h in answer(kg, request)} == {"ICD10CM:L72.0", "HP:0001056"}
    assert read_request(kg, {"mainSearchCriteria.v.c": "L72", "mainSearchCriteria.v.cs": icd}).codes == (
        "ICD10CM:L72",
    )


AGES = [
    ("0", "d", "birth"),
    ("3", "d", "newborn"),
    ("27.9", "d", "newborn"),
    ("28", "d", "infant"),
    ("2", "mo", "infant"),
    ("6", "wk", "infant"),
    ("11", "mo", "infant"),
    ("1", "a", "child-under-12"),
    ("3", "a", "child-under-12"),
    ("14", "a", "adolescent"),
    ("18", "a", "adult"),
    ("67", "a", "older-adult"),
]


@pytest.mark.parametrize(("value", "unit", "group"), AGES)
def test_an_age_is_put_into_the_narrowest_group(
    kg: KnowledgeGraph, value: str, unit: str, group: str
) -> None:
    request = {"mainSearchCriteria.v.c": "HP:0001056", "age.v.v": value, "age.v.u": unit}
    assert read_request(kg, request).person["age"].rpartition("/")[2].rpartition(":")[2] == group


def test_care_follows_the_age_of_a_request(kg: KnowledgeGraph) -> None:
    asked = {"mainSearchCriteria.v.c": "HP:0001056", "age.v.v": "30", "age.v.u": "a"}
    rest = {"site": "cheek", "pregnancy": ADULT["pregnancy"]}
    (grown,) = answer(kg, asked, None, **rest)
    assert grown.page
    assert grown.page.block("treatments")
    (baby,) = answer(kg, {**asked, "age.v.u": "d"}, None, **rest)
    assert baby.page
    assert not baby.page.block("treatments")


BAD_REQUESTS = [
    ({"mainSearchCriteria.v.c": "L70", "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.103"}, "code system"),
    ({"mainSearchCriteria.v.c": "HP:0001056", "age.v.v": "30"}, "cannot be read"),
    ({"mainSearchCriteria.v.c": "HP:0001056", "age.v.v": "old", "age.v.u": "a"}, "cannot be read"),
    ({"mainSearchCriteria.v.c": "999", "mainSearchCriteria.v.cs": "hp"}, "code"),
    ({"mainSearchCriteria.v.dn": "Milya"}, "did you mean"),
    ({}, "asks for nothing"),
]


@pytest.mark.parametrize(("asked", "said"), BAD_REQUESTS, ids=[said for _, said in BAD_REQUESTS])
def test_a_bad_request_is_told(kg: KnowledgeGraph, asked: dict[str, str], said: str) -> None:
    with pytest.raises((Misuse, UnknownName), match=said):
        answer(kg, asked)


def test_systems_are_vocabularies_of_ours(kg: KnowledgeGraph) -> None:
    assert set(OIDS.values()) <= {row["vocabulary"] for row in kg.rows("vocabularies")}


# ── the command ───────────────────────────────────────────────────────────────────────────────────────────

MISUSES = [
    ([], "name one form"),
    (["milia", "--code", "HP:0001056"], "name one form"),
    (["miliaria"], "form of milia"),
    (["milia", "--age", "elderly"], "older-adult"),
    (["milia", "--format", "pdf"], "markdown"),
    (["milia", "--block", "prices"], "references"),
    (["milia", "--block", "sites", "--json"], "one block as HTML"),
    (["milia", "--provider", "nobody"], "provider"),
    (["milia", "--catalogue", "a.csv", "--provider", "cadogan-clinic"], "give one"),
    (["--code", "HP:0001057"], "HP:0001056"),
    (["--code", "HP:0001056", "--request", "a=b"], "name one form"),
    (["--request", "a=b"], "asks for nothing"),
]


@pytest.mark.parametrize(("arguments", "said"), MISUSES)
def test_misuse_is_told(
    kg: KnowledgeGraph, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["--home", str(kg.home.root), "page", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_command_writes_all_formats(
    kg: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["page", "--new-catalogue"]) == 0
    mine = tmp_path / "mine.csv"
    mine.write_text(capsys.readouterr().out + "Syringoma removal,service,\n")
    out = tmp_path / "out"
    arguments = ["page", "milia", "--catalogue", str(mine), "--age", "adult", "--out", str(out)]
    assert main(["--home", str(kg.home.root), *arguments]) == 0
    said = capsys.readouterr().err
    assert {p.name for p in out.iterdir() if p.is_file()} == {
        f"milia.{kind}" for kind in ("html", "md", "json", "jsonld.html", "losses.json")
    }
    assert {"overview.html", "sites.html", "references.html"} <= {p.name for p in (out / "milia").iterdir()}
    assert f"{mine}:4: Syringoma removal" in said
    assert "not on the page of Milia: disputed" in said
    assert "has histology" in said


def test_one_block_alone(kg: KnowledgeGraph, capsys: pytest.CaptureFixture[str]) -> None:
    made = page(kg, "neonatal-milia")
    assert main(["--home", str(kg.home.root), "--quiet", "page", "neonatal-milia", "--block", "sites"]) == 0
    assert capsys.readouterr().out == fragments(kg, made)["sites"]
    assert "".join(fragments(kg, made).values()) in WRITERS["html"](kg, made)


def test_several_pages_are_one_piece_of_json(kg: KnowledgeGraph, capsys: pytest.CaptureFixture[str]) -> None:
    codes = ["--code", "HP:0001056", "--code", "OMIM:157400"]
    assert main(["--home", str(kg.home.root), "--quiet", "page", *codes, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [made["title"] for made in said] == ["Milia", "Familial multiple eruptive milia"]


def test_a_page_tells_what_it_leaves_out(kg: KnowledgeGraph, pages: list[Page]) -> None:
    for made in pages:
        known = kg.ask(
            f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?f a milia:Fact ; rdf:subject <{made.condition}> }} }}"
        ).records()
        own = [s for b in made.blocks for s in b.sentences if s.link and s.link != "hasSubtype"]
        left = losses(made)["facts"]
        assert isinstance(left, dict)
        # sentences that say the same of two facts are one
        assert len(own) <= int(known[0]["n"]) - sum(left.values()) <= len(own) + 3
