"""Say which blocks of which pages another build makes anew, so that what is published can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from milia.export.blocks import Page, page
from milia.export.page import fragments
from milia.kg import KnowledgeGraph

__all__ = ["PageChange", "page_changes"]


@dataclass(frozen=True)
class PageChange:
    """A page and its blocks that are no longer as they were; a page that came or went has all of them."""

    form: str
    title: str
    said: tuple[str, ...]
    """Blocks that say something else, or the same on other claims."""
    numbered: tuple[str, ...]
    """Blocks in which the numbers of the sources alone are others."""


def page_changes(old: KnowledgeGraph, new: KnowledgeGraph, **person: str) -> Iterator[PageChange]:
    """Yield the pages that differ between two graphs, for one kind of reader.

    Args:
        old: the graph of the build that was published.
        new: the graph of the build that is to be.
        person: what is known of the reader, as for `blocks.page`.

    Raises:
        UnknownName: there is no such age, site, provider … in one of the graphs.
    """
    before, after = ({f: page(kg, f, None, **person) for f in kg.forms} for kg in (old, new))
    for form in sorted(before.keys() | after.keys()):
        written = [_blocks(kg, pages.get(form)) for kg, pages in ((old, before), (new, after))]
        names = dict.fromkeys([*written[0], *written[1]])
        differ = [name for name in names if written[0].get(name) != written[1].get(name)]
        if not differ:
            continue
        said = [_said(pages.get(form)) for pages in (before, after)]
        others = tuple(name for name in differ if said[0].get(name) != said[1].get(name))
        title = (after.get(form) or before[form]).title
        yield PageChange(form, title, others, tuple(name for name in differ if name not in others))


def _blocks(kg: KnowledgeGraph, made: Page | None) -> dict[str, str]:
    return fragments(kg, made) if made else {}


def _said(made: Page | None) -> dict[str, object]:
    """Return what each block says and cites, without the numbers that its sources have on this page."""
    if made is None:
        return {}
    return {**{block.name: block.sentences for block in made.blocks}, "references": made.references}
