"""The map of the body: which of its parts are drawn, and how much is known of milia at each.

The drawing is ours: simple shapes, a face and a figure, each named by the site it stands for. How dark a
shape is follows from the number of sources that see milia there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from milia.kg import KnowledgeGraph
from milia.names import expand

__all__ = ["SHAPES", "Part", "parts"]

# a site and the outlines that stand for it; the face in a field of 200 by 230, the figure of 110 by 230
SHAPES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "face": {
        "scalp": (
            "M46 86 C40 30 72 10 100 10 C128 10 160 30 154 86 C152 62 138 46 100 46 C62 46 48 62 46 86 Z",
        ),
        "forehead": (
            "M52 78 C56 58 72 50 100 50 C128 50 144 58 148 78 C132 72 116 74 100 80 C84 74 68 72 52 78 Z",
        ),
        "temple": (
            "M48 84 L57 81 C56 92 54 100 50 106 C48 98 47 92 48 84 Z",
            "M152 84 L143 81 C144 92 146 100 150 106 C152 98 153 92 152 84 Z",
        ),
        "periorbital-region": (
            "M58 94 C64 80 86 80 93 94 C87 110 64 110 58 94 Z",
            "M107 94 C114 80 136 80 142 94 C136 110 113 110 107 94 Z",
        ),
        "eyelid": (
            "M63 94 C69 87 82 87 88 94 C82 101 69 101 63 94 Z",
            "M112 94 C118 87 131 87 137 94 C131 101 118 101 112 94 Z",
        ),
        "nose": (
            "M97 88 L103 88 C105 104 110 116 112 125 C112 132 104 134 100 134 C96 134 88 132 88 125 C90 116 95 104 97 88 Z",  # noqa: E501  one outline
        ),
        "cheek": (
            "M52 117 C58 110 80 111 86 121 C88 136 82 148 72 150 C60 148 52 134 52 117 Z",
            "M148 117 C142 110 120 111 114 121 C112 136 118 148 128 150 C140 148 148 134 148 117 Z",
        ),
        "ear": (
            "M43 90 C35 85 32 97 36 109 C38 117 44 117 46 112 Z",
            "M157 90 C165 85 168 97 164 109 C162 117 156 117 154 112 Z",
        ),
        "lip": ("M84 152 C90 147 96 148 100 150 C104 148 110 147 116 152 C110 161 90 161 84 152 Z",),
        "chin": ("M84 168 C92 163 108 163 116 168 C115 180 108 185 100 186 C92 185 85 180 84 168 Z",),
        "neck": ("M76 186 C90 194 110 194 124 186 L128 214 C110 222 90 222 72 214 Z",),
    },
    "figure": {
        "face": ("M55 6 C66 6 70 16 68 26 C66 34 62 36 61 40 L49 40 C48 36 44 34 42 26 C40 16 44 6 55 6 Z",),
        "torso": ("M34 44 C44 42 66 42 76 44 L74 82 L74 124 L36 124 L36 82 Z",),
        "upper-torso": ("M40 50 C48 48 62 48 70 50 L68 80 L42 80 Z",),
        "abdomen": ("M42 88 L68 88 L68 118 L42 118 Z",),
        "upper-limb": (
            "M31 46 C24 50 22 62 20 84 L15 126 L22 128 L30 88 Z",
            "M79 46 C86 50 88 62 90 84 L95 126 L88 128 L80 88 Z",
        ),
        "genitalia": ("M48 127 L62 127 L58 140 L52 140 Z",),
        "lower-limb": (
            "M36 127 L46 127 L53 144 L50 222 L41 222 Z",
            "M74 127 L64 127 L57 144 L60 222 L69 222 Z",
        ),
    },
}
# how many sources a shade needs, from the second on
_OF_ALL: Final = (1, 4, 10, 20)
_OF_ONE: Final = (1, 1, 3, 6)


@dataclass(frozen=True)
class Part:
    """A part of the body that is drawn: its outlines, the forms seen there and the sources that say so."""

    site: str
    label: str
    outlines: tuple[str, ...]
    forms: tuple[tuple[str, str], ...]
    sources: int
    shade: int
    """From 0 (nothing is known) to 4 (most sources)."""


def parts(kg: KnowledgeGraph, form: str = "") -> dict[str, list[Part]]:
    """Return the parts of the face and of the figure: of all forms, or of one, by its IRI."""
    seen = _seen(kg)
    if form:
        seen = {site: [one for one in forms if one[0] == form] for site, forms in seen.items()}
    least = _OF_ONE if form else _OF_ALL
    return {
        view: [
            _part(kg, expand(f"site:{name}").value, outlines, seen, least) for name, outlines in drawn.items()
        ]
        for view, drawn in SHAPES.items()
    }


Seen = dict[str, list[tuple[str, set[str]]]]


@lru_cache(maxsize=2)
def _seen(kg: KnowledgeGraph) -> Seen:
    """Return, by site, the forms seen there or at a part of it, and the sources; denials do not count."""
    rows = kg.store.query(
        "SELECT ?site ?form ?claim { GRAPH ?g { ?fact rdf:predicate milia:affects ; rdf:subject ?form ; "
        "rdf:object ?place ; milia:status ?status ; milia:supportedBy ?claim } ?form a milia:MiliaForm "
        "{ ?place milia:partOf ?site } UNION { ?place a milia:BodySite BIND (?place AS ?site) } "
        "FILTER (?status IN (milia:Established, milia:Hedged)) } ORDER BY ?site ?form ?claim"
    ).records()
    found: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        sources = (e.source for e in kg.claims[row["claim"]].evidence)
        found.setdefault(row["site"], {}).setdefault(row["form"], set()).update(sources)
    return {site: list(forms.items()) for site, forms in found.items()}


def _part(kg: KnowledgeGraph, site: str, outlines: Iterable[str], seen: Seen, least: Iterable[int]) -> Part:
    forms = sorted((kg.label(expand(form)), form) for form, _ in seen.get(site, ()))
    sources = len(set().union(*(s for _, s in seen.get(site, ()))))
    shade = sum(sources >= number for number in least)
    return Part(
        site, kg.label(expand(site)), tuple(outlines), tuple((f, n) for n, f in forms), sources, shade
    )
