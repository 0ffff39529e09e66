"""Which targets are under way: asked for as earlier ones are told, whatever the time that each takes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine
from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Any

from tdscaling.config.run import RunConfig
from tdscaling.evolution import Told
from tdscaling.pipeline.mixture import Mixer
from tdscaling.store import Item, Outcome
from tdscaling.types import Target

STEPS = 8
"""How often targets are asked for while as many as a whole window holds are told."""
MOST_AT_ONCE = 8
"""Targets that are asked for at once: choosing them holds up every episode under way, and those that can begin."""
SPARE, SURE = 0.25, 2.0
"""Targets under way near the end beyond those that it should take to keep what is still wanted: a part of these, and
of many no more than so many standard deviations of what is kept of them."""


@dataclass
class Window:
    """At most `size` targets have been asked for and not been told. They are asked for in steps, when so many are told
    that a step has room: what is asked for after which outcomes depends on their number alone, never on time."""

    config: RunConfig
    emitter: Mixer
    told: int = 0
    kept: int = 0
    asked: int = 0
    _open: deque[tuple[Item, asyncio.Task[Outcome] | None]] = field(
        default_factory=deque[tuple[Item, asyncio.Task[Outcome] | None]]
    )

    @property
    def size(self) -> int:
        return self.config.window

    async def outcomes(
        self,
        item_of: Callable[[Target, int], Item],
        done: Collection[str],
        make: Callable[[Item], Coroutine[Any, Any, Outcome]],
    ) -> AsyncGenerator[tuple[Item, Outcome | None]]:
        """The items in order with what came of them, None where `done` has them. Whoever takes one tells it before the
        next. Ends when enough is kept, too much was tried, or nothing is left to ask for; nothing is under way then."""
        try:
            while self.kept < self.config.trajectories:
                while targets := self._targets():
                    for target in targets:
                        item = item_of(target, self.asked)
                        self.asked += 1
                        self._open.append((item, None if item.hash in done else asyncio.create_task(make(item))))
                    await asyncio.sleep(0)  # the first of many have begun before the last are chosen
                if not self._open:
                    return
                item, task = self._open[0]
                made = await task if task is not None else None
                self._open.popleft()
                yield item, made
                await asyncio.sleep(0)  # where many have ended behind a long one, the others' turn comes in between
        finally:
            under_way = [task for _, task in self._open if task is not None]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        self.emitter.tell(target, told)
        self.told += 1
        self.kept += told.kept

    def _targets(self) -> list[Target]:
        """The next targets, MOST_AT_ONCE at most; none while there is no room for a step."""
        left = int(self.config.trajectories * self.config.give_up) - self.asked
        wanted = min(self.size, needed(self.config.trajectories - self.kept, (self.kept + 2) / (self.told + 2)))
        room = min(wanted - len(self._open), left)
        if room < 1 or (room < min(wanted // STEPS, MOST_AT_ONCE) and self._open):
            return []
        return self.emitter.ask(min(room, MOST_AT_ONCE))


def needed(lacking: int, rate: float) -> int:
    """How many targets to have under way for what is still lacking, where `rate` of them is kept.

    By hand: 8 at a rate of 0.8 should take 10, and a quarter more to be sure; 320 should take 400, of which 320 are
    kept give or take sqrt(400 * 0.8 * 0.2) = 8, so two such deviations, 16 / 0.8 = 20 targets, more.

    >>> needed(8, 0.8), needed(320, 0.8)
    (13, 420)
    """
    expected = lacking / rate
    return ceil(expected + min(SPARE * expected, SURE * sqrt(lacking * max(0.0, 1 - rate)) / rate))
