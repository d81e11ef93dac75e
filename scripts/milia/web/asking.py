"""The page on which one asks in SPARQL: what is on it at first, and what a browser needs to answer itself."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from milia.kg import KnowledgeGraph
from milia.names import BASE, DEFAULT_GRAPHS, PREFIXES, expand, short

__all__ = ["EXAMPLE", "LINES", "ROWS", "completions", "page"]

ROWS: Final = 500  # of a table that is shown
LINES: Final = 3000  # of a graph that is shown
SECONDS: Final = 30  # that a query may take in a browser
EXAMPLE: Final = """\
SELECT ?form ?name WHERE {
  ?form a milia:MiliaForm ; skos:prefLabel ?name .
  FILTER (lang(?name) = "en")
}
ORDER BY ?name"""
_LONG: Final = 80  # characters of a label that is too long to choose by


def page(kg: KnowledgeGraph) -> dict[str, Any]:
    """Return what stands on the page before anything is asked."""
    prologue = f"BASE <{BASE}> " + "".join(f"PREFIX {name}: <{space}> " for name, space in PREFIXES.items())
    union = [PREFIXES["graph"] + part for part in DEFAULT_GRAPHS]
    given = {
        "prologue": prologue,
        "union": union,
        "base": BASE,
        "labels": kg.catalog.core("labels"),
        "rows": ROWS,
        "lines": LINES,
    }
    return {
        "text": EXAMPLE,
        "columns": (),
        "rows": [],
        "truth": None,
        "turtle": "",
        "error": "",
        "cut": False,
        "given": json.dumps(given),
        "seconds": SECONDS,
    }


def completions(kg: KnowledgeGraph) -> list[tuple[str, str]]:
    """Return the names that a query can use, with what they mean: terms of ours first, then things."""
    found = {short(expand(iri)): label for iri, label in kg.labels.items() if iri.startswith(BASE)}
    usable = [
        (name, label)
        for name, label in found.items()
        if re.fullmatch(r"[a-z-]+:[A-Za-z][\w-]*", name) and len(label) < _LONG
    ]
    return sorted(usable, key=lambda one: (not one[0].startswith("milia:"), one[0]))
