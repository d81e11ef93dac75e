"""The command that hands the graph to other systems: export."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

from milia.cli.console import OK, open_kg
from milia.errors import MiliaError, Misuse

__all__ = ["export", "export_options", "write_folder"]


def export(args: argparse.Namespace) -> int:
    """Write the graph in an RDF format or as a feed for another system, and say what that cannot carry."""
    from milia.export import CARRIED, FEEDS, bundle, losses, report, select
    from milia.export import export as write
    from milia.formats import FORMATS, find
    from milia.memory import without_collector

    if args.all == bool(args.format):
        msg = f"name one format, or give --all; there is: {', '.join([*FORMATS, *FEEDS])}"
        raise Misuse(msg)
    if args.all and not args.out:
        msg = "--all writes many files: give --out DIR"
        raise Misuse(msg)
    kg = open_kg(args)
    if args.all:
        with without_collector():
            write_folder(Path(args.out), dict(bundle(kg)), args)
        return OK
    feed = FEEDS.get(args.format)
    if feed is None:
        form = find(args.format, FEEDS)
        files = {form.name: write(select(kg.store, kg.home, args.scope), form.name)}
        lost = losses(kg, CARRIED[args.scope])
    else:
        files, lost = feed.write(kg), losses(kg, feed.carries)
    (content, *more) = files.values()
    if more:
        if args.out in {None, "-"}:
            msg = f"{args.format} has {len(files)} files ({', '.join(files)}): give --out DIR"
            raise Misuse(msg)
        write_folder(Path(args.out), {**files, "losses.json": report(args.format, lost)}, args)
    elif args.out in {None, "-"}:
        sys.stdout.buffer.write(content)
    else:
        path = Path(args.out)
        _put(path, content, args)
        if path.is_file():  # beside a device or a pipe nothing is written
            _put(path.with_name(f"{path.name}.losses.json"), report(args.format, lost), args)
    if not args.quiet:
        _say_losses(lost)
    return OK


def _say_losses(lost: Mapping[str, int]) -> None:
    from milia.export import ASPECTS

    for aspect, count in sorted(lost.items()):
        print(f"not carried: {aspect} ({count}): {ASPECTS[aspect]}", file=sys.stderr)


def write_folder(folder: Path, files: Mapping[str, bytes], args: argparse.Namespace) -> None:
    """Write files into a folder, which is made where it is not there.

    Raises:
        MiliaError: the folder or a file cannot be written.
    """
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"cannot make the folder {path.parent}: {error.strerror}"
            raise MiliaError(msg) from error
        _put(path, content, args)


def _put(path: Path, content: bytes, args: argparse.Namespace) -> None:
    try:
        _write_file(path, content)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise MiliaError(msg) from error
    if not args.quiet:
        print(f"{path}: {len(content)} bytes", file=sys.stderr)


def _write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; what is no plain file (a device, a pipe) is written as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def export_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia export`."""
    from milia.formats import FORMATS

    p.add_argument("format", nargs="?", help=f"{', '.join(FORMATS)}, or a feed: csv and others")
    p.add_argument("--all", action="store_true", help="every format and feed, with a manifest")
    p.add_argument("--scope", default="facts", help="of an RDF format: facts, claims, all (default: facts)")
    p.add_argument("--out", metavar="PATH", help="a file, or a folder for many; standard output otherwise")
