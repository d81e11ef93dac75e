"""Search synonyms: what is found with which words, and that no look-alike is found in place of milia."""

from __future__ import annotations

import re

import pytest

from milia.export.synonyms import groups, write
from milia.kg import KnowledgeGraph
from milia.names import expand, milia

# what is typed, and what must and must not be found with it (the texts name a condition in their own words)
QUERIES = [
    ("milk spots", ["milia", "milien", "grains de milium", "quistes de milium"], ["miliaria", "whitehead"]),
    ("hautgrieß", ["milia", "milium"], ["hitzepickel", "miliaria"]),
    ("millia", ["milia"], ["miliaria"]),  # a common misspelling
    ("prickly heat", ["miliaria"], ["milia", "milien"]),
    ("miliaire", ["miliaria"], ["milia", "grains de milium"]),  # published in French as a name of milia
    ("neonatal milia", ["milia neonatorum"], ["neonatal acne", "erythema toxicum"]),
    ("epstein pearls", ["epstein-perlen"], ["milia", "milium"]),
    ("no such words", ["no such words"], ["milia"]),
]


def read(content: str) -> list[list[str]]:
    """Read a file of synonyms as Solr does: comments, backslashes, commas."""
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    parts = [re.split(r"(?<!\\),", line) for line in lines]
    return [[re.sub(r"\\(.)", r"\1", p).strip() for p in part] for part in parts]


def expanded(text: str, lines: list[list[str]]) -> set[str]:
    """Return what a whole text stands for."""
    return {text}.union(*(line for line in lines if text in line))


@pytest.fixture(scope="module")
def lines(kg: KnowledgeGraph) -> list[list[str]]:
    return read(write(kg)["synonyms.txt"].decode())


@pytest.mark.parametrize(("text", "found", "missed"), QUERIES, ids=[q[0] for q in QUERIES])
def test_a_search_finds_the_same_thing_only(
    lines: list[list[str]], text: str, found: list[str], missed: list[str]
) -> None:
    names = expanded(text, lines)
    assert names.issuperset(found)
    assert names.isdisjoint(missed)


def test_no_name_stands_in_two_lines(lines: list[list[str]]) -> None:
    names = [name for line in lines for name in line]
    assert len(names) == len(set(names)) > 500
    assert all(len(line) > 1 for line in lines)


def test_no_name_of_a_look_alike_is_one_of_milia(kg: KnowledgeGraph) -> None:
    pairs = kg.ask("SELECT DISTINCT ?one ?other { ?one milia:resembles ?other }").records()
    names = groups(kg)
    assert len(pairs) > 20
    for pair in pairs:
        assert not {*names.get(pair["one"], ())} & {*names.get(pair["other"], ())}


def test_no_disputed_name_is_a_synonym(kg: KnowledgeGraph) -> None:
    disputed = kg.ask(
        "SELECT ?thing (lcase(str(?form)) AS ?name) { GRAPH graph:disputed { ?thing milia:otherName ?as } "
        "?as skosxl:literalForm ?form }"
    ).records()
    names = groups(kg)
    assert disputed
    assert not [row for row in disputed if row["name"] in names.get(row["thing"], ())]


def test_a_name_of_a_thing_and_its_kind_goes_to_the_thing(kg: KnowledgeGraph) -> None:
    whole, kind = (expand(f"condition:{name}") for name in ("milia", "neonatal-milia"))
    assert kg.ask(f"ASK {{ {kind} {milia('subtypeOf')} {whole} }}").truth
    names = groups(kg)
    assert "milk spots" in names[whole.value]
    assert "milk spots" not in names[kind.value]
