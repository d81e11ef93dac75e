"""Answer the questions that FHIR asks of a terminology, from an open graph: no server, the same answers.

Each function is an operation of FHIR and returns a resource as a dictionary, with the parameters that the
specification names: `$lookup`, `$validate-code`, `$expand`, `$subsumes`, `$translate`.

>>> import milia
>>> kg = milia.open()
>>> subsumes(kg, "condition:milia", "condition:neonatal-milia")["parameter"]
[{'name': 'outcome', 'valueCode': 'subsumes'}]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from milia.called import names_of
from milia.errors import Misuse, UnknownName
from milia.export.fhir_codes import code_system, value_sets
from milia.export.fhir_maps import concept_maps
from milia.export.fhir_terms import RELEASES, SYSTEM, Json
from milia.kg import KnowledgeGraph
from milia.names import expand as expand_name

__all__ = ["expand", "lookup", "subsumes", "translate", "validate_code"]

Concepts = Mapping[str, Json]


def lookup(kg: KnowledgeGraph, code: str, *, system: str = SYSTEM, display_language: str = "") -> Json:
    """Return what is known of a code: `name`, `version`, `display`, `definition`, `designation`, `property`.

    Raises:
        UnknownName: there is no such code or code system; the message offers the nearest.
    """
    known, concepts = _system(kg, system)
    concept = _concept(concepts, code)
    found = [
        _value("name", "String", known["title"]),
        _value("version", "String", known["version"]),
        _value("display", "String", _display(concept, display_language)),
        _value("definition", "String", concept["definition"]),
    ]
    found += [_parts("designation", _designation(one)) for one in concept["designation"]]
    found += [_parts("property", _property(one, concepts)) for one in concept["property"]]
    return _answer(found)


def _designation(one: Json) -> Iterator[Json]:
    yield _value("language", "Code", one["language"])
    yield _value("use", "Coding", one["use"])
    yield _value("value", "String", one["value"])


def _property(one: Json, concepts: Concepts) -> Iterator[Json]:
    yield _value("code", "Code", one["code"])
    if "valueCode" in one:
        yield _value("value", "Code", one["valueCode"])
        yield _value("description", "String", concepts[one["valueCode"]]["display"])
    else:
        yield _value("value", "String", one["valueString"])


def validate_code(
    kg: KnowledgeGraph,
    code: str,
    *,
    url: str = SYSTEM,
    system: str = SYSTEM,
    display: str = "",
    release: str = "R5",
) -> Json:
    """Return whether a code, and its `display` if one is given, belongs to our code system or a value set.

    A code that does not, or one of another system, is no error but the answer `result` = false, with the
    nearest ones in `message`. Any name of the concept is a right display, whatever its case.

    Raises:
        UnknownName: there is no such code system, value set, or release.
    """
    _check_release(release)
    listed = _listed(kg, url) if system == SYSTEM else {}
    message = ""
    if system != SYSTEM:
        message = f"{url} has no codes of {system}, only of {SYSTEM}"
    elif code not in listed:
        message = _no_member(kg, code, url, listed)
    elif display and display.casefold() not in {name.casefold() for name in _names(listed[code])}:
        message = f"'{display}' is no name of {code}, which is called '{listed[code]['display']}'"
    found = [_value("result", "Boolean", not message)]
    if message:
        found.append(_value("message", "String", message))
    if code in listed:
        found.append(_value("display", "String", listed[code]["display"]))
        if release == "R5":  # R4B does not repeat what it was asked
            found += [_value("code", "Code", code), _value("system", "Uri", SYSTEM)]
            found.append(_value("version", "String", code_system(kg)["version"]))
    return _answer(found)


def _no_member(kg: KnowledgeGraph, code: str, url: str, listed: Concepts) -> str:
    """Say why a code is not listed; near ones are offered where it is unknown altogether, and only then."""
    _, concepts = _system(kg, SYSTEM)
    if code not in concepts:
        return str(UnknownName("code", code, listed))
    names = names_of(kg)
    alike = names.to_milia(expand_name(code).value) == "look-alike"
    about = ", which is a look-alike and not milia," if alike else ""
    return f"{code} ({concepts[code]['display']}){about} is not in {url}"


def expand(
    kg: KnowledgeGraph,
    url: str,
    *,
    text: str = "",
    offset: int = 0,
    count: int | None = None,
    display_language: str = "",
    include_designations: bool = False,
    now: datetime | None = None,
) -> Json:
    """Return the codes of a value set, by code; `total` counts them all, whatever page is asked for.

    Args:
        kg: the graph.
        url: the canonical URL of a value set.
        text: the parameter `filter`; each word of it must begin a word of one name, in any language.
        offset: how many codes to pass over.
        count: how many codes to give; 0 asks for their number only.
        display_language: in which language to call them, where there is a name in it.
        include_designations: whether to give all names.
        now: the time of the expansion, if it is not the present.

    Raises:
        UnknownName: there is no such value set.
        Misuse: the offset or the count is below 0.
    """
    if offset < 0 or (count or 0) < 0:
        msg = "offset and count are numbers from 0"
        raise Misuse(msg)
    about = _value_set(kg, url)
    fits = [concept for concept in _listed(kg, url).values() if _fits(concept, text)]
    page = fits[offset:] if count is None else fits[offset : offset + count]
    used = [
        *([_value("filter", "String", text)] if text else []),
        *([_value("offset", "Integer", offset)] if offset else []),
        *([_value("count", "Integer", count)] if count is not None else []),
        *([_value("displayLanguage", "Code", display_language)] if display_language else []),
        *([_value("includeDesignations", "Boolean", True)] if include_designations else []),
    ]
    expansion: Json = {
        "timestamp": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "total": len(fits),
        "offset": offset,
    }
    if used:
        expansion["parameter"] = used
    if page:
        expansion["contains"] = [_contained(c, about, display_language, include_designations) for c in page]
    return {key: value for key, value in about.items() if key != "compose"} | {"expansion": expansion}


def _contained(concept: Json, about: Json, language: str, designations: bool) -> Json:
    made = {
        "system": SYSTEM,
        "version": about["version"],
        "code": concept["code"],
        "display": _display(concept, language),
    }
    return made | ({"designation": concept["designation"]} if designations else {})


def _fits(concept: Json, text: str) -> bool:
    wanted = _words(text)
    return any(
        all(any(word.startswith(start) for word in words) for start in wanted)
        for words in map(_words, _names(concept))
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def subsumes(kg: KnowledgeGraph, code_a: str, code_b: str, *, system: str = SYSTEM) -> Json:
    """Return how code A lies to code B: `equivalent`, `subsumes`, `subsumed-by` or `not-subsumed`.

    Raises:
        UnknownName: there is no such code or code system; the message offers the nearest.
    """
    _, concepts = _system(kg, system)
    a, b = (_concept(concepts, code)["code"] for code in (code_a, code_b))
    if a == b:
        outcome = "equivalent"
    elif a in _above(concepts, b):
        outcome = "subsumes"
    elif b in _above(concepts, a):
        outcome = "subsumed-by"
    else:
        outcome = "not-subsumed"
    return _answer([_value("outcome", "Code", outcome)])


def _above(concepts: Concepts, code: str) -> set[str]:
    """Return the codes of all that is established to be wider."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        for one in concepts[waiting.pop()]["property"]:
            if one["code"] == "parent" and one["valueCode"] not in found:
                found.add(one["valueCode"])
                waiting.append(one["valueCode"])
    return found


def translate(
    kg: KnowledgeGraph, code: str, *, system: str = SYSTEM, target_system: str = "", release: str = "R5"
) -> Json:
    """Return every code that a concept is mapped to, or every concept that a foreign code stands for.

    The direction follows from the system of the code; a relationship is read from the code that was asked for
    to the match. `message` says what is partial about a match.

    Raises:
        UnknownName: there is no such code of ours, code system, or release; the message offers the nearest.
    """
    _check_release(release)
    whole = code_system(kg)
    maps = concept_maps(kg, whole, release)
    foreign = {m["group"][0]["target"] for m in maps}
    for name in filter(None, (system, target_system)):
        if name not in {SYSTEM, *foreign}:
            raise UnknownName("code system", name, {SYSTEM, *foreign})
    if system == SYSTEM:
        _concept({c["code"]: c for c in whole["concept"]}, code)
        hits = _forth(maps, code, target_system)
    else:
        hits = _back(maps, code, system) if target_system in {"", SYSTEM} else iter(())
    return _translated(list(hits), release, back=system != SYSTEM)


Hit = tuple[Json, Json, Json]  # the concept map, the target in it, and the coding that is asked for


def _forth(maps: Iterable[Json], code: str, target_system: str) -> Iterator[Hit]:
    for made in maps:
        group = made["group"][0]
        if target_system in {"", group["target"]}:
            for element in group["element"]:
                for target in element.get("target", ()) if element["code"] == code else ():
                    yield made, target, _coding(group["target"], target)


def _back(maps: Iterable[Json], code: str, system: str) -> Iterator[Hit]:
    for made in maps:
        group = made["group"][0]
        for element in group["element"] if group["target"] == system else ():
            for target in element.get("target", ()):
                if target.get("code") == code:
                    yield made, target, _coding(SYSTEM, element)


def _coding(system: str, said: Json) -> Json:
    return {"system": system} | {key: said[key] for key in ("code", "display") if key in said}


# a relationship or an equivalence, read from the other side; what is not here reads the same from both
_OTHER_SIDE = {
    "source-is-narrower-than-target": "source-is-broader-than-target",
    "source-is-broader-than-target": "source-is-narrower-than-target",
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}


def _translated(hits: list[Hit], release: str, *, back: bool) -> Json:
    how, where = ("relationship", "originMap") if release == "R5" else ("equivalence", "source")
    real = [target for _, target, _ in hits if "code" in target]
    notes = sorted({target["comment"] for target in real if "comment" in target})
    if not real:
        notes = ["No mapping is known."]
    found = [_value("result", "Boolean", bool(real))]
    if notes:
        found.append(_value("message", "String", " ".join(notes)))
    for made, target, coding in hits:
        said = target[how]
        parts = [_value(how, "Code", _OTHER_SIDE.get(said, said) if back else said)]
        parts += [_value("concept", "Coding", coding)] if "code" in coding else []
        found.append(_parts("match", [*parts, _value(where, "Uri", made["url"])]))
    return _answer(found)


def _check_release(release: str) -> None:
    if release not in RELEASES:
        raise UnknownName("release of FHIR", release, RELEASES)


def _system(kg: KnowledgeGraph, system: str) -> tuple[Json, Concepts]:
    if system != SYSTEM:
        raise UnknownName("code system", system, [SYSTEM])
    known = code_system(kg)
    return known, {concept["code"]: concept for concept in known["concept"]}


def _concept(concepts: Concepts, code: str) -> Json:
    if code not in concepts:
        raise UnknownName("code", code, concepts)
    return concepts[code]


def _value_set(kg: KnowledgeGraph, url: str) -> Json:
    sets = {one["url"]: one for one in value_sets(code_system(kg))}
    if url not in sets:
        raise UnknownName("value set", url, sets)
    return sets[url]


def _listed(kg: KnowledgeGraph, url: str) -> Concepts:
    """Return the concepts of our code system or of a value set."""
    _, concepts = _system(kg, SYSTEM)
    if url == SYSTEM:
        return concepts
    (include,) = _value_set(kg, url)["compose"]["include"]
    return {c["code"]: concepts[c["code"]] for c in include["concept"]} if "concept" in include else concepts


def _names(concept: Json) -> list[str]:
    return [concept["display"], *(one["value"] for one in concept["designation"])]


def _display(concept: Json, language: str) -> str:
    """Return the preferred name in a language, or in the language of which it is a variety, or in English."""
    preferred = {
        one["language"]: one["value"]
        for one in concept["designation"]
        if one["use"]["code"] == "preferredForLanguage"
    }
    found = preferred.get(language) or preferred.get(language.partition("-")[0])
    return found or str(concept["display"])


def _value(name: str, form: str, value: object) -> Json:
    return {"name": name, f"value{form}": value}


def _parts(name: str, parts: Iterable[Json]) -> Json:
    return {"name": name, "part": list(parts)}


def _answer(parameters: list[Json]) -> Json:
    return {"resourceType": "Parameters", "parameter": parameters}
