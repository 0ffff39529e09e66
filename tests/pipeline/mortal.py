"""A run with model roles that is killed by its own endpoint: as its n-th request comes in, the process dies.

    python -m tests.pipeline.mortal [--deaths 20] [--kept 12] [--simulated]

prints what came of it beside an undisturbed run, as JSON. The run is over the shop's server, or over simulated services
with two worker processes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.agents import players
from tests.llm.fake_endpoint import FakeEndpoint
from tests.pipeline.runs import made, setup
from tests.pipeline.serving import ROLES, in_thread
from tests.pipeline.simulated_run import simulated_setup

from tdscaling.llm.answers import FILE, Answers


@dataclass
class Life:
    """What the deaths of a run left: requests that were kept at a death and came in again after it, requests paid
    for more than once, how many deaths there were, and what the run made in the end."""

    asked_again: list[str] = field(default_factory=list[str])
    paid_twice: int = 0
    deaths: int = 0
    requests: int = 0
    made: dict[str, object] = field(default_factory=dict[str, object])


def kept_answers(run: Path) -> frozenset[str]:
    if not (run / FILE).is_file():
        return frozenset()
    with closing(Answers.read(run)) as answers:
        return answers.requests()


def settled(run: Path, paid: frozenset[str], patience: float = 2.0) -> None:
    """Returns when what was answered is kept, or when patience ends: an answer that is still on its way to a process
    that dies is lost to anyone."""
    end = time.monotonic() + patience
    while not paid <= kept_answers(run) and time.monotonic() < end:
        time.sleep(0.005)


def lived(folder: Path, run: Path, wanted: int, moments: list[int], simulated: bool = False) -> Life:
    """A run that dies after `moments` further requests, one moment after the other, and then lives on to its end."""
    write = simulated_setup if simulated else setup
    endpoint = FakeEndpoint(reply=players.well, latency=0.02, keep_bodies=False)
    life, kept_at = Life(), list[tuple[int, frozenset[str]]]()
    with in_thread(endpoint) as url:
        config = write(folder, wanted=wanted, more=ROLES.format(url=url))
        argv = [sys.executable, "-m", "tdscaling", "synthesize", str(config), "-o", str(run)]
        for moment in (*moments, 0):
            process = subprocess.Popen(
                argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "TINY_KEY": "k"}
            )
            deadly = len(endpoint.arrivals) + moment if moment else 0

            def strike(count: int, process: subprocess.Popen[bytes] = process, deadly: int = deadly) -> None:
                if count == deadly:
                    settled(run, frozenset(endpoint.paid))
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    endpoint.deaths += 1  # the loop may not have seen yet that its connections are closed

            endpoint.on_arrival = strike
            said = process.communicate()[1].decode(errors="replace")
            if process.returncode == -signal.SIGKILL:
                life.deaths += 1
                kept_at.append((len(endpoint.arrivals), kept_answers(run)))
            elif process.returncode:
                raise RuntimeError(said)
    for seen, kept in kept_at:
        life.asked_again += sorted(kept & set(endpoint.arrivals[seen:]))
    life.paid_twice = sum(count - 1 for count in endpoint.paid.values())
    life.requests = len(endpoint.paid)
    life.made = made(run)
    return life


def moments(deaths: int, requests: int, seed: int) -> list[int]:
    """Random numbers of requests between deaths, that together leave some for the end."""
    most = max(2, 2 * requests // (deaths + 2))
    rng = Random(seed)
    return [rng.randrange(1, most) for _ in range(deaths)]


def command() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--deaths", type=int, default=20)
    parser.add_argument("--kept", type=int, default=12)
    parser.add_argument("--simulated", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        calm = lived(folder, folder / "calm", given.kept, [], given.simulated)
        killed = lived(folder, folder / "killed", given.kept, moments(given.deaths, calm.requests, 5), given.simulated)
    found = {
        "deaths": killed.deaths,
        "same": killed.made == calm.made,
        "requests": killed.requests,
        "undisturbed": calm.requests,
        "kept_answers_asked_again": len(killed.asked_again),
        "paid_twice": killed.paid_twice,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    command()
