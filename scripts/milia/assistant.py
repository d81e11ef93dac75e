"""What an assistant may ask the graph: plain functions, each from a graph and a few words to plain data.

Each answer says whether there is evidence. Where there is none it says so and nothing else: names that
nobody bears get the nearest ones, a name that several things bear gets all of them, and nothing is ever
guessed. Each answer bears the notice, the licence and the graph it comes from.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from milia import bounds
from milia.called import names_of
from milia.errors import MiliaError
from milia.export.chunks import statements
from milia.kg import KnowledgeGraph
from milia.labels import LABEL_OF
from milia.names import BASE, LICENCE, NOTICE, PREFIXES, expand, short

__all__ = [
    "EVIDENCE",
    "FOUND",
    "NONE",
    "UNANSWERED",
    "NoAnswer",
    "cite",
    "describe",
    "explain",
    "query",
    "reply",
    "search",
    "suggest",
]

FOUND, NONE, UNANSWERED = "found", "no evidence in this graph", "not answered"
EVIDENCE: Final = (FOUND, NONE, UNANSWERED)
_NAMING: Final = {p.value for p in LABEL_OF}

Json = dict[str, Any]


class NoAnswer(MiliaError):
    """What was asked has no answer of its own; it carries what is said instead."""

    def __init__(self, evidence: str, message: str, **more: Any) -> None:  # noqa: ANN401  plain data
        super().__init__(message)
        self.evidence, self.message, self.more = evidence, message, more


def reply(kg: KnowledgeGraph, evidence: str, message: str, **content: Any) -> Json:  # noqa: ANN401  plain data
    """Return an answer: whether there is evidence, a sentence, its content, and what every answer bears."""
    return {
        "evidence": evidence,
        "message": message,
        **content,
        "disclaimer": NOTICE,
        "licence": LICENCE,
        "graph": {
            "version": kg.manifest.get("version"),
            "sha256": kg.key or None,
        },
    }


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────


def search(kg: KnowledgeGraph, name: str, limit: int = 10) -> Json:
    """Return the things whose names hold these words, in any language; look-alikes are named as such."""
    names, asked = names_of(kg), name.strip()
    grouped: dict[str, Json] = {}
    for b in names.with_part(asked) if any(c.isalnum() for c in asked) else ():
        about = grouped.setdefault(b.thing, {**names.brief(b.thing), "names": []})
        status = {"status": b.status} if b.status else {}
        about["names"].append({"name": b.name, "language": b.language, "role": b.role, **status})
    if not grouped:
        raise _unknown(kg, "thing", asked)
    things = list(grouped.values())
    return reply(
        kg,
        FOUND,
        f"Names with these words: borne by {len(things)}. The same name is not the same thing.",
        things=things[:limit],
        left_out=max(0, len(things) - limit),
    )


def _unknown(kg: KnowledgeGraph, what: str, name: str, kind: str = "") -> NoAnswer:
    names = names_of(kg)
    nearest = [{**names.brief(b.thing), "name": b.name} for b in names.nearest(name, kind)]
    hint = (
        "The nearest names are no answer: ask again with one of them."
        if nearest
        else "No name comes near it."
    )
    return NoAnswer(NONE, f"No {what} here is called '{name}'. {hint}", unknown=name, nearest=nearest)


def _thing(kg: KnowledgeGraph, name: str, what: str = "thing", kind: str = "") -> NamedNode:
    """Return the one thing a name means; where that is not clear, say what it can mean instead."""
    names = names_of(kg)
    meant = names.meant(name, kind)
    if not meant:
        raise _unknown(kg, what, name, kind)
    if len(meant) == 1 and names.is_sure(name):
        return NamedNode(meant[0])
    msg = f"Several things may be called '{name}', or sources dispute the name: ask again with one of them."
    raise NoAnswer(UNANSWERED, msg, ambiguous=name, meanings=[names.brief(m) for m in meant])


@lru_cache(maxsize=4)
def _properties(kg: KnowledgeGraph) -> dict[str, NamedNode]:
    """Return the properties by their names: `treatedBy`, `milia:treatedBy`, "treated by"."""
    rows = kg.store.query(
        "SELECT DISTINCT ?p { ?p a ?kind . FILTER (?kind IN (owl:ObjectProperty, owl:DatatypeProperty)) } "
        "ORDER BY ?p"
    ).records()
    ours = [row["p"] for row in rows if row["p"].startswith(PREFIXES["milia"])]
    found: dict[str, NamedNode] = {}
    for iri in [*ours, *(p.value for p in LABEL_OF.values())]:
        for name in (short(iri), iri.rpartition("/")[2].rpartition("#")[2], kg.labels.get(iri, "")):
            found.setdefault(name.lower(), NamedNode(iri))
    return found


def _property(kg: KnowledgeGraph, name: str) -> NamedNode:
    known = _properties(kg)
    iri = name.removeprefix("<").removesuffix(">").replace(PREFIXES["milia"], "milia:")
    if iri.lower() in known:
        return known[iri.lower()]
    nearest = difflib.get_close_matches(name.lower(), known, 5, 0.5)
    near = [short(p) for p in dict.fromkeys(known[n] for n in nearest)]
    raise NoAnswer(NONE, f"No property here is called '{name}'.", unknown=name, nearest=near)


# ── what is said of a thing ───────────────────────────────────────────────────────────────────────────────


def describe(kg: KnowledgeGraph, thing: str, property: str | None = None, limit: int = 30) -> Json:  # noqa: A002
    """Return what a thing is and what sources say of it: how surely, how often, within which limits."""
    iri = _thing(kg, thing)
    only = _property(kg, property).value if property else None
    by_subject, by_object = statements(kg)
    own, others = by_subject.get(iri.value, ()), by_object.get(iri.value, ())
    every = [*own, *(s for s in others if s["subject"] != iri.value)]
    # names are listed apart, so here they stand only where they are asked for
    asked = [s for s in every if s["property"] == only or (only is None and s["property"] not in _NAMING)]
    shown = _fair(asked, iri.value, limit)
    about = _about(kg, iri)
    if also := sorted({b.thing for b in names_of(kg).bearing(thing)} - {iri.value}):
        about["name_also_borne_by"] = [names_of(kg).brief(t) for t in also]
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for s in every:
        counts[short(s["property"])][s["status"]] += 1
    return reply(
        kg,
        FOUND if asked else NONE,
        _said_of(about, len(asked)),
        **about,
        properties={p: dict(counts[p]) for p in sorted(counts)},
        statements=[_statement(s) for s in shown],
        left_out=len(asked) - len(shown),
        sources=_sources(kg, {c for s in shown for c in _claims(s)}),
    )


def _said_of(about: Mapping[str, Any], number: int) -> str:
    if not number:
        return f"No source here says anything of this about {about['label']}, which is no denial."
    return f"What sources say of {about['label']}, which is {about['is']}. Statements: {number}."


def _about(kg: KnowledgeGraph, iri: NamedNode) -> Json:
    names = names_of(kg)
    rows = kg.store.query(
        f"SELECT ?d {{ {iri} skos:definition ?d FILTER (lang(?d) = 'en') }} ORDER BY ?d"
    ).records()
    kinds = kg.store.query(f"SELECT DISTINCT ?k {{ {iri} a ?k }} ORDER BY ?k").records()
    own = {short(k["k"]) for k in kinds if k["k"].startswith(PREFIXES["milia"])}
    called: dict[str, list[str]] = defaultdict(list)
    for b in names.of[iri.value]:
        if b.stands and b.name not in called[b.language]:
            called[b.language].append(b.name)
    return {
        **names.brief(iri.value),
        "iri": iri.value,
        "kinds": sorted(own),
        "definition": rows[0]["d"] if rows else None,
        "names": {language: sorted(called[language]) for language in sorted(called)},
    }


def _fair(given: Sequence[Json], thing: str, limit: int) -> list[Json]:
    """Return so many statements, some of each property, in each direction, before more of any."""
    places: dict[tuple[str, bool], int] = defaultdict(int)
    ranked = []
    for n, s in enumerate(given):
        key = s["property"], s["subject"] == thing
        ranked.append((places[key], n))
        places[key] += 1
    return [given[n] for n in sorted(n for _, n in sorted(ranked)[:limit])]


def _claims(statement: Mapping[str, Any]) -> list[str]:
    return [*statement["claims_for"], *statement["claims_against"], *statement["claims_not_seen"]]


def _statement(s: Mapping[str, Any]) -> Json:
    claims = {"for": s["claims_for"], "against": s["claims_against"], "not_seen": s["claims_not_seen"]}
    return {
        "text": s["text"],
        "link": [short(s[part]) for part in ("subject", "property", "object")],
        "status": s["status"],
        "standing": s["standing"],
        "frequency": s["frequency"],
        "scope": s["scope"],
        "review_state": s["review_state"],
        "claims": {side: [short(c) for c in given] for side, given in claims.items() if given},
        "differs_in": sorted({short(d["kind"]) for d in s["differences"]}),
    }


def _sources(kg: KnowledgeGraph, claims: Iterable[str]) -> list[Json]:
    """Return the sources of claims, each with how its evidence was verified."""
    found: dict[str, Json] = {}
    for w in kg.witnesses(sorted(claims)):
        about = {"source": short(w.evidence.source), "title": w.title, "standing": w.standing, "url": w.url}
        source = found.setdefault(w.evidence.source, {**about, "verification": []})
        source["verification"] = sorted({*source["verification"], short(w.evidence.verification)})
    return [found[s] for s in sorted(found)]


# ── SPARQL, proofs, care, citations ───────────────────────────────────────────────────────────────────────


def query(kg: KnowledgeGraph, sparql: str, limit: int = 100, seconds: float = bounds.MOST_SECONDS) -> Json:
    """Return the answer to a SELECT, ASK or CONSTRUCT over this graph alone, bounded in rows and time."""
    found = bounds.answer(kg.home.build / "graph.nq", kg.key, sparql, limit, seconds)
    if found.truth is not None:
        message = "The graph says so." if found.truth else "The graph does not say so, which is no denial."
        return reply(kg, FOUND if found.truth else NONE, message, truth=found.truth)
    if found.triples is not None:
        content: Json = {"triples": [list(t) for t in found.triples]}
        size = len(found.triples)
    else:
        rows = [{v: t for v, t in zip(found.variables, r, strict=True) if t is not None} for r in found.rows]
        content, size = {"columns": list(found.variables), "rows": rows}, len(rows)
    more = " There are more, which were cut off." if found.cut else ""
    message = f"Returned: {size}.{more}" if size else "Nothing was found, which is no denial."
    return reply(kg, FOUND if size else NONE, message, **content, cut_off=found.cut)


def explain(kg: KnowledgeGraph, subject: str, predicate: str, object: str, limit: int = 20) -> Json:  # noqa: A002
    """Return why a link holds, or what is said for and against it, down to claims and sources."""
    s, p = _thing(kg, subject), _property(kg, predicate)
    plain = p in LABEL_OF.values() or kg.store.query(f"ASK {{ {p} a owl:DatatypeProperty }}").truth
    triple = kg.triple(short(s), short(p), object) if plain else Triple(s, p, _object(kg, object))
    proof = kg.explain(triple)
    link = " ".join(kg.label(t) for t in (s, p, triple.object))
    if proof.kind == "unknown":
        raise NoAnswer(NONE, f"Nothing here says that {link}, which is no denial.", link=link, holds=False)
    holds = "stands" if proof.holds else "does not stand"
    certainty = f", and is {proof.status}" if proof.status else ""
    return reply(
        kg,
        FOUND,
        f"{link}: this {holds}{certainty}.",
        link=[short(s), short(p), short(triple.object)],
        holds=proof.holds,
        status=proof.status,
        proof=_cut(proof.to_json(), limit),
    )


def _object(kg: KnowledgeGraph, name: str) -> NamedNode:
    """Return the thing at the end of a link; ranges and name nodes go by their IRI."""
    if not names_of(kg).meant(name) and (":" in name or "/" in name):
        iri = _iri(name)
        if iri is not None and iri.value in kg.labels:
            return iri
    return _thing(kg, name)


def _iri(name: str) -> NamedNode | None:
    try:
        return expand(name)
    except MiliaError:
        return None


def _cut(proof: Json, limit: int) -> Json:
    """Return a proof with so many witnesses a side, and how many were left out."""
    result = dict(proof)
    for side in ("supporting", "opposing"):
        given = result.get(side, [])
        if len(given) > limit:
            result[side], result[f"{side}_left_out"] = given[:limit], len(given) - limit
    if "premises" in result:
        result["premises"] = [_cut(p, limit) for p in result["premises"]]
    return result


_BLOCKS: Final = ("related-treatments", "products")
_LISTS: Final = {
    "SeeADoctorFirst": "see_a_doctor_first",
    "ReassuranceOnly": "reassurance_only",
    "AdviseSelfCare": "self_care",
    "Suggested": "suggested",
    "NotSuggested": "not_suggested",
}
# what is not said of a person counts as the case that forbids most
_ASSUMED: Final = {
    "age": "unknown, so counted as an infant's",
    "site": "unknown, so counted as anywhere, eyelids too",
    "pregnancy": "unknown, so counted as pregnant",
}
_KINDS: Final = {"pregnancy": "population"}
_SHOWN: Final = ("design", "standing", "sources", "cautions", "reviewState")


def suggest(
    kg: KnowledgeGraph,
    form: str,
    age: str | None = None,
    site: str | None = None,
    pregnancy: str | None = None,
    provider: str | None = None,
    circumstance: str | None = None,
) -> Json:
    """Return care that may be suggested for a form of milia, and care that may not, each with its reason."""
    condition = _thing(kg, form, "form of milia", "condition")
    names = names_of(kg)
    if refusal := names.refusal(condition.value):
        raise NoAnswer(NONE, refusal, form=names.brief(condition.value))
    given = {
        "age": age,
        "site": site,
        "pregnancy": pregnancy,
        "provider": provider,
        "circumstance": circumstance,
    }
    person = {k: short(_thing(kg, v, k, _KINDS.get(k, k))) for k, v in given.items() if v}
    lists: dict[str, list[Json]] = {name: [] for name in _LISTS.values()}
    for block in _BLOCKS:
        for row in kg.ask(block, form=short(condition), **person).records():
            entry = _care(row, short(condition))
            items = lists[_LISTS[short(row["decision"]).removeprefix("milia:")]]
            if entry not in items:
                items.append(entry)
    return reply(
        kg,
        FOUND,
        f"Care suggested for this person: {len(lists['suggested']) or 'none'}. Read every reason and "
        "caution; each row is a draft that no clinician has reviewed.",
        form=names.brief(condition.value),
        person=person | {k: said for k, said in _ASSUMED.items() if k not in person},
        **lists,
    )


def _care(row: Mapping[str, str], form: str) -> Json:
    entry: Json = {"care": short(row["care"]), "label": row["careName"], "why": row["why"]}
    if "service" in row:
        entry |= {"service": short(row["service"]), "service_label": row["serviceName"]}
    entry |= {
        k: short(row[k]).removeprefix("milia:") if row[k].startswith(BASE) else row[k]
        for k in _SHOWN
        if k in row
    }
    if row["decision"].endswith("/Suggested"):
        entry["explain"] = [form, "milia:maySuggest", short(row["care"])]
    return entry


def cite(kg: KnowledgeGraph, claims: Sequence[str]) -> Json:
    """Return the sources of claims: title, address, place, and how far each was verified."""
    known = {short(iri): iri for iri in kg.claims}
    cited: list[Json] = []
    unknown: list[Json] = []
    for name in dict.fromkeys(claims):
        iri = BASE + name.strip("<> ").removeprefix(BASE).replace("claim:", "claim/", 1)
        if iri in kg.claims:
            cited.append(_cited(kg, iri))
        else:
            unknown.append({"claim": name, "nearest": difflib.get_close_matches(short(iri), known, 3, 0.6)})
    missing = f" No claim here is called {', '.join(u['claim'] for u in unknown)}." if unknown else ""
    message = f"Claims with their sources: {len(cited)}.{missing}"
    return reply(kg, FOUND if cited else NONE, message, claims=cited, unknown=unknown)


def _cited(kg: KnowledgeGraph, iri: str) -> Json:
    claim = kg.claims[iri]
    told = [w.to_json() for w in kg.witnesses([iri])]
    return {
        **{k: v for k, v in told[0].items() if k in _OF_CLAIM},
        "claim": short(iri),
        "link": [short(t) for t in claim.triple],
        "evidence": [{k: v for k, v in t.items() if k not in _OF_CLAIM} for t in told],
    }


_OF_CLAIM: Final = (
    "claim",
    "says",
    "stance",
    "certainty",
    "frequency",
    "scope",
    "observed",
    "of",
    "review",
    "onset",
)
