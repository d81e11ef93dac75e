"""Exports: each format of each scope parses back to the same statements, stable to the byte."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple, parse

from milia.errors import BadSource, UnknownName
from milia.export import EXPORTERS, SCOPES, Selection, export, select
from milia.export.selection import in_order
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph
from milia.names import BASE, PREFIXES, curie, derived_graph, expand, is_default_graph, milia, short
from milia.paths import Home

if TYPE_CHECKING:
    from milia.build import Assembly

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "export"
RDFLIB = {
    "turtle": "turtle",
    "jsonld": "json-ld",
    "ntriples": "nt",
    "nquads": "nquads",
    "trig": "trig",
    "rdfxml": "xml",
}
NODES = (PREFIXES["fact"], PREFIXES["node"])
DISPUTED = derived_graph("disputed")

# ── helpers: what an export should say, and what a reader makes of it ─────────────────────────────────────


def _keeps_graphs(form: str, scope: str) -> bool:
    return FORMATS[form].dataset and (form != "jsonld" or scope == "all")


def _expected(selection: Selection, form: str, scope: str) -> set[Quad]:
    if _keeps_graphs(form, scope):
        return set(selection.quads)
    return {
        Quad(q.subject, q.predicate, q.object, DefaultGraph())
        for q in selection.quads
        if q.graph_name != DISPUTED or str(q.subject).lstrip("<").startswith(NODES)
    }


def _by_pyoxigraph(content: bytes, form: str) -> list[Quad]:
    return list(parse(content, format=FORMATS[form].rdf, base_iri=BASE))


def _by_rdflib(content: bytes, form: str) -> set[Quad]:
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore", DeprecationWarning)
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # it would read the double 1 as 1.0
        data = rdflib.Dataset()
        data.parse(data=content, format=RDFLIB[form], publicID=BASE)
        return set(_quads(data))


def _quads(data: rdflib.Dataset) -> Iterator[Quad]:
    for s, p, o, g in data.quads():
        # readers of formats without graphs give the graph a name of their own
        named = g is not None and str(g).startswith(PREFIXES["graph"])
        graph = NamedNode(str(g)) if named else DefaultGraph()
        yield Quad(_term(s), _term(p), _term(o), graph)  # type: ignore[arg-type]


def _term(term: object) -> NamedNode | BlankNode | Literal:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
    assert isinstance(term, rdflib.BNode)
    return BlankNode(str(term))


@pytest.fixture(scope="module", params=sorted(SCOPES))
def chosen(request: pytest.FixtureRequest, part: Assembly, home: Home) -> tuple[str, Selection]:
    """Return each scope of a part of the graph in turn, with its name."""
    return request.param, select(part.store, home, request.param)


# ── the built graph, every format of every scope ──────────────────────────────────────────────────────────


def test_scopes_hold_what_they_say(chosen: tuple[str, Selection]) -> None:
    scope, selection = chosen
    graphs = {short(q.graph_name).removeprefix("graph:").removeprefix("graph/") for q in selection.quads}
    if scope == "facts":
        assert all(is_default_graph(PREFIXES["graph"] + g) for g in graphs)
        assert {"facts", "inferred"} <= graphs
    elif scope == "claims":
        assert {g.split("/")[1] for g in graphs} == {"claims", "catalogue", "sources"}
    else:
        assert {"facts", "inferred", "links"} <= graphs
        assert any(g.startswith("data/claims/") for g in graphs)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_parses_back(chosen: tuple[str, Selection], form: str) -> None:
    scope, selection = chosen
    content = export(selection, form)
    expected = _expected(selection, form, scope)
    read = _by_pyoxigraph(content, form)
    assert len(read) == len(set(read)), "nothing is said twice"
    assert set(read) == expected
    assert _by_rdflib(content, form) == expected
    assert content.endswith(b"\n")
    assert b"\r" not in content


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_does_not_depend_on_the_order_of_the_store(part: Assembly, home: Home, form: str) -> None:
    selection = select(part.store, home, "claims")
    quads = list(selection.quads)
    random.Random(1).shuffle(quads)
    again = Selection(tuple(in_order(quads)), home)
    assert export(again, form) == export(selection, form)


@pytest.mark.parametrize("form", ["ntriples", "nquads"])
def test_lines_are_sorted(chosen: tuple[str, Selection], form: str) -> None:
    _, selection = chosen
    quads = _by_pyoxigraph(export(selection, form), form)
    rdf_type = PREFIXES["rdf"] + "type"

    def key(q: Quad) -> tuple[str, ...]:
        predicate = "" if q.predicate.value == rdf_type else q.predicate.value
        return (str(q.graph_name), str(q.subject), predicate, str(q.object))

    assert quads == sorted(quads, key=key)


@pytest.mark.parametrize("form", [f for f in FORMATS if not FORMATS[f].dataset])
def test_disputed_links_are_no_plain_statements(part: Assembly, home: Home, form: str) -> None:
    whole = select(part.store, home, "all")
    subject, obj = expand("condition:milia"), expand("site:nowhere")
    node = expand("fact/0000")
    contested = [
        Quad(subject, milia("affects"), obj, DISPUTED),
        Quad(node, expand("rdf:subject"), subject, DISPUTED),
        Quad(node, expand("rdf:object"), obj, DISPUTED),
    ]
    content = export(Selection(tuple(in_order([*whole.quads, *contested])), home, whole=True), form)
    said = {q.triple for q in _by_pyoxigraph(content, form)}
    disputed = {q.triple for q in [*whole.quads, *contested] if q.graph_name == DISPUTED}
    links = {t for t in disputed if not short(t.subject).startswith(("fact", "node"))}
    assert contested[0].triple in links
    assert not said & links
    assert disputed - links <= said, "their nodes are kept, with the claims on both sides"


def test_no_blank_nodes_leave_the_house(kg: KnowledgeGraph) -> None:
    for q in select(kg.store, kg.home, "all").quads:
        assert not isinstance(q.subject, BlankNode)
        assert not isinstance(q.object, BlankNode)


# ── JSON-LD ───────────────────────────────────────────────────────────────────────────────────────────────


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "@context":
                yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def test_jsonld_is_readable(chosen: tuple[str, Selection]) -> None:
    _, selection = chosen
    document = json.loads(export(selection, "jsonld"))
    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    assert document["@context"] == context
    keys = {key for node in _objects(document) for key in node} - {"@context"}
    assert {k for k in keys if "://" in k} == set()
    assert {k for k in keys if k.startswith("_")} == set()
    idents = {node[k] for node in _objects(document) for k in ("@id", "id") if k in node}
    declared = {
        prefix
        for prefix, iri in PREFIXES.items()
        if context.get(prefix) in (iri, {"@id": iri, "@prefix": True})
    }
    long = {i for i in idents if i.startswith(BASE) and (curie(i) or ":").partition(":")[0] in declared}
    assert long == set(), "what has a short name is written short"
    plain = {k for k in keys if ":" not in k}
    assert len(plain) > 0.6 * len(keys), "most keys are plain words"


def test_jsonld_gives_numbers_and_truth_as_such(part: Assembly, home: Home) -> None:
    document = json.loads(export(select(part.store, home, "claims"), "jsonld"))
    values = {type(v) for node in _objects(document) for v in node.values()}
    assert {int, str} <= values


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "no JSON-LD context"),
        ('{"a": 1}', "no JSON-LD context"),
    ],
)
def test_a_broken_context_is_named(tmp_path: Path, content: str | None, what: str) -> None:
    (tmp_path / "ontology").mkdir()
    if content is not None:
        (tmp_path / "ontology" / "context.jsonld").write_text(content, encoding="utf-8")
    with pytest.raises(BadSource, match=rf"context\.jsonld.*{what}"):
        export(Selection((), Home(tmp_path)), "jsonld")


# ── odd content ───────────────────────────────────────────────────────────────────────────────────────────

texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
)
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda t, tag: Literal(t, language=tag), texts, st.sampled_from(["en", "fr", "en-gb"])),
    st.sampled_from(["a\nb", "a\tb", " a ", "<b>&amp;]]>", '"\\']).map(Literal),
    st.integers(-(10**6), 10**6).map(Literal),
    st.booleans().map(Literal),
    st.sampled_from(["0.5", "12.25", "-1.0"]).map(lambda v: Literal(v, datatype=expand("xsd:decimal"))),
    st.sampled_from(["2026-11-21"]).map(lambda v: Literal(v, datatype=expand("xsd:date"))),
)
subjects = st.sampled_from(
    [expand("condition:milia"), expand("claim/cadogan/001"), NamedNode("https://example.org/ü?a=1#b")]
)
predicates = st.sampled_from(
    [milia("affects"), expand("skos:prefLabel"), expand("rdf:type"), milia("unheardOf")]
)
graphs = st.sampled_from([derived_graph("facts"), derived_graph("disputed"), derived_graph("data/claims/x")])
quads_ = st.lists(st.builds(Quad, subjects, predicates, subjects | literals, graphs), max_size=8)


@pytest.mark.parametrize("form", FORMATS)
@given(quads=quads_, whole=st.booleans())
def test_odd_content_parses_back(form: str, quads: list[Quad], whole: bool) -> None:
    scope = "all" if whole else "facts"
    selection = Selection(tuple(in_order(set(quads))), Home(ROOT), whole=whole)
    assert set(_by_pyoxigraph(export(selection, form), form)) == _expected(selection, form, scope)


# ── golden files ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMATS)
def test_the_bytes_are_those_on_file(form: str, update_golden: bool) -> None:
    facts, claims = derived_graph("facts"), derived_graph("data/claims/example")
    thing, claim, node = expand("condition:milia"), expand("claim/example/001"), expand("fact/0001")
    disputed = Triple(thing, milia("affects"), expand("site:elsewhere"))
    quads = [
        Quad(thing, expand("rdf:type"), milia("MiliaForm"), facts),
        Quad(thing, expand("skos:prefLabel"), Literal("milia", language="en"), facts),
        Quad(thing, expand("skos:altLabel"), Literal("milk spots – “grains”", language="en"), facts),
        Quad(thing, milia("affects"), expand("site:eyelid"), facts),
        Quad(thing, milia("affects"), expand("site:cheek"), facts),
        Quad(disputed.subject, disputed.predicate, disputed.object, DISPUTED),
        Quad(node, expand("rdf:type"), milia("Fact"), DISPUTED),
        Quad(node, milia("status"), milia("Disputed"), DISPUTED),
        Quad(claim, expand("rdf:type"), milia("Claim"), claims),
        Quad(claim, milia("observed"), Literal(4), claims),
        Quad(claim, milia("universal"), Literal(True), claims),
        Quad(claim, milia("lower"), Literal("0.5", datatype=expand("xsd:decimal")), claims),
        Quad(claim, expand("dcterms:created"), Literal("2026-11-21", datatype=expand("xsd:date")), claims),
    ]
    content = export(Selection(tuple(in_order(quads)), Home(ROOT), whole=True), form)
    if form == "jsonld":  # the context has a test of its own
        content = (
            json.dumps({**json.loads(content), "@context": "…"}, ensure_ascii=False, indent=1).encode()
            + b"\n"
        )
    path = GOLDEN / f"example{FORMATS[form].suffix}"
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert content.decode() == path.read_text(encoding="utf-8")


# ── misuse ────────────────────────────────────────────────────────────────────────────────────────────────


def test_unknown_names_are_met_with_the_nearest(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownName, match="no scope is called 'fact'; did you mean facts"):
        select(kg.store, kg.home, "fact")
    with pytest.raises(UnknownName, match="no format is called 'turtel'; did you mean turtle"):
        export(Selection((), kg.home), "turtel")


@pytest.mark.parametrize("form", EXPORTERS)
def test_nothing_is_a_valid_document(form: str) -> None:
    content = export(Selection((), Home(ROOT)), form)
    assert _by_pyoxigraph(content, form) == []
