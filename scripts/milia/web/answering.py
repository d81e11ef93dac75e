"""What every answer has: reading what is sent in bounds, errors as plain words, tags for caches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from milia.errors import Busy, MiliaError, Misuse, TooMuch, UnknownName
from milia.kg import KnowledgeGraph
from milia.web.negotiation import fits, tag

__all__ = ["body_of", "in_words", "json_answer", "kg_of", "sent", "status_of"]

_LONGEST_BODY: Final = 200_000  # bytes; a query has far fewer
_SLOWEST_BODY: Final = 10.0  # seconds


def kg_of(request: Request) -> KnowledgeGraph:
    """Return the graph that the application serves."""
    kg: KnowledgeGraph = request.app.state.kg
    return kg


async def body_of(request: Request) -> bytes:
    """Return what was sent with a request.

    Raises:
        HTTPException: it is too long (413) or comes too slowly (408).
    """

    async def read() -> bytes:
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > _LONGEST_BODY:
                raise HTTPException(413, f"at most {_LONGEST_BODY:,} bytes are read")
            parts.append(part)
        return b"".join(parts)

    try:
        return await asyncio.wait_for(read(), _SLOWEST_BODY)
    except TimeoutError:
        raise HTTPException(408, f"nothing whole came within {_SLOWEST_BODY:g} seconds") from None
    except ClientDisconnect:
        raise HTTPException(400, "the request broke off") from None


def status_of(error: MiliaError) -> int:
    """Return the status that tells what kind of error it is."""
    if isinstance(error, Busy | TooMuch):
        return 503
    if isinstance(error, UnknownName):
        return 404
    return 400 if isinstance(error, Misuse) else 500


def in_words(request: Request, error: Exception) -> Response:
    """Return an error as plain text; who came too early is told when to come again."""
    del request
    if isinstance(error, HTTPException):
        return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)
    assert isinstance(error, MiliaError)
    status = status_of(error)
    headers = {"Retry-After": "3"} if isinstance(error, Busy) else None
    return PlainTextResponse(f"{error}\n", status, headers)


def sent(
    request: Request,
    content: bytes | str,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return content with a tag that tells it; nothing, where the client has it."""
    etag = tag(content)
    known = {"ETag": etag, "Vary": "Accept", "Cache-Control": "no-cache", **(headers or {})}
    if fits(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=known)
    return Response(content, status, known, media_type)


def json_answer(request: Request, said: Any, media_type: str = "application/json") -> Response:  # noqa: ANN401
    """Return plain data as JSON."""
    return sent(request, json.dumps(said, ensure_ascii=False, indent=1) + "\n", media_type)
