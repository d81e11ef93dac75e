"""Let assistants ask the graph: a Model Context Protocol server over standard input and output.

The tools are those of `milia.toolset`; this module only speaks the protocol, with the package `mcp`, which
is imported when the server is made.
"""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from milia.assistant import UNANSWERED
from milia.errors import MissingPart, UnknownName
from milia.kg import KnowledgeGraph
from milia.names import VERSION
from milia.toolset import ANSWER_SCHEMA, INSTRUCTIONS, TOOLS, call

if TYPE_CHECKING:
    from mcp.server import Server

__all__ = ["require", "serve", "server"]


def require() -> None:
    """Make sure that the package `mcp` is here.

    Raises:
        MissingPart: it is not installed.
    """
    if importlib.util.find_spec("mcp") is None:
        msg = "the package mcp is not installed; try: pip install 'milia[mcp]'"
        raise MissingPart(msg)


def server(kg: KnowledgeGraph) -> Server[Any]:
    """Return a server that answers from a graph.

    Raises:
        MissingPart: the package `mcp` is not installed.
    """
    require()
    import mcp_types as types
    from anyio import to_thread
    from mcp.server import Server
    from mcp.shared.exceptions import MCPError

    hints = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    tools = [
        types.Tool(
            name=name,
            title=tool.title,
            description=tool.about,
            input_schema=tool.schema,
            output_schema=ANSWER_SCHEMA,
            annotations=hints,
        )
        for name, tool in TOOLS.items()
    ]

    async def list_tools(context: object, params: object) -> types.ListToolsResult:
        del context, params
        return types.ListToolsResult(tools=tools)

    async def call_tool(context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        del context
        try:
            answer = await to_thread.run_sync(call, kg, params.name, params.arguments or {})
        except UnknownName as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from error
        text = types.TextContent(text=json.dumps(answer, ensure_ascii=False))
        return types.CallToolResult(
            content=[text], structured_content=answer, is_error=answer["evidence"] == UNANSWERED
        )

    return Server(
        "milia",
        version=VERSION,
        title="Milia",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve(kg: KnowledgeGraph) -> None:
    """Answer over standard input and output until the input ends.

    Raises:
        MissingPart: the package `mcp` is not installed.
    """
    made = server(kg)
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            await made.run(incoming, outgoing, made.create_initialization_options())

    anyio.run(run)
