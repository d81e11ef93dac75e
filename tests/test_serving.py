"""The command that serves: what it says, when it will not, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from milia.cli import main
from milia.errors import MissingPart
from milia.web import serving

if TYPE_CHECKING:
    from milia.paths import Home


@pytest.fixture
def server(small: Home, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server on a port that is free, and give its address."""
    host = getattr(request, "param", "127.0.0.1")
    command = [sys.executable, "-m", "milia.cli", "--home", str(small.root), "serve", "--port", "0"]
    command += ["--host", host]
    path = os.pathsep.join(filter(None, sys.path))
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    assert run.stderr is not None
    line = run.stderr.readline()
    try:
        yield run, line.split()[1]
    finally:
        run.kill()
        run.wait()
        run.stderr.close()


def _until_answered(address: str) -> bytes:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                content: bytes = answer.read()
                return content
        except OSError:
            time.sleep(0.1)
    raise AssertionError(address)


def test_it_answers_and_ends_when_told_to(server: tuple[subprocess.Popen[str], str]) -> None:
    run, address = server
    assert b"<h1>Milia" in _until_answered(address)
    assert b'"boolean":true' in _until_answered(
        f"{address}sparql?query=ASK%20%7B%20site:nose%20?p%20?o%20%7D"
    )
    run.send_signal(signal.SIGTERM)
    _, err = run.communicate(timeout=30)
    assert run.returncode in {0, -signal.SIGTERM}
    assert err == ""


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("server", ["::1"], indirect=True)
def test_it_listens_on_ipv6_too(server: tuple[subprocess.Popen[str], str]) -> None:
    _, address = server
    assert address.startswith("http://[::1]:")
    assert b"Sitemap: http://[::1]:" in _until_answered(f"{address}robots.txt")
    stranger = urllib.request.Request(f"{address}robots.txt", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(stranger, timeout=20)


def test_answers_are_sent_at_once() -> None:
    """Of sockets whose protocol is not named, asyncio lets small answers wait for the other side."""
    listening = serving._bound("127.0.0.1", 0)
    with listening, socket.create_connection(listening.getsockname()):
        taken, _ = listening.accept()
        with taken:
            assert taken.proto == socket.IPPROTO_TCP


def test_a_slow_client_holds_nobody_up(server: tuple[subprocess.Popen[str], str]) -> None:
    _, address = server
    _until_answered(address)
    host, _, port = address.removeprefix("http://").strip("/").partition(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(30)]
    try:
        for one in slow:
            one.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n")
        assert b"<h1>Milia" in _until_answered(address)
    finally:
        for one in slow:
            one.close()


def test_a_port_in_use_is_told(small: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--home", str(small.root), "serve", "--port", port]) == 2
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "choose another with --port" in said


@pytest.mark.parametrize(
    "options",
    [["--port", "70000"], ["--port", "-1"], ["--seconds", "0"], ["--port", "x"], ["--since", "nowhere"]],
)
def test_what_cannot_be_is_told(small: Home, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(small.root), "serve", *options]) == 2
    assert capsys.readouterr().err.startswith("milia: ")


def test_without_a_build_it_says_what_to_do(project: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(project.root), "serve", "--port", "0"]) == 2
    assert "run 'milia build' first" in capsys.readouterr().err


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_NEEDED", {"none_of_that_name": "none-of-that-name"})
    with pytest.raises(MissingPart, match=r"none-of-that-name; try: pip install 'milia\[web\]'"):
        serving.require()
