"""The command line: every command, its output in each form, and one clear message for whatever is wrong."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from milia import __version__
from milia.cli import COMMANDS, main, parser
from milia.formats import FORMATS
from milia.kg import KnowledgeGraph, open_graph
from milia.paths import Home

ROOT = Path(__file__).resolve().parents[1]
ESCAPE = "\x1b["


class Said(NamedTuple):
    """What a command wrote and returned."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(
    small: Home, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command in this process, in an empty folder; an exception that gets out fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: str, home: Path | None = small.root) -> Said:
        place = ["--home", str(home)] if home else []
        try:
            code = main([*arguments, *place])
        except SystemExit as error:  # --help and --version
            code = int(error.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call


def _start(*arguments: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
    # unbuffered output would hide what goes wrong when Python writes the rest at its end
    environment = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "PYTHONUNBUFFERED"}}
    return subprocess.run(
        [sys.executable, "-m", "milia.cli", *arguments],
        env={**environment, "PYTHONPATH": str(ROOT / "scripts"), **how.pop("env", {})},
        check=False,
        timeout=60,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
    )


# ── what is offered ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(run: Run, command: str) -> None:
    said = run(*([command] if command else []), "--help", home=None)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: milia {command}".rstrip())
    if command:
        about = (COMMANDS[command][0].__doc__ or "").strip().splitlines()[0]
        assert about in " ".join(said.out.split())
    else:
        assert set(COMMANDS) <= set(re.findall(r"\w+", said.out))
        assert "not medical advice" in " ".join(said.out.split())


def test_every_option_is_explained() -> None:
    parsers = [parser()]
    for p in parsers:
        for action in p._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
            else:
                assert action.help, f"{p.prog}: {action.dest}"
    assert len(parsers) == 1 + len(COMMANDS)


def test_version(run: Run) -> None:
    assert run("--version", home=None).out == f"milia {__version__}\n"


def test_bare_milia_says_what_is_inside(run: Run, small: Home) -> None:
    kg = open_graph(small.root)
    said = run()
    assert said.code == 0
    assert str(len(kg.claims)) in said.out
    assert "not medical advice" in said.out
    lines = said.out.split("try:")[1].splitlines()[1:4]
    assert all(line.startswith("  milia ") for line in lines)
    data = json.loads(run("--json").out)
    assert data["counts"]["claims"] == str(len(kg.claims))
    assert data["queries"] == kg.catalog.names("answers")


# ── good input ────────────────────────────────────────────────────────────────────────────────────────────

GOOD: list[tuple[str, list[str], str]] = [
    ("query", ["query", "ASK { condition:milia milia:affects site:eyelid }"], r"^yes\n$"),
    ("query no", ["query", "ASK { site:eyelid milia:affects condition:milia }"], r"^no\n$"),
    ("query select", ["query", "SELECT ?s { ?s milia:affects site:eyelid } ORDER BY ?s"], r"^s\ncondition:"),
    ("query none", ["query", "SELECT ?s { ?s milia:nothing ?o }"], r"^no rows\n$"),
    ("query columns", ["query", "SELECT * {}"], r"^no columns\n$"),
    ("query csv", ["query", "SELECT (1 AS ?n) {}", "--format", "csv"], r"^n\r\n1\r\n$"),
    (
        "query tsv",
        ["query", "SELECT (site:eyelid AS ?x) {}", "--format", "tsv"],
        r"^\?x\n<https://.*eyelid>\n$",
    ),
    ("query csv ask", ["query", "ASK {}", "--format", "csv"], r"^answer\r\ntrue\r\n$"),
    (
        "query turtle",
        ["query", "CONSTRUCT WHERE { condition:milia a ?t }", "--format", "ttl"],
        r"condition:milia a ",
    ),
    (
        "query construct",
        ["query", "CONSTRUCT WHERE { condition:milia a ?t }"],
        r"^subject +predicate +object\n",
    ),
    ("query rdflib", ["query", "ASK {}", "--engine", "rdflib"], r"^yes\n$"),
    ("query show", ["query", "ASK { ?s ?p ?o }", "--show"], r"^ASK \{ \?s \?p \?o \}\n$"),
    ("explain", ["explain", "milia", "affects", "eyelid"], r"for: claim/.*\n[^§]*medical advice"),
    ("explain inference", ["explain", "milia", "affectsRegion", "head-and-neck"], r"\[\w+, by .*\]"),
    (
        "explain turtle",
        ["explain", "milia", "affects", "eyelid", "--format", "turtle"],
        r"@prefix[^§]* a prov:Entity",
    ),
    ("export", ["export", "nt", "--quiet"], r"^<[^§]* \.\n$"),
    ("export claims", ["export", "trig", "--scope", "claims", "--quiet"], r"claim/cadogan/001"),
]


@pytest.mark.parametrize(("arguments", "pattern"), [g[1:] for g in GOOD], ids=[g[0] for g in GOOD])
def test_good_input(run: Run, arguments: list[str], pattern: str) -> None:
    said = run(*arguments)
    assert (said.code, said.err) == (0, "")
    assert re.search(pattern, said.out), said.out[:500]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["query"],
        ["query", "SELECT ?s ?o { ?s milia:affects ?o } LIMIT 3"],
        ["query", "ASK {}"],
        ["query", "CONSTRUCT WHERE { condition:milia ?p ?o }"],
        ["explain", "milia", "affectsRegion", "head-and-neck"],
    ],
)
def test_json_parses(run: Run, arguments: list[str]) -> None:
    said = run(*arguments, "--json")
    data = json.loads(said.out)
    assert data
    assert said.err == ""
    if arguments[-1:] and arguments[-1].startswith("CONSTRUCT"):
        assert "condition:milia" in said.out


def test_options_may_stand_before_the_command(small: Home, run: Run) -> None:
    said = run("--home", str(small.root), "--json", "query", "ASK {}", home=None)
    assert json.loads(said.out) == {"head": {}, "boolean": True}


def test_a_query_from_a_file_and_from_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.rq").write_text("ASK { condition:milia ?p ?o }", encoding="utf-8")
    assert run("query", "own.rq").out == "yes\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO("ASK { condition:milia ?p ?o }"))
    assert run("query", "-").out == "yes\n"


def test_queries_are_listed_and_take_parameters(run: Run, kg: KnowledgeGraph) -> None:
    names = kg.catalog.names("answers")
    listed = run("query").out
    assert all(name in listed for name in names)
    query = next(
        (q for q in kg.catalog.all("answers") if any(p.kind == "condition" for p in q.parameters)), None
    )
    if query is None:
        pytest.skip("no query takes a condition yet")
    name = next(p.name for p in query.parameters if p.kind == "condition")
    shown = run("query", query.name, "--param", f"{name}=neonatal-milia", "--show")
    assert re.search(rf"VALUES \?{name} \{{ <.*/condition/neonatal-milia> \}}", shown.out)


def test_everything_is_written_to_a_folder(run: Run, tmp_path: Path) -> None:
    assert run("export", "--all", "--out", "all", "--quiet").code == 0
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        content = (tmp_path / "all" / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    said = run("export", "csv", "--out", "table")
    assert said.code == 0
    assert "not carried: evidence" in said.err
    assert (tmp_path / "table" / "edges.csv").read_bytes() == (
        tmp_path / "all" / "csv" / "edges.csv"
    ).read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_export_to_a_file_is_the_same_as_to_standard_output(run: Run, tmp_path: Path, form: str) -> None:
    said = run("export", form, "--scope", "claims", "--out", "x.out")
    assert said.code == 0
    assert said.out == ""
    assert re.match(
        r"x\.out: \d+ bytes\nx\.out\.losses\.json: \d+ bytes\nnot carried: certainty \(\d+\): ", said.err
    )
    assert (tmp_path / "x.out").read_text(encoding="utf-8") == run("export", form, "--scope", "claims").out
    assert run("export", form, "--out", "x.out", "--quiet").err == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.out", "x.out.losses.json"]
    report = json.loads((tmp_path / "x.out.losses.json").read_text(encoding="utf-8"))
    assert report["format"] == form


def test_check_verify_and_coverage_are_clean(run: Run, built: Home, snapshots_dir: Path) -> None:
    pages = ["--snapshots", str(snapshots_dir)]
    said = run("verify", *pages)
    assert said.code == 0
    assert re.search(r"^(\d+) verified of \1 spans$", said.out, re.M)
    assert said.out.count(" intact\n") == 2
    assert run("verify", *pages, "--quiet") == Said(0, "", "")
    said = run("coverage", *pages)
    assert (said.code, said.out.splitlines()[-1]) == (0, "everything is accounted for")
    assert all(s["kind"] != "unaccounted" for s in json.loads(run("coverage", *pages, "--json").out))
    assert len(run("coverage", *pages, "--all").out.splitlines()) > 100
    said = run("check", *pages, home=built.root)
    assert said == Said(0, "no findings\n", "")


def test_span_prints_a_selector(run: Run, snapshots_dir: Path) -> None:
    said = run("span", "source:cadogan-milia", "Milia", "--snapshots", str(snapshots_dir))
    assert said.code == 0
    assert all(
        re.fullmatch(r'oa:hasSelector \[ .* milia:sha256 "[0-9a-f]{64}" \]', x) for x in said.out.splitlines()
    )


# ── bad input ─────────────────────────────────────────────────────────────────────────────────────────────

BAD: list[tuple[str, list[str], int, str]] = [
    ("command", ["explian", "a"], 2, "no command is called 'explian'; did you mean explain"),
    ("option", ["query", "--formt", "csv"], 2, "unrecognized arguments: --formt"),
    (
        "option value",
        ["query", "--param"],
        2,
        "argument --param: expected one argument\n  try: milia query --help",
    ),
    ("no format", ["export"], 2, "name one format, or give --all; there is: turtle, jsonld"),
    ("format and all", ["export", "turtle", "--all"], 2, "name one format, or give --all"),
    ("all to nowhere", ["export", "--all"], 2, "--all writes many files: give --out DIR"),
    ("many files", ["export", "csv"], 2, "csv has 2 files (nodes.csv, edges.csv): give --out DIR"),
    ("feed", ["export", "cvs"], 2, "no format is called 'cvs'; did you mean csv"),
    ("missing argument", ["span"], 2, "required: source, words\n  try: milia span --help"),
    ("format", ["export", "turtel"], 2, "no format is called 'turtel'; did you mean turtle"),
    ("scope", ["export", "turtle", "--scope", "fact"], 2, "no scope is called 'fact'; did you mean facts"),
    (
        "out folder",
        ["export", "turtle", "--out", "no/such/x.ttl"],
        1,
        "cannot write no/such/x.ttl: No such file",
    ),
    ("out is folder", ["export", "turtle", "--out", "."], 1, "cannot write"),
    ("query", ["query", "no-such-query"], 2, "no query is called 'no-such-query'; "),
    ("query bytes", ["query", "caf\udce9"], 2, "no query is called"),
    ("file", ["query", "gone.rq"], 2, "cannot read the query gone.rq: No such file or directory"),
    ("file bytes", ["query", "latin.rq"], 2, "cannot read the query latin.rq: "),
    ("file folder", ["query", "folder.rq"], 2, "cannot read the query folder.rq: Is a directory"),
    ("file sparql", ["query", "bad.rq"], 2, "bad.rq:2: this is not SPARQL: "),
    (
        "file prefix",
        ["query", "prefix.rq"],
        2,
        "prefix.rq:2: this is not SPARQL: no prefix is called 'conditon'; did",
    ),
    ("sparql", ["query", "SELECT ?x { bad"], 2, "line 1: this is not SPARQL: expected "),
    ("sparql empty", ["query", " "], 2, "this is not SPARQL"),
    ("sparql update", ["query", "DROP ALL"], 2, "this is not SPARQL"),
    ("sparql bytes", ["query", 'ASK { ?s ?p "\udcff" }'], 2, "surrogates not allowed"),
    ("sparql rdflib", ["query", "ASK { bad", "--engine", "rdflib"], 2, "this is not SPARQL"),
    (
        "engine",
        ["query", "ASK {}", "--engine", "rdflb"],
        2,
        "no engine is called 'rdflb'; did you mean rdflib",
    ),
    (
        "result format",
        ["query", "ASK {}", "--format", "cvs"],
        2,
        "no result format is called 'cvs'; did you mean",
    ),
    (
        "triple format",
        ["query", "CONSTRUCT WHERE { ?s a ?o }", "--format", "cvs"],
        2,
        "no format is called 'cvs'",
    ),
    ("param text", ["query", "ASK {}", "--param", "a=b"], 2, "--param goes with a query of the catalogue"),
    ("param form", ["query", "x", "--param", "a"], 2, "--param takes name=value, not 'a'"),
    ("thing", ["explain", "mila", "affects", "eyelid"], 2, "no thing is called 'mila'; did you mean milia"),
    (
        "predicate",
        ["explain", "milia", "afects", "eyelid"],
        2,
        "no thing is called 'afects'; did you mean affects",
    ),
    ("curie", ["explain", "condition:mila", "affects", "eyelid"], 2, "did you mean condition:milia"),
    (
        "prefix",
        ["explain", "conditon:milia", "affects", "eyelid"],
        2,
        "no prefix is called 'conditon'; did you mean",
    ),
    ("explain format", ["explain", "a", "b", "c", "--format", "xml"], 2, "invalid choice: 'xml'"),
    (
        "source",
        ["span", "condition:milia", "x"],
        2,
        "no source with a snapshot is called 'condition:milia'; ",
    ),
    ("words", ["span", "source:cadogan-milia", "x"], 1, "is not at hand; give its folder with --snapshots"),
    ("coverage", ["coverage"], 1, "give their folder with --snapshots DIR or MILIA_SNAPSHOTS"),
    (
        "snapshots",
        ["verify", "--snapshots", "gone"],
        1,
        "no folder of snapshots at gone; give its folder with",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "message"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input(run: Run, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "bad.rq").write_text("SELECT ?x {\n  ?x bad", encoding="utf-8")
    (tmp_path / "prefix.rq").write_text("ASK {\n conditon:milia ?p ?o }", encoding="utf-8")
    (tmp_path / "latin.rq").write_bytes(b"# caf\xe9")
    (tmp_path / "folder.rq").mkdir()
    said = run(*arguments)
    assert said.code == code
    assert said.out == ""
    assert said.err.startswith("milia: ")
    assert message in said.err
    assert len(said.err.splitlines()) <= 3
    assert "Traceback" not in said.err


def test_unknown_parameters_and_values(run: Run, kg: KnowledgeGraph) -> None:
    query = next((q for q in kg.catalog.all("answers") if q.parameters), None)
    plain = next((q for q in kg.catalog.all("answers") if not q.parameters), None)
    if query is None or plain is None:
        pytest.skip("the catalogue has no such queries yet")
    name = query.parameters[0].name
    said = run("query", query.name, "--param", f"{name}x=milia")
    assert (said.code, said.out) == (2, "")
    assert f"no parameter of '{query.name}' is called '{name}x'; did you mean {name}" in said.err
    said = run("query", plain.name, "--param", "x=y")
    assert said.err == f"milia: the query '{plain.name}' takes no parameters\n"
    said = run("query", query.name, "--param", f"{name}=nope:milia")
    if query.parameters[0].kind not in {"text", "number"}:
        assert "no prefix is called 'nope'" in said.err


@pytest.mark.parametrize("command", ["query", "explain", "export", "verify", "coverage", "span"])
def test_without_a_build(run: Run, project: Home, command: str) -> None:
    arguments = {"explain": ["a", "b", "c"], "export": ["turtle"], "span": ["a", "b"]}.get(command, [])
    said = run(command, *arguments, home=project.root)
    assert said == Said(
        2, "", f"milia: there is no built graph in {project.build}; run 'milia build' first\n"
    )


def test_a_folder_that_is_no_project(run: Run, tmp_path: Path) -> None:
    for command in ("query", "build", "check"):
        said = run(command, home=tmp_path / "nowhere")
        assert (said.code, said.out) == (2, "")
        assert "is no Milia project" in said.err


def test_a_link_that_does_not_hold_is_a_finding(run: Run) -> None:
    said = run("explain", "eyelid", "affects", "milia")
    assert said.code == 1
    assert "Traceback" not in said.err


# ── faults of the data, by file and line ──────────────────────────────────────────────────────────────────


def _break(project: Home, name: str, old: str, new: str) -> int:
    """Put a fault into a file and return the line on which it stands."""
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("command", ["build", "check"])
def test_broken_turtle_is_told_by_file_and_line(run: Run, project: Home, command: str) -> None:
    line = _break(
        project, "data/claims/cadogan.ttl", "rdf:subject condition:milia ;", "rdf:subject conditon:milia ;"
    )
    said = run(command, home=project.root)
    assert (said.code, said.out) == (1, "")
    message = said.err[said.err.index("milia: ") :]
    assert message.startswith(f"milia: data/claims/cadogan.ttl:{line}: is not valid Turtle: ")
    assert "mend: declare the prefix" in message


def test_a_query_of_the_project_that_is_not_utf8(run: Run, small: Home, tmp_path: Path) -> None:
    place = Home(tmp_path / "copy")
    shutil.copytree(small.root, place.root, symlinks=True)
    (place.queries / "answers").mkdir(exist_ok=True)
    (place.queries / "answers" / "own.rq").write_bytes(b"# title: x\n# caf\xe9\nASK {}")
    said = run("query", "own", home=place.root)
    assert (said.code, said.out) == (1, "")
    assert "answers/own.rq:2: is not UTF-8 text" in said.err


def test_findings_keep_the_build_and_name_the_line(run: Run, small: Home, tmp_path: Path) -> None:
    place = Home(tmp_path / "copy")
    shutil.copytree(small.root, place.root, symlinks=True)
    _break(place, "data/concepts/conditions.ttl", "skos:prefLabel", "skos:altLabel")
    before = place.build.readlink()
    said = run("build", "--no-proofs", home=place.root)
    assert said.code == 1
    assert re.search(r"^data/concepts/conditions\.ttl:\d+: violation: condition:", said.out, re.M)
    assert "nothing was swapped in; the last build is as it was" in said.err
    assert place.build.readlink() == before
    findings = json.loads(run("build", "--no-proofs", "--json", home=place.root).out)["findings"]
    assert any(f["place"].startswith("data/concepts/conditions.ttl:") for f in findings)


def test_drift_is_listed_span_by_span(
    run: Run, kg: KnowledgeGraph, snapshots_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    shutil.copytree(snapshots_dir, folder)
    page = kg.snapshots.pages["https://w3id.org/milia/source/cadogan-milia"]
    assert page.text is not None
    cited = sorted(
        {
            (e.span.start, e.span.end)
            for c in kg.claims.values()
            for e in c.evidence
            if e.span and e.source == page.source
        }
    )
    start, end = cited[0]
    changed = page.text[:start] + "#" + page.text[start + 1 :]
    (folder / page.file).write_bytes((changed + "!").encode())
    hit = sum(a <= start < b for a, b in cited)
    said = run("verify", "--snapshots", str(folder))
    assert said.code == 1
    lines = [x for x in said.out.splitlines() if x.startswith("changed: ")]
    assert len(lines) >= hit >= 1
    assert any(line.endswith(f"source:cadogan-milia [{start}, {end})") for line in lines)
    assert f"{page.file} differs from what was cited" in said.out
    data = json.loads(run("verify", "--snapshots", str(folder), "--json").out)
    assert len(data["drift"]) == len(lines) == data["counts"]["changed"]
    assert len(run("verify", "--snapshots", str(folder), "--quiet").out.splitlines()) == len(lines)

    (folder / page.file).write_bytes(("Read this. " + page.text).encode())
    said = run("verify", "--snapshots", str(folder))
    assert re.search(r"^moved to \d+: ", said.out, re.M)
    assert "changed" not in said.out

    (folder / page.file).unlink()
    said = run("verify", "--snapshots", str(folder))
    assert said.code == 1
    assert f"missing: {folder} holds no snapshot {page.file}" in said.out
    assert json.loads(run("verify", "--snapshots", str(folder), "--json").out)["absent"] == [page.file]


def test_verify_without_snapshots_claims_nothing(run: Run) -> None:
    said = run("verify")
    assert said.code == 1
    assert said.out == ""
    assert "give their folder with --snapshots DIR or MILIA_SNAPSHOTS" in said.err


# ── terminals, pipes, disks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("variable", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_only_on_a_terminal_that_wants_it(
    small: Home, variable: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    done = _start("query", "SELECT (1 AS ?n) {}", "--home", str(small.root), env=variable, stdout=theirs)
    os.close(theirs)
    written = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert (ESCAPE in written) == coloured
    assert "n" in written


def test_no_colour_in_a_pipe(run: Run) -> None:
    assert ESCAPE not in run("explain", "milia", "affects", "eyelid").out


@pytest.mark.parametrize("arguments", [["export", "ntriples"], ["query", "ASK {}"]], ids=["long", "short"])
def test_a_broken_pipe_is_no_fault(small: Home, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = _start(*arguments, "--home", str(small.root), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["export", "ntriples"], ["query", "ASK {}"]], ids=["long", "short"])
def test_a_full_disk_behind_standard_output(small: Home, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _start(*arguments, "--home", str(small.root), stdout=full)
    assert (done.returncode, done.stderr) == (1, b"milia: No space left on device\n")


def test_a_pipe_named_as_out_is_written_and_stays_a_pipe(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        (tmp_path / "read").open("wb") as target,
        subprocess.Popen(["cat", str(pipe)], stdout=target) as reader,
    ):
        assert run("export", "ntriples", "--scope", "claims", "--out", str(pipe)).code == 0
        reader.wait(30)
    read = (tmp_path / "read").read_text(encoding="utf-8")
    assert read == run("export", "ntriples", "--scope", "claims").out
    assert pipe.is_fifo()


def test_a_terminal_without_unicode(small: Home) -> None:
    done = _start(
        "explain", "milia", "affects", "eyelid", "--home", str(small.root), env={"PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"for: claim/" in done.stdout


def test_asking_loads_nothing_heavy(small: Home) -> None:
    code = "import sys; from milia.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, "query", "ASK {}", "--home", str(small.root)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & {"rdflib", "pyshacl", "owlrl", "nmo_python", "shifty"}
