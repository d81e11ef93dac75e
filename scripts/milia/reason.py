"""Derive facts, inferences, links and disagreements with the rule files, on the Nemo engine.

The only module that knows Nemo. The rules are `ontology/rules/*.rls`; Python names the fact nodes (the engine
has no hash functions), hands over the statements, and sorts the answers into graphs.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from milia.errors import BadSource, MissingPart
from milia.load import Sources
from milia.names import PREFIXES, digest, expand, fact_iri, milia, plain
from milia.paths import Home
from milia.rules import RULE_FILES, fireable, read_rules

__all__ = [
    "ADMITTED",
    "Derivation",
    "Engine",
    "claimed_triples",
    "derive",
    "is_thing_link",
    "program",
    "run_rules",
]

ADMITTED = ("Established", "Hedged")
_INPUTS = {
    "Stated": ("ntriples", "stated.nt"),
    "Ontology": ("ntriples", "ontology.nt"),
    "FactNode": ("nquads", "factnodes.nq"),
    "Admitted": ("csv", "admitted.csv"),
}
_ASSERTED = ("ontology/", "data/concepts/")
_RDF = PREFIXES["rdf"]
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
    parts: dict[str, dict[str, Any]] = {}
    for t in sources.below("data/"):
        if t.predicate.value.startswith(_RDF):
            local = t.predicate.value[len(_RDF) :]
            if local in {"subject", "predicate", "object"}:
                parts.setdefault(plain(t.subject), {})[local] = t.object
    facts = {}
    for part in parts.values():
        if len(part) == 3:
            s, p, o = part["subject"], part["predicate"], part["object"]
            facts[fact_iri(s, p, o)] = (s, p, o)
    return facts


def program(home: Home, sources: Sources, folder: Path) -> tuple[str, set[str]]:
    """Return the rule program that reads its input from `folder`, and the relations it gives."""
    rules = fireable(read_rules(home), _INPUTS, _constants(sources))
    read = {a.relation for r in rules for a in r.body} & _INPUTS.keys()
    relations = {r.head.relation for r in rules} | read
    lines = [
        f'@import {name} :- {_INPUTS[name][0]}{{resource="{folder / _INPUTS[name][1]}"}} .'
        for name in sorted(read)
    ]
    lines += [r.text for r in rules]
    lines += [f"@output {name} ." for name in sorted(relations)]
    return "\n".join([*lines, ""]), relations


def _constants(sources: Sources) -> set[NamedNode]:
    found = {milia(status) for status in ADMITTED}
    for quad in sources.quads():
        found.update(t for t in (quad.subject, quad.predicate, quad.object) if isinstance(t, NamedNode))
    return found


class Engine:
    """One finished run of the rule program, ready to give relations and traces."""

    def __init__(self, engine: Any, relations: set[str]) -> None:  # noqa: ANN401  the engine has no types
        """Take an engine that has run; `run_rules` makes one."""
        self._engine, self._relations = engine, relations

    def relation(self, name: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation; IRIs as `<…>`, other values as Python or Nemo literals."""
        return [tuple(row) for row in self._engine.result(name)] if name in self._relations else []

    def terms(self, name: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation as RDF terms (and plain integers)."""
        return [tuple(_term(v) for v in row) for row in self.relation(name)]

    def trace(self, atom: str) -> dict[str, Any] | None:
        """Return one derivation of an atom as nested dictionaries, or None where it does not hold."""
        found = self._engine.trace(atom)
        return found.dict() if found is not None else None


def run_rules(home: Home, sources: Sources, *admitted: Sequence[str]) -> list[Engine]:
    """Run all rules over the sources, once for each list of statuses whose facts the closure may read.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: Nemo is not installed.
    """
    nemo = _nemo()
    place = _workspace()
    _write_inputs(sources, place.folder)
    text, relations = program(home, sources, place.folder)
    engines = []
    try:
        for statuses in admitted:
            lines = "".join(f"<{milia(s).value}>\n" for s in statuses)
            (place.folder / _INPUTS["Admitted"][1]).write_text(lines, encoding="utf-8")
            engine = nemo.NemoEngine(place.parse(text))
            engine.reason()
            engines.append(Engine(engine, relations))
    except Exception as error:
        if not _is_rule_error(error):
            raise
        raise BadSource(_guilty_rules(home, nemo), None, f"the rules do not run: {error}") from error
    return engines


class _Workspace:
    """One thread's folder for the engine's input, and the program it parsed last.

    The engine's objects must not change threads. The same text, as in run after run of a watch, is parsed
    once.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="milia-"))
        self._parsed: tuple[str, Any] | None = None
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def parse(self, text: str) -> Any:  # noqa: ANN401  the engine has no types
        """Parse a program, or return it if it is the one parsed last."""
        if self._parsed is None or self._parsed[0] != text:
            self._parsed = (text, _nemo().load_string(text))
        return self._parsed[1]


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


def _write_inputs(sources: Sources, folder: Path) -> None:
    def write(name: str, triples: Iterable[Triple]) -> None:
        kept = (t for t in triples if not (isinstance(t.object, Literal) and t.object.language))
        (folder / _INPUTS[name][1]).write_text("".join(f"{t} .\n" for t in kept), encoding="utf-8")

    write("Ontology", sources.below(*_ASSERTED))
    stated = tuple(f.name for f in sources.files if not f.name.startswith(_ASSERTED))
    write("Stated", sources.below(*stated) if stated else ())
    nodes = (f"{s} {p} {o} {f} .\n" for f, (s, p, o) in claimed_triples(sources).items())
    (folder / _INPUTS["FactNode"][1]).write_text("".join(nodes), encoding="utf-8")


def _term(value: Any) -> Any:  # noqa: ANN401  what the engine gives has many shapes
    if isinstance(value, str):
        if value.startswith("<"):
            return NamedNode(value[1:-1])
        return Literal(_unquote(value))
    if isinstance(value, bool | int):
        return Literal(value)
    if isinstance(value, float):
        return Literal(value)
    return Literal(value.value(), datatype=NamedNode(value.datatype().removeprefix("<").removesuffix(">")))


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text[1:-1])


@dataclass
class Derivation:
    """What the rules add, by graph, and the engine that can say why."""

    engine: Engine
    graphs: dict[str, list[Triple]] = field(default_factory=dict)
    inconsistencies: list[tuple[Any, ...]] = field(default_factory=list)
    withheld: list[tuple[Triple, NamedNode]] = field(default_factory=list)


def derive(home: Home, sources: Sources, *, certainty: bool = True) -> Derivation:
    """Run the rules and sort what they give into the derived graphs.

    The rules run twice: over all admitted facts, and over the Established ones alone. An inference is
    Established only if the second run has it too, otherwise it is Hedged. Without `certainty` the second run
    is left out and every inference counts as Hedged: enough to check, never to publish.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: the rule engine is not installed.
    """
    engine, *sure = run_rules(home, sources, ADMITTED, *([("Established",)] if certainty else []))
    certain = {t for run in sure for name in ("T", "Link") for t in _triples(run, name)}
    facts = set(_triples(engine, "Fact"))
    withheld = [(Triple(*row[:3]), row[3]) for row in engine.terms("Withheld")]
    hidden = {t for t, _ in withheld} | set(_triples(engine, "Ontology")) | facts
    inferred = {t for t in _triples(engine, "T") if t not in hidden and not _is_trivial(t)}
    links = set(_triples(engine, "Link")) - inferred - hidden
    standing, contested = _fact_nodes(sources, engine)
    graphs = {
        "facts": [*facts, *_described(sources, {t.object for t in facts}), *standing],
        "disputed": contested,
        "inferred": [*inferred, *_inference_nodes(inferred, certain)],
        "links": [*links, *_inference_nodes(links, certain)],
        "disagreements": _disagreements(engine, withheld),
    }
    return Derivation(engine, graphs, engine.terms("Inconsistent"), withheld)


def _triples(engine: Engine, relation: str) -> Iterator[Triple]:
    """Yield the rows of a ternary relation, without those that RDF cannot say (a literal as subject)."""
    return (Triple(*row) for row in engine.terms(relation) if not isinstance(row[0], Literal))


def _described(sources: Sources, nodes: Iterable[object]) -> list[Triple]:
    """Return what the sources say of nodes without a name, such as ranges: a fact is whole by itself."""
    unnamed = {n for n in nodes if isinstance(n, NamedNode) and n.value.startswith(PREFIXES["node"])}
    return [t for t in sources.below("data/") if t.subject in unnamed]


def _is_trivial(t: Triple) -> bool:
    """Say whether a triple is true of anything, or speaks of the vocabularies and of list nodes."""
    if t.subject == t.object or isinstance(t.object, Literal):
        return True  # literals come from the parse: the engine does not keep every datatype
    outside = (_RDF, PREFIXES["rdfs"], PREFIXES["owl"], PREFIXES["xsd"], PREFIXES["node"])
    if plain(t.subject).startswith(outside):
        return True
    vague = (PREFIXES["owl"] + "Thing", PREFIXES["rdfs"] + "Resource")
    return isinstance(t.object, NamedNode) and (
        t.object.value in vague or t.object.value.startswith(PREFIXES["node"])
    )


def is_thing_link(t: Triple) -> bool:
    """Say whether a triple links two things of ours by a property of ours."""
    ours = PREFIXES["milia"]
    return (
        t.predicate.value.startswith(ours)
        and not plain(t.subject).startswith(ours)
        and isinstance(t.object, NamedNode)
        and not t.object.value.startswith(ours)
    )


def _reified(kind: str, node: NamedNode, t: Triple) -> list[Triple]:
    return [
        Triple(node, expand("rdf:type"), milia(kind)),
        Triple(node, expand("rdf:subject"), t.subject),
        Triple(node, expand("rdf:predicate"), t.predicate),
        Triple(node, expand("rdf:object"), t.object),
    ]


def _fact_nodes(sources: Sources, engine: Engine) -> tuple[list[Triple], list[Triple]]:
    """Return the nodes of the facts that stand, and those of the others, disputed triples among them."""
    said: dict[NamedNode, list[Triple]] = {
        f: _reified("Fact", f, Triple(*t)) for f, *t in engine.terms("FactNode")
    }
    for relation, predicate in (("Supports", "supportedBy"), ("Opposes", "opposedBy")):
        for claim, f in engine.terms(relation):
            said[f].append(Triple(f, milia(predicate), claim))
    standings = {
        plain(t.object): t.subject for t in sources.below("ontology/") if t.predicate == milia("rank")
    }
    for f, rank in engine.terms("BestRank"):
        if rank.value in standings:
            said[f].append(Triple(f, milia("bestStanding"), standings[rank.value]))
    for f, count in engine.terms("Publishers"):
        said[f].append(Triple(f, milia("independentSources"), count))
    standing: list[Triple] = []
    contested: list[Triple] = []
    for f, status in engine.terms("Status"):
        stands = status in {milia(s) for s in ADMITTED}
        (standing if stands else contested).extend([*said[f], Triple(f, milia("status"), status)])
        if status == milia("Disputed"):
            _, s, p, o = said[f][:4]
            contested.append(Triple(s.object, p.object, o.object))  # type: ignore[arg-type]
    return standing, contested


def _inference_nodes(triples: Iterable[Triple], certain: set[Triple]) -> list[Triple]:
    result = []
    for t in triples:
        if is_thing_link(t):
            node = fact_iri(t.subject, t.predicate, t.object)
            result += _reified("Inference", node, t)
            result.append(Triple(node, milia("status"), milia("Established" if t in certain else "Hedged")))
    return result


def _disagreements(engine: Engine, withheld: list[tuple[Triple, NamedNode]]) -> list[Triple]:
    result = []
    pairs = {(kind, *sorted((c, d), key=str)) for kind, c, d in engine.terms("Disagree")}
    for kind, *claims in sorted(pairs, key=str):
        node = _disagreement(kind, *claims)
        result += [Triple(node, expand("rdf:type"), milia("Disagreement")), Triple(node, milia("kind"), kind)]
        result += [Triple(node, milia("between"), c) for c in claims]
    for t, claim in sorted(withheld, key=str):
        node = fact_iri(t.subject, t.predicate, t.object)
        result += _reified("Inference", node, t)
        result += [Triple(node, milia("withheld"), Literal(True)), Triple(node, milia("opposedBy"), claim)]
    return result


def _disagreement(*parts: object) -> NamedNode:
    return NamedNode(PREFIXES["disagreement"] + digest(" ".join(map(str, parts))))
