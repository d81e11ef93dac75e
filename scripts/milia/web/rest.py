"""A JSON interface, described by OpenAPI: search, what is said of a thing, proofs, care, pages, exports.

Each route is a row of one table: its path, what it takes, and the function of the graph that answers. Every
answer bears licence and disclaimer, as those of `milia.assistant` do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from milia import assistant
from milia.assistant import NONE, UNANSWERED, NoAnswer, reply
from milia.errors import Misuse, UnknownName
from milia.export import FEEDS
from milia.export.blocks import page
from milia.export.lookup import answer as infobutton
from milia.export.page import write_json
from milia.kg import KnowledgeGraph
from milia.names import LICENCE, NOTICE, VERSION
from milia.web.answering import json_answer, kg_of
from milia.web.views import differences

__all__ = ["CALLS", "ROUTES", "Call", "openapi"]

Json = dict[str, Any]
_PERSON: Final = {
    "age": "age group of the reader; unknown counts as an infant",
    "site": "where the milia are; unknown counts as anywhere",
    "pregnancy": "a population, such as pregnant; unknown counts as pregnant",
    "provider": "a clinic whose services fill the blocks",
}


@dataclass(frozen=True)
class Call:
    """A route: what it is for, the function that answers, and the parameters that it must and may have."""

    path: str
    about: str
    run: Callable[..., Json]
    must: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)


def _blocks(kg: KnowledgeGraph, form: str, **person: str) -> Json:
    made: Json = json.loads(write_json(kg, page(kg, form, None, **person)))
    return {**reply(kg, "found", f"The blocks of a page on {made['title']}."), **made}


def _disagreements(kg: KnowledgeGraph, kind: str = "StanceContradiction") -> Json:
    kinds = {one["iri"].rpartition("/")[2]: one["number"] for one in differences(kg)}
    name = kind.rpartition(":")[2]
    if name not in kinds:
        raise UnknownName("kind of disagreement", kind, kinds)
    rows = kg.ask("disagreements", kind=f"milia:{name}").records()
    message = f"Disagreements between sources: {sum(kinds.values())}, of which {kinds[name]} are a {name}."
    return reply(kg, "found", message, kind=name, kinds=kinds, disagreements=rows)


def _exports(kg: KnowledgeGraph) -> Json:
    feeds = [
        {"name": f.name, "title": f.title, "reader": f.reader, "files": f"/files/{f.name}/"}
        for f in FEEDS.values()
    ]
    message = "What can be downloaded; each folder of files lists what is in it."
    return reply(kg, "found", message, exports=feeds)


def _infobutton(kg: KnowledgeGraph, **said: str) -> Json:
    hits = infobutton(kg, said)
    pages = [json.loads(write_json(kg, hit.page)) for hit in hits if hit.page]
    told = [{"code": h.code, "thing": h.thing, "match": h.match, "page": bool(h.page)} for h in hits]
    return reply(kg, "found" if pages else NONE, f"Pages: {len(pages)}.", hits=told, pages=pages)


_THING: Final = "a name in any language, a slug or a CURIE"
CALLS: Final = (
    Call(
        "/api/search",
        "Things by name, in any language",
        assistant.search,
        {"name": "words"},
        {"limit": "1 to 500"},
    ),
    Call(
        "/api/describe",
        "What a thing is and what sources say of it",
        assistant.describe,
        {"thing": _THING},
        {"property": "only statements with this property", "limit": "1 to 500"},
    ),
    Call(
        "/api/explain",
        "Why a link holds, down to claims and sources",
        assistant.explain,
        {"subject": _THING, "predicate": "a property", "object": _THING},
    ),
    Call(
        "/api/suggest",
        "Care that may be suggested, and why",
        assistant.suggest,
        {"form": "a form of milia"},
        _PERSON,
    ),
    Call("/api/blocks", "The blocks of a web page", _blocks, {"form": "a form of milia"}, _PERSON),
    Call(
        "/api/disagreements",
        "Where sources differ, one kind at a time, and how often in each kind",
        _disagreements,
        may={"kind": "such as StanceContradiction, which is the usual one"},
    ),
    Call("/api/exports", "What can be downloaded", _exports),
    Call(
        "/infobutton",
        "Pages for the knowledge request of an HL7 Infobutton",
        _infobutton,
        {},
        {
            "mainSearchCriteria.v.c": "a code",
            "mainSearchCriteria.v.cs": "its code system, an OID or a URI",
            "mainSearchCriteria.v.dn": "a name, instead of a code",
            "age.v.v": "the patient's age",
            "age.v.u": "its unit in UCUM: a, mo, wk, d",
        },
    ),
)
_NUMBERS: Final = {"limit": 500}


def _route(call: Call) -> Route:
    async def answer(request: Request) -> Response:
        said = {name: value for name, value in request.query_params.items() if value}
        return json_answer(request, await run_in_threadpool(_answered, call, kg_of(request), said))

    return Route(call.path, answer, name=call.path)


def _answered(call: Call, kg: KnowledgeGraph, said: Mapping[str, str]) -> Json:
    is_open = call.path == "/infobutton"  # its request says more than is needed
    if not is_open:
        if missing := [name for name in call.must if name not in said]:
            msg = f"the parameter '{missing[0]}' is missing; {call.path} takes {_list(call)}"
            raise Misuse(msg)
        if strange := [name for name in said if name not in {**call.must, **call.may}]:
            msg = f"there is no parameter '{strange[0]}'; {call.path} takes {_list(call)}"
            raise Misuse(msg)
    try:
        return call.run(kg, **{name: _typed(name, value) for name, value in said.items()})
    except NoAnswer as error:
        return reply(kg, error.evidence, error.message, **error.more)


def _list(call: Call) -> str:
    return ", ".join([*call.must, *(f"{name} (optional)" for name in call.may)]) or "nothing"


def _typed(name: str, value: str) -> str | int:
    if name not in _NUMBERS:
        return value
    if not value.isdecimal() or not 1 <= int(value[:9]) <= _NUMBERS[name]:
        msg = f"'{name}' is a number from 1 to {_NUMBERS[name]}, not '{value}'"
        raise Misuse(msg)
    return int(value)


_NAMING: Final = ("/api/blocks", "/api/disagreements", "/infobutton")  # the others answer: no evidence


def _responses(call: Call) -> Json:
    def told(description: str, media_type: str) -> Json:
        kind = "object" if media_type == "application/json" else "string"
        return {"description": description, "content": {media_type: {"schema": {"type": kind}}}}

    answer = f"an answer; `evidence` may be '{NONE}' or '{UNANSWERED}'"
    found = {
        "200": told(answer, "application/json"),
        "400": told("a parameter is missing or wrong, in words", "text/plain"),
    }
    if call.path in _NAMING:
        found["404"] = told("a name is not known; the nearest ones", "text/plain")
    return found


def _schema(name: str) -> Json:
    if name not in _NUMBERS:
        return {"type": "string"}
    return {"type": "integer", "minimum": 1, "maximum": _NUMBERS[name]}


def openapi() -> Json:
    """Return the description of the interface, in OpenAPI 3.1."""
    paths = {
        call.path: {
            "get": {
                "summary": call.about,
                "operationId": call.path.strip("/").replace("/", "-"),
                "parameters": [
                    {
                        "name": name,
                        "in": "query",
                        "required": name in call.must,
                        "description": about,
                        "schema": _schema(name),
                    }
                    for name, about in {**call.must, **call.may}.items()
                ],
                "responses": _responses(call),
            }
        }
        for call in CALLS
    }
    about = {
        "title": "Milia",
        "version": VERSION,
        "summary": NOTICE,
        "license": {"name": "CC BY 4.0", "url": LICENCE},
    }
    return {"openapi": "3.1.0", "info": about, "paths": paths}


async def _openapi(request: Request) -> Response:
    return json_answer(request, openapi(), "application/json")


ROUTES: Final = [*map(_route, CALLS), Route("/openapi.json", _openapi)]
