"""The command that closes anybody's statements under OWL 2 RL: reason."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from milia.cli.console import FINDINGS, OK, say, say_json

if TYPE_CHECKING:
    from milia.closure import Closure, Contradiction, Statement
    from milia.formats import Format

__all__ = ["reason", "reason_options"]

_TOLD = 10  # contradictions that are explained


def reason(args: argparse.Namespace) -> int:
    """Close ontologies and data under OWL 2 RL; say what follows, what contradicts itself, and why."""
    from milia.closure import close
    from milia.formats import find
    from milia.paths import find_home
    from milia.statements import read_files, read_statement

    form = find(args.format)
    given, prefixes = read_files([Path(name) for name in args.files])
    wanted = read_statement(args.explain, prefixes) if args.explain else None
    closure = close(find_home(args.home), given, complete=args.complete)
    if wanted is not None:
        return _explain(closure, wanted, prefixes, args)
    if args.json:
        say_json(_plain(closure, prefixes, complete=args.complete))
    else:
        _write(closure, prefixes, form, args)
        _tell(closure, prefixes, quiet=args.quiet)
    return FINDINGS if closure.contradictions else OK


def reason_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia reason`."""
    p.add_argument("files", nargs="+", metavar="FILE", help="an ontology or data, in any format of RDF")
    p.add_argument(
        "--explain",
        nargs=3,
        metavar=("S", "P", "O"),
        help="why a statement follows: terms as in Turtle, with the prefixes of the files",
    )
    p.add_argument("--format", default="turtle", help="how to write what follows (default: turtle)")
    p.add_argument("--all", action="store_true", help="write what was given too")
    p.add_argument("--complete", action="store_true", help="write what is true of anything too")


def _write(closure: Closure, prefixes: Mapping[str, str], form: Format, args: argparse.Namespace) -> None:
    from pyoxigraph import Literal, Triple

    from milia.export.rdf import serialized

    found = set(closure.inferred)
    if args.all:
        found |= {Triple(*row) for row in closure.given}
    if args.complete:
        found |= {Triple(*row) for row in closure.axiomatic if not isinstance(row[0], Literal)}
    sys.stdout.flush()
    sys.stdout.buffer.write(serialized(sorted(found, key=str), form, prefixes))
    sys.stdout.buffer.flush()


def _tell(closure: Closure, prefixes: Mapping[str, str], *, quiet: bool) -> None:
    """Say on standard error how much follows, and why what contradicts itself does."""
    for found in closure.contradictions[:_TOLD]:
        for line in _reasons(closure, found, prefixes):
            print(line, file=sys.stderr)
    more = len(closure.contradictions) - _TOLD
    if more > 0:
        print(f"and {more} more contradictions, which --json lists", file=sys.stderr)
    if not quiet:
        number = len(closure.contradictions)
        print(
            f"{len(closure.given)} statements given, {len(closure.inferred)} follow, "
            f"{number} contradiction{'' if number == 1 else 's'}",
            file=sys.stderr,
        )


def _reasons(closure: Closure, what: Statement | Contradiction, prefixes: Mapping[str, str]) -> list[str]:
    found = closure.explain(what)
    return list(found.lines(prefixes)) if found else []


def _explain(
    closure: Closure, wanted: Statement, prefixes: Mapping[str, str], args: argparse.Namespace
) -> int:
    from milia.closure import shown

    found = closure.explain(wanted)
    if args.json:
        say_json({"follows": found is not None, "reason": found.to_json() if found else None})
    elif found is None:
        say(f"{' '.join(shown(term, prefixes) for term in wanted)}: nothing says so, and it does not follow")
    else:
        for line in found.lines(prefixes):
            say(line)
    return FINDINGS if found is None else OK


def _plain(closure: Closure, prefixes: Mapping[str, str], *, complete: bool) -> dict[str, object]:
    contradictions = []
    for one in closure.contradictions:
        why = closure.explain(one)
        said = {"rule": one.rule, "says": one.sentence(prefixes), "terms": [str(t) for t in one.terms]}
        contradictions.append({**said, "reason": why and why.to_json()})
    return {
        "given": len(closure.given),
        "inferred": sorted(str(t) for t in closure.inferred),
        "contradictions": contradictions,
        **({"axiomatic": sorted(" ".join(map(str, row)) for row in closure.axiomatic)} if complete else {}),
    }
