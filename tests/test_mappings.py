"""Mappings: tables read, said in RDF, and true to SSSOM, to the Bioregistry and to the licences."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from milia.catalog import Catalog
from milia.check import check_queries
from milia.errors import BadSource
from milia.load import load
from milia.mappings import (
    COLUMNS,
    MATCHES,
    SUFFIX,
    VOCABULARIES,
    read_mapping_file,
    read_mappings,
    read_vocabularies,
)
from milia.names import BASE, PREFIXES, expand, is_default_graph
from milia.paths import Home
from milia.store import empty_store

HOME = Home(Path(__file__).resolve().parents[1])
FOLDER = HOME.data / "mappings"
FILES = sorted(FOLDER.glob(f"*{SUFFIX}"))
MAPPINGS = read_mappings(HOME)
TABLE = read_vocabularies(FOLDER / VOCABULARIES)
BY_IRI = {v.iri: v for v in TABLE}
# vocabularies that must not be carried in any form, and those whose names must not
NEVER = {"atc", "cpt", "drugbank", "meddra", "omop"}
NAMELESS = {"icd10", "icd11", "icd11.code", "snomedct", "umls"}

HEAD = """#curie_map:
#  HP: "http://purl.obolibrary.org/obo/HP_"
#  bioregistry: https://bioregistry.io/registry/
#  condition: https://w3id.org/milia/condition/
#  agent: https://w3id.org/milia/agent/
#mapping_set_id: https://w3id.org/milia/graph/data/mappings/hpo
#license: "https://creativecommons.org/licenses/by/4.0/"
"""
COLUMN_LINE = len(HEAD.splitlines()) + 1
CELLS = {
    "subject_id": "condition:milia",
    "subject_label": "Milia",
    "predicate_id": "skos:exactMatch",
    "predicate_modifier": "",
    "object_id": "HP:0001056",
    "object_label": "Milia",
    "mapping_justification": "semapv:ManualMappingCuration",
    "author_id": "agent:curators",
    "confidence": "0.9",
    "object_source": "bioregistry:hp",
    "object_source_version": "2025-01-16",
    "mapping_date": "2026-11-21",
    "other": "hp.obo",
    "comment": "",
}


def table(*rows: dict[str, str], head: str = HEAD, columns: tuple[str, ...] = COLUMNS) -> str:
    lines = ["\t".join({**CELLS, **row}[c] for c in columns) for row in rows]
    return head + "\n".join(["\t".join(columns), *lines, ""])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / f"hpo{SUFFIX}"


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_read_whole(file: Path) -> None:
    file.write_text(table({}, {"comment": "Called milk spots there."}), encoding="utf-8")
    first, second = read_mapping_file(file, f"data/mappings/{file.name}")
    assert (first.subject, first.object) == (expand("condition:milia"), expand("hp:0001056"))
    assert (first.predicate, first.negated, first.found) == (expand("skos:exactMatch"), False, True)
    assert (first.object_id, first.object_label, first.confidence) == ("HP:0001056", "Milia", 0.9)
    assert first.author == NamedNode(BASE + "agent/curators")
    assert first.object_source == NamedNode("https://bioregistry.io/registry/hp")
    assert (first.object_source_version, first.date, first.other) == ("2025-01-16", "2026-11-21", "hp.obo")
    assert (first.vocabulary, first.file, first.line) == (
        "hpo",
        "data/mappings/hpo.sssom.tsv",
        COLUMN_LINE + 1,
    )
    assert second.line == COLUMN_LINE + 2


def test_columns_that_are_empty_may_be_left_out(file: Path) -> None:
    needed = (
        "subject_id",
        "predicate_id",
        "object_id",
        "mapping_justification",
        "author_id",
        "object_source",
    )
    file.write_text(table({}, columns=needed), encoding="utf-8")
    (mapping,) = read_mapping_file(file)
    assert (mapping.confidence, mapping.comment, mapping.object_label, mapping.date) == (None, "", "", "")


FAULTS = {
    "prefix of the subject": ({"subject_id": "thing:milia"}, "prefix 'thing' of subject_id is not declared"),
    "prefix of the object": ({"object_id": "MONDO:1"}, "prefix 'MONDO' of object_id is not declared"),
    "no prefix": ({"object_id": "0001056"}, "object_id is no CURIE: '0001056'"),
    "no IRI": ({"object_id": "HP:00 01"}, "object_id is no IRI"),
    "no match": ({"predicate_id": "skos:broader"}, "'skos:broader' is no match"),
    "modifier": ({"predicate_modifier": "not"}, "'not' is no predicate_modifier"),
    "confidence above one": ({"confidence": "1.5"}, "'1.5' is no number from 0 to 1"),
    "confidence in words": ({"confidence": "high"}, "'high' is no number from 0 to 1"),
    "day": ({"mapping_date": "21 November"}, "'21 November' is no day"),
    "a tab too many": ({"comment": "a\tb"}, f"has {len(COLUMNS) + 1} columns where there are {len(COLUMNS)}"),
    "an open quotation mark": ({"comment": '"open'}, "is no table"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_row_is_named_with_its_line(fault: str, file: Path) -> None:
    row, what = FAULTS[fault]
    file.write_text(table({}, row), encoding="utf-8")
    with pytest.raises(BadSource) as caught:
        read_mapping_file(file, "data/mappings/hpo.sssom.tsv")
    assert str(caught.value).startswith(f"data/mappings/hpo.sssom.tsv:{COLUMN_LINE + 2}: ")
    assert what in str(caught.value)
    assert "mend: " in str(caught.value)


HEADS = {
    "no prefixes": (HEAD.replace("#curie_map:", "#other_map:"), 1, "declares no prefixes"),
    "no licence": (HEAD.replace("#license", "#licence"), 1, "has no license"),
    "no name": (HEAD.replace("#mapping_set_id", "#mapping_set"), 1, "has no mapping_set_id"),
    "no key": (HEAD.replace("#  HP:", "#  HP"), 2, "is no line of a header"),
    "a list": (HEAD + "#creator_id:\n#  - agent:curators\n", COLUMN_LINE + 1, "is no line of a header"),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_bad_header_is_named_with_its_line(case: str, file: Path) -> None:
    head, line, what = HEADS[case]
    file.write_text(table({}, head=head), encoding="utf-8")
    with pytest.raises(BadSource, match=what) as caught:
        read_mapping_file(file)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (COLUMNS[1:], "has no column subject_id"),
        ((*COLUMNS, "colour"), "has a column that nothing reads: colour"),
        ((*COLUMNS, "comment"), "has a column twice"),
    ],
)
def test_a_bad_column_is_named(columns: tuple[str, ...], what: str, file: Path) -> None:
    file.write_text(HEAD + "\t".join(columns) + "\n", encoding="utf-8")
    with pytest.raises(BadSource, match=what) as caught:
        read_mapping_file(file)
    assert caught.value.line == COLUMN_LINE


def test_other_files_are_told(file: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read: No such file"):
        read_mapping_file(file)
    file.write_bytes(HEAD.encode() + b"caf\xe9\n")
    with pytest.raises(BadSource, match="is not UTF-8") as caught:
        read_mapping_file(file)
    assert caught.value.line == COLUMN_LINE
    file.write_text("prefix\tshown\n", encoding="utf-8")
    with pytest.raises(BadSource, match="has no column title"):
        read_vocabularies(file)
    good = (FOLDER / VOCABULARIES).read_text(encoding="utf-8")
    file.write_text(good.replace("\tyes\t", "\tperhaps\t", 1), encoding="utf-8")
    with pytest.raises(BadSource, match="labels is 'perhaps'"):
        read_vocabularies(file)


# ── in RDF ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_said_as_sssom_says_it(file: Path) -> None:
    file.write_text(table({"comment": "Why."}), encoding="utf-8")
    (mapping,) = read_mapping_file(file)
    plain, *rest = mapping.triples()
    assert str(plain) == "<{}> <{}exactMatch> <{}>".format(
        BASE + "condition/milia", PREFIXES["skos"], PREFIXES["hp"] + "0001056"
    )
    assert {t.subject for t in rest} == {mapping.iri}
    said = {(t.predicate, t.object) for t in rest}
    assert {
        (expand("rdf:type"), expand("owl:Axiom")),
        (expand("rdf:type"), expand("sssom:Mapping")),
        (expand("owl:annotatedSource"), expand("condition:milia")),
        (expand("owl:annotatedProperty"), expand("skos:exactMatch")),
        (expand("owl:annotatedTarget"), expand("hp:0001056")),
        (expand("sssom:confidence"), Literal(0.9)),
        (expand("rdfs:comment"), Literal("Why.", language="en")),
    } <= said


@pytest.mark.parametrize("row", [{"predicate_modifier": "Not"}, {"object_id": "sssom:NoTermFound"}])
def test_only_what_matches_stands_as_a_plain_match(row: dict[str, str], file: Path) -> None:
    file.write_text(table(row), encoding="utf-8")
    (mapping,) = read_mapping_file(file)
    assert {t.subject for t in mapping.triples()} == {mapping.iri}
    assert mapping.found is (row.get("object_id") is None)
    modifiers = [t.object for t in mapping.triples() if t.predicate == expand("sssom:predicate_modifier")]
    assert modifiers == ([expand("sssom:NegatedPredicate")] if mapping.negated else [])


def test_a_row_keeps_its_name_through_releases(file: Path) -> None:
    later = {"object_source_version": "2030-01-01", "comment": "Read anew.", "mapping_date": "2030-01-02"}
    rows = [{}, later, {"predicate_modifier": "Not"}, {"object_id": "HP:0001061"}]
    file.write_text(table(*rows), encoding="utf-8")
    same, also, *others = (m.iri for m in read_mapping_file(file))
    assert same == also
    assert len({same, *others}) == 3


def test_mappings_are_loaded_into_graphs_of_their_own() -> None:
    sources = load(HOME)
    files = {f.name: f for f in sources.files if f.name.startswith("data/mappings/")}
    assert sorted(files) == sorted(HOME.relative(p) for p in [*FILES, FOLDER / VOCABULARIES])
    for path in FILES:
        name = path.name.removesuffix(SUFFIX)
        file = files[f"data/mappings/{path.name}"]
        assert file.graph.value == f"{BASE}graph/data/mappings/{name}"
        assert not is_default_graph(file.graph.value)
    for mapping in MAPPINGS:
        assert files[mapping.file].line_of(mapping.iri.value) == mapping.line


def test_a_finding_points_at_the_row(project: Home) -> None:
    path = project.data / "mappings" / "omim.sssom.tsv"
    lines = path.read_text(encoding="utf-8").split("\n")
    row = next(
        n for n, line in enumerate(lines) if line.startswith("condition:familial-multiple-eruptive-milia\t")
    )
    lines[row] = lines[row].replace("OMIM:1", "OMIM:X")
    path.write_text("\n".join(lines), encoding="utf-8")
    sources = load(project)
    store = empty_store()
    store.add(sources.quads())
    found = [f for f in check_queries(Catalog(project), store, sources) if f.rule == "code-of-wrong-form"]
    assert [f.place for f in found] == [f"data/mappings/omim.sssom.tsv:{row + 1}"]
    assert "mapping:" in str(found[0])


# ── what the files say ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_file_is_in_order(path: Path) -> None:
    rows = read_mapping_file(path)
    keys = [(m.subject.value, m.predicate.value, m.negated, m.object_id) for m in rows]
    assert [k for k, n in Counter(keys).items() if n > 1] == []
    lines = path.read_text(encoding="utf-8").split("\n")
    body = [line for line in lines if line and not line.startswith("#")][1:]
    assert body == sorted(body, key=lambda line: _order(line, lines))
    assert len({m.object_source for m in rows}) == 1, "a file is one vocabulary"
    assert f'#mapping_set_id: "{BASE}graph/data/mappings/{path.name.removesuffix(SUFFIX)}"' in lines


def _order(line: str, lines: list[str]) -> tuple[str, ...]:
    columns = next(ln for ln in lines if not ln.startswith("#")).split("\t")
    cells = dict(zip(columns, line.split("\t"), strict=True))
    return tuple(cells.get(c, "") for c in ("subject_id", "predicate_id", "predicate_modifier", "object_id"))


def test_every_file_names_a_vocabulary_of_the_table() -> None:
    assert {m.object_source for m in MAPPINGS} <= {v.iri for v in TABLE}
    for m in MAPPINGS:
        if m.found:
            vocabulary = BY_IRI[m.object_source]
            assert m.object_id.partition(":")[0] == vocabulary.shown
            assert m.object.value.startswith(vocabulary.space)


def test_no_words_of_closed_vocabularies() -> None:
    assert not NEVER & {v.prefix for v in TABLE}
    closed = {v.prefix for v in TABLE if not v.labels}
    assert closed >= NAMELESS
    carried = [m for m in MAPPINGS if m.object_label and BY_IRI[m.object_source].prefix in closed]
    assert carried == []


def test_what_is_rejected_gives_a_reason_and_what_is_not_found_a_place() -> None:
    assert [m for m in MAPPINGS if m.negated and not m.comment] == []
    assert [m for m in MAPPINGS if not m.found and not (m.other and m.comment)] == []
    assert {m.predicate.value.removeprefix(PREFIXES["skos"]) for m in MAPPINGS} <= set(MATCHES)


# ── referees ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_table_says_what_the_bioregistry_says() -> None:
    bioregistry = pytest.importorskip("bioregistry", reason="bioregistry is not installed (extra dev)")
    first = "\n".join((FOLDER / VOCABULARIES).read_text(encoding="utf-8").split("\n")[:3])
    assert f"bioregistry {version('bioregistry')}," in first, "another release: compare, then name it there"
    for v in TABLE:
        entry = bioregistry.get_resource(v.prefix)
        assert entry is not None, v.prefix
        assert (v.prefix, v.pattern, v.homepage) == (entry.prefix, entry.get_pattern(), entry.get_homepage())
        assert v.space in entry.get_uri_prefixes()


VALIDATE = """
import sys
from sssom.parsers import parse_sssom_table
from sssom.validators import validate
from sssom.constants import DEFAULT_VALIDATION_TYPES
for path in sys.argv[1:]:
    validate(parse_sssom_table(path), DEFAULT_VALIDATION_TYPES)
    print(path)
"""


def test_sssom_finds_the_files_valid() -> None:
    pytest.importorskip("sssom", reason="sssom is not installed (extra dev)")
    run = [sys.executable, "-W", "ignore", "-c", VALIDATE, *map(str, FILES)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [str(p) for p in FILES]
