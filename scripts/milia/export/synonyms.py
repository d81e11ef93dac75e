"""Write search synonyms in the Solr format, which Elasticsearch and OpenSearch read too (`synonym_graph`).

Only exact names are equivalent. A name that two things bear goes to the wider one where one is a kind of the
other, and to none where they are different things: a look-alike must never be found in place of milia.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from milia.export.feed import Feed, Files
from milia.kg import KnowledgeGraph
from milia.names import NOTICE

__all__ = ["FEED", "groups", "write"]

_HEAD = f"""\
# Names that mean the same thing, one thing a line; for a synonym_graph filter with "format": "solr" and
# "expand": true, behind a filter that puts text into lower case.
# {NOTICE}
"""


def groups(kg: KnowledgeGraph) -> dict[str, list[str]]:
    """Return the names of each thing that belong to it alone, sorted, by its IRI."""
    bearers: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for row in kg.rows("synonyms"):
        bearers[row["name"]][row["thing"]] = set(row["wider"].split())
    found: dict[str, list[str]] = defaultdict(list)
    for name, things in bearers.items():
        owner = _owner(things)
        if owner is not None:
            found[owner].append(name)
    return {thing: sorted(found[thing]) for thing in sorted(found)}


def _owner(things: Mapping[str, set[str]]) -> str | None:
    """Return the one thing that all others are kinds of, or None where they are different things.

    >>> _owner({"neonatal-milia": {"milia"}, "milia": set()})
    'milia'
    >>> _owner({"milia": set(), "miliaria": set()}) is None
    True
    """
    tops = [t for t in things if all(t in wider for other, wider in things.items() if other != t)]
    return tops[0] if len(tops) == 1 else None


def write(kg: KnowledgeGraph) -> Files:
    """Return `synonyms.txt`: a line for each thing with two names or more."""
    lines = [", ".join(map(_escaped, names)) for names in groups(kg).values() if len(names) > 1]
    return {"synonyms.txt": (_HEAD + "".join(f"{line}\n" for line in sorted(lines))).encode()}


def _escaped(name: str) -> str:
    r"""Write a name so that none of its characters reads as syntax.

    >>> print(_escaped("cysts, milia"))
    cysts\, milia
    """
    escaped = name.replace("\\", "\\\\").replace(",", "\\,").replace("=>", "\\=>")
    return "\\" + escaped if escaped.startswith("#") else escaped


FEED = Feed(
    "synonyms",
    "Search synonyms",
    "Solr, Elasticsearch, OpenSearch",
    "tests of ours",
    write,
)
