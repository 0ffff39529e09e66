"""One owned connection to one server.

The SDK's task groups have to be entered and left in one task, so the connection lives in a task of its own;
calls come from any task. A fault ends the connection: every later call answers with that fault at once.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import mcp_types
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT, UNSUPPORTED_PROTOCOL_VERSION
from pydantic import ValidationError

from tdscaling.catalog.mcp.launch import Launch, Launcher, direct_launch
from tdscaling.catalog.mcp.limits import Limits
from tdscaling.catalog.mcp.masking import Masking
from tdscaling.catalog.mcp.results import deeper, fault_result, result_of
from tdscaling.catalog.mcp.schema import schema_problem
from tdscaling.catalog.mcp.spec import ServerSpec
from tdscaling.catalog.mcp.stdio import StdioProcess, Streams, stdio_transport
from tdscaling.errors import ServerError, crossing, one_line
from tdscaling.types import JsonObject, JsonValue, ToolResult
from tdscaling.values.validation import Checker, validator_of

CLIENT = mcp_types.Implementation(name="tdscaling", version="0")


class Connection:
    """An open connection; made by `connect`."""

    def __init__(self, spec: ServerSpec, launch: Launch | None, limits: Limits) -> None:
        self.spec = spec
        self.launch = launch
        self.fault = ""
        self.notices: list[str] = []
        self._reason = ""
        self._masking = Masking(spec.secrets)
        self._limits = limits
        self._process: StdioProcess | None = None
        self._session: ClientSession | None = None
        self._dispatcher: JSONRPCDispatcher[TransportContext] | None = None
        self._outputs: dict[str, Checker] = {}
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether another call can be made."""
        return not self.fault and self._task is not None and not self._task.done()

    @property
    def description(self) -> str:
        """What the server says of itself: its instructions, else its title."""
        started = self._session.initialize_result if self._session else None
        if started is None:
            return ""
        return self._masking.text(started.instructions or started.server_info.title or "")

    @property
    def version(self) -> str:
        """`name version` as the server gives them."""
        info = self._session.server_info if self._session else None
        return self._masking.text(f"{info.name} {info.version}") if info else ""

    async def start(self, within: float) -> None:
        """Raises ServerError in one line when the server isn't ready within `within` seconds."""
        self._task = asyncio.create_task(self._run(), name=f"mcp {self.spec.name}")
        try:
            async with asyncio.timeout(within):
                await asyncio.shield(self._ready)
        except TimeoutError:
            reason = f"no answer within {within:g} s"
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
            await self.close()
            raise self._not_started(f"server {self.spec.name!r} did not start: {reason}") from None
        except asyncio.CancelledError:
            await self.close()
            raise

    async def raw_tools(self) -> list[JsonObject]:
        """Every page of the listing, each tool as it came over the wire. Raises ServerError."""
        session, dispatcher = self._session, self._dispatcher
        assert session is not None
        assert dispatcher is not None
        tools: list[JsonObject] = []
        cursor: str | None = None
        with crossing(ServerError, f"server {self.spec.name!r} did not list its tools", self._masking.text):
            for _ in range(self._limits.pages):
                page, cursor = await _page(session, dispatcher, cursor)
                tools.extend(cast("list[JsonObject]", [self._masking.value(tool) for tool in page]))
                if cursor is None:
                    break
            else:
                self.notices.append(f"server {self.spec.name!r}: listing cut after {self._limits.pages} pages")
        for tool in tools:
            await asyncio.sleep(0)
            schema = tool.get("outputSchema")
            if isinstance(schema, dict) and schema_problem(schema) is None:
                self.expect(str(tool.get("name")), schema)
        return tools

    def expect(self, name: str, output_schema: JsonObject) -> None:
        """Checks what `name` returns against a schema that is known to be sound."""
        self._outputs[name] = validator_of(output_schema)

    async def call(self, name: str, arguments: JsonObject, within: float) -> ToolResult:
        """Calls a tool. A failure of the tool is a result with `is_error`, one of the server has `fault` too."""
        session = self._session
        if not self.alive or session is None:
            return self._failed(self.fault or "crash", self._reason or "it is not running")
        request = mcp_types.CallToolRequest(
            params=mcp_types.CallToolRequestParams(name=name, arguments=dict(arguments))
        )
        try:
            async with asyncio.timeout(within):
                answer = await session.send_request(request, mcp_types.CallToolResult)
        except TimeoutError:
            return self._failed("timeout", f"no answer to {name} within {within:g} s")
        except MCPError as exc:
            return await self._refused(exc)
        except (ValueError, RecursionError) as exc:  # pydantic's errors, for another shape and for too deep a one
            return self._failed("protocol", f"its answer is no tool result: {one_line(exc, 120, self._masking.text)}")
        structured = cast("JsonValue", answer.structured_content)
        if deeper(structured, self._limits.depth):
            return self._failed("protocol", f"its answer is nested more than {self._limits.depth} levels deep")
        result = result_of(answer, self._limits.text_chars, self._masking)
        self._check_output(name, structured, result)
        return result

    async def close(self, *, at_once: bool = False) -> None:
        """Ends the connection, and the server's process with all its children. Safe to call twice.

        `at_once` gives the process no moment to end by itself: for a workspace that is thrown away.
        """
        if at_once and self._process is not None:
            self._process.grace = 0
        self._stop.set()
        if self._task is not None:
            if not self._ready.done():
                self._task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._task)
        if self._ready.done() and not self._ready.cancelled():
            self._ready.exception()

    def _failed(self, fault: str, reason: str) -> ToolResult:
        if not self.fault:
            self.fault, self._reason = fault, reason
            if self._process is not None:
                self._process.kill()
        return fault_result(fault, self.spec.name, reason)

    async def _refused(self, exc: MCPError) -> ToolResult:
        """An error answer is the tool's; an ended connection is the server's."""
        said = self._masking.text(exc.message)
        if exc.code == REQUEST_TIMEOUT:
            return self._failed("timeout", said)
        if exc.code != CONNECTION_CLOSED:
            return ToolResult(content=said, is_error=True)
        process = self._process
        if process is not None and process.fault:
            return self._failed(process.fault, process.fault_detail)
        if process is not None:
            await process.settle()
        return self._failed("crash", self._last_words(process) if process else said)

    def _last_words(self, process: StdioProcess) -> str:
        return self._masking.text(process.last_words())[:300]

    def _check_output(self, name: str, structured: JsonValue, result: ToolResult) -> None:
        """A result that breaks the tool's own output schema stays a result; the breach is a notice."""
        validator = self._outputs.get(name)
        if validator is None or result.is_error or result.fault:
            return
        if structured is None:
            self._notice(f"{name}: no structured output, though its output schema asks for it")
            return
        error = validator.error(structured)
        if error is not None:
            said = " ".join(self._masking.text(error.message).split())
            self._notice(f"{name}: output breaks its own schema: {said[:200]}")

    def _notice(self, text: str) -> None:
        if text not in self.notices and len(self.notices) < 100:
            self.notices.append(text)

    async def _run(self) -> None:
        """The connection's life; its failures end in `_ready`, or in the calls under way."""
        try:
            with crossing(ServerError, f"server {self.spec.name!r} did not start", self._masking.text):
                async with self._transport() as (read, write):
                    self._dispatcher = JSONRPCDispatcher[TransportContext](read, write)
                    async with ClientSession(dispatcher=self._dispatcher, client_info=CLIENT) as session:
                        await self._handshake(session)
                        self._session = session
                        self._ready.set_result(None)
                        await self._stop.wait()
        except ServerError as exc:
            if not self._ready.done():
                text = f"server {self.spec.name!r} did not start: {self._reason}" if self._reason else str(exc)
                self._ready.set_exception(self._not_started(text))
            elif not self.fault:
                self.fault, self._reason = "crash", str(exc)

    def _not_started(self, text: str) -> ServerError:
        return ServerError(text + (self.launch.advise(text) if self.launch else ""))

    async def _handshake(self, session: ClientSession) -> None:
        try:
            await session.initialize()
        except MCPError as exc:
            if exc.code == UNSUPPORTED_PROTOCOL_VERSION:
                await session.discover()
                return
            process = self._process
            if process is None or exc.code != CONNECTION_CLOSED:
                raise
            await process.settle()
            self._reason = process.fault_detail or self._last_words(process)
            raise

    def _transport(self) -> AbstractAsyncContextManager[Streams]:
        return self._http() if self.launch is None else self._stdio(self.launch)

    @asynccontextmanager
    async def _stdio(self, launch: Launch) -> AsyncGenerator[Streams]:
        if shutil.which(launch.argv[0], path=launch.env.get("PATH")) is None:
            self._reason = f"no such command: {launch.argv[0]}"
            raise ServerError(self._reason)
        async with stdio_transport(launch, self._limits) as (process, streams):
            self._process = process
            yield streams
        if process.rubbish:
            self._notice(f"server {self.spec.name!r}: {process.rubbish} lines on stdout that are no messages")

    @asynccontextmanager
    async def _http(self) -> AsyncGenerator[Streams]:
        async with (
            create_mcp_http_client(headers=dict(self.spec.headers)) as client,
            streamable_http_client(self.spec.url, http_client=client) as (read, write),
        ):
            yield cast("Streams", (read, write))


async def _page(
    session: ClientSession, dispatcher: JSONRPCDispatcher[TransportContext], cursor: str | None
) -> tuple[list[JsonObject], str | None]:
    """One page. Where the SDK rejects the page for one bad tool, the page is read as it came."""
    params = mcp_types.PaginatedRequestParams(cursor=cursor)
    try:
        page = await session.list_tools(params=params)
    except ValidationError:
        raw = await dispatcher.send_raw_request("tools/list", {"cursor": cursor} if cursor else {})
        found = cast("JsonValue", raw.get("tools"))
        tools: list[JsonObject] = []
        if isinstance(found, list):
            tools.extend(tool for tool in found if isinstance(tool, dict))
        following = raw.get("nextCursor")
        return tools, following if isinstance(following, str) else None
    dumped = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools]
    return cast("list[JsonObject]", dumped), page.next_cursor


async def connect(
    spec: ServerSpec,
    *,
    workspace: Path,
    within: float,
    home: Path | None = None,
    launcher: Launcher | None = None,
    limits: Limits | None = None,
) -> Connection:
    """Starts (or reaches) a server and shakes hands; the caller closes the connection.

    `workspace` fills `{workspace}`; `home` is the server's HOME (the workspace where none is given); `launcher`
    may wrap the command line. Raises ServerError "server 'x' did not start: reason".
    """
    launch = None if spec.url else (launcher or direct_launch)(spec, workspace, home or workspace)
    connection = Connection(spec, launch, limits or Limits())
    await connection.start(within)
    return connection
