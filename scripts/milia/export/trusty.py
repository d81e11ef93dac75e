"""Name statements by the hash of what they say: trusty URIs, version 1, module RA.

Their own name is among what they say. Until it is known a code of dashes stands for it, and in what is hashed
a blank. There may be no blank nodes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from pyoxigraph import Literal, Quad

__all__ = ["CODE", "artifact", "normal"]

CODE: Final = "RA" + 43 * "-"
Key = tuple[str, str, str, bool, str, str, str]


def artifact(quads: Iterable[Quad]) -> str:
    """Return the artifact code of statements in which a code of dashes stands for it."""
    digest = hashlib.sha256(normal(quads).encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def normal(quads: Iterable[Quad]) -> str:
    """Return the text that is hashed: the statements in the order of module RA, a blank for the code."""
    return "".join(chain.from_iterable(_lines(key) for key in sorted({_key(quad) for quad in quads})))


def _key(quad: Quad) -> Key:
    """Return what statements are sorted by: a literal comes after an IRI, and its text before its type."""
    s, p, o, g = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    own = [str(term.value).replace(CODE, " ") for term in (g, s, p)]  # type: ignore[union-attr]
    if isinstance(o, Literal):
        language = o.language or ""
        return (own[0], own[1], own[2], True, o.value, "" if language else o.datatype.value, language)
    return (own[0], own[1], own[2], False, o.value.replace(CODE, " "), "", "")  # type: ignore[union-attr]


def _lines(key: Key) -> Iterator[str]:
    graph, subject, predicate, is_literal, value, datatype, language = key
    if is_literal:
        kind = f"@{language.lower()}" if language else f"^{datatype}"
        value = kind + " " + value.replace("\\", "\\\\").replace("\n", "\\n")
    yield from (f"{part}\n" for part in (graph, subject, predicate, value))
