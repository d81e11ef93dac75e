"""How often a disease goes with a term: the columns `qualifier` and `frequency` of an annotation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from milia.importing.hpoa import Annotation
from milia.importing.obo import Terms

__all__ = ["EXCLUDED", "Often", "read_often"]

EXCLUDED: Final = "HP:0040285"
_BANDS: Final = {
    "HP:0040280": "all",
    "HP:0040281": "80 to 99%",
    "HP:0040282": "30 to 79%",
    "HP:0040283": "5 to 29%",
    "HP:0040284": "1 to 4%",
}
_COUNTS = re.compile(r"(\d+)/([1-9]\d*)")
_SHARE = re.compile(r"\d+(?:\.\d+)?%")


@dataclass(frozen=True)
class Often:
    """How often, as a row says it: a band of the HPO, a count, or words alone."""

    affirms: bool = True
    frequency: str | None = None
    counts: tuple[int, int] | None = None
    words: str = ""

    @property
    def seen(self) -> bool:
        """Say whether the term was seen in anybody: it is neither denied nor counted with nought."""
        return self.affirms and (self.counts is None or self.counts[0] > 0)


def read_often(row: Annotation, terms: Terms) -> Often | str:
    """Return how often, or what is wrong with the row.

    NOT and the term "Excluded" deny; none of so many is a count and denies nothing. A share in per cent has
    no place of its own in a claim and is kept in its words.
    """
    term = terms.current(row.frequency) or row.frequency
    counts = _COUNTS.fullmatch(row.frequency)
    if row.qualifier not in {"", "NOT"}:
        return f"has the qualifier '{row.qualifier}', which is not NOT"
    if row.qualifier and row.frequency and term != EXCLUDED:
        return f"says NOT and how often, {row.frequency}: tell the HPO project; the row is not taken"
    if row.qualifier or term == EXCLUDED:
        return Often(affirms=False)
    if not row.frequency:
        return Often()
    if counts and int(counts[1]) <= int(counts[2]):
        seen, of = int(counts[1]), int(counts[2])
        return Often(counts=(seen, of), words=f", in {seen or 'none'} of {of} people examined")
    if term in _BANDS:
        return Often(frequency=term.replace("HP:", "hp:"), words=f", in {_BANDS[term]} of those affected")
    if _SHARE.fullmatch(row.frequency):
        return Often(words=f", in {row.frequency} of those affected")
    return f"has the frequency '{row.frequency}', which is no count, share or frequency term"
