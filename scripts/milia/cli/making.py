"""Commands that make and check the graph: build, check."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from milia.cli.console import FINDINGS, OK, home_of, progress_of, report, say, say_json, style_of

if TYPE_CHECKING:
    from milia.model import Finding

__all__ = ["build", "build_options", "check", "check_options"]


def build(args: argparse.Namespace) -> int:
    """Build the graph from ontology, data and rules."""
    from dataclasses import asdict

    from milia.build import STAGES
    from milia.build import build as run

    home = home_of(args)
    with progress_of(STAGES, quiet=args.quiet or args.json) as progress:
        built = run(home, snapshots=args.snapshots, proofs=not args.no_proofs, progress=progress)
    report(built.findings, args)
    if not built.manifest:
        if args.json:
            say_json({"findings": [asdict(f) for f in built.findings]})
        else:
            print("nothing was swapped in; the last build is as it was", file=sys.stderr)
        return FINDINGS
    if args.json:
        say_json(built.manifest)
    elif not args.quiet:
        total = sum(built.manifest["counts"].values())
        what = "built" if built.changed else "unchanged"
        where = home.build if home.overlay else "build/"
        say(f"{what}: {total} statements, {built.manifest['proof steps']} proof steps, in {where}")
    return OK


def build_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia build`."""
    p.add_argument(
        "--no-proofs", action="store_true", help="skip storing proof steps (explain then runs the rules)"
    )


def check(args: argparse.Namespace) -> int:
    """Find what is wrong with ontology, data and spans."""
    from milia.watch import run_once, watch

    home = home_of(args)
    if args.watch:
        return watch(home, args.snapshots, lambda findings: _show_check(findings, args))
    return _show_check(run_once(home, args.snapshots), args)


def _show_check(findings: Sequence[Finding], args: argparse.Namespace) -> int:
    from dataclasses import asdict

    report(findings, args)
    if args.json:
        say_json([asdict(f) for f in findings])
    elif not args.quiet:
        many = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        say(many if findings else style_of(args).good("no findings"))
    return FINDINGS if any(f.severity == "Violation" for f in findings) else OK


def check_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia check`."""
    p.add_argument("--watch", action="store_true", help="check again whenever a file is saved")
