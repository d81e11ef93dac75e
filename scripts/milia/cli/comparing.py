"""The command that compares two builds: diff."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from milia.cli.console import FINDINGS, OK, PERSON, build_overlay, person_options, say, say_json, style_of
from milia.names import NOTICE

if TYPE_CHECKING:
    from milia.diff import Change, Comparison
    from milia.paths import Home
    from milia.render import Style

__all__ = ["diff", "diff_options"]

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def diff(args: argparse.Namespace) -> int:
    """Compare two builds: claims, facts and links added, removed, changed."""
    from milia.diff import compare, previous_build
    from milia.errors import Misuse
    from milia.paths import find_home

    home = find_home(args.home, args.overlay)
    if args.old is None and args.new is not None:  # pragma: no cover  argparse fills the first one first
        raise Misuse("name the old build first")
    if args.overlay:
        build_overlay(args)
    before = find_home(args.home).build if args.overlay else None
    old = Path(args.old) if args.old else before or previous_build(home)
    new = Path(args.new) if args.new else home.build
    if args.pages:
        return _pages(home, old, new, args)
    found = compare(old, new)
    if args.format != "text":
        _write(found, args.format)
    elif args.json:
        say_json(found.to_json())
    else:
        _tell(found, style_of(args), args.limit)
    return FINDINGS if args.check and found.changes else OK


def _pages(home: Home, old: Path, new: Path, args: argparse.Namespace) -> int:
    """Say which blocks of which pages must be published again."""
    from dataclasses import asdict

    from milia.export.page_changes import page_changes
    from milia.kg import open_build

    person = {name: value for name in PERSON if (value := getattr(args, name))}
    found = list(page_changes(open_build(home, old), open_build(home, new), **person))
    if args.json:
        say_json([asdict(change) for change in found])
        return FINDINGS if args.check and found else OK
    style = style_of(args)
    say(f"{len(found)} page{'' if len(found) == 1 else 's'} to publish again")
    for change in found:
        say(style.bold(change.title) + (f": {', '.join(change.said)}" if change.said else ""))
        if change.numbered:
            say(style.dim(f"  only the numbers of sources: {', '.join(change.numbered)}"))
    say(style.dim(NOTICE))
    return FINDINGS if args.check and found else OK


def diff_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia diff`."""
    p.add_argument("old", nargs="?", help="a build's folder or its graph.nq; left out: the one before")
    p.add_argument("new", nargs="?", help="the same; left out: the build of this project")
    p.add_argument("--format", default="text", help="text, or a format of RDF such as turtle")
    p.add_argument(
        "--limit", type=int, default=20, metavar="N", help="how many of each kind to name (0: all)"
    )
    p.add_argument("--pages", action="store_true", help="the blocks of pages that must be published again")
    person_options(p)
    p.add_argument("--check", action="store_true", help="exit 1 where the builds differ")


def _write(found: Comparison, form: str) -> None:
    import sys

    from milia.export.rdf import serialized
    from milia.formats import find

    statements = sorted(found.triples(), key=str)
    sys.stdout.buffer.write(serialized(statements, find(form)))


def _tell(found: Comparison, style: Style, limit: int) -> None:
    say(style.bold(f"{found.old} → {found.new}"))
    if not found.changes:
        say("nothing differs")
    for kind, counts in found.counts.items():
        if not counts:
            continue
        say(style.bold(f"{kind}s: ") + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
        changes = [c for c in found.changes if c.kind == kind]
        for change in changes[: limit or None]:
            for line in _lines(found, change):
                say(style.dim(line) if line.startswith("      ") else line)
        if limit and len(changes) > limit:
            say(style.dim(f"  … and {len(changes) - limit} more (--limit 0 shows all)"))
    say(style.dim(NOTICE))


def _lines(found: Comparison, change: Change) -> list[str]:
    from milia.names import short

    what = found.says(change)
    name = short(change.iri)
    lines = [f"  {_SIGNS[change.what]} {what}" + (f"  ({name})" if what != name else "")]
    if change.what == "changed":
        for sign, local, value in found.details(change):
            lines.append(f"      {sign} {local}" + (f": {value}" if value else ""))
    return lines
