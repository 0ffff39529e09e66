"""Tools that an episode offers beside those it needs: real ones, whose session is opened by their first call."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tdscaling.errors import BoundaryError
from tdscaling.types import Environment, JsonObject, Session, Snapshot, Tool, ToolKey, ToolResult, diff


@dataclass(frozen=True, slots=True)
class Beside:
    """The tools, and the environment and the world in which they act."""

    environment: Environment
    tools: tuple[Tool, ...]
    world: int

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(sorted({tool.server for tool in self.tools}))


class Standby:
    """A Session over the servers of `beside`, opened by its first call; an async context manager that closes it.

    Its state is what has changed since it was opened: nothing as long as nobody has called.
    """

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._opened: Session | None = None
        self._before = Snapshot({})
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def tools(self) -> Sequence[Tool]:
        return self._beside.tools

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        try:
            session = await self._session()
        except BoundaryError as exc:
            return ToolResult(content=str(exc), is_error=True, fault="crash")
        return await session.call(key, arguments)

    async def _session(self) -> Session:
        async with self._turn:
            if self._opened is None:
                beside = self._beside
                opened = await self._stack.enter_async_context(beside.environment.session(beside.servers, beside.world))
                self._before = await opened.snapshot()
                self._opened = opened
            return self._opened

    async def snapshot(self) -> Snapshot:
        if self._opened is None:
            return Snapshot({})
        changes = diff(self._before, await self._opened.snapshot())
        return Snapshot({change.path: change.value if change.kind != "removed" else "removed" for change in changes})

    async def paths(self) -> Sequence[str]:
        return ()
