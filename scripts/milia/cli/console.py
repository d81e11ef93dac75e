"""What every command shares: exit codes, the open graph, and how things are said on a terminal."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph
    from milia.model import Finding
    from milia.render import Style

__all__ = [
    "FINDINGS",
    "MISUSE",
    "OK",
    "Handler",
    "open_kg",
    "progress_of",
    "report",
    "say",
    "say_json",
    "style_of",
    "width",
]

Handler = Callable[[argparse.Namespace], int]
OK, FINDINGS, MISUSE = 0, 1, 2


def open_kg(args: argparse.Namespace) -> KnowledgeGraph:
    """Open the built graph as the options say."""
    from milia.kg import open_graph

    return open_graph(args.home, engine=getattr(args, "engine", None) or "oxigraph", snapshots=args.snapshots)


def style_of(args: argparse.Namespace) -> Style:
    """Return colours where a person looks on and has not refused them."""
    from milia.render import Style

    return Style(sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not args.json)


def width() -> int:
    """Return how many columns the terminal has, or 100."""
    return shutil.get_terminal_size((100, 24)).columns


def say(text: str) -> None:
    """Print a line."""
    print(text)


def say_json(data: object) -> None:
    """Print data as JSON."""
    print(json.dumps(data, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def progress_of(stages: Sequence[str], *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the stages: one moving line on a terminal, a line a stage elsewhere."""
    moving = sys.stderr.isatty()

    def show(stage: str) -> None:
        if quiet:
            return
        number = stages.index(stage) + 1
        text = f"[{number}/{len(stages)}] {stage}"
        print(f"\r\x1b[K{text}" if moving else text, end="" if moving else "\n", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if moving and not quiet:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def report(findings: Sequence[Finding], args: argparse.Namespace) -> None:
    """Print findings, one a line, unless JSON was asked for."""
    if args.json:
        return
    style = style_of(args)
    for finding in findings:
        text = str(finding)
        say(style.bad(text) if finding.severity == "Violation" else text)
