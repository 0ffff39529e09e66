"""Several sessions as one, by server name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tdscaling.environments.nested import announce
from tdscaling.environments.sharing import HasWorkspace
from tdscaling.types import JsonObject, OfferedTool, Session, Snapshot, Tool, ToolKey, ToolResult


class RoutedSession:
    """Each call goes to the session of its server; the state is all states side by side.

    `routes` maps a server's name to its session; one session may serve several names.
    """

    def __init__(self, routes: Mapping[str, Session]) -> None:
        self._routes = dict(routes)
        self._sessions: list[tuple[str, Session]] = []
        for name, session in sorted(self._routes.items()):
            if all(session is not other for _, other in self._sessions):
                self._sessions.append((name, session))

    @property
    def tools(self) -> Sequence[Tool]:
        found = [tool for _, session in self._sessions for tool in session.tools if tool.server in self._routes]
        return tuple(sorted(found, key=lambda tool: tool.key))

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        session = self._routes.get(key.server)
        if session is None:
            return ToolResult(content=f"Unknown server {key.server!r}", is_error=True)
        return await session.call(key, arguments)

    async def snapshot(self) -> Snapshot:
        """Leaves keep their paths where there is one session, else `name:` of its first server is put before."""
        if len(self._sessions) == 1:
            return await self._sessions[0][1].snapshot()
        leaves: dict[str, str] = {}
        for name, session in self._sessions:
            state = await session.snapshot()
            leaves |= {f"{name}:{path}": value for path, value in state.leaves.items()}
        return Snapshot(leaves)

    def offer(self, tools: Sequence[OfferedTool]) -> None:
        """Tells every session that lets code call tools which ones the episode offers."""
        for _, session in self._sessions:
            announce(session, tools)

    @property
    def workspace(self) -> Path | None:
        """The folder of the first session that has one."""
        return next((found.workspace for found in self._folders() if found.workspace is not None), None)

    @property
    def ignored(self) -> tuple[str, ...]:
        return next((found.ignored for found in self._folders() if found.workspace is not None), ())

    def _folders(self) -> list[HasWorkspace]:
        return [session for _, session in self._sessions if isinstance(session, HasWorkspace)]

    async def paths(self) -> Sequence[str]:
        return sorted({path for _, session in self._sessions for path in await session.paths()})
