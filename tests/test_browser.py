"""The pages in a real browser: clicked, typed at, by keyboard alone, without scripts, for everybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from milia import web
from milia.kg import open_graph
from milia.web import site
from milia.web.lists import LISTS
from milia.web.pages import Pages
from milia.web.site import write_site

if TYPE_CHECKING:
    from milia.paths import Home

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ASSETS = (Path(web.__file__).parent / "static" / "network.js").exists()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not here (Debian's package chromium)")

PAGES = [
    *LISTS,
    "condition/milia",
    "condition/syringoma",
    "site/nose",
    "claim/cadogan/019",
    "source/cadogan-milia",
    "ontology/treatedBy",
    "graph/facts",
    "questions/sites-of-a-form",
    "search?q=Hautgries",
    "nothing-here",
]
IN_THE_DARK = ["", "condition/syringoma", "forms", "ask"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def address(built: Home) -> Iterator[str]:
    """Start a server as a user does and give its address."""
    command = [sys.executable, "-m", "milia.cli", "serve", "--port", "0", "--home", str(built.root)]
    path = os.pathsep.join(filter(None, sys.path))
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    assert run.stderr is not None
    try:
        yield run.stderr.readline().split()[1]
    finally:
        run.kill()
        run.wait()
        run.stderr.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not here (make referees)")
    with playwright.sync_playwright() as running:
        made = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a page that fails the test where something goes wrong in it, or comes from elsewhere."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    made = context.new_page()
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    made.on("request", lambda asked: None if asked.url.startswith(address) else wrong.append(asked.url))
    yield made
    context.close()
    expected = ["status of 40[04]"]  # a page that tells of an error
    if "editor" in request.node.name:  # Chromium styles what one types over marked text; the policy stops it
        expected.append("Applying inline style")
    assert [w for w in wrong if not re.search("|".join(expected), w)] == []


# ── for everybody ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "scheme"), [*((path, "light") for path in PAGES), *((path, "dark") for path in IN_THE_DARK)]
)
def test_nothing_stands_in_anybodys_way(page: Any, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    for details in page.locator("details").all()[:3]:
        details.evaluate("one => one.open = true")
    _assert_accessible(page)


def _assert_accessible(page: Any) -> None:
    # as an expression, not as a script of the page: the policy forbids those
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    told = [(v["id"], v["help"], [n["html"][:150] for n in v["nodes"][:3]]) for v in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p or "home")
def test_a_narrow_screen_scrolls_one_way(page: Any, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


# ── what one does ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_part_of_the_body_leads_to_what_is_known_there(page: Any) -> None:
    page.goto("")
    page.locator(".map.face a[aria-label^='Nose']").click()
    assert page.url.endswith("/site/nose")
    assert page.locator("h1").inner_text() == "Nose"


def test_a_name_is_found_in_german_by_keyboard(page: Any) -> None:
    page.goto("forms")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    field = page.locator("#q")
    field.focus()
    page.keyboard.type("Hautgries", delay=30)
    page.wait_for_selector("#suggestions:not([hidden]) li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "suggestion-0"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/condition/milia")


def test_names_close_on_escape(page: Any) -> None:
    page.goto("")
    page.locator("#q").fill("milk")
    page.wait_for_selector("#suggestions:not([hidden]) li")
    page.keyboard.press("Escape")
    assert page.locator("#suggestions").is_hidden()


def test_a_proof_opens_down_to_its_sources(page: Any) -> None:
    page.goto("condition/milia")
    why = page.locator(".statements .why").first
    why.click()
    opened = page.locator(".opened").first
    opened.wait_for()
    assert opened.locator("a[href^='/claim/']").count() > 0
    assert opened.locator("a[href^='/source/']").count() > 0
    assert why.get_attribute("aria-expanded") == "true"
    why.click()
    assert page.locator(".opened").count() == 0
    why.press("Enter")
    page.locator(".opened").first.wait_for()


def test_a_question_is_asked_with_another_form(page: Any) -> None:
    page.goto("questions/sites-of-a-form")
    page.get_by_label("which form").select_option("Milia en plaque")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert "form=milia-en-plaque" in page.url
    assert page.locator("tbody tr").count() > 3


def test_a_query_of_ones_own(page: Any) -> None:
    page.goto("ask")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_selector("table")
    assert page.locator("tbody tr").count() == 20
    page.goto("ask?query=" + quote("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"))
    assert "SERVICE is refused" in page.get_by_role("alert").inner_text()


def test_dark_is_kept(page: Any) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator(".theme").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto("forms")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_by_keyboard_from_the_first_key(page: Any) -> None:
    page.goto("condition/milia")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.className"))
    assert "A why" in reached
    visible = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert visible == "solid"


def test_every_view_has_its_own_address(page: Any) -> None:
    page.goto("search?q=eyelid")
    assert page.locator(".found li").count() > 3
    page.locator(".found a").first.click()
    page.go_back()
    assert re.search(r"/search\?q=eyelid$", page.url)


needs_assets = pytest.mark.skipif(not ASSETS, reason="the browser's assets are not here (make assets)")


@needs_assets
def test_the_editor_completes_and_asks(page: Any) -> None:
    page.goto("ask")
    page.wait_for_selector("[data-editor=ready]", state="attached")
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT ?s { ?s milia:affec")
    page.wait_for_selector(".cm-tooltip-autocomplete")
    assert "milia:affects" in page.locator(".cm-tooltip-autocomplete").inner_text()
    page.wait_for_timeout(400)  # a completion can be taken a little after it is shown
    page.keyboard.press("Enter")
    page.keyboard.type(" site:nose }")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.locator("tbody tr").count() > 0


@needs_assets
def test_the_editor_lets_the_keyboard_out(page: Any) -> None:
    page.goto("ask")
    page.wait_for_selector("[data-editor=ready]", state="attached")
    page.locator(".cm-content").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


@needs_assets
def test_the_network_expands_filters_and_finds_a_way(page: Any) -> None:
    from playwright.sync_api import expect

    page.emulate_media(reduced_motion="reduce")  # so that things stand still where they are clicked
    page.goto("network")
    page.wait_for_selector("[data-network=ready]")
    links = page.locator("#shown li")
    before = links.count()
    assert before > 5
    page.get_by_label("body sites").uncheck()
    assert links.count() < before
    page.get_by_label("body sites").check()
    box = page.locator("#canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 50)  # the thing at the top
    expect(links).not_to_have_count(before, timeout=20_000)
    page.get_by_role("combobox", name="The shortest way to").fill("Tretinoin")
    page.get_by_role("combobox", name="Around").fill("Syringoma")
    page.get_by_role("button", name="Show").click()
    page.wait_for_selector("[data-network=ready]")
    assert "3 things, 2 links" in page.locator("#how-many").inner_text()


# ── without a server ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def hosted(built: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Write the pages that live by scripts, and a few others, and have a plain web server send them."""
    folder = tmp_path_factory.mktemp("hosted") / "site"
    wanted = [*LISTS, *(path for path in PAGES if "/" in path)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pages, "paths", lambda _: [path for path in wanted if path != "api"])
        patch.setattr(site, "bundle", lambda _: ())
        write_site(open_graph(built.root), folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# what both are asked; a reader must find the same in the answers
IN_THE_BROWSER = {
    "names": "SELECT ?form ?name { ?form a milia:MiliaForm ; skos:prefLabel ?name } ORDER BY ?form ?name",
    "union": "SELECT (COUNT(*) AS ?n) { ?s milia:affects ?o }",
    "graphs": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "labels": "SELECT ?s { condition:milia milia:affects ?s } ORDER BY ?s",
    "yes": "ASK { condition:milia milia:affects site:cheek }",
    "no": "ASK { condition:milia milia:affects site:nowhere }",
    "none": "SELECT ?nothing { ?nothing a milia:Nothing }",
    "cut": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 600",
    "graph": "CONSTRUCT { ?s a milia:BodySite } WHERE { ?s a milia:BodySite } ORDER BY ?s",
    "unbound": "SELECT ?a ?b { VALUES (?a ?b) { (UNDEF 'x') ('y' UNDEF) } }",
}


@needs_assets
def test_a_browser_answers_as_the_server_does(browser: Any, address: str, hosted: str) -> None:
    context = browser.new_context()
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on(
        "request", lambda asked: None if asked.url.startswith((address, hosted)) else wrong.append(asked.url)
    )
    part = "tbody tr, thead tr, main > p:not(.note), #answer > p:not(.note), pre"
    page.goto(f"{hosted}ask.html")
    page.wait_for_selector("[data-editor=ready]", state="attached")
    editor = page.locator(".cm-content")
    for name, text in IN_THE_BROWSER.items():
        editor.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#answer[data-state=done]")
        here = page.locator(part).all_inner_texts()
        other = context.new_page()
        other.goto(f"{address}ask?query={quote(text)}")
        there = other.locator(part).all_inner_texts()
        other.close()
        assert here == there, name
        assert here, name
    wrong = [one for one in wrong if "Applying inline style" not in one]
    context.close()
    assert wrong == []


@needs_assets
def test_a_browser_tells_what_is_wrong_and_can_be_stopped(browser: Any, hosted: str) -> None:
    page = browser.new_page()
    page.goto(f"{hosted}ask.html?query=" + quote("SELECT *\n{ ?s milia:nothing }"))
    page.wait_for_selector("#answer[data-state=done]")
    assert page.get_by_role("alert").inner_text().startswith("line 2, column 20: ")
    page.goto(
        f"{hosted}ask.html?query=" + quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    )
    page.get_by_role("button", name="Stop").click()
    assert page.get_by_role("alert").inner_text() == "Stopped."
    page.get_by_role("button", name="Stop").wait_for(state="hidden")
    page.goto(f"{hosted}ask.html?query=" + quote("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"))
    page.wait_for_selector("#answer[data-state=done]")
    assert "not supported" in page.get_by_role("alert").inner_text()
    page.close()


@needs_assets
def test_what_a_browser_answered_stands_in_nobodys_way(browser: Any, hosted: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{hosted}ask.html?query=" + quote("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 5"))
    page.wait_for_selector("#answer[data-state=done]")
    _assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto(f"{hosted}network.html?from=Milia")
    page.wait_for_selector("[data-network=ready]")
    _assert_accessible(page)
    page.close()


@needs_assets
def test_the_network_finds_a_way_without_a_server(browser: Any, hosted: str) -> None:
    page = browser.new_page()
    page.goto(f"{hosted}condition/milia.html")
    page.get_by_role("link", name="Explore the network").click()
    page.wait_for_selector("[data-network=ready]")
    assert page.locator("#around").inner_text() == "Around Milia"
    page.goto(f"{hosted}network.html?from=Syringoma&to=tretinoin")
    page.wait_for_selector("[data-network=ready]")
    assert page.locator("#around").inner_text() == "From Syringoma to Tretinoin"
    assert page.locator("#how-many").inner_text() == "3 things, 2 links"
    page.goto(f"{hosted}network.html?from=Nobody")
    page.wait_for_selector("[data-network=ready]")
    assert page.get_by_role("alert").inner_text() == "Nothing here is called Nobody."
    page.close()


# ── without scripts ───────────────────────────────────────────────────────────────────────────────────────


def test_all_of_it_works_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("")
    assert page.locator(".theme").is_hidden()
    page.locator("#q").fill("Hautgries")
    page.get_by_role("button", name="Find").click()
    page.locator(".found a", has_text="Milia").first.click()
    page.locator(".why").first.click()
    assert "/fact/" in page.url
    page.locator("a[href^='/claim/']").first.click()
    page.locator("a[href^='/source/']").first.click()
    assert page.locator("h1").inner_text()
    page.goto("ask")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert page.locator("tbody tr").count() == 20
    context.close()
