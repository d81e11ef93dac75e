"""Turn what the rules say about care into the graph of suggestions.

`ontology/rules/care.rls` decides; this module only names the nodes (the engine has no hash functions) and
gathers what belongs to each. It knows neither the engine nor the rules, only the relations they fill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from milia.names import BASE, digest, expand, fact_iri, milia

__all__ = ["suggestions"]

Relation = Callable[[str], Iterable[tuple[Any, ...]]]
Ranks = Callable[[str], dict[str, NamedNode]]

_PLAIN: Final = {
    "CoversAge": "coversAge",
    "CoversSite": "coversSite",
    "CoveredBy": "coveredBy",
}
_IN_BLOCKS: Final = ("Suggestion", "ServiceSuggestion", "Withholding", "ServiceWithholding")
_BY_COMPARISON: Final = ([milia("OtherCareOnly")], [milia("OtherFormOnly")])
_ALWAYS_ASKED: Final = ("age:newborn", "age:infant", "age:child", "site:eyelid")
_SERVICE: Final = BASE + "service/"
_ONLY: Final = milia("NamedOnlyFor")


def suggestions(relation: Relation, ranks: Ranks) -> list[Triple]:
    """Return the graph of suggestions, withholdings, cautions and advice.

    `relation` gives the rows of a relation; `ranks` gives the terms of a scale (`Standing`, `StudyDesign`)
    by their rank.
    """
    return [*_Nodes(relation, ranks).triples()]


class _Nodes:
    def __init__(self, relation: Relation, ranks: Ranks) -> None:
        self._relation, self._ranks = relation, ranks
        self._block: dict[Any, Any] = dict(relation("InBlock"))
        self._said_with: dict[Any, list[NamedNode]] = defaultdict(list)
        for thing, kind, x in relation("Caution"):
            parts = {_end(thing): [thing], "cautionKind": [kind], "warnsOf": [x]}
            self._said_with[thing].append(_name("Caution", parts))
        self._only_for: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for form, care, x in relation("OnlyFor"):
            parts = {"ofForm": [form], "ofCare": [care], "cautionKind": [_ONLY], "warnsOf": [x]}
            self._only_for[form, care].append(_name("Caution", parts))

    def triples(self) -> Iterator[Triple]:
        yield from self._suggestions()
        yield from self._services()
        yield from self._withheld()
        yield from self._limits()
        yield from self._cautions()
        yield from self._advice()
        for name, predicate in _PLAIN.items():
            yield from (Triple(a, milia(predicate), b) for a, b in self._relation(name))
        limits = {x for _, x, _ in self._relation("Limit")} | set(map(expand, _ALWAYS_ASKED))
        yield from (Triple(a, milia("clearOf"), b) for a, b in self._relation("ClearOf") if b in limits)
        for thing, block in self._block.items():
            if thing.value.startswith(_SERVICE):
                yield Triple(thing, milia("inBlock"), block)

    def _grouped(self, name: str, width: int) -> dict[tuple[Any, ...], list[Any]]:
        """Return the last values of a relation by the first ones."""
        result: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for row in self._relation(name):
            result[row[:width]].append(row[width])
        return result

    def _scale(self, name: str, scale: str) -> dict[tuple[Any, ...], list[Any]]:
        terms = self._ranks(scale)
        return {row[:2]: [terms[row[2].value]] for row in self._relation(name) if row[2].value in terms}

    def _suggestions(self) -> Iterator[Triple]:
        decided = self._grouped("Decided", 1)
        parts = {
            "restsOn": self._grouped("RestsOn", 2),
            "basis": self._grouped("Basis", 2),
            "hasCaution": self._only_for,
            "decision": {(f, c): decided[c,] for f, _, c in self._relation("Suggest") if (c,) in decided},
            "strengthDesign": self._scale("CareDesign", "StudyDesign"),
            "strengthStanding": self._scale("CareStanding", "Standing"),
            "strengthSources": self._grouped("CareVoices", 2),
        }
        for form, link, care in self._relation("Suggest"):
            yield Triple(form, link, care)
            said = {name: [*part.get((form, care), [])] for name, part in parts.items()}
            said["hasCaution"] += self._said_with.get(care, [])
            yield from self._node("Suggestion", ofForm=[form], ofCare=[care], **said)
        for form, care, x in self._relation("OnlyFor"):
            yield from self._node("Caution", ofForm=[form], ofCare=[care], cautionKind=[_ONLY], warnsOf=[x])

    def _services(self) -> Iterator[Triple]:
        basis = self._grouped("Basis", 2)
        cares: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
        for form, service, care in self._relation("Fits"):
            cares[form, service].append(care)
        for (form, service), provided in cares.items():
            yield from self._node(
                "ServiceSuggestion",
                ofForm=[form],
                ofService=[service],
                ofCare=provided,
                basis=[c for care in provided for c in basis[form, care]],
                restsOn=[fact_iri(service, milia("provides"), care) for care in provided],
                hasCaution=[
                    *self._said_with.get(service, []),
                    *(c for care in provided for c in self._only_for.get((form, care), [])),
                ],
            )

    def _withheld(self) -> Iterator[Triple]:
        for (form, care, why), facts in self._grouped("Withhold", 3).items():
            yield from self._node("Withholding", ofForm=[form], ofCare=[care], because=[why], restsOn=facts)
        for name, why in (("Spoilt", "MixedService"), ("Uncertain", "UncertainService")):
            for form, service, care in self._relation(name):
                yield from self._node(
                    "ServiceWithholding",
                    ofForm=[form],
                    ofService=[service],
                    ofCare=[care],
                    because=[milia(why)],
                    restsOn=[fact_iri(service, milia("provides"), care)],
                )

    def _limits(self) -> Iterator[Triple]:
        facts = self._grouped("LimitRests", 3)
        for thing, x, why in dict.fromkeys(self._relation("Limit")):
            yield from self._node(
                "Limit",
                withheldAt=[x],
                because=[why],
                restsOn=facts.get((thing, x, why), []),
                limits=[thing],
            )

    def _cautions(self) -> Iterator[Triple]:
        facts = self._grouped("CautionRests", 3)
        for thing, kind, x in dict.fromkeys(self._relation("Caution")):
            yield from self._node(
                "Caution",
                cautionKind=[kind],
                warnsOf=[x],
                restsOn=facts.get((thing, kind, x), []),
                **{_end(thing): [thing]},
            )

    def _advice(self) -> Iterator[Triple]:
        facts = self._grouped("AdviceRests", 2)
        for form, care in self._relation("Advise"):
            yield from self._node("Advice", ofForm=[form], ofCare=[care], restsOn=facts.get((form, care), []))
        for (form, when), reasons in self._grouped("SeeDoctor", 2).items():
            yield from self._node("DoctorAdvice", ofForm=[form], inCircumstance=[when], restsOn=reasons)
        for (service,), reasons in self._grouped("DoctorService", 1).items():
            always = expand("circumstance:any-case")
            yield from self._node(
                "DoctorAdvice", ofService=[service], inCircumstance=[always], restsOn=reasons
            )

    def _node(self, kind: str, **said: Iterable[Any]) -> Iterator[Triple]:
        """Yield a node named by what it is about; whatever software makes is a draft."""
        parts = {name: list(dict.fromkeys(values)) for name, values in said.items()}
        node = _name(kind, parts)
        yield Triple(node, expand("rdf:type"), milia(kind))
        yield Triple(node, milia("reviewState"), milia("Draft"))
        thing = (parts.get("ofService") or parts.get("ofCare") or [None])[0]
        if kind in _IN_BLOCKS and thing in self._block and parts.get("because") not in _BY_COMPARISON:
            yield Triple(node, milia("inBlock"), self._block[thing])
        for name, values in parts.items():
            yield from (Triple(node, milia(name), v) for v in values)


_NAMING: Final = (
    "ofForm",
    "ofService",
    "ofCare",
    "limits",
    "withheldAt",
    "because",
    "cautionKind",
    "warnsOf",
    "inCircumstance",
)


def _name(kind: str, parts: dict[str, list[Any]]) -> NamedNode:
    """Name a node by what it is about; a suggestion of a service is one, whatever care it draws on."""
    naming = [n for n in _NAMING if n in parts and (n != "ofCare" or kind != "ServiceSuggestion")]
    about = [f"{name} {value}" for name in naming for value in parts[name]]
    return NamedNode(f"{BASE}suggestion/{digest(' '.join([kind, *about]))}")


def _end(thing: NamedNode) -> str:
    return "ofService" if thing.value.startswith(_SERVICE) else "ofCare"
