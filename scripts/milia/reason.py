"""Run the rule files on the Nemo engine.

The only module that knows Nemo. The rules are `ontology/rules/*.rls`; Python names the fact nodes (the engine
has no hash functions) and hands over the statements; `derive` sorts what comes back.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, Triple

from milia.errors import BadSource, MissingPart
from milia.load import Sources
from milia.names import expand, fact_iri, milia, plain
from milia.paths import Home
from milia.rules import RULE_FILES, Rule, deriving, fireable, read_rules

__all__ = [
    "ADMITTED",
    "Engine",
    "claimed_triples",
    "program",
    "run_program",
    "run_rules",
    "term_of",
]

ADMITTED = ("Established", "Hedged")
_INPUTS = {
    "Stated": ("ntriples", "stated.nt"),
    "Ontology": ("ntriples", "ontology.nt"),
    "FactNode": ("nquads", "factnodes.nq"),
    "Admitted": ("csv", "admitted.csv"),
}
_ASSERTED = ("ontology/", "data/concepts/")
_CLAIMED = ("data/claims/", "data/catalogue/")
_NOT_READ = ("data/mappings/",)  # codes elsewhere: no rule reads them
_NOT_PUBLISHED = ("Axiomatic",)  # true of anything
_PARTS = tuple(expand(f"rdf:{part}") for part in ("subject", "predicate", "object"))
_SCRATCH = "milia-"  # how folders begin that hold what a run needs
_HELD = "held"  # a file in each, which whoever works there keeps locked
_local = threading.local()


def _nemo() -> ModuleType:
    try:
        import nmo_python
    except ImportError as error:
        msg = (
            "this needs the rule engine, which is not installed: pip install 'milia[build]' "
            "(an installed milia answers and explains from its built graph without it)"
        )
        raise MissingPart(msg) from error
    return nmo_python


def claimed_triples(sources: Sources) -> dict[NamedNode, tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    """Return every triple that some claim is about, by the IRI of its fact node."""
    parts: dict[str, dict[NamedNode, Any]] = {}
    for t in sources.below(*_CLAIMED):
        if t.predicate in _PARTS:
            parts.setdefault(plain(t.subject), {})[t.predicate] = t.object
    triples = (tuple(map(part.get, _PARTS)) for part in parts.values())
    return {fact_iri(*spo): spo for spo in triples if None not in spo}  # type: ignore[misc]


def program(
    rules: Sequence[Rule], inputs: Mapping[str, tuple[str, Path]], recorded: Sequence[Rule] = ()
) -> tuple[str, set[str]]:
    """Return the rule program that reads these inputs (a format and a file each), and the relations it gives.

    Each recorded rule fills a relation `Instance<n>` too, with the values of its variables, once for every
    way in which it fires.
    """
    read = {a.relation for r in rules for a in r.body} & inputs.keys()
    relations = {r.head.relation for r in rules} | read
    lines = [
        f'@import {name} :- {inputs[name][0]}{{resource="{inputs[name][1]}"}} .' for name in sorted(read)
    ]
    lines += [r.text for r in rules]
    for n, r in enumerate(recorded):
        lines.append(f"Instance{n}({', '.join(r.variables)}) :-{r.text.partition(':-')[2]}")
        relations.add(f"Instance{n}")
    lines += [f"@output {name} ." for name in sorted(relations)]
    return "\n".join([*lines, ""]), relations


def _constants(sources: Sources) -> set[NamedNode]:
    """Return the IRIs in the ontology and the concepts, where the rules look for words of others."""
    found = set[Any]()
    for t in sources.below(*_ASSERTED):
        found.update((t.subject, t.predicate, t.object))
    return {t for t in found if isinstance(t, NamedNode)}


class Engine:
    """One finished run of the rule program, ready to give relations and traces."""

    def __init__(
        self,
        engine: Any,  # noqa: ANN401  the engine has no types
        relations: set[str],
        recorded: Sequence[Rule] = (),
    ) -> None:
        """Take an engine that has run; `run_rules` makes one."""
        self._engine, self._relations, self._recorded = engine, relations, recorded

    def relation(self, name: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation; IRIs as `<…>`, other values as Python or Nemo literals."""
        return list(map(tuple, self._engine.result(name))) if name in self._relations else []

    def terms(self, name: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation as RDF terms (and plain integers)."""
        return [tuple(map(term_of, row)) for row in self.relation(name)]

    def instances(self) -> Iterator[tuple[Rule, dict[str, Any]]]:
        """Yield every way in which a recorded rule fired: the rule and the values of its variables."""
        for n, rule in enumerate(self._recorded):
            for row in self.terms(f"Instance{n}"):
                yield rule, dict(zip(rule.variables, row, strict=True))

    def trace(self, atom: str) -> dict[str, Any] | None:
        """Return one derivation of an atom as nested dictionaries, or None where it does not hold."""
        found = self._engine.trace(atom)
        return found.dict() if found is not None else None


def run_rules(
    home: Home, sources: Sources, admitted: Sequence[str] = ADMITTED, *, instances: bool = False
) -> Engine:
    """Run all rules over the sources; the closure reads the facts of these statuses.

    With `instances`, the engine keeps how each link came about.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: Nemo is not installed.
    """
    nemo = _nemo()
    place = _workspace()
    rules = fireable(read_rules(home), _INPUTS, _constants(sources))
    rules = [r for r in rules if r.head.relation not in _NOT_PUBLISHED]
    _write_inputs(sources, rules, place.folder)
    lines = "".join(f"<{milia(s).value}>\n" for s in admitted)
    (place.folder / _INPUTS["Admitted"][1]).write_text(lines, encoding="utf-8")
    recorded = deriving(rules) if instances else []
    inputs = {name: (form, place.folder / file) for name, (form, file) in _INPUTS.items()}
    text, relations = program(rules, inputs, recorded)
    engine = _finished(place, text, lambda: _guilty_rules(home, nemo))
    return Engine(engine, relations, recorded)


def run_program(rules: Sequence[Rule], inputs: Mapping[str, str]) -> Engine:
    """Run rules over statements in N-Triples, by the relation that they fill.

    Raises:
        BadSource: the rules do not run.
        MissingPart: Nemo is not installed.
    """
    place = _workspace()
    files = {}
    for name, content in inputs.items():
        files[name] = ("ntriples", place.folder / f"{name}.input.nt")
        files[name][1].write_text(content, encoding="utf-8")
    text, relations = program(rules, files)
    return Engine(_finished(place, text, lambda: "the rules"), relations)


def _finished(place: _Workspace, text: str, guilty: Callable[[], str]) -> Any:  # noqa: ANN401  it has no types
    """Return the engine after it ran a program; `guilty` names what does not run, if it does not."""
    try:
        engine = _nemo().NemoEngine(place.parse(text))
        engine.reason()
    except Exception as error:
        if not _is_rule_error(error):
            raise
        raise BadSource(guilty(), None, f"the rules do not run: {error}") from error
    return engine


class _Workspace:
    """One thread's folder for the engine's input, and the program it parsed last.

    The engine's objects must not change threads. The same text, as in run after run of a watch, is parsed
    once.
    """

    def __init__(self) -> None:
        self.folder, held = _held_folder()
        self._parsed: tuple[str, Any] | None = None
        weakref.finalize(self, _leave, self.folder, held)

    def parse(self, text: str) -> Any:  # noqa: ANN401  the engine has no types
        """Parse a program, or return it if it is the one parsed last."""
        if self._parsed is None or self._parsed[0] != text:
            self._parsed = (text, _nemo().load_string(text))
        return self._parsed[1]


def _held_folder() -> tuple[Path, IO[bytes]]:
    """Return a new folder for what a run needs, locked, having removed those of runs that were killed."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{_SCRATCH}*/{_HELD}"):
        with contextlib.suppress(OSError), left.open("rb") as held:  # OSError: somebody's own, or in use
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"new-{_SCRATCH}"))
    lock = (fresh / _HELD).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    # only now does it have the name by which it may be taken for a killed run's
    return fresh.rename(place / fresh.name.removeprefix("new-")), lock


def _leave(folder: Path, held: IO[bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    held.close()


def _workspace() -> _Workspace:
    """Return this thread's workspace; its folder goes when the thread or the process ends."""
    if not hasattr(_local, "workspace"):
        _local.workspace = _Workspace()
    workspace: _Workspace = _local.workspace
    return workspace


def _is_rule_error(error: Exception) -> bool:
    """Say whether the engine complains about the rules; its error class cannot be imported."""
    return type(error).__name__ == "NemoError"


def _guilty_rules(home: Home, nemo: ModuleType) -> str:
    """Return the name of the rule file that does not parse alone, or of the folder."""
    for name in RULE_FILES:
        path = home.ontology / "rules" / name
        try:
            nemo.load_string(path.read_text(encoding="utf-8"))
        except Exception as error:
            if not _is_rule_error(error):
                raise
            return home.relative(path)
    return home.relative(home.ontology / "rules")


def _write_inputs(sources: Sources, rules: Sequence[Rule], folder: Path) -> None:
    """Write what the rules read; of what is stated, only the properties that some rule names."""
    from milia.literals import is_wrong

    def write(name: str, triples: Iterable[Triple]) -> None:
        """Write what the engine can take: a literal that is wrong would shift the rows after it."""
        kept = (t for t in triples if not (isinstance(t.object, Literal) and t.object.language))
        kept = (t for t in kept if not is_wrong(t.object))
        (folder / _INPUTS[name][1]).write_text("".join(f"{t} .\n" for t in kept), encoding="utf-8")

    write("Ontology", sources.below(*_ASSERTED))
    stated = tuple(f.name for f in sources.files if not f.name.startswith((*_ASSERTED, *_NOT_READ)))
    named = {a.arguments[1] for r in rules for a in r.body if a.relation == "Stated"}
    write("Stated", (t for t in sources.below(*stated) if t.predicate in named) if stated else ())
    claimed = claimed_triples(sources).items()
    nodes = (f"{s} {p} {o} {f} .\n" for f, (s, p, o) in claimed if not is_wrong(o))
    (folder / _INPUTS["FactNode"][1]).write_text("".join(nodes), encoding="utf-8")


def term_of(value: Any) -> Any:  # noqa: ANN401  what the engine gives has many shapes
    """Return the RDF term that a value of the engine stands for."""
    if isinstance(value, str):
        return _named(value) if value.startswith("<") else Literal(_unquote(value))
    if isinstance(value, bool | int | float):
        return Literal(value)
    return Literal(value.value(), datatype=NamedNode(value.datatype().removeprefix("<").removesuffix(">")))


@lru_cache(maxsize=1 << 16)
def _named(text: str) -> NamedNode:
    return NamedNode(text[1:-1])


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text[1:-1])
