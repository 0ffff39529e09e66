"""The environment of a code task: a fresh sandbox that holds the task's files. Its state is the task's outputs."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tdscaling.environments.code import SERVER, CodeSession, code_tools
from tdscaling.environments.opened import opened
from tdscaling.errors import SandboxError, ServerError
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.sandbox.grading import exported
from tdscaling.types import CodeWork, JsonObject, Snapshot, Tool, ToolKey, ToolResult


class TaskSession:
    """A Session over one sandbox session; `left` are the outputs as they are now."""

    def __init__(self, sandbox: SandboxSession, code: CodeSession, outputs: Sequence[str]) -> None:
        self._sandbox = sandbox
        self._code = code
        self._outputs = tuple(outputs)

    @property
    def tools(self) -> Sequence[Tool]:
        return self._code.tools

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        return await self._code.call(key, arguments)

    async def left(self) -> dict[str, bytes]:
        """The task's outputs by path; one that is not there, or is no regular file, is left out."""
        return await asyncio.to_thread(exported, self._sandbox, self._outputs)

    async def snapshot(self) -> Snapshot:
        left = await self.left()
        return Snapshot({path: hashlib.sha256(data).hexdigest()[:16] for path, data in sorted(left.items())})

    async def paths(self) -> Sequence[str]:
        return ()


class TaskEnvironment:
    """An Environment of one world: the start of a code task."""

    worlds = 1

    def __init__(self, sandbox: Sandbox, work: CodeWork) -> None:
        self._sandbox = sandbox
        self._work = work

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[TaskSession]:
        """Raises ServerError when the sandbox can't be had or does not take the files."""
        async with AsyncExitStack() as stack:
            try:
                inside = await stack.enter_async_context(opened(self._sandbox))
                await asyncio.to_thread(self._fill, inside)
            except SandboxError as exc:
                raise ServerError(f"{SERVER}: {exc}") from exc
            yield TaskSession(inside, CodeSession(inside, self._sandbox.abilities), self._work.outputs)

    def _fill(self, inside: SandboxSession) -> None:
        for path, data in sorted(self._work.contents().items()):
            inside.put(path, data)

    def tools(self) -> tuple[Tool, ...]:
        """What a session offers."""
        return code_tools(self._sandbox.abilities, shared=False)

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return {"kind": "code task", "sandbox": self._sandbox.provenance()}
