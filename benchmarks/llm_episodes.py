"""Whole episodes with a model user and a model assistant, beside the rate that their requests alone would allow.

    python -m benchmarks.llm_episodes [--trajectories 400] [--slots 16 64 160] [--latency 0.2] [--json]

Simulated services, procedural plans with their gold runs and controls, all checks and the store included. The endpoint
is `benchmarks.light_endpoint` in a process of its own; behind it `tests.agents.players` says what its prompts tell it.
With N episodes at a time and nothing but waiting for answers, N / latency requests a second would be answered; what is
reached of that is told over the time of the episodes, their beginning and their end included, and counts what was
recorded alone: `beside` are requests of episodes that were under way when the run had enough. CPU is our own process's
over the whole run, exploration included, and the endpoint's, which shares the machine; `aiohttp_ms_a_request` is
what one takes bare aiohttp just before and after, as machines differ by a factor of three.
"""

import argparse
import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.llm import endpoint
from benchmarks.llm import run as run_client
from tests.simulated.family import Style, tools

from tdscaling.catalog import save
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import synthesize

ROOT = Path(__file__).parents[1]
STYLES = (
    Style("ticket", "integer", "cursor", True, False),
    Style("purchase_order", "uuid", "offset", True, False),
    Style("invoice", "text", "page", True, True),
    Style("company", "pattern", "none", True, False),
)


def configured(folder: Path, url: str, slots: int, trajectories: int) -> RunConfig:
    described = [tool for style in STYLES for tool in tools(style)]
    renamed = [
        type(tool)(server=f"desk_{place // 9}", name=tool.name, input_schema=tool.input_schema,
                   output_schema=tool.output_schema)
        for place, tool in enumerate(described)
    ]  # fmt: skip
    save(renamed, folder / "tools.jsonl.gz")
    model = {"base_url": url, "model": "m", "protocol": "native", "concurrency": 4096, "max_tokens": 400}
    return RunConfig.model_validate(
        {
            "sources": ["tools.jsonl.gz"],
            "trajectories": trajectories,
            "models": {"m": model},
            "roles": {"user": "m", "assistant": "m"},
            "playing": {"hints": True},
            "in_flight": 4096,
            "environment": {"worlds": 4, "slots": slots},
            "mixture": {"business": 1, "computational": 0},
            "export": [],
        }
    )


def run(slots: int, given: argparse.Namespace, url: str) -> dict[str, float]:
    """One run in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = configured(folder, url, slots, given.trajectories)
        begun, used = time.perf_counter(), time.process_time()
        result = asyncio.run(synthesize(config, folder / "run", folder))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
        with closing(sqlite3.connect(folder / "run" / "run.db")) as db:
            requests = db.execute("SELECT count(*) FROM usage").fetchone()[0]
            recorded = db.execute("SELECT count(DISTINCT request) FROM usage").fetchone()[0]
            items = db.execute("SELECT count(*) FROM items").fetchone()[0]
        with closing(sqlite3.connect(folder / "run" / "llm.db")) as db:
            paid = db.execute("SELECT count(*) FROM answers").fetchone()[0]
    ideal = slots / given.latency
    rate = requests / result.episode_seconds
    return {
        "slots": slots,
        "ideal_per_second": ideal,
        "requests_per_second": round(rate, 1),
        "of_ideal": round(rate / ideal, 3),
        "requests": requests,
        "beside": paid - recorded,
        "kept": result.kept,
        "items": items,
        "episode_seconds": round(result.episode_seconds, 2),
        "seconds": round(seconds, 2),
        "cpu_ms_a_request": round(cpu / max(requests, 1) * 1000, 3),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trajectories", type=int, default=400)
    parser.add_argument("--slots", type=int, nargs="+", default=[16, 64, 160])
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        print(json.dumps(run(given.slots[0], given, given.url)))
    else:
        compared(given)


def worked(process: int) -> float:
    """The seconds of processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare(latency: float) -> float:
    """Milliseconds of processor that a request takes bare aiohttp: how fast the machine is just now."""
    with endpoint(latency) as (url, _):
        return run_client(sys.executable, "aiohttp", url, 5000, 256)["cpu_ms"]


def compared(given: argparse.Namespace) -> None:
    """A fresh process for every number of slots, between two looks at how fast the machine is."""
    module = [sys.executable, "-m", "benchmarks.llm_episodes", "--latency", str(given.latency)]
    speed = bare(given.latency)
    with endpoint(given.latency, "players") as (url, server):
        for slots in given.slots:
            before = worked(server)
            more = ["--url", url, "--slots", str(slots), "--trajectories", str(given.trajectories)]
            done = subprocess.run([*module, *more], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
            found = json.loads(done.stdout)
            asked = found["requests"] + found["beside"]
            found["endpoint_ms_a_request"] = round((worked(server) - before) / asked * 1000, 3)
            earlier, speed = speed, bare(given.latency)
            found["aiohttp_ms_a_request"] = round((earlier + speed) / 2, 3)
            if given.json:
                print(json.dumps(found))
            else:
                print(", ".join(f"{name} {value}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
