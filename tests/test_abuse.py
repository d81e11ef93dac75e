"""A hundred hostile requests while others go about their business: nobody else fails."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from milia.paths import Home

Address = tuple[str, int]
MOST_MEMORY = 1_500_000  # kB, of the server's own process
NORMAL = (
    "/",
    "/condition/milia.ttl",
    "/site/nose",
    "/api/search?name=milk",
    "/sparql?query=" + quote("SELECT ?f { ?f a milia:MiliaForm }"),
    "/fhir/CodeSystem/$lookup?code=condition:milia",
)


@pytest.fixture(scope="module")
def server(small: Home) -> Iterator[tuple[Address, int]]:
    """Start a server whose queries may take a second, and give its address and process."""
    command = [sys.executable, "-m", "milia.cli", "serve", "--port", "0", "--seconds", "1"]
    path = os.pathsep.join(filter(None, sys.path))
    run = subprocess.Popen(
        [*command, "--home", str(small.root)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.stderr is not None
    host, _, port = run.stderr.readline().split()[1].removeprefix("http://").strip("/").partition(":")
    threading.Thread(
        target=run.stderr.read, daemon=True
    ).start()  # the log of what goes wrong is not to block it
    try:
        yield (host, int(port)), run.pid
    finally:
        run.kill()
        run.wait()
        run.stderr.close()


def _ask(
    address: Address, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _query(text: str) -> str:
    return "/sparql?" + urlencode({"query": text})


CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
RUNAWAY = [
    f"SELECT (COUNT(*) AS ?n) {CROSS}",
    f"SELECT DISTINCT ?a ?d {CROSS}",
    f"SELECT * {CROSS} ORDER BY ?c ?f ?i",
    "SELECT (COUNT(*) AS ?n) { ?a (!rdf:none)* ?b . ?c (!rdf:none)* ?d }",
    "SELECT * { ?a (milia:partOf|^milia:partOf|rdf:type|^rdf:type)+ ?b . ?b (rdf:type|^rdf:type)+ ?c }",
    "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    f"SELECT * {{ FILTER EXISTS {CROSS} FILTER (1 = 2) }}",
    f"CONSTRUCT {{ ?a ?b ?f }} WHERE {CROSS}",
    "SELECT * { ?a ?b ?c FILTER regex(str(?c), '(a+)+(b+)+(c+)+$') ?d ?e ?f }",
    "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (str(?a) = 'no' && str(?d) = 'no' && str(?g) = 'no') }",
]
MALFORMED = [
    *(
        "",
        " ",
        "SELECT",
        "SELECT *",
        "{",
        "}" * 500,
        "\x00",
        "SELECT * {" + "{" * 400,
        "?" * 9000,
        "💥" * 500,
    ),
    *(
        "SELECT * { ?s ?p ?o } " * 50,
        "PREFIX : <" + "x" * 9000,
        "SELECT (1/0 AS ?x) {}",
        "ASK {" + "()" * 900,
    ),
    *("BASE <../../> SELECT * {}", "SELECT * { BIND(" + "(" * 800 + "1" + ")" * 800 + " AS ?x) }"),
    *("SELECT * { VALUES ?x {" + " 1" * 4000 + "} }", "DROP ALL", "LOAD <file:///etc/passwd>", "CLEAR ALL"),
    *("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", "ASK FROM <file:///etc/passwd> {}"),
]
STRANGE = [
    "'",
    '"',
    "<b>",
    "../../etc/passwd",
    "%00",
    "condition:> } DROP ALL #",
    "http://x> <y",
    "\r\nX: y",
    "\\u003e",
    "🦠" * 60,
]
FIELDS = [
    *(
        "/search?q=",
        "/api/search?name=",
        "/api/describe?thing=",
        "/api/blocks?form=",
        "/api/suggest?form=milia&age=",
    ),
    *(
        "/questions/sites-of-a-form?form=",
        "/network?from=",
        "/provider/cadogan-clinic?age=",
        "/fhir/CodeSystem/$lookup?code=",
    ),
    *(
        "/fhir/ValueSet/$expand?url=",
        "/infobutton?mainSearchCriteria.v.c=",
        "/condition/",
        "/files/",
        "/static/",
    ),
]
PATHS = [
    *(
        "/..",
        "/../../etc/passwd",
        "/static/../../app.py",
        "/static/%2e%2e/app.py",
        "/%2e%2e/%2e%2e/etc/passwd",
    ),
    *(
        "//evil.example/",
        "/condition/milia%00.ttl",
        "/" + "a" * 8000,
        "/condition/" + "%2e" * 2000,
        "/a;b=c",
        "/*",
    ),
]
BODIES: list[tuple[str, bytes, dict[str, str]]] = [
    ("/sparql", b"x" * 10_000_000, {"Content-Type": "application/sparql-query"}),
    ("/sparql", b"query=" + b"%41" * 3_000_000, {"Content-Type": "application/x-www-form-urlencoded"}),
    ("/sparql", b"\xff" * 1000, {"Content-Type": "application/sparql-query"}),
    ("/fhir/CodeSystem/$lookup", b'{"parameter": ' + b"[" * 100_000, {"Content-Type": "application/json"}),
    ("/fhir/CodeSystem/$lookup", b"9" * 150_000, {"Content-Type": "application/json"}),
]
HEADERS: list[dict[str, str]] = [
    {"Host": "evil.example"},
    {"Accept": "text/html;q=" + "9" * 5000},
    {"Accept": ",".join(f"a/b{n}" for n in range(3000))},
    {"If-None-Match": '"x",' * 5000},
    {"Accept-Encoding": "gzip, " * 3000},
    {"Range": "bytes=0-" + ",0-" * 2000},
    {"X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"},
]


def _hostile(address: Address) -> list[tuple[str, int]]:
    """Send everything, a few at once, and return what came of each."""
    asked: list[tuple[str, bytes | None, dict[str, str]]] = [
        *((_query(text), None, {}) for text in (*RUNAWAY, *MALFORMED)),
        *(
            (field + quote(value, safe=""), None, {})
            for n, field in enumerate(FIELDS)
            for value in STRANGE[n % 3 :: 3]
        ),
        *((path, None, {}) for path in PATHS),
        *BODIES,
        *(("/condition/milia", None, headers) for headers in HEADERS),
    ]
    assert len(asked) >= 100
    came: list[tuple[str, int]] = []
    left = iter(asked)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                one = next(left, None)
            if one is None:
                return
            try:
                status = _ask(address, *one)[0]
            except (OSError, http.client.HTTPException):
                status = 0  # the server hung up
            came.append((one[0][:80], status))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc, which is not here"
)
def test_a_hundred_hostile_requests_harm_nobody(server: tuple[Address, int]) -> None:
    address, pid = server
    for path in NORMAL:
        assert _ask(address, path)[0] == 200
    slow = [socket.create_connection(address) for _ in range(20)]
    for one in slow:
        one.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n")
    done = threading.Event()
    normal: list[tuple[str, int]] = []

    def go_about() -> None:
        number = 0
        while not done.is_set():
            path = NORMAL[number % len(NORMAL)]
            status = _ask(address, path)[0]
            if status == 503:  # told to come again, which is no failure; it comes again
                time.sleep(0.2)
                continue
            normal.append((path, status))
            number += 1

    others = [threading.Thread(target=go_about) for _ in range(2)]
    for other in others:
        other.start()
    try:
        came = _hostile(address)
    finally:
        done.set()
        for other in others:
            other.join()
        for one in slow:
            one.close()
    assert [one for one in normal if one[1] != 200] == []
    assert len(normal) > 20
    assert [one for one in came if one[1] >= 500 and one[1] != 503] == []
    assert _resident(pid) < MOST_MEMORY
    for path in NORMAL:
        assert _ask(address, path)[0] == 200
