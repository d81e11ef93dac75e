"""What literals mean: values, datatypes, and which are wrong; and that a wrong one leads no rule astray."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from milia.literals import SUPPORTED, data_value, datatypes, is_wrong
from milia.names import expand


def literal(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=expand(datatype))


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("abc", "xsd:integer"),
        (" 7", "xsd:integer"),
        ("1_000", "xsd:integer"),
        ("7.0", "xsd:integer"),
        ("", "xsd:integer"),
        ("\u0667", "xsd:integer"),  # a digit, and none of XSD's
        ("300", "xsd:byte"),
        ("-1", "xsd:nonNegativeInteger"),
        ("0", "xsd:positiveInteger"),
        ("18446744073709551616", "xsd:unsignedLong"),
        ("1e3", "xsd:decimal"),
        ("nan", "xsd:double"),
        ("+INF", "xsd:double"),
        ("1,5", "xsd:double"),
        ("infinity", "xsd:float"),
        ("TRUE", "xsd:boolean"),
        ("2026-02-30T00:00:00Z", "xsd:dateTime"),
        ("2026-01-01", "xsd:dateTime"),
        ("2026-01-01T00:00:00", "xsd:dateTimeStamp"),
        ("0g", "xsd:hexBinary"),
        ("abc", "xsd:hexBinary"),
        ("a", "xsd:base64Binary"),
        ("a\tb", "xsd:normalizedString"),
        (" a", "xsd:token"),
        ("a  b", "xsd:token"),
        ("\u00e9", "xsd:language"),
        ("1a", "xsd:Name"),
        ("a:b", "xsd:NCName"),
        ("a b", "xsd:NMTOKEN"),
    ],
)
def test_a_text_that_is_none_of_its_datatype(text: str, datatype: str) -> None:
    assert is_wrong(literal(text, datatype))


@pytest.mark.parametrize(
    ("text", "datatype", "also", "never"),
    [
        ("7", "xsd:integer", "xsd:byte xsd:decimal xsd:positiveInteger", "xsd:double xsd:negativeInteger"),
        ("7.0", "xsd:decimal", "xsd:integer xsd:byte", "xsd:float"),
        ("7.5", "xsd:decimal", "", "xsd:integer"),
        ("300", "xsd:short", "xsd:integer", "xsd:byte xsd:unsignedByte"),
        ("-0", "xsd:integer", "xsd:nonNegativeInteger xsd:nonPositiveInteger", "xsd:positiveInteger"),
        ("INF", "xsd:double", "", "xsd:float xsd:decimal"),
        ("NaN", "xsd:float", "", "xsd:double"),
        ("1", "xsd:boolean", "", "xsd:integer"),
        ("2026-01-01T24:00:00Z", "xsd:dateTime", "xsd:dateTimeStamp", "xsd:string"),
        ("2026-01-01T00:00:00", "xsd:dateTime", "", "xsd:dateTimeStamp"),
        ("12026-01-01T00:00:00Z", "xsd:dateTime", "xsd:dateTimeStamp", ""),
        ("en", "xsd:string", "xsd:language xsd:NCName xsd:token rdf:PlainLiteral", "xsd:anyURI"),
        ("a\tb", "xsd:string", "rdf:PlainLiteral", "xsd:normalizedString"),
        ("Y Q==", "xsd:base64Binary", "", "xsd:hexBinary"),
        ("x", "xsd:anyURI", "", "xsd:string"),
        ("<b/>", "rdf:XMLLiteral", "", "xsd:string"),
        ("2026-02-30", "xsd:date", "", "xsd:dateTime"),  # of no datatype of OWL 2 RL: not looked into
    ],
)
def test_the_datatypes_of_a_value(text: str, datatype: str, also: str, never: str) -> None:
    value = data_value(literal(text, datatype))
    assert value is not None
    found = datatypes(value)
    assert found <= SUPPORTED
    assert {expand("rdfs:Literal"), *map(expand, also.split())} <= found
    assert not found & set(map(expand, never.split()))


@given(st.integers(), st.sampled_from(["", "0", "000"]))
def test_spelling_makes_no_other_number(number: int, zeros: str) -> None:
    text = f"{'-' if number < 0 else ''}{zeros}{abs(number)}"
    spelt = [("xsd:integer", text), ("xsd:decimal", f"{text}.0"), ("xsd:integer", str(number))]
    values = {data_value(literal(written, datatype)) for datatype, written in spelt}
    assert len(values) == 1
    assert data_value(literal(str(number + 1), "xsd:integer")) not in values


_XSD = [name for name in SUPPORTED if name.value.startswith("http://www.w3.org/2001/XMLSchema#")]


@given(st.text(max_size=12), st.sampled_from(sorted(_XSD, key=str)))
def test_a_value_is_of_its_own_datatype(text: str, datatype: NamedNode) -> None:
    value = data_value(Literal(text, datatype=datatype))
    assert value is None or datatype in datatypes(value)


@given(st.integers(-(10**15), 10**15), st.integers(0, 4), st.sampled_from(["xsd:decimal", "xsd:double"]))
def test_the_store_writes_the_same_value(number: int, places: int, datatype: str) -> None:
    """What a store puts in the place of a literal, its canonical form, means the same."""
    one = literal(f"{number / 10**places:.{places}f}", datatype)
    store = Store()
    store.add(Quad(expand("rdf:a"), expand("rdf:b"), one))
    (kept,) = store
    assert isinstance(kept.object, Literal)
    assert data_value(kept.object) == data_value(one)


def test_the_rule_engine_is_led_astray_by_a_number_that_is_none() -> None:
    """Why no such literal is handed over; when this fails, the engine has been mended."""
    nemo = import_module("nmo_python")
    wrong = literal("abc", "xsd:integer")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.nt"
        path.write_text(f'<http://a> <http://p> {wrong} .\n<http://b> <http://p> "x" .\n', encoding="utf-8")
        rules = "U(?o, ?s, ?p) :- T(?s, ?p, ?o) .\n@output U .\n"
        engine = nemo.NemoEngine(nemo.load_string(f'@import T :- ntriples{{resource="{path}"}} .\n{rules}'))
        engine.reason()
        assert ['"x"', "<http://b>", "<http://p>"] not in [list(row) for row in engine.result("U")]
