"""How many episodes are at work at a time, and whose turn is next."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class Slots:
    """At most `size` are at work; who waits is let in by order, but long work so much earlier that all of it ends by
    order: what comes behind it is told no later, and at the end of a run nothing long is left over for the last.

    Work that takes k times the mean of all so far begins size * k places before its own, since that many begin while it
    goes on. By hand: with 2 slots and a mean of 3, work of 3 at order 7 has the place 7 - 2, and work of 6 at order 8
    has 8 - 4, so it goes first.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = size
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._came = count()
        self._lengths, self._told = 0.0, 0

    @asynccontextmanager
    async def turn(self, order: int, length: float | None = None) -> AsyncGenerator[None]:
        """A slot, while the block runs. `length` is in any unit, the same for all; by default it is the mean."""
        await self._enter(self._place(order, length))
        try:
            yield
        finally:
            self._leave()

    def _place(self, order: int, length: float | None) -> float:
        if length is None:
            return order - self.size
        self._lengths, self._told = self._lengths + length, self._told + 1
        return order - self.size * length * self._told / self._lengths

    async def _enter(self, place: float) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (place, next(self._came), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # called off just as it was let in
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            *_, one = heappop(self._waiting)
            if not one.done():
                one.set_result(None)  # the slot goes over, so that nobody who comes now gets in before
                return
        self._free += 1
