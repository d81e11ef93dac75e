"""Names: how an IRI is written short and read again; what must never change."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from milia.errors import MiliaError, Misuse, UnknownName
from milia.names import (
    BASE,
    KINDS,
    PREFIXES,
    curie,
    derived_graph,
    digest,
    expand,
    fact_iri,
    is_default_graph,
    milia,
    plain,
    short,
)

locals_ = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,12}[A-Za-z0-9_-])?", fullmatch=True)


def test_prefixes_are_clear() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    assert all(namespace[-1] in "/#_" for namespace in PREFIXES.values())
    assert {PREFIXES[kind] for kind in KINDS} == {f"{BASE}{kind}/" for kind in KINDS}
    assert list(KINDS) == sorted(KINDS)


@given(prefix=st.sampled_from(sorted(PREFIXES)), local=locals_)
def test_a_curie_reads_back(prefix: str, local: str) -> None:
    iri = PREFIXES[prefix] + local
    written = curie(iri)
    assert written is not None
    assert expand(written).value == iri
    assert short(NamedNode(iri)) == written


@given(local=st.text(st.characters(codec="ascii", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8))
def test_a_curie_is_turtle_or_none(local: str) -> None:
    written = curie(PREFIXES["care"] + local)
    if written is None:
        return
    turtle = f"@prefix care: <{PREFIXES['care']}> . {written} {written} {written} ."
    (quad,) = parse(turtle.encode(), format=RdfFormat.TURTLE)
    assert quad.subject == NamedNode(PREFIXES["care"] + local)


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("condition:milia", BASE + "condition/milia"),
        ("condition/milia", BASE + "condition/milia"),
        ("<condition/milia>", BASE + "condition/milia"),
        (f"<{BASE}condition/milia>", BASE + "condition/milia"),
        (BASE + "condition/milia", BASE + "condition/milia"),
        (" condition:milia ", BASE + "condition/milia"),
        ("affects", BASE + "ontology/affects"),
        ("milia:affects", BASE + "ontology/affects"),
        ("a", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        ("claim/cadogan/001", BASE + "claim/cadogan/001"),
        ("https://example.org/x", "https://example.org/x"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("eco:0000303", "http://purl.obolibrary.org/obo/ECO_0000303"),
    ],
)
def test_expand(name: str, iri: str) -> None:
    assert expand(name).value == iri


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("conditon:milia", UnknownName, "no prefix is called 'conditon'; did you mean condition"),
        (":milia", UnknownName, "no prefix is called ''"),
        ("condition:two words", Misuse, "is no IRI"),
        ("https://exa mple.org/", Misuse, "is no IRI"),
        ("condition:\udcff", Misuse, "is no IRI"),
    ],
)
def test_expand_refuses(name: str, error: type[MiliaError], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        expand(name)
    assert caught.value.exit_code == 2


@given(st.text(max_size=20))
def test_expand_never_fails_otherwise(name: str) -> None:
    with contextlib.suppress(Misuse):
        assert expand(name).value


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        (BASE + "care/retinol", "care:retinol"),
        (BASE + "ontology/affects", "milia:affects"),
        (BASE + "care/", None),
        (BASE + "care/-x", None),
        (BASE + "care/x.", None),
        (BASE + "care/a/b", None),
        (BASE + "claim/cadogan/001", None),
        ("https://example.org/x", None),
        ("http://purl.obolibrary.org/obo/HP_0001056", "hp:0001056"),
    ],
)
def test_curie(iri: str, written: str | None) -> None:
    assert curie(iri) == written


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Literal("milk spots", language="en"), "milk spots"),
        (Literal(3), "3"),
        (BlankNode("b"), "_:b"),
        (NamedNode(BASE + "claim/cadogan/001"), "claim/cadogan/001"),
        (NamedNode("https://example.org/x"), "https://example.org/x"),
        (BASE + "care/retinol", "care:retinol"),
    ],
)
def test_short(term: Any, text: str) -> None:
    assert short(term) == text


def test_plain() -> None:
    assert plain(Literal("x", language="en")) == "x"
    triple = Triple(milia("a"), milia("b"), milia("c"))
    assert plain(triple) == str(triple)


@pytest.mark.parametrize(
    ("graph", "default"),
    [
        ("ontology/milia", True),
        ("ontology/alignments/schema", True),
        ("data/concepts/conditions", True),
        ("facts", True),
        ("inferred", True),
        ("links", True),
        ("factsheet", False),
        ("linksof", False),
        ("disputed", False),
        ("disagreements", False),
        ("data/claims/cadogan", False),
        ("data/catalogue/cadogan", False),
        ("data/sources/pages", False),
    ],
)
def test_the_default_graph(graph: str, default: bool) -> None:
    assert is_default_graph(derived_graph(graph).value) is default
    assert not is_default_graph("https://example.org/" + graph)
    assert not is_default_graph(graph)


def test_names_made_of_hashes_never_change() -> None:
    """Published IRIs rest on these: whoever changes them breaks every link to a fact."""
    assert digest("milia") == "85cfa106788c5981f345"
    triple = (milia("x"), milia("affects"), Literal('a "b"\n', language="en"))
    assert fact_iri(*triple).value == BASE + "fact/98b4aaef058015d210f1"
    assert fact_iri(*triple) != fact_iri(triple[0], triple[1], Literal('a "b"\n'))
