"""Close any statements under OWL 2 RL: what follows from them, what contradicts them, and why.

The rules are those of `ontology/rules/owl2rl.rls`. Terms go into the engine as IRIs and come out as they
were: a literal keeps its spelling, and one that is wrong cannot lead the engine astray.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from milia.literals import SUPPORTED, data_value, datatypes
from milia.names import PREFIXES, Term, expand
from milia.paths import Home
from milia.reason import Engine, run_program, term_of
from milia.rules import fireable, parse_atom, read_rules

__all__ = ["Closure", "Contradiction", "Reason", "Statement", "close", "shown"]

Statement = tuple[Any, Any, Any]
"""Subject, predicate and object as RDF terms; the subject may be a literal, as in the recommendation."""

_RULES: Final = "owl2rl.rls"
_INSIDE: Final = "urn:milia:"  # names that terms have inside the engine
_TYPE, _SAME, _DIFFERENT = expand("rdf:type"), expand("owl:sameAs"), expand("owl:differentFrom")
_SPREAD: Final = "eq-diff1"
_STRING: Final = expand("xsd:string")
_THING: Final = expand("owl:Thing")
# numbers that rules look at: as objects of these they stay what they are
_COUNTS: Final = {expand("owl:maxCardinality"), expand("owl:maxQualifiedCardinality")}
_ANNOTATIONS: Final = (
    *("rdfs:label", "rdfs:comment", "rdfs:seeAlso", "rdfs:isDefinedBy", "owl:deprecated"),
    *("owl:versionInfo", "owl:priorVersion", "owl:backwardCompatibleWith", "owl:incompatibleWith"),
)
_REFLEXIVE: Final = {
    *(_SAME, expand("owl:equivalentClass"), expand("owl:equivalentProperty")),
    *(expand("rdfs:subClassOf"), expand("rdfs:subPropertyOf")),
}
_OF_ANYTHING: Final = {_TYPE, *(expand(f"rdfs:{name}") for name in ("subClassOf", "domain", "range"))}
_VOCABULARY: Final = tuple(PREFIXES[p] for p in ("owl", "rdf", "rdfs", "xsd"))
# what each contradiction says, with the columns that the rule gives
_SAID: Final = {
    "eq-diff1": "{0} and {1} are the same, and different",
    "eq-diff2": "{0} and {1} are the same, and are listed as all different",
    "eq-diff3": "{0} and {1} are the same, and are listed as all different",
    "prp-irp": "{2} links nothing to itself, and links {0} to itself",
    "prp-asyp": "{2} never goes both ways, and does between {0} and {1}",
    "prp-pdw": "{1} and {2} never hold of the same two, and do of {0} and another",
    "prp-adp": "{1} and {2} never hold of the same two, and do of {0} and another",
    "prp-npa1": "{0} {2} {1} is denied, and holds",
    "prp-npa2": "{0} {2} {1} is denied, and holds",
    "cls-nothing2": "{0} belongs to owl:Nothing, to which nothing belongs",
    "cls-com": "{0} belongs to {1} and to its complement {2}",
    "cls-maxc1": "{0} belongs to {1}, which has no {2}, and has one",
    "cls-maxqc1": "{0} belongs to {1}, which has no {2} of a kind, and has one",
    "cls-maxqc2": "{0} belongs to {1}, which has no {2}, and has one",
    "cax-dw": "{0} belongs to {1} and {2}, which have nothing in common",
    "cax-adc": "{0} belongs to {1} and {2}, which have nothing in common",
    "dt-not-type": "the literal {0} is no {1}",
}


@dataclass(frozen=True)
class Contradiction:
    """What cannot be true at once: the rule that finds it, and the terms that it is about."""

    rule: str
    terms: tuple[Any, ...]

    def sentence(self, names: Mapping[str, str] | None = None) -> str:
        """Say what the contradiction is; `names` are prefixes by which IRIs are shortened."""
        return _SAID[self.rule].format(*(shown(term, names or {}) for term in self.terms))


@dataclass(frozen=True)
class Reason:
    """Why a statement holds: a rule and what it rests on, or nothing where it was given."""

    statement: Statement | Contradiction
    rule: str = ""
    premises: tuple[Reason, ...] = ()

    def lines(self, names: Mapping[str, str], depth: int = 0) -> Iterator[str]:
        """Yield the reason as an indented outline."""
        if isinstance(self.statement, Contradiction):
            said = self.statement.sentence(names)
        else:
            said = " ".join(shown(term, names) for term in self.statement)
        yield f"{'  ' * depth}{said}  ({self.rule or 'given'})"
        for premise in self.premises:
            yield from premise.lines(names, depth + 1)

    def to_json(self) -> dict[str, Any]:
        """Return the reason as plain data, terms in N-Triples form."""
        said = self.statement
        if isinstance(said, Contradiction):
            told: dict[str, Any] = {"contradiction": said.rule, "terms": [str(t) for t in said.terms]}
        else:
            told = {"statement": [str(t) for t in said]}
        return {**told, "rule": self.rule, "premises": [one.to_json() for one in self.premises]}


def shown(term: Any, names: Mapping[str, str]) -> str:  # noqa: ANN401  any RDF term
    """Return a term as a person reads it: short where a prefix fits, a literal in quotes."""
    if isinstance(term, NamedNode):
        for prefix, space in names.items():
            local = term.value.removeprefix(space)
            if local != term.value and re.fullmatch(r"[\w-]*", local):
                return f"{prefix}:{local}"
    if isinstance(term, Literal) and not term.language and term.datatype != _STRING:
        return f"{Literal(term.value)}^^{shown(term.datatype, names)}"
    return str(term)


def _count(term: Any) -> str | None:  # noqa: ANN401  any RDF term
    """Return the whole number from 0 that a literal stands for, as text; nothing where it is none."""
    space, number = (isinstance(term, Literal) and data_value(term)) or ("", None)
    if space != "decimal" or not isinstance(number, Decimal) or number < 0 or number % 1:
        return None
    return str(int(number))


class _Terms:
    """Names terms for the engine, and gives them back."""

    def __init__(self) -> None:
        self._named: dict[Any, str] = {}
        self._terms: dict[str, Any] = {}
        self._counts: dict[str, Any] = {}

    def __call__(self, term: Any) -> str:  # noqa: ANN401  any RDF term
        """Return a term as it stands in what the engine reads."""
        if isinstance(term, NamedNode):
            return str(term)
        if term not in self._named:
            name = f"<{_INSIDE}{type(term).__name__.lower()}:{len(self._named)}>"
            self._named[term], self._terms[name] = name, term
        return self._named[term]

    def line(self, t: Triple) -> str:
        """Return a statement as it stands in what the engine reads."""
        text = _count(t.object) if t.predicate in _COUNTS else None
        if text is not None:
            self._counts.setdefault(text, t.object)
            return f'{self(t.subject)} {t.predicate} "{text}"^^<{PREFIXES["xsd"]}nonNegativeInteger> .\n'
        return f"{self(t.subject)} {self(t.predicate)} {self(t.object)} .\n"

    def literals(self) -> list[tuple[str, Literal]]:
        """Return the literals that have been named, with their names."""
        return [(name, term) for name, term in self._terms.items() if isinstance(term, Literal)]

    def back(self, value: Any) -> Any:  # noqa: ANN401  an RDF term as the engine gives it
        """Return the term that stood for a value of the engine."""
        if isinstance(value, NamedNode):
            return self._terms.get(str(value), value)
        return self._counts.get(value.value, value) if isinstance(value, Literal) else value


class _Back(dict[Any, Any]):
    """The term for each value that the engine gives, made when it first comes: most come again and again."""

    def __init__(self, terms: _Terms) -> None:
        self._terms = terms

    def __missing__(self, value: Any) -> Any:  # noqa: ANN401  what the engine gives has many shapes
        self[value] = term = self._terms.back(term_of(value))
        return term


class Closure:
    """What a run of the rules gave."""

    def __init__(self, engine: Engine, terms: _Terms, given: Sequence[Triple]) -> None:
        """Take a finished run; `close` makes one."""
        self._engine, self._terms, self._back = engine, terms, _Back(terms)
        self._given_triples = given

    @cached_property
    def given(self) -> frozenset[Statement]:
        """Return what was given."""
        return frozenset((t.subject, t.predicate, t.object) for t in self._given_triples)

    def rows(self, relation: str) -> list[tuple[Any, ...]]:
        """Return the rows of a relation of the rules, as RDF terms."""
        back = self._back.__getitem__
        return [tuple(map(back, row)) for row in self._engine.relation(relation)]

    @cached_property
    def statements(self) -> frozenset[Statement]:
        """Return all that holds, what was given and what follows."""
        return frozenset(self.rows("T"))

    @cached_property
    def axiomatic(self) -> frozenset[Statement]:
        """Return what is true of anything, where it was asked for."""
        return frozenset((s, p, o) for s, p, o in self.rows("Axiomatic"))

    @cached_property
    def inferred(self) -> frozenset[Triple]:
        """Return what follows and says something: nothing that is true of anything, or that RDF cannot say.

        Of one value in several spellings, the one that was given stands.
        """
        known = {(s, p, _meant(o)) for s, p, o in self.given}
        found: dict[Statement, Triple] = {}
        for s, p, o in sorted(self.statements - self.given, key=str):
            if (s, p, _meant(o)) not in known and says_something(s, p, o):
                found.setdefault((s, p, _meant(o)), Triple(s, p, o))
        return frozenset(found.values())

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Return what cannot be true at once, sorted; one that reads the same both ways once."""
        found: dict[tuple[str, frozenset[Any]], Contradiction] = {}
        for rule, *terms in sorted(self.rows("Inconsistent"), key=str):
            if (
                terms[0] == terms[1]
                and (terms[0], _DIFFERENT, terms[0]) not in self.given
                and rule.value == _SPREAD
            ):
                continue  # what differs from what it is the same as differs from itself, too
            found.setdefault((rule.value, frozenset(terms)), Contradiction(rule.value, tuple(terms)))
        return tuple(found.values())

    def explain(self, statement: Statement | Contradiction) -> Reason | None:
        """Return why a statement holds or a contradiction was found, or None where it was not."""
        if isinstance(statement, Contradiction):
            arguments = [f'"{statement.rule}"', *map(self._terms, statement.terms)]
            trace = self._engine.trace(f"Inconsistent({', '.join(arguments)})")
        else:
            trace = self._engine.trace(f"T({', '.join(map(self._terms, statement))})")
        return None if trace is None else next(self._reasons(trace))

    def _reasons(self, trace: Mapping[str, Any]) -> Iterator[Reason]:
        """Yield the reason in a trace; of a rule without a name, which only prepares, its own reasons."""
        if "fact" in trace:
            yield self._given(trace["fact"])
            return
        parts = dict.fromkeys(reason for part in trace["subtraces"] for reason in self._reasons(part))
        if not trace.get("name"):
            yield from parts
            return
        head = parse_atom(trace["rule"].partition(":-")[0])
        values = [trace["assignment"][a] if isinstance(a, str) else a for a in head.arguments]
        terms = tuple(self._terms.back(_read(value)) for value in values)
        yield Reason(_said(head.relation, terms), trace["name"], tuple(parts))

    def _given(self, fact: str) -> Reason:
        atom = parse_atom(fact)
        terms = tuple(self._terms.back(term) for term in atom.arguments)
        rule = "dt-type2" if atom.relation == "LiteralType" else ""
        return Reason(_said(atom.relation, terms), rule)


def _said(relation: str, terms: tuple[Any, ...]) -> Statement | Contradiction:
    """Return what a row of a relation says, of those that an explanation shows."""
    if relation == "Inconsistent":
        return Contradiction(terms[0].value, terms[1:])
    if relation == "DifferentFrom":
        return terms[0], _DIFFERENT, terms[1]
    return terms[0], _TYPE if relation == "LiteralType" else terms[1], terms[2]


def _read(value: Any) -> Any:  # noqa: ANN401  a term, or the text of one
    if not isinstance(value, str):
        return value
    return NamedNode(value[1:-1]) if value.startswith("<") else Literal(value.strip('"'))


def _meant(term: Any) -> Any:  # noqa: ANN401  any RDF term
    return data_value(term) or term if isinstance(term, Literal) else term


def says_something(s: Any, p: Any, o: Any) -> bool:  # noqa: ANN401  any RDF terms
    """Tell whether a statement can be said in RDF, and is not true of anything or of the vocabularies."""
    if isinstance(s, Literal) or not isinstance(p, NamedNode):
        return False
    if isinstance(s, NamedNode) and s.value.startswith(_VOCABULARY):
        return False
    if (s == o and p in _REFLEXIVE) or (p == _DIFFERENT and isinstance(o, Literal)):
        return False
    return not (p in _OF_ANYTHING and o == _THING)


def close(home: Home, triples: Iterable[Triple], *, complete: bool = False) -> Closure:
    """Close statements under OWL 2 RL; `complete` also gives what is true of anything (`axiomatic`).

    Raises:
        BadSource: the rules do not parse.
        MissingPart: the rule engine is not installed.
    """
    given = list(dict.fromkeys(triples))
    terms = _Terms()
    inputs = {"T": "".join(map(terms.line, given))}
    iris = {t for row in given for t in (row.subject, row.predicate, row.object) if isinstance(t, NamedNode)}
    inputs |= _literals(terms, iris)
    inputs["BuiltIn"] = _built_in(None if complete else iris)
    known = {*iris, *map(expand, ("rdf:type", "rdfs:Datatype", "owl:Class", "owl:AnnotationProperty"))}
    rules = fireable(read_rules(home, (_RULES,)), [name for name, text in inputs.items() if text], known)
    kept = [rule for rule in rules if complete or rule.head.relation != "Axiomatic"]
    return Closure(run_program(kept, inputs), terms, given)


def _literals(terms: _Terms, mentioned: set[NamedNode]) -> dict[str, str]:
    """Return what the rules read of the literals: their values, and their types as far as mentioned."""
    right, wrong = [], []
    values: dict[Any, int] = {}
    for name, literal in terms.literals():
        value = data_value(literal)
        if value is None:
            wrong.append(f"{name} {_TYPE} {literal.datatype} .\n")
            continue
        number = values.setdefault(value, len(values))
        # its own datatype too, so that each has one: it is from this that rules know that it is a literal
        kinds = datatypes(value) & mentioned | {literal.datatype}
        right += [f"{name} <{_INSIDE}value:{number}> {kind} .\n" for kind in sorted(kinds, key=str)]
    return {"LiteralType": "".join(right), "IllFormed": "".join(wrong)}


def _built_in(mentioned: set[NamedNode] | None) -> str:
    """Return what is built in, as far as anything mentions it; without that, all of it."""
    pairs: Sequence[tuple[Term, str]] = [
        *((expand(name), "owl:AnnotationProperty") for name in _ANNOTATIONS),
        *((datatype, "rdfs:Datatype") for datatype in sorted(SUPPORTED, key=str)),
        *((expand(name), "owl:Class") for name in ("owl:Thing", "owl:Nothing")),
    ]
    known = ((term, kind) for term, kind in pairs if mentioned is None or term in mentioned)
    return "".join(f"{term} {_TYPE} {expand(kind)} .\n" for term, kind in known)
