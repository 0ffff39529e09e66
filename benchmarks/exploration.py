"""What exploration finds and what it costs: `python -m benchmarks.exploration [SERVER…]`, after `make servers`.

Explores the demo's servers (those named, else all) one after the other in world 0 and prints, for each, how many of its
tools worked, the calls spent, the seconds, and the tools that stayed unexplored.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tdscaling.catalog import build
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.environments.confined import confined_launcher
from tdscaling.environments.live import LiveEnvironment
from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.pipeline.prepare import live_specs
from tdscaling.types import JsonObject, Session, Snapshot, Tool, ToolKey, ToolResult

DEMO = Path(__file__).resolve().parent.parent / "demo"


@dataclass
class Counted:
    """A session that counts its calls by server."""

    inner: Session
    calls: Counter[str]

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        self.calls[key.server] += 1
        return await self.inner.call(key, arguments)

    async def snapshot(self) -> Snapshot:
        return await self.inner.snapshot()

    async def paths(self) -> Sequence[str]:
        return await self.inner.paths()


@dataclass
class Counting:
    """An environment whose sessions count."""

    inner: LiveEnvironment
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def worlds(self) -> int:
        return self.inner.worlds

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Counted]:
        async with self.inner.session(servers, world) as session:
            yield Counted(session, self.calls)

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return self.inner.provenance(servers, world)


async def main(wanted: Sequence[str]) -> None:
    config = load(DEMO / "demo.yaml", RunConfig)
    launcher, _ = confined_launcher(config.environment)
    report = await build([DEMO / "servers.json"], launcher=launcher)
    specs = live_specs([DEMO / "servers.json"])
    given = config.exploration
    limits = ExplorationLimits(tries=given.tries, more_values=given.more_values, readers=given.readers)
    async with LiveEnvironment(
        specs, config.environment, seed=config.seed, base=DEMO, launcher=launcher
    ) as environment:
        environment.assume_reuse(sorted(specs))
        counting = Counting(environment)
        print(f"{'server':<10} {'worked':>8} {'calls':>6} {'seconds':>8}  unexplored")
        for server in sorted(wanted or specs):
            tools = [tool for tool in report.tools if tool.server == server]
            begun = time.perf_counter()
            found, _ = await explore(tools, counting, seed=config.seed, limits=limits)
            seconds = time.perf_counter() - begun
            missing = [tool.name for tool in tools if tool.key not in found.profiles]
            worked, calls = f"{len(tools) - len(missing)}/{len(tools)}", counting.calls[server]
            print(f"{server:<10} {worked:>8} {calls:>6} {seconds:>8.1f}  {', '.join(missing)}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
