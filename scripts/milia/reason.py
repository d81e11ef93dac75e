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
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Triple

from milia.care import suggestions
from milia.errors import BadSource, MissingPart
from milia.labels import LABEL_OF, labels
from milia.load import Sources
from milia.names import PREFIXES, derived_graph, digest, expand, fact_iri, milia, plain
from milia.paths import Home
from milia.rules import RULE_FILES, Rule, deriving, fireable, needed, read_rules

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
    "Status": ("csv", "status.csv"),  # of a later run: the first one works it out
}
_ASSERTED = ("ontology/", "data/concepts/")
_CLAIMED = ("data/claims/", "data/catalogue/")
_NOT_READ = ("data/mappings/",)  # codes elsewhere: no rule reads them
_CLOSURE = ("T", "Link")
_RDF = PREFIXES["rdf"]
_PARTS = tuple(expand(f"rdf:{part}") for part in ("subject", "predicate", "object"))
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


def program(rules: Sequence[Rule], folder: Path, recorded: Sequence[Rule] = ()) -> tuple[str, set[str]]:
    """Return the rule program that reads its input from `folder`, and the relations it gives.

    Each recorded rule fills a relation `Instance<n>` too, with the values of its variables, once for every
    way in which it fires.
    """
    filled = {r.head.relation for r in rules}
    read = {a.relation for r in rules for a in r.body} & _INPUTS.keys() - filled
    relations = filled | read
    lines = [
        f'@import {name} :- {_INPUTS[name][0]}{{resource="{folder / _INPUTS[name][1]}"}} .'
        for name in sorted(read)
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
        return [tuple(row) for row in self._engine.result(name)] if name in self._relations else []

    def terms(self, name: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation as RDF terms (and plain integers)."""
        return [tuple(_term(v) for v in row) for row in self.relation(name)]

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
    home: Home, sources: Sources, *admitted: Sequence[str], instances: bool = False
) -> list[Engine]:
    """Run all rules over the sources, once for each list of statuses whose facts the closure may read.

    The first run gives every relation, the others the closure and the links alone. With `instances`, the
    first keeps how each link came about.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: Nemo is not installed.
    """
    nemo = _nemo()
    place = _workspace()
    rules = fireable(read_rules(home), _INPUTS, _constants(sources))
    _write_inputs(sources, rules, place.folder)
    engines: list[Engine] = []
    try:
        for n, statuses in enumerate(admitted):
            of_run = rules
            if n > 0:
                of_run = needed([r for r in rules if r.head.relation != "Status"], _CLOSURE)
                rows = "".join(f"{f},{s}\n" for f, s in engines[0].terms("Status"))
                (place.folder / _INPUTS["Status"][1]).write_text(rows, encoding="utf-8")
            recorded = deriving(rules) if instances and n == 0 else []
            text, relations = program(of_run, place.folder, recorded)
            lines = "".join(f"<{milia(s).value}>\n" for s in statuses)
            (place.folder / _INPUTS["Admitted"][1]).write_text(lines, encoding="utf-8")
            engine = nemo.NemoEngine(place.parse(text))
            engine.reason()
            engines.append(Engine(engine, relations, recorded))
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


def _write_inputs(sources: Sources, rules: Sequence[Rule], folder: Path) -> None:
    """Write what the rules read; of what is stated, only the properties that some rule names."""

    def write(name: str, triples: Iterable[Triple]) -> None:
        kept = (t for t in triples if not (isinstance(t.object, Literal) and t.object.language))
        (folder / _INPUTS[name][1]).write_text("".join(f"{t} .\n" for t in kept), encoding="utf-8")

    write("Ontology", sources.below(*_ASSERTED))
    stated = tuple(f.name for f in sources.files if not f.name.startswith((*_ASSERTED, *_NOT_READ)))
    named = {a.arguments[1] for r in rules for a in r.body if a.relation == "Stated"}
    write("Stated", (t for t in sources.below(*stated) if t.predicate in named) if stated else ())
    nodes = (f"{s} {p} {o} {f} .\n" for f, (s, p, o) in claimed_triples(sources).items())
    (folder / _INPUTS["FactNode"][1]).write_text("".join(nodes), encoding="utf-8")


def _term(value: Any) -> Any:  # noqa: ANN401  what the engine gives has many shapes
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


@dataclass
class Derivation:
    """What the rules add, by graph, and the engine that can say why."""

    engine: Engine
    graphs: dict[str, list[Triple]] = field(default_factory=dict)
    inconsistencies: list[tuple[Any, ...]] = field(default_factory=list)
    withheld: list[tuple[Triple, NamedNode]] = field(default_factory=list)

    def quads(self) -> Iterator[Quad]:
        """Yield every derived statement, in its graph."""
        for name, triples in self.graphs.items():
            graph = derived_graph(name)
            for t in triples:
                yield Quad(t.subject, t.predicate, t.object, graph)


def derive(home: Home, sources: Sources, *, certainty: bool = True, instances: bool = False) -> Derivation:
    """Run the rules and sort what they give into the derived graphs.

    The rules run twice: over all admitted facts, and over the Established ones alone. An inference is
    Established only if the second run has it too, otherwise it is Hedged. Without `certainty` the second run
    is left out and every inference counts as Hedged: enough to check, never to publish. With `instances`, the
    engine keeps how each link came about, for proofs.

    Raises:
        BadSource: a rule file does not parse.
        MissingPart: the rule engine is not installed.
    """
    runs = (ADMITTED, ("Established",)) if certainty else (ADMITTED,)
    engine, *sure = run_rules(home, sources, *runs, instances=instances)
    certain = {t for run in sure for t in _triples(run, "T")}
    certain_links = certain | {t for run in sure for t in _triples(run, "Link")}
    facts = set(_triples(engine, "Fact"))
    withheld = [(Triple(*row[:3]), row[3]) for row in engine.terms("Withheld")]
    hidden = {t for t, _ in withheld} | set(_triples(engine, "Ontology")) | facts
    inferred = {t for t in _triples(engine, "T") if t not in hidden and not _is_trivial(t)}
    links = set(_triples(engine, "Link")) - inferred - hidden
    standing, contested = _fact_nodes(sources, engine)
    graphs = {
        "labels": _labels(sources, engine, facts),
        "facts": [*facts, *_described(sources, {t.object for t in facts}), *standing],
        "disputed": contested,
        "inferred": [*inferred, *_inference_nodes(inferred, certain)],
        "links": [*links, *_inference_nodes(links, certain_links)],
        "disagreements": _disagreements(engine, withheld),
        "suggestions": suggestions(engine.terms, lambda scale: _ranked(sources, scale)),
    }
    return Derivation(engine, graphs, engine.terms("Inconsistent"), withheld)


def _labels(sources: Sources, engine: Engine, facts: set[Triple]) -> list[Triple]:
    ranks = {f: int(n.value) for f, n in engine.terms("BestRank")}
    voices = {f: int(n.value) for f, n in engine.terms("Publishers")}
    weights = {
        t: (ranks.get(f, -1), voices.get(f, 0))
        for t in facts
        if t.predicate in LABEL_OF
        for f in [fact_iri(t.subject, t.predicate, t.object)]
    }
    return labels(sources.below("data/concepts/"), weights)


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
    for relation, predicate in (
        ("Supports", "supportedBy"),
        ("Opposes", "opposedBy"),
        ("NotSeen", "notSeenBy"),
    ):
        for claim, f in engine.terms(relation):
            said[f].append(Triple(f, milia(predicate), claim))
    for relation, predicate, kind in (
        ("BestRank", "bestStanding", "Standing"),
        ("BestDesign", "bestDesign", "StudyDesign"),
    ):
        ranked = _ranked(sources, kind)
        for f, rank in engine.terms(relation):
            if rank.value in ranked:
                said[f].append(Triple(f, milia(predicate), ranked[rank.value]))
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


def _ranked(sources: Sources, kind: str) -> dict[str, NamedNode]:
    """Return the individuals of an ordered class, such as the standings, by their rank."""
    terms = list(sources.below("ontology/"))
    members = {t.subject for t in terms if t.predicate == expand("rdf:type") and t.object == milia(kind)}
    return {
        plain(t.object): NamedNode(plain(t.subject))
        for t in terms
        if t.predicate == milia("rank") and t.subject in members
    }


def _inference_nodes(triples: Iterable[Triple], certain: set[Triple]) -> list[Triple]:
    result = []
    for t in triples:
        if is_thing_link(t):
            node = fact_iri(t.subject, t.predicate, t.object)
            result += _reified("Inference", node, t)
            result.append(Triple(node, milia("status"), milia("Established" if t in certain else "Hedged")))
    return result


def _disagreements(engine: Engine, withheld: list[tuple[Triple, NamedNode]]) -> list[Triple]:
    """Return a node for each way in which claims relate, about one fact or two; then what was withheld."""
    fact_of = dict(engine.terms("ClaimOf"))
    sides: dict[tuple[NamedNode, tuple[NamedNode, ...]], set[NamedNode]] = {}
    for kind, c, d in engine.terms("Disagree"):
        about = tuple(sorted({fact_of[c], fact_of[d]}, key=str))
        sides.setdefault((kind, about), set()).update((c, d))
    for f, claim in engine.terms("Agree"):
        sides.setdefault((milia("Agreement"), (f,)), set()).add(claim)
    result = []
    for (kind, about), claims in sides.items():
        node = NamedNode(PREFIXES["disagreement"] + digest(" ".join(map(str, (kind, *about)))))
        result += [Triple(node, expand("rdf:type"), milia("Disagreement")), Triple(node, milia("kind"), kind)]
        result += [Triple(node, milia("about"), f) for f in about]
        result += [Triple(node, milia("between"), c) for c in claims]
    for t, claim in withheld:
        node = fact_iri(t.subject, t.predicate, t.object)
        result += _reified("Inference", node, t)
        result += [Triple(node, milia("withheld"), Literal(True)), Triple(node, milia("opposedBy"), claim)]
    return result
