"""Ways to break the data, each with the rule and the message that must catch it.

A kind of mutant names the spots it applies to and what it does there. A spot is a thing, or a node in brackets
within it, with all the statements of that thing; what it does gives these statements anew. Nothing here touches
files: the broken statements take the place of the sound ones in memory.
"""

# ruff: noqa: E501  the kinds are a table, one a line
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from milia.load import Sources
from milia.names import BASE, PREFIXES, digest, expand, milia, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from milia.load import SourceFile
    from milia.model import Finding

Node = NamedNode | Literal
Tree = list[Triple]
NODE = PREFIXES["node"]
TYPE, LABEL = expand("rdf:type"), expand("skos:prefLabel")
PARTS = (expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object"))
OURS = expand("scheme/milia")
FOREIGN = expand("hp:0001056")


@dataclass(frozen=True)
class Spot:
    """A place to break: a thing (or a node within it), its statements, the file they stand in."""

    world: World
    thing: NamedNode
    node: NamedNode
    tree: tuple[Triple, ...]
    file: str

    def values(self, *path: str) -> list[Node]:
        """Return what the node has at the end of a path of properties."""
        ends: list[Node] = [self.node]
        for name in path:
            p = expand(name)
            ends = [t.object for e in ends for t in self.tree if t.subject == e and t.predicate == p]  # type: ignore[misc]
        return ends

    def value(self, *path: str) -> Node | None:
        """Return the first of these values."""
        return next(iter(self.values(*path)), None)

    def has(self, name: str, value: str) -> bool:
        """Say whether the node has this value."""
        return expand(value) in self.values(name)

    def within(self, *path: str) -> Iterator[Spot]:
        """Yield the nodes at the end of a path as spots of their own."""
        for node in self.values(*path):
            if isinstance(node, NamedNode):
                yield replace(self, node=node)


@dataclass(frozen=True)
class Mutant:
    """One broken place: which statements go and come, and what the report must say of it."""

    kind: str
    focus: str
    file: str
    rule: str
    says: str
    thing: str
    gone: tuple[tuple[str, Triple], ...]
    new: tuple[tuple[str, Triple], ...]

    def caught_by(self, finding: Finding) -> bool:
        """Say whether a finding names this mutant by the right rule, message, thing and file."""
        place = finding.place or ""
        return (
            finding.focus == self.focus
            and finding.rule == self.rule
            and self.says in finding.message
            and self.file in {place, place.rpartition(":")[0]}
        )


@dataclass(frozen=True)
class Kind:
    """A way to break things, wherever it applies."""

    name: str
    spots: Callable[[World], Iterable[Spot]]
    broken: Callable[[Spot], Tree | None]
    rule: str
    says: str
    focus: Callable[[Spot], str] | None = None
    file: Callable[[Spot], str] | None = None
    also_gone: Callable[[Spot], Iterable[tuple[str, Triple]]] | None = None
    rules: bool = False
    snapshots: bool = False

    def mutants(self, world: World) -> Iterator[Mutant]:
        """Yield a mutant for every place at which this kind applies."""
        for spot in self.spots(world):
            tree = self.broken(spot)
            if tree is None or tree == list(spot.tree):
                continue
            focus = self.focus(spot) if self.focus else spot.thing.value
            gone = [(spot.file, t) for t in world.exclusive(spot.thing, spot.file)]
            if self.also_gone:
                gone += self.also_gone(spot)
            yield Mutant(
                self.name,
                focus,
                self.file(spot) if self.file else spot.file,
                self.rule,
                self.says,
                spot.thing.value,
                tuple(gone),
                tuple((spot.file, t) for t in tree),
            )


@dataclass
class World:
    """The sound project, with what is needed to find places in it."""

    sources: Sources
    _trees: dict[tuple[NamedNode, str], tuple[Triple, ...]] = field(default_factory=dict)

    @cached_property
    def said(self) -> dict[str, dict[NamedNode, Tree]]:
        """Return each file's statements by their subjects."""
        said: dict[str, dict[NamedNode, Tree]] = {}
        for file in self.sources.files:
            said[file.name] = defaultdict(list)
            for t in file.triples:
                assert isinstance(t.subject, NamedNode)
                said[file.name][t.subject].append(t)
        return said

    @cached_property
    def holders(self) -> dict[tuple[str, str], set[str]]:
        """Return which subjects point at a node, by file and node."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for file in self.sources.files:
            for t in file.triples:
                if plain(t.object).startswith(NODE):
                    found[file.name, plain(t.object)].add(plain(t.subject))
        return found

    @cached_property
    def classes(self) -> dict[str, set[str]]:
        """Return the asserted classes of each thing, with all that they are subclasses of."""
        triples = [t for f in self.sources.files for t in f.triples]
        above: dict[str, set[str]] = defaultdict(set)
        for t in triples:
            if t.predicate == expand("rdfs:subClassOf"):
                above[plain(t.subject)].add(plain(t.object))

        def closure(name: str) -> set[str]:
            return {name}.union(*(closure(c) for c in above[name]))

        found: dict[str, set[str]] = defaultdict(set)
        for t in triples:
            if t.predicate == TYPE:
                found[plain(t.subject)] |= closure(plain(t.object))
        return found

    @cached_property
    def denied(self) -> set[tuple[Node | None, ...]]:
        """Return the triples that some claim denies: they may be disputed, and then nothing follows from them."""
        return {
            tuple(next((t.object for t in tree if t.predicate == part), None) for part in PARTS)  # type: ignore[misc]
            for subjects in self.said.values()
            for tree in subjects.values()
            if any(t.predicate == milia("stance") and t.object == milia("Denies") for t in tree)
        }

    @cached_property
    def kinds(self) -> set[str]:
        """Return the classes of which there are things, with all that they are subclasses of."""
        return {c for thing, _ in self.things("data/concepts") for c in self.classes[thing.value]}

    def things(self, folder: str) -> Iterator[tuple[NamedNode, str]]:
        """Yield each named thing that is described below a folder, and the file."""
        for name, subjects in self.said.items():
            if name.startswith(folder):
                for subject in subjects:
                    if not subject.value.startswith(NODE):
                        yield subject, name

    def own(self, thing: NamedNode, file: str) -> Iterator[Triple]:
        """Yield the statements of a thing in a file, those of its nodes after it."""
        todo, seen = [thing], {thing}
        while todo:
            for t in self.said[file].get(todo.pop(0), ()):
                yield t
                if (
                    isinstance(t.object, NamedNode)
                    and t.object.value.startswith(NODE)
                    and t.object not in seen
                ):
                    seen.add(t.object)
                    todo.append(t.object)

    def exclusive(self, thing: NamedNode, file: str) -> list[Triple]:
        """Return the statements that go when the thing goes: nodes that others hold too stay."""
        names = {thing.value}
        kept = []
        for t in self.own(thing, file):
            if plain(t.subject) in names:
                kept.append(t)
                inner = plain(t.object)
                if inner.startswith(NODE) and self.holders[file, inner] <= names:
                    names.add(inner)
        return kept

    def tree(self, thing: NamedNode, file: str) -> tuple[Triple, ...]:
        """Return the statements of a thing with nodes of its own, as a text edit would leave them."""
        key = (thing, file)
        if key not in self._trees:

            def own(term: Node) -> Node:
                if not (isinstance(term, NamedNode) and term.value.startswith(NODE)):
                    return term
                return NamedNode(NODE + digest(f"{thing.value} {term.value}"))

            self._trees[key] = tuple(
                Triple(own(t.subject), t.predicate, own(t.object))  # type: ignore[arg-type]
                for t in self.own(thing, file)
            )
        return self._trees[key]

    def spots(self, folder: str, *classes: str) -> Iterator[Spot]:
        """Yield the things described below a folder that are of one of these classes (or all)."""
        wanted = {expand(c).value for c in classes}
        for thing, file in self.things(folder):
            if not wanted or wanted & self.classes[thing.value]:
                yield Spot(self, thing, thing, self.tree(thing, file), file)

    def misfit(self, kinds: set[str], but: Node) -> NamedNode:
        """Return a thing that is of none of these kinds."""
        for thing, _ in self.things("data/concepts"):
            if thing != but and self.classes[thing.value] and not self.classes[thing.value] & kinds:
                return thing
        raise AssertionError(kinds)

    @cached_property
    def users(self) -> dict[str, tuple[str, str]]:
        """Return a named thing in the data, and its file, for each term and thing that it uses."""
        found: dict[str, tuple[str, str]] = {}
        for thing, file in self.things("data/"):
            for t in self.said[file][thing]:
                for used in (t.predicate.value, plain(t.object)):
                    if used != thing.value:
                        found.setdefault(used, (thing.value, file))
        return found

    @cached_property
    def inverses(self) -> dict[str, NamedNode]:
        """Return the property declared as the inverse of each that has one."""
        return {plain(s.value("owl:inverseOf") or s.thing): s.thing for s in inverses(self)}

    def objects(self, subject: str, predicate: str) -> set[str]:
        """Return all objects of a subject and predicate, in any file."""
        s, p = NamedNode(subject), expand(predicate)
        return {plain(t.object) for said in self.said.values() for t in said.get(s, ()) if t.predicate == p}

    def broken(self, mutants: Iterable[Mutant]) -> Sources:
        """Return the sources with these mutants in place."""
        gone: dict[str, set[Triple]] = defaultdict(set)
        new: dict[str, list[Triple]] = defaultdict(list)
        for m in mutants:
            for file, t in m.gone:
                gone[file].add(t)
            for file, t in m.new:
                new[file].append(t)

        def changed(file: SourceFile) -> SourceFile:
            if file.name not in gone and file.name not in new:
                return file
            kept = [t for t in file.triples if t not in gone[file.name]]
            return replace(file, triples=tuple(dict.fromkeys([*kept, *new[file.name]])))

        return Sources([changed(f) for f in self.sources.files])


# ---- what is done to a spot --------------------------------------------------------------------------------


def _term(value: str | Node) -> Node:
    return expand(value) if isinstance(value, str) else value


def en(text: str) -> Literal:
    """Return an English text."""
    return Literal(text, language="en")


def typed(text: str, datatype: str) -> Literal:
    """Return a literal of a datatype."""
    return Literal(text, datatype=expand(datatype))


def drop(name: str, path: tuple[str, ...] = ()) -> Callable[[Spot], Tree | None]:
    """Drop what the node says by one property."""
    return put(name, path=path)


def put(name: str, *values: str | Node, path: tuple[str, ...] = ()) -> Callable[[Spot], Tree | None]:
    """Say other values by one property, which the node must have."""

    def do(spot: Spot) -> Tree | None:
        for at in spot.within(*path):
            old = [t for t in at.tree if t.subject == at.node and t.predicate == expand(name)]
            if old:
                rest = [t for t in spot.tree if t not in old]
                return [*rest, *(Triple(at.node, expand(name), _term(v)) for v in values)]
        return None

    return do


def change(name: str, how: Callable[[Spot, Node], str | Node | None]) -> Callable[[Spot], Tree | None]:
    """Say another value by one property, worked out from the one that is there."""

    def do(spot: Spot) -> Tree | None:
        old = spot.value(name)
        new = how(spot, old) if old is not None else None
        return put(name, new)(spot) if new is not None else None

    return do


def add(*pairs: tuple[str, str | Node]) -> Callable[[Spot], Tree | None]:
    """Say something more of the node."""
    return lambda spot: [*spot.tree, *(Triple(spot.node, expand(p), _term(v)) for p, v in pairs)]


def both(*edits: Callable[[Spot], Tree | None]) -> Callable[[Spot], Tree | None]:
    """Do several things one after the other."""

    def do(spot: Spot) -> Tree | None:
        for edit in edits:
            tree = edit(spot)
            if tree is None:
                return None
            spot = replace(spot, tree=tuple(tree))
        return list(spot.tree)

    return do


def where(
    test: Callable[[Spot], object], edit: Callable[[Spot], Tree | None]
) -> Callable[[Spot], Tree | None]:
    """Do it where a test holds."""
    return lambda spot: edit(spot) if test(spot) else None


def rename(to: Callable[[Spot], str]) -> Callable[[Spot], Tree | None]:
    """Give the thing another IRI, in its description only."""

    def do(spot: Spot) -> Tree | None:
        new = NamedNode(to(spot))
        return [Triple(new, t.predicate, t.object) if t.subject == spot.thing else t for t in spot.tree]

    return do


def copy(to: Callable[[Spot], str], *edits: Callable[[Spot], Tree | None]) -> Callable[[Spot], Tree | None]:
    """Describe a second thing in the same words, with some changes."""

    def do(spot: Spot) -> Tree | None:
        world, new = spot.world, NamedNode(to(spot))
        sound = tuple(world.own(spot.thing, spot.file))
        second = replace(spot, thing=new, node=new, tree=tuple(_moved(sound, spot.thing, new)))
        tree = both(*edits)(second)
        return None if tree is None else list(dict.fromkeys([*sound, *tree]))

    return do


def _moved(tree: tuple[Triple, ...], old: NamedNode, new: NamedNode) -> Tree:
    return [Triple(new, t.predicate, t.object) if t.subject == old else t for t in tree]


def twin(spot: Spot) -> str:
    """Return the IRI of a second claim, which sorts after all that have three digits."""
    return f"{spot.thing.value.rpartition('/')[0]}/ffff{digest(spot.thing.value)}"


def said_triple(spot: Spot) -> tuple[Node | None, ...]:
    """Return the triple that a claim is about."""
    return tuple(spot.value(f"rdf:{part}") for part in ("subject", "predicate", "object"))


def swapped(spot: Spot) -> Tree | None:
    """Turn a claim round."""
    s, o = spot.value("rdf:subject"), spot.value("rdf:object")
    if s is None or not isinstance(o, NamedNode) or s == o:
        return None
    return both(put("rdf:subject", o), put("rdf:object", s))(spot)


def back(name: str) -> Callable[[Spot], Tree | None]:
    """Say of what the node points at by a property that it points back."""

    def do(spot: Spot) -> Tree | None:
        value = spot.value(name)
        return [*spot.tree, Triple(value, expand(name), spot.thing)] if isinstance(value, NamedNode) else None

    return do


def more(name: str, how: Callable[[Spot], Node | None]) -> Callable[[Spot], Tree | None]:
    """Say something more of the node, worked out from the spot, where there is anything to say."""

    def do(spot: Spot) -> Tree | None:
        value = how(spot)
        return None if value is None else add((name, value))(spot)

    return do


# ---- where things are broken -------------------------------------------------------------------------------


def claims(world: World) -> Iterator[Spot]:
    """Yield every claim."""
    for folder in ("data/claims", "data/catalogue"):
        yield from world.spots(folder, "milia:Claim")


def claims_by(*names: str) -> Callable[[World], Iterator[Spot]]:
    """Return the claims with one of these predicates."""
    return lambda world: (c for c in claims(world) if any(c.has("rdf:predicate", n) for n in names))


def links(world: World) -> Iterator[Spot]:
    """Yield the claims that link things of ours."""
    return (
        c
        for c in claims(world)
        if (v := c.value("rdf:object")) is not None
        and plain(v) in world.classes
        and not plain(v).startswith(NODE)
    )


def evidence(world: World) -> Iterator[Spot]:
    """Yield every node of evidence."""
    return (e for c in claims(world) for e in c.within("milia:evidence"))


def judgements(world: World) -> Iterator[Spot]:
    """Yield the evidence that is a judgement of ours."""
    return (e for e in evidence(world) if e.has("milia:verification", "milia:CuratorJudgement"))


def cited(world: World) -> Iterator[Spot]:
    """Yield the evidence that selects a span."""
    return (e for e in evidence(world) if e.value("oa:hasSelector", "oa:start"))


def excerpts(world: World) -> Iterator[Spot]:
    """Yield the evidence of which an excerpt was seen."""
    return (e for e in evidence(world) if e.has("milia:verification", "milia:ExcerptVerified"))


def rows(world: World) -> Iterator[Spot]:
    """Yield the evidence that is a row of a database."""
    return (e for e in evidence(world) if e.has("milia:verification", "milia:RowVerified"))


def names(world: World) -> Iterator[Spot]:
    """Yield the names of things."""
    return world.spots("data/concepts", "milia:Name")


def passages(world: World) -> Iterator[Spot]:
    """Yield every passage that is set aside."""
    return (p for s in world.spots("data/sources") for p in s.within("milia:setsAside"))


def spans(world: World) -> Iterator[Spot]:
    """Yield every span, of claims and of passages."""
    for spot in (*cited(world), *passages(world)):
        yield from spot.within("oa:hasSelector")


def ranges(world: World) -> Iterator[Spot]:
    """Yield every range, in objects and in scopes."""
    for claim in claims(world):
        for path in (("rdf:object",), ("milia:scope", "milia:scopeTimeAfter")):
            yield from (r for r in claim.within(*path) if r.has("rdf:type", "milia:Range"))


def scopes(world: World) -> Iterator[Spot]:
    """Yield every scope."""
    return (s for c in claims(world) for s in c.within("milia:scope"))


def concepts(world: World) -> Iterator[Spot]:
    """Yield our own things."""
    return (s for s in world.spots("data/concepts", "milia:Concept") if s.value("skos:inScheme"))


def entries(world: World) -> Iterator[Spot]:
    """Yield the entries of schemes."""
    return world.spots("data/concepts", "milia:SchemeEntry")


def of_class(name: str) -> Callable[[World], Iterator[Spot]]:
    """Return our things of one class."""
    return lambda world: world.spots("data/concepts", name)


def sources(world: World) -> Iterator[Spot]:
    """Yield the sources where they are described."""
    return (s for s in world.spots("data/sources", "milia:Source") if s.value("rdf:type"))


def of_source(name: str) -> Callable[[World], Iterator[Spot]]:
    """Yield the sources that say something by a property."""
    return lambda world: (s for s in sources(world) if s.value(name))


def pages(world: World) -> Iterator[Spot]:
    """Yield the sources that have a snapshot."""
    return (s for s in sources(world) if s.value("milia:snapshot"))


def mappings(world: World) -> Iterator[Spot]:
    """Yield every row of the mappings."""
    return world.spots("data/mappings", "sssom:Mapping")


def matches(*names: str) -> Callable[[World], Iterator[Spot]]:
    """Return the rows that match a thing with a code in one of these ways (or any)."""

    def spots(world: World) -> Iterator[Spot]:
        for s in mappings(world):
            if s.has("owl:annotatedTarget", "sssom:NoTermFound") or s.value("sssom:predicate_modifier"):
                continue
            if not names or any(s.has("owl:annotatedProperty", f"skos:{n}Match") for n in names):
                yield s

    return spots


def clinical(world: World) -> Iterator[Spot]:
    """Yield the things that need a row in the mappings."""
    for s in concepts(world):
        if any(t.object == s.thing and t.predicate == expand("owl:annotatedSource") for t, _ in rows_of(s)):
            yield s


def rows_of(spot: Spot) -> Iterator[tuple[Triple, str]]:
    """Yield the statements of the rows about a thing, and their files."""
    for name, said in spot.world.said.items():
        if name.startswith("data/mappings/"):
            for tree in said.values():
                if any(t.object == spot.thing for t in tree):
                    yield from ((t, name) for t in tree)


def _terms(*classes: str) -> Callable[[World], Iterator[Spot]]:
    def spots(world: World) -> Iterator[Spot]:
        for s in world.spots("ontology/milia.ttl"):
            if s.thing.value.startswith(PREFIXES["milia"]) and any(s.has("rdf:type", c) for c in classes):
                yield s

    return spots


terms = _terms("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty")
classes = _terms("owl:Class")
properties = _terms("owl:ObjectProperty")


def link_properties(world: World) -> Iterator[Spot]:
    """Yield the properties that claims are about, and their inverses."""
    for s in properties(world):
        ends = {plain(v) for v in s.values("schema:domainIncludes")}
        if ends & world.kinds and s.value("schema:rangeIncludes"):
            yield s


def inverses(world: World) -> Iterator[Spot]:
    """Yield the properties that are declared as inverses."""
    return (s for s in properties(world) if s.value("owl:inverseOf"))


def individuals(world: World) -> Iterator[Spot]:
    """Yield the terms that are neither class nor property."""
    for s in world.spots("ontology/milia.ttl"):
        if s.thing.value.startswith(PREFIXES["milia"]) and any(
            plain(c).startswith(PREFIXES["milia"]) for c in s.values("rdf:type")
        ):
            yield s


def header(world: World) -> Iterator[Spot]:
    """Yield the header of the ontology."""
    return world.spots("ontology/milia.ttl", "owl:Ontology")


# ---- values that are worked out ----------------------------------------------------------------------------


def _ends(spot: Spot, side: str) -> set[str]:
    predicate = spot.value("rdf:predicate")
    assert predicate is not None
    return spot.world.objects(predicate.value, side)


def wrong_object(spot: Spot, old: Node) -> Node | None:
    """Return a thing to which the claim's predicate cannot lead."""
    kinds = _ends(spot, "schema:rangeIncludes")
    return None if expand("rdfs:Resource").value in kinds else spot.world.misfit(kinds, old)


def wrong_subject(spot: Spot, old: Node) -> Node:
    """Return a thing from which the claim's predicate cannot start."""
    return spot.world.misfit(_ends(spot, "schema:domainIncludes"), old)


def inverse(spot: Spot, old: Node) -> Node | None:
    """Return the inverse of the claim's predicate, where one is declared."""
    return spot.world.inverses.get(plain(old))


def another(spot: Spot, name: str) -> Node | None:
    """Return what another thing of the very same class has by a property; it sorts before this one."""
    mine = set(spot.values("rdf:type"))
    for s in concepts(spot.world):
        if s.thing.value < spot.thing.value and mine & set(s.values("rdf:type")):
            return s.value(name)
    return None


def in_capitals(_: Spot, old: Node) -> Node | None:
    """Return a name in capitals, where it is long enough not to be an abbreviation."""
    assert isinstance(old, Literal)
    text = old.value.upper()
    letters = text.replace(" ", "").isalpha() and len(text) > 5
    return Literal(text, language=old.language) if letters and text != old.value else None


def of_one_language(spot: Spot, old: Node) -> Node | None:
    """Return another name in the language of this one."""
    language = old.value.removeprefix(PREFIXES["name"]).partition("-")[0]
    start = f"{PREFIXES['name']}{language}-"
    return next(
        (s.thing for s in names(spot.world) if s.thing != old and s.thing.value.startswith(start)), None
    )


def name_of_look_alike(spot: Spot) -> Node | None:
    """Return the name, in another case, of a disorder that is taken for milia."""
    for c in claims_by("milia:resembles")(spot.world):
        ends = {plain(v) for side in ("rdf:subject", "rdf:object") for v in c.values(side)}
        forms = {e for e in ends if milia("MiliaForm").value in spot.world.classes[e]}
        others = {e for e in ends - forms if milia("Disorder").value in spot.world.classes[e]}
        if forms and others and c.has("milia:stance", "milia:Affirms"):
            return en(min(spot.world.objects(min(others), "skos:prefLabel")).upper())
    return None


def _shift(by: int) -> Callable[[Spot], Tree | None]:
    def do(spot: Spot) -> Tree | None:
        start, end = spot.value("oa:start"), spot.value("oa:end")
        assert start is not None
        assert end is not None
        if int(end.value) + by > length_of(spot):
            return None
        return both(
            put("oa:start", Literal(int(start.value) + by)), put("oa:end", Literal(int(end.value) + by))
        )(spot)

    return do


def length_of(spot: Spot) -> int:
    """Return the length of the page on which a span lies."""
    holder = next(t.subject for t in spot.tree if t.object == spot.node)
    by_evidence = [
        t.object for t in spot.tree if t.subject == holder and t.predicate == expand("oa:hasSource")
    ]
    source = plain(by_evidence[0]) if by_evidence else spot.thing.value
    return int(next(iter(spot.world.objects(source, "milia:length"))))


def other_page(spot: Spot, old: Node) -> Node | None:
    """Return a page other than the one cited."""
    return next((s.thing for s in pages(spot.world) if s.thing != old), None)


def uses_gone(name: str, side: str) -> Callable[[Spot], Iterator[tuple[str, Triple]]]:
    """Return the statements of all claims that have the thing at one side of a predicate."""

    def gone(spot: Spot) -> Iterator[tuple[str, Triple]]:
        for c in claims_by(name)(spot.world):
            if c.value(side) == spot.thing:
                yield from ((c.file, t) for t in spot.world.exclusive(c.thing, c.file))

    return gone


def rows_gone(spot: Spot) -> Iterator[tuple[str, Triple]]:
    """Take the rows about the thing out of the mappings."""
    return ((file, t) for t, file in rows_of(spot))


def elsewhere(_: Spot, old: Node) -> Node:
    """Return another thing, which is no form of milia."""
    return expand("site:face" if old != expand("site:face") else "site:cheek")


def has_no_labels(spot: Spot) -> bool:
    """Say whether the names of the row's vocabulary must stay out."""
    source = plain(spot.value("sssom:object_source") or spot.thing)
    return "false" in spot.world.objects(source, "milia:mayCarryLabels")


def is_of_a_form(spot: Spot) -> bool:
    """Say whether the row is about a form of milia."""
    thing = spot.value("owl:annotatedSource")
    return thing is not None and milia("MiliaForm").value in spot.world.classes[plain(thing)]


def without(*names: str) -> Callable[[Spot], Tree | None]:
    """Leave out what the node says by these properties, if anything."""
    left_out = {expand(n) for n in names}
    return lambda spot: [t for t in spot.tree if t.predicate not in left_out]


def _rigid(spot: Spot) -> str:
    return (
        "milia:Provider"
        if expand("milia:Gene").value in spot.world.classes[spot.thing.value]
        else "milia:Gene"
    )


_RIGID = ("Condition", "AnatomicalEntity", "Care", "Gene", "AgeGroup", "Provider", "Service", "Article")


def is_rigid(spot: Spot) -> bool:
    """Say whether a thing is of a kind that excludes others."""
    return bool({milia(n).value for n in _RIGID} & spot.world.classes[spot.thing.value])


def _local(spot: Spot) -> str:
    return spot.thing.value.rpartition("/")[2]


def nowhere(spot: Spot, old: Node) -> Node:
    """Return a thing beside the one that is there, which nobody describes."""
    return NamedNode(f"{old.value.rpartition('/')[0]}/nowhere-{digest(spot.thing.value)[:8]}")


def foreign(spot: Spot) -> str:
    """Return a foreign thing, another one for each spot."""
    return f"{PREFIXES['hp']}{int(digest(spot.thing.value), 16) % 10**7:07}"


def used(spot: Spot) -> bool:
    """Say whether the data use a thing or term."""
    return spot.thing.value in spot.world.users


def user(spot: Spot) -> str:
    """Return one that uses it."""
    return spot.world.users[spot.thing.value][0]


def user_file(spot: Spot) -> str:
    """Return the file in which that one uses it."""
    return spot.world.users[spot.thing.value][1]


RETIRED = add(("owl:deprecated", Literal(True)), ("dcterms:isReplacedBy", "milia:Concept"))
OTHER_WORDS = change("rdfs:comment", lambda _, v: en(f"In other words: {v.value}"))
NO_PLACE = "has no place in the description of a thing"


# ---- the kinds ---------------------------------------------------------------------------------------------

# fmt: off
KINDS: tuple[Kind, ...] = (
    # things
    Kind("concept without name", concepts, drop("skos:prefLabel"), "shape:QualifiedMinCount", "This thing has no English name"),
    Kind("concept with two names", concepts, add(("skos:prefLabel", en("Another name"))), "shape:UniqueLang", "two preferred names in one language"),
    Kind("name without language", concepts, change("skos:prefLabel", lambda _, v: Literal(v.value)), "shape:QualifiedMinCount", "This thing has no English name"),
    Kind("other name without language", concepts, change("skos:altLabel", lambda _, v: Literal(v.value)), "prose-without-language", "this text has no language"),
    Kind("concept without definition", concepts, drop("skos:definition"), "shape:QualifiedMinCount", "needs exactly one English definition"),
    Kind("concept without class", concepts, drop("rdf:type"), "thing-without-class", "nothing says what it is"),
    Kind("concept without scheme", concepts, drop("skos:inScheme"), "shape:MinCount", "belongs to no scheme"),
    Kind("slug not kebab", concepts, rename(lambda s: s.thing.value + "_X"), "shape:Pattern", "The IRI of this thing is not of our form", focus=lambda s: s.thing.value + "_X"),
    Kind("kind unknown", concepts, rename(lambda s: f"{BASE}thing/{_local(s)}"), "shape:Pattern", "The IRI of this thing is not of our form", focus=lambda s: f"{BASE}thing/{_local(s)}"),
    Kind("kind wrong", concepts, rename(lambda s: f"{BASE}gene/{_local(s)}"), "kind-does-not-fit-class", "filed under a kind that none of its classes is of", focus=lambda s: f"{BASE}gene/{_local(s)}"),
    Kind("class undefined", concepts, change("rdf:type", lambda _, v: NamedNode(v.value + "s")), "undeclared-term", "is not defined in the ontology"),
    Kind("disjoint classes", concepts, where(is_rigid, lambda s: add(("rdf:type", _rigid(s)))(s)), "disjoint-classes", "nothing can be both"),
    Kind("disjoint classes, by the rules", concepts, where(is_rigid, lambda s: add(("rdf:type", _rigid(s)))(s)), "owl:cax-adc", "contradicts the ontology", rules=True),
    Kind("link typed by hand", concepts, add(("milia:associatedWith", "condition:milia")), "link-typed-by-hand", "links come from claims alone"),
    Kind("derived link typed by hand", concepts, add(("milia:siteOf", "condition:milia")), "derived-typed-by-hand", "filled in by rules and never typed"),
    Kind("label on a thing", concepts, add(("rdfs:label", en("Label"))), "statement-that-does-not-describe", NO_PLACE),
    Kind("property misspelt", concepts, add(("skos:preflabel", en("Label"))), "unknown-foreign-term", "is not among the properties and classes"),
    Kind("name of another", concepts, change("skos:prefLabel", lambda s, _: another(s, "skos:prefLabel")), "same-name-for-two-things", "are of one kind"),
    Kind("other name of another", concepts, more("skos:altLabel", lambda s: another(s, "skos:prefLabel")), "other-name-is-anothers-name", "the preferred name of"),
    Kind("name said twice", concepts, more("skos:altLabel", lambda s: s.value("skos:prefLabel")), "name-said-twice", "both the preferred and another name"),
    Kind("definition of another", lambda w: (s for s in concepts(w) if not s.has("rdf:type", "milia:Person")), change("skos:definition", lambda s, _: another(s, "skos:definition")), "same-definition-for-two-things", "defined in the same words"),
    Kind("definition to be written", concepts, put("skos:definition", en("TODO.")), "placeholder-text", "is no text to publish"),
    Kind("stray blank", concepts, change("skos:definition", lambda _, v: en(v.value + " ")), "untidy-text", "begins or ends with white space"),
    Kind("full stop missing", concepts, change("skos:definition", lambda _, v: en(v.value.rstrip("."))), "definition-without-full-stop", "does not end with a full stop"),
    Kind("thing retired and used", concepts, where(used, RETIRED), "retired-term-in-use", "is retired; use milia:Concept", focus=user, file=user_file),
    Kind("thing retired without replacement", concepts, add(("owl:deprecated", Literal(True))), "retired-without-replacement", "nothing says what to use instead"),
    Kind("own thing with broader", concepts, add(("skos:broader", "condition:milia")), "broader-between-own-things", "ordered by claims"),
    Kind("name without form", names, drop("skosxl:literalForm"), "shape:MinCount", "This name needs exactly one form in one language"),
    Kind("name in no language", names, change("skosxl:literalForm", lambda _, v: Literal(v.value)), "shape:Datatype", "This name needs exactly one form in one language"),
    Kind("name filed under no language", names, rename(lambda s: f"{BASE}name/{_local(s)}_X"), "shape:Pattern", "The IRI of this name is not of our form", focus=lambda s: f"{BASE}name/{_local(s)}_X"),
    Kind("age group backwards", of_class("milia:AgeGroup"), where(lambda s: s.value("milia:belowAge"), put("milia:fromAge", Literal(99999))), "shape:LessThan", "ends before it begins"),
    Kind("age not a number", of_class("milia:AgeGroup"), put("milia:fromAge", Literal("birth")), "shape:Datatype", "is not one whole number of days"),
    Kind("service without provides", of_class("milia:Service"), add(("skos:altLabel", en("Other"))), "service-without-provides", "no claim says what it provides", also_gone=uses_gone("milia:provides", "rdf:subject")),
    Kind("service without provider", of_class("milia:Service"), add(("skos:altLabel", en("Other"))), "service-without-provider", "no claim says who offers it", also_gone=uses_gone("milia:offers", "rdf:object")),
    # names
    Kind("name with stray blank", names, change("skosxl:literalForm", lambda _, v: Literal(v.value + " ", language=v.language)), "name-badly-written", "has stray spaces"),  # type: ignore[union-attr]
    Kind("name in unknown language", names, change("skosxl:literalForm", lambda _, v: Literal(v.value, language="qq")), "name-badly-written", "in a language that we do not know"),
    Kind("name in capitals", names, change("skosxl:literalForm", in_capitals), "name-badly-written", "is in capitals"),
    Kind("two preferred names", claims_by("milia:preferredName"), where(lambda s: s.has("milia:stance", "milia:Affirms"), copy(twin, OTHER_WORDS, change("rdf:object", of_one_language))), "two-preferred-names-of-one-source", "gives another", focus=twin),
    Kind("name called a misspelling", claims_by("milia:preferredName", "milia:otherName"), where(lambda s: s.has("milia:stance", "milia:Affirms"), copy(twin, OTHER_WORDS, put("rdf:predicate", "milia:misspelling"))), "misspelling-that-is-a-name", "claimed here as a misspelling", focus=twin),
    Kind("form named like its look-alike", of_class("milia:MiliaForm"), more("skos:altLabel", name_of_look_alike), "form-bears-name-of-look-alike", "is taken for milia", rules=True),
    # schemes
    Kind("entry without name", entries, drop("skos:prefLabel"), "shape:MinCount", "This scheme entry has no name"),
    Kind("entry in two schemes", entries, add(("skos:inScheme", OURS)), "shape:MaxCount", "must stand in exactly one scheme"),
    Kind("entry outside its scheme", entries, put("skos:inScheme", OURS), "entry-outside-its-scheme", "does not begin with that of the scheme"),
    Kind("entry that denotes nothing", entries, add(("skos:altLabel", en("Other"))), "entry-denotes-nothing", "no claim says what", also_gone=uses_gone("milia:denotes", "rdf:subject")),
    Kind("entries in a circle", entries, back("skos:broader"), "cycle-in-broader", "is broader than itself"),
    Kind("broader leaves its scheme", entries, put("skos:broader", "condition:milia"), "broader-leaves-scheme", "are not in one scheme"),
    Kind("scheme without title", lambda w: w.spots("data/concepts", "skos:ConceptScheme"), drop("dcterms:title"), "shape:QualifiedMinCount", "This scheme has no English title"),
    # claims
    Kind("claim without evidence", claims, drop("milia:evidence"), "shape:MinCount", "This claim rests on nothing"),
    Kind("claim without subject", claims, drop("rdf:subject"), "shape:MinCount", "The subject of this claim must be exactly one"),
    Kind("claim without predicate", claims, drop("rdf:predicate"), "shape:MinCount", "must have exactly one predicate"),
    Kind("claim without object", claims, drop("rdf:object"), "shape:MinCount", "must have exactly one object"),
    Kind("claim with two objects", claims, where(lambda s: not s.has("rdf:object", "site:face"), add(("rdf:object", "site:face"))), "shape:MaxCount", "must have exactly one object"),
    Kind("claim without stance", claims, drop("milia:stance"), "shape:MinCount", "must take exactly one stance"),
    Kind("claim with two stances", claims, put("milia:stance", "milia:Affirms", "milia:Denies"), "shape:MaxCount", "must take exactly one stance"),
    Kind("claim with unknown stance", claims, put("milia:stance", "milia:Draft"), "shape:In", "must take exactly one stance"),
    Kind("certainty not in the list", claims, put("milia:certainty", "milia:Disputed"), "shape:In", "must have exactly one certainty"),
    Kind("claim without review state", claims, drop("milia:reviewState"), "shape:MinCount", "must be in exactly one review state"),
    Kind("claim without comment", claims, drop("rdfs:comment"), "shape:QualifiedMinCount", "needs exactly one English comment"),
    Kind("comment without language", claims, change("rdfs:comment", lambda _, v: Literal(v.value)), "prose-without-language", "this text has no language"),
    Kind("comment in another language", claims, change("rdfs:comment", lambda _, v: Literal(v.value, language="de")), "shape:QualifiedMinCount", "needs exactly one English comment"),
    Kind("predicate unknown", claims, put("rdf:predicate", "milia:cures"), "shape:Node", "is not a link property of the ontology"),
    Kind("predicate undeclared", claims, put("rdf:predicate", "milia:cures"), "undeclared-term", "milia:cures is not defined in the ontology"),
    Kind("predicate of the apparatus", claims, put("rdf:predicate", "milia:evidence"), "shape:Node", "is not a link property of the ontology"),
    Kind("predicate an inverse", links, both(change("rdf:predicate", inverse), swapped), "shape:Not", "is derived by rules or is an inverse"),
    Kind("object dangling", links, change("rdf:object", nowhere), "dangling-thing", "is used here and described nowhere"),
    Kind("subject dangling", claims, change("rdf:subject", nowhere), "dangling-thing", "is used here and described nowhere"),
    Kind("subject foreign", claims, put("rdf:subject", FOREIGN), "shape:Pattern", "exactly one of our own things"),
    Kind("statement about a foreign thing", claims, lambda s: [*s.tree, Triple(NamedNode(foreign(s)), LABEL, en("Foreign"))], "foreign-subject", "is not one of our things", focus=foreign),
    Kind("object of wrong class", claims, change("rdf:object", wrong_object), "claim-object-outside-range", "is not of a kind that"),
    Kind("subject of wrong class", claims, change("rdf:subject", wrong_subject), "claim-subject-outside-domain", "is not of a kind that"),
    Kind("object as text", links, put("rdf:object", Literal("a thing")), "claim-object-outside-range", "is not of a kind that"),
    Kind("object as text with language", links, put("rdf:object", en("a thing")), "shape:Or", "must have exactly one object"),
    Kind("claim about itself", links, change("rdf:object", lambda s, _: s.value("rdf:subject")), "claim-about-itself", "to itself"),
    Kind("claim IRI misshapen", claims, rename(lambda s: s.thing.value + "x"), "shape:Pattern", "The IRI of this claim is not of our form", focus=lambda s: s.thing.value + "x"),
    Kind("claim in wrong file", claims, rename(lambda s: s.thing.value.replace("/claim/", "/claim/not-")), "claim-in-wrong-file", "move the claim or rename it", focus=lambda s: s.thing.value.replace("/claim/", "/claim/not-")),
    Kind("claim made twice", claims, copy(twin, OTHER_WORDS), "duplicate-claim", "says the same as", focus=twin),
    Kind("claim denied by its own source", claims, where(lambda s: s.has("milia:stance", "milia:Affirms"), copy(twin, OTHER_WORDS, put("milia:stance", "milia:Denies"))), "source-contradicts-itself", "denies what", focus=twin),
    Kind("symmetric claim both ways", claims_by("milia:associatedWith", "milia:resembles"), copy(twin, OTHER_WORDS, swapped), "symmetric-claim-both-ways", "holds both ways round", focus=twin),
    Kind("comment of another claim", links, copy(twin, put("rdf:object", "site:nowhere")), "same-comment-on-two-claims", "says the same in words", focus=twin),
    Kind("never affirmed", claims, where(lambda s: s.has("milia:stance", "milia:Affirms"), both(lambda s: [t for t in s.tree if t.predicate != milia("frequency")], add(("milia:frequency", "milia:Never")))), "never-affirmed", "it never happens"),
    Kind("frequency unknown", claims, both(lambda s: [t for t in s.tree if t.predicate != milia("frequency")], add(("milia:frequency", "milia:Seldom"))), "shape:Or", "The frequency of this claim is not one of ours"),
    Kind("onset at a site", claims, both(lambda s: [t for t in s.tree if t.predicate != milia("onset")], add(("milia:onset", "site:face"))), "shape:Class", "The onset of this claim is not one age group"),
    Kind("universal false", claims, both(lambda s: [t for t in s.tree if t.predicate != milia("universal")], add(("milia:universal", Literal(False)))), "shape:In", "A claim is marked universal or it is not"),
    Kind("count without total", claims, where(lambda s: not s.value("milia:of"), add(("milia:observed", Literal(4)))), "shape:Or", "counts cases without saying out of how many"),
    Kind("count above total", claims, add(("milia:observed", Literal(4)), ("milia:of", Literal(3))), "shape:LessThanOrEquals", "More cases were observed than were looked at"),
    Kind("reviewed by nobody", claims, both(put("milia:reviewState", "milia:Reviewed"), add(("milia:reviewedOn", typed("2026-11-21", "xsd:date")))), "shape:Or", "reviewed without a named person"),
    Kind("reviewed by the group", claims, both(put("milia:reviewState", "milia:Reviewed"), add(("milia:reviewedOn", typed("2026-11-21", "xsd:date")), ("milia:reviewedBy", "agent/curators"))), "shape:Or", "reviewed without a named person"),
    Kind("reviewed on no day", claims, both(put("milia:reviewState", "milia:Reviewed"), add(("milia:reviewedBy", "person:susan-mayou"))), "shape:Or", "reviewed without a day"),
    Kind("day of review in words", claims, add(("milia:reviewedOn", Literal("21 November 2026"))), "shape:Datatype", "milia:reviewedOn must be one day"),
    Kind("day of review impossible", claims, add(("milia:reviewedOn", typed("2026-02-30", "xsd:date"))), "shape:Datatype", "milia:reviewedOn must be one day"),
    Kind("sites in a circle", claims_by("milia:partOf"), copy(twin, OTHER_WORDS, swapped), "cycle-in-part-of", "come before itself", rules=True),
    Kind("things in a circle", claims_by("milia:subtypeOf"), where(lambda s: s.has("milia:stance", "milia:Affirms") and said_triple(s) not in s.world.denied, copy(twin, OTHER_WORDS, swapped)), "cycle-in-subtype-of", "come before itself", rules=True),
    # scopes and ranges
    Kind("scope with wrong property", scopes, add(("milia:frequency", "milia:Often")), "shape:Closed", "A scope knows age, site, sex"),
    Kind("scope without limit", scopes, lambda s: [t for t in s.tree if t.subject != s.node or t.predicate == TYPE], "shape:Or", "This scope limits nothing"),
    Kind("scope with a site for an age", scopes, add(("milia:scopeAge", "site:face")), "shape:Class", "The age in this scope is not an age group"),
    Kind("scope without class", scopes, drop("rdf:type"), "thing-without-class", "nothing says what it is"),
    Kind("range without unit", ranges, drop("milia:unit"), "shape:MinCount", "This range needs exactly one unit"),
    Kind("range in wrong unit", ranges, put("milia:unit", Literal("kg")), "unit-does-not-fit", "is not measured in 'kg'"),
    Kind("range upside down", ranges, lambda s: [*(t for t in s.tree if t.predicate not in {milia("lower"), milia("upper")}), Triple(s.node, milia("lower"), Literal(9)), Triple(s.node, milia("upper"), Literal(2))], "shape:LessThanOrEquals", "lies above its upper end"),
    Kind("range in words", ranges, lambda s: [*(t for t in s.tree if t.predicate != milia("lower")), Triple(s.node, milia("lower"), Literal("few"))], "shape:Or", "The lower end of this range is not one number"),
    Kind("range without class", ranges, drop("rdf:type"), "thing-without-class", "nothing says what it is"),
    # evidence and spans
    Kind("evidence without source", evidence, drop("oa:hasSource"), "shape:MinCount", "This evidence must come from exactly one source"),
    Kind("evidence from undeclared source", evidence, change("oa:hasSource", nowhere), "shape:Class", "This evidence must come from exactly one source"),
    Kind("evidence without verification", evidence, drop("milia:verification"), "shape:MinCount", "in exactly one way how it was verified"),
    Kind("evidence with unknown verification", evidence, put("milia:verification", "milia:Draft"), "shape:In", "in exactly one way how it was verified"),
    Kind("evidence without type", evidence, drop("milia:evidenceType"), "shape:MinCount", "exactly one type from the Evidence and Conclusion Ontology"),
    Kind("evidence without class", evidence, drop("rdf:type"), "shape:Class", "This claim rests on nothing"),
    Kind("evidence without span", cited, drop("oa:hasSelector"), "shape:Or", "a span was verified but selects none"),
    Kind("span of another page", lambda w: (e for e in cited(w) if e.thing.value.startswith(BASE + "claim/")), change("oa:hasSource", other_page), "claim-cites-another-page", "cites a span of"),
    Kind("span of no page", cited, put("oa:hasSource", "source:milia-curators"), "span-without-page", "is not a page with a snapshot"),
    Kind("judgement without reason", judgements, drop("milia:reason"), "shape:Or", "This judgement gives no reason"),
    Kind("judgement without day", judgements, drop("dcterms:created"), "shape:Or", "This judgement bears no day"),
    Kind("judgement of a page", judgements, put("oa:hasSource", "source:cadogan-milia"), "shape:Or", "This judgement is laid at the door of a source"),
    Kind("day of judgement in words", judgements, put("dcterms:created", Literal("today")), "shape:Datatype", "dcterms:created must be one day"),
    Kind("evidence without excerpt", excerpts, drop("oa:hasSelector"), "shape:Or", "an excerpt was seen but keeps none"),
    Kind("evidence without row", rows, drop("oa:hasSelector"), "shape:Or", "a row was verified but names none"),
    Kind("excerpt of a citation", excerpts, put("milia:verification", "milia:CitationOnly"), "shape:Or", "selects a text and says that none was seen"),
    Kind("excerpt without length", excerpts, drop("milia:length", ("oa:hasSelector",)), "shape:MinCount", "This excerpt needs exactly one length"),
    Kind("excerpt with short hash", excerpts, put("milia:sha256", Literal("00ff"), path=("oa:hasSelector",)), "shape:Pattern", "This excerpt needs exactly one hash"),
    Kind("row without key", rows, drop("milia:key", ("oa:hasSelector",)), "shape:MinCount", "This row needs exactly one key"),
    Kind("row without hash", rows, drop("milia:sha256", ("oa:hasSelector",)), "shape:MinCount", "This row needs exactly one hash"),
    Kind("study design unknown", excerpts, put("milia:studyDesign", "milia:Draft"), "shape:Class", "The study design of this evidence is not one of ours"),
    Kind("drawn from what is no source", excerpts, both(lambda s: [t for t in s.tree if t.predicate != milia("drawnFrom")], add(("milia:drawnFrom", "site:face"))), "shape:Class", "drawn from something that is not one declared source"),
    Kind("span without start", spans, drop("oa:start"), "shape:MinCount", "This span needs exactly one start"),
    Kind("span beyond its page", spans, change("oa:end", lambda s, _: Literal(length_of(s) + 1)), "span-outside-page", "correct oa:start and oa:end"),
    Kind("span backwards", spans, change("oa:end", lambda s, _: s.value("oa:start")), "shape:LessThan", "This span ends before it begins"),
    Kind("span with short hash", spans, put("milia:sha256", Literal("abc")), "shape:Pattern", "This span needs exactly one hash"),
    Kind("offset not canonical", spans, change("oa:end", lambda _, v: typed("0" + v.value, "xsd:integer")), "canonical-literals", "is not in canonical form"),
    Kind("offset that is no number", spans, put("oa:end", typed("far", "xsd:integer")), "wrong-literals", "is no xsd:integer"),
    Kind("offset not an integer", spans, change("oa:end", lambda _, v: typed(v.value + ".5", "xsd:decimal")), "shape:Datatype", "This span needs exactly one end"),
    Kind("hash wrong", spans, put("milia:sha256", Literal("0" * 64)), "span", "are not those that were cited", snapshots=True),
    Kind("span moved", spans, _shift(1), "span", "now begin at", snapshots=True),
    Kind("passage without reason", passages, drop("milia:reason"), "shape:QualifiedMinCount", "This passage is set aside without a reason"),
    Kind("passage without span", passages, drop("oa:hasSelector"), "shape:MinCount", "does not say where it stands"),
    Kind("passage without class", passages, drop("rdf:type"), "shape:Class", "What this source sets aside is not a passage"),
    # sources
    Kind("source without title", sources, drop("dcterms:title"), "shape:MinCount", "This source has no title"),
    Kind("source without standing", sources, drop("milia:standing"), "shape:MinCount", "must have exactly one standing"),
    Kind("source with unknown standing", sources, put("milia:standing", "milia:Draft"), "shape:In", "must have exactly one standing"),
    Kind("page without address", pages, both(drop("milia:snapshot"), drop("schema:url")), "shape:Or", "has neither a snapshot nor an address"),
    Kind("source released twice", of_source("milia:release"), add(("milia:release", Literal("another"))), "shape:MaxCount", "A source is one release of its database"),
    Kind("identifier bare", of_source("dcterms:identifier"), put("dcterms:identifier", NamedNode("doi:10.1000/182")), "shape:Pattern", "The identifier of this source is not of a form we know"),
    Kind("page without length", pages, drop("milia:length"), "shape:MinCount", "This page needs exactly one length"),
    Kind("page without hash", pages, drop("milia:sha256"), "shape:MinCount", "This page needs exactly one hash"),
    Kind("page without publisher", pages, drop("dcterms:publisher"), "shape:MinCount", "This page needs exactly one publisher"),
    Kind("page by one who is no provider", pages, put("dcterms:publisher", "condition:milia"), "publisher-not-a-provider", "is not a provider or another agent"),
    Kind("address as text", pages, change("schema:url", lambda _, v: Literal(v.value)), "shape:NodeKind", "The address of this page must be one IRI"),
    # mappings
    Kind("thing without a row", clinical, add(("skos:altLabel", en("Other"))), "thing-without-code", "has no row in data/mappings", also_gone=rows_gone),
    Kind("row of no thing", mappings, change("owl:annotatedSource", nowhere), "mapping-of-no-thing", "is no thing of ours"),
    Kind("row under another name", mappings, put("sssom:subject_label", Literal("Another name")), "mapped-under-another-name", "otherwise in data/concepts"),
    Kind("row into an unknown vocabulary", mappings, put("sssom:object_source", NamedNode("https://bioregistry.io/registry/none")), "mapping-to-undeclared-vocabulary", "is not in data/mappings/vocabularies.tsv"),
    Kind("code misshapen", matches(), change("owl:annotatedTarget", lambda _, v: NamedNode(v.value + "-x")), "code-of-wrong-form", "does not look like a code"),
    Kind("code of two things", matches("exact"), copy(twin, change("owl:annotatedSource", elsewhere)), "code-of-two-things", "cannot be exactly", focus=twin),
    Kind("thing with two codes", matches("exact"), copy(twin, change("owl:annotatedTarget", lambda _, v: NamedNode(v.value + "0")), without("rdfs:comment")), "thing-with-two-codes", "which are of one vocabulary", focus=twin),
    Kind("label not free", matches(), where(has_no_labels, add(("sssom:object_label", Literal("A name")))), "label-not-free", "may not stand in our files"),
    Kind("code named otherwise", matches("exact"), both(put("sssom:object_label", Literal("Xyz")), without("rdfs:comment")), "code-named-otherwise", "which is called 'Xyz' there"),
    Kind("rejected without reason", matches(), both(without("rdfs:comment"), add(("sssom:predicate_modifier", "sssom:NegatedPredicate"))), "rejected-without-reason", "and not why"),
    Kind("mapped and rejected", matches(), copy(twin, add(("sssom:predicate_modifier", "sssom:NegatedPredicate"))), "mapped-and-rejected", "which another row rejects"),
    Kind("none found yet mapped", matches("exact"), copy(twin, put("owl:annotatedTarget", "sssom:NoTermFound")), "none-found-yet-mapped", "says that no code was found", focus=twin),
    Kind("code shared with a look-alike", matches("exact", "close"), where(is_of_a_form, copy(twin, change("owl:annotatedSource", elsewhere))), "code-shared-with-look-alike", "a form of milia, and here that of", focus=twin),
    # the ontology
    Kind("term without label", terms, drop("rdfs:label"), "shape:Or", "This term needs exactly one English label"),
    Kind("term without definition", terms, drop("skos:definition"), "shape:Or", "This term needs exactly one English definition"),
    Kind("term without definer", terms, drop("rdfs:isDefinedBy"), "shape:Or", "does not say where it is defined"),
    Kind("individual without definition", individuals, drop("skos:definition"), "individual-without-words", "no English label or no English definition"),
    Kind("individual without label", individuals, drop("rdfs:label"), "individual-without-words", "no English label or no English definition"),
    Kind("term removed and used", terms, where(used, lambda _: []), "undeclared-term", "is not defined in the ontology", focus=user, file=user_file),
    Kind("term retired and used", terms, where(used, RETIRED), "retired-term-in-use", "is retired; use milia:Concept", focus=user, file=user_file),
    Kind("superclass undefined", classes, change("rdfs:subClassOf", lambda _, v: NamedNode(v.value + "s") if v.value.startswith(PREFIXES["milia"]) else None), "undeclared-term", "is not defined in the ontology"),
    Kind("classes in a circle", classes, back("rdfs:subClassOf"), "cycle-in-classes", "is wider than itself"),
    Kind("link without far end", link_properties, drop("schema:rangeIncludes"), "shape:Or", "but not what it leads to"),
    Kind("link with ends that disagree", link_properties, change("rdfs:domain", lambda _, v: "milia:Gene" if v != milia("Gene") else "milia:Care"), "ends-disagree", "make both say the same"),
    Kind("link with two ranges", link_properties, where(lambda s: s.value("rdfs:range"), add(("rdfs:range", "milia:Passage"))), "two-domains-or-ranges", "as its domain or its range"),
    Kind("range a role", link_properties, add(("rdfs:range", "milia:Cause")), "role-in-axiom", "milia:Cause is a role"),
    Kind("property of things and values", properties, add(("rdf:type", "owl:DatatypeProperty")), "shape:Not", "as taking things and as taking values"),
    Kind("property functional", properties, add(("rdf:type", "owl:FunctionalProperty")), "outside-owl2rl", "owl:FunctionalProperty is outside"),
    Kind("narrower property wider", link_properties, where(lambda s: PREFIXES["milia"] in str(s.value("rdfs:subPropertyOf")), add(("schema:rangeIncludes", "milia:Passage"))), "sub-property-outside-its-parent", "may start from or lead to"),
    Kind("inverse that may be claimed", inverses, drop("milia:derivedOnly"), "inverse-not-derived-only", "must never be claimed"),
    Kind("inverse with ends as they were", inverses, add(("schema:rangeIncludes", "milia:Passage")), "inverse-ends-not-swapped", "milia:Passage stands at one end"),
    Kind("inverse declared both ways", inverses, back("owl:inverseOf"), "inverse-declared-both-ways", "keep one owl:inverseOf"),
    Kind("inheritance sideways", properties, put("milia:inheritance", "milia:Draft"), "shape:In", "Inheritance has one of two directions"),
    Kind("header without title", header, drop("dcterms:title"), "shape:QualifiedMinCount", "The ontology has no English title"),
    Kind("header without description", header, drop("dcterms:description"), "shape:QualifiedMinCount", "The ontology has no English description"),
    Kind("header without creator", header, drop("dcterms:creator"), "shape:MinCount", "The ontology names no creator"),
    Kind("header without created", header, drop("dcterms:created"), "shape:MinCount", "The ontology needs one day of creation"),
    Kind("header without modified", header, drop("dcterms:modified"), "shape:MinCount", "The ontology needs one day of last change"),
    Kind("header without licence", header, drop("dcterms:license"), "shape:MinCount", "The ontology needs one licence"),
    Kind("header without citation", header, drop("dcterms:bibliographicCitation"), "shape:MinCount", "does not say how to cite it"),
    Kind("header without version IRI", header, drop("owl:versionIRI"), "shape:MinCount", "The ontology needs one version IRI"),
    Kind("header without version", header, drop("owl:versionInfo"), "shape:MinCount", "The ontology needs one version number"),
    Kind("header without prefix", header, drop("vann:preferredNamespacePrefix"), "shape:MinCount", "does not state its prefix"),
    Kind("header without namespace", header, drop("vann:preferredNamespaceUri"), "shape:MinCount", "does not state its namespace"),
    Kind("header without see-also", header, drop("rdfs:seeAlso"), "shape:MinCount", "points to nothing further"),
    Kind("header changed before it was made", header, put("dcterms:modified", typed("2020-01-01", "xsd:date")), "modified-before-created", "before it was made"),
)
# fmt: on
