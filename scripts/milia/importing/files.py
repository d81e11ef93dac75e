"""Read what databases release as text, line by line, and say what is wrong with a file that is no such text.

Knows lines, columns and encodings; what the columns mean is for the readers of each format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from milia.errors import BadSource

__all__ = ["columns", "read_lines", "row_hash", "table"]

_OPENINGS = (
    (b"\x1f\x8b", "is compressed (gzip)", "unpack it first"),
    (b"PK\x03\x04", "is compressed (zip)", "unpack it first"),
    (b"\xff\xfe", "is UTF-16 text", "save the file as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text", "save the file as UTF-8"),
    (b"\xef\xbb\xbf", "begins with a byte order mark", "save the file as UTF-8 without one"),
)
_FETCH = "fetch the file again, from the release's own page"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number (from 1), without its end.

    Raises:
        BadSource: the file is missing, empty, compressed, a web page, cut short or not UTF-8.
    """
    number = 0
    try:
        with path.open("rb") as file:
            _check_opening(path, file.read(512))
            file.seek(0)
            for number, raw in enumerate(file, 1):
                if not raw.endswith(b"\n"):
                    raise BadSource(path.as_posix(), number, "ends in the middle of a line", _FETCH)
                yield number, raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadSource(path.as_posix(), number, "is not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise BadSource(path.as_posix(), None, f"cannot be read: {error.strerror}") from error


def _check_opening(path: Path, opening: bytes) -> None:
    name = path.as_posix()
    if not opening.strip():
        raise BadSource(name, None, "is empty", _FETCH)
    for mark, what, mend in _OPENINGS:
        if opening.startswith(mark):
            raise BadSource(name, 1, what, mend)
    if opening.lstrip().startswith(b"<"):
        raise BadSource(name, 1, "is a web page or XML, not the table", _FETCH)


def columns(path: Path, number: int, line: str, width: int) -> list[str]:
    """Split a row at its tabs.

    Raises:
        BadSource: it has not as many columns as the table.
    """
    row = line.split("\t")
    if len(row) != width:
        what = f"has {len(row)} columns where there are {width}: '{line[:60]}'"
        raise BadSource(path.as_posix(), number, what, _FETCH)
    return row


def table(path: Path, heads: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a small table of the project's own; lines that begin with # are remarks.

    Raises:
        BadSource: the file cannot be read, or its columns are not `heads`.
    """
    first = True
    for number, line in read_lines(path):
        if line.startswith("#") or not line.strip():
            continue
        row = columns(path, number, line, len(heads))
        if first and row != list(heads):
            what = f"has the columns {', '.join(row)}"
            raise BadSource(path.as_posix(), number, what, f"name them {', '.join(heads)}")
        if not first:
            yield number, dict(zip(heads, row, strict=True))
        first = False


def row_hash(text: str) -> str:
    """Return the hash by which a row is kept: SHA-256 of its text in UTF-8, without the line's end.

    >>> row_hash("HP:0001056")[:8]
    '6703d10b'
    """
    return hashlib.sha256(text.encode()).hexdigest()
