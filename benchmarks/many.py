"""Many trajectories in one run: how many are kept a second, and the memory of our processes meanwhile.

    python -m benchmarks.many [--trajectories 10000] [--processes 2] [--seconds 3600] [--every 500]

Simulated services with procedural roles, all checks, the store and an export included. Each line is a moment of the
run: what is kept, seconds since its start, resident memory of the run's own process. A run that is not done after
`--seconds` is broken off, and its last line says so.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from itertools import product
from pathlib import Path

from tests.simulated.family import IDS, Style, tools

from tdscaling.catalog import save
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import funnel, synthesize
from tdscaling.types import Tool

ENTITIES = ("ticket", "purchase_order", "invoice", "company", "bus")


def services() -> list[Tool]:
    """Twenty services: five entities by four kinds of identifier, paged in turn in four ways."""
    found: list[Tool] = []
    for number, (entity, key) in enumerate(product(ENTITIES, sorted(IDS))):
        paging = ("none", "cursor", "offset", "page")[number % 4]
        found += [
            Tool(server=f"desk_{number}", name=one.name, input_schema=one.input_schema, output_schema=one.output_schema)
            for one in tools(Style(entity, key, paging, True, False))
        ]
    return found


def resident() -> float:
    """MiB of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def run(folder: Path, given: argparse.Namespace) -> None:
    save(services(), folder / "tools.jsonl.gz")
    config = RunConfig.model_validate(
        {
            "sources": ["tools.jsonl.gz"],
            "trajectories": given.trajectories,
            "environment": {"worlds": 8, "processes": given.processes},
            "mixture": {"business": 1, "computational": 0},
        }
    )
    begun, told = time.perf_counter(), [-1]

    def report(stage: str, done: int, of: int) -> None:
        mark = done // given.every
        if stage != "episodes" or mark != told[0]:
            told[0] = mark if stage == "episodes" else told[0]
            print(f"{stage:12} {done:6} kept {time.perf_counter() - begun:8.1f} s {resident():7.0f} MiB", flush=True)

    try:
        async with asyncio.timeout(given.seconds):
            found = await synthesize(config, folder / "run", folder, report=report)
        print(f"{found.kept / found.episode_seconds:.1f} kept a second over {found.episode_seconds:.1f} s of episodes")
    except TimeoutError:
        print(f"broken off after {given.seconds:g} s")
    print("funnel: " + ", ".join(f"{name} {count}" for name, count in funnel(folder / "run").items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trajectories", type=int, default=10_000)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--every", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name), given))
    own, workers = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"peak {own:.0f} MiB, of the largest worker {workers:.0f} MiB, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
