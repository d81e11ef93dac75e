"""Write a vocabulary in OBO format 1.4."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from milia.export.biolink import curie
from milia.export.vocabulary import IS_A, Entry, Link, Vocabulary
from milia.names import BASE, LICENCE, NOTICE, PREFIXES, VERSION

__all__ = [
    "CERTAINTY",
    "LANGUAGE",
    "LICENSE",
    "MISSPELLING",
    "ONTOLOGY",
    "REMARKS",
    "TITLE",
    "text",
]

# a plain name would stand for an ontology of the OBO Foundry, which Milia is not
ONTOLOGY: Final = BASE + "dataset"
TITLE: Final = "Milia: a knowledge graph of milia (milk spots)"
REMARKS: Final = (
    NOTICE,
    "Every claim behind it is a draft until a clinician has reviewed it.",
    "A relation is said of a thing in general, not of every case of it; one that is Hedged is only a maybe.",
)
LICENSE: Final = PREFIXES["dcterms"] + "license"
LANGUAGE: Final = PREFIXES["dcterms"] + "language"
CERTAINTY: Final = PREFIXES["milia"] + "certainty"
MISSPELLING: Final = PREFIXES["milia"] + "misspelling"


def text(said: Vocabulary, labels: Mapping[str, str]) -> str:
    """Return the document; `labels` are those of all things and terms."""
    links: dict[str, list[Link]] = {}
    for link in said.links:
        links.setdefault(link.subject, []).append(link)
    frames = [
        _header(said, labels),
        *(["[Term]", *_clauses(e), *_relations(links.get(e.iri, ()), labels)] for e in said.concepts),
        *(["[Typedef]", *_clauses(e), "is_metadata_tag: true"] for e in said.relations),
    ]
    return "\n\n".join("\n".join(frame) for frame in frames) + "\n"


def _header(said: Vocabulary, labels: Mapping[str, str]) -> list[str]:
    kinds = sorted({PREFIXES["milia"] + kind for concept in said.concepts for kind in concept.kinds})
    spaces = sorted({concept.iri.rpartition("/")[0] + "/" for concept in said.concepts} | {PREFIXES["milia"]})
    return [
        "format-version: 1.4",
        f"data-version: {VERSION}",
        *(f"subsetdef: {curie(kind)} {_quoted(labels[kind])}" for kind in kinds),
        f"synonymtypedef: {curie(MISSPELLING)} {_quoted(labels[MISSPELLING])} RELATED",
        *(f"idspace: {curie(space).removesuffix(':')} {space}" for space in spaces),
        f"idspace: dcterms {PREFIXES['dcterms']}",
        *(f"remark: {_plain(remark)}" for remark in REMARKS),
        f"ontology: {ONTOLOGY}",
        f"property_value: {LICENSE} {LICENCE}",
        f"property_value: {PREFIXES['dcterms']}title {_quoted(TITLE)} xsd:string",
    ]


def _clauses(entry: Entry) -> Iterator[str]:
    yield f"id: {curie(entry.iri)}"
    yield f"name: {_plain(entry.label)}"
    yield f"def: {_quoted(entry.definition)} []"
    for kind in entry.kinds:
        yield f"subset: {curie(PREFIXES['milia'] + kind)}"
    for name in entry.names:
        scope = f"RELATED {curie(MISSPELLING)}" if name.misspelt else "EXACT"
        noted = ", ".join(f"dcterms:language={_quoted(language)}" for language in name.languages)
        yield f"synonym: {_quoted(name.text)} {scope} [] {{{noted}}}"
    for code in entry.codes:
        yield f"xref: {code}"


def _relations(links: Iterable[Link], labels: Mapping[str, str]) -> Iterator[str]:
    for link in sorted(links, key=lambda link: (link.predicate != IS_A, link)):
        tag = "is_a:" if link.predicate == IS_A else f"relationship: {curie(link.predicate)}"
        hedge = f' {{{curie(CERTAINTY)}="Hedged"}}' if link.hedged else ""
        yield f"{tag} {curie(link.object)}{hedge} ! {_plain(labels[link.object])}"


def _quoted(value: str) -> str:
    r"""Write a text in quotes.

    >>> print(_quoted('a "b"'))
    "a \"b\""
    """
    return '"' + _escaped(value, '"') + '"'


def _plain(value: str) -> str:
    r"""Write a text without quotes, where a brace or an exclamation mark would end it.

    >>> print(_plain("a {b}!"))
    a \{b\}\!
    """
    return _escaped(value, "{}!")


def _escaped(value: str, marks: str) -> str:
    return re.sub(rf"[\\{marks}]", r"\\\g<0>", value).replace("\n", "\\n")
