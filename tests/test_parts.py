"""A project in parts: apart they give what the whole gives, and what has changed is done anew."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

from milia import build as builds
from milia import large
from milia.build import build
from milia.cli import main
from milia.diff import compare
from milia.errors import BuildProblem
from milia.importing.records import Record, document, text, write_claims
from milia.kg import open_build, open_graph
from milia.load import SourceFile, Sources, load, read_turtle
from milia.names import expand
from milia.parts import Part, core_and_parts, joined_properties, local_properties
from milia.paths import cache_folder
from milia.product import GRAPH, graph_files, graph_key
from milia.store import versioned
from milia.store.oxigraph import OxigraphStore

if TYPE_CHECKING:
    from milia.build import Built
    from milia.paths import Home

SEEDS = range(int(os.environ.get("MILIA_PARTS", "1")))
SOURCE = "hpo-annotations"
SEEN = (
    "finding:alopecia",
    "condition:milia",
    "condition:primary-milia",
    *(f"finding:made-{n}" for n in range(4)),
)


def _concept(thing: str, kind: str, name: str) -> str:
    lines = [f"{thing} a milia:{kind}", f"skos:prefLabel {text(name)}@en"]
    lines += [f"skos:definition {text(f'What is made up as {name}.')}@en", "skos:inScheme <scheme/milia> ."]
    return " ;\n    ".join(lines)


def _claim(chance: random.Random, subject: str, n: int) -> Record:
    inherited = chance.random() < 0.2
    thing = "inheritance:autosomal-dominant" if inherited else chance.choice(SEEN)
    counts = chance.choice([None, None, (0, 7), (2, 5)])
    return Record(
        source=f"source:{SOURCE}",
        key=f"{subject}|{n}",
        sha256=f"{n:064x}",
        subject=subject,
        predicate="milia:hasInheritance" if inherited else "milia:presentsWith",
        object=thing,
        comment=f"{subject} is listed with {thing}, {n}.",
        evidence_type="eco:0000304",
        affirms=counts is not None or chance.random() < 0.8,
        hedged=chance.random() < 0.3,
        frequency=None if counts else chance.choice([None, "hp:0040281", "hp:0040283"]),
        counts=counts,
        sex=chance.choice([None, None, "population:female"]),
        drawn_from=(chance.choice(["source:omim", "source:orphanet"]),),
    )


def _world(home: Home, seed: int) -> None:
    """Lay parts beside the data: three apart, one on a thing of the core, one with a kind of milia."""
    chance = random.Random(seed)
    concepts, claims = home.data / "concepts" / SOURCE, home.data / "claims" / SOURCE
    concepts.mkdir()
    claims.mkdir()
    made = [_concept(f"finding:made-{n}", "Sign", f"Made-up sign {n}") for n in range(4)]
    (concepts / "terms.ttl").write_text(document(made))
    for part in "abc":
        things = [f"condition:made-{part}{n}" for n in range(4)]
        described = [_concept(t, "Disorder", f"Made-up disorder {t[-2:]}") for t in things]
        (concepts / f"{part}.ttl").write_text(document(described))
        records = [_claim(chance, chance.choice(things), n * 10 + ord(part)) for n in range(25)]
        (claims / f"{part}.ttl").write_text(write_claims(records))
    own = [_claim(chance, "condition:bazex-dupre-christol-syndrome", 900 + n) for n in range(12)]
    (claims / "own.ttl").write_text(write_claims(own))
    kind = _concept("condition:made-form", "MiliaForm", "Made-up milia")
    (concepts / "form.ttl").write_text(document([kind]))
    below = Record(
        **{f: getattr(_claim(chance, "condition:made-form", 9), f) for f in Record.__dataclass_fields__}
        | {"predicate": "milia:subtypeOf", "object": "condition:milia", "counts": None, "frequency": None}
    )
    (claims / "form.ttl").write_text(write_claims([below]))


def _lines(folder: Path) -> set[bytes]:
    return {line for path in graph_files(folder / GRAPH) for line in path.read_bytes().splitlines()}


def _as_a_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> Built:
    """Build a project as if nothing could be worked on apart."""
    with monkeypatch.context() as patch:
        patch.setattr(builds, "core_and_parts", lambda paths: (paths, {}))
        (home.works / ".builds" / "inputs.json").unlink(missing_ok=True)
        return build(home)


def _store(built: Built) -> OxigraphStore:
    folder = cache_folder(graph_key(built.manifest))
    assert folder
    return OxigraphStore(versioned(folder) / "store", read_only=True)


def _content(built: Built) -> tuple[set[str], set[str]]:
    """Return what a build's store holds in named graphs, and in the union."""
    store = _store(built)
    union = store.query("SELECT ?s ?p ?o { ?s ?p ?o }").rows
    return set(map(str, store.quads())), set(map(str, union))


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_give_what_the_whole_gives(project: Home, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    _world(project, seed)
    apart = build(project)
    assert apart.folder
    given = {
        json.loads(p.read_text())["joined"] for p in (project.works / ".builds/parts").glob("*/about.json")
    }
    assert None in given
    assert any(reason and "subtypeOf" in reason for reason in given), "what a rule joins goes into the core"
    assert any(reason and "bazex" in reason for reason in given), "so does what is about a thing of the core"
    lines, content, counts = _lines(apart.folder), _content(apart), apart.manifest["counts"]
    steps = apart.manifest["proof steps"]
    links = list(open_graph(project.root).links())
    proofs = [open_graph(project.root).explain(t).to_json() for t in links if "made-" in str(t)]
    whole = _as_a_whole(project, monkeypatch)
    assert whole.folder
    assert lines == _lines(whole.folder)
    assert compare(apart.folder, whole.folder).changes == []
    assert open_build(project, apart.folder).ask("ASK { condition:made-a0 a milia:Disorder }").truth
    assert content == _content(whole)
    assert counts == whole.manifest["counts"]
    assert steps == whole.manifest["proof steps"]
    assert [str(f) for f in apart.findings] == [str(f) for f in whole.findings]
    assert proofs
    assert proofs == [open_graph(project.root).explain(t).to_json() for t in links if "made-" in str(t)]


# each fault: the file, what stands there, what stands there instead
FAULTS = {
    "no stance": ("claims/hpo-annotations/a.ttl", "    milia:stance milia:Affirms ;\n", ""),
    "a thing nobody describes": ("claims/hpo-annotations/b.ttl", "finding:alopecia", "finding:nowhere"),
    "a name that another part has": (
        "concepts/hpo-annotations/c.ttl",
        "Made-up disorder c1",
        "Made-up disorder a1",
    ),
    "a name of the core": ("concepts/hpo-annotations/terms.ttl", "Made-up sign 1", "Hair loss"),
    "a literal that is wrong": ("claims/hpo-annotations/c.ttl", "milia:of 5", 'milia:of "five"^^xsd:integer'),
}


def test_faults_are_found_apart_as_in_the_whole(project: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _world(project, 0)
    for file, right, wrong in FAULTS.values():
        path = project.data / file
        content = path.read_text()
        assert right in content
        changed = content.replace(right, wrong, 1).replace(
            "\n\n", "\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n", 1
        )
        path.write_text(changed if "xsd:" in wrong else content.replace(right, wrong, 1))
    apart = build(project)
    assert apart.folder is None
    assert not project.build.exists()
    whole = _as_a_whole(project, monkeypatch)
    assert {str(f) for f in apart.findings} == {str(f) for f in whole.findings}
    assert all(f.place for f in apart.findings)
    assert {f.rule for f in apart.findings} >= {
        "shape:MinCount",
        "dangling-thing",
        "same-name-for-two-things",
    }


def test_a_change_is_worked_on_alone(project: Home) -> None:
    _world(project, 0)
    first = build(project)
    kept = {p.name: p.stat().st_mtime_ns for p in (project.works / ".builds/parts").iterdir()}
    (damaged,) = project.build.glob("parts/*--c.nq")
    damaged.write_bytes(damaged.read_bytes().replace(b"made-c0", b"made-c9", 1))
    path = project.data / "claims" / SOURCE / "b.ttl"
    path.write_text(path.read_text().replace("milia:Stated", "milia:Hedged").replace("Affirms", "Denies", 3))
    changed = build(project)
    assert changed.changed
    after = {p.name: p.stat().st_mtime_ns for p in (project.works / ".builds/parts").iterdir()}
    assert len(kept.items() - after.items()) == 2, "two parts were made anew: what changed, what was damaged"
    content = _content(changed)
    shutil.rmtree(project.works / ".builds")
    project.build.unlink()
    shutil.rmtree(cache_folder("x").parent)  # type: ignore[union-attr]
    anew = build(project)
    assert anew.manifest == changed.manifest
    assert content == _content(anew)
    assert first.manifest != anew.manifest


def test_a_worker_that_is_ended_is_told(project: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _world(project, 0)
    monkeypatch.setattr(large, "_WORK", "abc")  # a module that ends without a word
    with pytest.raises(BuildProblem, match=rf"who worked on {SOURCE}/\w+ was ended"):
        build(project)
    assert not project.build.exists()


def test_what_parts_may_claim_follows_from_the_rules(home: Home) -> None:
    ontology = list(load(home).below("ontology/"))
    local = local_properties(home, ontology)
    assert {expand(f"milia:{name}") for name in ("presentsWith", "hasInheritance")} <= local
    apart = {expand(f"milia:{name}") for name in ("subtypeOf", "partOf", "affects", "resembles", "treatedBy")}
    assert not apart & local
    assert joined_properties(home) >= {expand("milia:subtypeOf"), expand("milia:partOf")}
    assert all(isinstance(p, NamedNode) for p in local)


def test_the_names_of_files_make_the_parts() -> None:
    names = ["ontology/milia.ttl", "data/claims/a.ttl", "data/claims/x/1.ttl", "data/mappings/x/1.sssom.tsv"]
    core, parts = core_and_parts({name: Path(name) for name in names})
    assert list(core) == names[:2]
    assert {name: list(files) for name, files in parts.items()} == {"x/1": names[2:]}


def test_a_part_that_cannot_be_read_is_told_with_its_line(
    project: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    _world(project, 0)
    path = project.data / "claims" / SOURCE / "a.ttl"
    path.write_text(path.read_text() + "<no turtle")
    assert main(["--home", str(project.root), "build"]) != 0
    said = capsys.readouterr().err
    assert re.search(rf"{SOURCE}/a\.ttl:\d+: is not valid Turtle", said)
    assert "Traceback" not in said
    assert not project.build.exists()


@pytest.mark.parametrize(
    ("predicate", "joined"),
    [("milia:subtypeOf", True), ("milia:presentsWith", False)],
    ids=["joined", "apart"],
)
def test_what_the_core_leads_to_by_what_rules_join_is_not_apart(
    home: Home, tmp_path: Path, predicate: str, joined: bool
) -> None:
    """Were it apart, a rule could not go on from the core's claim to what the part says of its object."""
    texts = {
        "data/claims/core.ttl": f"<claim/core/001> a milia:Claim ; rdf:subject condition:milia ; "
        f"rdf:predicate {predicate} ; rdf:object finding:made .",
        "data/concepts/x/a.ttl": "finding:made a milia:Sign .",
    }
    parts = {}
    for name, said in texts.items():
        path = tmp_path / Path(name).name
        path.write_text(document([said]))
        parts[name] = Part(name, Sources([SourceFile(path, name, name, tuple(read_turtle(path)))]))
    core, part = parts.values()
    local = local_properties(home, load(home).below("ontology/"))
    assert bool(part.joined_by(local, core.things | core.subjects | core.led_to(local))) is joined
