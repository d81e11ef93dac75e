"""Findings point at the line to mend: files are broken by hand, as a curator might, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from milia.catalog import Catalog
from milia.check import check_forms, check_queries, check_shapes
from milia.load import load
from milia.store import empty_store

if TYPE_CHECKING:
    from milia.model import Finding
    from milia.paths import Home

CADOGAN = "data/claims/cadogan.ttl"
PAGES = "data/sources/pages.ttl"
ASIDE = "data/sources/pages-set-aside-clinical.ttl"

# file, what stands there, what it becomes, the rule, what the line begins with that is named
CASES = {
    "an unknown stance": (
        CADOGAN,
        "milia:stance milia:Affirms",
        "milia:stance milia:Maybe",
        "shape:In",
        "    milia:stance milia:Maybe",
    ),
    "a stance that is missing": (
        CADOGAN,
        "    milia:stance milia:Affirms ;\n",
        "",
        "shape:MinCount",
        "<claim/cadogan/001> a",
    ),
    "a thing misspelt": (
        CADOGAN,
        "rdf:object finding:bump ;",
        "rdf:object finding:bumpp ;",
        "dangling-thing",
        "    rdf:object finding:bumpp",
    ),
    "a predicate misspelt": (
        CADOGAN,
        "milia:hasAppearance",
        "milia:hasApearance",
        "undeclared-term",
        "    rdf:predicate milia:hasApearance",
    ),
    "a span beyond the page": (
        CADOGAN,
        "oa:end 222 ;",
        "oa:end 99222 ;",
        "span-outside-page",
        "            oa:end 99222",
    ),
    "a number not canonical": (
        CADOGAN,
        "oa:start 147 ;",
        "oa:start 0147 ;",
        "canonical-literals",
        "            oa:start 0147",
    ),
    "a number that is none": (
        CADOGAN,
        "oa:start 147 ;",
        'oa:start "far"^^<http://www.w3.org/2001/XMLSchema#integer> ;',
        "wrong-literals",
        '            oa:start "far"^^<http://www.w3.org/2001/XMLSchema#integer>',
    ),
    "a comment left to be written": (
        CADOGAN,
        "Milia look like bumps on the skin.",
        "TODO",
        "placeholder-text",
        '    rdfs:comment "TODO"@en',
    ),
    "a passage beyond the page": (
        ASIDE,
        "oa:end 550 ;",
        "oa:end 9550 ;",
        "span-outside-page",
        "            oa:end 9550",
    ),
    "a page without its length": (
        PAGES,
        "    milia:length 4804 ;\n",
        "",
        "shape:MinCount",
        "source:body-perfection-milia a",
    ),
    "a thing without a name": (
        "data/concepts/causes.ttl",
        '    skos:prefLabel "Burn"@en ;\n',
        "",
        "shape:QualifiedMinCount",
        "cause:burn a",
    ),
    "a name without a language": (
        "data/concepts/causes.ttl",
        '"Growing older"@en',
        '"Growing older"',
        "prose-without-language",
        '    skos:altLabel "Growing older"',
    ),
    "a term misspelt": (
        "ontology/milia.ttl",
        "rdfs:subClassOf milia:AnatomicalEntity",
        "rdfs:subClassOf milia:Anatomy",
        "undeclared-term",
        "    rdfs:subClassOf milia:Anatomy",
    ),
}


def findings(home: Home, rule: str) -> list[Finding]:
    """Return what the check finds that has this rule."""
    sources = load(home)
    if rule.startswith("shape:"):
        found = check_shapes(home, sources)
    elif rule in {"canonical-literals", "wrong-literals"}:
        found = check_forms(sources)
    else:
        store = empty_store()
        store.add(sources.quads())
        found = check_queries(Catalog(home), store, sources)
    return [f for f in found if f.rule == rule]


@pytest.mark.parametrize("case", CASES)
def test_finding_points_at_the_line(case: str, project: Home) -> None:
    name, old, new, rule, line = CASES[case]
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").split("\n")
    wanted = next(n for n, written in enumerate(lines, 1) if written.startswith(line))
    found = findings(project, rule)
    assert f"{name}:{wanted}" in {f.place for f in found}, "\n".join(map(str, found))


def test_a_fault_that_several_claims_share_is_found_at_each(project: Home) -> None:
    path = project.root / CADOGAN
    text = path.read_text(encoding="utf-8")
    assert text.count("oa:end 222 ;") > 1
    path.write_text(text.replace("oa:end 222 ;", "oa:end 99222 ;"), encoding="utf-8")
    found = findings(project, "span-outside-page")
    assert len({f.place for f in found}) == len({f.focus for f in found}) == text.count("oa:end 222 ;")
