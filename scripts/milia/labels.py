"""Give things the plain SKOS labels that their names add up to.

A name is a node of its own, claimed of a thing like any link. Readers of SKOS look for plain labels instead:
this module draws them from the names that stand, one preferred label a language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from milia.names import expand, milia, plain

__all__ = ["LABEL_OF", "Weight", "labels"]

Weight = tuple[int, int]
"""How much stands behind a fact: the rank of its best standing, then its number of voices."""

LABEL_OF = {
    milia("preferredName"): expand("skos:prefLabel"),
    milia("otherName"): expand("skos:altLabel"),
    milia("misspelling"): expand("skos:hiddenLabel"),
}
_PREFERRED, _OTHER = expand("skos:prefLabel"), expand("skos:altLabel")


def labels(asserted: Iterable[Triple], facts: Mapping[Triple, Weight]) -> list[Triple]:
    """Return a plain label for every name that stands and says something new.

    Args:
        asserted: what the concept files say: the forms of names, and the labels that things have already.
        facts: the naming facts that stand, with their weight.

    Among several preferred names of one language the weightiest becomes the preferred label, unless the thing
    has one already; the others become other labels.
    """
    forms: dict[NamedNode, Literal] = {}
    taken: dict[tuple[NamedNode, str], set[str]] = defaultdict(set)
    led: set[tuple[NamedNode, str]] = set()
    for t in asserted:
        if not isinstance(t.object, Literal) or not t.object.language:
            continue
        if t.predicate == expand("skosxl:literalForm"):
            forms[NamedNode(plain(t.subject))] = t.object
        elif t.predicate in {_PREFERRED, _OTHER}:
            key = NamedNode(plain(t.subject)), t.object.language
            taken[key].add(t.object.value.casefold())
            if t.predicate == _PREFERRED:
                led.add(key)
    result = []
    for t in sorted(facts, key=lambda t: (_order(t), tuple(-n for n in facts[t]), str(t))):
        thing, form = NamedNode(plain(t.subject)), forms.get(NamedNode(plain(t.object)))
        if form is None:
            continue
        key = thing, form.language or ""
        if form.value.casefold() in taken[key]:
            continue
        label = LABEL_OF[t.predicate]
        if label == _PREFERRED and key in led:
            label = _OTHER
        if label == _PREFERRED:
            led.add(key)
        taken[key].add(form.value.casefold())
        result.append(Triple(thing, label, form))
    return result


def _order(t: Triple) -> int:
    """Preferred names come first, misspellings last."""
    return list(LABEL_OF).index(t.predicate)
