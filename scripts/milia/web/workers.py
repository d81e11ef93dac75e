"""Answer strangers' queries in processes that can be ended: bounded in time, memory, size and number.

An engine cannot be stopped in the middle of a query; a process can. So each query runs in one of a few
workers, which is ended when its time is over or whoever asked has gone, and made anew. Who comes while all
of them work waits; who comes while too many wait is sent away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from milia.errors import BadQuery, Busy, MiliaError, TooMuch

__all__ = ["Limits", "Question", "Turns", "Workers"]

_LONGEST_LINE = 1 << 20  # bytes of what a worker says before the answer


@dataclass(frozen=True)
class Limits:
    """How much a query may take, and how many may be asked at once."""

    seconds: float = 10.0
    memory: int = 2 << 30
    """Bytes of address space that a worker may take besides what it has when it is ready."""
    most: int = 20_000_000
    """Bytes of an answer."""
    workers: int = max(2, os.cpu_count() or 2)
    waiting: int = 32


@dataclass(frozen=True)
class Question:
    """A query that has been found to read only, the media type of its answer, and the graphs it is about."""

    text: str
    form: str
    results: bool
    """Whether the answer is a table or a truth, not RDF."""
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None


class Turns:
    """Lets so many work at once and so many wait; entered as a context by whoever wants a turn."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._free = asyncio.Semaphore(limits.workers)
        self._waiting = 0

    async def __aenter__(self) -> None:
        """Wait for a turn.

        Raises:
            Busy: too many wait already, or the wait is too long.
        """
        if self._waiting >= self.limits.waiting:
            msg = f"{self._waiting} queries wait already; ask again in a few seconds"
            raise Busy(msg)
        self._waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self.limits.seconds)
        except TimeoutError:
            msg = "other queries took all the time; ask again in a few seconds"
            raise Busy(msg) from None
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


class Workers:
    """A few processes over one built graph."""

    def __init__(self, graph: Path, key: str, limits: Limits = Limits()) -> None:
        """Remember what to start; a worker is started when it is first needed."""
        self.limits = limits
        self._command = ("-P", "-m", "milia.web.worker", str(graph), key, str(limits.memory))
        self._turns = Turns(limits)
        self._idle: list[asyncio.subprocess.Process] = []

    async def answer(self, question: Question) -> bytes:
        """Return the answer to a question.

        Raises:
            BadQuery: it does not parse, or its answer is too long.
            TooMuch: it takes too much time or memory.
            Busy: too many wait already, or the wait is too long.
            MiliaError: the graph cannot be read.
        """
        async with self._turns:
            return await self._ask(question)

    async def _ask(self, question: Question) -> bytes:
        worker = self._idle.pop() if self._idle else await self._start()
        asked = json.dumps({**asdict(question), "most": self.limits.most}).encode() + b"\n"
        try:
            told, content = await asyncio.wait_for(_exchange(worker, asked), self.limits.seconds)
        except TimeoutError:
            await _end(worker)
            msg = (
                f"no answer within {self.limits.seconds:g} seconds; ask for less, or join on fewer variables"
            )
            raise TooMuch(msg) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await _end(worker)
            msg = "the query was ended, most likely as it takes more memory than it may have; ask for less"
            raise TooMuch(msg) from None
        except BaseException:  # whoever asked has gone: nobody waits for what the worker does
            worker.kill()
            raise
        self._idle.append(worker)
        if told["status"] == "bad":
            raise BadQuery(told["what"], told["line"])
        if told["status"] != "ok":
            raise MiliaError(told["what"])
        return content

    async def _start(self) -> asyncio.subprocess.Process:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            limit=_LONGEST_LINE,
        )
        try:
            await asyncio.wait_for(_answer(worker), 60)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            await _end(worker)
            msg = "no process could be started to answer queries in"
            raise MiliaError(msg) from None
        return worker

    async def warm(self) -> None:
        """Start a worker, so that the first query need not wait for it."""
        async with self._turns:
            self._idle.append(await self._start())

    async def close(self) -> None:
        """End all that idles."""
        while self._idle:
            await _end(self._idle.pop())


async def _exchange(worker: asyncio.subprocess.Process, asked: bytes) -> tuple[dict[str, Any], bytes]:
    assert worker.stdin is not None
    worker.stdin.write(asked)
    await worker.stdin.drain()
    return await _answer(worker)


async def _answer(worker: asyncio.subprocess.Process) -> tuple[dict[str, Any], bytes]:
    assert worker.stdout is not None
    told = json.loads(await worker.stdout.readuntil(b"\n"))
    return told, await worker.stdout.readexactly(told["bytes"])


async def _end(worker: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.kill()
    await worker.wait()
