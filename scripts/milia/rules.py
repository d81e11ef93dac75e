"""Rules as data: read the rule files, and leave out what cannot fire on given statements.

Knows the syntax of the rules (`ontology/rules/*.rls`, in Nemo's language), not what they mean, and not the
engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from milia.errors import BadSource
from milia.names import Term
from milia.paths import Home

__all__ = ["GIVES_TRIPLES", "RULE_FILES", "Atom", "Rule", "deriving", "fireable", "parse_atom", "read_rules"]

RULE_FILES: Final = ("facts.rls", "owl2rl.rls", "links.rls", "care.rls")

GIVES_TRIPLES: Final = frozenset({"T", "Link", "Inherited"})
"""The relations whose rows are derived triples."""

_UNREAD: Final = {"Stated"}
"""Relations whose constants are taken to occur: the claims are too many to go through for the question."""

_INSIDE = r"(?:[^()]|\([^()]*\))*"  # arguments, with room for an aggregate such as #max(?r)
_RULE = re.compile(
    rf'(?:#\[name\("(?P<name>[^"]+)"\)\]\s*)?(?P<head>^\w+\({_INSIDE}\))\s*:-\s*(?P<body>.*?)\s\.\s*$',
    re.M | re.S,
)
_ATOM = re.compile(rf"(?P<absent>~?)(?P<relation>\b[A-Z]\w*)\((?P<arguments>{_INSIDE})\)")
_DIRECTIVE = re.compile(r"@prefix\s+\w+:\s*<[^>]*>\s*\.|@output\s+\w+\s*\.")
_FUNCTIONS = {"DOUBLE", "SQRT"}
_OTHER = re.compile(r"(\?\w+)\s*!=\s*(\?\w+)")
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_VOCABULARIES = ("http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2002/07/owl#")
_PREFIX = re.compile(r"@prefix\s+(\w+):\s*<([^>]*)>")


@dataclass(frozen=True)
class Atom:
    """A relation over variables (text beginning with `?`) and terms; `absent` marks a negation."""

    relation: str
    arguments: tuple[str | Term, ...]
    absent: bool = False

    def filled(self, values: Mapping[str, Term]) -> tuple[str | Term, ...]:
        """Return the arguments with what is known put in."""
        return tuple(values.get(a, a) if isinstance(a, str) else a for a in self.arguments)

    def constants(self) -> Iterable[NamedNode]:
        """Return the IRIs among the arguments."""
        return (a for a in self.arguments if isinstance(a, NamedNode))


@dataclass(frozen=True)
class Rule:
    """A rule: what it gives, from what; those without a name only prepare what others read."""

    name: str | None
    head: Atom
    body: tuple[Atom, ...]
    differ: tuple[tuple[str, str], ...]
    text: str

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables of the atoms that must hold, in the order in which they first occur."""
        found = (a for atom in self.body if not atom.absent for a in atom.arguments)
        return tuple(dict.fromkeys(a for a in found if isinstance(a, str)))


def read_rules(home: Home, files: Iterable[str] = RULE_FILES) -> list[Rule]:
    """Return the rules of the project, in the order of the files; in `text`, names are whole IRIs.

    Raises:
        BadSource: a file cannot be read, or something in it is no rule; says in which line.
    """
    rules = []
    for file in files:
        path = home.ontology / "rules" / file
        text = _read(path, home.relative(path))
        prefixes = dict(_PREFIX.findall(text))
        found = list(_RULE.finditer(text))
        _nothing_else(text, found, home.relative(path))
        rules += [_rule(match, prefixes) for match in found]
    return rules


def _read(path: Path, name: str) -> str:
    """Return a rule file with its comments blanked, so that lines keep their numbers."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSource(name, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSource(name, None, "is not UTF-8 text", "save the file as UTF-8") from error
    return "\n".join("" if line.lstrip().startswith("%") else line for line in text.split("\n"))


def _nothing_else(text: str, rules: Sequence[re.Match[str]], name: str) -> None:
    """Make sure that between the rules there is nothing but prefixes and outputs."""
    ends = [0, *(m.end() for m in rules)]
    for start, end in zip(ends, [*(m.start() for m in rules), len(text)], strict=True):
        for line in re.finditer(r"[^\n]+", text[start:end]):
            if line[0].strip() and not _DIRECTIVE.fullmatch(line[0].strip()):
                number = text.count("\n", 0, start + line.start()) + 1
                what = f"is no rule: {line[0].strip()}"
                raise BadSource(name, number, what, "write 'Head(…) :- Body(…), … .', a space before the dot")


def _rule(found: re.Match[str], prefixes: Mapping[str, str]) -> Rule:
    text = re.sub(
        r"(?<![\w<:/])(\w+):(\w[\w-]*)",
        lambda m: f"<{prefixes[m[1]]}{m[2]}>" if m[1] in prefixes else m[0],
        found[0],
    )
    head, _, body = text.partition(":-")
    atoms = tuple(_atom(m) for m in _ATOM.finditer(body) if m["relation"] not in _FUNCTIONS)
    return Rule(
        found["name"], next(map(_atom, _ATOM.finditer(head))), atoms, tuple(_OTHER.findall(body)), text
    )


def _atom(found: re.Match[str]) -> Atom:
    arguments = tuple(_argument(a.strip()) for a in found["arguments"].split(","))
    return Atom(found["relation"], arguments, bool(found["absent"]))


def parse_atom(text: str) -> Atom:
    """Return the atom that stands in a text of the engine, in which names are whole IRIs.

    >>> parse_atom("T(?x, <http://p>, <http://c>)").relation
    'T'
    """
    found = _ATOM.search(text)
    assert found, text
    return _atom(found)


def _argument(text: str) -> str | Term:
    if text.startswith("?"):
        return text
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    return Literal(text.strip('"'))


def fireable(rules: Iterable[Rule], inputs: Iterable[str], known: Iterable[NamedNode]) -> list[Rule]:
    """Return the rules that can fire at all, given the input relations and the IRIs that occur in them.

    What is stated is not gone through: `known` are the IRIs of everything else.

    A rule that reads a relation nothing fills, or an IRI that nothing mentions, gives nothing; without such
    rules the program takes about half the time to parse and run, with the same result.
    """
    relations, constants = set(inputs), set(known)
    waiting, firing = list(rules), []
    while True:
        ready = [r for r in waiting if _can_fire(r, relations, constants)]
        if not ready:
            break
        firing += ready
        gone = set(map(id, ready))
        waiting = [r for r in waiting if id(r) not in gone]
        relations.update(r.head.relation for r in ready)
        constants.update(c for r in ready for c in r.head.constants())
    order = {id(rule): n for n, rule in enumerate(rules)}
    return sorted(firing, key=lambda r: order[id(r)])


def deriving(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules by which links come from triples, with those that prepare what they read.

    Worked out backwards from the links. The unnamed rules that only hand facts and asserted statements to the
    closure are not among them, and neither are those that say of what class a thing is, or what only such
    rules read: proofs are of links.
    """
    rules = [r for r in rules if _TYPE not in r.head.arguments]
    readable = _filled_from_triples(rules)
    wanted = {(relation, "") for relation in GIVES_TRIPLES}
    while True:
        ours = [r for r in rules if _topic(r.head) in wanted]
        more = {_topic(a) for r in ours for a in r.body if not a.absent and a.relation in readable} - wanted
        if not more:
            return [r for r in ours if r.name or r.head.relation != "T"]
        wanted |= more


def _filled_from_triples(rules: Iterable[Rule]) -> set[str]:
    """Return the relations whose rows come from derived triples, by whatever way."""
    found = set(GIVES_TRIPLES)
    while True:
        more = {r.head.relation for r in rules if any(a.relation in found for a in r.body if not a.absent)}
        if more <= found:
            return found
        found |= more


def _topic(atom: Atom) -> tuple[str, str]:
    """Return what an atom is about: its relation and, for triples of RDFS and OWL, their property."""
    if atom.relation in GIVES_TRIPLES:
        predicate = atom.arguments[1]
        if isinstance(predicate, NamedNode) and predicate.value.startswith(_VOCABULARIES):
            return atom.relation, predicate.value
    return atom.relation, ""


def _can_fire(rule: Rule, relations: set[str], constants: set[NamedNode]) -> bool:
    needed = [a for a in rule.body if not a.absent]
    return all(
        a.relation in relations and (a.relation in _UNREAD or all(c in constants for c in a.constants()))
        for a in needed
    )
