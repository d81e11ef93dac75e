"""What the benchmarks share: the results, told and written down when the last of them has ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bench.results import Results, machine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def results() -> Iterator[Results]:
    """Collect what is measured; at the end print the table, and write files and plots into docs/bench."""
    found = Results()
    yield found
    print("\n\n" + "\n".join(machine()) + "\n\n" + found.text())
    if os.environ.get("MILIA_BENCH_KEEP") == "no":
        return
    from tests.bench.plots import draw

    found.write(ROOT / "docs" / "bench", ROOT / "docs" / "performance.md")
    draw(found, ROOT / "docs" / "bench")
