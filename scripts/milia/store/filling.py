"""Fill a store from texts as they come, in one go, so that its engine sorts its tables once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Final

from milia.union import with_union

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from milia.store.oxigraph import OxigraphStore

__all__ = ["Filling"]

_AHEAD: Final = 4  # texts that may wait, so that memory stays bounded where they come faster than they go
_LOOK: Final = 0.5  # seconds after which a side that waits looks whether the other has ended


class Filling:
    """What is on its way into a store, beside other work; the store has all of it once `end` returns."""

    def __init__(self, store: OxigraphStore) -> None:
        """Begin with nothing."""
        self._texts = _Texts()
        self._pool = ThreadPoolExecutor(1)
        self._done = self._pool.submit(store.load_both, io.BufferedReader(self._texts))

    @property
    def complete(self) -> bool:
        """Say whether nothing more may be put."""
        return self._texts.complete

    def put(self, content: bytes) -> None:
        """Add lines that a build wrote, unless it is complete.

        Raises:
            BadSource: something that came before was not N-Quads.
        """
        while not self._done.done():
            try:
                return self._texts.waiting.put(content, timeout=_LOOK)
            except Full:
                continue
        return self._done.result()

    def close(self) -> None:
        """Say that nothing more comes."""
        self._texts.complete = True

    def end(self) -> None:
        """Wait until the store has all of it; nothing more comes.

        Raises:
            BadSource: something was not N-Quads; the store has none of it.
        """
        self.close()
        with self._pool:
            self._done.result()

    def give_up(self) -> None:
        """Leave the store without it."""
        self._texts.given_up = True
        self._pool.shutdown()


class _Texts(io.RawIOBase):
    """Texts one after the other, as a file that waits for the next until they are complete."""

    def __init__(self) -> None:
        self.waiting = Queue[bytes](_AHEAD)
        self.complete = self.given_up = False
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._left:
            complete = self.complete  # before the look: whatever was put came before it
            if self.given_up:
                msg = "nobody wants the rest"
                raise OSError(msg)
            try:
                text = self.waiting.get(block=not complete, timeout=_LOOK)
            except Empty:
                if complete:
                    return 0
            else:
                self._left = memoryview(with_union(text))
        with memoryview(buffer) as place:
            size = min(len(place), len(self._left))
            place[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
