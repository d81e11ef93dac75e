"""The static site: every page, every link, nothing from elsewhere; written whole or not at all."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from milia.cli import main
from milia.errors import BuildProblem, Misuse
from milia.export import bundled
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph, open_graph
from milia.names import BASE, NOTICE
from milia.web import site
from milia.web.pages import STATIC, Pages
from milia.web.site import write_site

if TYPE_CHECKING:
    from milia.paths import Home


@pytest.fixture(scope="module")
def few(small: Home) -> KnowledgeGraph:
    return open_graph(small.root)


@pytest.fixture(scope="module", autouse=True)
def _some_pages() -> Iterator[None]:
    """Of claims and facts take some; links to others then lead to their own address."""
    every = Pages.paths

    def some(pages: Pages) -> Iterator[str]:
        for number, path in enumerate(every(pages)):
            if number % 25 == 0 or not path.startswith(("claim/", "fact/")):
                yield path

    def files(kg: KnowledgeGraph) -> Iterator[tuple[str, bytes]]:
        for name in FORMATS:
            yield from bundled(kg, name).items()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pages, "paths", some)
        patch.setattr(site, "bundle", files)  # the feeds are tried by tests of their own
        yield


@pytest.fixture(scope="module")
def made(few: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web") / "site"
    write_site(few, folder, address="https://example.org/milia/")
    return folder


def test_every_page_is_there_and_says_that_it_is_no_advice(few: KnowledgeGraph, made: Path) -> None:
    paths = list(Pages(few, static=True).paths())
    assert len(paths) == len(set(paths)) > 500
    for path in paths:
        text = (made / f"{path or 'index'}.html").read_text(encoding="utf-8")
        assert NOTICE in text
        assert not re.search(r'(?:src|href)="/', text), path
        assert not re.search(r'src="https?:|<link rel="stylesheet" href="https?:', text), path


def test_every_page_loads_from_its_own_site_alone(made: Path) -> None:
    policies: dict[str, list[str]] = {}
    for page in made.rglob("*.html"):
        found = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.read_text("utf-8"))
        assert len(found) == 1, page
        policies.setdefault(found[0], []).append(page.name)
    usual, *others = sorted(policies, key=lambda one: -len(policies[one]))
    assert "default-src 'none'; script-src 'self';" in html.unescape(usual)
    assert all("unsafe" not in one or policies[one] == ["ask.html"] for one in (usual, *others))


@pytest.mark.skipif(not (STATIC / "engine.js").exists(), reason="the engine is not here (make assets)")
def test_the_engine_finds_the_whole_graph_and_a_page_for_what_it_links(
    few: KnowledgeGraph, made: Path
) -> None:
    assert gzip.decompress((made / "graph.nq.gz").read_bytes()) == (few.home.build / "graph.nq").read_bytes()
    found = re.search(r'data-kinds="([^"]*)"', (made / "ask.html").read_text("utf-8"))
    assert found
    kinds = re.compile(f"(?:{'|'.join(found[1].split())})/[A-Za-z].*")
    terms = {t for q in few.store.quads() for t in (q.subject, q.predicate, q.object)}
    here = {
        t.value.removeprefix(BASE) for t in terms if isinstance(t, NamedNode) and t.value.startswith(BASE)
    }
    whole = {path for path in here if kinds.fullmatch(path) and not path.startswith(("claim/", "fact/"))}
    assert len(whole) > 500
    assert [path for path in sorted(whole) if not (made / f"{path}.html").exists()] == []


@pytest.mark.parametrize("without", ["engine", "network"])
def test_without_bundles_there_is_no_page_that_needs_them(
    few: KnowledgeGraph, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages(few, static=True)
    has = {"engine", "asking", "editor", "network", "milia"} - {without}
    monkeypatch.setattr(Pages, "_has", has)
    assert ("ask" in set(pages.paths())) == (without != "engine")
    assert ("ask.html" in (pages.html("questions") or "")) == (without != "engine")


def test_every_link_leads_to_a_file(made: Path) -> None:
    dead = set()
    for page in made.rglob("*.html"):
        for target in re.findall(r'(?:href|src|action)="([^"#]*)"', page.read_text(encoding="utf-8")):
            if target and not re.match(r"[a-z]+:", target):
                path = (page.parent / unquote(target.partition("?")[0])).resolve()
                if not path.exists():
                    dead.add(f"{page.relative_to(made)} → {target}")
    assert dead == set()


def test_data_lies_beside_the_pages(made: Path) -> None:
    said = parse((made / "condition" / "milia.ttl").read_bytes(), format=RdfFormat.TURTLE)
    assert list(said)
    assert json.loads((made / "condition" / "milia.jsonld").read_text())["@context"]
    assert (made / "files" / "turtle" / "milia-facts.ttl").is_file()
    assert list(parse((made / "void.ttl").read_bytes(), format=RdfFormat.TURTLE))


def test_names_can_be_found(made: Path) -> None:
    things = json.loads((made / "search.json").read_text())
    named = {name: t["path"] for t in things for name in t["names"]}
    assert named["milk spots"] in {"condition/milia", "condition/neonatal-milia"}
    assert any(t["alike"] for t in things)
    assert all((made / f"{t['path']}.html").is_file() for t in things)


def test_the_map_lists_every_page(few: KnowledgeGraph, made: Path) -> None:
    root = ElementTree.parse(made / "sitemap.xml").getroot()
    addresses = [url[0].text or "" for url in root]
    assert len(addresses) == len(list(Pages(few, static=True).paths()))
    assert all(a.startswith("https://example.org/milia/") and a.endswith(".html") for a in addresses)


def test_it_is_the_same_each_time(few: KnowledgeGraph, made: Path) -> None:
    again = Pages(few, static=True)
    for path in ("", "condition/milia", "source/cadogan-milia", "disagreements"):
        assert again.html(path) == (made / f"{path or 'index'}.html").read_text(encoding="utf-8")


def test_what_is_somebody_elses_is_left_alone(few: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(Misuse, match="no site of ours"):
        write_site(few, tmp_path / "mine")
    (tmp_path / "file").write_text("x")
    with pytest.raises(Misuse, match="no site of ours"):
        write_site(few, tmp_path / "file")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def _short(monkeypatch: pytest.MonkeyPatch, content: str, fails: bool = False) -> None:
    def files(*_: Any) -> Any:
        yield "index.html", content.encode()
        if fails:
            raise OSError(28, "No space left on device")
        yield "milia-site.json", b"{}"

    monkeypatch.setattr(site, "_files", files)


def test_a_run_that_fails_leaves_the_last_site(
    few: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    _short(monkeypatch, "one")
    assert write_site(few, folder) == 2
    _short(monkeypatch, "two", fails=True)
    with pytest.raises(BuildProblem, match="No space left on device; what was there is untouched"):
        write_site(few, folder)
    assert (folder / "index.html").read_text() == "one"
    _short(monkeypatch, "three")
    write_site(few, folder)
    assert (folder / "index.html").read_text() == "three"
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_the_command(
    small: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _short(monkeypatch, "one")
    assert main(["--home", str(small.root), "site", str(tmp_path / "out")]) == 0
    assert "2 files; open" in capsys.readouterr().out
    assert main(["--home", str(small.root), "site", str(tmp_path)]) == 2
    assert "no site of ours" in capsys.readouterr().err
