"""The table of formats: whole, free of doubles, and the same as the engine's."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat

from milia.errors import UnknownName
from milia.export import EXPORTERS
from milia.formats import FORMATS, Format, find


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
def test_a_format_is_found_by_all_its_names(form: Format) -> None:
    for name in (form.name, form.suffix, form.suffix.lstrip("."), form.media_type):
        assert find(name) is form
        assert find(f" {name.upper()} ") is form


@pytest.mark.parametrize("field", ["name", "title", "media_type", "suffix", "rdf"])
def test_no_two_formats_share_a_name(field: str) -> None:
    values = [getattr(form, field) for form in FORMATS.values()]
    assert len({str(v) for v in values}) == len(FORMATS)


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
def test_the_engine_knows_the_same(form: Format) -> None:
    assert RdfFormat.from_media_type(form.media_type) == form.rdf
    assert RdfFormat.from_extension(form.suffix.lstrip(".")) == form.rdf
    assert form.dataset == form.rdf.supports_datasets


def test_every_format_has_a_writer() -> None:
    assert list(EXPORTERS) == list(FORMATS)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("turtel", "turtle"),
        ("json-ld", "jsonld"),
        ("nquad", "nquads"),
        ("xyz", "there is: jsonld"),
        ("", "there is"),
    ],
)
def test_an_unknown_format_is_met_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownName, match=near) as caught:
        find(name)
    assert caught.value.exit_code == 2
