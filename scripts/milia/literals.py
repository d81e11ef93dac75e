"""What literals mean: the data value that a literal stands for, and the datatypes that have that value.

The datatypes are those of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/, 4.2). Lexical forms are read as RDF
has them: no white space around a number, and no underscore in it. A literal of any other datatype stands for
itself.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode
from collections.abc import Callable, Hashable
from decimal import Decimal
from functools import lru_cache
from typing import Final

from elementpath.datatypes import (
    Base64Binary,
    DateTime,
    DateTimeStamp,
    HexBinary,
    Language,
    Name,
    NCName,
    NMToken,
    NormalizedString,
    XsdToken,
)
from pyoxigraph import Literal, NamedNode

from milia.names import expand

__all__ = ["SUPPORTED", "Value", "data_value", "datatypes", "is_wrong"]

Value = tuple[str, Hashable]
"""A value space that is disjoint from all others, and what tells a value from the others in it."""

# the whole numbers between two ends, both in it
_WHOLE: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
# strings of a certain shape; the library turns text into that shape, so what changes is of another
_TEXTS: Final[dict[str, type[str]]] = {
    "normalizedString": NormalizedString,
    "token": XsdToken,
    "language": Language,
    "Name": Name,
    "NCName": NCName,
    "NMTOKEN": NMToken,
}
_DOUBLE: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)


def _bounded(ends: tuple[int | None, int | None], number: int) -> bool:
    low, high = ends
    return (low is None or low <= number) and (high is None or number <= high)


def _whole(name: str) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        if not _INTEGER.fullmatch(text) or not _bounded(_WHOLE[name], int(text)):
            return None
        return "decimal", Decimal(text)

    return read


def _decimal(text: str) -> Value | None:
    return ("decimal", Decimal(text)) if _DECIMAL.fullmatch(text) else None


def _double(text: str) -> Value | None:
    # text tells apart what is not equal, and makes one of NaN, which equals nothing
    return ("double", repr(float(text))) if _DOUBLE.fullmatch(text) else None


def _float(text: str) -> Value | None:
    if not _DOUBLE.fullmatch(text):
        return None
    try:
        (single,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError:
        single = float("-inf" if text.startswith("-") else "inf")
    return "float", repr(single)


def _boolean(text: str) -> Value | None:
    known = {"true": True, "1": True, "false": False, "0": False}
    return ("boolean", known[text]) if text in known else None


def _moment(of: type[DateTime]) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        try:
            if text != text.strip():
                return None
            moment = of.fromstring(text)
        except (ValueError, OverflowError):
            return None
        # the same moment in another time zone is equal, and yet another value
        return "dateTime", str(moment).replace("+00:00", "Z").replace("-00:00", "Z")

    return read


def _octets(of: type[HexBinary | Base64Binary], space: str) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        try:
            of(text)
        except ValueError:
            return None
        octets = bytes.fromhex(text) if of is HexBinary else b64decode(text.replace(" ", ""))
        return space, octets

    return read


def _text(name: str) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        return ("string", text) if name == "string" or _has_shape(name, text) else None

    return read


def _has_shape(name: str, text: str) -> bool:
    try:
        return str(_TEXTS[name](text)) == text
    except ValueError:
        return False


def _itself(space: str) -> Callable[[str], Value | None]:
    return lambda text: (space, text)


def _readers() -> dict[str, Callable[[str], Value | None]]:
    found: dict[str, Callable[[str], Value | None]] = {f"xsd:{name}": _whole(name) for name in _WHOLE}
    found |= {f"xsd:{name}": _text(name) for name in ("string", *_TEXTS)}
    return found | {
        "xsd:decimal": _decimal,
        "xsd:double": _double,
        "xsd:float": _float,
        "xsd:boolean": _boolean,
        "xsd:dateTime": _moment(DateTime),
        "xsd:dateTimeStamp": _moment(DateTimeStamp),
        "xsd:hexBinary": _octets(HexBinary, "hexBinary"),
        "xsd:base64Binary": _octets(Base64Binary, "base64Binary"),
        "xsd:anyURI": _itself("anyURI"),
        "rdf:XMLLiteral": _itself("XMLLiteral"),
    }


_READERS: Final = {expand(name): read for name, read in _readers().items()}
_LITERAL: Final = expand("rdfs:Literal")
_PLAIN: Final = expand("rdf:PlainLiteral")
SUPPORTED: Final = frozenset({*_READERS, _LITERAL, _PLAIN})
"""The datatypes of OWL 2 RL."""


@lru_cache(maxsize=1 << 16)
def data_value(literal: Literal) -> Value | None:
    """Return what a literal stands for, or None where its text is none of its datatype.

    >>> seven = [Literal("7", datatype=expand("xsd:integer")), Literal("7.0", datatype=expand("xsd:decimal"))]
    >>> data_value(seven[0]) == data_value(seven[1])
    True
    >>> data_value(Literal("300", datatype=expand("xsd:byte")))
    """
    if literal.language:
        return "langString", (literal.value, literal.language.lower())
    read = _READERS.get(literal.datatype)
    return read(literal.value) if read else (literal.datatype.value, literal.value)


def is_wrong(term: object) -> bool:
    """Tell whether a term is a literal whose text is none of its datatype."""
    return isinstance(term, Literal) and data_value(term) is None


@lru_cache(maxsize=1 << 16)
def datatypes(value: Value) -> frozenset[NamedNode]:
    """Return the datatypes of OWL 2 RL that have a value."""
    space, what = value
    names = {
        "decimal": _of_number,
        "string": lambda text: ["xsd:string", *(f"xsd:{n}" for n in _TEXTS if _has_shape(n, text))],
        "dateTime": lambda text: ["xsd:dateTime", *_stamped(text)],
        "XMLLiteral": lambda _: ["rdf:XMLLiteral"],
        "langString": lambda _: [],
    }.get(space, lambda _: [f"xsd:{space}"] if ":" not in space else [])(what)  # type: ignore[no-untyped-call]
    plain = {_PLAIN} if space in {"string", "langString"} else set()
    return frozenset({expand(name) for name in names} | plain | {_LITERAL})


def _of_number(number: Decimal) -> list[str]:
    if number != number.to_integral_value():
        return ["xsd:decimal"]
    return ["xsd:decimal", *(f"xsd:{n}" for n, ends in _WHOLE.items() if _bounded(ends, int(number)))]


def _stamped(text: str) -> list[str]:
    return ["xsd:dateTimeStamp"] if re.search(r"(?:Z|[+-]\d\d:\d\d)$", text) else []
