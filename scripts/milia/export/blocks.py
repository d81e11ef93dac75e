"""Put what is known of a form of milia into the blocks of a web page.

Every sentence is made from one fact, or from one decision on care, and names its claims. What is disputed or
denied is left out; what is only supposed says so. Care comes from the decisions alone (`queries/pages/`),
never from a bare link: what is unknown of the person counts as the case that forbids most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from milia.errors import UnknownName
from milia.export.wording import DECIDED, LEADS, TITLES, WHY_SEE_A_DOCTOR, Sentence, decide, put, sources_of
from milia.kg import KnowledgeGraph
from milia.names import expand, short
from milia.offers import Placing

__all__ = ["NOTICE", "Block", "Page", "Provider", "Reference", "decisions", "page"]

NOTICE: Final = "This page says what sources say. It is not medical advice. No clinician has reviewed it yet."

_CARE_BLOCKS: Final = ("related-treatments", "products")  # questions of `queries/pages/`
_ASSESSMENT: Final = expand("care:clinical-assessment").value

Row = Mapping[str, str]
Facts = Mapping[str, Mapping[tuple[str, str], list[str]]]
"""The claims of each fact of a form: by property, then by what it leads to and the status."""


@dataclass(frozen=True)
class Block:
    """A part of a page under a heading."""

    name: str
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> str:
        """Return the heading."""
        return TITLES[self.name]

    def parts(self) -> dict[tuple[str | None, str], list[Sentence]]:
        """Return the sentences by the question they answer and their lead."""
        result: dict[tuple[str | None, str], list[Sentence]] = {}
        for sentence in self.sentences:
            result.setdefault((sentence.question, sentence.lead), []).append(sentence)
        return result


@dataclass(frozen=True)
class Reference:
    """A source that the page cites."""

    source: str
    title: str
    url: str | None


@dataclass(frozen=True)
class Provider:
    """Who offers what stands among services and products, and who works there, as what."""

    iri: str
    name: str
    url: str
    telephone: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """What is to be said of one form to one kind of person."""

    condition: str
    title: str
    blocks: tuple[Block, ...]
    references: tuple[Reference, ...]
    provider: Provider | None = None
    not_shown: tuple[Placing, ...] = ()
    """What a clinic offers and this page does not name, each with the reason."""
    not_said: Mapping[str, int] = field(default_factory=dict)
    """How much is known of the form and not said here, by the reason."""

    def block(self, name: str) -> tuple[Sentence, ...]:
        """Return the sentences of a block; a block that is not on the page has none."""
        return next((b.sentences for b in self.blocks if b.name == name), ())


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
    choices = decisions(kg, form, **person)
    own = _grouped(kg, form)
    said = {name: [*_facts(kg, form, own, leads)] for name, leads in LEADS.items()}
    said["questions"] = [s for s in said["questions"] if s.link != "preventedBy" or _is_advised(s, choices)]
    named = {name for sentence in said["doctor"] for name in sentence.names}
    for name, sentence in _care(kg, form, choices if offers is None else _offered(choices, offers)):
        if name != "doctor" or named.isdisjoint(sentence.names):
            said.setdefault(name, []).append(sentence)
    blocks = tuple(Block(name, _distinct(said[name])) for name in TITLES if said.get(name))
    return Page(
        form,
        kg.labels[form],
        blocks,
        tuple(_references(kg, blocks)),
        _provider(kg, person.get("provider")),
        tuple(_not_shown(kg, form, choices, offers or ())),
        _not_said(kg, form, chain.from_iterable(said.values())),
    )


def decisions(kg: KnowledgeGraph, form: str, **person: str) -> list[Row]:
    """Return what both blocks of care decide for a form and a person, with `block` for where it stands."""
    return [
        {**row, "block": block}
        for block in _CARE_BLOCKS
        for row in kg.ask(block, form=form, **person).records()
    ]


def _form(kg: KnowledgeGraph, name: str) -> str:
    iri = kg.iri(name).value
    if iri not in kg.forms:
        raise UnknownName("form of milia", name, [short(f).partition(":")[2] for f in kg.forms])
    return iri


def _grouped(kg: KnowledgeGraph, form: str) -> Facts:
    """Return the facts of a form; what it is the kind of others, they say themselves."""
    result: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in kg.rows("page-facts"):
        link = _local(row["predicate"])
        if row["form"] == form:
            result[link][row["object"], row["status"]].append(row["claim"])
        elif row["object"] == form and link == "subtypeOf":
            result["hasSubtype"][row["form"], row["status"]].append(row["claim"])
    return result


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


def _facts(kg: KnowledgeGraph, form: str, own: Facts, leads: Mapping[str, str]) -> Iterator[Sentence]:
    """Yield the facts of a block: under each lead the sure ones first, and what most sources say."""
    for link, lead in leads.items():
        said = [
            (put(kg, lead, (form, link, thing), status, claims), status)
            for (thing, status), claims in own.get(link, {}).items()
        ]
        said.sort(key=lambda one: (one[1] == "Hedged", -len(sources_of(kg, one[0])), one[0].item))
        yield from (sentence for sentence, _ in said)


def _is_advised(sentence: Sentence, choices: Iterable[Row]) -> bool:
    """Say whether what prevents is advised to this person: prevention is care too."""
    return any(r["care"] == sentence.thing and r["decision"].endswith("/AdviseSelfCare") for r in choices)


def _care(kg: KnowledgeGraph, form: str, choices: Iterable[Row]) -> Iterator[tuple[str, Sentence]]:
    basis: dict[str, list[str]] = defaultdict(list)
    for row in kg.rows("care-basis"):
        if row["form"] == form:
            basis[row["care"]].append(row["claim"])
    for row in choices:
        decision = row["decision"].rpartition("/")[2]
        if row["care"] == _ASSESSMENT and "service" not in row and decision == "SeeADoctorFirst":
            yield "doctor", Sentence(WHY_SEE_A_DOCTOR, row["why"], (row["why"],))
        elif decision in DECIDED:
            yield _place(row, decision), decide(row, basis[row["care"]])


def _place(row: Row, decision: str) -> str:
    if "service" in row:
        return "products" if row["block"] == "products" else "services"
    if decision in {"AdviseSelfCare", "ReassuranceOnly"}:
        return "self-care"
    return "products" if row["block"] == "products" else "treatments"


def _offered(choices: Iterable[Row], offers: Iterable[Placing]) -> Iterator[Row]:
    """Yield the decisions with a clinic's offers in place of the care that needs somebody to give it."""
    rows = [row for row in choices if "service" not in row]
    for row in rows:
        if row["care"] == _ASSESSMENT or row["decision"].endswith(("/AdviseSelfCare", "/ReassuranceOnly")):
            yield row
    for placing in offers:
        block = "products" if placing.offer.kind == "product" else "related-treatments"
        for row in rows:
            if row["block"] == block and row["care"] in placing.care[:1] and _may_be(rows, placing.care):
                offer = placing.offer
                yield {**row, "service": offer.name, "serviceName": offer.name, "url": offer.url}


def _not_shown(
    kg: KnowledgeGraph, form: str, choices: Sequence[Row], offers: Iterable[Placing]
) -> Iterator[Placing]:
    """Yield the offers that are not named, with the reason why the first of their kinds of care is not."""
    why = {row["care"]: row["why"] for row in kg.rows("withheld") if row["form"] == form}
    why |= {row["care"]: row["why"] for row in choices if row["decision"].endswith("/NotSuggested")}
    for placing in offers:
        block = "products" if placing.offer.kind == "product" else "related-treatments"
        rows = [row for row in choices if row["block"] == block]
        if placing.care and _may_be(rows, placing.care):
            continue
        yield replace(placing, why=placing.why or _why_not(placing, why, choices))


def _why_not(placing: Placing, why: Mapping[str, str], choices: Iterable[Row]) -> str:
    held = [f"not suggested: {why[care]}" for care in placing.care if care in why]
    if held:
        return held[0]
    if any(row["care"] in placing.care and row["decision"].rpartition("/")[2] in DECIDED for row in choices):
        return f"is no {placing.offer.kind}: change its kind in the catalogue"
    return "not suggested: nothing is known of it here"


def _may_be(rows: Sequence[Row], care: Iterable[str]) -> bool:
    """Say whether all kinds of care may be suggested, so that an offer that mixes them stands only then."""
    may = {row["care"] for row in rows if row["decision"].rpartition("/")[2] in DECIDED}
    return may.issuperset(care)


def _distinct(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences, each said once, with the claims of all that say the same."""
    by_text: dict[str, Sentence] = {}
    for sentence in sentences:
        known = by_text.get(sentence.text, sentence)
        claims = tuple(dict.fromkeys((*known.claims, *sentence.claims)))
        by_text[sentence.text] = replace(known if known.claims else sentence, claims=claims)
    return tuple(by_text.values())


def _references(kg: KnowledgeGraph, blocks: Iterable[Block]) -> Iterator[Reference]:
    cited = set().union(*(sources_of(kg, s) for b in blocks for s in b.sentences))
    for row in kg.rows("cited-sources"):
        if row["source"] in cited:
            yield Reference(row["source"], row["title"], row.get("url"))


def _provider(kg: KnowledgeGraph, name: str | None) -> Provider | None:
    """Return the provider that is named; the question on care has looked whether there is one."""
    if name is None:
        return None
    (parameter,) = (p for p in kg.catalog.find(_CARE_BLOCKS[0]).parameters if p.name == "provider")
    iri = parameter.iri(name).value
    rows = [row for row in kg.rows("providers") if row["provider"] == iri]
    people = [(row["person"], row["profession"]) for row in rows if "person" in row]
    url, telephone = (rows[0].get(n, "") if rows else "" for n in ("homepage", "telephone"))
    return Provider(iri, kg.label(expand(iri)), url, telephone, tuple(people))


def _not_said(kg: KnowledgeGraph, form: str, sentences: Iterable[Sentence]) -> dict[str, int]:
    """Count the facts of a form that its page does not say, by the reason."""
    said = Counter(sentence.link for sentence in sentences)
    known: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for row in kg.rows("page-left-out"):
        if row["form"] == form and row["status"] in {"Established", "Hedged"}:
            known[row["predicate"]] += int(row["n"])
        elif row["form"] == form:
            left["disputed, denied or not seen"] += int(row["n"])
    for link, count in known.items():
        if more := count - said[_local(link)]:
            left[kg.labels[link]] = more
    return dict(left)
