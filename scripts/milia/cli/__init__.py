"""The command line: `milia COMMAND …`.

Every command is a thin layer over the Python API. Errors become one message and an exit code in one place
(`main`); what a command needs is imported when it runs, so that asking stays fast.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from milia.cli import (
    asking,
    comparing,
    exporting,
    importing,
    loading,
    making,
    publishing,
    reading,
    reasoning,
    serving,
)
from milia.cli.console import FINDINGS, OK, Handler
from milia.errors import MiliaError, Misuse, UnknownName
from milia.names import NOTICE

__all__ = ["COMMANDS", "main", "parser"]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are our own errors, with the nearest names."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{message}\n  try: {self.prog} --help")


def _no_options(p: argparse.ArgumentParser) -> None:
    del p


COMMANDS: dict[str, tuple[Handler, Callable[[argparse.ArgumentParser], None]]] = {
    "build": (making.build, making.build_options),
    "check": (making.check, making.check_options),
    "verify": (reading.verify, _no_options),
    "coverage": (reading.coverage, reading.coverage_options),
    "query": (asking.query, asking.query_options),
    "explain": (asking.explain, asking.explain_options),
    "export": (exporting.export, exporting.export_options),
    "page": (publishing.page, publishing.page_options),
    "diff": (comparing.diff, comparing.diff_options),
    "span": (reading.span, reading.span_options),
    "load": (loading.load, loading.load_options),
    "reason": (reasoning.reason, reasoning.reason_options),
    "import": (importing.import_, importing.import_options),
    "mcp": (serving.mcp, _no_options),
    "serve": (serving.serve, serving.serve_options),
    "site": (serving.site, serving.site_options),
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
    common.add_argument(
        "--overlay",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="claims, concepts and sources of your own, in folders as in data/; checked like the project's",
    )
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON")
    common.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help="only what is wrong")
    return common


def parser() -> argparse.ArgumentParser:
    """Return the whole parser; the docs and the tests read it too."""
    top = _Parser(prog="milia", description="A knowledge graph of milia. " + NOTICE, parents=[_common()])
    top.set_defaults(home=None, snapshots=None, overlay=None, json=False, quiet=False, handler=asking.welcome)
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
    takes_value = {"--home", "--overlay", "--snapshots"}
    skip = False
    for argument in arguments:
        if skip or argument in takes_value:
            skip = not skip
        elif not argument.startswith("-"):
            if argument not in COMMANDS:
                raise UnknownName("command", argument, COMMANDS)
            return
