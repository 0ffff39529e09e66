"""The tools of servers, as the catalogue holds them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from tdscaling.catalog.mcp.connection import Connection, connect
from tdscaling.catalog.mcp.launch import Launcher
from tdscaling.catalog.mcp.limits import Limits
from tdscaling.catalog.mcp.schema import schema_problem
from tdscaling.catalog.mcp.spec import ServerSpec
from tdscaling.errors import ServerError
from tdscaling.types import JsonObject, JsonValue, Tool


async def list_tools(
    specs: Mapping[str, ServerSpec],
    *,
    workspace: Path,
    within: float = 20.0,
    launcher: Launcher | None = None,
    limits: Limits | None = None,
    concurrency: int = 4,
) -> tuple[list[Tool], list[str]]:
    """All tools, sorted by server and name, and one line for each server or tool left out.

    Servers are asked at the same time, at most `concurrency` of them, each within `within` seconds.
    """
    gate = asyncio.Semaphore(concurrency)

    async def ask(spec: ServerSpec) -> tuple[list[Tool], list[str]]:
        async with gate:
            try:
                async with asyncio.timeout(2 * within):
                    connection = await connect(
                        spec, workspace=workspace, within=within, launcher=launcher, limits=limits
                    )
                    try:
                        return await tools_of(connection)
                    finally:
                        await connection.close()
            except ServerError as exc:
                return [], [str(exc)]
            except TimeoutError:
                return [], [f"server {spec.name!r} did not list its tools within {within:g} s"]

    answers = await asyncio.gather(*(ask(spec) for _, spec in sorted(specs.items())))
    tools = [tool for found, _ in answers for tool in found]
    problems = [line for _, lines in answers for line in lines]
    return sorted(tools, key=lambda tool: tool.key), problems


async def tools_of(connection: Connection) -> tuple[list[Tool], list[str]]:
    """The tools one server publishes, and one line for each that can't be used. Raises ServerError."""
    server = connection.spec.name
    tools: list[Tool] = []
    problems: list[str] = []
    seen: set[str] = set()
    for raw in await connection.raw_tools():
        await asyncio.sleep(0)  # a deadline can pass between two schemas
        name = raw.get("name")
        problem = _problem(raw, seen)
        if problem is not None or not isinstance(name, str):
            problems.append(f"server {server!r}: tool {name!r} left out: {problem}")
            continue
        seen.add(name)
        tools.append(_tool(server, name, raw, connection.description))
    if not tools and not problems:
        problems.append(f"server {server!r} lists no tools")
    return tools, problems + connection.notices


def _problem(raw: JsonObject, seen: set[str]) -> str | None:
    name, schema = raw.get("name"), raw.get("inputSchema")
    if not isinstance(name, str) or not name:
        return "it has no name"
    if name in seen:
        return "its name is taken by an earlier tool"
    if not isinstance(schema, Mapping):
        return "its input schema is not an object"
    return schema_problem(schema)


def _tool(server: str, name: str, raw: JsonObject, about: str) -> Tool:
    output, hints, description = raw.get("outputSchema"), raw.get("annotations"), raw.get("description")
    return Tool(
        server=server,
        name=name,
        description=description if isinstance(description, str) else "",
        input_schema=_object(raw.get("inputSchema")) or {},
        output_schema=_output(_object(output)),
        annotations=_object(hints) or {},
        server_description=about,
        source="mcp",
    )


def _object(value: JsonValue) -> JsonObject | None:
    return value if isinstance(value, Mapping) else None


def _output(schema: JsonObject | None) -> JsonObject | None:
    """An output schema that can't be checked is as good as none."""
    return schema if schema is not None and schema_problem(schema) is None else None
