"""Commands that hold claims against the pages they cite: verify, coverage, span."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from milia.cli.console import FINDINGS, OK, open_kg, say, say_json, style_of
from milia.errors import SnapshotProblem, UnknownName

__all__ = ["coverage", "coverage_options", "span", "span_options", "verify"]


def verify(args: argparse.Namespace) -> int:
    """Hold every cited span and excerpt against the texts of their sources."""
    from collections import Counter
    from dataclasses import asdict

    from milia.evidence import verify as run
    from milia.evidence import verify_excerpts

    kg = open_kg(args)
    reports = run(kg.store, kg.catalog, kg.snapshots)
    excerpts = verify_excerpts(kg.store, kg.catalog, kg.snapshots)
    counts, seen = Counter(r.state for r in reports), Counter(r.state for r in excerpts)
    bad = [r for r in reports if r.state in {"moved", "changed"}]
    lost = [r for r in excerpts if r.state == "not found"]
    absent = [p.file for p in kg.snapshots.pages.values() if p.text is None and kg.snapshots.folder]
    if not any(page.text for page in kg.snapshots.pages.values()) and not seen.keys() - {"unavailable"}:
        msg = "verify reads the pages themselves: give their folder with --snapshots DIR or MILIA_SNAPSHOTS"
        raise SnapshotProblem(msg)
    code = FINDINGS if bad or absent or lost else OK
    if args.json:
        drift = [*map(asdict, bad), *map(asdict, lost)]
        say_json({"counts": counts, "excerpts": seen, "drift": drift, "absent": absent})
        return code
    for name in absent:
        text = f"missing: {kg.snapshots.folder} holds no snapshot {name}, nor one of its content"
        say(style_of(args).bad(text))
    for line in (*map(str, bad), *map(str, lost)):
        say(style_of(args).bad(line))
    if not args.quiet:
        for page in kg.snapshots.pages.values():
            say(f"{page.title}: snapshot {page.file} {page.state}")
        say(_tally(counts, "spans"))
        if excerpts:
            say(_tally(seen, "excerpts") + "; the text of a source is looked for as <its name>.txt")
    return code


def _tally(counts: Mapping[str, int], what: str) -> str:
    each = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    return f"{each} of {sum(counts.values())} {what}"


def coverage(args: argparse.Namespace) -> int:
    """Account for every line and sentence of the source pages."""
    from collections import Counter
    from dataclasses import asdict

    from milia.evidence import coverage as run
    from milia.names import short

    kg = open_kg(args)
    segments = run(kg.store, kg.catalog, kg.snapshots)
    if not segments:
        msg = "coverage reads the pages themselves: give their folder with --snapshots DIR or MILIA_SNAPSHOTS"
        raise SnapshotProblem(msg)
    missing = [s for s in segments if not s.accounted]
    if args.json:
        say_json([asdict(s) | {"kind": s.kind} for s in segments])
        return FINDINGS if missing else OK
    for source, page in kg.snapshots.pages.items():
        own = [s for s in segments if s.source == source]
        kinds = Counter(s.kind for s in own)
        if own:
            parts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
            say(f"{page.title}: {len(own)} lines and sentences: {parts}")
        for s in own:
            if args.all:
                what = ", ".join([*map(_claim_name, s.claims + s.catalogue), *s.set_aside])
                say(f"  line {s.line}, {s.start}–{s.end}: {s.kind}: {what}")
            for start, end in s.missing:
                text = f"  line {s.line}: nothing accounts for {start}–{end} of {short(source)}"
                say(style_of(args).bad(text))
    if not args.quiet:
        many = f"{len(missing)} lines or sentences are not accounted for"
        say(many if missing else "everything is accounted for")
    return FINDINGS if missing else OK


def _claim_name(iri: str) -> str:
    return iri.partition("/claim/")[2]


def coverage_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia coverage`."""
    p.add_argument("--all", action="store_true", help="list every line and what accounts for it")


def span(args: argparse.Namespace) -> int:
    """Find words in a page and print the Turtle selector that cites them."""
    from milia.evidence import find_words
    from milia.names import short

    kg = open_kg(args)
    page = kg.snapshots.pages.get(kg.iri(args.source).value)
    if page is None:
        raise UnknownName("source with a snapshot", args.source, map(short, kg.snapshots.pages))
    for found in find_words(page, args.words):
        say(
            f"oa:hasSelector [ a oa:TextPositionSelector ; oa:start {found.start} ; oa:end {found.end} ; "
            f'milia:sha256 "{found.sha256}" ]'
        )
    return OK


def span_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia span`."""
    p.add_argument("source", help="a source, such as source:cadogan-milia")
    p.add_argument("words", help="the exact words")
