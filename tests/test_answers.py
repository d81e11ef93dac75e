"""The competency questions: headers, golden answers, the same rows from two engines; and the catalogue."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode
from pyoxigraph import Store as BareStore

from milia.build import assemble
from milia.catalog import Catalog, Parameter, Query, read_query
from milia.errors import BadQuery, BadSource, Misuse, UnknownName
from milia.names import PREFIXES, milia, short
from milia.paths import Home
from milia.render import result_text
from milia.store import empty_store

if TYPE_CHECKING:
    from milia.build import Assembly
    from milia.kg import KnowledgeGraph
    from milia.store import Answer, Store

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).parent / "golden" / "answers"
CATALOG = Catalog(Home(ROOT))
NAMES = CATALOG.names("answers")
MOST_LINES = 60
# no source denies anything yet; test_what_the_sources_do_not_say_yet proves that the question would find it
EMPTY_TODAY = {"denied-or-disputed"}
NOTHING = "nothing-of-this-name"

OTHER_VALUES: list[tuple[str, dict[str, str]]] = [
    ("ages-of-a-form", {"form": "benign-primary-milia"}),
    ("candidates-by-site-and-age", {"site": "cheek", "age": "newborn"}),
    ("candidates-by-site-and-age", {"site": "torso", "age": "infant"}),
    ("causes-by-form", {"form": "neonatal-milia"}),
    ("claims-of-a-source", {"source": "body-perfection-milia"}),
    ("classification", {"form": "trauma-associated-milia"}),
    ("course-of-a-form", {"form": "milia"}),
    ("evidence-of-a-fact", {"subject": "milia", "predicate": "treatedBy", "object": "care:extraction"}),
    ("forms-of-a-site", {"site": "head"}),
    ("forms-with-a-finding", {"finding": "small-size"}),
    ("inferred-links", {"thing": "milia-en-plaque"}),
    ("judgements-by-curators", {"predicate": "leadsTo"}),
    ("kinds-of-a-thing", {"thing": "condition:milia"}),
    ("look-of-a-form", {"form": "multiple-eruptive-milia"}),
    ("region-tree", {"region": "body-surface"}),
    ("said-by-one-page-only", {"source": "body-perfection-milia"}),
    ("scales", {"scale": "standing"}),
    ("services-by-care", {"care": "skin-resurfacing"}),
    ("services-related-to-milia", {"provider": "cadogan-clinic"}),
    ("services-that-may-cause-milia", {"provider": "body-perfection-laser-clinic"}),
    ("sites-of-a-form", {"form": "milia"}),
    ("sites-of-a-form", {"form": "milia-en-plaque"}),
    ("term-definitions", {"term": "affects"}),
    ("things-called", {"part": "Milk"}),
    ("triggers-of-a-form", {"form": "milia"}),
    ("what-a-profession-does", {"profession": "aesthetician"}),
    ("what-care-does", {"care": "vitamin-a-skin-care-product"}),
    ("what-to-avoid", {"form": "secondary-milia"}),
]
CASES: list[tuple[str, dict[str, str]]] = [*((name, {}) for name in NAMES), *OTHER_VALUES]


def case_name(name: str, values: dict[str, str]) -> str:
    """Name a golden file; a colon has no place in a file name everywhere."""
    return "--".join([name, *(f"{k}={v.replace(':', '.')}" for k, v in sorted(values.items()))])


IDS = [case_name(*case) for case in CASES]


@pytest.fixture(scope="module")
def rdflib_store(part: Assembly) -> Store:
    """Return the same quads in the referee engine."""
    store = empty_store("rdflib")
    store.add(part.store.quads())
    return store


# ── each question is written as it should be ──────────────────────────────────────────────────────────


def uncommented(query: Query) -> str:
    """Return the SPARQL text without header, texts in quotes and whole IRIs, so that only names are left."""
    lines = [line for line in query.text.splitlines() if not line.startswith("#")]
    return re.sub(r'"[^"\n]*"|<[^<>\s]*>', " ", "\n".join(lines))


def test_there_are_enough_questions() -> None:
    assert len(NAMES) >= 34
    assert len(OTHER_VALUES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_header_and_style(name: str) -> None:
    query = CATALOG.find(name)
    assert set(query.header) == {"title", "question", "description"}
    assert query.question.endswith("?")
    assert query.header["description"].endswith(".")
    assert all(p.kind and p.about and p.default for p in query.parameters)
    assert len(query.text.splitlines()) <= MOST_LINES
    assert max(map(len, query.text.splitlines())) <= 150
    assert query.text.endswith("\n")
    assert not re.search(r"[ \t]\n|\n\n\n", query.text)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    text = uncommented(query)
    assert "ORDER BY" in text
    assert "service <" not in text.lower(), "an answer comes from this graph alone"


@pytest.mark.parametrize("name", NAMES)
def test_prefixes_are_declared_and_used(name: str) -> None:
    query = CATALOG.find(name)
    declared = dict(re.findall(r"^PREFIX (\w+): <([^>]+)>$", query.text, re.MULTILINE))
    assert declared == {p: PREFIXES[p] for p in declared}
    assert list(declared) == sorted(declared)
    body = re.sub(r"^PREFIX .*$", "", uncommented(query), flags=re.MULTILINE)
    assert set(re.findall(r"(?<![\w?:])([a-z]+):", body)) == set(declared)
    BareStore().query(query.text)  # any engine can read the file as it is


@pytest.mark.parametrize("name", NAMES)
def test_statements_never_come_without_a_mark(name: str) -> None:
    """Care, cause and course are shown with status, standing or certainty, never as bare links."""
    query = CATALOG.find(name)
    links = "treatedBy|preventedBy|triggeredBy|hasMechanism|hasCourse|resolvesWithin|counteracts|seekCareWhen"
    if re.search(rf"milia:({links})\b", uncommented(query)):
        head = query.text.partition("SELECT")[2].partition("WHERE")[0]
        assert re.search(r"status|certainty", head, re.IGNORECASE)


def test_every_term_is_asked_for() -> None:
    """Each class and property of the ontology is part of some question (checks and core count too)."""
    ontology = (ROOT / "ontology" / "milia.ttl").read_text(encoding="utf-8")
    terms = re.findall(r"^milia:(\w+) a owl:(?:\w+Property|Class)\b", ontology, re.MULTILINE)
    assert len(terms) > 150
    asked = {
        term
        for folder in ("answers", "checks", "core", "pages")
        for path in (ROOT / "queries" / folder).glob("*.rq")
        for term in re.findall(
            r"\bmilia:(\w+)", uncommented(Query(path.stem, folder, path, path.read_text("utf-8"), {}))
        )
    }
    assert sorted(set(terms) - asked) == []


def test_every_name_in_a_question_exists(made: Assembly) -> None:
    """A misspelt term or thing would only ever give an empty answer."""
    known = {
        t.value
        for q in made.store.quads()
        for t in (q.subject, q.predicate, q.object, q.graph_name)
        if isinstance(t, NamedNode)
    }
    for query in CATALOG.all("answers"):
        text = re.sub(r"^PREFIX .*$", "", uncommented(query), flags=re.MULTILINE)
        for prefix, local in re.findall(r"(?<![\w?:])([a-z]+):([\w-]+)", text):
            if PREFIXES[prefix].startswith("https://w3id.org/milia/"):
                assert PREFIXES[prefix] + local in known, f"{query.name}: {prefix}:{local}"


# ── the answers ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "values"), CASES, ids=IDS)
def test_golden_answer(made: Assembly, update_golden: bool, name: str, values: dict[str, str]) -> None:
    answer = made.store.query(CATALOG.find(name).fill(values))
    assert answer.rows or name in EMPTY_TODAY
    assert len(set(answer.rows)) == len(answer.rows), "a row stands twice"
    text = result_text(answer, "tsv")
    path = GOLDEN / f"{case_name(name, values)}.tsv"
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_answer_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.tsv")) == sorted(IDS)


@pytest.mark.parametrize(("name", "values"), CASES, ids=IDS)
def test_both_engines_agree(part: Assembly, rdflib_store: Store, name: str, values: dict[str, str]) -> None:
    text = CATALOG.find(name).fill(values)
    one, other = part.store.query(text), rdflib_store.query(text)
    assert one.variables == other.variables
    assert Counter(one.rows) == Counter(other.rows)
    assert one.rows == other.rows, "the order is not total"


@pytest.mark.parametrize(
    ("name", "parameter"), [(q.name, p.name) for q in CATALOG.all("answers") for p in q.parameters]
)
def test_unknown_value_gives_nothing(made: Assembly, name: str, parameter: str) -> None:
    query = CATALOG.find(name)
    assert made.store.query(query.fill({parameter: NOTHING})).rows == ()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (q.name, {p.name: "no-prefix-at-all:x"})
        for q in CATALOG.all("answers")
        for p in q.parameters
        if p.kind != "text"
    ],
)
def test_unknown_prefix_is_named(name: str, values: dict[str, str]) -> None:
    with pytest.raises(UnknownName, match="no prefix is called 'no-prefix-at-all'"):
        CATALOG.find(name).fill(values)


@pytest.mark.parametrize("query", [q for q in CATALOG.all("answers") if q.parameters], ids=lambda q: q.name)
def test_default_written_out_gives_the_default_answer(made: Assembly, query: Query) -> None:
    single = [p for p in query.parameters if p.default != "UNDEF" and not (p.is_thing and " " in p.default)]
    values = {p.name: p.default.strip('"') for p in single}
    assert made.store.query(query.fill(values)).rows == made.store.query(query.text).rows


# ── what the pages do not say yet, the questions would find ───────────────────────────────────────────

CONCEPTS = """
condition:look-alike a milia:Disorder ; skos:prefLabel "Look-alike"@en ; skos:definition "Invented."@en .
gene:example a milia:Gene ; skos:prefLabel "EXAMPLE"@en ; skos:definition "An invented gene."@en .
care:example-drug a milia:Drug ; skos:prefLabel "Example drug"@en ; skos:definition "An invented drug."@en .
finding:example-histology a milia:Histology ; skos:prefLabel "Cyst wall"@en ; skos:definition "Invented."@en .
"""
CLAIMS = [
    "condition:milia milia:affects site:torso Denies cadogan-milia",
    "condition:neonatal-milia milia:hasMechanism cause:keratin-entrapment Denies body-perfection-milia",
    "condition:milia milia:resembles condition:look-alike Affirms milia-curators",
    "condition:genetic-skin-disorder milia:causalGene gene:example Affirms milia-curators",
    "condition:milia milia:arisesFrom structure:sweat-gland Affirms milia-curators",
    "care:example-drug milia:contraindicatedFor condition:milia-en-plaque Affirms milia-curators",
    "condition:milia-en-plaque milia:treatedBy care:example-drug Affirms milia-curators",
    "condition:milia milia:presentsWith finding:example-histology Affirms milia-curators",
    "condition:secondary-milia milia:occursIn population:prone-to-milia Affirms milia-curators",
]
SCOPED = """
    milia:observed 4 ; milia:of 6 ; milia:scope [ a milia:Scope ; milia:scopeSite site:face ;
        milia:scopeTimeAfter [ a milia:Range ; milia:lower 2 ; milia:upper 3 ; milia:unit "wk" ] ] ;"""


def claim(number: int, text: str) -> str:
    """Write a made-up claim as Turtle."""
    s, p, o, stance, source = text.split()
    more = SCOPED if "occursIn" in p else ""
    return f"""
<claim/made-up/{number:03}> a milia:Claim ; rdf:subject {s} ; rdf:predicate {p} ; rdf:object {o} ;
    milia:stance milia:{stance} ; milia:certainty milia:Stated ; rdfs:comment "Made up for a test."@en ;{more}
    milia:reviewState milia:Reviewed ; milia:reviewedBy person:susan-mayou ;
    milia:reviewedOn "2026-11-21"^^xsd:date ;
    milia:evidence [ a milia:Evidence ; oa:hasSource source:{source} ;
        milia:verification milia:CitationOnly ; milia:evidenceType eco:0000305 ] .
"""


@pytest.fixture(scope="module")
def richer(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the project with made-up claims for what no page says yet."""
    place = Home(tmp_path_factory.mktemp("richer"))
    for folder in ("ontology", "data"):
        shutil.copytree(ROOT / folder, place.root / folder)
    prefixes = "@base <https://w3id.org/milia/> .\n" + "".join(
        f"@prefix {p}: <{i}> .\n" for p, i in PREFIXES.items()
    )
    (place.data / "concepts" / "made-up.ttl").write_text(prefixes + CONCEPTS, encoding="utf-8")
    claims = "".join(claim(n, text) for n, text in enumerate(CLAIMS, 1))
    (place.data / "claims" / "made-up.ttl").write_text(prefixes + claims, encoding="utf-8")
    return assemble(place)


def cells(answer: Answer, *columns: str) -> set[tuple[str, ...]]:
    """Return the values of some columns, written short."""
    return {tuple(short(row[c]) if c in row else "" for c in columns) for row in answer.dicts()}


@pytest.mark.parametrize(
    ("name", "values", "columns", "row"),
    [
        ("denied-or-disputed", {}, "subject object status", "condition:milia site:torso milia:Disputed"),
        (
            "denied-or-disputed",
            {},
            "subject object status",
            "condition:neonatal-milia cause:keratin-entrapment milia:Denied",
        ),
        ("where-the-pages-differ", {"kind": "StanceContradiction"}, "kind", "milia:StanceContradiction"),
        (
            "related-conditions",
            {"condition": "milia"},
            "relation other",
            "milia:resembles condition:look-alike",
        ),
        ("related-conditions", {"condition": "look-alike"}, "relation how", "milia:resembles inferred"),
        (
            "forms-with-autoimmune-or-genetic-disease",
            {},
            "disorder gene",
            "condition:genetic-skin-disorder gene:example",
        ),
        (
            "what-comes-of-a-cause",
            {"cause": "gene:example"},
            "relation result",
            "milia:geneOf condition:genetic-skin-disorder",
        ),
        (
            "what-comes-of-a-cause",
            {"cause": "structure:sweat-gland"},
            "relation result",
            "milia:originOf condition:milia",
        ),
        ("anatomy-behind-milia", {}, "part otherName", "structure:sweat-gland Milia"),
        (
            "what-to-avoid",
            {"form": "milia-en-plaque"},
            "thing standing",
            "care:example-drug milia:CuratorStanding",
        ),
        (
            "what-care-does",
            {"care": "example-drug"},
            "relation other",
            "milia:contraindicatedFor condition:milia-en-plaque",
        ),
        (
            "treatments-of-a-form",
            {"form": "milia-en-plaque"},
            "care standing reviewState",
            "care:example-drug milia:CuratorStanding milia:Reviewed",
        ),
        ("kinds-of-care", {}, "kind care", "drug care:example-drug"),
        ("look-of-a-form", {"form": "milia"}, "finding how", "finding:example-histology said"),
        ("prevalence", {}, "observed of limit", "4 6 site:face"),
        ("limited-claims", {}, "respect lower upper unit", "milia:scopeTimeAfter 2 3 wk"),
        ("review-of-claims", {}, "state reviewer day", "milia:Reviewed person:susan-mayou 2026-11-21"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_what_the_sources_do_not_say_yet(
    richer: Assembly, name: str, values: dict[str, str], columns: str, row: str
) -> None:
    answer = richer.store.query(CATALOG.find(name).fill(values))
    assert tuple(row.split()) in cells(answer, *columns.split())


def test_denied_and_disputed_links_are_in_no_other_answer(richer: Assembly) -> None:
    sites = richer.store.query(CATALOG.find("sites-of-a-form").fill({"form": "milia"}))
    assert ("site:torso",) not in cells(sites, "site")
    mechanisms = richer.store.query(CATALOG.find("mechanisms").fill({"form": "neonatal-milia"}))
    assert ("cause:keratin-entrapment",) not in cells(mechanisms, "mechanism")


# ── the catalogue ─────────────────────────────────────────────────────────────────────────────────────


def written(folder: Path, text: str) -> Query:
    """Write a query file and read it."""
    path = folder / "queries" / "answers" / "a-query.rq"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_query(path)


def test_header_is_read(tmp_path: Path) -> None:
    query = written(
        tmp_path,
        "# title: A title\n# question: What: and why?\n# param form: condition: which form\n# a remark\n"
        "SELECT ?x { VALUES ?form { condition:milia } ?form milia:affects ?x }\n# title: Not the header\n",
    )
    assert query.header == {"title": "A title", "question": "What: and why?"}
    assert query.parameters == (Parameter("form", "condition", "which form", "condition:milia"),)
    assert (query.name, query.folder, query.title) == ("a-query", "answers", "A title")


def test_query_without_header_has_its_name_as_title(tmp_path: Path) -> None:
    query = written(tmp_path, "SELECT ?x { ?x a milia:MiliaForm }\n")
    assert (query.title, query.question, query.parameters) == ("a-query", "", ())


def test_parameter_without_values_is_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"a-query\.rq:2: parameter 'form' has no 'VALUES \?form"):
        written(tmp_path, "# title: T\n# param form: condition: which\nSELECT ?x { ?x a ?form }\n")


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("neonatal-milia", "<https://w3id.org/milia/condition/neonatal-milia>"),
        ("condition:neonatal-milia", "<https://w3id.org/milia/condition/neonatal-milia>"),
        ("condition/neonatal-milia", "<https://w3id.org/milia/condition/neonatal-milia>"),
        ("care:extraction", "<https://w3id.org/milia/care/extraction>"),
        ("https://example.org/x", "<https://example.org/x>"),
        ("<https://example.org/x>", "<https://example.org/x>"),
    ],
)
def test_names_of_things(value: str, term: str) -> None:
    assert Parameter("form", "condition", "", "").literal(value) == term


@pytest.mark.parametrize("value", ["0", "-3", "+4", "12.5"])
def test_numbers(value: str) -> None:
    assert Parameter("n", "number", "", "").literal(value) == value


@pytest.mark.parametrize("value", ["", "x", "1e5", "1 } ?s ?p ?o {", "1.", "--1", "0x1"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(Misuse, match="takes a number"):
        Parameter("n", "number", "", "").literal(value)


@pytest.mark.parametrize(
    "value",
    [
        '"',
        "\\",
        '\\"',
        "two\nlines",
        "tab\there",
        "} } SELECT",
        '" } ?s ?p ?o #',
        "é 中 🙂",
        r"\u0022",
        "'",
        "",
        "$1 \\1 \\g<0>",
    ],
)
def test_text_is_only_ever_text(value: str) -> None:
    """Whatever a person types as text comes back as that text and changes nothing else in the query."""
    query = Query(
        "q", "answers", Path("q.rq"), 'SELECT ?t { VALUES ?t { "x" } }', {}, (Parameter("t", "text", "", ""),)
    )
    filled = query.fill({"t": value})
    assert empty_store().query(filled).rows == ((Literal(value),),)


@pytest.mark.parametrize(
    "value",
    ["x> } ?s ?p ?o { <y", "a b", "x}", 'x"', "x\ny", "x`", "condition:a b", "condition:<x>", "x|y", "x^y"],
)
def test_names_cannot_break_out(value: str) -> None:
    query = CATALOG.find("sites-of-a-form")
    with pytest.raises(Misuse):
        query.fill({"form": value})


def test_unknown_query_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean sites-of-a-form"):
        CATALOG.find("sites-of-form")


def test_unknown_parameter_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean form"):
        CATALOG.find("sites-of-a-form").fill({"from": "milia"})


def test_query_without_parameters_says_so() -> None:
    with pytest.raises(Misuse, match="the query 'forms' takes no parameters"):
        CATALOG.find("forms").fill({"form": "milia"})


def test_fill_changes_nothing_but_the_default() -> None:
    query = CATALOG.find("candidates-by-site-and-age")
    filled = query.fill({"age": "newborn"})
    changed = [(a, b) for a, b in zip(query.text.splitlines(), filled.splitlines(), strict=True) if a != b]
    assert changed == [
        ("  VALUES ?age { age:adult }", "  VALUES ?age { <https://w3id.org/milia/age/newborn> }"),
    ]


_WHO_EXTRACTS = """SELECT ?source ?certainty { GRAPH ?g {
  ?claim rdf:subject condition:milia ; rdf:predicate milia:treatedBy ; rdf:object care:extraction ;
    milia:certainty ?certainty ; milia:evidence/oa:hasSource ?source } }"""


def test_several_parameters_at_once(made: Assembly) -> None:
    text = CATALOG.find("evidence-of-a-fact").fill(
        {"subject": "milia", "predicate": "treatedBy", "object": "care:extraction"}
    )
    found = cells(made.store.query(text), "source", "certainty")
    assert found == cells(made.store.query(_WHO_EXTRACTS), "source", "certainty")
    assert ("source:cadogan-milia", "milia:Stated") in found


def test_broken_query_is_reported(made: Assembly, rdflib_store: Store) -> None:
    for store in (made.store, rdflib_store):
        with pytest.raises(BadQuery):
            store.query("SELECT ?x { ?x ")


def test_core_texts_are_found() -> None:
    assert "milia:Claim" in CATALOG.core("claims")
    assert milia("Claim").value.endswith("ontology/Claim")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a\rb", r'"a\rb"'),
        ('a" } SELECT', r'"a\" } SELECT"'),
        ("back\\slash", r'"back\\slash"'),
    ],
)
def test_a_text_stays_a_text(value: str, written: str) -> None:
    assert Parameter("x", "text", "", "").literal(value) == written


@pytest.mark.parametrize("value", ["٣", "1e3", "1 2", "0x1", ""])
def test_only_plain_numbers_are_numbers(value: str) -> None:
    with pytest.raises(Misuse, match="takes a number"):
        Parameter("x", "number", "", "").literal(value)


def test_a_value_is_never_taken_for_part_of_the_query(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text(
        "# title: Q\n# param a: text: one\n# param siteB: text: two\n"
        'SELECT * { VALUES ?a { "}" } VALUES ?siteB { UNDEF } }\n',
        encoding="utf-8",
    )
    query = read_query(path)
    assert [(p.name, p.default) for p in query.parameters] == [("a", '"}"'), ("siteB", "UNDEF")]
    filled = query.fill({"a": "VALUES ?siteB { x }", "siteB": "y"})
    assert filled.endswith('SELECT * { VALUES ?a { "VALUES ?siteB { x }" } VALUES ?siteB { "y" } }\n')


def test_a_parameter_line_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text("# title: Q\n# param a text\nSELECT * { VALUES ?a { 1 } }\n", encoding="utf-8")
    with pytest.raises(BadSource, match=r"q\.rq:2: is no parameter"):
        read_query(path)


def test_a_thing_that_is_not_there_is_met_with_the_nearest(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match="did you mean condition:neonatal-milia"):
        kg.ask("sites-of-a-form", form="neonatel-milia")


def test_a_table_too_wide_for_the_screen_is_unfolded(kg: KnowledgeGraph) -> None:
    answer = kg.ask("services-that-may-cause-milia")
    folded = result_text(answer, width=80)
    assert folded.splitlines()[0].split() == list(answer.variables)
    lines = result_text(answer, width=80, unfold=True).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[: lines.index("")] if line[:1] != " "] == list(answer.variables)
    narrow = kg.ask("SELECT ?site { condition:milia milia:affects ?site }")
    assert result_text(narrow, width=80, unfold=True) == result_text(narrow, width=80)
