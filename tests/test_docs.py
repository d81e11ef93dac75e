"""The docs say what the program does: lists are generated, examples are re-run, links lead somewhere.

`pytest tests/test_docs.py --update-golden` writes the generated parts and the examples' output anew.
"""

from __future__ import annotations

import doctest
import inspect
import re
import shlex
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from milia import cli, errors
from milia.catalog import Catalog
from milia.evidence import SNAPSHOTS_VARIABLE
from milia.export import ASPECTS, FEEDS, SCOPES
from milia.formats import FORMATS
from milia.kg import open_graph
from milia.names import BASE, DEFAULT_GRAPHS, KINDS, PREFIXES, expand, milia, plain, short
from milia.paths import Home
from milia.render import RESULT_FORMATS
from milia.shapes import VALIDATORS
from milia.store import ENGINES

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
REFERENCE = DOCS / "reference.md"
TUTORIAL = DOCS / "tutorial.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
SHAPES = sorted((ROOT / "ontology" / "shapes").glob("*.shapes.ttl"))
LONGEST_README = 220
WIDTH = "100"  # columns of the terminal on which the examples were run

_MARKED = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- /generated -->)", re.S)


# ── generated lists ───────────────────────────────────────────────────────────────────────────────────────


def _table(header: list[str], rows: list[list[str]]) -> str:
    cells = [header, ["---"] * len(header), *([c.replace("|", "\\|") for c in row] for row in rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


@dataclass
class _Ontology:
    """The ontology's statements, by subject and predicate."""

    said: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def __post_init__(self) -> None:
        content = (ROOT / "ontology" / "milia.ttl").read_bytes()
        for quad in parse(content, format=RdfFormat.TURTLE, base_iri=BASE):
            if isinstance(quad.subject, NamedNode):
                value = quad.object.value if isinstance(quad.object, Literal) else short(quad.object)
                self.said[short(quad.subject)][short(quad.predicate)].append(value)

    def of_class(self, *classes: str) -> list[str]:
        return sorted(s for s, about in self.said.items() if set(about["rdf:type"]) & set(classes))

    def one(self, subject: str, predicate: str) -> str:
        return next(iter(self.said[subject][predicate]), "")

    def many(self, subject: str, predicate: str) -> str:
        return ", ".join(sorted(o.removeprefix("milia:") for o in self.said[subject][predicate]))

    def links(self) -> list[str]:
        found = self.of_class("owl:ObjectProperty", "owl:DatatypeProperty")
        kinds = {c for c in self.said if self._is_concept(c)}
        return [p for p in found if set(self.said[p]["schema:domainIncludes"]) & kinds and self._is_link(p)]

    def _is_link(self, prop: str) -> bool:
        return bool(self.said[prop]["schema:rangeIncludes"]) and prop not in {
            "milia:fromAge",
            "milia:belowAge",
        }

    def _is_concept(self, name: str) -> bool:
        wider = self.said[name]["rdfs:subClassOf"]
        return name in {"milia:Concept", "milia:SchemeEntry"} or any(map(self._is_concept, wider))


ONTOLOGY = _Ontology()


def _local(name: str) -> str:
    return name.removeprefix("milia:")


def _individuals(*classes: str) -> str:
    rows = [[_code(_local(i)), ONTOLOGY.one(i, "skos:definition")] for i in ONTOLOGY.of_class(*classes)]
    return _table(["value", "meaning"], rows)


def _frequencies() -> str:
    rows = []
    for name in ONTOLOGY.of_class("milia:Frequency"):
        band = [ONTOLOGY.one(name, f"milia:share{end}") for end in ("From", "To")]
        share = f"{ONTOLOGY.one(name, 'rdfs:label')}: {' to '.join(dict.fromkeys(band))} per cent."
        rows.append([_code(_local(name)), ONTOLOGY.one(name, "skos:definition") or share])
    return _table(["value", "meaning"], rows)


def _ranked(scale: str, heading: str) -> str:
    ranked = sorted(ONTOLOGY.of_class(f"milia:{scale}"), key=lambda s: int(ONTOLOGY.one(s, "milia:rank")))
    rows = [
        [ONTOLOGY.one(s, "milia:rank"), _code(_local(s)), ONTOLOGY.one(s, "skos:definition")] for s in ranked
    ]
    return _table(["rank", heading, "meaning"], rows)


def _classes() -> str:
    rows = []
    for name in ONTOLOGY.of_class("owl:Class"):
        if name.startswith("milia:"):
            wider = ONTOLOGY.many(name, "rdfs:subClassOf")
            rows.append([_code(_local(name)), wider, ONTOLOGY.one(name, "skos:definition")])
    return _table(["class", "below", "meaning"], rows)


def _links() -> str:
    inverses = {
        ONTOLOGY.one(p, "owl:inverseOf"): p for p in ONTOLOGY.said if ONTOLOGY.one(p, "owl:inverseOf")
    }
    rows = []
    for name in ONTOLOGY.links():
        if ONTOLOGY.one(name, "owl:inverseOf"):
            continue
        marks = [_local(ONTOLOGY.one(name, "milia:inheritance")).lower()]
        marks += ["exclusive"] * bool(ONTOLOGY.one(name, "milia:exclusive"))
        marks += ["derived"] * bool(ONTOLOGY.one(name, "milia:derivedOnly"))
        types = ONTOLOGY.said[name]["rdf:type"]
        marks += [word for word in ("transitive", "symmetric") if f"owl:{word.title()}Property" in types]
        rows.append(
            [
                _code(_local(name)),
                " → ".join(ONTOLOGY.many(name, f"schema:{end}Includes") for end in ("domain", "range")),
                ONTOLOGY.many(name, "rdfs:subPropertyOf"),
                _code(_local(inverses.get(name, ""))),
                ", ".join(m for m in marks if m),
            ]
        )
    return _table(["link", "from → to", "below", "inverse", "marks"], rows)


def _option(action: Action) -> list[str]:
    name = ", ".join(action.option_strings) or action.dest
    value = action.metavar if isinstance(action.metavar, str) else ""
    if action.choices and action.option_strings:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    elif action.option_strings and action.nargs is None and not value:
        value = action.dest.upper()
    return [_code(f"{name} {value}".strip()), action.help or ""]


def _actions(parser: ArgumentParser) -> list[Action]:
    return [a for a in parser._actions if "-h" not in a.option_strings]  # argparse offers no other way


def _subparsers() -> dict[str, ArgumentParser]:
    (choices,) = (a.choices for a in cli.parser()._actions if a.metavar == "COMMAND")
    assert isinstance(choices, dict)
    return choices


def _commands() -> str:
    common = {tuple(a.option_strings) for a in _actions(cli.parser()) if a.option_strings}
    parts = []
    for name, parser in _subparsers().items():
        own = [a for a in _actions(parser) if tuple(a.option_strings) not in common]
        parts.append(f"#### milia {name}\n\n{parser.description}\n\n")
        if own:
            parts.append(_table(["argument", "meaning"], [_option(a) for a in own]) + "\n")
    return "\n" + "".join(parts).rstrip("\n") + "\n\n"


def _common_options() -> str:
    actions = [a for a in _actions(cli.parser()) if a.option_strings]
    return _table(["option", "meaning"], [_option(a) for a in actions])


def _formats() -> str:
    rows = [
        [_code(f.name), f.title, _code(f.media_type), _code(f.suffix), "kept" if f.dataset else "merged"]
        for f in FORMATS.values()
    ]
    return _table(["name", "format", "media type", "suffix", "named graphs"], rows)


def _feeds() -> str:
    return _table(
        ["feed", "what it is", "for", "checked with", "carries", "does not carry"],
        [
            [
                _code(feed.name),
                feed.title,
                feed.reader,
                feed.checked_by,
                ", ".join(sorted(feed.carries)) or "–",
                ", ".join(sorted(ASPECTS.keys() - feed.carries)) or "–",
            ]
            for feed in FEEDS.values()
        ],
    )


def _scopes() -> str:
    def graphs(starts: tuple[str, ...]) -> str:
        return ", ".join(
            _code(f"graph/{s}{'…' if s.endswith('/') else ''}") if s else "every graph" for s in starts
        )

    return _table(["scope", "graphs"], [[_code(name), graphs(starts)] for name, starts in SCOPES.items()])


def _default_graphs() -> str:
    return "".join(f"- `graph/{g}{'…' if g.endswith('/') else ''}`\n" for g in DEFAULT_GRAPHS)


def _engines() -> str:
    rows = [["SPARQL", _code(name)] for name in ENGINES] + [["SHACL", _code(name)] for name in VALIDATORS]
    return _table(["for", "engine"], rows)


def _result_formats() -> str:
    return "".join(f"- `{name}`\n" for name in RESULT_FORMATS)


def _prefixes() -> str:
    return _table(["prefix", "IRI"], [[_code(p), _code(iri)] for p, iri in PREFIXES.items()])


def _queries(folder: str) -> str:
    rows = []
    for query in Catalog(Home(ROOT)).all(folder):
        parameters = [f"`{p.name}` ({p.kind}, {_code(p.default)}): {p.about}" for p in query.parameters]
        rows.append([_code(query.name), query.question, "<br>".join(parameters)])
    return _table(["query", "question", "parameters (kind, default)"], rows)


def _checks() -> str:
    rows = [
        [_code(q.name), q.title, q.header.get("severity", "Violation")]
        for q in Catalog(Home(ROOT)).all("checks")
    ]
    return _table(["check", "what it finds", "severity"], rows)


def _shapes() -> str:
    parts = []
    for path in SHAPES:
        messages = {}
        for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=BASE):
            if quad.predicate == expand("sh:message") and isinstance(quad.subject, NamedNode):
                messages[quad.subject.value.rpartition("/")[2].rpartition("#")[2]] = plain(quad.object)
        rows = [[_code(name), text] for name, text in messages.items() if not text.startswith("Something in")]
        parts.append(f"#### {path.name}\n\n{_table(['shape', 'message'], rows)}\n")
    return "\n" + "".join(parts)


def _exit_codes() -> str:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.MiliaError)]
    rows = [[_code(c.__name__), str(c.exit_code), (c.__doc__ or "").splitlines()[0]] for c in classes]
    return _table(["error", "exit code", "meaning"], rows)


GENERATED: dict[str, Callable[[], str]] = {
    "common-options": _common_options,
    "commands": _commands,
    "errors": _exit_codes,
    "formats": _formats,
    "feeds": _feeds,
    "result-formats": _result_formats,
    "scopes": _scopes,
    "default-graphs": _default_graphs,
    "engines": _engines,
    "prefixes": _prefixes,
    "queries": lambda: _queries("answers"),
    "pages": lambda: _queries("pages"),
    "checks": _checks,
    "shapes": _shapes,
    "classes": _classes,
    "links": _links,
    "standings": lambda: _ranked("Standing", "standing"),
    "study-designs": lambda: _ranked("StudyDesign", "design"),
    "statuses": lambda: _individuals("milia:Status"),
    "certainties": lambda: _individuals("milia:Certainty"),
    "frequencies": _frequencies,
    "verifications": lambda: _individuals("milia:Verification"),
    "review-states": lambda: _individuals("milia:ReviewState"),
    "disagreement-kinds": lambda: _individuals("milia:DisagreementKind"),
}


def _regenerate(text: str) -> str:
    return _MARKED.sub(lambda m: f"{m[1]}{GENERATED[m['name']]()}{m[4]}", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_generated_parts_are_up_to_date(page: Path, update_golden: bool) -> None:
    text = page.read_text(encoding="utf-8")
    fresh = _regenerate(text)
    if update_golden and fresh != text:
        page.write_text(fresh, encoding="utf-8")
    else:
        assert text == fresh, f"{page.name}: run pytest tests/test_docs.py --update-golden"


def test_every_list_stands_somewhere() -> None:
    used = [m["name"] for page in PAGES for m in _MARKED.finditer(page.read_text(encoding="utf-8"))]
    assert sorted(used) == sorted(GENERATED)


# ── what must be named ────────────────────────────────────────────────────────────────────────────────────


def _named(page: Path, name: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", [README, REFERENCE], ids=lambda p: p.name)
@pytest.mark.parametrize("name", [*(f"milia {c}" for c in cli.COMMANDS), *FORMATS])
def test_commands_and_formats_are_named(page: Path, name: str) -> None:
    assert _named(page, name)


@pytest.mark.parametrize("name", [*SCOPES, *ENGINES, *VALIDATORS, *RESULT_FORMATS, *KINDS])
def test_reference_names_every_choice(name: str) -> None:
    assert _named(REFERENCE, name)


@pytest.mark.parametrize("folder", ["answers", "pages", "checks"])
def test_reference_names_every_query(folder: str) -> None:
    assert [n for n in Catalog(Home(ROOT)).names(folder) if not _named(REFERENCE, f"`{n}`")] == []


def test_reference_names_every_environment_variable() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "scripts" / "milia").rglob("*.py"))
    found = set(re.findall(r"environ(?:\.get\(|\[)\s*\"(\w+)\"", code)) | {SNAPSHOTS_VARIABLE}
    assert {"MILIA_HOME", "NO_COLOR", "XDG_CACHE_HOME"} <= found
    assert [name for name in found if not _named(REFERENCE, name)] == []


def test_reference_names_every_field_of_the_manifest(built: Home) -> None:
    manifest = open_graph(built.root).manifest
    assert [key for key in manifest if not _named(REFERENCE, f"`{key}`")] == []
    names = {*manifest["files"], "manifest.json"}
    assert [name for name in names if f"`{name}`" not in REFERENCE.read_text(encoding="utf-8")] == []


def test_every_term_of_the_model_is_explained() -> None:
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    assert [p for p in ONTOLOGY.links() if _local(p) not in text] == []


def test_the_picture_shows_what_is_in_the_data() -> None:
    picture = (DOCS / "claim-to-answer.svg").read_text(encoding="utf-8")
    claims = open_claims()
    named = re.findall(r"claim/[\w-]+/\d+", picture)
    assert named
    for name in named:
        claim = claims[BASE + name]
        for term in (claim["subject"], claim["object"]):
            assert term in picture
        if claim["span"]:
            assert claim["span"] in picture


def open_claims() -> dict[str, dict[str, str]]:
    """Return subject, object and span of every claim, read from the files themselves."""
    claims: dict[str, dict[str, str]] = {}
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((ROOT / "data" / "claims").glob("*.ttl")):
        for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True):
            said[str(quad.subject)][quad.predicate.value.rpartition("#")[2]] = short(quad.object)
            if quad.predicate == milia("evidence"):
                said[str(quad.subject)]["evidence"] = str(quad.object)
    for subject, about in said.items():
        if "object" in about:
            selector = said.get(said[about["evidence"]].get("hasSelector", ""), {})
            span = f"{selector['start']}–{selector['end']}" if "start" in selector else ""
            claims[subject[1:-1]] = {"subject": about["subject"], "object": about["object"], "span": span}
    return claims


# ── examples ──────────────────────────────────────────────────────────────────────────────────────────────

_FENCE = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Block:
    """A fenced block: what language, what text, and the file it goes into (or changes), if any."""

    kind: str
    text: str
    start: int
    file: str | None = None


def _blocks(page: Path) -> Iterator[Block]:
    for m in _FENCE.finditer(page.read_text(encoding="utf-8")):
        yield Block(m["kind"], m["text"], m.start("text"), m["file"])


def _steps(block: Block) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block and the output shown below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        yield command, shown


def _pattern(shown: str) -> re.Pattern[str]:
    r"""Return what fits an output in which `…` stands for the rest of a line, or for whole lines.

    >>> bool(_pattern("a\n…\nd…f\n").fullmatch("a\nb\nc\ndef\n"))
    True
    """
    lines = [
        r"(?:.*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in shown.splitlines()
    ]
    return re.compile("".join(lines))


class _Session:
    """Runs the examples of one page, in their order."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, update: bool
    ) -> None:
        self._folder, self._capsys, self._patch, self._update = folder, capsys, patch, update
        self._names: dict[str, object] = {}
        self.compared = 0

    def run(self, page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        fresh, done = "", 0
        for block in _blocks(page):
            if block.file:
                self._write(block)
            elif block.kind == "console":
                new = "".join(self._step(command, shown) for command, shown in _steps(block))
                fresh += text[done : block.start] + new
                done = block.start + len(block.text)
            elif block.kind == "python" and ">>>" in block.text:
                self._doctest(block, page)
        fresh += text[done:]
        if self._update and fresh != text:
            page.write_text(fresh, encoding="utf-8")

    def _write(self, block: Block) -> None:
        path = self._folder / str(block.file)
        if block.kind != "diff":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return
        content = path.read_text(encoding="utf-8")
        lines = block.text.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert content.count(before) == 1, f"{path.name} holds {before!r} {content.count(before)} times"
        path.write_text(content.replace(before, after), encoding="utf-8")

    def _step(self, command: str, shown: str) -> str:
        """Run one command, compare what it prints, and return the step as it should stand."""
        as_it_is = f"$ {command}\n{shown}"
        words = shlex.split(command, comments=True)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self._patch.setenv(name, value)
        if words[0] != "milia" or "--watch" in words:
            assert not shown or words[0] == "make", f"the output of '{command}' is not tested"
            return as_it_is
        self._capsys.readouterr()
        code = cli.main(words[1:])
        printed = self._capsys.readouterr()
        if not shown.strip():
            assert code == 0, f"{command}: {printed.err}"
            return as_it_is
        actual = (printed.out or printed.err).replace("\r\n", "\n")
        gap = re.search(r"\n*\Z", shown)
        wanted = shown.rstrip("\n") + "\n"
        if self._update and "…" not in wanted and wanted != actual:
            return f"$ {command}\n{actual.rstrip()}{gap[0] if gap else ''}"
        assert _pattern(wanted).fullmatch(actual), f"$ {command}\nis shown as\n{wanted}\nand prints\n{actual}"
        self.compared += 1
        return as_it_is

    def _doctest(self, block: Block, page: Path) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, self._names, page.name, str(page), 0)
        out: list[str] = []
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        result = doctest.DocTestRunner(optionflags=flags).run(test, out=out.append, clear_globs=False)
        self._names = dict(test.globs)
        assert not result.failed, "".join(out)
        self.compared += result.attempted


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", WIDTH)


@pytest.mark.usefixtures("_terminal")
def test_the_examples_of_the_readme_run(
    built: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    update_golden: bool,
) -> None:
    monkeypatch.setenv("MILIA_HOME", str(built.root))
    monkeypatch.chdir(tmp_path)
    session = _Session(tmp_path, capsys, monkeypatch, update_golden)
    session.run(README)
    assert session.compared > 3


@pytest.mark.usefixtures("_terminal")
def test_the_tutorial_runs_from_start_to_end(
    built: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    update_golden: bool,
) -> None:
    root = tmp_path / "clone"
    shutil.copytree(built.root, root, symlinks=True)  # what `make` leaves
    monkeypatch.setenv("MILIA_HOME", str(root))
    monkeypatch.chdir(root)
    monkeypatch.setenv(SNAPSHOTS_VARIABLE, "")
    session = _Session(root, capsys, monkeypatch, update_golden)
    session.run(TUTORIAL)
    assert session.compared > 8


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("page", [p for p in PAGES if p not in {README, TUTORIAL}], ids=lambda p: p.name)
def test_the_commands_shown_elsewhere_are_understood(page: Path) -> None:
    for block in _blocks(page):
        for command, _ in _steps(block) if block.kind == "console" else ():
            words = shlex.split(command, comments=True)
            if words[0] == "milia":
                cut = next((n for n, w in enumerate(words) if w in {"|", ">", "<"}), len(words))
                cli.parser().parse_args(words[1:cut])


# ── links, paths, length ──────────────────────────────────────────────────────────────────────────────────


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def _anchors(page: Path) -> set[str]:
    r"""Return the anchors of a page's headings: lower case, punctuation gone, hyphens for spaces."""
    headings = re.findall(r"^#+ (.*)$", _prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", _prose(page)):
        link = target[0] or target[1]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: there is no {link}"
        if anchor:
            assert anchor in _anchors(there), f"{page.name}: {there.name} has no heading for #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_path_of_a_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w.:/])/(?:work|home|tmp|root|opt|Users|mnt|var)/\S*|[A-Z]:\\\S*", text)


def test_every_page_is_linked_from_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [p.name for p in PAGES[1:] if f"({p.relative_to(ROOT).as_posix()}" not in text] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README
    assert "not medical advice" in README.read_text(encoding="utf-8").lower()


def test_the_picture_says_in_words_what_it_shows() -> None:
    text = README.read_text(encoding="utf-8")
    assert re.search(r"!\[[^\]]{40,}\]\(docs/claim-to-answer\.svg\)", text)
    picture = (DOCS / "claim-to-answer.svg").read_text(encoding="utf-8")
    assert "<title" in picture
    assert "<desc" in picture
