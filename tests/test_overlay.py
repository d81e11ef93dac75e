"""One's own claims laid over the data: asked, explained and checked like the project's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import milia
from milia.build import build
from milia.cli import main
from milia.diff import compare
from milia.errors import BadSource, Misuse
from milia.export.page_changes import page_changes
from milia.kg import open_build
from milia.names import expand
from milia.opening import Faults, open_project
from milia.paths import Home, find_home
from milia.watch import changes, run_once

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph

EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "overlay"
ADULT = {"age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}


@pytest.fixture(scope="module")
def laid(small: Home) -> KnowledgeGraph:
    """Return the graph of a part of the project with the example laid over it."""
    return open_project(small.root, overlay=EXAMPLE)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a copy of the example, to be changed at will."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "mine"))


def test_it_is_asked_and_explained_like_the_rest(laid: KnowledgeGraph) -> None:
    proof = laid.explain("milia", "affects", "ear")
    assert proof.holds
    assert "Services of the Example Clinic" in json.dumps(proof.to_json())
    assert laid.ask("ASK { provider:example-clinic milia:offers service:example-clinic-peel }").truth


def test_nothing_of_the_project_changes(small: Home, laid: KnowledgeGraph) -> None:
    assert not milia.open(small.root).ask("ASK { provider:example-clinic ?p ?o }").truth
    assert small.root not in laid.home.build.parents
    found = compare(small.build, laid.home.build)
    assert {c.what for c in found.changes if c.kind in {"claim", "source", "name", "mapping"}} == {"added"}


def test_it_is_built_once(small: Home, laid: KnowledgeGraph) -> None:
    before = laid.home.build.resolve()
    assert not build(find_home(small.root, EXAMPLE)).changed
    assert open_project(small.root, overlay=EXAMPLE).home.build.resolve() == before


def test_a_commercial_page_of_ones_own_allows_no_care(laid: KnowledgeGraph, small: Home) -> None:
    def suggested(kg: KnowledgeGraph) -> set[str]:
        rows = kg.ask("related-treatments", form="milia", **ADULT).records()
        return {
            row["care"] for row in rows if row["decision"].endswith("/Suggested") and "service" not in row
        }

    assert suggested(laid) == suggested(milia.open(small.root))


def test_the_example_has_no_findings(home: Home) -> None:
    assert run_once(find_home(home.root, EXAMPLE), None) == []


def test_faults_are_named_where_they_stand(small: Home, mine: Path) -> None:
    file = mine / "claims" / "example-clinic.ttl"
    file.write_text(file.read_text().replace("site:ear", "site:eaar"))
    with pytest.raises(Faults, match="site:eaar is used here") as faults:
        open_project(small.root, overlay=mine)
    assert [f.place for f in faults.value.findings] == [f"{file}:16"]
    file.write_text(file.read_text().replace("site:eaar ;", "site:ear ;;;oh"))
    with pytest.raises(BadSource, match=str(file)):
        open_project(small.root, overlay=mine)


def test_a_faulty_overlay_leaves_the_last_good_build(small: Home, mine: Path) -> None:
    good = open_project(small.root, overlay=mine).home.build.resolve()
    file = mine / "claims" / "example-clinic.ttl"
    file.write_text(file.read_text().replace("site:ear", "site:eaar"))
    with pytest.raises(Faults):
        open_project(small.root, overlay=mine)
    assert find_home(small.root, mine).build.resolve() == good


def test_a_name_of_the_project_is_taken(small: Home, mine: Path) -> None:
    (mine / "claims" / "example-clinic.ttl").rename(mine / "claims" / "cadogan.ttl")
    with pytest.raises(Misuse, match=r"the name of the project's own data/claims/cadogan\.ttl"):
        open_project(small.root, overlay=mine)


def test_what_is_laid_out_otherwise_is_refused(small: Home, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="is no folder"):
        find_home(small.root, tmp_path / "none")
    with pytest.raises(Misuse, match="holds nothing"):
        find_home(small.root, tmp_path)
    (tmp_path / "mine.ttl").write_text("")
    with pytest.raises(Misuse, match=r"mine\.ttl lies in no folder of an overlay"):
        find_home(small.root, tmp_path)


def test_a_user_without_a_cache_is_told(small: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milia.paths.cache_folder", lambda _: None)
    with pytest.raises(Misuse, match="XDG_CACHE_HOME"):
        open_project(small.root, overlay=EXAMPLE)


def test_an_installed_project_takes_one_too(small: Home) -> None:
    bundle = Home(small.root, installed=True, overlay=EXAMPLE)
    assert build(bundle).manifest


def test_watching_sees_the_overlay(small: Home, mine: Path) -> None:
    seen = changes(find_home(small.root, mine))
    assert next(seen) == []
    file = mine / "claims" / "example-clinic.ttl"
    file.write_text(file.read_text() + "\n")
    assert next(seen) == [str(file)]


# ── the commands ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_command_takes_it(
    small: Home, laid: KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    del laid
    common = ["--home", str(small.root), "--overlay", str(EXAMPLE), "--quiet"]
    assert main([*common, "query", "ASK { provider:example-clinic ?p ?o }", "--format", "json"]) == 0
    assert "true" in capsys.readouterr().out
    who = ["--age", "adult", "--site", "cheek", "--pregnancy", ADULT["pregnancy"]]
    page = ["page", "milia", "--provider", "example-clinic", *who, "--block", "sites"]
    assert main([*common, *page]) == 0
    assert "Ear (rarely)" in capsys.readouterr().out
    assert main([*common, "diff", "--json"]) == 0
    assert "claim/example-clinic/001" in capsys.readouterr().out
    assert main([*common, "build"]) == 0
    assert main([*common, "import", "hpo"]) == 2
    assert "leave --overlay out" in capsys.readouterr().err


def test_faults_end_a_command(small: Home, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = mine / "claims" / "example-clinic.ttl"
    file.write_text(file.read_text().replace("site:ear", "site:eaar"))
    assert main(["--home", str(small.root), "--overlay", str(mine), "query", "forms"]) == 1
    assert f"{file}:16: violation" in capsys.readouterr().err


# ── what must be published again ──────────────────────────────────────────────────────────────────────────


def test_pages_to_publish_again(small: Home, laid: KnowledgeGraph) -> None:
    old, new = open_build(small, small.build), open_build(laid.home, laid.home.build)
    (change,) = page_changes(old, new)
    assert change.form == expand("condition:milia").value
    assert change.said == ("sites", "references")
    assert "overview" in change.numbered
    assert list(page_changes(old, old)) == []


def test_pages_to_publish_again_are_told(
    small: Home, laid: KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    builds = [str(small.build), str(laid.home.build)]
    assert main(["--home", str(small.root), "diff", *builds, "--pages"]) == 0
    out = capsys.readouterr().out
    assert "1 page to publish again\nMilia: sites, references" in out
    assert main(["--home", str(small.root), "diff", *builds, "--pages", "--json", "--check"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["said"] == ["sites", "references"]
    assert main(["--home", str(small.root), "diff", *builds, "--pages", "--age", "elderly"]) == 2
    assert main(["--home", str(small.root), "diff", "nowhere", str(small.build), "--pages"]) == 2
