"""Compare two builds: which claims, facts, links, things, sources and mappings came, went or changed.

A build is a sorted list of statements in which equal content has equal names, so that the difference of two
is a difference of lines. Nodes without a name of their own count as part of the thing that holds them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from milia.errors import BadSource, Misuse
from milia.names import BASE, PREFIXES, Term, digest, expand, milia, plain, short
from milia.paths import Home
from milia.product import graph_files

__all__ = ["KINDS", "Change", "Comparison", "build_file", "compare", "previous_build", "read_build"]

# what changes, in the order in which it is told, and the class that marks it
KINDS: Final = {
    "claim": "milia:Claim",
    "fact": "milia:Fact",
    "link": "milia:Inference",
    "disagreement": "milia:Disagreement",
    "source": "milia:Source",
    "name": "milia:Name",
    "mapping": "sssom:Mapping",
    "thing": "skos:Concept",
}
_SUMS = ("added", "removed", "changed")
_NODE = f"<{PREFIXES['node']}"
_LABELS = ("skos:prefLabel", "rdfs:label", "skosxl:literalForm", "dcterms:title")
# what a reader need not be told: every link has these, and they say nothing of their own
_QUIET = ("type", "subject", "predicate", "object")
_CHANGESET = "http://purl.org/vocab/changeset/schema#"


@dataclass(frozen=True)
class Change:
    """One thing that came, went or changed: its statements before and after."""

    kind: str
    iri: str
    what: str
    before: tuple[Triple, ...]
    after: tuple[Triple, ...]

    @property
    def gone(self) -> tuple[Triple, ...]:
        """Return the statements that are no longer made."""
        return tuple(t for t in self.before if t not in self.after)

    @property
    def new(self) -> tuple[Triple, ...]:
        """Return the statements that were not made before."""
        return tuple(t for t in self.after if t not in self.before)


@dataclass
class Comparison:
    """What two builds differ in."""

    old: str
    new: str
    changes: list[Change] = field(default_factory=list)
    _labels: dict[str, str] = field(default_factory=dict)

    @cached_property
    def counts(self) -> dict[str, Counter[str]]:
        """Return how much of each kind came, went and changed."""
        counts = {kind: Counter[str]() for kind in KINDS}
        for change in self.changes:
            counts[change.kind][change.what] += 1
        return counts

    def label(self, term: Term) -> str:
        """Return what a term is called in either build."""
        return self._labels.get(plain(term)) or short(term).removeprefix("milia:")

    def triples(self) -> Iterator[Triple]:
        """Yield the comparison as RDF, in the Changeset vocabulary: a change set a thing."""

        def node(*parts: object) -> NamedNode:
            return NamedNode(f"{BASE}change/{digest(' '.join(map(str, parts)))}")

        def say(subject: NamedNode, predicate: str, obj: NamedNode | Literal) -> Triple:
            return Triple(subject, NamedNode(_CHANGESET + predicate), obj)

        reason = Literal(f"from build {self.old} to build {self.new}", language="en")
        for change in self.changes:
            change_set = node(self.old, self.new, change.iri)
            yield Triple(change_set, expand("rdf:type"), NamedNode(_CHANGESET + "ChangeSet"))
            yield say(change_set, "subjectOfChange", NamedNode(change.iri))
            yield say(change_set, "changeReason", reason)
            for how, statements in (("removal", change.gone), ("addition", change.new)):
                for t in statements:
                    statement = node(change_set, how, t)
                    yield say(change_set, how, statement)
                    yield Triple(statement, expand("rdf:type"), expand("rdf:Statement"))
                    yield Triple(statement, expand("rdf:subject"), t.subject)
                    yield Triple(statement, expand("rdf:predicate"), t.predicate)
                    yield Triple(statement, expand("rdf:object"), t.object)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "old": self.old,
            "new": self.new,
            "counts": {kind: {w: c[w] for w in _SUMS} for kind, c in self.counts.items() if c},
            "changes": [
                {
                    "kind": c.kind,
                    "iri": c.iri,
                    "what": c.what,
                    "says": self.says(c),
                    "removed": [str(t) for t in c.gone],
                    "added": [str(t) for t in c.new],
                }
                for c in self.changes
            ],
        }

    def says(self, change: Change) -> str:
        """Say in a line what the thing is: the link it is about, or its name."""
        said = {t.predicate: t.object for t in (change.after or change.before)}
        link = [said.get(expand(f"rdf:{part}")) for part in ("subject", "predicate", "object")]
        if all(x is not None for x in link):
            return " ".join(self.label(x) for x in link if x is not None)
        return self.label(NamedNode(change.iri))

    def details(self, change: Change) -> list[tuple[str, str, str]]:
        """Return what is no longer said of a thing (`-`) and what is new (`+`): a property and its value.

        The value is empty where it is a node without a name of its own.
        """
        told = []
        for sign, statements in (("-", change.gone), ("+", change.new)):
            for t in statements:
                name = short(t.predicate).rpartition(":")[2]
                if name not in _QUIET:
                    value = self.label(t.object)
                    told.append((sign, name, "" if value.startswith(("node:", "node/")) else value))
        return told


def previous_build(home: Home) -> Path:
    """Return the build that the current one took the place of.

    Raises:
        Misuse: there is only one build, or none.
    """
    current = home.build.resolve()
    folders = [f for f in (home.works / ".builds").glob("*/graph.nq") if f.parent != current]
    if not folders:
        msg = "there is no earlier build here to compare with; name two: milia diff OLD NEW"
        raise Misuse(msg)
    return max(folders, key=lambda f: f.stat().st_mtime).parent


def build_file(place: Path) -> Path:
    """Return the file with the statements of a build; the place is its folder or that file.

    Raises:
        Misuse: there is no build.
    """
    path = place / "graph.nq" if place.is_dir() else place
    if not path.is_file():
        msg = f"there is no build at {place}; name a build's folder or its graph.nq"
        raise Misuse(msg)
    return path


def read_build(place: Path) -> frozenset[str]:
    """Return the statements of a build, as lines; the place is its folder or its `graph.nq`.

    Raises:
        Misuse: there is no build.
        BadSource: the file is not N-Quads.
    """
    found = (_lines(path, place) for path in graph_files(build_file(place)))
    return frozenset(filter(None, chain.from_iterable(found)))


def _lines(path: Path, place: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        msg = f"the build at {place} cannot be read: {error.strerror}"
        raise Misuse(msg) from error
    except UnicodeDecodeError as error:
        raise BadSource(path, None, "is not UTF-8 text", "name the graph.nq of a build") from error
    for n, line in enumerate(lines, 1):
        if line and not (line.startswith("<") and line.endswith(" .")):
            raise BadSource(path, n, "is not N-Quads as a build writes it", "name the graph.nq of a build")
    return lines


def compare(old: Path, new: Path) -> Comparison:
    """Return what two builds differ in, sorted by kind and name.

    Raises:
        Misuse: one of them is not there.
        BadSource: one of them is not N-Quads.
    """
    before, after = read_build(old), read_build(new)
    touched = {_subject(line) for line in before ^ after}
    owners = {s for s in touched if not s.startswith(_NODE)}
    then, now = _described(before, owners), _described(after, owners)
    changes = []
    for owner in owners:
        kind = _kind([*then[owner], *now[owner]])
        if kind is None:
            continue
        what = "added" if not then[owner] else "removed" if not now[owner] else "changed"
        sides = (tuple(sorted(set(side[owner]), key=str)) for side in (then, now))
        changes.append(Change(kind, owner.strip("<>"), what, *sides))
    order = list(KINDS)
    changes.sort(key=lambda c: (order.index(c.kind), _SUMS.index(c.what), c.iri))
    names = {_name(old), _name(new)}
    return Comparison(
        _name(old) if len(names) > 1 else str(old),
        _name(new) if len(names) > 1 else str(new),
        changes,
        _labels(before) | _labels(after) if changes else {},
    )


def _name(place: Path) -> str:
    return (place if place.is_dir() else place.parent).resolve().name


def _subject(line: str) -> str:
    return line.partition(" ")[0]


def _described(lines: Iterable[str], owners: set[str]) -> dict[str, list[Triple]]:
    """Return what is said of each owner, its unnamed nodes apart: their names stand for their content."""
    found: dict[str, list[Triple]] = defaultdict(list)
    wanted = "\n".join(line for line in lines if _subject(line) in owners)
    try:
        for quad in parse(wanted, format=RdfFormat.N_QUADS):
            found[str(quad.subject)].append(quad.triple)
    except SyntaxError as error:
        raise BadSource("graph.nq", None, f"is not N-Quads: {error.msg}") from error
    return found


def _kind(statements: Iterable[Triple]) -> str | None:
    types = {t.object for t in statements if t.predicate == expand("rdf:type")}
    marks = {kind: _class(name) for kind, name in KINDS.items()}
    for kind, mark in marks.items():
        if mark in types:
            return kind
    ours = any(isinstance(t, NamedNode) and t.value.startswith(PREFIXES["milia"]) for t in types)
    return "thing" if ours else None


def _class(name: str) -> NamedNode:
    if name.startswith("sssom:"):
        return NamedNode("https://w3id.org/sssom/" + name.removeprefix("sssom:"))
    return milia(name.removeprefix("milia:")) if name.startswith("milia:") else expand(name)


def _labels(lines: Iterable[str]) -> dict[str, str]:
    marks = tuple(f" {expand(name)} " for name in _LABELS)
    named = "\n".join(line for line in lines if any(mark in line for mark in marks))
    only = {expand("skosxl:literalForm"), expand("dcterms:title")}  # in the one language that they are in
    found: dict[str, str] = {}
    quads: Iterable[Quad] = parse(named, format=RdfFormat.N_QUADS)
    for quad in quads:
        form = quad.object
        if isinstance(form, Literal) and (form.language in {None, "en"} or quad.predicate in only):
            found.setdefault(plain(quad.subject), form.value)
    return found
