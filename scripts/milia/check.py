"""Find what is wrong with the project: SHACL shapes, query checks, inconsistencies, spans.

The shapes see the asserted statements only, so that nothing inferred hides a fault; the query checks see the
graph as it will be published. Every finding names the rule, the thing, the file and line, and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from milia.catalog import Catalog, Query
from milia.derive import Derivation
from milia.errors import BadSource
from milia.evidence import Snapshots, verify
from milia.load import SourceFile, Sources
from milia.model import Finding
from milia.names import BASE, expand, plain, short
from milia.paths import Home
from milia.places import Places
from milia.shapes import Result, read_shapes, validate
from milia.store import Store, empty_store

__all__ = [
    "check",
    "check_forms",
    "check_inconsistencies",
    "check_queries",
    "check_shapes",
    "check_spans",
    "check_whole",
    "in_order",
    "is_apart",
]


def check(
    home: Home,
    sources: Sources,
    derivation: Derivation,
    store: Store,
    snapshots: Snapshots,
    shapes: Callable[[], Sequence[Finding]] | None = None,
    *,
    queries: Callable[[Query], bool] = lambda _: True,
    about: Sources | None = None,
) -> list[Finding]:
    """Run everything there is and return the findings, sorted.

    The shapes need nothing that is derived, so `check_shapes` may have begun before: `shapes` waits for it.

    Args:
        home: the project.
        sources: what is asserted.
        derivation: what follows from it.
        store: both together.
        snapshots: the texts of pages, as far as they are at hand.
        shapes: returns what `check_shapes` found.
        queries: which of the query checks to run.
        about: the files in which to look for faults, where that is not all of `sources`.
    """
    catalog = Catalog(home)
    where = about or sources
    found = [
        *check_forms(where),
        *check_inconsistencies(derivation, where),
        *check_queries(catalog, store, where, queries),
        *check_spans(store, catalog, snapshots, where),
        *(shapes() if shapes else check_shapes(home, sources, where)),
    ]
    return in_order(found if about is None else [f for f in found if f.place is not None])


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as they are shown: by place, rule and thing."""
    return sorted(findings, key=lambda f: (f.place or "", f.rule, f.focus, f.message))


def is_apart(query: Query) -> bool:
    """Say whether a query check can be run on parts of the graph: none with `# reach: whole` can."""
    return query.header.get("reach") != "whole"


_TEXTS = {expand("xsd:string"), expand("rdf:langString")}


@dataclass(frozen=True)
class _Fault:
    """Something wrong with a term, before it is known which named thing and which line that is."""

    focus: str
    near: tuple[str, ...]
    finding: Finding


def _placed(faults: Iterable[_Fault], sources: Sources) -> list[Finding]:
    """Name the thing, file and line of each fault; one in brackets counts for each thing that holds it."""
    faults = list(faults)
    if not faults:
        return []
    places = Places(sources)
    return list(dict.fromkeys(chain.from_iterable(_named(f, places) for f in faults)))


def _named(fault: _Fault, places: Places) -> list[Finding]:
    return [
        replace(fault.finding, focus=owner, place=None if place is None else str(place))
        for owner, place in places.of(fault.focus, *fault.near)
    ]


def check_forms(sources: Sources) -> list[Finding]:
    """Find literals that are wrong, or not in canonical form: engines would store another text, or none."""
    from milia.literals import is_wrong

    quads = [q for f in sources.files for q in _typed(f)]
    store = empty_store()
    store.add(quads)
    kept = set(store.quads())
    wrong = [_value_fault(q) for q in quads if is_wrong(q.object)]
    return _placed([*wrong, *(_form_fault(q) for q in quads if q not in kept)], sources)


def _typed(file: SourceFile) -> Iterator[Quad]:
    """Yield the statements of a file whose value can be written in several ways: no plain text."""
    for t in file.triples:
        if isinstance(t.object, Literal) and t.object.datatype not in _TEXTS:
            yield Quad(t.subject, t.predicate, t.object, file.graph)


def _value_fault(quad: Quad) -> _Fault:
    focus, value = plain(quad.subject), plain(quad.object)
    assert isinstance(quad.object, Literal)
    kind = short(quad.object.datatype)
    message = f"the literal {quad.object} is no {kind}; correct its text or its datatype"
    near = (value, quad.predicate.value)
    return _Fault(focus, near, Finding("wrong-literals", focus, message, value=value))


def _form_fault(quad: Quad) -> _Fault:
    focus, value = plain(quad.subject), plain(quad.object)
    message = f"the literal {quad.object} is not in canonical form; write it as the datatype's canonical text"
    near = (value, quad.predicate.value)
    return _Fault(focus, near, Finding("canonical-literals", focus, message, value=value))


def check_shapes(
    home: Home, sources: Sources, about: Sources | None = None, engine: str = "shifty"
) -> list[Finding]:
    """Validate the asserted statements against the SHACL shapes; tables have checks of their own."""
    triples = dict.fromkeys(t for f in sources.files if not f.rows for t in f.triples)
    results = validate(triples, read_shapes(home), engine)
    return _placed((_shape_fault(r) for r in results), about or sources)


def _shape_fault(result: Result) -> _Fault:
    rule = f"shape:{result.component.removesuffix('ConstraintComponent')}"
    finding = Finding(rule, result.focus, result.message, result.severity, value=result.value)
    return _Fault(result.focus, (result.value or "", result.path or ""), finding)


def check_inconsistencies(derivation: Derivation, sources: Sources) -> list[Finding]:
    """Report each contradiction that the OWL rules found."""
    return _placed(
        (_contradiction(short(rule), culprits) for rule, *culprits in derivation.inconsistencies), sources
    )


def _contradiction(rule: str, culprits: list[Any]) -> _Fault:
    named = [c.value for c in culprits if isinstance(c, NamedNode)]
    focus = next((c for c in named if c.startswith(BASE)), named[0] if named else "")
    about = ", ".join(dict.fromkeys(short(c) for c in culprits))
    message = f"contradicts the ontology ({rule}): {about}; correct the class or the link that is wrong"
    return _Fault(focus, tuple(named), Finding(f"owl:{rule}", focus, message))


def check_queries(
    catalog: Catalog, store: Store, sources: Sources, wanted: Callable[[Query], bool] = lambda _: True
) -> list[Finding]:
    """Run the queries in `queries/checks`; each row one returns is a finding."""
    queries = filter(wanted, catalog.all("checks"))
    with ThreadPoolExecutor() as pool:  # the engine works outside Python's lock
        found = list(pool.map(lambda query: list(_run_check(query, store)), queries))
    return _placed(chain.from_iterable(found), sources)


def check_whole(catalog: Catalog, store: Store, sources: Iterable[Sources]) -> list[Finding]:
    """Run the query checks that need all of a large graph; `sources` are read only if there are faults."""
    queries = [query for query in catalog.all("checks") if not is_apart(query)]
    with ThreadPoolExecutor() as pool:
        faults = list(chain.from_iterable(pool.map(lambda query: list(_run_check(query, store)), queries)))
    found: list[Finding] = []
    for part in sources if faults else ():
        places = Places(part)
        placed = {f: _named(f, places) for f in faults}
        found += [one for ones in placed.values() for one in ones if one.place is not None]
        faults = [f for f, ones in placed.items() if all(one.place is None for one in ones)]
        if not faults:
            break
    return [*dict.fromkeys(found), *(f.finding for f in faults)]


def _run_check(query: Query, store: Store) -> Iterator[_Fault]:
    message = query.header.get("message")
    if not message:
        raise BadSource(
            query.path, 1, "a check needs a line '# message: …' that says what is wrong and how to mend it"
        )
    severity = query.header.get("severity", "Violation")
    for row in store.query(query.text).dicts():
        focus = plain(row["focus"])
        filled = re.sub(r"\{(\w+)\}", lambda m, r=row: short(r[m[1]]) if m[1] in r else "?", message)  # type: ignore[misc]
        near = tuple(plain(t) for name, t in row.items() if name != "focus")
        value = short(row["value"]) if "value" in row else None
        yield _Fault(focus, near, Finding(query.name, focus, filled, severity, value=value))


def check_spans(store: Store, catalog: Catalog, snapshots: Snapshots, sources: Sources) -> list[Finding]:
    """Report spans that do not hold against the snapshots at hand."""
    faults = []
    for report in verify(store, catalog, snapshots):
        if report.state in {"verified", "unavailable"}:
            continue
        span = report.span
        at = f"{span.start}–{span.end}"
        size = len(snapshots.pages[report.source].text or "")
        if report.state == "moved":
            what = f"the words cited at {at} now begin at {report.now_at}; correct oa:start and oa:end"
        elif span.end > size or span.start >= span.end:
            what = f"the span {at} does not fit the page, which has {size} characters"
        else:
            what = f"the words at {at} are not those that were cited; correct the offsets or the hash"
        finding = Finding("span", report.thing, what, value=str(span.start))
        faults.append(_Fault(report.thing, (str(span.start),), finding))
    return _placed(faults, sources)
