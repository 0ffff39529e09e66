"""Requests per second and CPU per request of our client, beside bare aiohttp and the `openai` client, in one run.

    python -m benchmarks.llm [--requests 5000] [--in-flight 256] [--latency 0.2] [--rounds 3] [--openai PYTHON] [--json]

The endpoint is `benchmarks.light_endpoint` in a process of its own; each client runs in a fresh process, turn by turn.
Ours does all it does in a run: hashing, limits, budget and an answer on disk for every request. The `openai` client
is measured where PYTHON names an interpreter that has it, on its default transport. CPU is the client process's.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import aiohttp
from benchmarks.llm_load import body, measured, text

from tdscaling.config.models import BudgetSettings, ModelSettings
from tdscaling.llm import Request
from tdscaling.llm.opening import Opening, open_models
from tdscaling.types import Message

ROOT = Path(__file__).parents[1]


async def ours(url: str, requests: int, in_flight: int) -> dict[str, float]:
    settings = ModelSettings(base_url=url, model="m", concurrency=in_flight, max_tokens=256)
    with tempfile.TemporaryDirectory() as folder:
        how = Opening(environ={}, folder=Path(folder), budget=BudgetSettings(tokens=10**12), in_flight=in_flight,
                      rng=Random(0))  # fmt: skip
        async with open_models({"m": settings}, ["m"], how) as models:
            model = models.by_name["m"]

            async def ask(number: int) -> object:
                said = text(number)
                return await model.complete(Request(messages=(Message(role="user", content=said),)))

            return await measured(ask, requests, in_flight)


async def bare(url: str, requests: int, in_flight: int) -> dict[str, float]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(number: int) -> object:
            async with session.post(f"{url}/chat/completions", json=body(number)) as response:
                return (await response.json())["choices"][0]["message"]["content"]

        return await measured(ask, requests, in_flight)


CLIENTS = {"ours": ours, "aiohttp": bare}


@contextmanager
def endpoint(latency: float, reply: str = "echo") -> Generator[tuple[str, int]]:
    """The address and the process of a light endpoint, while the block runs."""
    serve = [sys.executable, "-m", "benchmarks.light_endpoint", "--latency", str(latency), "--reply", reply]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip(), server.pid
        finally:
            server.terminate()


def run(python: str, client: str, url: str, requests: int, in_flight: int) -> dict[str, float]:
    """One client in a fresh process: requests a second, and its milliseconds of processor for each."""
    module = ["benchmarks.llm_openai"] if client == "openai" else ["benchmarks.llm", "--client", client]
    command = [python, "-m", *module, "--url", url, "--requests", str(requests), "--in-flight", str(in_flight)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


def compared(given: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Medians over the rounds, by client."""
    pythons = {"ours": sys.executable, "aiohttp": sys.executable} | ({"openai": given.openai} if given.openai else {})
    found: dict[str, list[dict[str, float]]] = {name: [] for name in pythons}
    with endpoint(given.latency) as (url, _):
        for _ in range(given.rounds):
            for name, python in pythons.items():
                found[name].append(run(python, name, url, given.requests, given.in_flight))
    ideal = given.in_flight / given.latency
    return {
        name: {
            "per_second": round(statistics.median(one["per_second"] for one in runs), 1),
            "of_ideal": round(statistics.median(one["per_second"] for one in runs) / ideal, 3),
            "best_of_ideal": round(max(one["per_second"] for one in runs) / ideal, 3),
            "cpu_ms": round(statistics.median(one["cpu_ms"] for one in runs), 3),
        }
        for name, runs in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--openai", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--client", choices=tuple(CLIENTS), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        print(json.dumps(asyncio.run(CLIENTS[given.client](given.url, given.requests, given.in_flight))))
        return
    found = compared(given)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for name, one in found.items():
        print(
            f"{name:8} {one['per_second']:8.1f} requests/s, {one['of_ideal']:.3f} of ideal, {one['cpu_ms']:.3f} ms CPU"
        )


if __name__ == "__main__":
    main()
