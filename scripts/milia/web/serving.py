"""Run the application on this machine, with uvicorn: one process, no other service needed."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from milia.diff import build_file
from milia.errors import MissingPart, Misuse
from milia.kg import KnowledgeGraph
from milia.web.workers import Limits

__all__ = ["require", "run"]

_NEEDED = {
    "jinja2": "jinja2",
    "mimeparse": "python-mimeparse",
    "starlette": "starlette",
    "uvicorn": "uvicorn",
}


def require() -> None:
    """Make sure that the packages of the extra `web` are here.

    Raises:
        MissingPart: one is not installed.
    """
    missing = [package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        msg = f"not installed: {', '.join(missing)}; try: pip install 'milia[web]'"
        raise MissingPart(msg)


def run(
    kg: KnowledgeGraph,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    names: Sequence[str] = (),
    seconds: float = 10.0,
    see_other: bool = False,
    since: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve a graph until the process is told to stop.

    Args:
        kg: the graph.
        host: the address to listen on.
        port: where to listen; 0 takes any that is free.
        names: names by which the server may be called, besides those of this machine.
        seconds: how long a query may take.
        see_other: answer for a thing at the address of a document about it (303).
        since: an earlier build, to tell what changed.
        tell: is told the address, once there is one.

    Raises:
        Misuse: the port is in use, or cannot be had; or there is no such build.
    """
    import uvicorn

    from milia.web.app import make_app

    if not 0 <= port <= 65535 or seconds <= 0:
        msg = f"a port is a number from 0 to 65535, a time is above 0; not {port} and {seconds:g}"
        raise Misuse(msg)
    if since:
        build_file(since)
    bound = _bound(host, port)
    named = f"[{host}]" if ":" in host else host  # as an address of IPv6 stands in a URL
    hosts = ["localhost", "127.0.0.1", "[::1]", named, *names]
    app = make_app(kg, limits=Limits(seconds=seconds), hosts=hosts, see_other=see_other, since=since)
    tell(f"http://{named}:{bound.getsockname()[1]}/")
    config = uvicorn.Config(
        app,
        http="h11",  # bounds headers; what else is installed must not decide
        loop="asyncio",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
        lifespan="on",
    )
    uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named; else an answer can wait for 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)  # at once, so that who is told the address is not refused
    except OSError as error:
        listening.close()
        msg = f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port"
        raise Misuse(msg) from error
    return listening
