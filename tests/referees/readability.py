"""Check that pages are in plain language: `readability.py GRADE FILE …`, a text file a page."""

from __future__ import annotations

import sys
from pathlib import Path

import textstat


def main(grade: float, paths: list[Path]) -> int:
    """Print the Flesch-Kincaid grade of each text; return 1 where one is above the grade allowed."""
    bad = 0
    for path in paths:
        found = textstat.flesch_kincaid_grade(path.read_text(encoding="utf-8"))
        print(f"{path.name}: grade {found:.1f}")
        bad += found > grade
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(float(Path(sys.argv[1]).read_text()), [Path(arg) for arg in sys.argv[2:]]))
