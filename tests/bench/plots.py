"""The benchmark's plots as SVG, the same bytes for the same numbers.

matplotlib draws them: it is kept up, and documents how its SVG is made deterministic. Only `make bench`
installs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench.results import FLAT_MEMORY, FLAT_TIME, Results

OURS, THEIRS = "#1b6ca8", "#8a8a8a"


def draw(results: Results, folder: Path) -> None:
    """Write the plots into a folder."""
    import matplotlib as mpl

    folder.mkdir(parents=True, exist_ok=True)
    # text stays text; names of parts come from a fixed salt
    with mpl.rc_context({"svg.hashsalt": "milia", "svg.fonttype": "none", "font.size": 9}):
        _write(_ratios(results), folder / "ratios.svg")
        _write(_questions(results), folder / "questions.svg")
        _write(_growth(results), folder / "growth.svg")
        _write(_flat(results), folder / "flat.svg")


def _write(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def _axes(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, height))
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _ratios(results: Results) -> Any:
    """How many times more the other program needs, with the targets."""
    rows = [row for row in results.rows if row.ratio is not None][::-1]
    figure, axes = _axes(0.6 + 0.24 * len(rows))
    axes.barh([f"{r.what}, {r.size}" for r in rows], [r.ratio for r in rows], color=OURS, label="measured")
    aimed = [(n, r.target) for n, r in enumerate(rows) if r.target is not None]
    axes.scatter(
        [t for _, t in aimed], [n for n, _ in aimed], marker="|", s=160, color="black", label="target"
    )
    axes.axvline(1, color=THEIRS, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("times as much as Milia needs (1 = the same)")
    axes.legend(frameon=False, loc="lower right")
    return figure


def _questions(results: Results) -> Any:
    """The ratio for each competency question, sorted, at each size."""
    figure, axes = _axes(3.2)
    for size in dict.fromkeys(q.size for q in results.questions):
        ratios = sorted(q.other / q.ours for q in results.questions if q.size == size and q.other is not None)
        axes.plot([100 * (n + 0.5) / len(ratios) for n in range(len(ratios))], ratios, ".", label=size, ms=4)
    axes.axhline(15, color="black", linewidth=0.8, linestyle="--", label="target of the median")
    axes.axhline(1, color=THEIRS, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xlabel("questions, from the smallest ratio to the largest (%)")
    axes.set_ylabel("rdflib's time ÷ Milia's")
    axes.legend(frameon=False)
    return figure


def _growth(results: Results) -> Any:
    """How time grows with the number of statements, against growth in proportion."""
    figure, axes = _axes(3.2)
    sizes = {"20k": 2e4, "200k": 2e5, "2M": 2e6}
    rows = [r for r in results.rows if r.what.startswith("closure, all 78 rules") and r.size in sizes]
    ours = [(sizes[r.size], r.ours) for r in rows]
    theirs = [(sizes[r.size], r.other) for r in rows if r.other is not None]
    base = dict(ours).get(2e5)
    if base:
        for points, colour, name in ((ours, OURS, "milia"), (theirs, THEIRS, "owlrl")):
            axes.plot([x for x, _ in points], [y / base for _, y in points], "o-", color=colour, label=name)
        axes.plot(
            [2e4, 2e6], [0.1, 10], color="black", linewidth=0.8, linestyle=":", label="in proportion to size"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("statements given")
    axes.set_ylabel("time (Milia at 200k = 1)")
    axes.legend(frameon=False)
    return figure


def _flat(results: Results) -> Any:
    """What a build takes for each statement it writes, against the smallest size."""
    figure, axes = _axes(2.6)
    for what, colour in ((FLAT_TIME, OURS), (FLAT_MEMORY, THEIRS)):
        rows = [r for r in results.rows if r.what == what]
        axes.plot(
            [r.size for r in rows], [r.ours / rows[0].ours for r in rows], "o-", color=colour, label=what
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("of what it is at the smallest size")
    axes.legend(frameon=False)
    return figure
