"""Answer strangers' queries by another server: the same bounds in time, size and number, none in memory.

What a query may take there is for that server to bound; here a request waits no longer than it may, and no
more are under way than may be.
"""

from __future__ import annotations

from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.concurrency import run_in_threadpool

from milia.errors import BadQuery, TooMuch
from milia.store.exchange import Bounds, TooLate
from milia.store.remote import RemoteStore
from milia.web.workers import Limits, Question, Turns

__all__ = ["Forwarding"]


class Forwarding:
    """Asks a server, as `Workers` ask processes of their own."""

    def __init__(self, store: RemoteStore, limits: Limits) -> None:
        """Remember whom to ask."""
        self.limits, self._store = limits, store
        self._turns = Turns(limits)

    async def answer(self, question: Question) -> bytes:
        """Return the answer to a question.

        Raises:
            BadQuery: the server finds fault with it, or the answer is too long.
            TooMuch: there is no answer in time.
            Busy: too many wait already, or the wait is too long.
            Unreachable: the server does not answer.
        """
        kind = QueryResultsFormat if question.results else RdfFormat
        form = kind.from_media_type(question.form)
        assert form is not None
        graphs = (question.default_graphs, question.named_graphs)
        bounds = Bounds(self.limits.seconds, self.limits.most)
        async with self._turns:  # the thread ends in time by itself
            try:
                content = await run_in_threadpool(self._store.write, question.text, form, *graphs, bounds)
            except TooLate:
                msg = f"no answer within {self.limits.seconds:g} seconds; ask for less"
                raise TooMuch(msg) from None
        if len(content) > self.limits.most:  # in the form that was asked for, it may be longer
            msg = f"the answer has more than {self.limits.most:,} bytes: ask for less, such as with LIMIT"
            raise BadQuery(msg)
        return content

    async def warm(self) -> None:
        """Do nothing: the server is there, or it is not."""

    async def close(self) -> None:
        """Let go of the connections."""
        self._store.close()
