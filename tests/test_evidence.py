"""Evidence: spans held against pages, words found, every word of a page accounted for exactly once."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from milia.catalog import Catalog
from milia.errors import SnapshotProblem
from milia.evidence import (
    Page,
    Segment,
    Snapshots,
    coverage,
    find_snapshots,
    find_words,
    verify,
    verify_excerpts,
)
from milia.kg import KnowledgeGraph
from milia.model import Span
from milia.names import BASE, derived_graph, expand, milia
from milia.paths import Home
from milia.store import Store, empty_store

SOURCE = BASE + "source/page"
CATALOG = Catalog(Home(Path(__file__).resolve().parents[1]))
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _page(text: str | None, cited: str = "") -> Page:
    cited = cited if text is None or cited else text
    return Page(SOURCE, "A page", "page.txt", _hash(cited), len(cited), None, "milia:CommercialPage", text)


def _spans(text: str, *spans: tuple[int, int], name: str = "claim/page/", aside: bool = False) -> Store:
    """Return a store in which each span of the text is cited by a claim, or set aside."""
    store = empty_store()
    graph = derived_graph("data/claims/page")
    for n, (start, end) in enumerate(spans, 1):
        thing = NamedNode(f"{BASE}{'passage' if aside else name}{n:03}")
        parts = [(thing, "oa:hasSelector", NamedNode(f"{thing.value}/s"))]
        if aside:
            parts += [(NamedNode(SOURCE), "milia:setsAside", thing)]
            store.add([Quad(thing, milia("reason"), Literal("a slogan"), graph)])
        else:
            evidence = NamedNode(f"{thing.value}/e")
            parts = [
                (thing, "milia:evidence", evidence),
                (evidence, "oa:hasSource", NamedNode(SOURCE)),
                (evidence, "oa:hasSelector", NamedNode(f"{thing.value}/s")),
            ]
        store.add(Quad(s, expand(p), o, graph) for s, p, o in parts)
        values: dict[str, str | int] = {
            "oa:start": start,
            "oa:end": end,
            "milia:sha256": _hash(text[start:end]),
        }
        node = NamedNode(f"{thing.value}/s")
        store.add(Quad(node, expand(p), Literal(v), graph) for p, v in values.items())
    return store


def _cover(text: str, *spans: tuple[int, int], **how: bool) -> list[Segment]:
    return coverage(_spans(text, *spans, **how), CATALOG, Snapshots({SOURCE: _page(text)}))  # type: ignore[arg-type]


# ── coverage ──────────────────────────────────────────────────────────────────────────────────────────────

pages = st.lists(
    st.sampled_from(
        ["Milia", "don’t", "it's", "a", "1–2", "mm.", "Why?", "”", "e.g.", "–", "\n", "\r\n", "É", "_"]
    ),
    max_size=30,
).flatmap(lambda tokens: st.sampled_from(["".join(tokens), " ".join(tokens), "  \n".join(tokens)]))


@given(pages | st.text(max_size=60))
def test_segments_hold_every_word_exactly_once(text: str) -> None:
    segments = _cover(text)
    found = [WORD.finditer(text, s.start, s.end) for s in segments]
    assert [m.span() for words in found for m in words] == [m.span() for m in WORD.finditer(text)]
    for one, other in pairwise(segments):
        assert one.end <= other.start
    for s in segments:
        assert s.line == text.count("\n", 0, s.start) + 1
        assert "\n" not in text[s.start : s.end]


@given(text=pages)
def test_a_span_over_everything_accounts_for_everything(text: str) -> None:
    assert all(s.missing and s.kind == "unaccounted" for s in _cover(text))
    if text:
        assert all(s.accounted and s.kind == "claims" for s in _cover(text, (0, len(text))))


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", []),
        ("\n – \n", []),
        ("One two. Three four", ["One two.", "Three four"]),
        ("About 1.5 mm wide. Small.", ["About 1.5 mm wide.", "Small."]),
        ("Is it? “Yes.” Good", ["Is it? “Yes.”", "Good"]),
        ("e.g. burns. so", ["e.g. burns. so"]),
        ("One\r\nTwo", ["One\r", "Two"]),
    ],
)
def test_sentences(text: str, segments: list[str]) -> None:
    found = [text[s.start : s.end] for s in _cover(text)]
    assert [re.sub(r"”$", "", f) for f in found] == [re.sub(r"”$", "", s) for s in segments]


@pytest.mark.parametrize(
    ("covered", "missing"),
    [
        ("one two three four five six", []),
        ("four five six", []),  # three words before a span may be connectives
        ("one two", ["three four five six"]),  # four may not
        ("one five six", []),
        ("one six", ["two three four five"]),
        ("", ["one two three four five six"]),
        ("fou", ["one two three four five six"]),  # part of a word covers no word
    ],
)
def test_slack(covered: str, missing: list[str]) -> None:
    text = "one two three four five six"
    parts = {word: text.index(word) for word in covered.split()}
    spans = [(start, start + len(word)) for word, start in parts.items()]
    (segment,) = _cover(text, *spans)
    assert [text[a:b] for a, b in segment.missing] == missing
    assert segment.accounted == (not missing)


def test_a_lone_word_gets_no_slack() -> None:
    first, second = _cover("One two three. Four", (0, 14))
    assert (first.kind, second.kind) == ("claims", "unaccounted")


def test_kinds() -> None:
    text = "Milia are small."
    everything = (0, len(text))
    assert _cover(text, everything)[0].kind == "claims"
    assert _cover(text, everything, aside=True)[0].kind == "not modelled"
    assert _cover(text, everything, aside=True)[0].set_aside == ("a slogan",)
    named = coverage(
        _spans(text, everything, name="claim/page-catalogue/"), CATALOG, Snapshots({SOURCE: _page(text)})
    )
    assert named[0].kind == "catalogue"


def test_a_page_that_is_not_here_is_not_counted() -> None:
    assert coverage(_spans("x", (0, 1)), CATALOG, Snapshots({SOURCE: _page(None)})) == []


# ── drift ─────────────────────────────────────────────────────────────────────────────────────────────────

LETTERS = st.text("abc d’é😀", min_size=4, max_size=40)


@given(text=LETTERS, data=st.data(), before=st.text("xy\n", max_size=5))
def test_words_that_moved_are_found(text: str, data: st.DataObject, before: str) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    now = before + text
    (report,) = verify(_spans(text, (start, end)), CATALOG, Snapshots({SOURCE: _page(now, text)}))
    words = text[start:end]
    if now[start:end] == words:
        assert (report.state, report.now_at) == ("verified", None)
    else:
        assert (report.state, report.now_at) == ("moved", now.index(words))


@given(text=LETTERS, data=st.data())
def test_words_that_changed_are_told(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    now = text[:at] + "!" + text[at + 1 :]
    store = _spans(text, (0, len(text)), (at, at + 1))
    reports = verify(store, CATALOG, Snapshots({SOURCE: _page(now, text)}))
    assert {r.thing.removeprefix(BASE): r.state for r in reports} == {
        "claim/page/001": "changed",
        "claim/page/002": "moved" if text[at] in now else "changed",
    }


@pytest.mark.parametrize(
    ("now", "state", "now_at"),
    [
        ("Milia are small.", "verified", None),
        ("So, Milia are small.", "moved", 4),
        ("Milia are tiny.", "changed", None),
        ("Milia", "changed", None),  # the span reaches beyond the page
        ("", "changed", None),
        (None, "unavailable", None),
    ],
)
def test_states(now: str | None, state: str, now_at: int | None) -> None:
    text = "Milia are small."
    (report,) = verify(_spans(text, (0, 16)), CATALOG, Snapshots({SOURCE: _page(now, text)}))
    assert (report.state, report.now_at) == (state, now_at)
    assert str(report).startswith(f"{state} to 4: " if now_at else f"{state}: ")
    assert "source:page [0, 16)" in str(report)


def test_a_span_that_ends_before_it_starts_never_verifies() -> None:
    text = "Milia"
    for span in ((3, 3), (4, 2)):
        (report,) = verify(_spans(text, span), CATALOG, Snapshots({SOURCE: _page(text)}))
        assert report.state == "changed"


def test_an_unknown_source_is_unavailable() -> None:
    (report,) = verify(_spans("Milia", (0, 5)), CATALOG, Snapshots())
    assert report.state == "unavailable"


def test_words_are_shown_only_where_they_still_stand() -> None:
    span = Span(0, 5, _hash("Milia"))
    assert Snapshots({SOURCE: _page("Milia.")}).words(SOURCE, span) == "Milia"
    assert Snapshots({SOURCE: _page("milia.")}).words(SOURCE, span) is None
    assert Snapshots({SOURCE: _page(None)}).words(SOURCE, span) is None
    assert Snapshots().words(SOURCE, span) is None


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


@given(text=LETTERS, data=st.data())
def test_found_words_stand_where_they_are_said_to(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    found = find_words(_page(text), words)
    assert found[0].start == text.index(words)
    for span in found:
        assert text[span.start : span.end] == words
        assert span.sha256 == _hash(words)


def test_repeated_words_are_all_found() -> None:
    assert [s.start for s in find_words(_page("milia (milia), Milia"), "milia")] == [0, 7]


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("Milia", "acne", "do not stand in page.txt"),
        ("Milia", "", "do not stand in page.txt"),
        ("don’t", "don't", "apostrophes"),
        (None, "x", "not at hand; give its folder with --snapshots"),
    ],
)
def test_words_that_are_not_there(text: str | None, words: str, message: str) -> None:
    with pytest.raises(SnapshotProblem, match=re.escape(message)):
        find_words(_page(text), words)


# ── snapshots ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_intact_only_to_the_letter() -> None:
    assert _page("Milia").intact
    assert not _page("Milia ", cited="Milia").intact
    assert not _page(None, cited="Milia").intact


def test_snapshots_are_found_by_name_and_by_content(
    kg: KnowledgeGraph, snapshots_dir: Path, tmp_path: Path
) -> None:
    cited = find_snapshots(kg.store, kg.catalog, snapshots_dir).pages
    assert len(cited) == 2
    assert all(page.intact for page in cited.values())
    for n, page in enumerate(cited.values()):
        (tmp_path / f"renamed-{n}.txt").write_bytes((snapshots_dir / page.file).read_bytes())
    renamed = find_snapshots(kg.store, kg.catalog, tmp_path).pages
    assert all(page.intact for page in renamed.values())


def test_line_ends_are_left_as_they_are(kg: KnowledgeGraph, tmp_path: Path) -> None:
    page = next(iter(find_snapshots(kg.store, kg.catalog, tmp_path).pages.values()))
    (tmp_path / page.file).write_bytes(b"a\r\nb\rc\n")
    assert find_snapshots(kg.store, kg.catalog, tmp_path).pages[page.source].text == "a\r\nb\rc\n"


def test_a_missing_folder_and_a_file_of_another_encoding(kg: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(SnapshotProblem, match=r"no folder of snapshots at .*gone"):
        find_snapshots(kg.store, kg.catalog, tmp_path / "gone")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(SnapshotProblem, match=r"latin\.txt: is not UTF-8 text \(byte 3\)"):
        find_snapshots(kg.store, kg.catalog, tmp_path)


def test_every_span_of_the_project_holds(kg: KnowledgeGraph, snapshots_dir: Path) -> None:
    snapshots = find_snapshots(kg.store, kg.catalog, snapshots_dir)
    reports = verify(kg.store, kg.catalog, snapshots)
    assert len(reports) > 250
    assert [str(r) for r in reports if r.state != "verified"] == []


def test_every_line_of_the_pages_is_accounted_for(kg: KnowledgeGraph, snapshots_dir: Path) -> None:
    snapshots = find_snapshots(kg.store, kg.catalog, snapshots_dir)
    segments = coverage(kg.store, kg.catalog, snapshots)
    assert {s.source for s in segments} == set(snapshots.pages)
    assert [f"{s.source} line {s.line}: {s.missing}" for s in segments if not s.accounted] == []


def _excerpt(length: int, sha256: str) -> Store:
    store, graph = empty_store(), derived_graph("data/claims/page")
    claim, node = NamedNode(f"{BASE}claim/page/001"), NamedNode(f"{BASE}node/1")
    selector = NamedNode(f"{BASE}node/2")
    store.add(
        [
            Quad(claim, milia("evidence"), node, graph),
            Quad(node, expand("oa:hasSource"), NamedNode(SOURCE), graph),
            Quad(node, expand("oa:hasSelector"), selector, graph),
            Quad(selector, expand("rdf:type"), milia("Excerpt"), graph),
            Quad(selector, milia("length"), Literal(length), graph),
            Quad(selector, milia("sha256"), Literal(sha256), graph),
        ]
    )
    return store


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Milia en plaque is rare – very rare.", "found"),
        ("Milia en plaque is common.", "not found"),
        ("", "not found"),
        (None, "unavailable"),
    ],
)
def test_an_excerpt_is_found_wherever_it_stands(text: str | None, state: str) -> None:
    seen = "is rare – very"
    texts = {} if text is None else {"page.txt": text}
    (report,) = verify_excerpts(_excerpt(len(seen), _hash(seen)), CATALOG, Snapshots(texts=texts))
    assert report.state == state
    assert report.at == (text.find(seen) if state == "found" and text else None)
    assert str(report).startswith(f"{state}: claim/page/001: an excerpt of 14 characters of source:page")


@given(st.text(max_size=60), st.integers(0, 60), st.integers(1, 20))
def test_any_excerpt_of_a_text_is_found_in_it(text: str, start: int, size: int) -> None:
    seen = text[start : start + size]
    if not seen:
        return
    store = _excerpt(len(seen), _hash(seen))
    (report,) = verify_excerpts(store, CATALOG, Snapshots(texts={"page.txt": text}))
    assert report.at == text.find(seen)
