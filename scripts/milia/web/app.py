"""The application: its routes, what guards them, and what starts and ends with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, RdfFormat, parse_query_results
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from milia.errors import BadQuery, Busy, MiliaError
from milia.export import bundle, bundled, void
from milia.formats import FORMATS, Format
from milia.kg import KnowledgeGraph
from milia.names import BASE, LICENCE
from milia.refusal import refuse
from milia.store.remote import RemoteStore
from milia.web import asking, fhir, rest
from milia.web.answering import in_words, json_answer, kg_of, sent, status_of
from milia.web.forwarding import Forwarding
from milia.web.linked import SUFFIXES, is_here, written
from milia.web.lists import LISTS
from milia.web.negotiation import HTML, choose
from milia.web.network import network
from milia.web.pages import POLICY, STATIC, Pages, cell
from milia.web.protocol import sparql
from milia.web.urls import site_map
from milia.web.workers import Limits, Question, Workers

__all__ = ["make_app"]

_CLOSED: Final = ("ask", "search", "sparql")  # to those who gather pages: they would never end
_OTHERS: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
}
_GUARDS: Final = {
    b"content-security-policy": f"{POLICY}; frame-ancestors 'none'".encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
}


class _Guarded:
    """Sends what browsers need to know with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_GUARDS.items()]
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def make_app(
    kg: KnowledgeGraph,
    *,
    limits: Limits | None = None,
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "testserver"),
    see_other: bool = False,
    since: Path | None = None,
) -> Starlette:
    """Return the application that serves a graph.

    Args:
        kg: the graph, opened.
        limits: how much a query may take, and how many may be asked at once.
        hosts: names that the server may be called by; `*` for any.
        see_other: send whoever asks for a thing to the address of a document about it (303), instead of
            answering there.
        since: an earlier build, whose differences from this one a page shows.
    """
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "HEAD", "POST"],
                allow_headers=["*"],
            ),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6),
            Middleware(_Guarded),
        ],
        exception_handlers={MiliaError: _refused, HTTPException: _missing, Exception: _failed},
        lifespan=_lifespan,
    )
    app.state.kg, app.state.pages, app.state.see_other = kg, Pages(kg, since=since), see_other
    app.state.workers = _answering(kg, limits or Limits())
    app.state.exporting = asyncio.Lock()
    app.state.graphs = frozenset(g.value for g in kg.store.graphs())
    return app


def _answering(kg: KnowledgeGraph, limits: Limits) -> Workers | Forwarding:
    """Return who answers strangers: processes of our own over the built graph, or a server."""
    if isinstance(kg.store, RemoteStore):
        return Forwarding(kg.store, limits)
    return Workers(kg.home.build / "graph.nq", kg.key, limits)


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Get ready beside the first requests what takes long; end the workers at the end."""
    warming = asyncio.create_task(_warm(app))
    try:
        yield
    finally:
        warming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await warming
        await app.state.workers.close()


async def _warm(app: Starlette) -> None:
    kg: KnowledgeGraph = app.state.kg
    # what every page needs; the engine answers both at once
    await asyncio.gather(
        run_in_threadpool(lambda: kg.claims), run_in_threadpool(kg.rows, "edges"), return_exceptions=True
    )
    await run_in_threadpool(app.state.pages.html, "")
    with contextlib.suppress(MiliaError):
        await app.state.workers.warm()


def _routes() -> list[Any]:
    return [
        Route("/sparql", _sparql, methods=["GET", "POST"]),
        Route("/ask", _ask),
        *rest.ROUTES,
        *fhir.ROUTES,
        Route("/network.json", _network),
        Route("/completions.json", _completions),
        Route("/.well-known/void", _well_known),
        Route("/void", _void),
        Route("/sitemap.xml", _sitemap),
        Route("/robots.txt", _robots),
        Route("/files/{path:path}", _file),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/{path:path}", _anything),
    ]


async def _sparql(request: Request) -> Response:
    """Send a person who comes without a query to the page on which one is asked."""
    asks = bool(request.url.query) or request.method == "POST"
    offered = ["text/turtle", *(f.media_type for f in FORMATS.values()), HTML]
    if not asks and choose(request.headers.get("accept"), offered) == HTML:
        return RedirectResponse("/ask", 303)
    return await sparql(request)


async def _ask(request: Request) -> Response:
    """Ask a query and show the answer: the protocol for people without scripts."""
    text = request.query_params.get("query", "").strip()
    shown = asking.page(kg_of(request))
    status = 200
    if text:
        shown["text"] = text
        try:
            shown |= await _answered(request, text)
        except (BadQuery, Busy) as error:
            shown["error"], status = str(error), status_of(error)
    page = request.app.state.pages.rendered("ask", "ask", shown)
    return Response(page, status, media_type=HTML)


async def _answered(request: Request, text: str) -> dict[str, Any]:
    form = refuse(text, ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"), request.app.state.graphs)
    workers: Workers | Forwarding = request.app.state.workers
    if form in {"CONSTRUCT", "DESCRIBE"}:
        content = await workers.answer(Question(text, RdfFormat.TURTLE.media_type, results=False))
        lines = content.decode().splitlines()
        return {"turtle": "\n".join(lines[: asking.LINES]), "cut": len(lines) > asking.LINES}
    media = QueryResultsFormat.JSON.media_type
    found: Any = parse_query_results(
        await workers.answer(Question(text, media, results=True)), format=QueryResultsFormat.JSON
    )
    if form == "ASK":
        return {"truth": bool(found)}
    rows = [
        [cell(kg_of(request), term) for term in row]
        for _, row in zip(range(asking.ROWS + 1), found, strict=False)
    ]
    return {
        "columns": [v.value for v in found.variables],
        "rows": rows[: asking.ROWS],
        "cut": len(rows) > asking.ROWS,
    }


async def _anything(request: Request) -> Response:
    """Answer for a page, or for the thing whose IRI is the address, in the form that is accepted."""
    path = request.path_params["path"]
    stem, form = _without_suffix(path)
    kg, pages = kg_of(request), request.app.state.pages
    said = dict(request.query_params)
    if form is None and not path.endswith(".html"):
        if path in LISTS or path.startswith("questions/"):
            return await _page(request, pages, path, said)
        if not await run_in_threadpool(is_here, kg, path):
            raise HTTPException(404, f"there is no page and no thing at /{path}")
        offered = [HTML, *(f.media_type for f in FORMATS.values())]
        chosen = choose(request.headers.get("accept"), offered)
        if chosen is None:
            raise HTTPException(406, f"this is to be had as: {', '.join(offered)}")
        form = next((f for f in FORMATS.values() if f.media_type == chosen), None)
        if request.app.state.see_other:
            return RedirectResponse(
                f"/{quote(path)}{form.suffix if form else '.html'}", 303, {"Vary": "Accept"}
            )
    elif path.endswith(".html"):
        stem = path.removesuffix(".html")
    if form is None:
        return await _page(request, pages, stem, said)
    if not await run_in_threadpool(is_here, kg, stem):
        raise HTTPException(404, f"there is no thing at /{stem}")
    content = await run_in_threadpool(written, kg, stem, form)
    return sent(request, content, form.media_type, _links(stem))


def _without_suffix(path: str) -> tuple[str, Format | None]:
    for suffix, form in SUFFIXES.items():
        if path.endswith(suffix):
            return path.removesuffix(suffix), form
    return path, None


async def _page(request: Request, pages: Pages, path: str, said: dict[str, str]) -> Response:
    page = await run_in_threadpool(pages.html, path, said)
    if page is None:
        raise HTTPException(404, f"there is no page at /{path}")
    return sent(request, page, HTML, _links(path) if path not in LISTS else None)


def _links(path: str) -> dict[str, str]:
    """Return the header that names the other forms of a thing, its own address, and the licence."""
    others = [f'</{quote(path)}{f.suffix}>; rel="alternate"; type="{f.media_type}"' for f in FORMATS.values()]
    return {
        "Link": ", ".join([*others, f'<{BASE}{quote(path)}>; rel="canonical"', f'<{LICENCE}>; rel="license"'])
    }


async def _missing(request: Request, error: Exception) -> Response:
    """Say in a page what is not here, to whoever reads pages; in plain words to all others."""
    assert isinstance(error, HTTPException)
    if error.status_code != 404 or choose(request.headers.get("accept"), ["text/plain", HTML]) != HTML:
        return in_words(request, error)
    kg, path = kg_of(request), request.url.path.strip("/")
    near = await run_in_threadpool(_near, kg, path)
    data = {"what": str(error.detail), "nearest": near, "is_wrong": False}
    return Response(request.app.state.pages.rendered("", "missing", data), 404, media_type=HTML)


async def _refused(request: Request, error: Exception) -> Response:
    """Say what is wrong in a page, to whoever reads pages; in plain words to all others."""
    plain = in_words(request, error)
    if choose(request.headers.get("accept"), ["text/plain", HTML]) != HTML:
        return plain
    data = {"what": str(error), "nearest": [], "is_wrong": plain.status_code != 404}
    page = request.app.state.pages.rendered("", "missing", data)
    later = {"Retry-After": "3"} if isinstance(error, Busy) else None
    return Response(page, plain.status_code, later, HTML)


def _near(kg: KnowledgeGraph, path: str) -> list[tuple[str, str]]:
    from milia.called import names_of

    return [(b.thing, b.label) for b in names_of(kg).nearest(path.rpartition("/")[2][:100])]


async def _failed(request: Request, error: Exception) -> Response:
    del request, error  # the server's log has it; whoever asked is told no more than is of use
    return Response("something went wrong here; the server's log says what\n", 500, media_type="text/plain")


async def _network(request: Request) -> Response:
    return json_answer(request, await run_in_threadpool(network, kg_of(request)))


async def _completions(request: Request) -> Response:
    """Send the names that a query can use, for the editor."""
    return json_answer(request, asking.completions(kg_of(request)))


async def _well_known(request: Request) -> Response:
    del request
    return RedirectResponse("/void", 302)


async def _void(request: Request) -> Response:
    root = str(request.base_url)
    here = {"void:sparqlEndpoint": f"{root}sparql", "void:dataDump": f"{root}files/nquads/milia-all.nq"}
    (content,) = (await run_in_threadpool(void.write, kg_of(request), here)).values()
    return sent(request, content, "text/turtle")


async def _sitemap(request: Request) -> Response:
    root = str(request.base_url)
    paths = await run_in_threadpool(lambda: list(request.app.state.pages.paths()))
    addresses = (f"{root}{quote(path)}" for path in paths if path not in _CLOSED)
    return sent(request, site_map(addresses), "application/xml")


async def _robots(request: Request) -> Response:
    closed = "".join(f"Disallow: /{path}\n" for path in _CLOSED)
    return sent(request, f"User-agent: *\n{closed}Sitemap: {request.base_url}sitemap.xml\n", "text/plain")


async def _file(request: Request) -> Response:
    """Send a file of the export of everything; those of a format are made when one is first asked for."""
    path = request.path_params["path"]
    name = path.partition("/")[0]
    async with request.app.state.exporting:  # one at a time, so that none takes all the machine
        files = await run_in_threadpool(_files, kg_of(request), name)
    if path.rstrip("/") == name and name != "manifest.json":
        listed = [{"file": f"/files/{file}", "bytes": len(content)} for file, content in files.items()]
        return json_answer(request, listed)
    if path not in files:
        raise HTTPException(404, f"there is no file {path}; there is: {', '.join(sorted(files)[:8])} …")
    return sent(request, files[path], _media_type(path))


def _media_type(path: str) -> str:
    """Return what kind of file it is, by its suffix."""
    form = next((f for f in FORMATS.values() if path.endswith(f.suffix)), None)
    return form.media_type if form else _OTHERS.get(path[path.rfind(".") :], "application/octet-stream")


@lru_cache(maxsize=64)
def _files(kg: KnowledgeGraph, name: str) -> dict[str, bytes]:
    if name == "manifest.json":
        return {path: content for path, content in bundle(kg) if path == name}
    return bundled(kg, name)
