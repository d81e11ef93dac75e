"""SPARQL servers that a test starts: each on a port of its own of this machine, over a folder of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from milia.store.remote import Endpoint

OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
VIRTUOSO = shutil.which("virtuoso-t")
_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 1000000
"""


@contextmanager
def oxigraph(folder: Path) -> Iterator[Endpoint]:
    """Start an Oxigraph server with an empty store."""
    assert OXIGRAPH
    (port,) = _free_ports(1)
    root = f"http://127.0.0.1:{port}/"
    command = [OXIGRAPH, "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
    with _running(command, root):
        yield Endpoint(f"{root}query", f"{root}update", f"{root}store")


@contextmanager
def virtuoso(folder: Path) -> Iterator[Endpoint]:
    """Start a Virtuoso server with an empty database; who writes is the user it comes with."""
    assert VIRTUOSO
    sql, port = _free_ports(2)
    settings = folder / "virtuoso.ini"
    settings.write_text(_INI.format(folder=folder, sql=sql, port=port), encoding="utf-8")
    root = f"http://127.0.0.1:{port}/"
    with _running([VIRTUOSO, "-f", "+configfile", str(settings)], f"{root}sparql"):
        places = (f"{root}sparql-auth", f"{root}sparql-auth", f"{root}sparql-graph-crud-auth")
        yield Endpoint(*places, user="dba", password="dba", digest=True)


def _free_ports(number: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


@contextmanager
def _running(command: list[str], address: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        try:
            _wait(address)
            yield
        finally:
            run.terminate()
            try:
                run.wait(10)
            except subprocess.TimeoutExpired:
                run.kill()


def _wait(address: str) -> None:
    for _ in range(500):
        try:
            urlopen(address, timeout=5).close()
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing answers at {address}")
