"""FHIR's terminology operations over HTTP: `/fhir/CodeSystem/$lookup` and the others, R5 as a rule.

The answers are those of `milia.terminology`; R4B is answered to who asks with `fhirVersion=4.3` in `Accept`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from milia import terminology
from milia.errors import MiliaError, Misuse, UnknownName
from milia.export.fhir_codes import code_system, value_sets
from milia.export.fhir_maps import concept_maps
from milia.export.fhir_terms import SYSTEM
from milia.kg import KnowledgeGraph
from milia.names import VERSION
from milia.web.answering import body_of, json_answer, kg_of, status_of
from milia.web.negotiation import choose

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
_CANONICAL: Final = ("url", "system")  # parameters that may bear a version after a bar
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
    """Validate against our code system, which is there by default."""
    url = said.get("url", SYSTEM)
    if url != SYSTEM:
        raise UnknownName("code system", url, [SYSTEM])
    return _validated(kg, said, url, release)


def _validate_in_set(kg: KnowledgeGraph, said: Mapping[str, str], release: str) -> Json:
    return _validated(kg, said, _given(said, "url"), release)


def _validated(kg: KnowledgeGraph, said: Mapping[str, str], url: str, release: str) -> Json:
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
    ("ValueSet", "validate-code"): _validate_in_set,
    ("ConceptMap", "translate"): _translate,
}


async def _operate(request: Request) -> Response:
    kind, name = request.path_params["kind"], request.path_params["name"]
    run = OPERATIONS.get((kind, name))
    if run is None:
        known = [f"{k}/${n}" for k, n in OPERATIONS]
        return _outcome(UnknownName("operation", f"{kind}/${name}", known))
    try:
        _check_accept(request)
        said = {**dict(parse_qsl(request.url.query)), **await _posted(request), **_of_resource(request)}
        said |= {name: _without_version(said[name]) for name in _CANONICAL if name in said}
        made = run(kg_of(request), said, _release(request))
    except HTTPException as error:
        return _outcome(Misuse(str(error.detail)), error.status_code)
    except MiliaError as error:
        return _outcome(error)
    if name == "expand":  # it bears the time at which it was made
        return Response(json.dumps(made, ensure_ascii=False), media_type=_MEDIA)
    return json_answer(request, made, _MEDIA)


def _check_accept(request: Request) -> None:
    accept = request.headers.get("accept")
    if choose(accept, [_MEDIA, "application/json", "text/json", "text/html"]) is None:
        raise HTTPException(406, f"this is to be had as {_MEDIA}")


def _of_resource(request: Request) -> dict[str, str]:
    """Return what an operation on one resource is about: the resource, by its address."""
    ident = request.path_params.get("ident")
    if ident is None:
        return {}
    kind = request.path_params["kind"]
    found = _resources(kg_of(request), _release(request)).get((kind, ident))
    if found is None:
        raise UnknownName(kind, ident, [i for k, i in _resources(kg_of(request), "R5") if k == kind])
    if kind == "ConceptMap":
        return {"targetSystem": found["group"][0]["target"]}
    return {"system" if kind == "CodeSystem" else "url": found["url"]}


def _without_version(url: str) -> str:
    """Return a canonical address without its version, which is that of the graph.

    Raises:
        UnknownName: it is another version.
    """
    bare, _, version = url.partition("|")
    if version not in {"", VERSION}:
        raise UnknownName("version", version, [VERSION])
    return bare


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


def _outcome(error: MiliaError, status: int | None = None) -> Response:
    code = "not-found" if isinstance(error, UnknownName) else "invalid"
    issue = {"severity": "error", "code": code, "diagnostics": str(error)}
    said = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(json.dumps(said, ensure_ascii=False), status or status_of(error), media_type=_MEDIA)


async def _read(request: Request) -> Response:
    kind, ident = request.path_params["kind"], request.path_params["ident"]
    known = _resources(kg_of(request), _release(request))
    if (kind, ident) not in known:
        return _outcome(UnknownName("resource", f"{kind}/{ident}", [f"{k}/{i}" for k, i in known]))
    return json_answer(request, known[kind, ident], _MEDIA)


def _resources(kg: KnowledgeGraph, release: str) -> dict[tuple[str, str], Json]:
    """Return the resources that are here, by type and id."""
    whole = code_system(kg)
    resources = [whole, *value_sets(whole), *concept_maps(kg, whole, release)]
    return {(one["resourceType"], one["id"]): one for one in resources}


async def _nothing(request: Request) -> Response:
    known = [f"{kind}/${name}" for kind, name in OPERATIONS]
    return _outcome(UnknownName("resource", request.path_params["path"], known))


async def _metadata(request: Request) -> Response:
    release = "4.3.0" if _release(request) == "R4B" else "5.0.0"
    if request.query_params.get("mode") == "terminology":
        return json_answer(request, _terminology_capabilities(request), _MEDIA)
    resources: dict[str, list[Json]] = {}
    for kind, name in OPERATIONS:
        definition = f"http://hl7.org/fhir/OperationDefinition/{kind}-{name}"
        resources.setdefault(kind, []).append({"name": name, "definition": definition})
    rest = [
        {"type": kind, "interaction": [{"code": "read"}], "operation": found}
        for kind, found in resources.items()
    ]
    said = {**_head("CapabilityStatement", request), "fhirVersion": release, "format": ["json"]}
    said["rest"] = [{"mode": "server", "resource": rest}]
    return json_answer(request, said, _MEDIA)


def _head(kind: str, request: Request) -> Json:
    return {
        "resourceType": kind,
        "status": "draft",
        "date": _CHANGED,
        "version": VERSION,
        "kind": "instance",
        "implementation": {
            "description": "Milia, a knowledge graph of one skin condition",
            "url": f"{request.base_url}fhir",
        },
    }


def _terminology_capabilities(request: Request) -> Json:
    # R4B does not say how much is here
    content = {"content": "complete"} if _release(request) == "R5" else {}
    return {
        **_head("TerminologyCapabilities", request),
        "codeSystem": [{"uri": SYSTEM, **content, "subsumption": True}],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "parameter": [
                {"name": name}
                for name in ("filter", "offset", "count", "displayLanguage", "includeDesignations")
            ],
        },
        "validateCode": {"translations": True},
        "translation": {"needsMap": False},
    }


ROUTES: Final = [
    Route("/fhir/metadata", _metadata),
    Route("/fhir/{kind}/${name}", _operate, methods=["GET", "POST"]),
    Route("/fhir/{kind}/{ident}/${name}", _operate, methods=["GET", "POST"]),
    Route("/fhir/{kind}/{ident}", _read),
    Route("/fhir/{path:path}", _nothing, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
]
