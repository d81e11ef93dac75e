"""Write the blocks of a page as an HTML fragment, as Markdown and as JSON.

The HTML forces no style: sections with headings and lists, class names that begin with `milia-`. Each
sentence carries its claims in `data-claims` and a number that leads to its source.
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from milia.export.blocks import NOTICE, Block, Page, Sentence
from milia.kg import KnowledgeGraph
from milia.names import LICENCE

__all__ = ["WRITERS", "write_html", "write_json", "write_markdown"]


def _numbers(kg: KnowledgeGraph, page: Page, sentence: Sentence) -> list[int]:
    """Return the numbers of a sentence's sources in the list of references."""
    cited = {e.source for c in sentence.claims for e in kg.claims[c].evidence}
    return [n for n, r in enumerate(page.references, 1) if r.source in cited]


def _by_question(block: Block) -> dict[str | None, list[Sentence]]:
    result: dict[str | None, list[Sentence]] = {}
    for sentence in block.sentences:
        result.setdefault(sentence.question, []).append(sentence)
    return result


def write_html(kg: KnowledgeGraph, page: Page) -> str:
    """Return a fragment of HTML, to be put into a page as it is."""
    slug = page.condition.rpartition("/")[2]
    lines = [f'<article class="milia-page" lang="en">\n<h1>{escape(page.title)}</h1>']
    for block in page.blocks:
        head = f"milia-{slug}-{block.name}"
        lines.append(f'<section class="milia-{block.name}" aria-labelledby="{head}">')
        lines.append(f'<h2 id="{head}">{escape(block.title)}</h2>')
        for question, sentences in _by_question(block).items():
            lines += [f"<h3>{escape(question)}</h3>"] if question else []
            items = "\n".join(_item(kg, page, slug, sentence) for sentence in sentences)
            lines.append(f"<ul>\n{items}\n</ul>")
        lines.append("</section>")
    head = f"milia-{slug}-references"
    lines.append(f'<section class="milia-references" aria-labelledby="{head}">\n<h2 id="{head}">Sources</h2>')
    lines.append("<ol>")
    for number, reference in enumerate(page.references, 1):
        title = escape(reference.title)
        linked = f'<a href="{escape(reference.url)}">{title}</a>' if reference.url else title
        lines.append(f'<li id="milia-{slug}-source-{number}">{linked}</li>')
    lines.append(f'</ol>\n</section>\n<p class="milia-notice">{escape(NOTICE)}</p>\n</article>')
    return "\n".join(lines) + "\n"


def _item(kg: KnowledgeGraph, page: Page, slug: str, sentence: Sentence) -> str:
    numbers = _numbers(kg, page, sentence)
    notes = ", ".join(f'<a href="#milia-{slug}-source-{n}" aria-label="source {n}">{n}</a>' for n in numbers)
    claims = f' data-claims="{escape(" ".join(sentence.claims))}"' if sentence.claims else ""
    text = escape(sentence.text)
    if sentence.url:
        text = f'<a href="{escape(sentence.url)}">{text}</a>'
    return f"<li{claims}>{text}{f' <sup>{notes}</sup>' if notes else ''}</li>"


def write_markdown(kg: KnowledgeGraph, page: Page) -> str:
    """Return the page as Markdown."""
    lines = [f"# {_plain(page.title)}", ""]
    for block in page.blocks:
        lines += [f"## {block.title}", ""]
        for question, sentences in _by_question(block).items():
            lines += [f"### {question}", ""] if question else []
            for sentence in sentences:
                numbers = "".join(f"[{n}]" for n in _numbers(kg, page, sentence))
                text = _plain(sentence.text)
                text = f"[{text}](<{sentence.url}>)" if sentence.url else text
                lines.append(f"- {text}{f' {numbers}' if numbers else ''}")
            lines.append("")
    lines += ["## Sources", ""]
    for number, reference in enumerate(page.references, 1):
        title = _plain(reference.title)
        lines.append(f"{number}. " + (f"[{title}](<{reference.url}>)" if reference.url else title))
    return "\n".join([*lines, "", f"*{NOTICE}*"]) + "\n"


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
        "not_shown": [{"name": p.offer.name, "line": p.offer.line, "why": p.why} for p in page.not_shown],
        "notice": NOTICE,
        "licence": LICENCE,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


WRITERS: Final = {"html": write_html, "markdown": write_markdown, "json": write_json}
