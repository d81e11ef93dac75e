"""All of a release as an overlay: what the project knows stands for itself, the rest is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.test_importing import SAMPLE, Bench, make_bench, table_of

from milia.cli import main
from milia.errors import Misuse
from milia.importing import carry_out, plan_hpo, read_everything, write_everything
from milia.load import read_turtle
from milia.mappings import VOCABULARIES, read_mapping_file
from milia.names import expand, short

if TYPE_CHECKING:
    from pathlib import Path

    from milia.importing import Whole

MORE = (
    "OMIM:200001 Made-up disorder||HP:0001250|PMID:201|PCS||2/5",
    "OMIM:200001 Made-up disorder||HP:0000007|OMIM:200001|TAS|||||I",
    "OMIM:200001 Made-up disorder||HP:0001596|OMIM:200001|TAS",
    "ORPHA:77 Made-up disorder||HP:0001250|ORPHA:77|TAS||HP:0040281",
    "OMIM:200002 Hair loss|NOT|HP:0001250|OMIM:200002|TAS",
    "OMIM:200003 Bald||HP:0001250|PMID:102;PMID:105;OMIM:200003|PCS",
    "DECIPHER:1 Deletion of something||HP:0001250|DECIPHER:1|TAS",
)
SPACES = {"hp": "http://purl.obolibrary.org/obo/HP_", "omim": "https://omim.org/entry/"}
SPACES |= {"orphanet.ordo": "http://www.orpha.net/ORDO/Orphanet_"}


@pytest.fixture
def release(tmp_path: Path) -> Bench:
    """Return the bench with more diseases, and with the table that says what vocabularies are."""
    bench = make_bench(tmp_path)
    things = bench.home.data / "concepts" / "things.ttl"
    things.write_text(things.read_text() + '\nfinding:hair-loss skos:altLabel "Bald"@en .\n')
    base, paper = (bench.home.data / "sources" / "papers.ttl").read_text().splitlines()
    second = paper.replace("source/paper", "source/second").replace("/102", "/105")
    (bench.home.data / "sources" / "papers.ttl").write_text(f"{base}\n{paper}\n{second}\n")
    bench.files.annotations.write_text(table_of([*SAMPLE, *MORE]))
    head = "prefix\tshown\ttitle\tiri\tpattern\tlabels\tlicence\thomepage\n"
    rows = (f"{p}\t{p}\t{p}\t{space}\t^.*$\tno\t\thttps://example.org/\n" for p, space in SPACES.items())
    (bench.home.data / "mappings" / VOCABULARIES).write_text(head + "".join(rows))
    return bench


def _claims(whole: Whole, folder: Path) -> set[tuple[str, str, str]]:
    """Return what is claimed in the files of an overlay."""
    write_everything(whole, folder)
    found = set()
    for path in (folder / "claims").rglob("*.ttl"):
        said: dict[object, dict[str, str]] = {}
        for t in read_turtle(path):
            said.setdefault(t.subject, {})[short(t.predicate)] = short(t.object)
        claims = (c for c in said.values() if "rdf:subject" in c)
        found |= {(c["rdf:subject"], c["rdf:predicate"], c["rdf:object"]) for c in claims}
    return found


def test_every_row_of_a_sign_or_of_inheritance_becomes_a_claim(release: Bench, tmp_path: Path) -> None:
    found = _claims(read_everything(release.home, release.files), tmp_path / "all")
    assert {
        ("condition:omim-200001", "milia:presentsWith", "finding:hp-0001250"),
        ("condition:omim-200001", "milia:presentsWith", "finding:hair-loss"),
        ("condition:omim-200001", "milia:hasInheritance", "inheritance:hp-0000007"),
        ("condition:orpha-77", "milia:presentsWith", "finding:hp-0001250"),
        ("condition:blister-disorder", "milia:presentsWith", "finding:hp-0001250"),
        ("condition:blister-disorder", "milia:presentsWith", "condition:milia"),
    } <= found
    assert not any("decipher" in s or o.endswith("0003577") for s, _, o in found)


def test_what_the_project_has_imported_is_not_claimed_again(release: Bench, tmp_path: Path) -> None:
    before = read_everything(release.home, release.files)
    carry_out(plan_hpo(release.home, release.files))
    after = read_everything(release.home, release.files)
    assert before.claims > after.claims
    assert ("condition:blister-disorder", "milia:presentsWith", "condition:milia") not in _claims(
        after, tmp_path / "all"
    )


def test_no_two_things_share_a_name_and_each_has_its_code(release: Bench, tmp_path: Path) -> None:
    whole = read_everything(release.home, release.files)
    write_everything(whole, tmp_path / "all")
    things = [t for p in (tmp_path / "all/concepts").rglob("*.ttl") for t in read_turtle(p)]
    names = [t.object.value.lower() for t in things if t.predicate == expand("skos:prefLabel")]  # type: ignore[union-attr]
    assert len(names) == len(set(names)) == whole.things
    alike = {"made-up disorder (omim:200001)", "hair loss (omim:200002)", "bald (omim:200003)"}
    assert alike | {"seizure"} <= set(names)
    mapped = {
        short(m.subject) for p in (tmp_path / "all/mappings").rglob("*.tsv") for m in read_mapping_file(p)
    }
    assert mapped == {short(t.subject) for t in things}


def test_a_claim_is_drawn_from_one_source(release: Bench, tmp_path: Path) -> None:
    """The shapes ask for it; of two papers of ours and a database it is the first paper."""
    write_everything(read_everything(release.home, release.files), tmp_path / "all")
    text = "".join(p.read_text() for p in (tmp_path / "all/claims").rglob("omim-*.ttl"))
    (claim,) = (c for c in text.split("\n\n") if "rdf:subject condition:omim-200003" in c)
    assert "milia:drawnFrom source:paper ;" in claim
    assert "dcterms:references <https://pubmed.ncbi.nlm.nih.gov/105/> ;" in claim


def test_a_disease_and_what_is_said_of_it_stand_in_files_of_one_name(release: Bench) -> None:
    contents = read_everything(release.home, release.files).contents
    holding = {name.split("/")[-1].split(".")[0] for name, text in contents.items() if "omim-200001" in text}
    assert len(holding) == 1
    release.files.annotations.write_text(
        table_of(["OMIM:200000 First||HP:0001250|PMID:1|TAS", *SAMPLE, *MORE])
    )
    again = read_everything(release.home, release.files).contents
    assert holding == {n.split("/")[-1].split(".")[0] for n, text in again.items() if "omim-200001" in text}


def test_the_same_release_gives_the_same_files(release: Bench, tmp_path: Path) -> None:
    whole = read_everything(release.home, release.files)
    assert write_everything(whole, tmp_path / "all")
    assert write_everything(read_everything(release.home, release.files), tmp_path / "all") == []
    release.files.annotations.write_text(table_of(SAMPLE))
    write_everything(read_everything(release.home, release.files), tmp_path / "all")
    left = "".join(p.read_text() for p in (tmp_path / "all").rglob("*.ttl"))
    assert "omim-200001" not in left, "files that the release no longer fills go"


@pytest.mark.parametrize("name", ["notes.txt", "claims/mine.ttl", "claims/hpo-annotations/mine.ttl"])
def test_a_folder_with_something_else_is_left_alone(release: Bench, tmp_path: Path, name: str) -> None:
    path = tmp_path / "all" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(Misuse, match=r"name another folder"):
        write_everything(read_everything(release.home, release.files), tmp_path / "all")
    assert [p for p in (tmp_path / "all").rglob("*") if p.is_file()] == [path]


def test_an_installed_project_cannot(release: Bench) -> None:
    with pytest.raises(Misuse, match="installed"):
        read_everything(replace(release.home, installed=True), release.files)


def test_the_command(release: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = release.files
    given = ["--annotations", files.annotations, "--ontology", files.ontology, "--genes", files.genes]
    run = ["--home", release.home.root, "import", "hpo", "--all", tmp_path / "all", *given]
    assert main([*map(str, run), "--diff"]) == 2
    assert not (tmp_path / "all").exists()
    assert main(list(map(str, run))) == 0
    said = capsys.readouterr().out
    assert "things that are not of the project" in said
    assert f"milia --overlay {tmp_path / 'all'} build" in said
