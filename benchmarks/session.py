"""What a session costs beside a bare SDK call: overhead per call, reset, snapshot, opening, in one run.

    python benchmarks/session.py [--calls 400] [--json]

The bare side is the SDK's own stdio client and session; both sides talk to processes of the same server, call by
call in turn, so that a busy machine slows both. Needs the demo's servers under .demo.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

from tdscaling.catalog.mcp import ServerSpec, read_mcp_config
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments import LiveEnvironment, LiveSession
from tdscaling.types import ToolKey

ROOT = Path(__file__).parents[1]
FAKE = ROOT / "tests" / "environments" / "fake_server.py"
SEED = ("{python}", "demo/seed_world.py", "--seed", "{seed}", "{workspace}")
FIGURES = dict[str, float]


def milliseconds(samples: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in ms."""
    ordered = sorted(samples)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


async def timed(action: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await action()
    return time.perf_counter() - start


async def overhead(
    name: str, spec: ServerSpec, session: LiveSession, call: tuple[str, dict[str, str]], calls: int
) -> FIGURES:
    tool, arguments = call
    parameters = StdioServerParameters(command=spec.command, args=list(spec.args), env=dict(spec.env))
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryFile("w") as errors:
        async with stdio_client(parameters, errlog=errors) as streams, ClientSession(*streams) as client:
            await client.initialize()
            await client.list_tools()
            for _ in range(calls):
                bare.append(await timed(lambda: client.call_tool(tool, arguments)))
                ours.append(await timed(lambda: session.call(ToolKey(name, tool), arguments)))
    (bare_median, bare_high), (our_median, our_high) = milliseconds(bare), milliseconds(ours)
    return {
        f"{name}: bare SDK call, median ms": bare_median,
        f"{name}: session call, median ms": our_median,
        f"{name}: overhead, median ms": our_median - bare_median,
        f"{name}: bare SDK call, p95 ms": bare_high,
        f"{name}: session call, p95 ms": our_high,
    }


async def workspace(environment: LiveEnvironment, rounds: int) -> FIGURES:
    """Opening on reused processes after a write (reset included), and snapshots cold and warm."""
    environment.assume_reuse(["fake"])
    opening: list[float] = []
    first: list[float] = []
    after_write: list[float] = []
    unchanged: list[float] = []
    leaves = 0
    for index in range(rounds):
        start = time.perf_counter()
        async with environment.session(["fake"], 0) as session:
            opening.append(time.perf_counter() - start)
            first.append(await timed(session.snapshot))
            await session.call(ToolKey("fake", "write"), {"text": f"/workspace/new-{index}.txt=x"})
            after_write.append(await timed(session.snapshot))
            unchanged.append(await timed(session.snapshot))
            leaves = len((await session.snapshot()).leaves)
    return {
        "open a session with reset, reused process, median ms": milliseconds(opening[1:])[0],
        "first snapshot of a session, median ms": milliseconds(first[1:])[0],
        "snapshot after one write, median ms": milliseconds(after_write[1:])[0],
        "snapshot without a change, median ms": milliseconds(unchanged[1:])[0],
        "leaves in a snapshot": leaves,
    }


async def measure(calls: int) -> FIGURES:
    specs = {name: spec for name, spec in read_mcp_config(ROOT / "demo" / "servers.json").items() if name == "time"}
    specs["fake"] = ServerSpec(name="fake", command=sys.executable, args=("-S", "-E", str(FAKE)))
    figures: FIGURES = {}
    settings = EnvironmentSettings(slots=1, seed_command=SEED)
    async with LiveEnvironment(specs, settings, base=ROOT, seed=1) as environment:
        async with environment.session(["fake", "time"], 0) as session:
            figures |= await overhead("fake", specs["fake"], session, ("echo", {"text": "/workspace/x"}), calls)
            request = {"source_timezone": "UTC", "time": "10:00", "target_timezone": "Asia/Tokyo"}
            figures |= await overhead("time", specs["time"], session, ("convert_time", request), calls)
        figures |= await workspace(environment, 30)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = asyncio.run(measure(given.calls))
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:60} {value:9.3f}")


if __name__ == "__main__":
    main()
