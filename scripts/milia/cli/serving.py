"""Commands that let others ask the graph: mcp for assistants, serve and site for browsers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from milia.cli.console import OK, counting, endpoint_options, open_kg, say

__all__ = ["mcp", "serve", "serve_options", "site", "site_options"]


def mcp(args: argparse.Namespace) -> int:
    """Let assistants ask the graph: a Model Context Protocol server over standard input and output."""
    from milia.mcp_server import require, serve

    require()
    serve(open_kg(args))
    return OK


def serve(args: argparse.Namespace) -> int:
    """Serve the graph: a SPARQL endpoint, linked data, JSON and FHIR interfaces, and pages to look at."""
    from milia.web.serving import require, run

    require()
    kg = open_kg(args)
    run(
        kg,
        host=args.host,
        port=args.port,
        names=args.name or (),
        seconds=args.seconds,
        see_other=args.see_other,
        since=args.since and Path(args.since),
        tell=_tell,
    )
    return OK


def _tell(address: str) -> None:
    print(f"milia: {address} – stop with Ctrl-C", file=sys.stderr, flush=True)


def serve_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia serve`."""
    p.add_argument("--port", type=int, default=8000, metavar="N", help="where to listen (default: 8000)")
    p.add_argument("--host", default="127.0.0.1", help="on which address to listen (default: 127.0.0.1)")
    p.add_argument(
        "--name", action="append", metavar="HOST", help="a name this server is called by; may be repeated"
    )
    p.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="how long a query may take (default: 10)"
    )
    _since(p)
    endpoint_options(p)
    p.add_argument(
        "--see-other", action="store_true", help="send on from a thing to a document about it (303)"
    )


def site(args: argparse.Namespace) -> int:
    """Write the pages as a static site, for any web host."""
    from milia.web.serving import require
    from milia.web.site import write_site

    require()
    kg = open_kg(args)
    with counting("pages", quiet=args.quiet, every=50) as progress:
        number = write_site(
            kg,
            Path(args.out),
            address=args.address or "",
            since=args.since and Path(args.since),
            progress=progress,
        )
    if not args.quiet:
        say(f"{args.out}: {number} files; open {args.out}/index.html, or put the folder on a web host")
    return OK


def site_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia site`."""
    p.add_argument("out", metavar="OUT", help="the folder to write; a site of ours in it is replaced")
    p.add_argument("--address", metavar="URL", help="where it will be reached, for sitemap.xml")
    _since(p)


def _since(p: argparse.ArgumentParser) -> None:
    p.add_argument("--since", metavar="BUILD", help="an earlier build, to show what changed since")
