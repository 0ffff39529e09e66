"""Which targets are under way: asked for as earlier ones are told, whatever the time that each takes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from tdscaling.config.run import RunConfig
from tdscaling.evolution import Told
from tdscaling.pipeline.mixture import Mixer
from tdscaling.store import Item, Outcome
from tdscaling.types import Target

STEPS = 8
"""How often targets are asked for while as many as a whole window holds are told."""
SPARE = 1.25
"""Targets under way near the end, beside those that it should take to keep what is still wanted."""


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
                for target in self._targets():
                    item = item_of(target, self.asked)
                    self.asked += 1
                    self._open.append((item, None if item.hash in done else asyncio.create_task(make(item))))
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
        """The next targets; none while there is no room for a step."""
        left = int(self.config.trajectories * self.config.give_up) - self.asked
        lacking, rate = self.config.trajectories - self.kept, (self.kept + 2) / (self.told + 2)
        wanted = min(self.size, ceil(SPARE * lacking / rate))
        room = min(wanted - len(self._open), left)
        if room < 1 or (room < wanted // STEPS and self._open):
            return []
        return self.emitter.ask(room)
