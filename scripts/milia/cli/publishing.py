"""The command that makes the blocks of a web page: page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from milia.cli.console import OK, PERSON, open_kg, person_options
from milia.cli.exporting import write_folder
from milia.errors import Misuse, UnknownName

if TYPE_CHECKING:
    from milia.export.blocks import Page
    from milia.kg import KnowledgeGraph
    from milia.offers import Placing

__all__ = ["page", "page_options"]


def page(args: argparse.Namespace) -> int:
    """Write the blocks of a web page on a form of milia, in plain words with their sources."""
    from milia.export.blocks import page as blocks_of
    from milia.export.page import WRITERS, files
    from milia.offers import TEMPLATE, place, read_offers

    if args.new_catalogue:
        sys.stdout.write(TEMPLATE)
        return OK
    if sum(map(bool, (args.condition, args.code, args.request))) != 1:
        msg = "name one form of milia, or give --code or --request; the forms: milia query forms"
        raise Misuse(msg)
    if args.catalogue and args.provider:
        msg = "--catalogue and --provider both say who offers: give one"
        raise Misuse(msg)
    if args.block and (args.out or args.json or args.format != "html"):
        msg = "--block writes one block as HTML to standard output: leave --out, --json and --format"
        raise Misuse(msg)
    if args.format not in WRITERS:
        raise UnknownName("format of a page", args.format, WRITERS)
    offers = read_offers(Path(args.catalogue)) if args.catalogue else None
    kg = open_kg(args)
    person = {name: value for name in PERSON if (value := getattr(args, name))}
    placed = None if offers is None else place(kg, offers)
    if args.code or args.request:
        pages = _pages_of_codes(kg, args, placed, person)
    else:
        pages = [blocks_of(kg, args.condition, placed, **person)]
    for one in pages:
        _say_not_shown(one, args)
    if args.out:
        written = {name: text.encode() for one in pages for name, text in files(kg, one).items()}
        write_folder(Path(args.out), written, args)
    else:
        sys.stdout.write(_text(kg, pages, "json" if args.json else args.format, args.block))
    if not args.quiet:
        _say_not_said(pages)
    return OK


def _text(kg: KnowledgeGraph, pages: Sequence[Page], form: str, block: str | None) -> str:
    from milia.export.page import WRITERS, fragments

    if block:
        made = [fragments(kg, page) for page in pages]
        if any(block not in parts for parts in made):
            raise UnknownName("block of this page", block, dict.fromkeys(name for m in made for name in m))
        return "".join(parts[block] for parts in made)
    texts = [WRITERS[form](kg, page) for page in pages]
    return f"[{','.join(texts)}]\n" if form == "json" and len(pages) > 1 else "".join(texts)


def _pages_of_codes(
    kg: KnowledgeGraph, args: argparse.Namespace, placed: Sequence[Placing] | None, person: dict[str, str]
) -> list[Page]:
    from urllib.parse import parse_qsl

    from milia.export.lookup import answer, lookup

    if args.request:
        hits = answer(kg, dict(parse_qsl(args.request.rpartition("?")[2])), placed, **person)
    else:
        hits = lookup(kg, args.code, placed, **person)
    pages: dict[str, Page] = {}
    for hit in hits:
        if hit.page is None:
            print(f"{hit.code}: {kg.label(hit.thing)} is no form of milia: no page", file=sys.stderr)
        else:
            print(f"{hit.code}: {hit.page.title} ({hit.match})", file=sys.stderr)
            pages[hit.thing] = hit.page
    return list(pages.values())


def _say_not_shown(made: Page, args: argparse.Namespace) -> None:
    """Say which lines of a catalogue do not stand on a page, and why."""
    for one in made.not_shown:
        near = f"; nearest: {', '.join(one.nearest)}" if one.nearest else ""
        print(f"{args.catalogue}:{one.offer.line}: {one.offer.name}: {one.why}{near}", file=sys.stderr)


def _say_not_said(pages: Sequence[Page]) -> None:
    """Say how much is known of each form that its page does not say."""
    for one in pages:
        left = ", ".join(f"{why} ({count})" for why, count in sorted(one.not_said.items()))
        if left:
            print(f"not on the page of {one.title}: {left}", file=sys.stderr)


def page_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia page`."""
    p.add_argument("condition", nargs="?", help="a form of milia, such as milia or neonatal-milia")
    p.add_argument(
        "--code", action="append", metavar="CODE", help="a code for it: HP:0001056; may be repeated"
    )
    p.add_argument("--request", metavar="URL", help="an Infobutton's request: mainSearchCriteria.v.c=…")
    person_options(p)
    p.add_argument("--catalogue", metavar="CSV", help="your own services and products: name,kind,url")
    p.add_argument("--new-catalogue", action="store_true", help="print a catalogue to begin with")
    p.add_argument("--format", default="html", help="html, markdown or json (default: html)")
    p.add_argument("--block", help="one block alone, as HTML: overview, sites, treatments …")
    p.add_argument(
        "--out", metavar="DIR", help="write all three there, each block alone, and JSON-LD for search engines"
    )
