"""Find the pages that answer to codes of other vocabularies, as an Infobutton or a portal asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from milia.errors import UnknownName
from milia.export.blocks import Page, page
from milia.export.infobutton import read_request
from milia.kg import KnowledgeGraph
from milia.mappings import written
from milia.names import expand
from milia.offers import Placing

__all__ = ["Hit", "answer", "coded", "lookup"]


_MORE = {"broadMatch", "relatedMatch"}  # of codes that take in other things too


@dataclass(frozen=True)
class Hit:
    """What a code stands for here; `page` is None for what is no form of milia, or less than the code."""

    code: str
    thing: str
    match: str
    page: Page | None


def answer(
    kg: KnowledgeGraph, parameters: Mapping[str, str], offers: Sequence[Placing] | None = None, **person: str
) -> list[Hit]:
    """Return what the knowledge request of an Infobutton asks for.

    Args:
        kg: the graph.
        parameters: the request's parameters by name, decoded; see `read_request`.
        offers: what a clinic offers, as for `blocks.page`.
        person: what is known of the reader besides, as for `blocks.page`.

    Raises:
        Misuse: the request has no code and no name, or an age without a known unit.
        UnknownName: there is no such code or system, or nothing is called so.
    """
    request = read_request(kg, parameters)
    known = {**request.person, **person}
    named = [
        Hit(
            kg.label(expand(thing)),
            thing,
            "name",
            page(kg, thing, offers, **known) if thing in kg.forms else None,
        )
        for thing in request.things
    ]
    return [*lookup(kg, request.codes, offers, **known), *named]


def lookup(
    kg: KnowledgeGraph, codes: Iterable[str], offers: Sequence[Placing] | None = None, **person: str
) -> list[Hit]:
    """Return what each code stands for, with the page for each form of milia.

    Where a code matches exactly, looser matches of it are left out. A code that takes in more than the form,
    such as one of all cysts of follicles, has no page: who bears it need not have milia.

    Args:
        kg: the graph.
        codes: CURIEs such as `HP:0001056`, or IRIs, of any vocabulary that is mapped.
        offers: what a clinic offers, as for `blocks.page`.
        person: what is known of the reader, as for `blocks.page`.

    Raises:
        UnknownName: nothing is mapped to a code; the message offers the nearest ones.
    """
    known = _known(kg)
    pages: dict[str, Page] = {}
    hits = []
    for code in codes:
        if code.casefold() not in known:
            raise UnknownName("code", code, {shown for shown, _, _ in _all(known)})
        for _, thing, match in _closest(known[code.casefold()]):
            has_page = thing in kg.forms and match not in _MORE
            if has_page and thing not in pages:
                pages[thing] = page(kg, thing, offers, **person)
            hits.append(Hit(code, thing, match, pages[thing] if has_page else None))
    return hits


def coded(kg: KnowledgeGraph, code: str) -> list[tuple[str, str]]:
    """Return the things that a code stands for, with how it matches; none where it is not mapped."""
    return [(thing, match) for _, thing, match in _closest(_known(kg).get(code.casefold(), []))]


Known = dict[str, list[tuple[str, str, str]]]


def _known(kg: KnowledgeGraph) -> Known:
    spaces = {row["space"]: row["prefix"] for row in kg.rows("vocabularies")}
    found: Known = defaultdict(list)
    for row in kg.rows("codes"):
        if row["match"] == "none":
            continue
        shown = written(row["target"], spaces)
        for key in {shown.casefold(), row["target"].casefold()}:
            found[key].append((shown, row["thing"], row["match"]))
    for hits in found.values():
        hits.sort(key=lambda hit: (hit[2] != "exactMatch", hit[2], hit[1]))
    return found


def _closest(hits: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [hit for hit in hits if hit[2] == "exactMatch"] or hits


def _all(known: Known) -> Iterable[tuple[str, str, str]]:
    return (hit for hits in known.values() for hit in hits)
