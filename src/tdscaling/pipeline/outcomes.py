"""What comes of an item, whoever makes it: the time it took, what its models used, and why it broke off."""

import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tdscaling.pipeline.cast import Cast, Part
from tdscaling.store import Fault, Item, Outcome, Rejection
from tdscaling.types import Trajectory
from tdscaling.verification import near_miss


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


async def accounted(item: Item, cast: Cast, make: Callable[[Item, Stopwatch, Part], Awaitable[Outcome]]) -> Outcome:
    """The outcome that `make` gives, with the time of its stages and what its models used and met."""
    watch, part = Stopwatch(), cast.part(item.hash)
    outcome = await make(item, watch, part)
    faults = (*outcome.faults, *part.faults())
    return replace(outcome, timings=watch.seconds, usage=part.usage(), faults=faults)


async def played(
    takes: int, play: Callable[[int], Awaitable[tuple[Trajectory, tuple[Fault, ...]]]]
) -> tuple[Trajectory, tuple[Fault, ...], tuple[Trajectory, ...]]:
    """A plan played until a rollout is no near miss, `takes` times at most: that rollout's trajectory with its faults,
    and the near misses before it."""
    misses: list[Trajectory] = []
    while True:
        take = len(misses)
        trajectory, faults = await play(take)
        if take + 1 >= takes or not near_miss(trajectory.verdict):
            return trajectory, faults, tuple(misses)
        misses.append(replace(trajectory, id=f"{trajectory.id}-{take}"))


def broken_off(item: Item, reason: str, subject: str, why: Exception) -> Outcome:
    """The outcome of an item that ended because what it acts in, or a model, failed."""
    rejection = Rejection(stage="environment", reason=reason, detail=str(why))
    return Outcome(item=item, rejection=rejection, faults=(Fault(kind=reason, subject=subject, detail=str(why)),))
