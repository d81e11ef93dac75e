"""Open a project to ask it; one with an overlay is built first, if its build is not of today's files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from milia.errors import BuildProblem
from milia.kg import KnowledgeGraph, open_graph
from milia.model import Finding
from milia.paths import Home, find_home

__all__ = ["Faults", "bring_up_to_date", "open_project"]


class Faults(BuildProblem):
    """An overlay has faults, so that nothing was built with it; `findings` are all of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Put the findings into words, one a line."""
        self.findings = findings
        super().__init__("\n".join(["the overlay has faults:", *map(str, findings)]))


def open_project(
    home: str | os.PathLike[str] | None = None,
    *,
    overlay: str | os.PathLike[str] | None = None,
    engine: str = "oxigraph",
    snapshots: str | os.PathLike[str] | None = None,
) -> KnowledgeGraph:
    """Open the graph of a project: the checkout's, the installed one, or the one at `home`.

    Args:
        home: the project's folder.
        overlay: a folder of claims, concepts, sources and mappings of one's own, laid out as `data` is; they
            are checked as the project's own are.
        engine: the store to ask.
        snapshots: a folder with the texts of the cited pages.

    Raises:
        MissingPart: the project has not been built.
        UnknownName: there is no such engine.
        Misuse: the overlay is not laid out as `data` is.
        Faults: the overlay has faults.
        BadSource: a file of the overlay cannot be read.
    """
    if overlay is not None:
        bring_up_to_date(find_home(home, overlay), snapshots)
    return open_graph(home, overlay=overlay, engine=engine, snapshots=snapshots)


def bring_up_to_date(
    home: Home,
    snapshots: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> None:
    """Build a project with its overlay, unless its build is of these very files.

    Raises:
        Faults: there are findings of severity Violation.
        BadSource: a file cannot be read.
    """
    from milia.build import build  # late, as most projects need none

    built = build(home, snapshots=snapshots, progress=progress or _quiet)
    if not built.manifest:
        raise Faults([f for f in built.findings if f.severity == "Violation"])


def _quiet(stage: str) -> None:
    del stage
