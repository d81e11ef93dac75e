"""How the benchmarks run things and tell what they measured: one table, after the machine and versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import milia

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(milia.__file__).parents[1]), "PYTHONUNBUFFERED": "1"}


def heading(what: str, *packages: str) -> list[str]:
    """Tell the machine, the versions of the packages, and what the numbers are."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return [
        f"Python {platform.python_version()}, {machine}, {_load()}",
        ", ".join(f"{name} {version(name)}" for name in packages),
        what,
        "",
    ]


def _load() -> str:
    """Say how busy the machine is: with more at work than CPUs, every time below is too long."""
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"


def line(name: str, ours: str, plain: str = "", ratio: str = "", what: str = "") -> str:
    """Return a line of the table."""
    return f"{name:<34}{ours:>10}{plain:>10}{ratio:>8}  {what}".rstrip()
