"""A stdio server process: its own process group, bounded output, standard error kept as a tail.

The SDK's own stdio client inherits standard error, reads without a bound and takes up to two seconds to end a
server; this transport feeds the same SDK session but stops a flood and kills the whole tree at once on a fault.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import cast

import anyio
import mcp_types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from tdscaling.acquiring import acquired, finished
from tdscaling.catalog.mcp.launch import Launch
from tdscaling.catalog.mcp.limits import Limits
from tdscaling.types import JsonValue

CHUNK = 256 * 1024
GRACE = 0.5
PATIENCE = 2.0
"""Seconds in which a stop that has ended a server reaches this process as well."""
TERMINATED = (0, -signal.SIGTERM, 128 + signal.SIGTERM)
"""How a process ends that was told to: in order, as one that answers the signal does; by it; or as one that ran it."""

Inbox = MemoryObjectSendStream[SessionMessage | Exception]
Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


class StdioProcess:
    """One running server. `fault` is set before its streams end, when it was the server's doing; `grace` is how
    many seconds it gets to end by itself."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self.fault = ""
        self.fault_detail = ""
        self.rubbish = 0
        self.grace = GRACE
        self._process = process
        self._limits = limits
        self._stderr = b""
        self._unasked = 0
        self._unasked_bytes = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def last_words(self) -> str:
        """The last line of standard error, else how the process ended."""
        lines = [line.strip() for line in self._stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        if lines:
            return lines[-1]
        code = self.returncode
        if code is None:
            return "it closed its output"
        return f"it ended with exit code {code}" if code >= 0 else f"it was ended by signal {-code}"

    async def settle(self) -> None:
        """Waits a moment for the exit code and the last of standard error of a process that has gone.

        Where it was told to end, as all of a service are at a stop, this waits for the stop to come here too and to
        cancel what waits: that a server has ended is no failure of its own then.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE)
        for _ in range(3):
            await asyncio.sleep(0)
        if self.returncode in TERMINATED:
            await asyncio.sleep(PATIENCE)

    def kill(self) -> None:
        """Ends the process and all of its group, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def drain_stderr(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        while chunk := await stderr.read(CHUNK):
            self._stderr = (self._stderr + chunk)[-self._limits.stderr_bytes :]

    async def read_into(self, inbox: Inbox) -> None:
        async with inbox:
            async for line in self._lines():
                message = self._message(line)
                if self.fault:
                    break
                if message is not None:
                    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                        await inbox.send(SessionMessage(message))
        if self.fault:
            self.kill()

    async def write_from(self, outbox: MemoryObjectReceiveStream[SessionMessage]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(ConnectionError):
            async with outbox:
                async for item in outbox:
                    stdin.write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                    await stdin.drain()

    async def end(self, grace: float) -> None:
        """Closes standard input, waits for `grace` seconds, then kills the group and collects the process."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            with suppress(ConnectionError):
                stdin.close()
            if grace > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), grace)
        finally:
            await self._collected()

    async def _collected(self) -> None:
        self.kill()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 2.0)
        finally:
            close_transport(self._process)

    async def _lines(self) -> AsyncIterator[bytes]:
        stdout = self._process.stdout
        assert stdout is not None
        parts: list[bytes] = []
        held = 0
        while chunk := await stdout.read(CHUNK):
            *whole, rest = chunk.split(b"\n")
            for piece in whole:
                line = b"".join((*parts, piece))
                parts, held = [], 0
                if len(line) > self._limits.message_bytes:
                    self._flood(f"a message of more than {self._limits.message_bytes} bytes")
                yield line
            parts.append(rest)
            held += len(rest)
            if held > self._limits.message_bytes:
                self._flood(f"a message of more than {self._limits.message_bytes} bytes")
                yield b""

    def _message(self, line: bytes) -> mcp_types.JSONRPCMessage | None:
        if self.fault or not line.strip():
            return None
        message = _parsed(line)
        if message is None:
            self.rubbish += 1
            self._unasked_bytes += len(line)
        elif isinstance(message, mcp_types.JSONRPCResponse | mcp_types.JSONRPCError):
            self._unasked = self._unasked_bytes = 0
        else:
            self._unasked += 1
            self._unasked_bytes += len(line)
        if self._unasked > self._limits.notifications or self._unasked_bytes > self._limits.rubbish_bytes:
            self._flood("output nobody asked for")
            return None
        return message

    def _flood(self, what: str) -> None:
        self.fault, self.fault_detail = "flood", f"it sent {what}"


def _parsed(line: bytes) -> mcp_types.JSONRPCMessage | None:
    text = line.decode("utf-8", "replace")
    try:
        return mcp_types.jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValueError:
        pass
    try:
        return mcp_types.jsonrpc_message_adapter.validate_python(whole(json.loads(text)), by_name=False)
    except (ValueError, RecursionError):
        return None


def whole(value: JsonValue) -> JsonValue:
    """`value` with half surrogate pairs replaced, which JSON can spell and UTF-8 can't."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {cast("str", whole(key)): whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value


def close_transport(process: asyncio.subprocess.Process) -> None:
    """Lets go of pipes that a survivor outside the group still holds; asyncio has no public name for it."""
    close = getattr(getattr(process, "_transport", None), "close", None)
    if callable(close):
        close()


async def _started(launch: Launch, limits: Limits) -> StdioProcess:
    process = await asyncio.create_subprocess_exec(
        *launch.argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(launch.env),
        cwd=launch.cwd,
        start_new_session=True,
        limit=CHUNK,
    )
    return StdioProcess(process, limits)


@asynccontextmanager
async def stdio_transport(launch: Launch, limits: Limits) -> AsyncGenerator[tuple[StdioProcess, Streams]]:
    """Starts the server and ends it, with its children, on leaving. Raises OSError when it can't be started."""
    server = await acquired(_started(launch, limits), lambda started: started.end(0))
    inbox, read = anyio.create_memory_object_stream[SessionMessage | Exception](16)
    write, outbox = anyio.create_memory_object_stream[SessionMessage](16)
    tasks = [
        asyncio.create_task(server.drain_stderr()),
        asyncio.create_task(server.read_into(inbox)),
        asyncio.create_task(server.write_from(outbox)),
    ]
    try:
        yield server, (read, write)
    finally:
        read.close()
        write.close()
        await finished(_ended(server, tasks))
        for stream in (inbox, outbox):
            stream.close()


async def _ended(server: StdioProcess, tasks: Sequence[asyncio.Task[None]]) -> None:
    await server.end(0 if server.fault else server.grace)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
