"""Hold claims against the words of their sources: verify spans, find moved ones, account for every line.

The project carries no text of a source; with the texts at hand (`--snapshots`, or the variable
`MILIA_SNAPSHOTS`) spans and excerpts are checked, without them nothing is claimed to be verified.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from milia.catalog import Catalog
from milia.errors import SnapshotProblem
from milia.model import Excerpt, Span
from milia.names import short
from milia.store import Store

__all__ = [
    "SNAPSHOTS_VARIABLE",
    "ExcerptReport",
    "Page",
    "Passage",
    "Segment",
    "Snapshots",
    "SpanReport",
    "coverage",
    "find_snapshots",
    "find_words",
    "verify",
    "verify_excerpts",
]

SNAPSHOTS_VARIABLE = "MILIA_SNAPSHOTS"
_GIVE = f"give its folder with --snapshots DIR or {SNAPSHOTS_VARIABLE}"
# words in a row that no span covers: up to here they may be connectives ("and", "or if you are")
SLACK = 3
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[’”\"')]*\s+(?=[^\W\d_a-z])")


@dataclass(frozen=True)
class Page:
    """A source that is a page of text, and that text where its snapshot was found."""

    source: str
    title: str
    file: str
    sha256: str
    length: int
    url: str | None
    standing: str
    text: str | None = None

    @property
    def intact(self) -> bool:
        """Say whether the text at hand is the text that was cited."""
        return self.text is not None and _hash(self.text) == self.sha256 and len(self.text) == self.length

    @property
    def state(self) -> str:
        """Say in words what is known of the snapshot here."""
        if self.text is None:
            return "not at hand"
        return "intact" if self.intact else "differs from what was cited"


@dataclass
class Snapshots:
    """The pages the graph cites, by source, and the folder in which their texts were looked for."""

    pages: dict[str, Page] = field(default_factory=dict)
    folder: Path | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def words(self, source: str, span: Span) -> str | None:
        """Return the cited words if the snapshot is here and still holds them at this place."""
        page = self.pages.get(source)
        if page is None or page.text is None:
            return None
        words = page.text[span.start : span.end]
        return words if _hash(words) == span.sha256 else None


@dataclass(frozen=True)
class SpanReport:
    """One span held against its snapshot: `verified`, `moved`, `changed` or `unavailable`."""

    thing: str
    source: str
    span: Span
    state: str
    now_at: int | None = None

    def __str__(self) -> str:
        """Write the span and what became of it."""
        place = f"{short(self.source)} [{self.span.start}, {self.span.end})"
        moved = f" to {self.now_at}" if self.now_at is not None else ""
        return f"{self.state}{moved}: {short(self.thing)}: {place}"


@dataclass(frozen=True)
class ExcerptReport:
    """One excerpt looked for in the text of its source: `found`, `not found` or `unavailable`."""

    thing: str
    source: str
    excerpt: Excerpt
    state: str
    at: int | None = None

    def __str__(self) -> str:
        """Write the excerpt and what became of it."""
        size = f"an excerpt of {self.excerpt.length} characters of {short(self.source)}"
        return f"{self.state}: {short(self.thing)}: {size}"


@dataclass(frozen=True)
class Passage:
    """Where a claim, or a decision not to model, touches a page."""

    span: Span
    thing: str
    reason: str | None = None


@dataclass(frozen=True)
class Segment:
    """A line or sentence of a page and what accounts for it; `missing` are words nothing covers."""

    source: str
    line: int
    start: int
    end: int
    claims: tuple[str, ...]
    catalogue: tuple[str, ...]
    set_aside: tuple[str, ...]
    missing: tuple[tuple[int, int], ...]

    @property
    def accounted(self) -> bool:
        """Say whether every word stands in some span, connectives apart."""
        return not self.missing

    @property
    def kind(self) -> str:
        """Say what accounts for the segment: claims, catalogue, not modelled, or nothing."""
        if self.missing:
            return "unaccounted"
        return "claims" if self.claims else "catalogue" if self.catalogue else "not modelled"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find_snapshots(store: Store, catalog: Catalog, folder: str | os.PathLike[str] | None = None) -> Snapshots:
    """Read the snapshots of the cited pages from `folder` (or `MILIA_SNAPSHOTS`), by file name or by hash.

    Raises:
        SnapshotProblem: the folder does not exist, or a file in it is not UTF-8.
    """
    named = folder or os.environ.get(SNAPSHOTS_VARIABLE)
    texts: dict[str, str] = {}
    if named:
        root = Path(named)
        if not root.is_dir():
            msg = f"there is no folder of snapshots at {root}; {_GIVE}"
            raise SnapshotProblem(msg)
        for path in sorted(root.glob("*.txt")):
            texts[path.name] = _read(path)
    by_hash = {_hash(text): text for text in texts.values()}
    pages = {}
    for row in store.query(catalog.core("snapshots")).records():
        pages[row["source"]] = Page(
            source=row["source"],
            title=row["title"],
            file=row["file"],
            sha256=row["sha256"],
            length=int(row["length"]),
            url=row.get("url"),
            standing=short(row["standing"]),
            text=by_hash.get(row["sha256"], texts.get(row["file"])),
        )
    return Snapshots(pages, Path(named) if named else None, texts)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path}: is not UTF-8 text (byte {error.start})"
        raise SnapshotProblem(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise SnapshotProblem(msg) from error


def _passages(store: Store, catalog: Catalog) -> Iterator[tuple[str, Passage]]:
    for row in store.query(catalog.core("spans")).records():
        span = Span(int(row["start"]), int(row["end"]), row["sha256"])
        yield row["source"], Passage(span, row["thing"], row.get("reason"))


def find_words(page: Page, words: str) -> list[Span]:
    """Return every place at which the exact words stand in a page.

    Raises:
        SnapshotProblem: the snapshot is not at hand, or the words are not in it.
    """
    if page.text is None:
        msg = f"the snapshot {page.file} is not at hand; {_GIVE}"
        raise SnapshotProblem(msg)
    starts = [m.start() for m in re.finditer(re.escape(words), page.text)] if words else []
    if not starts:
        msg = f"these words do not stand in {page.file}; copy them exactly, with their apostrophes and spaces"
        raise SnapshotProblem(msg)
    return [Span(start, start + len(words), _hash(words)) for start in starts]


def verify(store: Store, catalog: Catalog, snapshots: Snapshots) -> list[SpanReport]:
    """Hold every span against the snapshot of its source; look for the words elsewhere if they moved."""
    return [_check_span(source, p, snapshots.pages.get(source)) for source, p in _passages(store, catalog)]


def _check_span(source: str, passage: Passage, page: Page | None) -> SpanReport:
    span = passage.span
    if page is None or page.text is None:
        return SpanReport(passage.thing, source, span, "unavailable")
    if (
        0 <= span.start < span.end <= len(page.text)
        and _hash(page.text[span.start : span.end]) == span.sha256
    ):
        return SpanReport(passage.thing, source, span, "verified")
    size = span.end - span.start
    for start in range(len(page.text) - size + 1) if size > 0 else ():
        if _hash(page.text[start : start + size]) == span.sha256:
            return SpanReport(passage.thing, source, span, "moved", start)
    return SpanReport(passage.thing, source, span, "changed")


def verify_excerpts(store: Store, catalog: Catalog, snapshots: Snapshots) -> list[ExcerptReport]:
    """Look for every excerpt in the text of its source, where the folder has it as `<source>.txt`.

    An excerpt has no place: its length and hash find it wherever it stands.
    """
    reports = []
    for source, rows in groupby(
        store.query(catalog.core("excerpts")).records(), key=lambda row: row["source"]
    ):
        text = snapshots.texts.get(source.rpartition("/")[2] + ".txt")
        for row in rows:
            excerpt = Excerpt(int(row["length"]), row["sha256"])
            at = None if text is None else _place_of(excerpt, text)
            state = "unavailable" if text is None else "not found" if at is None else "found"
            reports.append(ExcerptReport(row["thing"], source, excerpt, state, at))
    return reports


def _place_of(excerpt: Excerpt, text: str) -> int | None:
    size = excerpt.length
    starts = range(len(text) - size + 1)
    return next((n for n in starts if _hash(text[n : n + size]) == excerpt.sha256), None)


def coverage(store: Store, catalog: Catalog, snapshots: Snapshots) -> list[Segment]:
    """Account for every line and sentence of each page whose snapshot is at hand."""
    passages: dict[str, list[Passage]] = defaultdict(list)
    for source, passage in _passages(store, catalog):
        passages[source].append(passage)
    return [
        _segment(page.source, page.text, place, passages[page.source])
        for page in snapshots.pages.values()
        if page.text is not None
        for place in _segments(page.text)
    ]


def _segments(text: str) -> Iterator[tuple[int, int, int]]:
    r"""Yield (line number, start, end) of each sentence of each line that has words.

    >>> list(_segments("One two. Three.\n\nFour"))
    [(1, 0, 8), (1, 9, 15), (3, 17, 21)]
    """
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        left = 0
        for gap in [*_SENTENCE_END.finditer(line), None]:
            right = len(line) if gap is None else gap.start()
            if _WORD.search(line, left, right):
                yield number, start + left, start + right
            left = right if gap is None else gap.end()
        start += len(line) + 1


def _segment(source: str, text: str, place: tuple[int, int, int], passages: list[Passage]) -> Segment:
    _, start, end = place
    touching = [p for p in passages if p.span.start < end and p.span.end > start]
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    bare = [not any(p.span.start <= a and b <= p.span.end for p in touching) for a, b in words]
    slack = SLACK if not all(bare) else 0
    set_aside = tuple(dict.fromkeys(p.reason for p in touching if p.reason))
    claims = sorted({p.thing for p in touching if not p.reason})
    return Segment(
        source,
        *place,
        tuple(c for c in claims if "-catalogue/" not in c),
        tuple(c for c in claims if "-catalogue/" in c),
        set_aside,
        tuple((words[a][0], words[b - 1][1]) for a, b in _runs(bare) if b - a > slack),
    )


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for n, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = n
        elif not flag and start is not None:
            yield start, n
            start = None
