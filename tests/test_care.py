"""Care that may be suggested: the rules on made-up evidence, the pages' blocks, what must never be said."""

from __future__ import annotations

import itertools
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from milia.build import assemble
from milia.catalog import Catalog
from milia.derive import derive
from milia.load import SourceFile, Sources, load, skolemise
from milia.names import BASE, PREFIXES, short
from milia.paths import Home
from milia.store import empty_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from milia.build import Assembly
    from milia.derive import Derivation
    from milia.store import Store

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).parent / "golden" / "care"
CATALOG = Catalog(Home(ROOT))
BLOCKS = ("related-treatments", "products")
NEITHER = "neither-pregnant-nor-breastfeeding"
CLINICS = ("body-perfection-laser-clinic", "cadogan-clinic")

Person = tuple[str | None, str | None, str | None, str | None]  # age, site, pregnancy, provider
Row = dict[str, str]


def ask(store: Store, query: str, **values: str | None) -> list[Row]:
    """Ask a query of the pages; a value that is None is left unknown."""
    text = CATALOG.find(query).fill({k: v for k, v in values.items() if v is not None})
    return [{k: short(v) for k, v in row.items()} for row in store.query(text).dicts()]


def rows_for(store: Store, form: str, person: Person) -> list[Row]:
    """Return the rows of both blocks for one person, each with its block."""
    age, site, pregnancy, provider = person
    return [
        row
        for block in BLOCKS
        for row in ask(store, block, form=form, age=age, site=site, pregnancy=pregnancy, provider=provider)
    ]


def allowed(rows: list[Row]) -> list[Row]:
    """Return the rows that put care before the person: those that suggest it, and self-care."""
    return [r for r in rows if r["decision"] in {"milia:Suggested", "milia:AdviseSelfCare"}]


def is_grown(age: str | None) -> bool:
    return age in {"child", "adolescent", "adult", "middle-aged-adult", "older-adult"}


# ── the pages' two empty blocks, and a matrix of persons ────────────────────────────────────────────────

AGES = (None, "newborn", "child", "adult", "any-age")
SITES = (None, "cheek", "upper-eyelid", "face")
PREGNANCIES = (None, "pregnant", NEITHER)
PROVIDERS = (None, *CLINICS)
FORMS = (
    "milia",
    "neonatal-milia",
    "benign-primary-milia",
    "secondary-milia",
    "trauma-associated-milia",
    "milia-en-plaque",
    "multiple-eruptive-milia",
)
PERSONS: list[Person] = list(itertools.product(AGES, SITES, PREGNANCIES, PROVIDERS))
# all persons for milia as a whole, some for every other form
FEW: list[Person] = [
    (None, None, None, None),
    ("adult", "cheek", NEITHER, None),
    ("adult", "cheek", None, CLINICS[0]),
    ("adult", "eyelid", NEITHER, CLINICS[1]),
    ("child", "cheek", NEITHER, CLINICS[0]),
    ("newborn", "cheek", NEITHER, CLINICS[0]),
]


TEMPTED: list[Person] = [
    (None, None, None, None),
    ("adult", "cheek", NEITHER, None),
    ("adult", "cheek", None, None),
    ("adult", "upper-eyelid", NEITHER, None),
    ("adult", None, NEITHER, CLINICS[0]),
    ("newborn", "cheek", NEITHER, None),
]


@pytest.fixture(scope="module")
def forms(made: Assembly) -> list[str]:
    rows = made.store.query("SELECT DISTINCT ?f { ?f a milia:MiliaForm } ORDER BY ?f").rows
    return [short(f).removeprefix("condition:") for (f,) in rows]


@pytest.fixture(scope="module")
def tempted(made: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a graph in which two textbooks name every care there is for milia, and for a rare form of it.

    So nothing is left out for want of evidence: only what forbids stands between it and the reader.
    """
    place = Home(tmp_path_factory.mktemp("tempted"))
    for folder in ("ontology", "data"):
        shutil.copytree(ROOT / folder, place.root / folder)
    cares = [short(c) for (c,) in made.store.query("SELECT DISTINCT ?c { ?c a milia:Care } ORDER BY ?c").rows]
    said = itertools.product(
        ("condition:milia", "condition:milia-en-plaque"), ("treatedBy", "preventedBy"), cares, ("x", "y")
    )
    claims = (
        Saying(f"{form} {link} {care}", f"tempting-{book}").turtle(n)
        for n, (form, link, care, book) in enumerate(said)
    )
    books = (
        f"source:tempting-{b} a milia:Source ; milia:standing milia:Textbook ; "
        f"dcterms:publisher <agent/{b}> ."
        for b in "xy"
    )
    prefixes = [f"@prefix {p}: <{iri}> ." for p, iri in PREFIXES.items()]
    text = "\n".join([f"@base <{BASE}> .", *prefixes, *claims, *books, ""])
    (place.data / "claims" / "tempting.ttl").write_text(text, encoding="utf-8")
    return assemble(place, steps=False).store


@pytest.fixture(scope="module", params=["real", "tempted"])
def matrix(request: pytest.FixtureRequest, forms: list[str]) -> dict[tuple[str, Person], list[Row]]:
    """Return the rows of the forms and persons looked at, as things are and if every care were praised."""
    if request.param == "tempted":
        store = request.getfixturevalue("tempted")
        asked = [("milia", p) for p in TEMPTED] + [("milia-en-plaque", TEMPTED[1])]
    else:
        store = request.getfixturevalue("made").store
        asked = [("milia", p) for p in PERSONS] + [(f, p) for f in forms if f != "milia" for p in FEW]
    return {(f, p): rows_for(store, f, p) for f, p in asked}


def test_the_tempted_graph_tempts(tempted: Store) -> None:
    """Otherwise the tests below would hold for want of anything to forbid."""
    person = {"age": "adult", "site": "cheek", "pregnancy": NEITHER}
    shown = {r["care"] for block in BLOCKS for r in allowed(ask(tempted, block, **person))}
    assert {
        "care:chemical-peel",
        "care:cryotherapy",
        "care:vitamin-a-skin-care-product",
        "care:retinol",
    } <= shown
    assert len(shown) > 60


def compact(rows: list[Row]) -> Iterator[str]:
    """Write rows one a line; services that are not suggested are counted by reason."""
    rest: dict[str, set[str]] = defaultdict(set)
    for r in rows:
        if r["decision"] == "milia:NotSuggested" and "service" in r:
            rest[r["why"]].add(r["service"])
            continue
        strength = " ".join(r[k].removeprefix("milia:") for k in ("design", "standing", "sources") if k in r)
        parts = (r.get("service", ""), r["careName"], r["why"], strength, r.get("cautions", ""))
        yield "  ".join(
            [f"    {r['decided']}:", *(p for p in parts if p), f"[{short(r['reviewState'])[6:]}]"]
        )
    for why, services in sorted(rest.items()):
        yield f"    services not suggested, {why}: {len(services)}"


def golden_text(store: Store, form: str) -> str:
    lines = []
    for person in FEW:
        lines.append("  ".join(f"{k}={v or 'unknown'}" for k, v in zip(_PERSON, person, strict=True)))
        for block in BLOCKS:
            rows = ask(store, block, form=form, **dict(zip(_PERSON, person, strict=True)))
            lines += [f"  {rows[0]['blockName']}", *compact(rows)]
    return "\n".join([*lines, ""])


_PERSON = ("age", "site", "pregnancy", "provider")


def compare(path: Path, text: str, update: bool) -> None:
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("form", FORMS)
def test_golden_form(made: Assembly, update_golden: bool, form: str) -> None:
    compare(GOLDEN / f"{form}.txt", golden_text(made.store, form), update_golden)


# page A leaves "Products for" empty and page B "Related Treatments": both are asked for on both pages
@pytest.mark.parametrize("provider", CLINICS)
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("reader", ["unknown", "adult-cheek"])
def test_golden_empty_block(
    made: Assembly, update_golden: bool, provider: str, block: str, reader: str
) -> None:
    known = {"age": "adult", "site": "cheek", "pregnancy": NEITHER} if reader == "adult-cheek" else {}
    rows = ask(made.store, block, form="milia", provider=provider, **known)
    lines = [
        "  ".join(
            r.get(k, "-") for k in ("decided", "serviceName", "careName", "why", "cautions", "reviewState")
        )
        for r in rows
    ]
    compare(GOLDEN / f"{provider}--{block}--{reader}.txt", "\n".join([*lines, ""]), update_golden)


def test_golden_why_not(made: Assembly, update_golden: bool) -> None:
    rows = ask(made.store, "why-not-suggested", provider=CLINICS[0])
    columns = ("service", "care", "why", "at", "subject", "predicate", "object", "status")
    lines = ["  ".join(r.get(k, "-") for k in columns) for r in rows]
    compare(GOLDEN / "why-not--milia.txt", "\n".join([*lines, ""]), update_golden)


def test_no_golden_file_is_left_over() -> None:
    blocks = {f"{p}--{b}--{r}" for p in CLINICS for b in BLOCKS for r in ("unknown", "adult-cheek")}
    assert {p.stem for p in GOLDEN.glob("*.txt")} == {*FORMS, *blocks, "why-not--milia"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"age": "adult", "site": "cheek", "pregnancy": NEITHER, "provider": CLINICS[0]},
        {"form": "milia-en-plaque", "age": "adult", "provider": CLINICS[1]},
    ],
)
def test_both_engines_agree(part: Assembly, rdflib_store: Store, values: dict[str, str]) -> None:
    for block in BLOCKS:
        text = CATALOG.find(block).fill(values)
        assert part.store.query(text).rows == rdflib_store.query(text).rows


@pytest.fixture(scope="module")
def rdflib_store(part: Assembly) -> Store:
    store = empty_store("rdflib")
    store.add(part.store.quads())
    return store


def test_the_two_blocks_are_one_question() -> None:
    """The files differ in what they are called and in the block they fill, in nothing else."""
    texts = [re.sub(r"^# .*\n|VALUES \?block \{.*\}", "", CATALOG.find(b).text, flags=re.M) for b in BLOCKS]
    assert texts[0] == texts[1]


# ── what must never be said, whatever the evidence says ─────────────────────────────────────────────────
# These do not read the rules' own marks: they know care by its name.

RETINOID = re.compile(r"retin|vitamin.a\b|adapalene|tazarotene|trifarotene", re.I)
NOT_NEAR_EYES = re.compile(
    r"cryotherapy|acid|peel|exfoliat|resurfac|dermabrasion|laser|plasma|skincare-range", re.I
)
HARMFUL = re.compile(r"squeezing|home-extraction", re.I)


def test_infants_and_unknown_ages_get_reassurance_only(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    for (form, person), rows in matrix.items():
        if is_grown(person[0]):
            continue
        kept = {"milia:NotSuggested", "milia:SeeADoctorFirst"}
        for row in (r for r in rows if r["decision"] not in kept):
            assert row["care"] in {"care:reassurance", "care:watchful-waiting", "care:no-squeezing"}, (
                form,
                person,
            )
        for row in (r for r in rows if r["decision"] == "milia:SeeADoctorFirst"):
            assert row["care"] in {"care:clinical-assessment", "care:consultation"}, (form, person, row)


def test_no_retinoid_unless_known_not_to_be_pregnant(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    for (form, person), rows in matrix.items():
        if person[2] != NEITHER:
            assert not [r for r in allowed(rows) if RETINOID.search(r["care"])], (form, person)


def test_nothing_blind_near_the_eye_or_at_an_unknown_site(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    for (form, person), rows in matrix.items():
        if person[1] == "cheek":
            continue
        shown = [r for r in rows if r["decision"] != "milia:NotSuggested"]
        assert not [r for r in shown if NOT_NEAR_EYES.search(r["care"])], (form, person)
        assert "milia:Suggested" not in {
            r["decision"] for r in rows if r["blockName"] == "related treatments"
        }


def test_no_medicine_is_put_before_the_public(
    made: Assembly, matrix: Mapping[tuple[str, Person], list[Row]]
) -> None:
    drugs = {short(d) for (d,) in made.store.query("SELECT ?d { ?d a milia:Drug }").rows}
    free = {
        short(d)
        for (d,) in made.store.query(
            "SELECT ?d { ?d milia:supply supply:general-sale FILTER NOT EXISTS { GRAPH ?g { "
            "?f rdf:subject ?d ; rdf:object supply:prescription-only ; milia:supportedBy ?c } } }"
        ).rows
    }
    for (form, person), rows in matrix.items():
        named = {r["care"] for r in rows if "service" not in r}
        assert not named & (drugs - free), (form, person)
        assert not {r["care"] for r in allowed(rows)} & (drugs - free), (form, person)


def test_care_that_brings_milia_is_never_shown_without_saying_so(
    made: Assembly, matrix: Mapping[tuple[str, Person], list[Row]]
) -> None:
    named = {
        short(c)
        for (c,) in made.store.query(
            "SELECT DISTINCT ?c { ?c a milia:Care . { ?c a milia:Trigger } UNION { ?f milia:triggeredBy ?c } "
            "UNION { ?narrow milia:subtypeOf ?c . ?narrow a milia:Care , milia:Trigger } "
            "UNION { ?c milia:subtypeOf ?wide . ?f milia:triggeredBy ?wide } }"
        ).rows
    }
    assert "care:deep-skin-resurfacing" in named
    for (form, person), rows in matrix.items():
        for row in rows:
            if row["decision"] == "milia:NotSuggested" or row["care"] not in named:
                continue
            assert "milia may also come after it" in row.get("cautions", ""), (form, person, row)


def test_do_not_squeeze_is_always_there_and_never_its_opposite(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    for rows in matrix.values():
        for block in ("related treatments", "products"):
            advice = [r for r in rows if r["blockName"] == block and r["care"] == "care:no-squeezing"]
            assert [r["decision"] for r in advice] == ["milia:AdviseSelfCare"]
        shown = {r["care"] for r in rows if r["decision"] != "milia:NotSuggested"} - {"care:no-squeezing"}
        assert not [c for c in shown if HARMFUL.search(c)]


def test_a_doctor_comes_first_where_one_should(matrix: Mapping[tuple[str, Person], list[Row]]) -> None:
    for (form, person), rows in matrix.items():
        treatments = [r for r in rows if r["blockName"] == "related treatments"]
        assert (treatments[0]["decision"], treatments[0]["care"]) == (
            "milia:SeeADoctorFirst",
            "care:clinical-assessment",
        )
        when = {r["reason"] for r in treatments if r["decision"] == "milia:SeeADoctorFirst"}
        assert {
            f"circumstance:{c}" for c in ("persistent-milia", "uncertain-lesion", "widespread-milia")
        } <= when
        if re.search("plaque|eruptive", form):
            assert "circumstance:any-case" in when
            decided = {r["decision"] for r in rows if r["care"] != "care:no-squeezing"}
            assert decided <= {"milia:SeeADoctorFirst", "milia:NotSuggested"}, (form, person)


@pytest.mark.parametrize("circumstance", ["widespread-milia", "persistent-milia", "uncertain-lesion"])
def test_what_is_known_of_the_lesions_puts_a_doctor_first(made: Assembly, circumstance: str) -> None:
    person = {"age": "adult", "site": "cheek", "pregnancy": NEITHER}
    for block in BLOCKS:
        rows = ask(made.store, block, circumstance=circumstance, **person)
        assert {r["care"] for r in allowed(rows)} == {"care:no-squeezing"}


def test_every_service_has_exactly_one_decision(
    made: Assembly, matrix: Mapping[tuple[str, Person], list[Row]]
) -> None:
    services = {
        p: {short(s) for (s,) in made.store.query(f"SELECT ?s {{ provider:{p} milia:offers ?s }}").rows}
        for p in CLINICS
    }
    for (form, person), rows in matrix.items():
        decided: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in rows:
            if "service" in row:
                decided[row["service"]].add((row["blockName"], row["decision"]))
        assert set(decided) == services.get(person[3] or "", set()), (form, person)
        assert all(len(d) == 1 for d in decided.values()), (form, person)


def test_every_row_shows_its_reason_strength_and_state(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    for rows in matrix.values():
        for row in rows:
            assert row["why"]
            assert row["reviewState"] == "milia:Draft"
            if row["decision"] == "milia:Suggested":
                assert {"design", "standing", "sources"} <= row.keys()
                assert row["standing"] not in {"milia:CommercialPage", "milia:CuratorStanding"}


def test_knowing_less_of_a_person_never_allows_more(
    matrix: Mapping[tuple[str, Person], list[Row]],
) -> None:
    def shown(form: str, person: Person) -> set[tuple[str, str]]:
        return {
            (r["care"], r.get("service", ""))
            for r in matrix[form, person]
            if r["decision"] == "milia:Suggested"
        }

    for form, person in matrix:
        for place, value in enumerate(person[:3]):
            known = (*person[:place], value, *person[place + 1 :])
            unknown = (*person[:place], None, *person[place + 1 :])
            if (form, unknown) in matrix:
                assert shown(form, unknown) <= shown(form, known), (form, known)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["age", "site", "pregnancy"])
def test_an_unheard_of_value_counts_as_unknown(made: Assembly, name: str) -> None:
    person = {"age": "adult", "site": "cheek", "pregnancy": NEITHER, "provider": CLINICS[0]}
    for block in BLOCKS:
        odd = ask(made.store, block, **{**person, name: "nothing-of-this-name"})
        unknown = ask(made.store, block, **{**person, name: None})
        assert {(r["care"], r["decision"]) for r in allowed(odd)} <= {
            (r["care"], r["decision"]) for r in allowed(unknown)
        }


def test_what_is_no_form_of_milia_gets_a_doctor_first(made: Assembly) -> None:
    person = {"age": "adult", "site": "cheek", "pregnancy": NEITHER}
    for block in BLOCKS:
        rows = ask(made.store, block, form="nothing-of-this-name", **person)
        assert {r["care"] for r in allowed(rows)} == {"care:no-squeezing"}
        assert rows[0]["decision"] == "milia:SeeADoctorFirst"


def test_every_suggestion_leads_down_to_claims(made: Assembly) -> None:
    answer = made.store.query(
        "SELECT ?form ?care ?fact ?claim { GRAPH graph:suggestions { ?node a milia:Suggestion ; "
        "milia:ofForm ?form ; milia:ofCare ?care ; milia:restsOn ?fact ; milia:basis ?claim } "
        "GRAPH graph:facts { ?fact rdf:subject ?form ; rdf:object ?care ; "
        "milia:status milia:Established ; milia:supportedBy ?claim } }"
    )
    proved = {row[:2] for row in answer.rows}
    told = made.store.query("SELECT ?f ?c { GRAPH graph:suggestions { ?f milia:maySuggest ?c } }").rows
    assert proved == set(told)


def test_no_relation_is_filled_by_two_rule_files(home: Home) -> None:
    """A name used twice would mix what two files mean by it, without a word of warning."""
    filled = defaultdict(set)
    for path in sorted((home.ontology / "rules").glob("*.rls")):
        for name in re.findall(r"^(\w+)\(", path.read_text(encoding="utf-8"), re.M):
            filled[name].add(path.name)
    assert {name for name, files in filled.items() if len(files) > 1} == {"T"}


# ── the rules, on made-up evidence ──────────────────────────────────────────────────────────────────────

PLACES = {
    "shop": "CommercialPage",
    "mall": "CommercialPage",
    "leaflet": "GeneralReference",
    "flyer": "GeneralReference",
    "book": "Textbook",
    "tome": "Textbook",
    "paper": "PeerReviewed",
    "us": "CuratorStanding",
}
SOURCES = "".join(
    f"source:{s} a milia:Source ; milia:standing milia:{k} ; dcterms:publisher <agent/{s}> .\n"
    for s, k in PLACES.items()
)
THINGS = """
age:newborn a milia:AgeGroup ; milia:fromAge 0 ; milia:belowAge 28 .
age:infant a milia:AgeGroup ; milia:fromAge 28 ; milia:belowAge 365 .
age:child a milia:AgeGroup ; milia:fromAge 365 ; milia:belowAge 6574 .
age:adult a milia:AgeGroup ; milia:fromAge 6574 .
age:any-age a milia:AgeGroup ; milia:fromAge 0 .
site:body-surface a milia:BodySite . site:eyelid a milia:BodySite . site:cheek a milia:BodySite .
population:pregnant a milia:Population . population:breastfeeding a milia:Population .
population:neither-pregnant-nor-breastfeeding a milia:Population .
circumstance:any-case a milia:Circumstance . circumstance:uncertain-lesion a milia:Circumstance .
condition:milia a milia:MiliaForm . condition:narrow a milia:MiliaForm .
care:lift a milia:Procedure . care:grind a milia:Procedure . care:look a milia:Procedure .
care:lift-hard a milia:Procedure . care:consultation a milia:Procedure .
care:clinical-assessment a milia:Procedure . care:pill a milia:Drug . care:cream a milia:ProductKind .
care:active a milia:Ingredient . care:wait a milia:SelfCare . care:no-squeezing a milia:SelfCare .
care:reassurance a milia:SelfCare . care:watchful-waiting a milia:SelfCare .
care:squeezing a milia:SelfCare . care:vague a milia:Care . cause:wound a milia:Trigger .
provider:one a milia:Provider . service:a a milia:Service . service:b a milia:Service .
supply:prescription-only a milia:SupplyRule . supply:general-sale a milia:SupplyRule .
profession:doctor a milia:Profession .
"""
BASICS = (
    ("condition:narrow subtypeOf condition:milia", "us"),
    ("site:cheek apartFrom site:eyelid", "us"),
    ("population:neither-pregnant-nor-breastfeeding apartFrom population:pregnant", "us"),
    ("population:neither-pregnant-nor-breastfeeding apartFrom population:breastfeeding", "us"),
    ("provider:one offers service:a", "us"),
    ("provider:one offers service:b", "us"),
)


@dataclass(frozen=True)
class Saying:
    """One made-up claim."""

    what: str
    source: str = "book"
    denies: bool = False
    hedged: bool = False
    seen: bool = True
    retracted: bool = False
    more: str = ""

    def turtle(self, number: int) -> str:
        s, p, o = self.what.split()
        return (
            f"<claim/test/{number:03d}> a milia:Claim ; "
            f"rdf:subject {s} ; rdf:predicate milia:{p} ; rdf:object {o} ; "
            f"milia:stance milia:{'Denies' if self.denies else 'Affirms'} ; "
            f"milia:certainty milia:{'Hedged' if self.hedged else 'Stated'} ; {self.more} "
            f"milia:reviewState milia:{'Retracted' if self.retracted else 'Draft'} ; "
            f"milia:evidence [ a milia:Evidence ; oa:hasSource source:{self.source} ; "
            f"milia:verification milia:{'ExcerptVerified' if self.seen else 'CitationOnly'} ; "
            "milia:studyDesign milia:CaseSeries ] ."
        )


@dataclass
class World:
    """A small set of claims."""

    home: Home
    ontology: list[SourceFile]
    claims: list[Saying] = field(default_factory=list)

    def derive(self, *more: Saying) -> Derivation:
        claims = [*(Saying(what, source) for what, source in BASICS), *self.claims, *more]
        text = "\n".join(c.turtle(n) for n, c in enumerate(claims))
        files = [
            _file("data/concepts/test.ttl", THINGS),
            _file("data/claims/test.ttl", text),
            _file("data/sources/test.ttl", SOURCES),
        ]
        return derive(self.home, Sources([*self.ontology, *files]), steps=False)

    def suggested(self, *more: Saying) -> set[tuple[str, str]]:
        return {(short(f)[10:], short(c)[5:]) for f, _, c in self.derive(*more).engine.terms("Suggest")}

    def withheld(self, *more: Saying) -> set[tuple[str, str]]:
        return {
            (short(c)[5:], short(why)[6:])
            for f, c, why, _ in self.derive(*more).engine.terms("Withhold")
            if short(f) == "condition:milia"
        }


def _file(name: str, text: str) -> SourceFile:
    prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in PREFIXES.items())
    quads = parse(prefixes + text, format=RdfFormat.TURTLE, base_iri=BASE)
    return SourceFile(Path(name), name, name, tuple(skolemise(q.triple for q in quads)))


@pytest.fixture(scope="module")
def world(home: Home) -> World:
    return World(home, [f for f in load(home).files if f.name.startswith("ontology/")])


LIFT = "condition:milia treatedBy care:lift"
GOOD = Saying(LIFT)

# claims on milia and the care "lift", and why it is withheld (nothing where it may be suggested)
EVIDENCE: dict[str, tuple[list[Saying], str | None]] = {
    "one-textbook": ([GOOD], None),
    "one-leaflet": ([Saying(LIFT, "leaflet")], "OneLaySource"),
    "two-leaflets": ([Saying(LIFT, "leaflet"), Saying(LIFT, "flyer")], None),
    "two-pages-of-one-publisher": (
        [Saying(LIFT, "leaflet"), Saying(LIFT, "leaflet", more="")],
        "OneLaySource",
    ),
    "one-shop": ([Saying(LIFT, "shop")], "CommercialEvidence"),
    "two-shops": ([Saying(LIFT, "shop"), Saying(LIFT, "mall")], "CommercialEvidence"),
    "ourselves": ([Saying(LIFT, "us")], "JudgementOnly"),
    "hedged": ([replace(GOOD, hedged=True), Saying(LIFT, "paper", hedged=True)], "HedgedEvidence"),
    "hedged-textbook-and-shop": ([replace(GOOD, hedged=True), Saying(LIFT, "shop")], "CommercialEvidence"),
    "one-citation": ([replace(GOOD, seen=False)], "SingleCitation"),
    "one-citation-and-a-shop": ([replace(GOOD, seen=False), Saying(LIFT, "shop")], "SingleCitation"),
    "two-citations": ([replace(GOOD, seen=False), Saying(LIFT, "tome", seen=False)], None),
    "disputed": ([GOOD, Saying(LIFT, "paper", denies=True)], "DisputedEvidence"),
    "denied-by-a-shop": ([GOOD, Saying(LIFT, "shop", denies=True)], None),
    "denied": ([Saying(LIFT, denies=True)], "DeniedEvidence"),
    "no-effect": ([replace(GOOD, more="milia:observed 0 ; milia:of 3 ;")], "NoEffectSeen"),
    "no-effect-and-a-citation": (
        [replace(GOOD, more="milia:observed 0 ; milia:of 3 ;"), Saying(LIFT, "tome", seen=False)],
        "SingleCitation",
    ),
    "unfit": (
        [GOOD, Saying("care:lift contraindicatedFor condition:milia", "shop", hedged=True)],
        "UnsuitableForForm",
    ),
    "prevention": ([Saying("condition:milia preventedBy care:lift")], "PreventionOnly"),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence(world: World, name: str) -> None:
    claims, why = EVIDENCE[name]
    assert (("milia", "lift") in world.suggested(*claims)) == (why is None)
    assert {w for c, w in world.withheld(*claims) if c == "lift"} == ({why} if why else set())


def test_nothing_is_suggested_by_inheritance(world: World) -> None:
    assert world.suggested(GOOD) == {("milia", "lift")}
    narrow = Saying("condition:narrow treatedBy care:lift")
    kind = Saying("care:lift-hard subtypeOf care:lift")
    assert world.suggested(narrow, kind) == {("narrow", "lift")}


@pytest.mark.parametrize(
    ("claims", "suggested"),
    [
        ([Saying("condition:milia treatedBy care:pill")], False),
        (
            [Saying("condition:milia treatedBy care:pill"), Saying("care:pill supply supply:general-sale")],
            True,
        ),
        (
            [
                Saying("condition:milia treatedBy care:pill"),
                Saying(
                    "care:pill supply supply:general-sale",
                    more="milia:scope [ milia:scopeSetting cause:wound ] ;",
                ),
            ],
            False,
        ),
        (
            [
                Saying("condition:milia treatedBy care:pill"),
                Saying("care:pill supply supply:general-sale"),
                Saying("care:pill supply supply:prescription-only", "shop", hedged=True),
            ],
            False,
        ),
        ([Saying("condition:milia preventedBy care:cream")], True),
        (
            [
                Saying("condition:milia preventedBy care:cream"),
                Saying("care:cream containsIngredient care:pill"),
            ],
            False,
        ),
        ([Saying("condition:milia treatedBy care:vague")], False),
        ([Saying("condition:milia treatedBy care:wait", "leaflet")], True),
    ],
)
def test_kinds_of_care(world: World, claims: list[Saying], suggested: bool) -> None:
    assert bool(world.suggested(*claims)) == suggested


@pytest.mark.parametrize(
    ("provided", "fits"),
    [
        ([Saying("service:a provides care:lift")], True),
        ([Saying("service:a provides care:lift", hedged=True)], False),
        ([Saying("service:a provides care:lift-hard")], False),  # a narrower kind is not what was named
        (
            [Saying("service:a provides care:lift"), Saying("service:a provides care:grind", hedged=True)],
            False,
        ),
        (
            [
                Saying("service:a provides care:lift"),
                Saying("service:a provides care:lift-hard", hedged=True),
            ],
            False,
        ),
    ],
)
def test_services(world: World, provided: list[Saying], fits: bool) -> None:
    made = world.derive(GOOD, Saying("care:lift-hard subtypeOf care:lift"), *provided)
    assert bool(made.engine.terms("Fits")) == fits


LIMITS = [
    Saying("care:lift contraindicatedFor population:pregnant", "shop", hedged=True),
    Saying("care:lift contraindicatedFor site:eyelid", "shop", hedged=True),
    Saying("care:lift contraindicatedFor age:child", "shop", hedged=True),
]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_hedged_word_of_a_shop_is_enough_to_withhold(world: World, limit: Saying) -> None:
    x = limit.what.split()[2]
    kept = {(short(c), short(v)) for c, v, _ in world.derive(GOOD, limit).engine.terms("Limit")}
    assert ("care:lift", x) in kept


def test_limits_pass_to_narrower_care_and_to_products(world: World) -> None:
    made = world.derive(
        Saying("condition:milia treatedBy care:lift-hard"),
        Saying("condition:milia treatedBy care:cream"),
        Saying("care:lift-hard subtypeOf care:lift", hedged=True),
        Saying("care:cream containsIngredient care:active", hedged=True),
        Saying("care:active contraindicatedFor population:pregnant"),
        LIMITS[1],
    )
    kept = {(short(c), short(v)) for c, v, _ in made.engine.terms("Limit")}
    assert {("care:lift-hard", "site:eyelid"), ("care:cream", "population:pregnant")} <= kept


@pytest.mark.parametrize(
    "claims",
    [
        [Saying("condition:narrow triggeredBy care:lift", "shop", hedged=True)],
        [Saying("care:lift leadsTo cause:wound"), Saying("condition:milia triggeredBy cause:wound")],
        [Saying("care:lift subtypeOf care:grind"), Saying("condition:milia triggeredBy care:grind")],
        [Saying("care:grind subtypeOf care:lift"), Saying("condition:milia triggeredBy care:grind")],
        [Saying("care:lift hasAdverseEffect condition:milia")],
    ],
)
def test_care_that_brings_milia_says_so(world: World, claims: list[Saying]) -> None:
    made = world.derive(GOOD, *claims)
    warned = {short(c) for c, kind, _ in made.engine.terms("Caution") if short(kind) == "milia:AlsoATrigger"}
    assert "care:lift" in warned


def test_who_is_clear_of_what(world: World) -> None:
    made = world.derive(GOOD, Saying("site:cheek partOf site:eyelid", "shop", hedged=True))
    clear = {(short(a), short(b)) for a, b in made.engine.terms("ClearOf")}
    assert ("age:adult", "age:infant") in clear
    assert ("age:any-age", "age:infant") not in clear
    assert ("site:cheek", "site:eyelid") not in clear  # somebody says that they overlap


SUPPORT = st.builds(
    Saying,
    what=st.sampled_from(
        [
            LIFT,
            "condition:milia treatedBy care:grind",
            "condition:milia preventedBy care:cream",
            "condition:narrow treatedBy care:lift",
            "condition:milia treatedBy care:wait",
            "service:a provides care:lift",
            "service:b provides care:grind",
        ]
    ),
    source=st.sampled_from(sorted(PLACES)),
    hedged=st.booleans(),
    seen=st.booleans(),
)
WEAKER = {
    "hedge": lambda c: replace(c, hedged=True),
    "lose the text": lambda c: replace(c, seen=False),
    "retract": lambda c: replace(c, retracted=True) if "provides" not in c.what else replace(c, hedged=True),
    "see no effect": lambda c: (
        replace(c, more="milia:observed 0 ; milia:of 4 ;") if "provides" not in c.what else c
    ),
    "lower": lambda c: replace(c, source="shop"),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=st.lists(SUPPORT, min_size=2, max_size=7, unique=True),
    weaken=st.lists(st.tuples(st.integers(0, 6), st.sampled_from(sorted(WEAKER))), min_size=1, max_size=4),
    against=st.lists(st.tuples(st.integers(0, 6), st.sampled_from(sorted(PLACES))), max_size=2),
    limits=st.lists(st.sampled_from(LIMITS), max_size=2, unique=True),
)
def test_weaker_evidence_never_allows_more(
    world: World,
    claims: list[Saying],
    weaken: list[tuple[int, str]],
    against: list[tuple[int, str]],
    limits: list[Saying],
) -> None:
    weaker = list(claims)
    for place, how in weaken:
        weaker[place % len(claims)] = WEAKER[how](weaker[place % len(claims)])
    weaker += [Saying(claims[n % len(claims)].what, source, denies=True) for n, source in against]
    before, after = world.derive(*claims), world.derive(*weaker, *limits)
    for relation in ("Suggest", "Fits", "ClearOf", "DoctorService"):
        assert set(after.engine.terms(relation)) <= set(before.engine.terms(relation))
    for relation in ("Limit", "SeeDoctor"):
        lost = set(before.engine.terms(relation)) - set(after.engine.terms(relation))
        gone = {c for _, _, c in before.engine.terms("Suggest")} - {
            c for _, _, c in after.engine.terms("Suggest")
        }
        assert all(row[0] in gone or "service" in str(row[0]) for row in lost)
