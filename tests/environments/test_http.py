"""A server over streamable HTTP."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from mcp.server.mcpserver import MCPServer

from tdscaling.catalog.mcp import ServerSpec, connect, list_tools
from tdscaling.errors import ServerError


@asynccontextmanager
async def served() -> AsyncGenerator[str]:
    server = MCPServer("remote", instructions="A remote server for tests.")

    @server.tool()
    def double(number: int) -> int:
        """Doubles a number."""
        return 2 * number

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        config = uvicorn.Config(server.streamable_http_app(), log_level="critical", lifespan="on")
        web = uvicorn.Server(config)
        task = asyncio.create_task(web.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            web.should_exit = True
            await task


@pytest.mark.requirement("environments.pages")
async def test_a_server_over_http_is_listed_and_called(tmp_path: Path) -> None:
    async with served() as url:
        spec = ServerSpec(name="remote", url=url, headers={"Authorization": "Bearer x"})
        tools, problems = await list_tools({"remote": spec}, workspace=tmp_path)
        assert [tool.name for tool in tools] == ["double"]
        assert not problems
        connection = await connect(spec, workspace=tmp_path, within=20)
        try:
            result = await connection.call("double", {"number": 21}, 20)
        finally:
            await connection.close()
        assert (result.content, result.structured, result.is_error) == ("42", {"result": 42}, False)


@pytest.mark.requirement("environments.start")
async def test_an_address_nobody_answers_at_is_named(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        with pytest.raises(ServerError, match=r"^server 'remote' did not start: "):
            await connect(ServerSpec(name="remote", url=url), workspace=tmp_path, within=20)
