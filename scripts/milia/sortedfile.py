"""Look lines up in a file of sorted lines, however long: by halving, never by reading it."""

from __future__ import annotations

import mmap
from pathlib import Path

__all__ = ["SortedFile"]


class SortedFile:
    """A file whose lines are sorted by their bytes."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            OSError: it cannot be read.
            ValueError: its last line is cut short.
        """
        self.path = path
        with path.open("rb") as file:
            self.size = file.seek(0, 2)
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.size else b""
        if self.size and self._text[-1:] != b"\n":
            msg = "it ends in the middle of a line"
            raise ValueError(msg)

    def line(self, start: bytes) -> bytes | None:
        """Return the first line that begins with `start`, or None where none does."""
        low, high = 0, len(self._text)  # beginnings of lines, or the end
        while low < high:
            begin = self._text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._text.find(b"\n", begin) + 1
            if self._text[begin : min(end, begin + len(start))] < start:
                low = end
            else:
                high = begin
        end = self._text.find(b"\n", low) + 1
        return self._text[low:end] if self._text[low : low + len(start)] == start else None
