"""Worker processes for what nothing outside takes part in: plans, episodes and checks on simulated services.

A worker builds the same maker of episodes as the run's own process has and is given items one by one; it neither
reads nor writes the store. What it gives back depends on the item alone, so how many there are and which of them took
an item changes nothing.
"""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from tdscaling.children import end_with_parent, forking
from tdscaling.collecting import RARELY
from tdscaling.config.roles import PROCEDURAL
from tdscaling.config.run import RunConfig
from tdscaling.environments.mixed import MixedEnvironment
from tdscaling.errors import BoundaryError
from tdscaling.pipeline.code_tasks import is_code
from tdscaling.pipeline.episode import Episodes
from tdscaling.pipeline.pool import DiedError, Pool, opened
from tdscaling.pipeline.simulation import Simulation
from tdscaling.pipeline.travelling import travel_light
from tdscaling.rollout import Rollout
from tdscaling.store import Item, Outcome
from tdscaling.types import Blueprint, Descriptor, Verdict

P = ParamSpec("P")
T = TypeVar("T")

LONG = 250
"""Trajectories from which on a run takes processes by itself: starting them takes a second or two."""
_KILLED = (
    "a process that makes episodes was killed, for want of memory perhaps: the same command goes on where it stopped; "
    "with environment.processes: 1 there is only one"
)


@dataclass(frozen=True, slots=True)
class Workers:
    """Worker processes and what they can take: items whose servers are all among `servers`."""

    pool: Pool
    episodes: Episodes
    servers: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether they can play episodes: models are asked by the run's own process alone."""
        return not self.episodes.cast.config.roles.played_by

    def take(self, item: Item) -> bool:
        """Whether nothing outside takes part in an item."""
        if is_code(item.target) or item.target.mode == "computational":
            return False
        parent = item.parent.servers if item.parent else ()
        return self.servers.issuperset((*self.episodes.clusters[item.target.cluster].servers, *parent))

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item. Raises BoundaryError where a worker was killed."""
        return await self._there(Episodes.run, item)

    def plans(self, item: Item) -> bool:
        """Whether they can plan an item: its planner is no model."""
        return not self.episodes.cast.planned and self.take(item)

    def checks(self, item: Item) -> bool:
        """Whether they can check a rollout of an item; the faults of its session stay with it."""
        return not self.episodes.faults.rate and self.take(item)

    async def plan(self, item: Item) -> Blueprint:
        return await self._there(Episodes.plan, item)

    async def examine(self, item: Item, blueprint: Blueprint, rollout: Rollout) -> tuple[Descriptor, Verdict]:
        return await self._there(Episodes.examine, item, blueprint, rollout)

    async def _there(
        self, method: Callable[Concatenate[Episodes, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return await self.pool.call(_made, method, *args, **kwargs)
        except DiedError as exc:
            raise BoundaryError(_KILLED) from exc


def processes(config: RunConfig, part: Simulation | None) -> int:
    """How many processes a run takes beside its own; 0 where there is but one, or they would have nothing to do: models
    are asked by the run's own process alone, also the one that phrases what services create."""
    if part is None or not part.tools or config.roles.simulator != PROCEDURAL:
        return 0
    wanted = config.environment.processes or (cores() if config.trajectories >= LONG else 1)
    return wanted if wanted > 1 else 0


def prepare(config: RunConfig, part: Simulation | None) -> None:
    """Has what the workers import imported beside what comes before the episodes."""
    if processes(config, part):
        forking(__name__)


@asynccontextmanager
async def working(episodes: Episodes, part: Simulation | None) -> AsyncGenerator[Workers | None]:
    """The workers of a run, as many as its config says; None where they would have nothing to do. They end with the
    block, and by themselves when this process is killed."""
    count = processes(episodes.cast.config, part)
    if part is None or not count:
        yield None
        return
    travel_light()
    there = replace(
        episodes,
        environment=MixedEnvironment(dict.fromkeys(part.servers, part.environment)),
        cast=replace(episodes.cast, models={}),
    )
    whole = not episodes.cast.config.roles.played_by
    async with opened(count, forking(__name__), partial(_begin, there, whole)) as pool:
        yield Workers(pool, there, frozenset(part.servers))


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_here: list[tuple[Episodes, asyncio.Runner]] = []
"""In a worker: its maker of episodes, and the event loop that all of its work is done in. Everywhere else nothing."""


def _begin(episodes: Episodes, whole: bool) -> None:
    """The begin of a worker: a signal to stop is its parent's to answer. Where that one asks models, what it does goes
    first."""
    if not whole:
        os.nice(10)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all processes of a service at once
    end_with_parent()
    travel_light()
    _here[:] = [(episodes, asyncio.Runner())]
    gc.freeze()
    gc.set_threshold(*RARELY)


def _made(method: Callable[Concatenate[Episodes, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """In a worker: what a method of its maker of episodes gives."""
    [(episodes, runner)] = _here
    return runner.run(method(episodes, *args, **kwargs))
