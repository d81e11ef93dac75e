"""Hold OBO Graphs JSON against its schema: `obographs_schema.py SCHEMA FILE …`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema import Draft4Validator


def main(schema: Path, paths: list[Path]) -> int:
    """Print what is wrong with each document; return 1 where anything is."""
    # the schema names no draft; it identifies its parts by `id`, as drafts up to the fourth do
    validator = Draft4Validator(json.loads(schema.read_text(encoding="utf-8")))
    bad = 0
    for path in paths:
        found = [e.message for e in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
        print(f"{path.name}:", "; ".join(found[:5]) or "fine")
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(arg) for arg in sys.argv[2:]]))
