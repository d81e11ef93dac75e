"""What stands on each page, as plain data for the templates; nothing here knows HTML or HTTP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import Triple

from milia.called import IS, names_of
from milia.catalog import Parameter
from milia.errors import Misuse
from milia.export.chunks import statements
from milia.export.wording import DECIDED, LEADS
from milia.kg import KnowledgeGraph
from milia.labels import LABEL_OF
from milia.mappings import written
from milia.names import BASE, PREFIXES, expand, short

__all__ = [
    "choices",
    "claim",
    "claims_by_source",
    "codes",
    "differences",
    "inferred",
    "kind_of",
    "meant",
    "neighbours",
    "offers",
    "said_of",
    "source",
    "sources",
    "thing",
]

Json = dict[str, Any]
_ORDER: Final = ("Established", "Hedged", "Disputed", "Denied", "NotObserved")
_NAMING: Final = {p.value for p in LABEL_OF} | {expand(f"milia:{n}").value for n in ("misspelling",)}
_NEAR: Final = 8  # things drawn around one
_WARNING: Final = {"contraindicatedFor": "not for", "cautionedFor": "with care for"}
_REASSURES: Final = "ReassuranceOnly"
_PREGNANCY: Final = ("pregnant", "breastfeeding", "neither-pregnant-nor-breastfeeding")
_READING: Final = [link for leads in LEADS.values() for link in leads]


def said_of(kg: KnowledgeGraph, iri: str, *, inward: bool = False) -> list[Json]:
    """Return what sources say of a thing, or of others with respect to it: a group for each property.

    In a group the sure ones come first, and what most sources say.
    """
    groups: dict[str, list[Json]] = defaultdict(list)
    for s in statements(kg)[inward].get(iri, ()):
        if s["property"] not in _NAMING:
            one = _statement(kg, s, s["subject"] if inward else s["object"])
            is_care = not inward and s["property"].endswith("/treatedBy")
            groups[s["property"]].append({**one, "warnings": _warnings(kg, one["other"]) if is_care else {}})
    return [
        {"property": p, "label": kg.label(expand(p)), "statements": sorted(groups[p], key=_rank)}
        for p in sorted(groups, key=lambda p: (_place(p), -len(groups[p]), p))
    ]


def _warnings(kg: KnowledgeGraph, care: str) -> dict[str, list[str]]:
    """Return for whom and where sources say that care is not, or only with care."""
    found: dict[str, list[str]] = {}
    for s in statements(kg)[0].get(care, ()):
        name = s["property"].rpartition("/")[2]
        if name in _WARNING and s["status"] in {"Established", "Hedged", "Disputed"}:
            found.setdefault(_WARNING[name], []).append(kg.label(expand(s["object"])))
    return {lead: sorted(others) for lead, others in sorted(found.items(), reverse=True)}


def _place(iri: str) -> int:
    """Return where a property stands on a page: as in the blocks made for websites, then the rest."""
    name = iri.rpartition("/")[2]
    return _READING.index(name) if name in _READING else len(_READING)


def _statement(kg: KnowledgeGraph, s: Json, other: str) -> Json:
    sources = {e.source for c in s["claims_for"] for e in kg.claims[c].evidence}
    return {
        **s,
        "other": other,
        "label": kg.labels.get(other, other),
        "is_thing": other.startswith(BASE) and not other.startswith((PREFIXES["node"], PREFIXES["name"])),
        "sources": len(sources),
        "best": kg.label(f"milia:{s['standing']}") if s["standing"] else "",
        "against": len(s["claims_against"]),
        "limits": [limit.partition(": ")[2] for limit in s["scope"]],
        "is_limited": bool(s["claims_for"]) and all(kg.claims[c].scope for c in s["claims_for"]),
    }


def _rank(s: Mapping[str, Any]) -> tuple[int, int, str]:
    return _ORDER.index(s["status"]), -s["sources"], s["label"]


def thing(kg: KnowledgeGraph, iri: str) -> Json:
    """Return what a thing is: label, definition, kinds, names by language, and what it is to milia."""
    rows = kg.store.query(
        f"SELECT ?d {{ <{iri}> skos:definition ?d FILTER (lang(?d) = 'en') }} ORDER BY ?d"
    ).records()
    names = names_of(kg)
    called: dict[str, list[Json]] = defaultdict(list)
    for b in names.of.get(iri, ()):
        if all(b.name != one["name"] for one in called[b.language]):
            called[b.language].append({"name": b.name, "role": b.role, "stands": b.stands})
    to_milia = names.to_milia(iri) or "other"
    return {
        "iri": iri,
        "label": kg.labels.get(iri, short(expand(iri))),
        "definition": rows[0]["d"] if rows else "",
        "kinds": kind_of(kg, iri),
        "names": {language: called[language] for language in sorted(called)},
        "to_milia": to_milia,
        "is": IS[to_milia],
    }


def kind_of(kg: KnowledgeGraph, iri: str) -> list[str]:
    """Return the labels of the classes of ours that a thing is said to be in, the narrow ones alone."""
    rows = kg.store.query(
        f"SELECT DISTINCT ?k {{ <{iri}> a ?k FILTER NOT EXISTS {{ <{iri}> a ?n . ?n rdfs:subClassOf ?k "
        "FILTER (?n != ?k) } } ORDER BY ?k"
    ).records()
    return [kg.label(expand(row["k"])) for row in rows if row["k"].startswith(PREFIXES["milia"])]


def codes(kg: KnowledgeGraph, iri: str) -> list[Json]:
    """Return the codes of other vocabularies that a thing is mapped to, the exact ones first."""
    spaces = {row["space"]: row["prefix"] for row in kg.rows("vocabularies")}
    titles = {row["vocabulary"]: row["title"] for row in kg.rows("vocabularies")}
    found = [
        {
            "code": written(row["target"], spaces),
            "iri": row["target"],
            "match": row["match"],
            "vocabulary": titles[row["vocabulary"]],
            "label": row.get("label", ""),
        }
        for row in kg.rows("codes")
        if row["thing"] == iri and row["match"] != "none"
    ]
    return sorted(found, key=lambda one: (one["match"] != "exactMatch", one["vocabulary"], one["code"]))


def inferred(kg: KnowledgeGraph, iri: str) -> list[Json]:
    """Return the links of a thing that no source states: they follow by a rule."""
    rows = [r for r in kg.rows("edges") if r["kind"] == "inferred" and r["subject"] == iri]
    groups: dict[str, list[Json]] = defaultdict(list)
    for row in rows:
        label = kg.labels.get(row["object"], short(expand(row["object"])))
        groups[row["predicate"]].append({"fact": row["edge"], "other": row["object"], "label": label})
    return [
        {
            "property": p,
            "label": kg.label(expand(p)),
            "links": sorted(groups[p], key=lambda one: one["label"]),
        }
        for p in sorted(groups)
    ]


def differences(kg: KnowledgeGraph) -> list[Json]:
    """Return what differs, by the kind: pairs of facts, or one fact that is both said and denied."""
    facts = {s["fact"]: s for said in statements(kg)[0].values() for s in said}
    kinds: dict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
    for row in kg.rows("differences"):
        for other in row.get("facts", "").split("|"):
            kinds[row["kind"]][tuple(sorted({row["fact"], other or row["fact"]}))] = None
    found = []
    for kind, pairs in kinds.items():
        sides = [[_side(kg, facts[fact]) for fact in pair if fact in facts] for pair in pairs]
        whole = [pair for pair in sides if pair]
        iri = expand(f"milia:{kind}").value
        found.append({"iri": iri, "label": kg.label(expand(iri)), "number": len(whole), "pairs": whole})
    return sorted(found, key=lambda one: (one["number"], one["label"]))


def _side(kg: KnowledgeGraph, s: Mapping[str, Any]) -> Json:
    ends = (s["subject"], s["property"], s["object"])
    return {
        "fact": s["fact"],
        "text": " ".join(kg.labels.get(end, end) for end in ends),
        "status": s["status"],
        "standing": kg.label(f"milia:{s['standing']}") if s["standing"] else "",
        "for": len(s["claims_for"]),
        "against": len(s["claims_against"]),
        "against_best": _best(kg, s["claims_against"]),
        "limits": [limit.partition(": ")[2] for limit in s["scope"]],
    }


def _best(kg: KnowledgeGraph, claims: Iterable[str]) -> str:
    """Return the standing of the best source of claims."""
    known = sources(kg)
    found = {known[e.source]["standing"] for c in claims for e in kg.claims[c].evidence if e.source in known}
    return kg.label(f"milia:{min(found, key=_ranks(kg).__getitem__)}") if found else ""


@lru_cache(maxsize=2)
def _ranks(kg: KnowledgeGraph) -> Mapping[str, int]:
    """Return the standings by their rank; the best has the lowest."""
    rows = kg.store.query("SELECT ?s ?r { ?s a milia:Standing ; milia:rank ?r }").records()
    return {row["s"].rpartition("/")[2]: -int(row["r"]) for row in rows}


def offers(kg: KnowledgeGraph, iri: str, person: Mapping[str, str]) -> list[Json]:
    """Return the two blocks of a provider's page, filled for a form and a person: each offer, decided.

    What reassures comes first, and what is not suggested apart.

    Raises:
        UnknownName: there is no such form, age, site or population.
    """
    provider = iri.rpartition("/")[2]
    blocks = []
    for name in ("related-treatments", "products"):
        rows = kg.ask(name, provider=provider, **person).records()
        shown: dict[tuple[str, str], Json] = {}
        for row in rows:
            label = row.get("serviceName") or row["careName"]
            one = shown.setdefault((label, row["decision"]), _offer(row, label))
            one["why"] += [row["why"]] if row["why"] not in one["why"] else []
        if shown:
            every = sorted(shown.values(), key=lambda one: one["decision"] != _REASSURES)
            blocks.append(
                {
                    "label": rows[0]["blockName"],
                    "suggested": [one for one in every if one["is_suggested"]],
                    "others": [one for one in every if not one["is_suggested"]],
                }
            )
    return blocks


def _offer(row: Mapping[str, str], label: str) -> Json:
    decision = row["decision"].rpartition("/")[2]
    when = decision == "SeeADoctorFirst" and row["reason"].startswith(PREFIXES["circumstance"])
    return {
        "label": label,
        "iri": row.get("service") or row["care"],
        "care": row["careName"],
        "decision": decision,
        "decided": "see a doctor if it is one of these" if when else row["decided"],
        "is_suggested": decision in DECIDED,
        "why": [],
        "cautions": row.get("cautions", ""),
    }


def choices(kg: KnowledgeGraph, parameter: Parameter, said: Mapping[str, str]) -> Json:
    """Return a parameter as a person fills it in: what may be chosen, and what is."""
    kind = parameter.kind
    options: list[tuple[str, str]] = []
    if parameter.is_thing:
        start = expand(f"{kind}:").value
        things = [iri for iri in kg.labels if iri.startswith(start)]
        if parameter.name == "form":
            things = list(kg.forms)
        elif parameter.name == "pregnancy":
            things = [iri for iri in things if iri.removeprefix(start) in _PREGNANCY]
        options = sorted(
            ((iri.removeprefix(start), kg.labels[iri]) for iri in things), key=lambda one: one[1].lower()
        )
    usual = "" if parameter.default == "UNDEF" else parameter.default.rpartition(":")[2]
    given = said.get(parameter.name, usual)
    if given and options and given not in dict(options):
        options.append((given, given))
    return {
        "name": parameter.name,
        "about": parameter.about,
        "given": given,
        "options": options,
        "usual": usual,
    }


def meant(kg: KnowledgeGraph, parameters: Iterable[Parameter], said: Mapping[str, str]) -> dict[str, str]:
    """Return what is said of the parameters, each name of a thing as the one thing of that kind it means.

    Raises:
        Misuse: a name means several things.
    """
    found = {}
    for parameter in parameters:
        value = said.get(parameter.name, "").strip()
        if value and parameter.is_thing:
            value = _one(kg, value, parameter.kind)
        if value:
            found[parameter.name] = value
    return found


def _one(kg: KnowledgeGraph, name: str, kind: str) -> str:
    """Return the slug of what a name means; a name that is not known is left for who asks to refuse."""
    things = names_of(kg).meant(name, kind)
    if len(things) > 1:
        msg = f"'{name}' can mean {' or '.join(kg.labels[thing] for thing in things)}"
        raise Misuse(msg)
    return short(expand(things[0])).partition(":")[2] if things else "-".join(name.split())


def neighbours(kg: KnowledgeGraph, iri: str) -> list[Json]:
    """Return the things that most sources link a thing with, and by what."""
    by_subject, by_object = statements(kg)
    found: dict[str, Json] = {}
    for inward, said in ((False, by_subject.get(iri, ())), (True, by_object.get(iri, ()))):
        for s in said:
            one = _statement(kg, s, s["subject"] if inward else s["object"])
            if one["is_thing"] and s["status"] in {"Established", "Hedged"} and one["other"] != iri:
                best = found.get(one["other"])
                if best is None or best["sources"] < one["sources"]:
                    link = kg.label(expand(s["property"]))
                    found[one["other"]] = {
                        "iri": one["other"],
                        "label": one["label"],
                        "link": link,
                        "inward": inward,
                        "sources": one["sources"],
                        "status": s["status"],
                    }
    return sorted(found.values(), key=lambda one: (-one["sources"], one["label"]))[:_NEAR]


def claim(kg: KnowledgeGraph, iri: str) -> Json:
    """Return a claim in words, with each piece of its evidence."""
    said = kg.claims[iri]
    facts = kg.fact(Triple(said.subject, said.predicate, said.object))  # type: ignore[arg-type]
    return {
        "iri": iri,
        "label": short(expand(iri)),
        "ends": [_end(kg, part) for part in said.triple],
        "fact": facts.iri if facts else "",
        "stance": short(expand(str(said.stance)))
        if ":" not in said.stance
        else said.stance.partition(":")[2],
        "certainty": said.certainty.partition(":")[2] or said.certainty,
        "review": said.review.partition(":")[2] or said.review,
        "comment": said.comment,
        "frequency": kg.label(said.frequency) if said.frequency else "",
        "count": f"{said.observed} of {said.of}" if said.observed is not None and said.of is not None else "",
        "scope": [f"{kg.label(aspect)}: {kg.label(value)}" for aspect, value in said.scope],
        "witnesses": [w.to_json() for w in kg.witnesses([iri])],
    }


def _end(kg: KnowledgeGraph, term: Any) -> Json:  # noqa: ANN401  any RDF term
    iri = getattr(term, "value", "")
    return {"label": kg.label(term), "iri": iri if iri.startswith(("http://", "https://")) else ""}


def source(kg: KnowledgeGraph, iri: str) -> Json:
    """Return a source with its standing and the claims that rest on it."""
    about = sources(kg).get(iri, {"source": iri})
    return {
        **about,
        "iri": iri,
        "label": kg.labels.get(iri, short(expand(iri))),
        "claims": [
            {
                "iri": c,
                "comment": kg.claims[c].comment,
                "stance": kg.claims[c].stance.partition(":")[2],
                "link": " ".join(kg.label(t) for t in kg.claims[c].triple),
            }
            for c in claims_by_source(kg).get(iri, ())
        ],
    }


@lru_cache(maxsize=2)
def sources(kg: KnowledgeGraph) -> Mapping[str, Mapping[str, str]]:
    """Return what is known of each source that is cited: title, address, standing, publisher, year."""
    found = {row["source"]: dict(row) for row in kg.rows("cited-sources")}
    for row in kg.rows("published"):
        for name, value in row.items():
            found.setdefault(row["source"], {}).setdefault(name, value)
    return found


@lru_cache(maxsize=2)
def claims_by_source(kg: KnowledgeGraph) -> Mapping[str, Sequence[str]]:
    """Return the claims that rest on each source."""
    found: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(kg.claims):
        for s in dict.fromkeys(e.source for e in kg.claims[iri].evidence):
            found[s].append(iri)
    return found
