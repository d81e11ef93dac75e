"""The web: the SPARQL protocol, linked data, JSON, FHIR and pages over one graph; and its limits."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results
from starlette.testclient import TestClient

from milia.called import names_of
from milia.errors import BadQuery, Misuse
from milia.export import bundled
from milia.formats import FORMATS
from milia.names import BASE, LICENCE, NOTICE, PREFIXES
from milia.web import Limits, make_app
from milia.web.bodymap import parts
from milia.web.lists import LISTS
from milia.web.network import way
from milia.web.pages import Pages, named
from milia.web.rest import CALLS
from milia.web.urls import Urls

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph

QUERY = "SELECT ?f { ?f a milia:MiliaForm } ORDER BY ?f LIMIT 3"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> Iterator[TestClient]:
    with TestClient(make_app(kg, limits=Limits(seconds=5, workers=2)), follow_redirects=False) as made:
        yield made


def _get(client: TestClient, path: str, accept: str = "*/*", **more: Any) -> Any:
    return client.get(path, headers={"accept": accept, **more})


# ── SPARQL protocol ───────────────────────────────────────────────────────────────────────────────────────

WAYS = {
    "get": lambda c, q: c.get("/sparql", params={"query": q}),
    "post form": lambda c, q: c.post("/sparql", content=f"query={quote(q)}", headers=FORM),
    "post form with charset": lambda c, q: c.post(
        "/sparql",
        content=f"query={quote(q)}",
        headers={"content-type": FORM["content-type"] + "; charset=utf-8"},
    ),
    "post direct": lambda c, q: c.post("/sparql", content=q, headers=DIRECT),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_query_is_asked_in_each_way(client: TestClient, kg: KnowledgeGraph, way: str) -> None:
    client.headers["origin"] = "https://other.example"
    answer = WAYS[way](client, QUERY)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/sparql-results+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    found = [row["f"]["value"] for row in answer.json()["results"]["bindings"]]
    assert found == [row["f"] for row in kg.ask(QUERY).records()]


RESULTS = [
    ("*/*", "application/sparql-results+json", QueryResultsFormat.JSON),
    ("application/json", "application/sparql-results+json", QueryResultsFormat.JSON),
    ("application/sparql-results+xml", "application/sparql-results+xml", QueryResultsFormat.XML),
    ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", QueryResultsFormat.TSV),
    (
        "text/csv;q=0.2, application/sparql-results+xml;q=0.9",
        "application/sparql-results+xml",
        QueryResultsFormat.XML,
    ),
    (
        "application/sparql-results+json;q=0, */*;q=0.1",
        "application/sparql-results+xml",
        QueryResultsFormat.XML,
    ),
]


@pytest.mark.parametrize(("accept", "sent", "form"), RESULTS, ids=[r[0] for r in RESULTS])
def test_results_come_as_accepted(
    client: TestClient, accept: str, sent: str, form: QueryResultsFormat
) -> None:
    answer = client.get("/sparql", params={"query": QUERY}, headers={"accept": accept})
    assert answer.headers["content-type"] == sent
    assert "Accept" in answer.headers["vary"]
    found: Any = parse_query_results(answer.content, format=form)
    assert len(list(found)) == 3


def test_csv_is_csv(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": QUERY}, headers={"accept": "text/csv"})
    assert next(csv.reader(io.StringIO(answer.text))) == ["f"]


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda f: f.name)
@pytest.mark.parametrize("what", ["CONSTRUCT WHERE { ?f a milia:MiliaForm }", "DESCRIBE condition:milia"])
def test_graphs_come_in_every_format(client: TestClient, form: Any, what: str) -> None:
    answer = client.get("/sparql", params={"query": what}, headers={"accept": form.media_type})
    assert answer.headers["content-type"].startswith(form.media_type)
    assert list(parse(answer.content, format=form.rdf))


def test_a_truth(client: TestClient) -> None:
    for query, truth in (("ASK { condition:milia ?p ?o }", True), ("ASK { condition:none ?p ?o }", False)):
        assert client.get("/sparql", params={"query": query}).json()["boolean"] is truth


def test_the_dataset_can_be_chosen(client: TestClient) -> None:
    facts, disputed = PREFIXES["graph"] + "facts", PREFIXES["graph"] + "disputed"
    count = "SELECT (COUNT(*) AS ?n) { ?s milia:affects ?o }"
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"

    def one(query: str, **graphs: str) -> list[str]:
        answer = client.get("/sparql", params={"query": query, **graphs})
        assert answer.status_code == 200, answer.text
        return [next(iter(row.values()))["value"] for row in answer.json()["results"]["bindings"]]

    assert one(count) >= one(count, **{"default-graph-uri": facts}) > ["0"]
    assert one(count, **{"default-graph-uri": disputed}) != one(count)
    assert one(named, **{"named-graph-uri": disputed}) == [disputed]
    assert one(named, **{"default-graph-uri": facts}) == []
    assert one(f"SELECT (COUNT(*) AS ?n) FROM <{facts}> {{ ?s milia:affects ?o }}") == one(
        count, **{"default-graph-uri": facts}
    )
    assert one(f"SELECT DISTINCT ?g FROM NAMED <{disputed}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == [disputed]


AWAY = "http://127.0.0.1:9/"
WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("no query by POST", {"method": "POST", "content": "", "headers": FORM}, 400, "give one query"),
    ("two queries", {"method": "GET", "params": [("query", QUERY), ("query", QUERY)]}, 400, "not 2"),
    ("an update", {"method": "POST", "content": "update=DROP+ALL", "headers": FORM}, 400, "read only"),
    (
        "an update as such",
        {"method": "POST", "content": "DROP ALL", "headers": {"content-type": "application/sparql-update"}},
        415,
        "POST takes",
    ),
    (
        "an update as a query",
        {"method": "GET", "params": {"query": "DROP ALL"}},
        400,
        "are answered, not DROP",
    ),
    (
        "text",
        {"method": "POST", "content": QUERY, "headers": {"content-type": "text/plain"}},
        415,
        "POST takes",
    ),
    ("no type", {"method": "POST", "content": QUERY}, 415, "not nothing"),
    ("not UTF-8", {"method": "POST", "content": b"\xff\xfe", "headers": DIRECT}, 400, "not UTF-8"),
    ("malformed", {"method": "GET", "params": {"query": "SELECT ?s {\n ?s ?p }"}}, 400, "line 2"),
    ("nonsense", {"method": "GET", "params": {"query": "hello"}}, 400, "not hello"),
    (
        "a picture",
        {"method": "GET", "params": {"query": QUERY}, "headers": {"accept": "image/png"}},
        406,
        "json",
    ),
    ("service", {"method": "GET", "params": {"query": f"ASK {{ SERVICE <{AWAY}> {{}} }}"}}, 400, "SERVICE"),
    ("from afar", {"method": "GET", "params": {"query": f"ASK FROM <{AWAY}> {{ }}"}}, 400, "FROM is refused"),
    (
        "a graph afar",
        {"method": "GET", "params": {"query": QUERY, "default-graph-uri": AWAY}},
        400,
        "none is fetched",
    ),
    ("deletion", {"method": "DELETE"}, 405, ""),
    ("10 MB", {"method": "POST", "content": b"x" * 10_000_000, "headers": DIRECT}, 413, "bytes are read"),
    ("too long", {"method": "POST", "content": "#" * 30_000, "headers": DIRECT}, 400, "characters"),
]


@pytest.mark.parametrize(("asked", "status", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_told(client: TestClient, asked: dict[str, Any], status: int, said: str) -> None:
    answer = client.request(url="/sparql", **asked)
    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Traceback" not in answer.text


def test_the_service_describes_itself(client: TestClient, kg: KnowledgeGraph) -> None:
    answer = _get(client, "/sparql", "text/turtle")
    said = [q.triple for q in parse(answer.content, format=RdfFormat.TURTLE)]
    named = {t.object.value for t in said if t.predicate.value.endswith("#name")}
    assert named == {g.value for g in kg.store.graphs()}
    assert any(t.predicate.value.endswith("#supportedLanguage") for t in said)
    assert (
        _get(client, "/sparql", "application/rdf+xml")
        .headers["content-type"]
        .startswith("application/rdf+xml")
    )
    assert _get(client, "/sparql", "text/html").headers["location"] == "/ask"


def test_nothing_is_fetched(client: TestClient, kg: KnowledgeGraph) -> None:
    """A socket listens where a query would reach out to; nobody may come, from any door."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.5)
        away = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        texts = [
            f"SELECT * {{ SERVICE <{away}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ ?s ?p trueSERVICE<{away}>{{ ?a ?b ?c }} }}",
            f"SELECT * FROM <{away}> {{ ?s ?p ?o }}",
            f"SELECT * {{ SERVICE SILENT <{away}> {{ ?s ?p ?o }} }}",
        ]
        for text in texts:
            assert client.get("/sparql", params={"query": text}).status_code == 400
            assert client.get("/ask", params={"query": text}).status_code == 400
            if "SERVICE" in text:
                with pytest.raises(BadQuery, match="SERVICE is refused"):
                    kg.ask(text)
        client.get("/sparql", params={"query": QUERY, "default-graph-uri": away})
        with pytest.raises(TimeoutError):
            listening.accept()


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_a_runaway_query_ends_and_others_are_answered(kg: KnowledgeGraph) -> None:
    app = make_app(kg, limits=Limits(seconds=2, workers=2))
    with TestClient(app) as client:
        ended: list[Any] = []
        away = threading.Thread(target=lambda: ended.append(client.get("/sparql", params={"query": CROSS})))
        away.start()
        for _ in range(5):
            assert client.get("/sparql", params={"query": QUERY}).status_code == 200
        away.join()
        assert ended[0].status_code == 503
        assert "no answer within 2 seconds" in ended[0].text
        assert client.get("/sparql", params={"query": QUERY}).status_code == 200


def test_who_comes_while_too_many_wait_is_sent_away(kg: KnowledgeGraph) -> None:
    app = make_app(kg, limits=Limits(seconds=2, workers=1, waiting=1))
    with TestClient(app) as client:
        client.get("/sparql", params={"query": QUERY})
        answers: list[Any] = []
        asking = [
            threading.Thread(target=lambda: answers.append(client.get("/sparql", params={"query": CROSS})))
            for _ in range(4)
        ]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        assert {a.status_code for a in answers} == {503}
        sent_away = [a for a in answers if "retry-after" in a.headers]
        assert 0 < len(sent_away) < len(answers)
        assert all(("no answer within" in a.text) == (a not in sent_away) for a in answers)


def test_an_answer_has_its_size(kg: KnowledgeGraph) -> None:
    with TestClient(make_app(kg, limits=Limits(workers=1, most=10_000))) as client:
        answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }"})
        assert answer.status_code == 400
        assert "more than 10,000 bytes" in answer.text
        assert client.get("/sparql", params={"query": QUERY}).status_code == 200


def test_memory_has_its_bound(kg: KnowledgeGraph) -> None:
    hog = "SELECT * { ?a ?p ?b . ?c ?q ?d } ORDER BY ?d ?a"  # all must be held before any is sent
    with TestClient(make_app(kg, limits=Limits(seconds=20, workers=1, memory=600 << 20))) as client:
        answer = client.get("/sparql", params={"query": hog})
        assert answer.status_code == 503
        assert "more memory than it may have" in answer.text
        again = client.get("/sparql", params={"query": QUERY})
        assert again.status_code == 200, again.text


# ── linked data ───────────────────────────────────────────────────────────────────────────────────────────

THINGS = [
    "condition/milia",
    "site/nose",
    "claim/cadogan/019",
    "source/cadogan-milia",
    "ontology/treatedBy",
    "scheme/milia",
    "graph/facts",
    "provider/cadogan-clinic",
]


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda f: f.name)
@pytest.mark.parametrize("path", THINGS)
def test_every_thing_answers_in_every_form(client: TestClient, path: str, form: Any) -> None:
    accepted = _get(client, f"/{path}", form.media_type)
    assert accepted.headers["content-type"].startswith(form.media_type)
    assert accepted.content == client.get(f"/{path}{form.suffix}").content
    said = [q.triple for q in parse(accepted.content, format=form.rdf, base_iri=BASE)]
    if not path.startswith("graph/"):
        assert BASE + path in {t.subject.value for t in said if hasattr(t.subject, "value")}
    links = accepted.headers["link"]
    assert f'<{BASE}{path}>; rel="canonical"' in links
    assert f'<{LICENCE}>; rel="license"' in links


@pytest.mark.parametrize("path", THINGS)
def test_every_thing_has_a_page(client: TestClient, path: str) -> None:
    answer = _get(client, f"/{path}", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == client.get(f"/{path}.html").text.replace(".html.html", ".html")


def test_what_is_said_of_a_claim_holds_its_evidence(client: TestClient) -> None:
    said = [q.triple for q in parse(client.get("/claim/cadogan/019.nt").content, format=RdfFormat.N_TRIPLES)]
    assert {"start", "end", "hasSource"} <= {re.split(r"[/#]", t.predicate.value)[-1] for t in said}


def test_what_is_disputed_is_no_plain_statement(client: TestClient, kg: KnowledgeGraph) -> None:
    rows = kg.ask(
        "SELECT ?s ?p ?o { GRAPH graph:disputed { ?s ?p ?o . "
        "?f rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o } }"
    ).rows
    assert rows
    for s, p, o in rows[:12]:
        path = s.value.removeprefix(BASE)  # type: ignore[union-attr]
        said = {q.triple for q in parse(client.get(f"/{path}.nt").content, format=RdfFormat.N_TRIPLES)}
        assert said
        assert Triple(s, p, o) not in said  # type: ignore[arg-type]
    fact = kg.ask("SELECT ?f { GRAPH graph:disputed { ?f a milia:Fact } } LIMIT 1").records()[0]["f"]
    assert "milia:opposedBy" in client.get(f"/{fact.removeprefix(BASE)}.ttl").text


def test_a_client_that_has_it_gets_nothing(client: TestClient) -> None:
    for path in ("/condition/milia", "/condition/milia.ttl", "/", "/openapi.json", "/api/exports"):
        first = client.get(path)
        assert first.status_code == 200
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        assert not again.content
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    turtle = _get(client, "/condition/milia", "text/turtle").headers["etag"]
    assert turtle != _get(client, "/condition/milia", "text/html").headers["etag"]


def test_a_host_may_send_on_from_things_to_documents(kg: KnowledgeGraph) -> None:
    with TestClient(make_app(kg, see_other=True), follow_redirects=False) as client:
        answer = _get(client, "/condition/milia", "text/turtle")
        assert (answer.status_code, answer.headers["location"]) == (303, "/condition/milia.ttl")
        answer = _get(client, "/condition/milia", "text/html")
        assert (answer.status_code, answer.headers["location"]) == (303, "/condition/milia.html")
        assert client.get("/condition/milia.html").status_code == 200


@pytest.mark.parametrize(
    "path", ["/condition/none", "/x", "/condition/milia.ttl.ttl", "/<script>", "/a b", "/..%2f"]
)
def test_what_is_not_here(client: TestClient, path: str) -> None:
    answer = _get(client, path, "text/html")
    assert answer.status_code == 404
    assert "<script>" not in answer.text.replace('<script src="/static', "")
    assert _get(client, path, "text/turtle").headers["content-type"].startswith("text/plain")


def test_an_unknown_form_is_told(client: TestClient) -> None:
    answer = _get(client, "/condition/milia", "image/png")
    assert answer.status_code == 406
    assert "text/turtle" in answer.text


def test_the_dataset_describes_itself(client: TestClient) -> None:
    assert client.get("/.well-known/void").headers["location"] == "/void"
    said = client.get("/void")
    assert said.headers["content-type"].startswith("text/turtle")
    assert list(parse(said.content, format=RdfFormat.TURTLE))
    root = ElementTree.fromstring(client.get("/sitemap.xml").text)
    assert len(root) > 5000
    assert "sitemap.xml" in client.get("/robots.txt").text


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────

GOOD_CALLS = {
    "/api/search": {"name": "Hautgrieß"},
    "/api/describe": {"thing": "neonatal milia", "limit": "5"},
    "/api/explain": {"subject": "milia", "predicate": "affects", "object": "eyelid"},
    "/api/suggest": {"form": "milia", "age": "adult"},
    "/api/blocks": {"form": "neonatal-milia"},
    "/api/disagreements": {},
    "/api/exports": {},
    "/infobutton": {
        "mainSearchCriteria.v.c": "HP:0001056",
        "mainSearchCriteria.v.cs": "hp",
        "performer": "PAT",
    },
}


@pytest.mark.parametrize("call", CALLS, ids=lambda c: c.path)
def test_every_call_answers_with_licence_and_notice(client: TestClient, call: Any) -> None:
    answer = client.get(call.path, params=GOOD_CALLS[call.path])
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["licence"] == LICENCE
    assert said["disclaimer"] == NOTICE
    assert said["evidence"] == "found"
    assert said["graph"]["sha256"]


BAD_CALLS: list[tuple[str, dict[str, str], int, str]] = [
    ("/api/search", {}, 400, "'name' is missing"),
    ("/api/search", {"name": "x", "nmae": "y"}, 400, "there is no parameter 'nmae'"),
    ("/api/search", {"name": "x", "limit": "many"}, 400, "number from 1"),
    ("/api/search", {"name": "x", "limit": "9" * 5000}, 400, "number from 1"),
    ("/api/blocks", {"form": "syringoma"}, 404, "form of milia"),
    ("/infobutton", {"mainSearchCriteria.v.c": "L70", "mainSearchCriteria.v.cs": "9.9"}, 404, "code system"),
    ("/infobutton", {}, 400, "asks for nothing"),
    ("/api/none", {}, 404, "there is no"),
]


@pytest.mark.parametrize(("path", "said", "status", "told"), BAD_CALLS)
def test_a_bad_call_is_told(
    client: TestClient, path: str, said: dict[str, str], status: int, told: str
) -> None:
    answer = client.get(path, params=said)
    assert answer.status_code == status
    assert told in answer.text


def test_without_evidence_it_says_so(client: TestClient) -> None:
    said = client.get("/api/search", params={"name": "qwxyz"}).json()
    assert said["evidence"] == "no evidence in this graph"


def test_openapi_lists_every_call(client: TestClient) -> None:
    said = client.get("/openapi.json").json()
    assert said["openapi"].startswith("3.1")
    assert set(said["paths"]) == {call.path for call in CALLS}


# ── FHIR ──────────────────────────────────────────────────────────────────────────────────────────────────

SYSTEM = f"{BASE}fhir/CodeSystem/milia"
OPERATIONS = [
    ("/fhir/CodeSystem/$lookup", {"code": "condition:milia"}, "Parameters"),
    ("/fhir/CodeSystem/$validate-code", {"code": "condition:milia", "url": SYSTEM}, "Parameters"),
    (
        "/fhir/CodeSystem/$subsumes",
        {"codeA": "condition:milia", "codeB": "condition:neonatal-milia"},
        "Parameters",
    ),
    (
        "/fhir/ValueSet/$expand",
        {"url": f"{BASE}fhir/ValueSet/milia", "filter": "milk", "count": "2"},
        "ValueSet",
    ),
    ("/fhir/ConceptMap/$translate", {"sourceCode": "condition:milia"}, "Parameters"),
]


@pytest.mark.parametrize(("path", "said", "kind"), OPERATIONS, ids=[o[0] for o in OPERATIONS])
def test_an_operation_by_get_and_by_post(
    client: TestClient, path: str, said: dict[str, str], kind: str
) -> None:
    answer = client.get(path, params=said)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.json()["resourceType"] == kind
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": n, "valueString": v} for n, v in said.items()],
    }
    posted = client.post(path, json=body).json()
    posted.get("expansion", {}).pop("timestamp", "")
    wanted = answer.json()
    wanted.get("expansion", {}).pop("timestamp", "")
    assert posted == wanted


def _coding(code: str, system: str = SYSTEM) -> dict[str, str]:
    return {"system": system, "code": code}


BABY = _coding("condition:neonatal-milia")
HPO = _coding("HP:0001056", "http://human-phenotype-ontology.org")
CODINGS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("CodeSystem/$lookup", {"coding": BABY}, {"code": BABY["code"]}),
    (
        "CodeSystem/$validate-code",
        {"coding": {**BABY, "display": "x"}},
        {"code": BABY["code"], "display": "x"},
    ),
    ("CodeSystem/$validate-code", {"coding": HPO}, HPO),
    ("CodeSystem/$validate-code", {"codeableConcept": {"coding": [HPO, BABY]}}, {"code": BABY["code"]}),
    (
        "CodeSystem/$subsumes",
        {"codingA": _coding("condition:milia"), "codingB": BABY},
        {"codeA": "condition:milia", "codeB": BABY["code"]},
    ),
    ("ConceptMap/$translate", {"sourceCoding": HPO}, {"sourceCode": HPO["code"], "system": HPO["system"]}),
    ("ConceptMap/$translate", {"coding": BABY}, {"code": BABY["code"]}),
]


@pytest.mark.parametrize(
    ("operation", "coded", "plain"), CODINGS, ids=[f"{o} {list(c)}" for o, c, _ in CODINGS]
)
def test_a_coding_is_read_as_its_parts(
    client: TestClient, operation: str, coded: dict[str, Any], plain: dict[str, str]
) -> None:
    kinds = {name: "valueCodeableConcept" if "odeableConcept" in name else "valueCoding" for name in coded}
    body = {"parameter": [{"name": name, kinds[name]: value} for name, value in coded.items()]}
    answer = client.post(f"/fhir/{operation}", json={"resourceType": "Parameters", **body})
    assert answer.status_code == 200, answer.text
    assert answer.json() == client.get(f"/fhir/{operation}", params=plain).json()


def test_a_code_of_another_system_is_not_in_ours(client: TestClient) -> None:
    said = client.get("/fhir/CodeSystem/$validate-code", params={**HPO, "url": SYSTEM}).json()["parameter"]
    assert said[0] == {"name": "result", "valueBoolean": False}
    assert "has no codes of http://human-phenotype-ontology.org" in said[1]["valueString"]


BAD_OPERATIONS: list[tuple[str, dict[str, str], int, str]] = [
    ("/fhir/CodeSystem/$lookup", {}, 400, "'code' is missing"),
    ("/fhir/CodeSystem/$lookup", {"code": "condition:mila"}, 404, "condition:milia"),
    ("/fhir/CodeSystem/$find", {}, 404, "operation"),
    ("/fhir/ValueSet/$expand", {"url": "x", "count": "-1"}, 400, "number from 0"),
    ("/fhir/Patient/1", {}, 404, "resource"),
]


@pytest.mark.parametrize(("path", "said", "status", "told"), BAD_OPERATIONS)
def test_a_bad_operation_has_an_outcome(
    client: TestClient, path: str, said: dict[str, str], status: int, told: str
) -> None:
    answer = client.get(path, params=said)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert told in answer.json()["issue"][0]["diagnostics"]


def test_a_body_that_is_no_resource(client: TestClient) -> None:
    for body in ("[]", "{", '{"parameter": 3}', '{"parameter": [{}]}', '{"parameter": [{"name": "coding"}]}'):
        answer = client.post("/fhir/CodeSystem/$lookup", content=body)
        assert answer.status_code == 400
        assert answer.json()["resourceType"] == "OperationOutcome"


def test_resources_and_capabilities(client: TestClient) -> None:
    assert client.get("/fhir/CodeSystem/milia").json()["url"] == SYSTEM
    said = client.get("/fhir/metadata").json()
    assert said["resourceType"] == "CapabilityStatement"
    assert said["fhirVersion"] == "5.0.0"
    older = _get(client, "/fhir/metadata", "application/fhir+json; fhirVersion=4.3").json()
    assert older["fhirVersion"] == "4.3.0"
    terms = client.get("/fhir/metadata", params={"mode": "terminology"}).json()
    assert terms["resourceType"] == "TerminologyCapabilities"


def test_what_the_server_says_of_itself_is_valid(client: TestClient, tmp_path: Path, referee: Any) -> None:
    files = []
    for mode in ("full", "terminology"):
        for release, version in (("R4B", "4.3"), ("R5", "5.0")):
            accept = f"application/fhir+json; fhirVersion={version}"
            answer = client.get("/fhir/metadata", params={"mode": mode}, headers={"accept": accept})
            files.append(tmp_path / f"{mode}-{release}.json")
            files[-1].write_text(answer.text, encoding="utf-8")
    referee("fhir_check", *files)


FHIR_ANSWERS: list[tuple[str, dict[str, str], int, str]] = [
    ("ValueSet/milia-forms/$expand", {}, 200, "condition:eyelid-milia"),
    (
        "ValueSet/milia-forms/$validate-code",
        {"code": "condition:syringoma"},
        200,
        "a look-alike and not",
    ),
    ("CodeSystem/milia/$lookup", {"code": "condition:milia"}, 200, "Milia"),
    ("CodeSystem/$validate-code", {"url": f"{SYSTEM}|0.1.0", "code": "condition:milia"}, 200, "true"),
    ("CodeSystem/$validate-code", {"url": f"{SYSTEM}|9.9", "code": "condition:milia"}, 404, "version"),
    ("CodeSystem/$validate-code", {"url": f"{BASE}fhir/ValueSet/milia", "code": "x:y"}, 404, "code system"),
    ("ValueSet/$validate-code", {"code": "condition:milia"}, 400, "'url' is missing"),
    ("ValueSet/nothing/$expand", {}, 404, "no ValueSet is called"),
    ("ConceptMap/nothing/$translate", {"sourceCode": "condition:milia"}, 404, "ConceptMap"),
    ("CodeSystem", {}, 404, "resource"),
]


@pytest.mark.parametrize(("path", "said", "status", "told"), FHIR_ANSWERS)
def test_operations_on_resources_and_versions(
    client: TestClient, path: str, said: dict[str, str], status: int, told: str
) -> None:
    answer = client.get(f"/fhir/{path}", params=said)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    assert ("OperationOutcome" in answer.text) == (status != 200)


def test_fhir_is_to_be_had_as_json_alone(client: TestClient) -> None:
    answer = _get(client, "/fhir/CodeSystem/$lookup?code=condition:milia", "application/fhir+xml")
    assert (answer.status_code, answer.json()["resourceType"]) == (406, "OperationOutcome")


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pages(kg: KnowledgeGraph) -> Pages:
    return Pages(kg)


LOOKED_AT = [
    *LISTS,
    *THINGS,
    "condition/syringoma",
    "questions/sites-of-a-form",
    "questions/related-treatments",
]


@pytest.mark.parametrize("path", LOOKED_AT, ids=lambda p: p or "home")
def test_a_page_says_that_it_is_no_advice_and_loads_nothing_from_elsewhere(
    client: TestClient, path: str
) -> None:
    answer = _get(client, f"/{path}", "text/html")
    assert answer.status_code == 200
    assert NOTICE in answer.text
    assert not re.findall(r'(?:src|srcset)="(?:https?:)?//', answer.text)
    assert not re.findall(r'<link rel="stylesheet" href="(?!/static/)', answer.text)
    assert "style=" not in answer.text
    assert not re.search(r"<script>|<style|onclick", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pages_are_well_formed_and_their_links_lead_somewhere(
    client: TestClient, tmp_path: Path, referee: Any
) -> None:
    targets: set[str] = set()
    files = []
    for number, path in enumerate(LOOKED_AT):
        text = _get(client, f"/{path}", "text/html").text
        files.append(tmp_path / f"{number}.html")
        files[-1].write_text(re.search(r"<main.*</main>", text, re.DOTALL)[0], encoding="utf-8")  # type: ignore[index]
        targets |= set(re.findall(r'href="(/[^"#?]*)', text)[:20])
    referee("html_check", *files)
    for target in sorted(targets):
        if not target.startswith("/files/"):
            assert client.get(target).status_code in {200, 302, 303}, target


@pytest.mark.parametrize("path", ["look-alikes", "forms", "questions", "disagreements"])
def test_every_link_of_a_list_leads_somewhere(client: TestClient, path: str) -> None:
    text = _get(client, f"/{path}", "text/html").text
    targets = {unescape(target) for target in re.findall(r'href="(/[^"#]*)"', text)}
    some = sorted(targets)[:: max(1, len(targets) // 60)]
    wrong = [t for t in some if client.get(t, headers={"accept": "text/html"}).status_code != 200]
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["questions/related-treatments", "questions/products", "provider/cadogan-clinic"]
)
@pytest.mark.parametrize("form", ["syringoma", "Basal cell carcinoma"])
def test_nothing_is_suggested_for_a_look_alike(client: TestClient, path: str, form: str) -> None:
    asked = {"form": form, "age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}
    text = client.get(f"/{path}", params=asked, headers={"accept": "text/html"}).text
    assert "nothing is suggested for it here. A doctor has to see what is in doubt." in text
    main = text[text.index("</form>", text.index("<main")) :]
    for care in ("peel", "Cryo", "Extraction", "extraction", "retino"):
        assert care not in main.split("Said of others")[0].split('<section aria-labelledby="p1"')[0], care


def test_reassurance_comes_first_for_an_infant(client: TestClient) -> None:
    text = client.get("/provider/cadogan-clinic?age=infant", headers={"accept": "text/html"}).text
    rows = re.findall(r"<strong>([^<]*)</strong>", text[text.index("related treatments") :])
    assert rows[0] == "reassurance only"
    named = {"reassurance only", "see a doctor if it is one of these", "see a doctor first", "self-care"}
    assert set(rows) <= named
    for row in text.split("<tr>"):
        assert ">self-care<" not in row or "queez" in row  # to leave them alone


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        (
            "provider/cadogan-clinic",
            {"form": "Neonatal milia", "site": "Cheek"},
            '<option value="cheek" selected>',
        ),
        ("questions/what-tells-two-apart", {"two": "Sebaceous hyperplasia"}, "Sebaceous hyperplasia"),
    ],
)
def test_a_form_takes_the_names_that_pages_show(
    client: TestClient, path: str, said: dict[str, str], told: str
) -> None:
    answer = client.get(f"/{path}", params=said, headers={"accept": "text/html"})
    assert (answer.status_code, told in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("questions/sites-of-a-form?form=nothing", 404),
        ("questions/sites-of-a-form?form=milk%20spots", 400),
        ("questions/sites-of-a-form?form=no%20such%20thing", 404),
        ("network?from=nosuchthing", 404),
    ],
)
def test_a_reader_of_pages_gets_errors_as_pages(client: TestClient, path: str, status: int) -> None:
    page = client.get(f"/{path}", headers={"accept": "text/html"})
    assert page.status_code == status
    assert "<nav" in page.text
    assert 'role="alert"' in page.text
    plain = client.get(f"/{path}", headers={"accept": "*/*"})
    assert (plain.status_code, "<" in plain.text) == (status, False)


def test_a_tag_tells_what_is_sent(kg: KnowledgeGraph) -> None:
    tags = []
    for since in (None, kg.home.build):
        with TestClient(make_app(kg, since=since)) as one:
            tags.append(one.get("/changes", headers={"accept": "text/html"}).headers["etag"])
    assert tags[0] != tags[1]


def test_a_code_that_takes_in_more_has_no_page(client: TestClient) -> None:
    asked = {"mainSearchCriteria.v.c": "L72", "mainSearchCriteria.v.cs": "http://hl7.org/fhir/sid/icd-10"}
    said = client.get("/infobutton", params=asked).json()
    assert said["pages"] == []
    assert {hit["match"] for hit in said["hits"]} == {"broadMatch"}


@pytest.mark.parametrize(
    ("code", "label", "told"),
    [
        ("HP:0001056", "Milia", "its code"),
        ("ICD10:L72", "Milia", "a broad code"),
        ("hp:0001056", "Milia", "its code"),
    ],
)
def test_a_code_is_found(client: TestClient, code: str, label: str, told: str) -> None:
    text = client.get("/search", params={"q": code}, headers={"accept": "text/html"}).text
    found = re.search(rf'<li[^>]*><a href="[^"]*">{label}</a> <span class="note">([^<]*)', text)
    assert found
    assert found[1].endswith(told)


def test_a_table_names_a_thing_once() -> None:
    row = [{"iri": "i", "text": "x"}, {"iri": "", "text": "A name"}, {"iri": "", "text": "3"}]
    assert named(("careWay", "careWayName", "n"), [row]) == (
        ["care way", "n"],
        [[{"iri": "i", "text": "A name"}, {"iri": "", "text": "3"}]],
    )


def test_what_changed_since_a_build_is_told(kg: KnowledgeGraph, tmp_path: Path) -> None:
    lines = (kg.home.build / "graph.nq").read_text(encoding="utf-8").splitlines()
    claim = f"<{BASE}claim/cadogan/019>"
    older = [line for line in lines if f"<{BASE}claim/cadogan/001>" not in line.split(" ")[0]]
    older = [line.replace("Stated", "Hedged") if line.startswith(claim) else line for line in older]
    old = tmp_path / "old"
    old.mkdir()
    (old / "graph.nq").write_text("\n".join(sorted(older)) + "\n", encoding="utf-8")
    page = Pages(kg, since=old).html("changes") or ""
    assert "Since build old" in page
    assert "claims: 1 added, 1 changed" in page
    assert 'href="/claim/cadogan/001"' in page
    assert re.search(r"<del>.*certainty: hedged</del>", page)
    assert re.search(r"<ins>.*certainty: stated</ins>", page)
    assert "Nothing differs" in (Pages(kg, since=kg.home.build).html("changes") or "")
    assert "No earlier build was named" in (Pages(kg).html("changes") or "")
    with pytest.raises(Misuse, match="no build at"):
        Pages(kg, since=tmp_path / "none").html("changes")


def test_the_map_of_one_form_counts_its_sources_alone(kg: KnowledgeGraph) -> None:
    whole, one = parts(kg), parts(kg, f"{BASE}condition/eyelid-milia")
    for view in whole:
        for of_all, of_one in zip(whole[view], one[view], strict=True):
            assert of_one.sources <= of_all.sources
            assert {iri for iri, _ in of_one.forms} <= {f"{BASE}condition/eyelid-milia"}
    by_site = {part.site.rpartition("/")[2]: part for part in one["face"]}
    assert by_site["eyelid"].sources
    assert by_site["eyelid"].shade
    assert not by_site["chin"].shade
    assert "The same as a table" in (Pages(kg).html("condition/eyelid-milia") or "")
    assert "The same as a table" not in (Pages(kg).html("condition/syringoma") or "")


def test_what_is_said_of_a_look_alike_alone_is_said_of_no_form_of_milia(kg: KnowledgeGraph) -> None:
    _, make = LISTS["look-alikes"]
    shown = make(kg, {})
    of_milia = {
        row["object"]
        for row in kg.rows("edges")
        if row["subject"] in kg.forms and row["status"] in {"Established", "Hedged", "Disputed"}
    }
    alone = {one["other"] for thing in shown["things"] for one in thing["alone"]}
    assert alone
    assert not alone & of_milia
    listed = {thing["iri"] for group in ("things", "named") for thing in shown[group]}
    assert listed == {iri for iri in names_of(kg).of if names_of(kg).to_milia(iri) == "look-alike"}


def test_a_page_leads_down_to_the_source(client: TestClient) -> None:
    page = _get(client, "/condition/milia", "text/html").text
    facts = re.findall(r'class="why" href="(/fact/[0-9a-f]+)"', page)
    assert len(facts) > 100
    proof = _get(client, facts[0], "text/html").text
    claims = re.findall(r'href="(/claim/[^"]+)"', proof)
    assert claims
    assert re.findall(r'href="(/source/[^"]+)"', _get(client, claims[0], "text/html").text)


def test_every_fact_and_inference_has_its_proof(client: TestClient, kg: KnowledgeGraph) -> None:
    edges = kg.rows("edges")
    for edge in edges[:: max(1, len(edges) // 60)]:
        answer = _get(client, "/" + edge["edge"].removeprefix(BASE), "text/html")
        assert answer.status_code == 200
        told = ("At least one source says so", "Sources only suppose so", "Sources disagree", "it is denied")
        assert any(words in answer.text for words in (*told, "seen in nobody", "This follows")), edge


def test_a_look_alike_is_told_from_milia(client: TestClient) -> None:
    assert "<strong>Not milia.</strong>" in _get(client, "/condition/syringoma", "text/html").text
    assert "<strong>Not milia.</strong>" not in _get(client, "/condition/neonatal-milia", "text/html").text
    found = client.get("/search", params={"q": "Syringom"}).text
    assert "a look-alike" in found


def test_a_search_in_german(client: TestClient) -> None:
    found = client.get("/search", params={"q": "Hautgriess"}).text
    assert 'href="/condition/milia"' in found
    assert "Nothing here is called so" in client.get("/search", params={"q": "qwxyz"}).text
    assert "&lt;b&gt;" in client.get("/search", params={"q": "<b>x"}).text


def test_a_question_takes_its_parameters(client: TestClient) -> None:
    page = client.get("/questions/sites-of-a-form", params={"form": "milia-en-plaque"}).text
    assert 'value="milia-en-plaque"' in page
    assert 'href="/site/' in page
    answer = client.get("/questions/sites-of-a-form", params={"form": "milia-en-plack"})
    assert answer.status_code == 404
    assert "milia-en-plaque" in answer.text
    assert client.get("/questions/none").status_code == 404


def test_a_providers_page_has_its_blocks_filled(client: TestClient, kg: KnowledgeGraph) -> None:
    person = {"age": "adult", "site": "cheek", "pregnancy": "neither-pregnant-nor-breastfeeding"}
    for name in ("cadogan-clinic", "body-perfection-laser-clinic"):
        page = client.get(f"/provider/{name}", params=person).text
        rows = kg.ask("related-treatments", provider=name, **person).records()
        named = {row["serviceName"] for row in rows if "serviceName" in row}
        assert named
        assert all(one.replace("&", "&amp;") in page for one in named)
        baby = client.get(f"/provider/{name}").text
        assert "<strong>suggested</strong>" not in baby.lower()
    assert client.get("/provider/cadogan-clinic", params={"age": "elderly"}).status_code == 404


def test_the_network_says_in_words_what_it_draws(client: TestClient, kg: KnowledgeGraph) -> None:
    said = client.get("/network.json").json()
    known = {node["id"] for node in said["nodes"]}
    assert all(edge["from"] in known and edge["to"] in known for edge in said["edges"])
    assert any(node["alike"] for node in said["nodes"])
    page = client.get("/network", params={"from": "syringoma", "to": "tretinoin"}).text
    assert "From Syringoma to Tretinoin" in page
    links = way(kg, "condition/syringoma", "care/tretinoin")
    assert len(links) == 2
    assert all(f'href="/{one["fact"]}"' in page for one in links)
    assert way(kg, "condition/milia", "condition/milia") == []
    answer = client.get("/network", params={"from": "Syringomaa"})
    assert answer.status_code == 404
    assert "Syringoma" in answer.text


def test_the_editor_knows_terms_and_things(client: TestClient) -> None:
    names = dict(client.get("/completions.json").json())
    assert names["milia:affects"] == "affects"
    assert names["condition:milia"] == "Milia"


def test_a_query_is_asked_without_scripts(client: TestClient) -> None:
    assert "<textarea" in client.get("/ask").text
    assert 'href="/condition/' in client.get("/ask", params={"query": QUERY}).text
    assert (
        "Yes: the graph says so" in client.get("/ask", params={"query": "ASK { condition:milia ?p ?o }"}).text
    )
    assert "<pre" in client.get("/ask", params={"query": "DESCRIBE site:nose"}).text
    wrong = client.get("/ask", params={"query": "SELECT <script>"})
    assert wrong.status_code == 400
    assert "<script>" not in wrong.text.replace('<script src="/static', "")


def test_files_of_the_page_are_here(client: TestClient) -> None:
    for name in ("milia.css", "milia.js", "icon.svg"):
        assert client.get(f"/static/{name}").status_code == 200
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/files/../../etc/passwd"):
        assert client.get(path).status_code == 404


def test_exports_are_here_a_format_at_a_time(client: TestClient, kg: KnowledgeGraph) -> None:
    facts = _get(client, "/files/turtle/milia-facts.ttl", "*/*")
    assert facts.headers["content-type"].startswith("text/turtle")
    assert facts.content == bundled(kg, "turtle")["turtle/milia-facts.ttl"]
    assert _get(client, "/files/csv/losses.json", "*/*").json()
    lost = _get(client, "/files/csv/x", "*/*")
    assert (lost.status_code, "csv/nodes.csv" in lost.text) == (404, True)
    assert "no format is called 'cvs'; did you mean csv?" in _get(client, "/files/cvs/nodes.csv", "*/*").text


def test_a_page_is_small(client: TestClient) -> None:
    sizes = [len(client.get(f"/static/{name}").content) for name in ("milia.css", "milia.js", "icon.svg")]
    for path in ("", "condition/milia", "forms", "sources"):
        request = client.build_request(
            "GET", f"/{path}", headers={"accept": "text/html", "accept-encoding": "gzip"}
        )
        answer = client.send(request, stream=True)
        sent = sum(len(part) for part in answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert sent + sum(sizes) < 100_000


def test_a_strange_host_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_other_sites_may_read(client: TestClient) -> None:
    asked = {"origin": "https://other.example", "access-control-request-method": "POST"}
    answer = client.options("/sparql", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_addresses_of_a_static_site_are_relative() -> None:
    urls = Urls("claim/cadogan/019", static=True)
    assert urls.page() == "../../index.html"
    assert urls.thing(BASE + "site/nose") == "../../site/nose.html"
    assert urls.file("static/milia.css") == "../../static/milia.css"
    assert Urls("", static=True).page("forms") == "forms.html"
    assert urls.thing("https://example.org/x") == "https://example.org/x"


def test_json_of_the_descriptions_can_be_read(client: TestClient) -> None:
    said = json.loads(_get(client, "/condition/milia", "application/ld+json").text)
    assert "@context" in said
