"""Write the blocks of a page as fragments of HTML, as Markdown and as JSON.

The HTML forces no style: sections with headings and lists, class names that begin with `milia-`. Each item
carries its claims in `data-claims` and numbers that lead to its sources.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Final

from milia.export.blocks import NOTICE, Block, Page
from milia.export.feed import ASPECTS
from milia.export.schema_org import describe
from milia.export.wording import Sentence, sources_of
from milia.kg import KnowledgeGraph
from milia.names import BASE, LICENCE

__all__ = ["WRITERS", "files", "fragments", "losses", "write_html", "write_json", "write_markdown"]


def _numbers(kg: KnowledgeGraph, page: Page, sentence: Sentence) -> list[int]:
    """Return the numbers of a sentence's sources in the list of references."""
    cited = sources_of(kg, sentence)
    return [n for n, r in enumerate(page.references, 1) if r.source in cited]


def fragments(kg: KnowledgeGraph, page: Page) -> dict[str, str]:
    """Return a section of HTML for each block and for the references, by name."""
    made = {block.name: "\n".join(_section(kg, page, block)) + "\n" for block in page.blocks}
    return {**made, "references": "\n".join(_sources(page)) + "\n"}


def write_html(kg: KnowledgeGraph, page: Page) -> str:
    """Return one fragment of HTML with all blocks, to be put into a page as it is."""
    head = f'<article class="milia-page" lang="en">\n<h1>{escape(page.title)}</h1>\n'
    return head + "".join(fragments(kg, page).values()) + "</article>\n"


def _slug(page: Page) -> str:
    return page.condition.rpartition("/")[2]


def _section(kg: KnowledgeGraph, page: Page, block: Block) -> Iterator[str]:
    head = f"milia-{_slug(page)}-{block.name}"
    yield f'<section class="milia-{block.name}" lang="en" aria-labelledby="{head}">'
    yield f'<h2 id="{head}">{escape(block.title)}</h2>'
    asked = None
    for (question, lead), sentences in block.parts().items():
        if question != asked and question:
            yield f"<h3>{escape(question)}</h3>"
        asked = question
        yield f"<p>{escape(lead)}</p>\n<ul>"
        yield from (_item(kg, page, sentence) for sentence in sentences)
        yield "</ul>"
    yield "</section>"


def _item(kg: KnowledgeGraph, page: Page, sentence: Sentence) -> str:
    links = (
        f'<a href="#milia-{_slug(page)}-source-{n}" aria-label="source {n}">{n}</a>'
        for n in _numbers(kg, page, sentence)
    )
    notes = ", ".join(links)
    claims = f' data-claims="{escape(" ".join(sentence.claims))}"' if sentence.claims else ""
    text = escape(sentence.item)
    if sentence.url:
        text = f'<a href="{escape(sentence.url)}">{text}</a>'
    return f"<li{claims}>{text}{f' <sup>{notes}</sup>' if notes else ''}</li>"


def _sources(page: Page) -> Iterator[str]:
    slug = _slug(page)
    head = f"milia-{slug}-references"
    yield f'<section class="milia-references" lang="en" aria-labelledby="{head}">'
    yield f'<h2 id="{head}">Sources</h2>\n<ol>'
    for number, reference in enumerate(page.references, 1):
        title = escape(reference.title)
        linked = f'<a href="{escape(reference.url)}">{title}</a>' if reference.url else title
        yield f'<li id="milia-{slug}-source-{number}">{linked}</li>'
    yield f'</ol>\n<p class="milia-notice">{escape(NOTICE)}</p>\n</section>'


def write_markdown(kg: KnowledgeGraph, page: Page) -> str:
    """Return the page as Markdown."""
    lines = [f"# {_plain(page.title)}", ""]
    for block in page.blocks:
        lines += [f"## {block.title}", ""]
        asked = None
        for (question, lead), sentences in block.parts().items():
            lines += [f"### {question}", ""] if question and question != asked else []
            asked = question
            lines += [_plain(lead), "", *(_bullet(kg, page, sentence) for sentence in sentences), ""]
    lines += ["## Sources", ""]
    for number, reference in enumerate(page.references, 1):
        title = _plain(reference.title)
        lines.append(f"{number}. " + (f"[{title}](<{reference.url}>)" if reference.url else title))
    return "\n".join([*lines, "", f"*{NOTICE}*"]) + "\n"


def _bullet(kg: KnowledgeGraph, page: Page, sentence: Sentence) -> str:
    numbers = "".join(f"[{n}]" for n in _numbers(kg, page, sentence))
    text = _plain(sentence.item)
    text = f"[{text}](<{sentence.url}>)" if sentence.url else text
    return f"- {text}{f' {numbers}' if numbers else ''}"


def _plain(text: str) -> str:
    """Return text in which no sign means anything to Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in text)


def write_json(kg: KnowledgeGraph, page: Page) -> str:
    """Return the page as JSON, with the claims of each sentence."""
    said = {
        "condition": page.condition,
        "title": page.title,
        "language": "en",
        "blocks": [
            {
                "name": block.name,
                "title": block.title,
                "sentences": [
                    {
                        **({"question": s.question} if s.question else {}),
                        "text": s.text,
                        "lead": s.lead,
                        "item": s.item,
                        **({"thing": s.thing} if s.thing.startswith(BASE) else {}),
                        **({"url": s.url} if s.url else {}),
                        "claims": list(s.claims),
                        "sources": _numbers(kg, page, s),
                    }
                    for s in block.sentences
                ],
            }
            for block in page.blocks
        ],
        "references": [{"source": r.source, "title": r.title, "url": r.url} for r in page.references],
        "not_shown": [
            {"name": p.offer.name, "line": p.offer.line, "why": p.why, "nearest": p.nearest}
            for p in page.not_shown
        ],
        "not_said": page.not_said,
        "notice": NOTICE,
        "licence": LICENCE,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


WRITERS: Final = {"html": write_html, "markdown": write_markdown, "json": write_json}
_SUFFIXES: Final = {"html": ".html", "markdown": ".md", "json": ".json"}
# what a page says of each statement; the other aspects of the graph it has no words for
_CARRIED: Final = {"certainty", "evidence", "frequency", "review state", "scope"}


def files(kg: KnowledgeGraph, page: Page) -> dict[str, str]:
    """Return all there is to a page, by path: each format, each block alone, JSON-LD, what is left out."""
    slug = _slug(page)
    said = json.dumps(describe(kg, page), indent=1, ensure_ascii=False).replace("</", "<\\/")
    return {
        **{f"{slug}{_SUFFIXES[form]}": write(kg, page) for form, write in WRITERS.items()},
        **{f"{slug}/{name}.html": text for name, text in fragments(kg, page).items()},
        f"{slug}.jsonld.html": f'<script type="application/ld+json">\n{said}\n</script>\n',
        f"{slug}.losses.json": json.dumps(losses(page), indent=1, ensure_ascii=False) + "\n",
    }


def losses(page: Page) -> dict[str, object]:
    """Return what is known of a form and not on its page: facts by reason, and aspects without words."""
    unsaid = {aspect: meaning for aspect, meaning in ASPECTS.items() if aspect not in _CARRIED}
    return {"format": "page", "about": page.condition, "facts": dict(page.not_said), "aspects": unsaid}
