"""Check fragments of HTML with a strict parser: `html_check.py FILE …`."""

from __future__ import annotations

import sys
from pathlib import Path

import html5lib


def main(paths: list[Path]) -> int:
    """Print what is wrong with each fragment; return 1 where anything is."""
    bad = 0
    for path in paths:
        try:
            tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(
                path.read_text(encoding="utf-8")
            )
        except html5lib.html5parser.ParseError as error:
            print(f"{path.name}: {error}")
            bad += 1
            continue
        ids = [e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id")]
        known = set(ids)
        wanted = {e.get("href")[1:] for e in tree.iter("a") if e.get("href", "").startswith("#")}
        wanted |= {e.get("aria-labelledby") for e in tree.iter("section")}
        if len(known) != len(ids) or wanted - known or None in wanted:
            print(f"{path.name}: ids given twice or missing: {sorted(map(str, wanted - known))}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main([Path(arg) for arg in sys.argv[1:]]))
