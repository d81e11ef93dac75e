"""Check files of nanopublications with the package nanopub: `nanopub_check.py FILE …`.

Each begins with the prefix `sub`. Of a long file, some hundred that lie evenly in it are read.
"""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

warnings.simplefilter("ignore", DeprecationWarning)  # the package builds on what rdflib is to give up

from nanopub import Nanopub  # noqa: E402
from nanopub.namespaces import NP  # noqa: E402
from nanopub.trustyuri.rdf import RdfHasher, RdfUtils  # noqa: E402
from rdflib import RDF, ConjunctiveGraph, Literal, URIRef  # noqa: E402
from rdflib.namespace import DCTERMS, XSD  # noqa: E402

SAMPLE = 150
LICENSE = URIRef("https://creativecommons.org/licenses/by/4.0/")
URI = re.compile(r"https://w3id\.org/milia/nanopub/(RA[A-Za-z0-9_-]{43})")


def blocks(path: Path) -> tuple[str, list[str]]:
    """Return the common prefixes, and the nanopublications."""
    head, *rest = re.split(r"(?m)^(?=@prefix sub:)", path.read_text(encoding="utf-8"))
    return head, rest


def faults(graph: ConjunctiveGraph) -> Iterator[str]:
    """Yield what is wrong with one nanopublication."""
    found = Nanopub(rdf=graph)
    name = found.metadata.np_uri
    if not (matched := URI.fullmatch(str(name))):
        yield f"{name} is no trusty URI of ours"
        return
    found.is_valid  # noqa: B018  (it raises)
    found.has_valid_trusty  # noqa: B018  (it raises)
    quads = RdfUtils.get_quads(graph)
    if RdfHasher.make_hash(quads, matched[1]) != matched[1]:
        yield "the code is not that of the content"
    if len(list(graph.quads((None, None, None, found.metadata.head)))) != len(
        {RDF.type, NP.hasAssertion, NP.hasProvenance, NP.hasPublicationInfo}
    ):
        yield "the head says something else"
    if set(found.pubinfo.objects(name, DCTERMS.license)) != {LICENSE}:
        yield "no licence"
    if not list(found.pubinfo.objects(name, DCTERMS.creator)):
        yield "no creator"
    for moment in found.pubinfo.objects(name, DCTERMS.created):
        if not isinstance(moment, Literal) or moment.datatype != XSD.dateTime:
            yield f"{moment} is no time"
    if found.metadata.signature:
        yield "it is signed"


def check(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file."""
    head, all_of_them = blocks(path)
    names = re.findall(r"(?m)^@prefix sub: <(.*)#> \.$", path.read_text(encoding="utf-8"))
    if len(set(names)) != len(all_of_them):
        yield "two have one name"
    step = max(1, len(all_of_them) // SAMPLE)
    for block in all_of_them[::step]:
        graph = ConjunctiveGraph()
        try:
            graph.parse(data=head + block, format="trig")
            yield from faults(graph)
        except (ValueError, SyntaxError, IndexError) as error:
            yield f"{type(error).__name__}: {str(error).splitlines()[0]}"
    print(f"{path.parent.name}: {len(all_of_them)} there, {len(all_of_them[::step])} read")


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    wrong = False
    for argument in map(Path, sys.argv[1:]):
        for finding in list(dict.fromkeys(check(argument)))[:5]:
            wrong = True
            print(f"{argument.parent.name}: {finding}")
    sys.exit(wrong)
