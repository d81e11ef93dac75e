"""Which things a name can mean, in any language: all of them, never the likeliest.

Milia are easily taken for something else, and so are their names. A name that several things bear, or that
sources dispute, is answered with all its bearers; a name that nobody bears with the nearest there are.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from milia.errors import MiliaError
from milia.kg import KnowledgeGraph
from milia.names import BASE, expand, short

__all__ = ["IS", "Bearer", "Names", "fold", "names_of"]

# what a thing is to milia, in the words of the question `what-a-name-can-mean`, and how that is said
IS: Final = {
    "milia": "milia or a form of milia",
    "look-alike": "a look-alike: taken for milia, and not milia",
    "another disorder": "another disorder, not milia",
    "other": "something else, no disorder",
}
_ASKING = "what-a-name-can-mean"
# the roles of a name, the weightiest first; a plain label counts as the name it is drawn from
_ROLES: Final = {
    "label": "preferred name",
    "preferred name": "preferred name",
    "other label": "other name",
    "other name": "other name",
    "misspelling": "misspelling",
}
_REFUSED = {"Disputed", "Denied", "Retracted"}
_NEAREST = 5
_LIKE_ENOUGH = 0.5


@dataclass(frozen=True)
class Bearer:
    """A thing that bears a name: in which language, in which role, and how far that stands."""

    thing: str
    label: str
    name: str
    language: str
    role: str
    status: str | None
    to_milia: str

    @property
    def stands(self) -> bool:
        """Say whether the name stands; one that sources dispute or refuse does not."""
        return self.status not in _REFUSED


class Names:
    """All names of the graph's things, by how they read without case, accents and punctuation."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        """Read the names once."""
        self._by_name: dict[str, list[Bearer]] = defaultdict(list)
        self.of: dict[str, list[Bearer]] = defaultdict(list)
        rows: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
        for row in kg.ask(_ASKING, word="").records():
            rows[row["thing"], row["found"], row["language"]].append(row)
        for (thing, name, language), group in rows.items():
            told = {row["status"].rpartition("/")[2] for row in group if "status" in row}
            status = next(iter(sorted(told - _REFUSED) or sorted(told)), None)
            role = min((_ROLES[row["role"]] for row in group), key=list(_ROLES.values()).index)
            first = group[0]
            bearer = Bearer(thing, first["thingName"], name, language, role, status, first["warning"])
            self._by_name[fold(name)].append(bearer)
            self.of[thing].append(bearer)
        self._by_slug = {fold(t.rpartition("/")[2]): self.of[t] for t in sorted(self.of)}

    def with_part(self, part: str) -> list[Bearer]:
        """Return every bearer of a name that holds these words, whole names first."""
        asked = fold(part)
        found = [b for name, bearers in self._by_name.items() if asked in name for b in bearers]
        order = list(IS)
        return sorted(found, key=lambda b: (fold(b.name) != asked, order.index(b.to_milia), b.label, b.name))

    def bearing(self, name: str) -> list[Bearer]:
        """Return every bearer of exactly this name."""
        return list(self._by_name.get(fold(name), ()))

    def meant(self, name: str, kind: str = "") -> list[str]:
        """Return the things that a name can mean: one where it is clear, else all that bear it.

        A CURIE, a path or an IRI means itself. A preferred name means its thing before other things' further
        names; a slug such as `neonatal-milia` comes last. With a kind, such as `age`, only its things count.
        """
        start = BASE + kind + "/" if kind else BASE
        bearers = [b for b in self.bearing(name) if b.thing.startswith(start)]
        standing = [b for b in bearers if b.stands]
        preferred = {b.thing for b in standing if b.role == "preferred name"}
        things = {b.thing for b in standing} if standing else {b.thing for b in bearers}
        if standing:
            return sorted(preferred) if len(preferred) == 1 else sorted(things)
        if things:
            return sorted(things)
        return [thing for thing in self._by_iri(name) if thing.startswith(start)]

    def _by_iri(self, name: str) -> list[str]:
        if ":" in name or "/" in name:
            try:
                thing = expand(name).value
            except MiliaError:
                return []
            return [thing] if thing in self.of else []
        slug = "-".join(name.lower().split())
        return sorted(thing for thing in self.of if thing.rpartition("/")[2] == slug)

    def nearest(self, name: str, kind: str = "") -> list[Bearer]:
        """Return who bears the names and slugs that read most like this one, once each; none is an answer."""
        start = BASE + kind + "/" if kind else BASE
        among = {
            written: here
            for written, bearers in (self._by_slug | self._by_name).items()
            if (here := [b for b in bearers if b.thing.startswith(start)])
        }
        tail = fold(re.split(r"[:/]", name)[-1])
        near = difflib.get_close_matches(tail, among, _NEAREST, _LIKE_ENOUGH)
        found: dict[str, Bearer] = {}
        for bearer in (b for n in near for b in among[n] if b.stands):
            found.setdefault(bearer.thing, bearer)
        return list(found.values())[:_NEAREST]

    def is_sure(self, name: str) -> bool:
        """Say whether a name stands for one thing at least without dispute."""
        bearers = self.bearing(name)
        return not bearers or any(b.stands for b in bearers)

    def to_milia(self, thing: str) -> str | None:
        """Return what a thing is to milia: one of `IS`."""
        return self.of[thing][0].to_milia if thing in self.of else None

    def refusal(self, thing: str) -> str:
        """Return why no care is suggested for a thing that is no form of milia; nothing for one that is."""
        about = self.brief(thing) if thing in self.of and self.to_milia(thing) != "milia" else None
        if about is None:
            return ""
        return (
            f"{about['label']} is {about['is']}: nothing is suggested for it here. "
            "A doctor has to see what is in doubt."
        )

    def brief(self, thing: str) -> dict[str, str]:
        """Return a thing's short name, its label and what it is to milia."""
        first = self.of[thing][0]
        return {"thing": short(thing), "label": first.label, "is": IS[first.to_milia]}


def fold(name: str) -> str:
    """Write a name without case, accents and punctuation.

    >>> fold("Hautgrieß"), fold("  Neonatal-milia ")
    ('hautgriess', 'neonatal milia')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare.casefold()))


@lru_cache(maxsize=4)
def names_of(kg: KnowledgeGraph) -> Names:
    """Return the names of a graph, read once."""
    return Names(kg)
