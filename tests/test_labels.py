"""Plain labels: what the names of a thing add up to."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from milia.labels import Weight, labels
from milia.names import expand, milia, short

MILIA = expand("condition:milia")
Said = tuple[str, str, str, Weight]


def drawn(said: list[Said], *known: Triple) -> set[tuple[str, str, str]]:
    """Return the labels that names give, as (property, text, language)."""
    forms, facts = [], {}
    for n, (how, form, language, weight) in enumerate(said):
        name = NamedNode(f"https://w3id.org/milia/name/{language}-{n}")
        forms.append(Triple(name, expand("skosxl:literalForm"), Literal(form, language=language)))
        facts[Triple(MILIA, milia(how), name)] = weight
    found = labels([*known, *forms], facts)
    return {(short(t.predicate), t.object.value, t.object.language or "") for t in found}  # type: ignore[union-attr]


def known(label: str, text: str) -> Triple:
    return Triple(MILIA, expand(label), Literal(text, language="en"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("preferredName", "Milien", "de", (3, 1))], {("skos:prefLabel", "Milien", "de")}),
        (
            [("preferredName", "Milien", "de", (3, 1)), ("preferredName", "Milium", "de", (4, 1))],
            {("skos:prefLabel", "Milium", "de"), ("skos:altLabel", "Milien", "de")},
        ),
        (
            [("preferredName", "Milien", "de", (3, 1)), ("preferredName", "Milium", "de", (3, 2))],
            {("skos:prefLabel", "Milium", "de"), ("skos:altLabel", "Milien", "de")},
        ),
        (
            [("otherName", "milien", "de", (4, 1)), ("preferredName", "Milien", "de", (1, 1))],
            {("skos:prefLabel", "Milien", "de")},
        ),
        ([("preferredName", "Whiteheads", "en", (1, 1))], {("skos:altLabel", "Whiteheads", "en")}),
        ([("otherName", "milk spots", "en", (1, 1))], set()),
        ([("misspelling", "Millia", "en", (1, 1))], {("skos:hiddenLabel", "Millia", "en")}),
        ([("misspelling", "Milia", "en", (1, 1))], set()),
    ],
    ids=["first", "standing", "voices", "said-twice", "english-has-one", "known", "misspelt", "not-misspelt"],
)
def test_labels(said: list[Said], expected: set[tuple[str, str, str]]) -> None:
    assert drawn(said, known("skos:prefLabel", "Milia"), known("skos:altLabel", "Milk spots")) == expected


words = st.sampled_from(["Milien", "milien", "Milium", "Grieß"])
said_ = st.lists(
    st.tuples(
        st.sampled_from(["preferredName", "otherName", "misspelling"]),
        words,
        st.sampled_from(["de", "fr"]),
        st.tuples(st.integers(-1, 6), st.integers(0, 4)),
    ),
    max_size=8,
)


@given(said_)
def test_one_preferred_label_a_language_and_no_form_twice(said: list[Said]) -> None:
    found = drawn(said)
    preferred = Counter(language for label, _, language in found if label == "skos:prefLabel")
    assert set(preferred.values()) <= {1}
    assert len({(text.casefold(), language) for _, text, language in found}) == len(found)
    assert {(t.casefold(), lang) for _, t, lang in found} == {(t.casefold(), lang) for _, t, lang, _ in said}
