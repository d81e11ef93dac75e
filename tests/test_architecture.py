"""The package keeps its order: imports run downward, heavy libraries have one owner and load late."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import milia

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "scripts" / "milia"

# from bottom to top; a module imports from rows above its own in this table only, never from its own row
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("paths", "names", "formats", "manifest", "memory", "sortedfile"),
    ("care", "labels", "literals", "model", "catalog", "product", "rules", "mappings", "refusal", "union"),
    ("store.base",),
    ("store.dataset", "store.exchange", "store.oxigraph", "store.rdflib_store"),
    ("store.filling", "store.remote"),
    ("store.loading",),
    ("store",),
    ("load", "evidence", "shapes"),
    ("reason", "places", "statements", "lines", "parts"),
    ("closure",),
    ("steps", "inputs"),
    ("derive",),
    ("check",),
    ("explain", "partwork"),
    ("large",),
    ("kg", "render"),
    ("export.selection",),
    ("export.jsonld", "export.rdf", "export.feed", "called"),
    ("offers",),
    (
        "export.biolink",
        "export.chunks",
        "export.fhir_terms",
        "export.rdf12",
        "export.skos",
        "export.sssom",
        "export.synonyms",
        "export.tables",
        "export.trusty",
        "export.vocabulary",
        "export.wording",
    ),
    (
        "export.blocks",
        "export.fhir_codes",
        "export.fhir_maps",
        "export.infobutton",
        "export.kgx",
        "export.nanopubs",
        "export.obo",
        "export.void",
    ),
    ("export.fhir", "export.lookup", "export.obographs", "export.schema_org"),
    ("export.page",),
    ("export.page_changes",),
    ("export.provenance",),
    ("export",),
    ("build",),
    ("opening",),
    ("importing.files",),
    ("importing.genes", "importing.hpoa", "importing.known", "importing.obo", "importing.records"),
    ("importing.compare", "importing.often", "importing.reader", "importing.sources"),
    ("importing.annotations", "importing.causes"),
    ("importing.hpo",),
    ("importing.everything",),
    ("importing",),
    ("bounds", "diff", "terminology", "watch", "whynot"),
    ("assistant", "tree"),
    ("toolset",),
    ("mcp_server",),
    ("web.bodymap", "web.negotiation", "web.urls", "web.linked", "web.worker", "web.workers"),
    ("web.answering", "web.forwarding", "web.views"),
    ("web.fhir", "web.protocol", "web.rest"),
    ("web.network", "web.asking", "web.changes"),
    ("web.lists",),
    ("web.pages",),
    ("web.app", "web.site"),
    ("web.serving", "web"),
    ("cli.console",),
    (
        "cli.asking",
        "cli.comparing",
        "cli.exporting",
        "cli.importing",
        "cli.loading",
        "cli.making",
        "cli.reading",
        "cli.reasoning",
        "cli.serving",
    ),
    ("cli.publishing",),
    ("cli",),
    ("cli.__main__",),
)
# the package's own face, above what it shows
FACE = "milia"
SHOWN = {"errors", "explain", "kg", "model", "names", "opening", "store.base"}

# optional or slow libraries, and the modules that may import them, inside functions only
OWNERS = {
    "anyio": {"mcp_server"},
    "elementpath": {"literals"},
    "mcp": {"mcp_server"},
    "jinja2": {"web.pages"},
    "mcp_types": {"mcp_server"},
    "mimeparse": {"web.negotiation"},
    "nmo_python": {"reason"},
    "shifty": {"shapes"},
    "pyshacl": {"shapes"},
    "owlrl": set[str](),
    "rdflib": {"store.rdflib_store", "shapes"},
    "requests": {"store.exchange"},
    "urllib3": {"store.exchange"},
}
# imported inside functions themselves, so they may import their library, and each other, at the top
LATE_MODULES = {"store.rdflib_store", "literals", "closure"}


class Import(NamedTuple):
    """One import: of what, and whether it runs only when a function is called."""

    module: str
    names: tuple[str, ...]
    late: bool
    line: int


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or FACE


MODULES = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def _imports(module: str) -> tuple[Import, ...]:
    found: list[Import] = []

    def walk(node: ast.AST, late: bool) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            late = True
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, (), late, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports are written in full"
            found.append(Import(node.module or "", tuple(a.name for a in node.names), late, node.lineno))
        inside = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            walk(child, inside)

    walk(_tree(module), late=False)
    return tuple(found)


def _own(module: str) -> set[str]:
    """Return the modules of the package that a module imports, by their names inside it."""
    result = set()
    for found in _imports(module):
        if found.module.partition(".")[0] != "milia":
            continue
        local = found.module.removeprefix("milia").removeprefix(".") or FACE
        inner = {f"{local}.{name}" if local != FACE else name for name in found.names} & MODULES.keys()
        result |= inner or {local}
        if inner and len(inner) < len(found.names):
            result.add(local)
    return result


def _row(module: str) -> int:
    return next(n for n, row in enumerate(LAYERS) if module in row)


def test_every_module_has_its_place() -> None:
    placed = [name for row in LAYERS for name in row]
    assert sorted([*placed, FACE]) == sorted([*MODULES.keys() - {"__main__"}])
    assert len(placed) == len(set(placed))


@pytest.mark.parametrize("module", [m for m in MODULES if m not in {FACE, "__main__"}])
def test_imports_run_downward(module: str) -> None:
    allowed = {name for row in LAYERS[: _row(module)] for name in row}
    if module == "cli":
        allowed.add(FACE)  # for its version
    assert _own(module) <= allowed


def test_the_face_shows_and_does_nothing_else() -> None:
    assert _own(FACE) <= SHOWN


def test_there_are_no_circles() -> None:
    graph = {module: _own(module) for module in MODULES}
    assert set(TopologicalSorter(graph).static_order()) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_what_is_imported_exists_and_is_offered(module: str) -> None:
    for found in _imports(module):
        local = found.module.removeprefix("milia").removeprefix(".") or FACE
        if found.module.partition(".")[0] != "milia":
            continue
        assert local in MODULES, f"{module}:{found.line}: there is no {found.module}"
        offered = _offered(local)
        for name in found.names:
            inner = name if local == FACE else f"{local}.{name}"
            assert inner in MODULES or name in offered or name == "__version__", (
                f"{module}:{found.line} takes {name}, which is not in __all__ of {found.module}"
            )


def _offered(module: str) -> list[str]:
    for node in _tree(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


@pytest.mark.parametrize("module", MODULES)
def test_all_names_what_there_is(module: str) -> None:
    loaded = __import__(f"milia.{module}" if module != FACE else "milia", fromlist=["x"])
    offered = _offered(module)
    assert offered == sorted(offered, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert [name for name in offered if not hasattr(loaded, name)] == []


def test_there_are_no_drawers_for_everything() -> None:
    last = {module.rpartition(".")[2] for module in MODULES}
    assert not last & {"utils", "util", "helpers", "common", "misc", "tools", "lib"}


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_have_one_owner_and_load_late(module: str) -> None:
    for found in _imports(module):
        library = found.module.partition(".")[0]
        if library in OWNERS:
            assert module in OWNERS[library], f"{module}:{found.line} imports {library}"
            assert found.late or module in LATE_MODULES, f"{module}:{found.line} imports {library} at once"
        if found.module.removeprefix("milia.") in LATE_MODULES:
            assert found.late or module in LATE_MODULES, (
                f"{module}:{found.line} imports {found.module} at once"
            )


def test_the_face_offers_all_that_is_public() -> None:
    shown = {name: v for name, v in vars(milia).items() if name[0] != "_" and not isinstance(v, ModuleType)}
    public = {id(value) for value in shown.values() if value is not milia.__version__}
    assert public == {id(getattr(milia, name)) for name in milia.__all__}


@pytest.mark.parametrize(
    "statement",
    [
        "import milia",
        "import milia.cli; milia.cli.parser()",
        "import milia.cli; milia.cli.main(['--version'])",
        "import milia.build, milia.watch, milia.check",
    ],
)
def test_importing_stays_light(statement: str) -> None:
    code = f"import contextlib, sys\nwith contextlib.suppress(SystemExit):\n    {statement}\n"
    code += "print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "milia" in loaded
    assert not loaded & {*OWNERS, "yaml", "jinja2", "requests", "typer", "rich"}
