"""FHIR's terminology operations over HTTP: `/fhir/CodeSystem/$lookup` and the others, R5 as a rule.

The answers are those of `milia.terminology`; R4B is answered to who asks with `fhirVersion=4.3` in `Accept`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from milia import terminology
from milia.errors import MiliaError, Misuse, UnknownName
from milia.export.fhir_codes import code_system, value_sets
from milia.export.fhir_maps import concept_maps
from milia.export.fhir_terms import SYSTEM
from milia.kg import KnowledgeGraph
from milia.names import BASE, VERSION
from milia.web.answering import body_of, json_answer, kg_of, status_of

__all__ = ["OPERATIONS", "ROUTES"]

Json = dict[str, Any]
# parameters that bear a coding, and the parameter that bears its code alone
_CODINGS: Final = {
    "coding": "code",
    "codeableConcept": "code",
    "codingA": "codeA",
    "codingB": "codeB",
    "sourceCoding": "sourceCode",
    "sourceCodeableConcept": "sourceCode",
}
_MEDIA: Final = "application/fhir+json"
_CHANGED: Final = "2026-11-28"  # when what the statements below say last changed


def _given(said: Mapping[str, str], name: str) -> str:
    if not said.get(name):
        msg = f"the parameter '{name}' is missing"
        raise Misuse(msg)
    return said[name]


def _number(said: Mapping[str, str], name: str) -> int | None:
    value = said.get(name)
    if value is None:
        return None
    if not value.isdecimal() or len(value) > 9:
        msg = f"the parameter '{name}' is a number from 0, not '{value}'"
        raise Misuse(msg)
    return int(value)


def _lookup(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    del release
    language = said.get("displayLanguage", "")
    return terminology.lookup(
        kg, _given(said, "code"), system=said.get("system", SYSTEM), display_language=language
    )


def _validate(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    url = said.get("url", SYSTEM)
    return terminology.validate_code(
        kg,
        _given(said, "code"),
        url=url,
        system=said.get("system", SYSTEM),
        display=said.get("display", ""),
        release=release,
    )


def _subsumes(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    del release
    system = said.get("system", SYSTEM)
    return terminology.subsumes(kg, _given(said, "codeA"), _given(said, "codeB"), system=system)


def _expand(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    del release
    return terminology.expand(
        kg,
        _given(said, "url"),
        text=said.get("filter", ""),
        offset=_number(said, "offset") or 0,
        count=_number(said, "count"),
        display_language=said.get("displayLanguage", ""),
        include_designations=said.get("includeDesignations") == "true",
    )


def _translate(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    code = said.get("sourceCode") or said.get("code")
    if not code:
        msg = "the parameter 'sourceCode' is missing"
        raise Misuse(msg)
    target = said.get("targetSystem") or said.get("targetsystem") or ""
    return terminology.translate(
        kg, code, system=said.get("system", SYSTEM), target_system=target, release=release
    )


Operation = Callable[[KnowledgeGraph, Mapping[str, str], str], Json]
# the operations by the type of resource they belong to
OPERATIONS: Final[dict[tuple[str, str], Operation]] = {
    ("CodeSystem", "lookup"): _lookup,
    ("CodeSystem", "validate-code"): _validate,
    ("CodeSystem", "subsumes"): _subsumes,
    ("ValueSet", "expand"): _expand,
    ("ValueSet", "validate-code"): _validate,
    ("ConceptMap", "translate"): _translate,
}


async def _operate(request: Request) -> Response:
    kind, name = request.path_params["kind"], request.path_params["name"]
    run = OPERATIONS.get((kind, name))
    if run is None:
        known = [f"{k}/${n}" for k, n in OPERATIONS]
        return _outcome(UnknownName("operation", f"{kind}/${name}", known))
    try:
        said = dict(parse_qsl(request.url.query)) | await _posted(request)
        made = run(kg_of(request), said, _release(request))
    except MiliaError as error:
        return _outcome(error)
    if name == "expand":  # it bears the time at which it was made
        return Response(json.dumps(made, ensure_ascii=False), media_type=_MEDIA)
    return json_answer(request, made, _MEDIA)


async def _posted(request: Request) -> dict[str, str]:
    """Return the values of a resource `Parameters`; of a coding, its code, system and display."""
    if request.method != "POST":
        return {}
    try:
        resource = json.loads(await body_of(request) or b"{}")
        listed = resource.get("parameter", [])
        said: dict[str, str] = {}
        for one in listed:
            said |= _coded(one) or {one["name"]: _plain(one)}
        return said
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        msg = f"the body is no resource Parameters in JSON: {error}"
        raise Misuse(msg) from error


def _coded(one: Mapping[str, Any]) -> dict[str, str]:
    """Return what a coding stands for; of several in a concept the one of our code system, or the first."""
    if one["name"] not in _CODINGS:
        return {}
    codings = one["valueCodeableConcept"]["coding"] if "valueCodeableConcept" in one else [one["valueCoding"]]
    coding = next((c for c in codings if c.get("system") == SYSTEM), codings[0] if codings else {})
    named = {"code": _CODINGS[one["name"]], "system": "system", "display": "display"}
    return {named[part]: str(coding[part]) for part in named if part in coding}


def _plain(one: Mapping[str, Any]) -> str:
    value = next((v for k, v in one.items() if k.startswith("value")), "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _release(request: Request) -> str:
    return "R4B" if "fhirversion=4" in request.headers.get("accept", "").lower() else "R5"


def _outcome(error: MiliaError) -> Response:
    code = "not-found" if isinstance(error, UnknownName) else "invalid"
    issue = {"severity": "error", "code": code, "diagnostics": str(error)}
    said = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(json.dumps(said, ensure_ascii=False), status_of(error), media_type=_MEDIA)


async def _read(request: Request) -> Response:
    kind, ident = request.path_params["kind"], request.path_params["ident"]
    kg = kg_of(request)
    whole = code_system(kg)
    resources = [whole, *value_sets(whole), *concept_maps(kg, whole, _release(request))]
    known = {(one["resourceType"], one["id"]): one for one in resources}
    if (kind, ident) not in known:
        return _outcome(UnknownName("resource", f"{kind}/{ident}", [f"{k}/{i}" for k, i in known]))
    return json_answer(request, known[kind, ident], _MEDIA)


async def _metadata(request: Request) -> Response:
    release = "4.3.0" if _release(request) == "R4B" else "5.0.0"
    if request.query_params.get("mode") == "terminology":
        return json_answer(request, _terminology_capabilities(_release(request)), _MEDIA)
    resources: dict[str, list[Json]] = {}
    for kind, name in OPERATIONS:
        definition = f"http://hl7.org/fhir/OperationDefinition/{kind}-{name}"
        resources.setdefault(kind, []).append({"name": name, "definition": definition})
    rest = [
        {"type": kind, "interaction": [{"code": "read"}], "operation": found}
        for kind, found in resources.items()
    ]
    said = {**_head("CapabilityStatement"), "fhirVersion": release, "format": ["json"]}
    said["rest"] = [{"mode": "server", "resource": rest}]
    return json_answer(request, said, _MEDIA)


def _head(kind: str) -> Json:
    return {
        "resourceType": kind,
        "status": "draft",
        "date": _CHANGED,
        "version": VERSION,
        "kind": "instance",
        "implementation": {
            "description": "Milia, a knowledge graph of one skin condition",
            "url": f"{BASE}fhir",
        },
    }


def _terminology_capabilities(release: str) -> Json:
    content = {"content": "complete"} if release == "R5" else {}  # R4B does not say how much is here
    return {
        **_head("TerminologyCapabilities"),
        "codeSystem": [{"uri": SYSTEM, **content, "subsumption": True}],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "parameter": [{"name": "filter"}, {"name": "count"}],
        },
        "validateCode": {"translations": True},
        "translation": {"needsMap": False},
    }


ROUTES: Final = [
    Route("/fhir/metadata", _metadata),
    Route("/fhir/{kind}/${name}", _operate, methods=["GET", "POST"]),
    Route("/fhir/{kind}/{ident}", _read),
]
