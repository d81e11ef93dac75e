"""Put the data and the finished graph into the wheel.

Hatchling calls this hook when it makes a wheel, in an isolated environment that has the rule engine. The
wheel then answers and explains offline at once: it carries the ontology, the data, the queries, and a graph
built from exactly those files. An editable install carries nothing: the package reads the checkout's folders.

The one thing asked of the package is `milia.build.build_into(project_root, target)`.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = "milia/_bundle"
FOLDERS = ("ontology", "data", "queries")
PRODUCTS = ("graph.nq", "manifest.json", "proofs.jsonl")


@contextmanager
def _package_from(source_root: Path) -> Iterator[None]:
    """Make the package importable from `source_root`, leaving no byte code in the source tree."""
    path, write_nothing = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(source_root))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = write_nothing


def _absent(target: Path) -> list[str]:
    """Name the products that the build should have left in `target` and did not, or left empty."""
    return [name for name in PRODUCTS if not (target / name).is_file() or not (target / name).stat().st_size]


class MiliaBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # generic in some releases only
    """Build the graph beside the wheel and file everything under `milia/_bundle`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders and the built graph to a wheel that is no editable install."""
        if version == "editable":
            return
        root = Path(self.root)
        missing = [name for name in FOLDERS if not (root / name).is_dir()]
        if missing:
            self.app.abort(f"milia: {root} lacks {', '.join(missing)}: build from a whole checkout or sdist")
        # The object removes its folder in finalize(), or when it is collected if the build stops before that.
        self._scratch = tempfile.TemporaryDirectory(prefix="milia-wheel-")
        target = Path(self._scratch.name) / "build"
        target.mkdir()
        self.app.display_info("milia: building the graph for the wheel")
        with _package_from(root / "scripts"):
            from milia.build import build_into
            from milia.errors import MiliaError

            try:
                build_into(root, target)
            except MiliaError as error:
                self.app.abort(f"milia: {error}")
        absent = _absent(target)
        if absent:
            self.app.abort(f"milia: the build left no {', '.join(absent)}")
        force_include = build_data["force_include"]
        for name in FOLDERS:
            force_include[str(root / name)] = f"{BUNDLE}/{name}"
        for name in PRODUCTS:
            force_include[str(target / name)] = f"{BUNDLE}/build/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the scratch folder once the wheel is written."""
        del build_data, artifact_path
        if version != "editable":
            self._scratch.cleanup()
