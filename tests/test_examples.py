"""Every file in ontology/examples is a test: the valid ones are sound, the invalid ones fail as they say."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from tests.examples import Example, examples, findings

from milia.catalog import Catalog, Query
from milia.paths import Home
from milia.shapes import read_shapes

HOME = Home(Path(__file__).resolve().parents[1])
EXAMPLES = examples(HOME)
VALID = [e for e in EXAMPLES if e.path.parent.name == "valid"]
INVALID = [e for e in EXAMPLES if e.path.parent.name == "invalid"]
CHECKS = Catalog(HOME).all("checks")


@pytest.mark.parametrize("example", VALID, ids=lambda e: e.name)
def test_valid_example(example: Example) -> None:
    assert not example.expected
    assert [str(f) for f in findings(HOME, example)] == []


@pytest.mark.parametrize("example", INVALID, ids=lambda e: e.name)
def test_invalid_example(example: Example) -> None:
    found = findings(HOME, example)
    shown = "\n".join(map(str, found))
    assert example.expected, "an invalid example says '# expect: …' in its first line"
    for text in example.expected:
        assert any(text in f.message for f in found), f"not found: {text}\nfound:\n{shown}"
    stray = [str(f) for f in found if not any(text in f.message for text in example.expected)]
    assert not stray, "\n".join(stray)


def test_every_check_has_examples_of_both_kinds() -> None:
    words = read_shapes(HOME).decode()  # what a shape says is for test_shapes.py
    tried = [e for e in INVALID if not all(text in words for text in e.expected)]
    caught = {f.rule for e in tried for f in findings(HOME, e)}
    touched = {name for e in VALID for name in e.touches}
    names = {check.name for check in CHECKS}
    assert names - caught == set(), "no invalid example"
    assert names ^ touched == set(), "no valid example, or one that names a check that is not there"


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.name)
def test_check_is_complete(check: Query) -> None:
    assert check.header.keys() >= {"title", "severity", "message"}
    assert check.header["severity"] in {"Violation", "Warning"}
    assert len(check.text.splitlines()) <= 60
    # without the prefixes that the project's stores declare: a check runs on any engine as it is
    answer = pyoxigraph.Store().query(check.text)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    named = {v.value for v in answer.variables}
    used = {part.partition("}")[0] for part in check.header["message"].split("{")[1:]}
    assert used <= named
    assert "focus" in named
