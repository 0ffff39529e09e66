"""The environment of a code task: a fresh sandbox that holds the task's files. Its state is the task's outputs, and
what was changed with the tools that are offered beside the sandbox's."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tdscaling.environments.code import SERVER, CodeSession, code_tools
from tdscaling.environments.opened import opened
from tdscaling.environments.standby import Beside, Standby
from tdscaling.errors import SandboxError, ServerError
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.sandbox.grading import exported
from tdscaling.types import CodeWork, JsonObject, JsonValue, OfferedTool, Snapshot, Tool, ToolKey, ToolResult


class TaskSession:
    """A Session over one sandbox session, and over the tools on standby; `left` are the outputs as they are now."""

    def __init__(
        self, sandbox: SandboxSession, code: CodeSession, outputs: Sequence[str], standby: Standby | None = None
    ) -> None:
        self._sandbox = sandbox
        self._code = code
        self._outputs = tuple(outputs)
        self._standby = standby

    @property
    def tools(self) -> Sequence[Tool]:
        return (*self._code.tools, *(self._standby.tools if self._standby else ()))

    def offer(self, tools: Sequence[OfferedTool]) -> None:
        """What code may call from now on."""
        self._code.offer(tools)

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        if self._standby is None or key.server == SERVER:
            return await self._code.call(key, arguments)
        return await self._standby.call(key, arguments)

    async def left(self) -> dict[str, bytes]:
        """The task's outputs by path; one that is not there, or is no regular file, is left out."""
        return await asyncio.to_thread(exported, self._sandbox, self._outputs)

    async def snapshot(self) -> Snapshot:
        left = await self.left()
        leaves = {path: hashlib.sha256(data).hexdigest()[:16] for path, data in sorted(left.items())}
        beside = await self._standby.snapshot() if self._standby else Snapshot({})
        return Snapshot({**leaves, **{f"beside:{path}": value for path, value in beside.leaves.items()}})

    async def paths(self) -> Sequence[str]:
        return ()


class TaskEnvironment:
    """An Environment of one world: the start of a code task."""

    worlds = 1

    def __init__(self, sandbox: Sandbox, work: CodeWork, beside: Beside | None = None) -> None:
        self._sandbox = sandbox
        self._work = work
        self._beside = beside

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[TaskSession]:
        """Raises ServerError when the sandbox can't be had or does not take the files."""
        async with AsyncExitStack() as stack:
            try:
                inside = await stack.enter_async_context(opened(self._sandbox))
                await asyncio.to_thread(self._fill, inside)
            except SandboxError as exc:
                raise ServerError(f"{SERVER}: {exc}") from exc
            standby = await stack.enter_async_context(Standby(self._beside)) if self._beside else None
            code = CodeSession(inside, self._sandbox.abilities, business=standby)
            yield TaskSession(inside, code, self._work.outputs, standby)

    def _fill(self, inside: SandboxSession) -> None:
        for path, data in sorted(self._work.contents().items()):
            inside.put(path, data)

    def tools(self) -> tuple[Tool, ...]:
        """What a session offers."""
        code = code_tools(self._sandbox.abilities, shared=False, calls=self._beside is not None)
        return (*code, *(self._beside.tools if self._beside else ()))

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        found: dict[str, JsonValue] = {"kind": "code task", "sandbox": self._sandbox.provenance()}
        if self._beside is not None:
            found["beside"] = self._beside.environment.provenance(self._beside.servers, self._beside.world)
        return found
