"""The map of the body: which of its parts are drawn, and how much is known of milia at each.

The drawing is ours: simple shapes, a face and a figure, each named by the site it stands for. How dark a
shape is follows from the number of sources that see milia there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from milia.kg import KnowledgeGraph
from milia.names import expand

__all__ = ["SHAPES", "Part", "parts"]

# a site and the outlines that stand for it; the face in a field of 200 by 230, the figure of 110 by 230
SHAPES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "face": {
        "scalp": (
            "M42 78 C36 24 70 8 100 8 C130 8 164 24 158 78 C150 50 128 40 100 40 C72 40 50 50 42 78 Z",
        ),
        "forehead": (
            "M48 76 C54 54 74 45 100 45 C126 45 146 54 152 76 C136 70 118 72 100 76 C82 72 64 70 48 76 Z",
        ),
        "temple": (
            "M42 84 L54 80 L52 104 L42 106 C40 98 40 92 42 84 Z",
            "M158 84 L146 80 L148 104 L158 106 C160 98 160 92 158 84 Z",
        ),
        "periorbital-region": (
            "M56 92 C64 78 86 78 93 92 C86 110 64 110 56 92 Z",
            "M107 92 C114 78 136 78 144 92 C136 110 114 110 107 92 Z",
        ),
        "eyelid": (
            "M61 92 C68 84 82 84 89 92 C82 100 68 100 61 92 Z",
            "M111 92 C118 84 132 84 139 92 C132 100 118 100 111 92 Z",
        ),
        "nose": ("M96 88 L104 88 L111 126 C112 134 88 134 89 126 Z",),
        "cheek": (
            "M46 110 C58 112 74 114 86 116 C84 130 82 142 74 156 C58 150 48 132 46 110 Z",
            "M154 110 C142 112 126 114 114 116 C116 130 118 142 126 156 C142 150 152 132 154 110 Z",
        ),
        "ear": (
            "M38 88 C30 84 28 96 32 108 C34 116 40 116 41 110 Z",
            "M162 88 C170 84 172 96 168 108 C166 116 160 116 159 110 Z",
        ),
        "lip": ("M82 152 C90 146 96 148 100 150 C104 148 110 146 118 152 C110 162 90 162 82 152 Z",),
        "chin": ("M82 168 C92 164 108 164 118 168 C116 184 84 184 82 168 Z",),
        "neck": ("M76 186 C90 194 110 194 124 186 L128 214 C110 222 90 222 72 214 Z",),
    },
    "figure": {
        "face": ("M55 6 C66 6 70 16 68 26 C66 34 62 36 61 40 L49 40 C48 36 44 34 42 26 C40 16 44 6 55 6 Z",),
        "upper-torso": ("M34 44 C44 42 66 42 76 44 L74 82 L36 82 Z",),
        "torso": ("M36 85 L74 85 L74 124 L36 124 Z",),
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


def parts(kg: KnowledgeGraph) -> dict[str, list[Part]]:
    """Return the parts of the face and of the figure."""
    seen = _seen(kg)
    return {
        view: [_part(kg, expand(f"site:{name}").value, outlines, seen) for name, outlines in drawn.items()]
        for view, drawn in SHAPES.items()
    }


Seen = dict[str, list[tuple[str, set[str]]]]


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


def _part(kg: KnowledgeGraph, site: str, outlines: Iterable[str], seen: Seen) -> Part:
    forms = sorted((kg.label(expand(form)), form) for form, _ in seen.get(site, ()))
    sources = len(set().union(*(s for _, s in seen.get(site, ()))))
    shade = sum(sources >= least for least in (1, 4, 10, 20))
    return Part(
        site, kg.label(expand(site)), tuple(outlines), tuple((f, n) for n, f in forms), sources, shade
    )
