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
    from milia.paths import Home
    from milia.render import Style
    from milia.store.remote import RemoteStore

__all__ = [
    "FINDINGS",
    "MISUSE",
    "OK",
    "PERSON",
    "Handler",
    "build_overlay",
    "counting",
    "endpoint_options",
    "home_of",
    "open_kg",
    "person_options",
    "progress_of",
    "remote_of",
    "report",
    "say",
    "say_json",
    "style_of",
    "width",
]

Handler = Callable[[argparse.Namespace], int]
OK, FINDINGS, MISUSE = 0, 1, 2
PERSON = ("age", "site", "pregnancy", "provider")  # what may be known of the reader of a page


def open_kg(args: argparse.Namespace) -> KnowledgeGraph:
    """Open the graph as the options say; with an overlay it is built first, where that is not done yet."""
    from milia.kg import open_graph

    if args.overlay:
        build_overlay(args)
    engine = getattr(args, "engine", None) or "oxigraph"
    if getattr(args, "endpoint", None):
        return _open_endpoint(args)
    return open_graph(args.home, overlay=args.overlay, engine=engine, snapshots=args.snapshots)


def _open_endpoint(args: argparse.Namespace) -> KnowledgeGraph:
    """Open the graph with a server as its store; say where another build is there than here."""
    from milia.errors import Misuse
    from milia.kg import open_graph
    from milia.store.loading import loaded

    store = remote_of(args)
    found = loaded(store)
    if found is None:
        msg = f"nothing of ours is at {args.endpoint}; load it: milia load --endpoint … --update …"
        raise Misuse(msg)
    kg = open_graph(args.home, overlay=args.overlay, snapshots=args.snapshots, store=store)
    if found != kg.key and not args.quiet:
        print(
            f"milia: {args.endpoint} has another build than this project; its answers differ", file=sys.stderr
        )
    return kg


def remote_of(args: argparse.Namespace) -> RemoteStore:
    """Return the server that the options name; passwords come from the environment alone."""
    from milia.store.remote import Endpoint, RemoteStore

    return RemoteStore(
        Endpoint(
            args.endpoint,
            update=args.update,
            data=args.data,
            user=args.user,
            password=os.environ.get("MILIA_PASSWORD"),
            token=os.environ.get("MILIA_TOKEN"),
            digest=args.digest,
        )
    )


def endpoint_options(p: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Declare how a server is named."""
    p.add_argument("--endpoint", metavar="URL", required=required, help="ask this SPARQL server instead")
    p.add_argument("--update", metavar="URL", help="its address for updates, to load")
    p.add_argument("--data", metavar="URL", help="its address for the graph store protocol, to load faster")
    p.add_argument("--user", metavar="NAME", help="who asks; the password is read from MILIA_PASSWORD")
    p.add_argument("--digest", action="store_true", help="digest authentication, as Virtuoso wants it")


def home_of(args: argparse.Namespace) -> Home:
    """Find the project, with its overlay, as the options say."""
    from milia.paths import find_home

    return find_home(args.home, args.overlay)


def build_overlay(args: argparse.Namespace) -> None:
    """Build the project with its overlay, unless that is done; show the stages where a person looks on."""
    from milia.build import STAGES
    from milia.opening import bring_up_to_date

    with progress_of(STAGES, quiet=args.quiet or not sys.stderr.isatty()) as progress:
        bring_up_to_date(home_of(args), args.snapshots, progress)


def person_options(p: argparse.ArgumentParser) -> None:
    """Declare what may be known of the reader of a page."""
    p.add_argument("--age", help="the reader's age group, such as adult (unknown counts as an infant)")
    p.add_argument("--site", help="where the milia are, such as cheek (unknown counts as anywhere)")
    p.add_argument(
        "--pregnancy", metavar="STATE", help="a population, such as pregnant (unknown counts as pregnant)"
    )
    p.add_argument("--provider", help="a clinic of the graph, whose services fill the blocks")


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


@contextlib.contextmanager
def counting(what: str, *, quiet: bool, every: int = 1) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many of how many are done, on a line that goes at the end."""
    shown = sys.stderr.isatty() and not quiet

    def show(done: int, of: int) -> None:
        if shown and done % every == 0:
            print(f"\r\x1b[K{done} of {of} {what}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def report(findings: Sequence[Finding], args: argparse.Namespace) -> None:
    """Print findings, one a line, unless JSON was asked for."""
    if args.json:
        return
    style = style_of(args)
    for finding in findings:
        text = str(finding)
        say(style.bad(text) if finding.severity == "Violation" else text)
