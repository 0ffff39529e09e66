"""One episode over live servers: its calls, and the state that they leave."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments.paths import listed
from tdscaling.environments.slot import Slot
from tdscaling.environments.state.values import digest
from tdscaling.environments.volatile import Volatile
from tdscaling.errors import ServerError, crossing
from tdscaling.types import JsonObject, Snapshot, Tool, ToolKey, ToolResult

Script = Sequence[tuple[str, JsonObject]]
"""Calls of one server: tool name and arguments."""


class LiveSession:
    """One episode in one slot."""

    def __init__(
        self,
        slot: Slot,
        tools: Sequence[Tool],
        settings: EnvironmentSettings,
        volatile: Volatile,
        probes: Mapping[str, Script],
        forbidden: Collection[ToolKey] = (),
    ) -> None:
        self._slot = slot
        self._forbidden = forbidden
        self._probes = probes
        self._tools = tuple(tools)
        self._servers = {tool.server for tool in tools}
        self._settings = settings
        self._volatile = volatile

    @property
    def tools(self) -> Sequence[Tool]:
        return self._tools

    @property
    def workspace(self) -> Path:
        """The folder that the servers work in; whatever a server puts there is not to be trusted."""
        return self._slot.workspace

    @property
    def ignored(self) -> tuple[str, ...]:
        return self._settings.ignore

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        if key.server not in self._servers:
            return ToolResult(content=f"Unknown server {key.server!r}", is_error=True)
        if key in self._forbidden:
            return ToolResult(content=f"Permission denied: {key.name} can't be called here", is_error=True)
        paths = self._slot.paths(key.server)
        connection = self._slot.connection(key.server)
        result = await connection.call(key.name, paths.arguments(arguments), self._settings.call_timeout)
        return paths.result(result)

    async def snapshot(self) -> Snapshot:
        with crossing(ServerError, f"the state of {', '.join(sorted(self._servers))} can't be read"):
            leaves = dict(await asyncio.to_thread(self._slot.snapshotter.leaves, self._slot.workspace))
        for server in sorted(self._servers & self._probes.keys()):
            for index, (tool, arguments) in enumerate(self._probes[server]):
                result = await self.call(ToolKey(server, tool), arguments)
                leaves[f"probe:{server}/{tool}#{index}"] = digest([result.content, result.structured])
        return self._volatile.masked(Snapshot(leaves))

    async def paths(self) -> Sequence[str]:
        with crossing(ServerError, f"the files of {', '.join(sorted(self._servers))} can't be listed"):
            return await asyncio.to_thread(listed, self._slot.workspace)
