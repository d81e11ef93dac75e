"""Commands that ask the graph: the welcome, query, explain."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from milia.cli.console import FINDINGS, OK, endpoint_options, open_kg, say, say_json, style_of, width
from milia.errors import BadQuery, Misuse
from milia.names import NOTICE

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from milia.explain import Proof
    from milia.kg import KnowledgeGraph

__all__ = ["explain", "explain_options", "query", "query_options", "welcome"]


def welcome(args: argparse.Namespace) -> int:
    """Say what is inside and what to try first."""
    from milia.render import table

    kg = open_kg(args)
    style = style_of(args)
    counts = {row["what"]: row["n"] for row in kg.ask(kg.catalog.core("census")).records()}
    if args.json:
        say_json(
            {"version": kg.manifest.get("version"), "counts": counts, "queries": kg.catalog.names("answers")}
        )
        return OK
    say(style.bold(f"milia {kg.manifest.get('version', '')} — what is known of milia (milk spots), and why"))
    say("")
    say(table(["in the graph", "number"], [[what, n] for what, n in counts.items()], style=style))
    say("")
    say("try:")
    say("  milia query                                     the questions it can answer")
    say("  milia query sites-of-a-form --param form=neonatal-milia")
    say("  milia explain milia affectsRegion head-and-neck why, down to the words of the source")
    say("")
    say(style.dim(NOTICE))
    return OK


def query(args: argparse.Namespace) -> int:
    """Ask a question of the catalogue, a .rq file, or SPARQL text."""
    from milia.render import result_text

    kg = open_kg(args)
    if args.name is None:
        return _list_queries(kg, args)
    text = _query_text(kg, args)
    if args.show:
        say(text.rstrip())
        return OK
    try:
        answer = kg.ask(text)
    except BadQuery as error:
        if args.name.endswith(".rq"):
            raise BadQuery(error.what, error.line, args.name) from error
        raise
    form = "json" if args.json else args.format
    if answer.triples is not None and form != "table":
        return _write_triples(kg, answer.triples, "jsonld" if form == "json" else form)
    out = result_text(answer, form, width(), style_of(args), unfold=sys.stdout.isatty())
    sys.stdout.write(out if out.endswith("\n") else out + "\n")
    return OK


def _write_triples(kg: KnowledgeGraph, triples: Sequence[Triple], form: str) -> int:
    from pyoxigraph import Quad

    from milia.export import Selection, export

    quads = tuple(Quad(t.subject, t.predicate, t.object) for t in triples)
    sys.stdout.buffer.write(export(Selection(quads, kg.home), form))
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
        return kg.question(args.name, values)
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
        say_json(
            [
                {"name": q.name, "question": q.question, "parameters": [p.name for p in q.parameters]}
                for q in queries
            ]
        )
        return OK
    rows = [[q.name, q.question, ", ".join(p.name for p in q.parameters)] for q in queries]
    say(
        table(
            ["name", "question", "parameters"],
            rows,
            width(),
            style_of(args),
        )
    )
    return OK


def query_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia query`."""
    p.add_argument(
        "name",
        nargs="?",
        help="a query's name, a .rq file, - for standard input, or SPARQL text; none lists them",
    )
    p.add_argument(
        "--param", action="append", metavar="NAME=VALUE", help="a parameter of the query; may be repeated"
    )
    from milia.render import RESULT_FORMATS
    from milia.store import ENGINES

    shapes = ", ".join(RESULT_FORMATS)
    p.add_argument("--format", default="table", help=f"{shapes}; an RDF format for CONSTRUCT")
    p.add_argument("--engine", help=f"{', '.join(ENGINES)} (default: oxigraph)")
    endpoint_options(p)
    p.add_argument("--show", action="store_true", help="print the SPARQL text instead of asking it")


def explain(args: argparse.Namespace) -> int:
    """Say why a link holds, down to claims and words; or why it does not."""
    kg = open_kg(args)
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
        say_json([p.to_json() for p in proofs] if args.object is None else proofs[0].to_json())
    elif args.format == "turtle":
        sys.stdout.buffer.write(turtle(*proofs))
    else:
        for proof in proofs:
            say(proof_text(proof, kg.label, style_of(args), width()))
        say(style_of(args).dim(NOTICE))


def _why_not(kg: KnowledgeGraph, triple: Triple, proof: Proof, args: argparse.Namespace) -> int:
    from milia.tree import reasons_text
    from milia.whynot import why_not

    if proof.holds:
        msg = "this link holds; without --why-not the command says why"
        raise Misuse(msg)
    reasons = why_not(kg.home, triple)
    if args.json or args.format == "json":
        say_json([r.to_json() for r in reasons])
    else:
        say(
            f"nothing in the graph says that {' '.join(map(kg.label, (triple.subject, triple.predicate)))} "
            f"{kg.label(triple.object)}"
        )
        say(reasons_text(reasons, style_of(args)))
    return FINDINGS


def explain_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia explain`."""
    for name in ("subject", "predicate"):
        p.add_argument(name, help="a CURIE, a path, an IRI or a label")
    p.add_argument("object", nargs="?", help="likewise, or a text; without one, every object is explained")
    p.add_argument("--why-not", action="store_true", help="name the nearest rule and what it misses")
    p.add_argument("--format", default="text", choices=["text", "json", "turtle"], help="turtle is PROV-O")
