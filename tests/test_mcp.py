"""The server for assistants, asked by the package's own client, in memory and as a process."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from milia.assistant import FOUND, NONE, UNANSWERED
from milia.cli import main
from milia.names import LICENCE, NOTICE, VERSION
from milia.toolset import TOOLS

if TYPE_CHECKING:
    from milia.kg import KnowledgeGraph
    from milia.paths import Home

ROOT = Path(__file__).resolve().parents[1]
HERE = importlib.util.find_spec("mcp") is not None
needs_mcp = pytest.mark.skipif(not HERE, reason="the package mcp is not installed (make referees)")
MODES = ("auto", "legacy")

CALLS: dict[str, tuple[str, dict[str, Any], str]] = {
    "search": ("search", {"name": "Hautgrieß"}, FOUND),
    "look-alike": ("search", {"name": "miliaire"}, FOUND),
    "unknown name": ("search", {"name": "milea"}, NONE),
    "describe": ("describe", {"thing": "neonatal-milia", "limit": 3}, FOUND),
    "unknown thing": ("describe", {"thing": "condition:mila"}, NONE),
    "query": ("query", {"sparql": "SELECT ?s { condition:milia milia:affects ?s }", "limit": 2}, FOUND),
    "service": ("query", {"sparql": "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }"}, UNANSWERED),
    "explain": (
        "explain",
        {"subject": "milia", "predicate": "treatedBy", "object": "care:extraction"},
        FOUND,
    ),
    "no proof": ("explain", {"subject": "milia", "predicate": "treatedBy", "object": "retinol"}, NONE),
    "suggest": ("suggest", {"form": "neonatal-milia", "age": "newborn"}, FOUND),
    "cite": ("cite", {"claims": ["claim/cadogan/001"]}, FOUND),
    "misuse": ("cite", {"claims": []}, UNANSWERED),
}


def _ask(server: Any, question: Callable[[Any], Awaitable[Any]], mode: str = "auto") -> Any:
    """Ask a server, in memory or as a process, with the package's own client."""
    from mcp import Client

    async def run() -> Any:
        async with Client(server, mode=mode, read_timeout_seconds=60) as client:
            return await question(client)

    return asyncio.run(run())


@pytest.fixture(scope="module")
def server(kg: KnowledgeGraph) -> Any:
    from milia.mcp_server import server as make

    return make(kg)


@needs_mcp
@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_those_of_the_table(server: Any, mode: str) -> None:
    listed = _ask(server, lambda client: client.list_tools(), mode)
    assert {t.name: (t.title, t.description, t.input_schema) for t in listed.tools} == {
        name: (tool.title, tool.about, tool.schema) for name, tool in TOOLS.items()
    }
    for tool in listed.tools:
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert "evidence" in tool.output_schema["required"]


@needs_mcp
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("tool", "arguments", "evidence"), CALLS.values(), ids=CALLS)
def test_calls(server: Any, mode: str, tool: str, arguments: dict[str, Any], evidence: str) -> None:
    """The client checks each answer against the schema that the tool declares."""
    result = _ask(server, lambda client: client.call_tool(tool, arguments), mode)
    answer = result.structured_content
    assert answer["evidence"] == evidence
    assert (answer["disclaimer"], answer["licence"]) == (NOTICE, LICENCE)
    assert result.is_error == (evidence == UNANSWERED)
    assert json.loads(result.content[0].text) == answer, "for clients that read text only"


@needs_mcp
def test_rows_are_bounded(server: Any) -> None:
    arguments = {"sparql": "SELECT ?s { ?s ?p ?o }", "limit": 5}
    answer = _ask(server, lambda client: client.call_tool("query", arguments)).structured_content
    assert (len(answer["rows"]), answer["cut_off"]) == (5, True)


@needs_mcp
def test_an_unknown_tool_is_an_error_of_the_protocol(server: Any) -> None:
    from mcp import MCPError

    async def question(client: Any) -> None:
        with pytest.raises(MCPError, match="no tool is called 'sarch'; did you mean search"):
            await client.call_tool("sarch", {})

    _ask(server, question)


@needs_mcp
@pytest.mark.parametrize("mode", MODES)
def test_the_command_serves_over_standard_input_and_output(small: Home, mode: str) -> None:
    from mcp import StdioServerParameters

    async def question(client: Any) -> Any:
        listed = await client.list_tools()
        bounded = await client.call_tool("query", {"sparql": "SELECT ?s { ?s ?p ?o }", "limit": 2})
        found = await client.call_tool("search", {"name": "Hautgrieß"})
        return client.server_info, client.instructions, listed, bounded, found

    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "milia.cli", "mcp", "--home", str(small.root)],
        env={"PYTHONPATH": str(ROOT / "scripts")},
    )
    info, instructions, listed, bounded, found = _ask(command, question, mode)
    assert (info.name, info.version) == ("milia", VERSION)
    assert "not medical advice" in instructions
    assert {t.name for t in listed.tools} == set(TOOLS)
    assert len(bounded.structured_content["rows"]) == 2
    assert found.structured_content["evidence"] in {FOUND, NONE}


def test_without_the_package_the_command_says_what_to_install(
    small: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "mcp" else real(name))
    assert main(["mcp", "--home", str(small.root)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "milia: the package mcp is not installed; try: pip install 'milia[mcp]'\n",
    )


def test_without_a_build_the_command_says_so(project: Home, capsys: pytest.CaptureFixture[str]) -> None:
    if not HERE:
        pytest.skip("the package mcp is not installed (make referees)")
    assert main(["mcp", "--home", str(project.root)]) == 2
    assert "there is no built graph in" in capsys.readouterr().err
