"""A slot: one workspace and the server processes bound to it, for one episode at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdscaling.catalog.mcp import Connection, Launcher, Limits, ServerSpec, connect
from tdscaling.environments.paths import PathMap
from tdscaling.environments.state import Snapshotter
from tdscaling.environments.tree import Mirror, empty
from tdscaling.errors import ServerError, crossing


class Slot:
    """Owns its folder and its processes; nothing here is shared with another slot."""

    def __init__(self, root: Path, launcher: Launcher | None, limits: Limits, snapshotter: Snapshotter) -> None:
        self.workspace = root / "workspace"
        self.home = root / "home"
        self.world: int | None = None
        self.snapshotter = snapshotter
        self._launcher = launcher
        self._limits = limits
        self._mirror = Mirror(self.workspace)
        self._connections: dict[str, Connection] = {}

    @property
    def servers(self) -> frozenset[str]:
        """The servers with a process that can take another call."""
        return frozenset(name for name, connection in self._connections.items() if connection.alive)

    def connection(self, server: str) -> Connection:
        return self._connections[server]

    def paths(self, server: str) -> PathMap:
        launch = self._connections[server].launch
        return PathMap(launch.workspace, launch.home) if launch else PathMap(str(self.workspace), str(self.home))

    async def reset(self, template: Path, world: int) -> None:
        """Makes the workspace equal to the initial state. Processes that keep running don't see it coming.
        Raises ServerError where the disk refuses."""
        with crossing(ServerError, f"workspace {self.workspace} can't be reset"):
            await asyncio.to_thread(self._reset, template)
        self.world = world

    def _reset(self, template: Path) -> None:
        self._mirror.reset(template)
        self.home.mkdir(exist_ok=True)
        empty(self.home)  # the folder itself stays: a confined server has it bound

    async def ensure(self, specs: Sequence[ServerSpec], within: float) -> list[str]:
        """Starts what isn't running; returns the names started. Raises ServerError."""
        missing = [spec for spec in specs if spec.name not in self.servers]
        async with asyncio.TaskGroup() as group:
            for spec in missing:
                group.create_task(self._start(spec, within))
        return [spec.name for spec in missing]

    async def _start(self, spec: ServerSpec, within: float) -> None:
        await self.stop([spec.name])
        self._connections[spec.name] = await connect(
            spec,
            workspace=self.workspace,
            home=self.home,
            within=within,
            launcher=self._launcher,
            limits=self._limits,
        )

    async def stop(self, servers: Sequence[str] | None = None) -> None:
        """Ends these processes (all where none are named)."""
        names = list(self._connections) if servers is None else [name for name in servers if name in self._connections]
        gone = [self._connections.pop(name) for name in names]
        await asyncio.gather(*(connection.close(at_once=True) for connection in gone))


def choose(free: Sequence[Slot], world: int, servers: frozenset[str]) -> Slot:
    """The free slot with the least to do: most of the servers running, then the same world."""
    ranks: Mapping[int, tuple[int, bool]] = {
        index: (len(servers & slot.servers), slot.world == world) for index, slot in enumerate(free)
    }
    return free[max(ranks, key=lambda index: (ranks[index], -index))]
