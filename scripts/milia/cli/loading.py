"""The command that puts a build onto another engine: load."""

from __future__ import annotations

import argparse

from milia.cli.console import OK, counting, endpoint_options, open_kg, remote_of, say

__all__ = ["load", "load_options"]


def load(args: argparse.Namespace) -> int:
    """Load the built graph onto a SPARQL server, in the place of what it has of ours."""
    from milia.product import read_graph
    from milia.store.loading import load as run

    server = remote_of(args)
    address, args.endpoint = args.endpoint, None  # what is loaded is of here
    kg = open_kg(args)
    key = kg.key
    with counting("statements", quiet=args.quiet) as progress:
        sent = run(server, read_graph(kg.home.build / "graph.nq", key), key, progress)
    if not args.quiet:
        say(f"{address}: {f'{sent} statements sent, in use now' if sent else 'this build is there already'}")
    return OK


def load_options(p: argparse.ArgumentParser) -> None:
    """Declare the options of `milia load`."""
    endpoint_options(p, required=True)
