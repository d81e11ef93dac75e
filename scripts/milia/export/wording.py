"""Put a fact, or a decision on care, into plain words.

Facts of one kind share a lead, such as "Milia show up on:", and each adds an item to it. An item says for
itself what limits it: how often, of whom, and whether it is sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from milia.kg import KnowledgeGraph

__all__ = [
    "ABOUT",
    "DECIDED",
    "LEADS",
    "TITLES",
    "WHY_SEE_A_DOCTOR",
    "Sentence",
    "decide",
    "put",
    "sources_of",
]

TITLES: Final = {
    "overview": "What is it?",
    "types": "Kinds",
    "causes": "Where it comes from",
    "sites": "Where it shows",
    "symptoms": "What it looks like",
    "doctor": "When to see a doctor",
    "self-care": "What you can do",
    "treatments": "Treatments",
    "products": "Products",
    "services": "Services",
    "questions": "Questions and answers",
}
WHY_SEE_A_DOCTOR: Final = "See a doctor in this case:"
# which links make up a block, and the lead of each; {s} is the form
LEADS: Final[dict[str, dict[str, str]]] = {
    "overview": {
        "subtypeOf": "{s} are a kind of:",
        "otherName": "Other names:",
        "diameter": "{s} are this wide:",
        "occursAt": "{s} show up at this age:",
        "prevalence": "This many have them:",
        "commonerIn": "{s} are seen more in:",
        "rarerIn": "{s} are seen less in:",
    },
    "types": {"hasSubtype": "{s} are of these kinds:"},
    "causes": {
        "arisesFrom": "{s} grow from:",
        "hasMechanism": "This is how {s} form:",
        "causedBy": "What is said of the cause:",
        "triggeredBy": "{s} come after:",
        "hasRiskFactor": "{s} are more likely with:",
        "aggravatedBy": "{s} get worse with:",
    },
    "sites": {"affects": "{s} show up on:"},
    "symptoms": {
        "hasAppearance": "{s} have this look:",
        "hasPattern": "{s} lie like this:",
        "presentsWith": "What comes with {s}:",
    },
    "doctor": {"seekCareWhen": WHY_SEE_A_DOCTOR},
    "questions": {
        "hasCourse": "{s} go on like this:",
        "resolvesWithin": "{s} are gone in:",
        "appearsAfter": "{s} take this long to show:",
        "diagnosedBy": "{s} are told by:",
        "resembles": "{s} look much like:",
        "associatedWith": "{s} are seen with:",
        "preventedBy": "{s} can be kept away by:",
    },
}
# the question that a lead of the last block answers
ABOUT: Final = {
    "hasCourse": "What becomes of it?",
    "resolvesWithin": "How long does it last?",
    "appearsAfter": "How soon does it show?",
    "diagnosedBy": "How do doctors know it?",
    "resembles": "What looks like it?",
    "associatedWith": "What goes with it?",
    "preventedBy": "Can it be kept away?",
}
# what is done of what was decided; a decision that is not here suggests nothing
DECIDED: Final = {
    "SeeADoctorFirst": "A doctor decides if this is right:",
    "ReassuranceOnly": "As long as it may be a baby, this is all to do:",
    "AdviseSelfCare": "You can do this at home:",
    "Suggested": "You can ask for this:",
}
_RARE: Final = {"milia:Rarely", "hp:0040284"}  # the second: very rare


@dataclass(frozen=True)
class Sentence:
    """A lead and an item, the names of things in both, and the claims (none where a rule alone says so)."""

    lead: str
    item: str
    names: tuple[str, ...]
    claims: tuple[str, ...] = ()
    thing: str = ""
    """What the item names: an IRI; none for what only a catalogue names."""
    link: str = ""
    """Our property that it puts into words; none where it says what was decided on care."""
    is_general: bool = False
    """Whether a source says so outright, of anybody, and not as a rare thing."""
    is_offered: bool = False
    """Whether it names what a clinic offers."""
    url: str = ""
    """Where the clinic has more on it."""

    @property
    def text(self) -> str:
        """Return the whole sentence."""
        return f"{self.lead} {self.item}."

    @property
    def question(self) -> str | None:
        """Return the question that it answers, if it stands among questions."""
        return ABOUT.get(self.link)


def put(
    kg: KnowledgeGraph, lead: str, link: tuple[str, str, str], status: str, claims: Sequence[str]
) -> Sentence:
    """Put a fact into words, with all that limits it in the sources.

    Args:
        kg: the graph.
        lead: how the sentence begins, with {s} for the form.
        link: the IRI of the form, the short name of the property, and the IRI or text it leads to.
        status: `Established` or `Hedged`.
        claims: the claims for it.
    """
    form, name = kg.labels[link[0]], kg.labels.get(link[2], link[2])
    said = [kg.claims[c] for c in claims]
    often = sorted({kg.label(c.frequency) for c in said if c.frequency})
    limits = [{kg.label(value) for _, value in c.scope} for c in said]
    only = sorted(set().union(*limits)) if all(limits) else []
    notes = [
        *(["not sure"] if status == "Hedged" else []),
        *([" or ".join(often)] if often else []),
        *([f"only said of: {', '.join(only)}"] if only else []),
    ]
    item = f"{name} ({'; '.join(notes)})" if notes else name
    outright = any(not c.scope and c.frequency not in _RARE for c in said)
    is_general = status == "Established" and outright
    names = (form, name, *only, *often)
    return Sentence(lead.format(s=form), item, names, tuple(claims), link[2], link[1], is_general)


def decide(row: Mapping[str, str], claims: Sequence[str]) -> Sentence:
    """Put a decision on care (a row of `queries/pages/`) that suggests something into words."""
    name, cautions = row.get("serviceName") or row["careName"], _gathered(row.get("cautions", ""))
    item = f"{name}. Take care: {cautions}" if cautions else name
    lead = DECIDED[row["decision"].rpartition("/")[2]]
    names, url = (name, cautions), row.get("url", "")
    return Sentence(lead, item, names, tuple(claims), row["care"], is_offered="service" in row, url=url)


def _gathered(cautions: str) -> str:
    """Return cautions with each kind named once.

    >>> _gathered("may cause: Pain; may cause: Scar; not for: Eyelid")
    'may cause: Pain, Scar; not for: Eyelid'
    """
    of_kind: dict[str, list[str]] = {}
    for caution in filter(None, cautions.split("; ")):
        kind, _, what = caution.partition(": ")
        of_kind.setdefault(kind, []).append(what)
    return "; ".join(f"{kind}: {', '.join(whats)}" for kind, whats in of_kind.items())


def sources_of(kg: KnowledgeGraph, sentence: Sentence) -> set[str]:
    """Return the sources that a sentence rests on."""
    return {e.source for c in sentence.claims for e in kg.claims[c].evidence}
