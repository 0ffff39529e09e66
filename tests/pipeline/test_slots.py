"""Whose turn is next: no more at work than there are slots, long work early, nothing lost when it is called off."""

import asyncio

import pytest

from tdscaling.pipeline.slots import Slots


class Log:
    """Work that waits until it is let go, and the order in which it began."""

    def __init__(self, size: int) -> None:
        self.slots = Slots(size)
        self.began: list[int] = []
        self.go = asyncio.Event()
        self.at_work = self.most = 0

    async def work(self, order: int, length: float | None = None) -> None:
        async with self.slots.turn(order, length):
            self.began.append(order)
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            try:
                await self.go.wait()
                await asyncio.sleep(0)
            finally:
                self.at_work -= 1


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_are_at_work_than_there_are_slots_and_equal_work_goes_by_order() -> None:
    log = Log(3)
    tasks = [asyncio.create_task(log.work(order)) for order in (0, 1, 2, 9, 5, 7, 3)]
    await settled()
    log.go.set()
    await asyncio.gather(*tasks)
    assert log.began == [0, 1, 2, 3, 5, 7, 9]
    assert log.most == 3


async def test_long_work_begins_as_many_places_earlier_as_others_begin_while_it_lasts() -> None:
    log = Log(2)
    lengths = [2.0, 2.0, 2.0, 2.0, 8.0, 0.3]  # by hand: 2 - 2, 3 - 2, 4 - 2 * 8 / 3.2 and 5 - 2 * 0.3 / 2.7
    tasks = [asyncio.create_task(log.work(order, length)) for order, length in enumerate(lengths)]
    await settled()
    assert log.began == [0, 1]
    tasks.append(asyncio.create_task(log.work(6)))  # of which nothing is known: 6 - 2
    await settled()
    log.go.set()
    await asyncio.gather(*tasks)
    assert log.began == [0, 1, 4, 2, 3, 6, 5]


async def test_who_is_called_off_as_it_waits_or_as_it_is_let_in_leaves_its_slot_to_the_next() -> None:
    log = Log(1)
    first, second, third, fourth = (asyncio.create_task(log.work(order)) for order in range(4))
    await settled()
    second.cancel()
    await settled()
    first.cancel()  # lets the third in
    await asyncio.sleep(0)
    third.cancel()  # which may be just being let in
    await settled()
    log.go.set()
    await fourth
    assert (await asyncio.gather(first, second, third, return_exceptions=True)).count(None) == 0
    assert log.began[0] == 0
    assert log.began[-1] == 3
    late = asyncio.create_task(log.work(4))
    await asyncio.wait_for(late, 5)
    assert log.most == 1


async def test_a_failure_gives_the_slot_back() -> None:
    slots = Slots(1)
    with pytest.raises(ValueError, match="broken"):
        async with slots.turn(0, 1.0):
            raise ValueError("broken")
    async with asyncio.timeout(5), slots.turn(1, 1.0):
        pass
