"""Find what is wrong with the project: SHACL shapes, query checks, inconsistencies, spans.

The shapes see the asserted statements only, so that nothing inferred hides a fault; the query checks see the
graph as it will be published. Every finding names the rule, the thing, the file and line, and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad

from milia.catalog import Catalog, Query
from milia.errors import BadSource
from milia.evidence import Snapshots, verify
from milia.load import Sources
from milia.model import Finding
from milia.names import BASE, plain, short
from milia.paths import Home
from milia.reason import Derivation
from milia.shapes import read_shapes, validate
from milia.store import Store, empty_store

__all__ = ["check", "check_forms", "check_inconsistencies", "check_queries", "check_shapes", "check_spans"]


def check(
    home: Home, sources: Sources, derivation: Derivation, store: Store, snapshots: Snapshots
) -> list[Finding]:
    """Run everything there is and return the findings, sorted."""
    catalog = Catalog(home)
    return sorted(
        [
            *check_forms(sources),
            *check_shapes(home, sources),
            *check_inconsistencies(derivation, sources),
            *check_queries(catalog, store, sources),
            *check_spans(store, catalog, snapshots, sources),
        ],
        key=lambda f: (f.place or "", f.rule, f.focus, f.message),
    )


def check_forms(sources: Sources) -> list[Finding]:
    """Find literals that are not in canonical form: engines would store another text than was written."""
    quads = [q for q in sources.quads() if isinstance(q.object, Literal)]
    store = empty_store()
    store.add(quads)
    kept = set(store.quads())
    return [_form_finding(q, sources) for q in quads if q not in kept]


def _form_finding(quad: Quad, sources: Sources) -> Finding:
    value = quad.object
    message = f"the literal {value} is not in canonical form; write it as the datatype's canonical text"
    focus = sources.owner(quad.subject.value)  # type: ignore[union-attr]
    place = sources.place(quad.subject.value, value.value)  # type: ignore[union-attr]
    return Finding("canonical-literals", focus, message, "Violation", _text(place), value.value)  # type: ignore[union-attr]


def check_shapes(home: Home, sources: Sources, engine: str = "shifty") -> list[Finding]:
    """Validate the asserted statements against the SHACL shapes."""
    triples = dict.fromkeys(t for f in sources.files for t in f.triples)
    return [
        Finding(
            f"shape:{r.component.removesuffix('ConstraintComponent')}",
            sources.owner(r.focus),
            r.message,
            r.severity,
            _text(sources.place(r.focus, r.value or "", r.path or "")),
            r.value,
        )
        for r in validate(triples, read_shapes(home), engine)
    ]


def check_inconsistencies(derivation: Derivation, sources: Sources) -> list[Finding]:
    """Report each contradiction that the OWL rules found."""
    findings = []
    for rule, *culprits in derivation.inconsistencies:
        named = [c for c in culprits if isinstance(c, NamedNode)]
        ours = next((c for c in named if c.value.startswith(BASE)), named[0] if named else None)
        about = ", ".join(dict.fromkeys(short(c) for c in culprits))
        message = (
            f"contradicts the ontology ({rule.value}): {about}; correct the class or the link that is wrong"
        )
        focus = ours.value if ours else ""
        findings.append(
            Finding(
                f"owl:{rule.value}", sources.owner(focus), message, "Violation", _text(sources.place(focus))
            )
        )
    return findings


def check_queries(catalog: Catalog, store: Store, sources: Sources) -> list[Finding]:
    """Run the queries in `queries/checks`; each row one returns is a finding."""
    return [f for query in catalog.all("checks") for f in _run_check(query, store, sources)]


def _run_check(query: Query, store: Store, sources: Sources) -> Iterable[Finding]:
    message = query.header.get("message")
    if not message:
        raise BadSource(
            query.path, 1, "a check needs a line '# message: …' that says what is wrong and how to mend it"
        )
    for row in store.query(query.text).dicts():
        focus = plain(row["focus"])
        filled = re.sub(r"\{(\w+)\}", lambda m, r=row: short(r[m[1]]) if m[1] in r else "?", message)  # type: ignore[misc]
        near = [t.value for name, t in row.items() if name != "focus" and isinstance(t, NamedNode | Literal)]
        place = sources.place(focus, *near)
        severity = query.header.get("severity", "Violation")
        value = short(row["value"]) if "value" in row else None
        yield Finding(query.name, sources.owner(focus), filled, severity, _text(place), value)


def check_spans(store: Store, catalog: Catalog, snapshots: Snapshots, sources: Sources) -> list[Finding]:
    """Report spans that do not hold against the snapshots at hand."""
    findings = []
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
        place = sources.place(report.thing, str(span.start))
        findings.append(
            Finding("span", sources.owner(report.thing), what, "Violation", _text(place), str(span.start))
        )
    return findings


def _text(place: object) -> str | None:
    return None if place is None else str(place)
