"""The knowledge graph as a Python object: ask, look up, explain.

>>> import milia
>>> kg = milia.open()
>>> kg.label("care:extraction")
'Extraction of milia'
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from milia.catalog import Catalog
from milia.errors import BadSource, MissingPart, UnknownName
from milia.evidence import Snapshots, find_snapshots
from milia.explain import Explainer, Proof, Witness
from milia.labels import LABEL_OF
from milia.manifest import MEND, hold, read_manifest
from milia.model import Claim, Evidence, Excerpt, Fact, Span
from milia.names import BASE, PREFIXES, Term, expand, plain, short
from milia.paths import Home, cache_folder, find_home
from milia.product import GRAPH, graph_files, graph_key, read_graph
from milia.refusal import refuse_elsewhere
from milia.store import Answer, Store, empty_store, stored

if TYPE_CHECKING:
    from milia.steps import Steps

__all__ = ["KnowledgeGraph", "open_build", "open_graph", "read_claims"]

_FEW: Final = 20  # claims that are read one by one sooner than all together
_LONG: Final = 4_000_000  # bytes, of which a checksum takes longer than a question should
_LARGE: Final = 2_000_000  # statements, among which are more claims than should be read together


class KnowledgeGraph:
    """One built graph: the published statements, their claims and their proofs."""

    def __init__(
        self,
        home: Home,
        store: Store,
        *,
        manifest: Mapping[str, Any] | None = None,
        snapshots: str | os.PathLike[str] | None = None,
    ) -> None:
        """Wrap a store; `open_graph` is the usual way to get one."""
        self.home, self.store, self.manifest = home, store, dict(manifest or {})
        self.catalog = Catalog(home)
        self._snapshots = snapshots
        self._rows: dict[str, Sequence[Mapping[str, str]]] = {}
        self._read_claims: dict[str, Claim] = {}
        self._asking: dict[str, Lock] = defaultdict(Lock)

    @property
    def key(self) -> str:
        """Return the SHA-256 by which the built graph is known; empty for one that no build made."""
        return graph_key(self.manifest) if self.manifest else ""

    def ask(self, query: str, **parameters: str) -> Answer:
        """Answer a query of the catalogue by its name, or any SPARQL text.

        >>> import milia
        >>> answer = milia.open().ask("SELECT ?site { condition:milia milia:affects ?site }")
        >>> answer.variables
        ('site',)

        Raises:
            UnknownName: there is no such query or parameter.
            BadQuery: the SPARQL text does not parse, or would ask another place (SERVICE).
        """
        if not any(mark in query for mark in " {\n"):
            return self.store.query(self.question(query, parameters))
        refuse_elsewhere(query)
        return self.store.query(query)

    def question(self, name: str, parameters: Mapping[str, str]) -> str:
        """Return the SPARQL text of a query of the catalogue with these parameters.

        Raises:
            UnknownName: there is no such query, parameter, or thing to ask about.
            Misuse: a value does not fit its parameter.
        """
        query = self.catalog.find(name)
        text = query.fill(parameters)
        for parameter in query.parameters:
            if parameter.is_thing and parameter.name in parameters:
                self._known(parameter.iri(parameters[parameter.name]), parameters[parameter.name])
        return text

    def _known(self, iri: NamedNode, name: str) -> NamedNode:
        """Return the IRI if the graph has it (or it is none of ours), else offer the nearest of its kind."""
        if iri.value in self.labels or not iri.value.startswith(BASE) or self._is_described(iri):
            return iri
        kind = iri.value.rpartition("/")[0] + "/"
        things = [short(k) for k in self.labels if k.startswith(kind)] or [short(k) for k in self.labels]
        raise UnknownName("thing", short(iri) if name != iri.value else name, things)

    def iri(self, name: str) -> NamedNode:
        """Return the IRI of a thing of the graph, by CURIE, path, IRI or label.

        Raises:
            UnknownName: nothing has this name; the message offers the nearest.
        """
        known = self.labels
        by_label = {label.lower(): iri for iri, label in sorted(known.items(), reverse=True)}
        if name.lower() in by_label:
            return NamedNode(by_label[name.lower()])
        if ":" in name or "/" in name:
            return self._known(expand(name), name)
        by_slug = {iri.rpartition("/")[2]: iri for iri in sorted(known, reverse=True)}
        if name in by_slug:
            return NamedNode(by_slug[name])
        raise UnknownName("thing", name, [*by_label, *by_slug])

    def _is_described(self, iri: NamedNode) -> bool:
        return bool(
            self.store.query(f"ASK {{ {{ {iri} ?p ?o }} UNION {{ GRAPH ?g {{ {iri} ?p ?o }} }} }}").truth
        )

    def rows(self, name: str) -> Sequence[Mapping[str, str]]:
        """Return the rows of a query for exports; it is asked once, as a built graph does not change.

        Several threads may ask at once; whoever wants the same rows waits for them.

        Raises:
            UnknownName: there is no such query.
        """
        with self._asking[name]:
            if name not in self._rows:
                self._rows[name] = tuple(self.store.query(self.catalog.export(name)).records())
        return self._rows[name]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return the English label of every thing and term, by IRI."""
        rows = self.store.query(self.catalog.core("labels")).records()
        return {row["thing"]: row["label"] for row in rows}

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Return the IRIs of the forms of milia, sorted."""
        rows = self.store.query("SELECT ?form { ?form a milia:MiliaForm } ORDER BY ?form").records()
        return tuple(row["form"] for row in rows)

    def label(self, name: str | Term) -> str:
        """Return the English label of a thing, or its short name where it has none."""
        iri = name if isinstance(name, NamedNode) else expand(name) if isinstance(name, str) else None
        if iri is None:
            return short(name)
        return self.labels.get(iri.value) or short(iri)

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Return every claim, by IRI."""
        return read_claims(self.store, self.catalog)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Return the cited pages, with their text where it is at hand."""
        return find_snapshots(self.store, self.catalog, self._snapshots)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.store, lambda: self.steps, self._claims_of, lambda: self.snapshots)

    def _proofs(self, name: str) -> Path:
        """Return a file of proofs; of a long one only the size is held against the manifest."""
        path, about = self.home.build / name, self.manifest.get("files", {}).get(name, {})
        if about.get("bytes", 0) < _LONG:
            return hold(path, about.get("sha256"))
        if hold(path, None).stat().st_size != about["bytes"]:
            raise BadSource(path, None, "is damaged: its size is not the one in the manifest", MEND)
        return path

    @property
    def _is_large(self) -> bool:
        return bool(sum(self.manifest.get("counts", {}).values()) > _LARGE)

    def _claims_of(self, claims: Collection[str]) -> Mapping[str, Claim]:
        """Return claims by IRI: a few are read one by one; for more all are, unless those are too many."""
        few = len(self._read_claims) + len(claims) <= _FEW
        if "claims" in self.__dict__ or not (few or self._is_large):
            return self.claims
        for iri in claims:
            if iri not in self._read_claims:
                self._read_claims |= read_claims(_alone(self.store, iri), self.catalog)
        return self._read_claims

    @cached_property
    def steps(self) -> Steps:
        """Return the proof steps that the build stored; where it stored none, the rules run now.

        Raises:
            BadSource: the stored steps are missing or damaged.
        """
        from milia.load import load  # late, as asking needs none of these
        from milia.reason import run_rules
        from milia.steps import PROOFS, DerivedSteps, StoredSteps

        proofs = [name for name in self.manifest.get("files", {}) if name.endswith(PROOFS)]
        if proofs or (self.home.build / PROOFS).exists():
            return StoredSteps([self._proofs(name) for name in proofs or [PROOFS]])
        engine = run_rules(self.home, load(self.home), instances=True)
        return DerivedSteps(engine)

    def triple(self, subject: str, predicate: str, obj: str) -> Triple:
        """Return a triple by the names of its parts.

        The object of a datatype property is plain text; a label is written with its language: `Milien@de`.

        Raises:
            UnknownName: a part is not in the graph.
        """
        relation = self.iri(predicate)
        if relation in LABEL_OF.values():
            return Triple(self.iri(subject), relation, _label(obj))
        plain_text = self.store.query(f"ASK {{ {relation} a owl:DatatypeProperty }}").truth
        return Triple(self.iri(subject), relation, Literal(obj) if plain_text else self.iri(obj))

    def stated(self, subject: str, predicate: str) -> list[Triple]:
        """Return every triple of a subject and predicate that holds or that somebody claims.

        >>> import milia
        >>> [short(t.object) for t in milia.open().stated("care:adapalene", "subtypeOf")]
        ['care:topical-retinoid']

        Raises:
            UnknownName: a part is not in the graph.
        """
        s, p = self.iri(subject), self.iri(predicate)
        rows = self.store.query(
            f"SELECT DISTINCT ?o {{ {{ {s} {p} ?o }} UNION {{ GRAPH graph:suggestions {{ {s} {p} ?o }} }} "
            f"UNION {{ GRAPH ?g {{ ?f a milia:Fact ; rdf:subject {s} ; rdf:predicate {p} ; "
            "rdf:object ?o } } } ORDER BY ?o"
        ).rows
        return [Triple(s, p, o) for (o,) in rows if o is not None]

    def explain(self, subject: str | Triple, predicate: str = "", obj: str = "") -> Proof:
        """Return why a link holds, or what is said for and against it.

        >>> import milia
        >>> proof = milia.open().explain("condition:milia", "milia:treatedBy", "care:extraction")
        >>> proof.kind, proof.status
        ('fact', 'Established')

        Raises:
            UnknownName: a part is not in the graph.
        """
        triple = subject if isinstance(subject, Triple) else self.triple(subject, predicate, obj)
        return self._explainer.explain(triple)

    def witnesses(self, claims: Iterable[str]) -> list[Witness]:
        """Return each piece of evidence of these claims, named by IRI.

        >>> import milia
        >>> [w.note() for w in milia.open().witnesses(["https://w3id.org/milia/claim/milia-curators/006"])]
        ["curator's judgement"]

        Raises:
            KeyError: there is no such claim.
        """
        return list(self._explainer.witnesses(claims))

    def fact(self, triple: Triple) -> Fact | None:
        """Return the fact node of a triple, or None where nobody claims it."""
        return self._explainer.fact(triple)

    def links(self) -> Iterator[Triple]:
        """Yield every published link between things: facts, inferences, inherited links."""
        rows = self.store.query(self.catalog.core("links")).rows
        for s, p, o in rows:
            yield Triple(s, p, o)  # type: ignore[arg-type]


def _label(text: str) -> Literal:
    """Return the label that `Milien@de` stands for; without a language it is an English one."""
    form, at, language = text.rpartition("@")
    return Literal(form.strip('"'), language=language) if at else Literal(text.strip('"'), language="en")


def read_claims(store: Store, catalog: Catalog) -> dict[str, Claim]:
    """Return every claim of a store, by IRI."""
    rows: dict[str, list[dict[str, Term]]] = {}
    for row in store.query(catalog.core("claims")).dicts():
        rows.setdefault(plain(row["claim"]), []).append(row)
    return {iri: _claim(iri, group) for iri, group in rows.items()}


def _alone(store: Store, claim: str) -> Store:
    """Return a store of what one claim says: asked for by itself, a claim is found among any number."""
    found, waiting = dict[Quad, None](), [NamedNode(claim)]
    for node in waiting:
        for p, o in store.query(f"SELECT ?p ?o {{ GRAPH ?g {{ {node} ?p ?o }} }}").rows:
            found[Quad(node, p, o, NamedNode(claim))] = None  # type: ignore[arg-type]
            if isinstance(o, NamedNode) and o.value.startswith(PREFIXES["node"]):
                waiting.append(o)
    alone = empty_store()
    alone.add(found)
    return alone


def _claim(iri: str, rows: list[dict[str, Term]]) -> Claim:
    first = rows[0]

    def text(row: Mapping[str, Term], name: str) -> str | None:
        return short(row[name]) if name in row else None

    def number(name: str) -> int | None:
        value = text(first, name)
        return int(value) if value is not None else None

    evidence: dict[str, Evidence] = {}
    for row in rows:
        span = excerpt = None
        if "start" in row:
            span = Span(int(short(row["start"])), int(short(row["end"])), short(row["sha256"]))
        elif "length" in row:
            excerpt = Excerpt(int(short(row["length"])), short(row["sha256"]))
        evidence[str(row["evidence"])] = Evidence(
            plain(row["source"]),
            short(row["verification"]),
            text(row, "type"),
            span,
            text(row, "reason"),
            text(row, "created"),
            excerpt,
            text(row, "key"),
            text(row, "design"),
            plain(row["drawnFrom"]) if "drawnFrom" in row else None,
        )
    scope = dict.fromkeys((short(r["aspect"]), r["value"]) for r in rows if "aspect" in r)
    return Claim(
        iri,
        first["subject"],
        first["predicate"],
        first["object"],
        stance=short(first["stance"]),
        certainty=short(first["certainty"]),
        review=short(first["review"]),
        comment=short(first["comment"]),
        frequency=text(first, "frequency"),
        observed=number("observed"),
        of=number("of"),
        universal=text(first, "universal") == "true",
        scope=tuple(scope),
        onset=first.get("onset"),
        evidence=tuple(evidence.values()),
    )


def open_build(home: Home, place: Path) -> KnowledgeGraph:
    """Open a build that is not the project's present one, asked with the project's present questions.

    Args:
        home: the project.
        place: a build's folder or its `graph.nq`.

    Raises:
        MissingPart: there is no build.
        BadSource: the file is not N-Quads.
    """
    path = place / GRAPH if place.is_dir() else place
    store = empty_store()
    try:
        for file in graph_files(path):
            store.load(file.read_bytes())
    except OSError as error:
        msg = f"there is no build at {place}: {error.strerror}; name a build's folder or its graph.nq"
        raise MissingPart(msg) from error
    return KnowledgeGraph(home, store)


def open_graph(
    home: str | os.PathLike[str] | None = None,
    *,
    overlay: str | os.PathLike[str] | None = None,
    engine: str = "oxigraph",
    snapshots: str | os.PathLike[str] | None = None,
    store: Store | None = None,
) -> KnowledgeGraph:
    """Open what was built of a project, as it is; `milia.open` builds one with an overlay first.

    The embedded engine reads a store that is made from `graph.nq` once, in the user's cache. A `store` that
    is given, such as a server's, is asked instead.

    Raises:
        MissingPart: the project has not been built.
        BadSource: the build is damaged.
        UnknownName: there is no such engine.
    """
    place = find_home(home, overlay)
    manifest = read_manifest(place.build)
    key = graph_key(manifest)
    graph = place.build / GRAPH
    if store is None and engine == "oxigraph":
        store = stored(graph, cache_folder(key), key)
    elif store is None:
        store = empty_store(engine)
        store.add(read_graph(graph, key))
    return KnowledgeGraph(place, store, manifest=manifest, snapshots=snapshots)
