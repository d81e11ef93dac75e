"""The command line: `milia COMMAND …`.

Every command is a thin layer over the Python API. Errors become one message and an exit code in one place
(`main`); what a command needs is imported when it runs, so that asking stays fast.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from milia.errors import BadQuery, MiliaError, Misuse, UnknownName

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from milia.explain import Proof
    from milia.kg import KnowledgeGraph
    from milia.model import Finding
    from milia.render import Style

__all__ = ["COMMANDS", "main", "parser"]

Handler = Callable[[argparse.Namespace], int]
OK, FINDINGS, MISUSE = 0, 1, 2
NOTICE = "Milia is a reference of what sources say. It is not medical advice."


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are our own errors, with the nearest names."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{message}\n  try: {self.prog} --help")


def _open(args: argparse.Namespace) -> KnowledgeGraph:
    from milia.kg import open_graph

    return open_graph(
        args.home, engine=getattr(args, "engine", None) or "oxigraph", snapshots=_snapshots(args)
    )


def _snapshots(args: argparse.Namespace) -> str | None:
    return getattr(args, "snapshots", None)


def _style(args: argparse.Namespace) -> Style:
    from milia.render import Style

    return Style(sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not args.json)


def _say(text: str) -> None:
    print(text)


def _json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1))


# ── commands ──────────────────────────────────────────────────────────────────────────────────────────────


def welcome(args: argparse.Namespace) -> int:
    """Say what is inside and what to try first."""
    from milia.render import table

    kg = _open(args)
    style = _style(args)
    counts = {row["what"]: row["n"] for row in kg.ask(kg.catalog.core("census")).records()}
    if args.json:
        _json(
            {"version": kg.manifest.get("version"), "counts": counts, "queries": kg.catalog.names("answers")}
        )
        return OK
    _say(style.bold(f"milia {kg.manifest.get('version', '')} — what is known of milia (milk spots), and why"))
    _say("")
    _say(table(["in the graph", "number"], [[what, n] for what, n in counts.items()], style=style))
    _say("")
    _say("try:")
    _say("  milia query                                     the questions it can answer")
    _say("  milia query sites-of-a-form --param form=neonatal-milia")
    _say("  milia explain milia affectsRegion head-and-neck why, down to the words of the source")
    _say("")
    _say(style.dim(NOTICE))
    return OK


def build(args: argparse.Namespace) -> int:
    """Build the graph from ontology, data and rules."""
    from dataclasses import asdict

    from milia.build import STAGES
    from milia.build import build as run
    from milia.paths import find_home

    with _progress(STAGES, quiet=args.quiet or args.json) as progress:
        built = run(
            find_home(args.home), snapshots=_snapshots(args), proofs=not args.no_proofs, progress=progress
        )
    _report(built.findings, args)
    if not built.manifest:
        if args.json:
            _json({"findings": [asdict(f) for f in built.findings]})
        else:
            print("nothing was swapped in; the last build is as it was", file=sys.stderr)
        return FINDINGS
    if args.json:
        _json(built.manifest)
    elif not args.quiet:
        total = sum(built.manifest["counts"].values())
        what = "built" if built.changed else "unchanged"
        _say(f"{what}: {total} statements, {built.manifest['proof steps']} proof steps, in build/")
    return OK


@contextlib.contextmanager
def _progress(stages: Sequence[str], *, quiet: bool) -> Iterator[Callable[[str], None]]:
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


def _report(findings: Sequence[Finding], args: argparse.Namespace) -> None:
    if args.json:
        return
    style = _style(args)
    for finding in findings:
        text = str(finding)
        _say(style.bad(text) if finding.severity == "Violation" else text)


def check(args: argparse.Namespace) -> int:
    """Find what is wrong with ontology, data and spans."""
    from milia.watch import run_once, watch

    if args.watch:
        return watch(args.home, _snapshots(args), lambda findings: _show_check(findings, args))
    return _show_check(run_once(args.home, _snapshots(args)), args)


def _show_check(findings: Sequence[Finding], args: argparse.Namespace) -> int:
    from dataclasses import asdict

    _report(findings, args)
    if args.json:
        _json([asdict(f) for f in findings])
    elif not args.quiet:
        _say(
            _style(args).good("no findings")
            if not findings
            else f"{len(findings)} finding{'s'[: len(findings) > 1]}"
        )
    return FINDINGS if any(f.severity == "Violation" for f in findings) else OK


def verify(args: argparse.Namespace) -> int:
    """Hold every cited span against the snapshots of the pages."""
    from collections import Counter
    from dataclasses import asdict

    from milia.evidence import verify as run

    kg = _open(args)
    reports = run(kg.store, kg.catalog, kg.snapshots)
    counts = Counter(r.state for r in reports)
    bad = [r for r in reports if r.state in {"moved", "changed"}]
    absent = [p.file for p in kg.snapshots.pages.values() if p.text is None and kg.snapshots.folder]
    code = FINDINGS if bad or absent else OK
    if args.json:
        _json({"counts": counts, "drift": [asdict(r) for r in bad], "absent": absent})
        return code
    for name in absent:
        _say(
            _style(args).bad(
                f"missing: {kg.snapshots.folder} holds no snapshot {name}, nor one of its content"
            )
        )
    for report in bad:
        _say(_style(args).bad(str(report)))
    for page in kg.snapshots.pages.values():
        state = (
            "not at hand" if page.text is None else "intact" if page.intact else "differs from what was cited"
        )
        if not args.quiet:
            _say(f"{page.title}: snapshot {page.file} {state}")
    if not args.quiet:
        _say(", ".join(f"{n} {state}" for state, n in sorted(counts.items())) + f" of {len(reports)} spans")
        if counts["unavailable"]:
            _say("give the folder of snapshots with --snapshots DIR or MILIA_SNAPSHOTS to verify the rest")
    return code


def coverage(args: argparse.Namespace) -> int:
    """Account for every line and sentence of the source pages."""
    from collections import Counter
    from dataclasses import asdict

    from milia.errors import SnapshotProblem
    from milia.evidence import coverage as run
    from milia.names import short

    kg = _open(args)
    segments = run(kg.store, kg.catalog, kg.snapshots)
    if not segments:
        msg = "coverage reads the pages themselves: give their folder with --snapshots DIR or MILIA_SNAPSHOTS"
        raise SnapshotProblem(msg)
    missing = [s for s in segments if not s.accounted]
    if args.json:
        _json([asdict(s) | {"kind": s.kind} for s in segments])
        return FINDINGS if missing else OK
    for source, page in kg.snapshots.pages.items():
        own = [s for s in segments if s.source == source]
        kinds = Counter(s.kind for s in own)
        if own:
            _say(
                f"{page.title}: {len(own)} lines and sentences: "
                + ", ".join(f"{n} {k}" for k, n in sorted(kinds.items()))
            )
        for s in own:
            if args.all:
                what = ", ".join([*map(_claim_name, s.claims + s.catalogue), *s.set_aside])
                _say(f"  line {s.line}, {s.start}–{s.end}: {s.kind}: {what}")
            for start, end in s.missing:
                _say(
                    _style(args).bad(
                        f"  line {s.line}: nothing accounts for {start}–{end} of {short(source)}"
                    )
                )
    if not args.quiet:
        _say(
            "everything is accounted for"
            if not missing
            else f"{len(missing)} lines or sentences are not accounted for"
        )
    return FINDINGS if missing else OK


def _claim_name(iri: str) -> str:
    return iri.partition("/claim/")[2]


def query(args: argparse.Namespace) -> int:
    """Ask a question of the catalogue, a .rq file, or SPARQL text."""
    from milia.render import result_text

    kg = _open(args)
    if args.name is None:
        return _list_queries(kg, args)
    text = _query_text(kg, args)
    if args.show:
        _say(text.rstrip())
        return OK
    try:
        answer = kg.store.query(text)
    except BadQuery as error:
        if args.name.endswith(".rq"):
            raise BadQuery(error.what, error.line, args.name) from error
        raise
    form = "json" if args.json else args.format
    if answer.triples is not None and form != "table":
        return _write_triples(kg, answer.triples, "jsonld" if form == "json" else form)
    out = result_text(answer, form, shutil.get_terminal_size((100, 24)).columns, _style(args))
    sys.stdout.write(out if out.endswith("\n") else out + "\n")
    return OK


def _write_triples(kg: KnowledgeGraph, triples: Sequence[Triple], form: str) -> int:
    from pyoxigraph import Quad

    from milia.export import Selection, export
    from milia.formats import find

    quads = tuple(Quad(t.subject, t.predicate, t.object) for t in triples)
    sys.stdout.buffer.write(export(Selection(quads, kg.home), find(form).name))
    return OK


def _query_text(kg: KnowledgeGraph, args: argparse.Namespace) -> str:
    values = {}
    for pair in args.param or ():
        name, equals, value = pair.partition("=")
        if not equals:
            msg = f"--param takes name=value, not '{pair}'"
            raise Misuse(msg)
        values[name] = value
    if args.name.endswith(".rq") or args.name == "-":
        text = _read_text(args.name)
    elif any(mark in args.name for mark in "{ \n"):
        text = args.name
    else:
        return kg.catalog.find(args.name).fill(values)
    if values:
        msg = "--param goes with a query of the catalogue; write the values into the text instead"
        raise Misuse(msg)
    return text


def _read_text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the query {name}: {getattr(error, 'strerror', None) or error}"
        raise Misuse(msg) from error


def _list_queries(kg: KnowledgeGraph, args: argparse.Namespace) -> int:
    from milia.render import table

    queries = kg.catalog.all("answers")
    if args.json:
        _json(
            [
                {"name": q.name, "question": q.question, "parameters": [p.name for p in q.parameters]}
                for q in queries
            ]
        )
        return OK
    rows = [[q.name, q.question, ", ".join(p.name for p in q.parameters)] for q in queries]
    _say(
        table(
            ["name", "question", "parameters"],
            rows,
            shutil.get_terminal_size((100, 24)).columns,
            _style(args),
        )
    )
    return OK


def explain(args: argparse.Namespace) -> int:
    """Say why a link holds, down to claims and words; or why it does not."""
    kg = _open(args)
    if args.object is None:
        triples = kg.stated(args.subject, args.predicate)
        if not triples or args.why_not:
            msg = f"nothing is stated as {args.predicate} of {args.subject}; name an object to learn why not"
            raise Misuse(msg)
    else:
        triples = [kg.triple(args.subject, args.predicate, args.object)]
    proofs = [kg.explain(t) for t in triples]
    if args.why_not or proofs[0].kind == "unknown":
        return _why_not(kg, triples[0], proofs[0], args)
    _show_proofs(kg, proofs, args)
    return OK if all(p.holds for p in proofs) else FINDINGS


def _show_proofs(kg: KnowledgeGraph, proofs: Sequence[Proof], args: argparse.Namespace) -> None:
    from milia.export.provenance import turtle
    from milia.tree import proof_text

    if args.json or args.format == "json":
        _json([p.to_json() for p in proofs] if args.object is None else proofs[0].to_json())
    elif args.format == "turtle":
        sys.stdout.buffer.write(turtle(*proofs))
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        for proof in proofs:
            _say(proof_text(proof, kg.label, _style(args), width))
        _say(_style(args).dim(NOTICE))


def _why_not(kg: KnowledgeGraph, triple: Triple, proof: Proof, args: argparse.Namespace) -> int:
    from milia.tree import reasons_text
    from milia.whynot import why_not

    if proof.holds:
        msg = "this link holds; without --why-not the command says why"
        raise Misuse(msg)
    reasons = why_not(kg.home, triple)
    if args.json or args.format == "json":
        _json([r.to_json() for r in reasons])
    else:
        _say(
            f"nothing in the graph says that {' '.join(map(kg.label, (triple.subject, triple.predicate)))} "
            f"{kg.label(triple.object)}"
        )
        _say(reasons_text(reasons, _style(args)))
    return FINDINGS


def export(args: argparse.Namespace) -> int:
    """Write the graph in an RDF format."""
    from milia.export import export as write
    from milia.export import select
    from milia.formats import find

    kg = _open(args)
    content = write(select(kg.store, kg.home, args.scope), find(args.format).name)
    if args.out is None or args.out == "-":
        sys.stdout.buffer.write(content)
        return OK
    path = Path(args.out)
    try:
        _write_file(path, content)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise MiliaError(msg) from error
    if not args.quiet:
        print(f"{path}: {len(content)} bytes", file=sys.stderr)
    return OK


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


def span(args: argparse.Namespace) -> int:
    """Find words in a page and print the Turtle selector that cites them."""
    from milia.evidence import find_words
    from milia.names import short

    kg = _open(args)
    page = kg.snapshots.pages.get(kg.iri(args.source).value)
    if page is None:
        raise UnknownName("source with a snapshot", args.source, map(short, kg.snapshots.pages))
    for found in find_words(page, args.words):
        _say(
            f"oa:hasSelector [ a oa:TextPositionSelector ; oa:start {found.start} ; oa:end {found.end} ; "
            f'milia:sha256 "{found.sha256}" ]'
        )
    return OK


# ── the table of commands ─────────────────────────────────────────────────────────────────────────────────


def _build_options(p: argparse.ArgumentParser) -> None:
    p.add_argument(
        "--no-proofs", action="store_true", help="skip storing proof steps (explain then runs the rules)"
    )


def _check_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("--watch", action="store_true", help="check again whenever a file is saved")


def _coverage_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("--all", action="store_true", help="list every line and what accounts for it")


def _query_options(p: argparse.ArgumentParser) -> None:
    p.add_argument(
        "name",
        nargs="?",
        help="a query's name, a .rq file, - for standard input, or SPARQL text; none lists them",
    )
    p.add_argument(
        "--param", action="append", metavar="NAME=VALUE", help="a parameter of the query; may be repeated"
    )
    p.add_argument("--format", default="table", help="table, csv, tsv, json; an RDF format for CONSTRUCT")
    p.add_argument("--engine", help="oxigraph (default) or rdflib")
    p.add_argument("--show", action="store_true", help="print the SPARQL text instead of asking it")


def _explain_options(p: argparse.ArgumentParser) -> None:
    for name in ("subject", "predicate"):
        p.add_argument(name, help="a CURIE, a path, an IRI or a label")
    p.add_argument("object", nargs="?", help="likewise, or a text; without one, every object is explained")
    p.add_argument("--why-not", action="store_true", help="name the nearest rule and what it misses")
    p.add_argument("--format", default="text", choices=["text", "json", "turtle"], help="turtle is PROV-O")


def _export_options(p: argparse.ArgumentParser) -> None:
    from milia.formats import FORMATS

    p.add_argument("format", help=", ".join(FORMATS))
    p.add_argument("--scope", default="facts", help="facts (default), claims or all")
    p.add_argument("--out", metavar="PATH", help="a file; standard output otherwise")


def _span_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("source", help="a source, such as source:cadogan-milia")
    p.add_argument("words", help="the exact words")


def _no_options(p: argparse.ArgumentParser) -> None:
    del p


COMMANDS: dict[str, tuple[Handler, Callable[[argparse.ArgumentParser], None]]] = {
    "build": (build, _build_options),
    "check": (check, _check_options),
    "verify": (verify, _no_options),
    "coverage": (coverage, _coverage_options),
    "query": (query, _query_options),
    "explain": (explain, _explain_options),
    "export": (export, _export_options),
    "span": (span, _span_options),
}


def _common() -> _Parser:
    """Return the options that stand before or after a command: a parser of its own each time.

    Parsers that shared them would share their defaults too, and a command's would undo what stands before it.
    """
    common = _Parser(add_help=False)
    common.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help="the project's folder")
    common.add_argument(
        "--snapshots", metavar="DIR", default=argparse.SUPPRESS, help="folder with the pages' texts"
    )
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON")
    common.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help="only what is wrong")
    return common


def parser() -> argparse.ArgumentParser:
    """Return the whole parser; the docs and the tests read it too."""
    top = _Parser(prog="milia", description="A knowledge graph of milia. " + NOTICE, parents=[_common()])
    top.set_defaults(home=None, snapshots=None, json=False, quiet=False, handler=welcome)
    from milia import __version__

    top.add_argument("--version", action="version", version=f"milia {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for name, (handler, options) in COMMANDS.items():
        about = (handler.__doc__ or "").strip().splitlines()[0]
        sub = commands.add_parser(name, help=about, description=about, parents=[_common()])
        options(sub)
        sub.set_defaults(handler=handler)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return 0 (fine), 1 (findings) or 2 (misuse), never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr does, for terminals without Unicode
    try:
        _known_command(arguments)
        args = parser().parse_args(arguments)
        handler: Handler = args.handler
        code = handler(args)
        sys.stdout.flush()  # what goes wrong with the output must show here, not when Python ends
        return code
    except MiliaError as error:
        print(f"milia: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nmilia: stopped; nothing was changed", file=sys.stderr)
        return FINDINGS
    except BrokenPipeError:
        _drop_output()
        return OK
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        print(f"milia: {where}{error.strerror or error}", file=sys.stderr)
        return FINDINGS


def _drop_output() -> None:
    """Let what could not be written go, so that Python does not try and complain again when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _known_command(arguments: Sequence[str]) -> None:
    takes_value = {"--home", "--snapshots"}
    skip = False
    for argument in arguments:
        if skip or argument in takes_value:
            skip = not skip
        elif not argument.startswith("-"):
            if argument not in COMMANDS:
                raise UnknownName("command", argument, COMMANDS)
            return


if __name__ == "__main__":
    sys.exit(main())
