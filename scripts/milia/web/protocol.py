"""The SPARQL 1.1 Protocol: queries by GET and POST, results by what is accepted, and what the service is.

Reading only. Every query is looked at before it is evaluated (`refusal.refuse`): none opens a connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milia.kg import KnowledgeGraph
from milia.names import PREFIXES, expand
from milia.refusal import refuse
from milia.web.answering import body_of, kg_of, sent
from milia.web.forwarding import Forwarding
from milia.web.negotiation import GRAPHS, RESULTS, choose
from milia.web.workers import Question, Workers

__all__ = ["description", "sparql"]

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_W3_FORMATS: Final = "http://www.w3.org/ns/formats/"
_OFFERED: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD"),
)


async def sparql(request: Request) -> Response:
    """Answer a query, or say what the service is where there is none."""
    said = await _said(request)
    queries = [value for name, value in said if name == "query"]
    if any(name == "update" for name, _ in said):
        raise HTTPException(400, "this graph is read only: there is no update")
    if not queries and request.method != "POST":
        return _described(request)
    if len(queries) != 1:
        raise HTTPException(400, f"give one query, not {len(queries)}")
    graphs: frozenset[str] = request.app.state.graphs
    form = refuse(queries[0], _FORMS, graphs)
    results = form in {"SELECT", "ASK"}
    offered = RESULTS if results else GRAPHS
    chosen = choose(request.headers.get("accept"), list(offered))
    if chosen is None:
        raise HTTPException(406, f"a {form} is answered in one of: {', '.join(offered)}")
    default, named = (
        [value for name, value in said if name == f"{k}-graph-uri"] for k in ("default", "named")
    )
    if unknown := [graph for graph in (*default, *named) if graph not in graphs]:
        raise HTTPException(400, f"there is no graph {unknown[0]} here, and none is fetched")
    chosen_graphs = (default, named) if default or named else (None, None)
    workers: Workers | Forwarding = request.app.state.workers
    content = await workers.answer(Question(queries[0], offered[chosen], results, *chosen_graphs))
    return Response(content, headers={"Vary": "Accept"}, media_type=offered[chosen])


async def _said(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a request, wherever they stand."""
    said = parse_qsl(request.url.query, keep_blank_values=True)
    if request.method != "POST":
        return said
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {_FORM, _DIRECT}:
        raise HTTPException(415, f"POST takes {_FORM} or {_DIRECT}, not {kind or 'nothing'}")
    try:
        text = (await body_of(request)).decode()
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the request is not UTF-8 text (byte {error.start})") from error
    return [*said, ("query", text)] if kind == _DIRECT else parse_qsl(text, keep_blank_values=True)


def _described(request: Request) -> Response:
    chosen = choose(request.headers.get("accept"), list(GRAPHS))
    if chosen is None:
        raise HTTPException(406, f"the service is described in one of: {', '.join(GRAPHS)}")
    address = str(request.url.replace(query=""))
    form = RdfFormat.from_media_type(GRAPHS[chosen])
    prefixes = {"sd": _SD, "void": PREFIXES["void"], "formats": _W3_FORMATS}
    content = serialize(description(kg_of(request), address), format=form, prefixes=prefixes) or b""
    return sent(request, content, GRAPHS[chosen])


def description(kg: KnowledgeGraph, address: str) -> Iterator[Triple]:
    """Yield what the service at an address is, in the vocabulary for SPARQL 1.1 service descriptions."""
    service, dataset, default = NamedNode(address), BlankNode("dataset"), BlankNode("default")

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    a, size = expand("rdf:type"), expand("void:triples")
    yield Triple(service, a, sd("Service"))
    yield Triple(service, sd("endpoint"), service)
    yield Triple(service, sd("supportedLanguage"), sd("SPARQL11Query"))
    for name in _OFFERED:
        yield Triple(service, sd("resultFormat"), NamedNode(_W3_FORMATS + name))
    yield Triple(service, sd("defaultDataset"), dataset)
    yield Triple(dataset, a, sd("Dataset"))
    yield Triple(dataset, sd("defaultGraph"), default)
    yield Triple(default, a, sd("Graph"))
    for number, (name, count) in enumerate(sorted(kg.manifest.get("counts", {}).items())):
        named, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, sd("namedGraph"), named)
        yield Triple(named, a, sd("NamedGraph"))
        yield Triple(named, sd("name"), NamedNode(PREFIXES["graph"] + name.removeprefix("graph/")))
        yield Triple(named, sd("graph"), graph)
        yield Triple(graph, a, sd("Graph"))
        yield Triple(graph, size, Literal(count))
