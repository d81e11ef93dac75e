"""The command that lets assistants ask the graph: mcp."""

from __future__ import annotations

import argparse

from milia.cli.console import OK, open_kg

__all__ = ["mcp"]


def mcp(args: argparse.Namespace) -> int:
    """Let assistants ask the graph: a Model Context Protocol server over standard input and output."""
    from milia.mcp_server import require, serve

    require()
    serve(open_kg(args))
    return OK
