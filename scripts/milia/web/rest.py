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
from milia.errors import Misuse
from milia.export import FEEDS
from milia.export.blocks import page
from milia.export.lookup import answer as infobutton
from milia.export.page import write_json
from milia.kg import KnowledgeGraph
from milia.names import LICENCE, NOTICE, VERSION
from milia.web.answering import json_answer, kg_of

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


def _disagreements(kg: KnowledgeGraph) -> Json:
    rows = kg.ask("disagreements").records()
    return reply(kg, "found", f"Disagreements between sources: {len(rows)}.", disagreements=rows)


def _exports(kg: KnowledgeGraph) -> Json:
    feeds = [{"name": f.name, "title": f.title, "reader": f.reader} for f in FEEDS.values()]
    return reply(kg, "found", "What `milia export` writes.", exports=feeds)


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
    Call("/api/disagreements", "Where sources differ", _disagreements),
    Call("/api/exports", "What can be downloaded", _exports),
    Call(
        "/infobutton",
        "Pages for the knowledge request of an HL7 Infobutton",
        _infobutton,
        {"mainSearchCriteria.v.c": "a code"},
        {
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
                        "required": name in call.must and call.path != "/infobutton",
                        "description": about,
                        "schema": {"type": "integer" if name in _NUMBERS else "string"},
                    }
                    for name, about in {**call.must, **call.may}.items()
                ],
                "responses": {
                    "200": {
                        "description": f"an answer; `evidence` may be '{NONE}' or '{UNANSWERED}'",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "400": {
                        "description": "a parameter is missing or wrong, in words",
                        "content": {"text/plain": {}},
                    },
                    "404": {
                        "description": "a name is not known; the nearest ones",
                        "content": {"text/plain": {}},
                    },
                },
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
