"""One request to a server and its answer: bounded in time, in size and in how often it is sent.

A time-out of the library's own starts anew with every byte that comes. So each exchange has a clock that
hangs up when its time is over, however the answer comes; whoever reads it ends then too.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Timer, local
from typing import TYPE_CHECKING, Any, Final

from milia.errors import BadQuery, MiliaError, MissingPart

if TYPE_CHECKING:
    from requests import Response, Session
    from requests.adapters import HTTPAdapter
    from requests.auth import HTTPDigestAuth

__all__ = ["Asker", "Bounds", "Line", "Reply", "Request", "TooLate", "Unreachable"]

_AGAIN: Final = (429, 502, 503, 504)  # of these another try may help
_PAUSE: Final = 0.2  # seconds before the second try, doubled with each that follows
_LONGEST: Final = 5.0  # seconds between two tries
_PIECE: Final = 1 << 16  # bytes that are read at once
_TOLD: Final = 10_000  # bytes of what is read of a refusal


class Unreachable(MiliaError):
    """A server does not answer, or not as a SPARQL server does."""


class TooLate(Unreachable):
    """There is no whole answer in time."""


@dataclass(frozen=True)
class Asker:
    """Who asks: nobody, a user by password, or the bearer of a token."""

    user: str | None = None
    password: str | None = None
    token: str | None = None
    digest: bool = False


@dataclass(frozen=True)
class Bounds:
    """How much an exchange may take."""

    seconds: float
    """From the first try to the last byte."""
    most: int
    """Bytes of the answer."""
    tries: int = 1


@dataclass(frozen=True)
class Request:
    """What is sent, and where to."""

    method: str
    address: str
    content: Any = None
    """A form as pairs, or bytes."""
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    kind: str
    """The media type."""
    content: bytes
    elsewhere: str = ""
    """The address it sends on to: not followed, since a form would be lost and a password might go astray."""
    wait: float = 0.0
    """Seconds after which the server wants to be asked again."""

    @property
    def text(self) -> str:
        """The content as text on one line."""
        return " ".join(self.content.decode(errors="replace").split())


class Line:
    """Connections to a server, kept from one exchange to the next."""

    def __init__(self, asker: Asker) -> None:
        """Remember who asks; nothing is sent yet.

        Raises:
            MissingPart: the package requests is not installed.
        """
        self._clocks = local()
        self._session = _session(asker, self._clocks)

    def exchange(self, request: Request, bounds: Bounds) -> Reply:
        """Send a request, and again after growing pauses while the server is busy or the line is dead.

        Raises:
            BadQuery: the answer is too long.
            TooLate: it is not there in time.
            Unreachable: there is none.
        """
        end = time.monotonic() + bounds.seconds
        for number in range(1, bounds.tries + 1):
            last = number == bounds.tries
            pause = min(_PAUSE * 2 ** (number - 1), _LONGEST)
            left = end - time.monotonic()
            try:
                reply = self._once(request, left, bounds)
            except TooLate:
                raise
            except Unreachable:
                if last or left <= pause:
                    raise
            else:
                pause = max(pause, min(reply.wait, _LONGEST))
                if last or reply.status not in _AGAIN or left <= pause:
                    return reply
            time.sleep(pause)
        msg = "a request has to be tried once at least"
        raise ValueError(msg)

    def _once(self, request: Request, seconds: float, bounds: Bounds) -> Reply:
        from requests import RequestException, Timeout

        late = f"{request.address} does not answer within {bounds.seconds:g} seconds"
        if seconds <= 0:
            raise TooLate(late)
        clock = _Clock(seconds)
        self._clocks.running = clock
        try:
            with clock, self._sent(request, seconds) as answer:
                content = _read(answer, bounds.most)
        except RequestException as error:
            if clock.over or isinstance(error, Timeout):
                raise TooLate(late) from error
            msg = f"{request.address} does not answer: {_cause(error)}"
            raise Unreachable(msg) from error
        if clock.over:  # what was read until then looks whole where no length was told
            raise TooLate(late)
        told = answer.headers
        wait = told.get("retry-after", "")
        return Reply(
            answer.status_code,
            told.get("content-type", ""),
            content,
            told.get("location", ""),
            float(wait) if wait.isdecimal() else 0.0,
        )

    def _sent(self, request: Request, seconds: float) -> Response:
        return self._session.request(
            request.method,
            request.address,
            params=request.parameters,
            data=request.content,
            headers=dict(request.headers),
            timeout=seconds,
            stream=True,
            allow_redirects=False,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


class _Clock:
    """Hangs up when the time is over; entered as a context by whoever waits for an answer."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._socket = None

    def watch(self, line: socket.socket) -> None:
        """Take note of the line on which the answer is to come."""
        self._socket = line
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):  # the other side may have hung up first
                line.shutdown(socket.SHUT_RDWR)


def _read(answer: Response, most: int) -> bytes:
    """Read an answer in pieces; hang up on one that is too long, and on more than the start of a refusal."""
    parts, size = list[bytes](), 0
    for part in answer.iter_content(_PIECE):
        parts.append(part)
        size += len(part)
        if not answer.ok and size > _TOLD:
            break
        if size > most:
            msg = f"the answer has more than {most:,} bytes: ask for less, such as with LIMIT"
            raise BadQuery(msg)
    return b"".join(parts)


def _session(asker: Asker, clocks: local) -> Session:
    try:
        import requests
    except ImportError as error:
        msg = "asking a server needs the package requests: pip install 'milia[remote]'"
        raise MissingPart(msg) from error
    session = requests.Session()
    session.trust_env = False  # neither proxies nor passwords of elsewhere
    for start in ("http://", "https://"):
        session.mount(start, _adapter(clocks))
    if asker.user is not None:
        known = (asker.user, asker.password or "")
        session.auth = _digest(*known) if asker.digest else known
    elif asker.token:
        session.headers["Authorization"] = f"Bearer {asker.token}"
    return session


def _adapter(clocks: local) -> HTTPAdapter:
    """Return what opens connections, such that the clock of a thread sees the line its answer comes on."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class Watched(HTTPConnection):
        def getresponse(self) -> Any:  # noqa: ANN401  the library's own class, of one name in each version
            clocks.running.watch(self.sock)
            return super().getresponse()

    class WatchedSafely(HTTPSConnection):
        def getresponse(self) -> Any:  # noqa: ANN401
            clocks.running.watch(self.sock)
            return super().getresponse()

    plain = type("WatchedPool", (HTTPConnectionPool,), {"ConnectionCls": Watched})
    safe = type("SafelyWatchedPool", (HTTPSConnectionPool,), {"ConnectionCls": WatchedSafely})
    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = {"http": plain, "https": safe}
    return adapter


def _digest(user: str, password: str) -> HTTPDigestAuth:
    """Return digest authentication that does not wait for the end of a refusal, which may have none."""
    from requests.auth import HTTPDigestAuth

    class Digest(HTTPDigestAuth):
        def handle_401(self, r: Response, **more: Any) -> Response:  # noqa: ANN401  the library's own
            if r.status_code == 401:
                r.raw.close()
                r._content = b""
            return super().handle_401(r, **more)

    return Digest(user, password)


def _cause(error: BaseException) -> str:
    """Return what went wrong at the bottom, without addresses of objects."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
