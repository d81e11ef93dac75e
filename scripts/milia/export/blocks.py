"""Put what is known of a form of milia into the blocks of a web page, in plain words.

Every sentence is made from one fact, or from one decision on care, and names its claims. What is disputed or
denied is left out; what is only supposed says so. Care comes from the decisions alone (`queries/pages/`),
never from a bare link: what is unknown of the person counts as the case that forbids most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from milia.errors import UnknownName
from milia.kg import KnowledgeGraph
from milia.names import expand, short
from milia.offers import Placing

__all__ = ["NOTICE", "TITLES", "Block", "Page", "Reference", "Sentence", "decisions", "page"]

NOTICE: Final = "This page says what sources say. It is not medical advice. No clinician has reviewed it yet."

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
# which links make up a block, and how each is said; {s} is the form, {o} what it is linked with
_SAID: Final[dict[str, dict[str, str]]] = {
    "overview": {
        "subtypeOf": "{s} are a kind of this: {o}.",
        "occursAt": "{s} show up at this age: {o}.",
    },
    "causes": {
        "arisesFrom": "{s} grow from this: {o}.",
        "causedBy": "{s} come from this: {o}.",
        "hasMechanism": "{s} form like this: {o}.",
        "triggeredBy": "{s} come after this: {o}.",
        "hasRiskFactor": "{s} are more likely with this: {o}.",
        "aggravatedBy": "{s} get worse with this: {o}.",
    },
    "sites": {"affects": "{s} show up here: {o}."},
    "symptoms": {
        "hasAppearance": "{s} look like this: {o}.",
        "hasPattern": "{s} lie like this: {o}.",
        "presentsWith": "{s} come with this: {o}.",
    },
    "doctor": {"seekCareWhen": "See a doctor in this case: {o}."},
}
_QUESTIONS: Final = {
    "hasCourse": ("What becomes of it?", "{s} go on like this: {o}."),
    "resembles": ("What looks like it?", "{s} look much like this: {o}."),
    "preventedBy": ("Can it be kept away?", "{s} can be kept away with this: {o}."),
}
_DECIDED: Final = {
    "SeeADoctorFirst": "A doctor decides if this is right: {o}.",
    "ReassuranceOnly": "As long as it may be a baby, this is all to do: {o}.",
    "AdviseSelfCare": "You can do this at home: {o}.",
    "Suggested": "You can ask for this: {o}.",
}
_RARE: Final = {"milia:Rarely", "hp:0040284"}  # the second: very rare
_ASSESSMENT: Final = expand("care:clinical-assessment").value


@dataclass(frozen=True)
class Sentence:
    """A sentence, the names of things in it, and the claims it rests on (none where a rule alone says so)."""

    text: str
    names: tuple[str, ...]
    claims: tuple[str, ...] = ()
    question: str | None = None
    link: str = ""
    """Our property that it puts into words; none where it says what was decided on care."""
    is_general: bool = False
    """Whether a source says so outright, of anybody, and not as a rare thing."""
    url: str = ""
    """Where a clinic has more on what it offers."""


@dataclass(frozen=True)
class Block:
    """A part of a page under a heading."""

    name: str
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> str:
        """Return the heading."""
        return TITLES[self.name]


@dataclass(frozen=True)
class Reference:
    """A source that the page cites."""

    source: str
    title: str
    url: str | None


@dataclass(frozen=True)
class Page:
    """What is to be said of one form to one kind of person."""

    condition: str
    title: str
    blocks: tuple[Block, ...]
    references: tuple[Reference, ...]
    not_shown: tuple[Placing, ...] = ()
    """What a clinic offers and this page does not name, each with the reason."""


Row = Mapping[str, str]


def page(kg: KnowledgeGraph, condition: str, offers: Sequence[Placing] | None = None, **person: str) -> Page:
    """Return the page of a form of milia.

    Args:
        kg: the graph.
        condition: a form, by any name the graph knows.
        offers: what a clinic offers, placed among care; without it, care stands by itself.
        person: what is known of the reader: `age`, `site`, `pregnancy`, `provider`, `circumstance`.

    Raises:
        UnknownName: there is no such form, age, site, provider …
    """
    form = _form(kg, condition)
    facts = [row for row in kg.rows("page-facts") if row["form"] == form or row["object"] == form]
    own = _grouped(row for row in facts if row["form"] == form)
    blocks = {name: [*_facts(kg, form, own, said)] for name, said in _SAID.items()}
    blocks["types"] = [*_types(kg, form, facts)]
    decided = decisions(kg, form, **person)
    named = {name for sentence in blocks["doctor"] for name in sentence.names}
    for name, sentence in _care(kg, form, decided if offers is None else _offered(decided, offers)):
        if name != "doctor" or named.isdisjoint(sentence.names):
            blocks.setdefault(name, []).append(sentence)
    blocks["questions"] = [*_questions(kg, form, own, decided)]
    made = tuple(Block(name, _distinct(blocks[name])) for name in TITLES if blocks.get(name))
    left = tuple(_not_shown(decided, offers or ()))
    return Page(form, kg.labels[form], made, tuple(_references(kg, made)), left)


def decisions(kg: KnowledgeGraph, form: str, **person: str) -> list[Row]:
    """Return what both blocks of care decide for a form and a person, with `block` for where it stands."""
    return [
        {**row, "block": block}
        for block in ("related-treatments", "products")
        for row in kg.ask(block, form=form, **person).records()
    ]


def _form(kg: KnowledgeGraph, name: str) -> str:
    iri = kg.iri(name).value
    forms = kg.store.query("SELECT ?form { ?form a milia:MiliaForm } ORDER BY ?form").records()
    known = [row["form"] for row in forms]
    if iri not in known:
        raise UnknownName("form of milia", name, [short(f).partition(":")[2] for f in known])
    return iri


def _grouped(rows: Iterable[Row]) -> dict[str, dict[tuple[str, str], list[str]]]:
    """Return the claims of each fact, by predicate, object and status."""
    result: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        result[short(row["predicate"]).partition(":")[2]][row["object"], row["status"]].append(row["claim"])
    return result


def _facts(
    kg: KnowledgeGraph,
    form: str,
    own: Mapping[str, Mapping[tuple[str, str], list[str]]],
    said: Mapping[str, str],
) -> Iterator[Sentence]:
    for predicate, words in said.items():
        for (obj, status), claims in own.get(predicate, {}).items():
            if obj in kg.labels:
                yield _sentence(kg, words, (form, predicate, obj), status, claims)


def _sentence(
    kg: KnowledgeGraph, words: str, link: tuple[str, str, str], status: str, claims: Sequence[str]
) -> Sentence:
    subject, obj = kg.labels[link[0]], kg.labels[link[2]]
    outright = (c for c in map(kg.claims.__getitem__, claims) if not c.scope and c.frequency not in _RARE)
    is_general = status == "Established" and any(outright)
    text = words.format(s=subject, o=obj)
    often = sorted({kg.label(f) for c in claims if (f := kg.claims[c].frequency)})
    limits = [{kg.label(value) for _, value in kg.claims[c].scope} for c in claims]
    only = sorted(set().union(*limits)) if all(limits) else []
    text = f"This is not sure: {text}" if status == "Hedged" else text
    text += f" How often: {', '.join(often)}." if often else ""
    text += f" This is only said of: {', '.join(only)}." if only else ""
    names = (subject, obj, *only, *often)
    return Sentence(text, names, tuple(claims), link=link[1], is_general=is_general)


def _types(kg: KnowledgeGraph, form: str, facts: Iterable[Row]) -> Iterator[Sentence]:
    below: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in facts:
        if row["object"] == form and row["predicate"] == expand("milia:subtypeOf").value:
            below[row["form"], row["status"]].append(row["claim"])
    for (kind, status), claims in below.items():
        yield _sentence(kg, "{o} are one kind.", (form, "hasSubtype", kind), status, claims)


def _care(kg: KnowledgeGraph, form: str, decided: Iterable[Row]) -> Iterator[tuple[str, Sentence]]:
    basis: dict[str, list[str]] = defaultdict(list)
    for row in kg.rows("care-basis"):
        if row["form"] == form:
            basis[row["care"]].append(row["claim"])
    for row in decided:
        decision = row["decision"].rpartition("/")[2]
        if decision not in _DECIDED:
            continue
        if row["care"] == _ASSESSMENT and "service" not in row and decision == "SeeADoctorFirst":
            yield "doctor", Sentence(f"See a doctor in this case: {row['why']}.", (row["why"],))
            continue
        name = row.get("serviceName") or row["careName"]
        text = _DECIDED[decision].format(o=name)
        if cautions := row.get("cautions"):
            text += f" Take care: {cautions}."
        names = (name, row.get("cautions", ""))
        claims = tuple(basis[row["care"]])
        yield _place(row, decision), Sentence(text, names, claims, url=row.get("url", ""))


def _offered(decided: Iterable[Row], offers: Iterable[Placing]) -> Iterator[Row]:
    """Yield the decisions with a clinic's offers in place of the care that needs somebody to give it."""
    rows = [row for row in decided if "service" not in row]
    for row in rows:
        if row["care"] == _ASSESSMENT or row["decision"].endswith(("/AdviseSelfCare", "/ReassuranceOnly")):
            yield row
    for placing in offers:
        block = "products" if placing.offer.kind == "product" else "related-treatments"
        for row in rows:
            if row["block"] == block and row["care"] in placing.care[:1] and _may_be(rows, placing.care):
                offer = placing.offer
                yield {**row, "service": offer.name, "serviceName": offer.name, "url": offer.url}


def _not_shown(decided: Sequence[Row], offers: Iterable[Placing]) -> Iterator[Placing]:
    """Yield the offers that are not named, with the reason why the first of their kinds of care is not."""
    for placing in offers:
        block = "products" if placing.offer.kind == "product" else "related-treatments"
        rows = [row for row in decided if row["block"] == block]
        if placing.care and _may_be(rows, placing.care):
            continue
        why = {row["care"]: row["why"] for row in rows if row["decision"].endswith("/NotSuggested")}
        held = (f"not suggested: {why[care]}" for care in placing.care if care in why)
        yield replace(placing, why=placing.why or next(held, "not suggested: nothing is known of it here"))


def _may_be(rows: Sequence[Row], care: Iterable[str]) -> bool:
    """Say whether all kinds of care may be suggested, so that an offer that mixes them stands only then."""
    may = {row["care"] for row in rows if row["decision"].rpartition("/")[2] in _DECIDED}
    return may.issuperset(care)


def _place(row: Row, decision: str) -> str:
    if "service" in row:
        return "products" if row["block"] == "products" else "services"
    if decision in {"AdviseSelfCare", "ReassuranceOnly"}:
        return "self-care"
    return "products" if row["block"] == "products" else "treatments"


def _questions(
    kg: KnowledgeGraph,
    form: str,
    own: Mapping[str, Mapping[tuple[str, str], list[str]]],
    decided: Sequence[Row],
) -> Iterator[Sentence]:
    advised = {row["care"] for row in decided if row["decision"].endswith("/AdviseSelfCare")}
    for predicate, (question, words) in _QUESTIONS.items():
        for (obj, status), claims in own.get(predicate, {}).items():
            if obj not in kg.labels or (predicate == "preventedBy" and obj not in advised):
                continue  # prevention is care too: nothing that is not advised to this person
            yield replace(_sentence(kg, words, (form, predicate, obj), status, claims), question=question)


def _distinct(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences, each said once: the one that has claims before the one that has none."""
    by_text: dict[str, Sentence] = {}
    for sentence in sentences:
        if not (known := by_text.get(sentence.text)) or not known.claims:
            by_text[sentence.text] = sentence
    return tuple(by_text.values())


def _references(kg: KnowledgeGraph, blocks: Iterable[Block]) -> Iterator[Reference]:
    cited = {e.source for b in blocks for s in b.sentences for c in s.claims for e in kg.claims[c].evidence}
    for row in kg.rows("cited-sources"):
        if row["source"] in cited:
            yield Reference(row["source"], row["title"], row.get("url"))
