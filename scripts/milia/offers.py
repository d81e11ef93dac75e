"""Read a clinic's own catalogue from CSV, and place what it offers among the care that the graph knows.

An offer is placed by the names of care in its name, the longest first. One whose name holds the name of a
look-alike of milia is not placed: what helps there is no care for milia.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from milia.called import Bearer, fold, names_of
from milia.errors import BadSource
from milia.kg import KnowledgeGraph
from milia.names import BASE

__all__ = ["TEMPLATE", "Offer", "Placing", "place", "read_offers"]

COLUMNS: Final = ("name", "kind", "url")
KINDS: Final = ("service", "product")
TEMPLATE: Final = (
    "name,kind,url\n"
    "Chemical peel,service,https://clinic.example/chemical-peel\n"
    "Exfoliating cleanser,product,https://clinic.example/cleanser\n"
)
_NEAREST: Final = 3
_SHORTEST: Final = 4  # letters of a name that may stand inside a longer one


@dataclass(frozen=True)
class Offer:
    """A service or product of a clinic, and the line of its file."""

    name: str
    kind: str
    url: str
    line: int


@dataclass(frozen=True)
class Placing:
    """Where an offer belongs: the kinds of care it is, or why that is not known and what comes near."""

    offer: Offer
    care: tuple[str, ...] = ()
    why: str = ""
    nearest: tuple[str, ...] = ()


def read_offers(path: Path) -> list[Offer]:
    """Read a catalogue.

    Raises:
        BadSource: the file cannot be read, or a line of it does not say what is offered.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSource(path, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSource(path, None, "is not UTF-8 text", "save the file as UTF-8") from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        mend = "begin with what `milia page --new-catalogue` prints"
        raise BadSource(path, 1, f"has no column {', '.join(missing)}", mend)
    return [_offer(path, reader.line_num, row) for row in reader if any((v or "") for v in row.values())]


def _offer(path: Path, line: int, row: Mapping[str, str | None]) -> Offer:
    name, kind, url = ((row[c] or "").strip() for c in COLUMNS)
    if not name:
        raise BadSource(path, line, "has no name")
    if kind not in KINDS:
        raise BadSource(path, line, f"is of the kind '{kind}'", f"write one of: {', '.join(KINDS)}")
    if url and not re.match(r"https?://[^\s\"'<>]+$", url):
        raise BadSource(path, line, f"has '{url}' for an address", "write one that begins with https://")
    return Offer(name, kind, url, line)


def place(kg: KnowledgeGraph, offers: Sequence[Offer]) -> list[Placing]:
    """Return where each offer belongs, in their order."""
    bearers = [bearer for of_one in names_of(kg).of.values() for bearer in of_one]
    care = _by_name(b for b in bearers if b.stands and b.thing.startswith(f"{BASE}care/"))
    ours = _by_name(b for b in bearers if b.stands and b.to_milia == "milia")
    others = _by_name(b for b in bearers if b.to_milia == "look-alike" and fold(b.name) not in ours)
    return [_placed(kg, offer, care, ours, others) for offer in offers]


def _by_name(bearers: Iterable[Bearer]) -> dict[str, set[str]]:
    result: dict[str, set[str]] = {}
    for bearer in bearers:
        result.setdefault(fold(bearer.name), set()).add(bearer.thing)
    return result


def _placed(
    kg: KnowledgeGraph,
    offer: Offer,
    care: Mapping[str, set[str]],
    ours: Mapping[str, set[str]],
    others: Mapping[str, set[str]],
) -> Placing:
    said = fold(offer.name)
    if alike := _inside(said, others):
        names = ", ".join(sorted(kg.labels[thing] for thing in alike))
        return Placing(offer, why=f"its name speaks of what is only taken for milia: {names}")
    if found := _inside(said, care):
        return Placing(offer, tuple(sorted(found)))
    of_milia = [name for name in care if _inside(name, ours)] if _inside(said, ours) else []
    near = [*of_milia, *get_close_matches(said, care, n=_NEAREST, cutoff=0.5)]
    nearest = dict.fromkeys(kg.labels[thing] for name in near for thing in sorted(care[name]))
    return Placing(offer, why="no kind of care has this name", nearest=tuple(nearest)[:_NEAREST])


def _inside(said: str, known: Mapping[str, set[str]]) -> set[str]:
    """Return the things whose name is the longest that stands in a text."""
    names = [n for n in known if n == said or (len(n) >= _SHORTEST and f" {n} " in f" {said} ")]
    longest = max(map(len, names), default=0)
    return set().union(*(known[n] for n in names if len(n) == longest))
