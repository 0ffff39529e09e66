"""Live servers as an environment: a pool of slots, each session a fresh copy of a world."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tdscaling.acquiring import finished
from tdscaling.catalog.mcp import Launcher, Limits, ServerSpec, tools_of
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments.live_session import LiveSession, Script
from tdscaling.environments.promised import by_server, difference
from tdscaling.environments.reuse import Check, ProbeRun, Reuse, decide
from tdscaling.environments.slot import Slot, choose
from tdscaling.environments.state import Snapshotter, StateRules
from tdscaling.environments.state.values import digest
from tdscaling.environments.volatile import Volatile
from tdscaling.environments.worlds import Seeding, Worlds
from tdscaling.errors import BoundaryError, ConfigError, ServerError, crossing
from tdscaling.scratch import discard, scratch
from tdscaling.types import JsonObject, JsonValue, Snapshot, Tool, ToolKey

FORBIDDEN = Reuse(False, "environment.reuse is false")


class LiveEnvironment:
    """Sessions over live MCP servers; an async context manager that owns the processes and folders.

    `base` is where relative seed files and the seed command start; `root` the folder for worlds and workspaces
    (a temporary one, removed at the end, where none is given).
    """

    def __init__(
        self,
        specs: Mapping[str, ServerSpec],
        settings: EnvironmentSettings,
        *,
        seed: int = 0,
        base: Path | None = None,
        root: Path | None = None,
        launcher: Launcher | None = None,
    ) -> None:
        self._specs = dict(specs)
        self._settings = settings
        self._seed = seed
        self._base = base or Path.cwd()
        self._given_root = root
        self._scratch = ExitStack()
        self._launcher = launcher
        self._volatile = Volatile()
        self._probes: dict[str, Script] = {
            name: [(probe.tool, probe.arguments) for probe in probes] for name, probes in settings.probes.items()
        }
        self._reuse: dict[str, Reuse] = {}
        self._forbidden: frozenset[ToolKey] = frozenset()
        self._promised: Mapping[str, frozenset[str]] = {}
        self.changes: list[str] = []
        self._tools: dict[str, tuple[Tool, ...]] = {}
        self._versions: dict[str, str] = {}
        self._digests: dict[int, str] = {}
        self._notices: dict[str, None] = {}
        self._free: list[Slot] = []
        self._slots: list[Slot] = []
        self._turn = asyncio.Condition()
        self._root: Path | None = None
        self._worlds: Worlds | None = None

    @property
    def worlds(self) -> int:
        return self._settings.worlds

    @property
    def reuses(self) -> bool:
        """Whether any process may serve more than one session."""
        return self._settings.reuse

    @property
    def remote(self) -> frozenset[str]:
        """Servers reached by a url: every session has the same one, and nothing puts its state back."""
        return frozenset(name for name, spec in self._specs.items() if spec.url)

    @property
    def volatile(self) -> Volatile:
        return self._volatile

    @property
    def notices(self) -> Sequence[str]:
        """What servers did that was tolerated, each once."""
        return tuple(self._notices)

    async def __aenter__(self) -> Self:
        root = self._given_root or self._scratch.enter_context(scratch())
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._worlds = Worlds(Seeding(self._root, self._base, self._seed, self._settings))
        limits = Limits(message_bytes=self._settings.max_result_bytes, text_chars=self._settings.max_result_chars)
        for index in range(self._settings.slots):
            folder = self._root / f"slot-{index}"
            self._slots.append(Slot(folder, self._launcher, limits, self._snapshotter()))
        self._free = list(self._slots)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(slot.stop() for slot in self._slots))
        if self._worlds is not None:
            await self._worlds.close()
        if self._root is not None:
            for folder in [*self._root.glob("slot-*"), self._root / "worlds", self._root / "seeding"]:
                with suppress(OSError):
                    discard(folder)
        self._scratch.close()
        self._slots, self._free = [], []

    def mask(self, volatile: Volatile) -> None:
        """Leaves this out of every later snapshot, beside what was masked before."""
        self._volatile = self._volatile | volatile
        self._digests.clear()

    def watch(self, server: str, script: Script) -> bool:
        """Makes the results of these reading calls part of the state; False where the settings name probes of
        `server`, which stay alone."""
        if server in self._settings.probes:
            return False
        self._probes[server] = script
        return True

    def promise(self, tools: Iterable[Tool]) -> None:
        """What the catalogue says that these servers offer: one that offers something else gets a line in `changes`."""
        self._promised = by_server(tools)

    def forbid(self, tools: Iterable[ToolKey]) -> None:
        """Refuses every later call of these tools: the server does not hear of it."""
        self._forbidden |= frozenset(tools)

    def assume_reuse(self, servers: Sequence[str]) -> None:
        """Reuses processes of these servers until `self_check` has judged: for exploration, which supplies the
        check's script, and must be repeated where the check fails."""
        self._reuse |= {name: Reuse(True, "assumed until checked") for name in servers}

    def refuse_reuse(self, server: str, reason: str) -> None:
        """Gives this server a fresh process for every session: nothing has shown that a used one will do."""
        self._reuse[server] = Reuse(False, reason)

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[LiveSession]:
        """A fresh session; waits for a free slot. Raises ServerError, or ConfigError where seeding fails."""
        names = frozenset(servers)
        template = await self._template(world)
        slot = await self._acquire(world, names)
        try:
            await slot.reset(template, world)
            yield await self._open(slot, sorted(names))
        finally:
            await finished(self._release(slot))

    async def self_check(self, server: str, script: Script, world: int = 0) -> Reuse:
        """Decides whether processes of `server` are reused: runs `script`, writes included, on two fresh
        processes and again on the second one after a reset. Raises ServerError.

        What is seen once may be chance (a file's size that depends on the second it was written in), so a server is
        refused only when checks at an uneven pace all refuse it, and for something in which all of them agree.
        """
        if not self.reuses:
            return FORBIDDEN
        template = await self._template(world)
        slot = await self._acquire(world, frozenset())
        try:
            self._reuse[server] = await decide(lambda: self._checked(slot, template, server, script, world))
        finally:
            await finished(self._release(slot))
        return self._reuse[server]

    async def _checked(self, slot: Slot, template: Path, server: str, script: Script, world: int) -> Check:
        async def run(*, fresh: bool) -> ProbeRun:
            if fresh:
                await slot.stop([server])
            await slot.reset(template, world)
            session = await self._open(slot, [server])
            before = await session.snapshot()
            results = [await session.call(ToolKey(server, tool), arguments) for tool, arguments in script]
            return ProbeRun(before, results, await session.snapshot())

        return await run(fresh=True), await run(fresh=True), await run(fresh=False)

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        described: dict[str, JsonValue] = {}
        for name in sorted(set(servers)):
            reuse = self._reuse.get(name) if self.reuses else FORBIDDEN
            described[name] = {
                "version": self._versions.get(name, ""),
                "process": "reused" if reuse and reuse.allowed else "fresh",
                "reason": reuse.reason if reuse else "not checked for reuse",
            }
        return {
            "kind": "live",
            "confined": self._launcher is not None,
            "world": world,
            "seed": self._seed,
            "initial_state": self._digests.get(world, ""),
            "servers": described,
        }

    def _snapshotter(self) -> Snapshotter:
        return Snapshotter(StateRules(ignore=self._settings.ignore, max_table_rows=self._settings.max_table_rows))

    async def _template(self, world: int) -> Path:
        if self._worlds is None:
            raise ConfigError("the environment is not open; use it as `async with environment:`")
        template = await self._worlds.template(world)
        if world not in self._digests:
            with crossing(ServerError, f"world {world} can't be read"):
                leaves = await asyncio.to_thread(self._snapshotter().leaves, template)
            self._digests[world] = digest(dict(self._volatile.masked(Snapshot(leaves)).leaves))
        return template

    async def _open(self, slot: Slot, names: Sequence[str]) -> LiveSession:
        specs = [self._spec(name) for name in names]
        try:
            started = await slot.ensure(specs, self._settings.start_timeout)
            for name in started:
                if name not in self._tools:
                    tools, problems = await tools_of(slot.connection(name))
                    self._tools[name] = tuple(tools)
                    self._notices |= dict.fromkeys(problems)
                    self._versions[name] = slot.connection(name).version
                    self._compare(name)
                for tool in self._tools[name]:
                    if tool.output_schema is not None:
                        slot.connection(name).expect(tool.name, tool.output_schema)
        except* BoundaryError as group:
            raise _first(group) from None
        offered = [tool for name in names for tool in self._tools[name]]
        return LiveSession(slot, offered, self._settings, self._volatile, self._probes, self._forbidden)

    def _compare(self, server: str) -> None:
        """Notes in `changes` where a server offers other tools than were promised."""
        offered = [tool.name for tool in self._tools[server]]
        if server in self._promised and (line := difference(server, self._promised[server], offered)):
            self.changes.append(line)

    def _spec(self, name: str) -> ServerSpec:
        if name not in self._specs:
            raise ServerError(f"server {name!r} is not configured; servers: {', '.join(sorted(self._specs))}")
        return self._specs[name]

    async def _acquire(self, world: int, servers: frozenset[str]) -> Slot:
        async with self._turn:
            await self._turn.wait_for(lambda: bool(self._free))
            slot = choose(self._free, world, servers)
            self._free.remove(slot)
            return slot

    async def _release(self, slot: Slot) -> None:
        """Ends every process that may not serve another episode, then frees the slot."""
        try:
            for name in slot.servers:
                self._notices |= dict.fromkeys(slot.connection(name).notices)
            await slot.stop([name for name in self._specs if not self._reusable(slot, name)])
        finally:
            async with self._turn:
                self._free.append(slot)
                self._turn.notify()

    def _reusable(self, slot: Slot, name: str) -> bool:
        if not self.reuses:
            return False
        verdict = self._reuse.get(name)
        return name in slot.servers and (bool(self._specs[name].url) or (verdict is not None and verdict.allowed))


def _first(group: BaseExceptionGroup[BoundaryError]) -> BoundaryError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, BoundaryError)
    return found
