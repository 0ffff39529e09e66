"""Which targets are under way together, and that time has no say in it."""

import asyncio
from contextlib import aclosing
from random import Random

import pytest

from tdscaling.config.run import RunConfig
from tdscaling.evolution import Told
from tdscaling.pipeline.mixture import Mixer, Share
from tdscaling.pipeline.window import Window, needed
from tdscaling.store import Item, Outcome, Rejection
from tdscaling.types import Target


class World:
    """Targets in the order of asking, one of `every` of which is lost; each takes its time, drawn from `seed`."""

    def __init__(self, seed: int, wanted: int, most: int = 10_000, every: int = 3, batch: int = 8) -> None:
        self.time = Random(seed)
        self.asked: list[tuple[int, int]] = []
        """How many were told and how many asked, whenever some were asked for."""
        self.told: list[int] = []
        self.under_way = 0
        self.most_under_way = 0
        self.made: list[str] = []
        config = RunConfig.model_validate({"sources": ["x"], "trajectories": wanted, "batch": batch, "give_up": 4})
        self.most, self.every = most, every
        self.window = Window(config, Mixer([Share("business", 1.0, self.ask, lambda *_: None)], wanted))

    def ask(self, count: int) -> list[Target]:
        so_far = sum(number for _, number in self.asked)
        count = min(count, self.most - so_far)
        if count:
            self.asked.append((len(self.told), count))
        return [Target(cluster="c", domain="d", mode="direct", band=0, seed=so_far + number) for number in range(count)]

    async def make(self, item: Item) -> Outcome:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            for _ in range(self.time.randrange(30)):
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        self.made.append(item.hash)
        return Outcome(item=item, rejection=Rejection(stage="blueprint", reason="none"))

    async def run(self, done: frozenset[str] = frozenset(), until: int = 10_000) -> None:
        async with aclosing(self.window.outcomes(item_of, done, self.make)) as found:
            async for item, outcome in found:
                assert (outcome is None) == (item.hash in done)
                self.told.append(item.target.seed)
                self.window.tell(item.target, Told(item=item.hash, kept=item.target.seed % self.every > 0))
                if len(self.told) == until:
                    break


def item_of(target: Target, order: int) -> Item:
    assert order == target.seed
    return Item(hash=f"i{order}", order=order, target=target)


@pytest.mark.requirement("pipeline.window")
async def test_targets_are_asked_for_and_told_alike_however_long_each_takes() -> None:
    first, second = World(1, 40), World(2, 40)
    for world in (first, second):
        await world.run()
        assert world.told == sorted(world.told), "in the order of asking"
        assert world.window.kept == 40
        assert 4 < world.most_under_way <= 8
        assert world.under_way == 0, "what was still under way at the end has ended"
    assert first.made != second.made, "they took another time"
    assert first.asked == second.asked
    assert max(number for _, number in first.asked[1:]) < 8, "in steps, not window by window"
    assert sum(number for _, number in first.asked) - len(first.told) <= 4, "next to nothing is asked for in vain"


@pytest.mark.requirement("pipeline.window", "pipeline.killed")
async def test_a_window_that_was_broken_off_asks_for_the_same_again_and_makes_only_what_is_missing() -> None:
    whole, before, after = World(1, 20), World(3, 20), World(4, 20)
    await whole.run()
    await before.run(until=11)
    assert before.under_way == 0
    done = frozenset(f"i{seed}" for seed in before.told)
    await after.run(done)
    assert (after.asked, after.told) == (whole.asked, whole.told)
    assert not done & set(after.made)


async def test_a_window_ends_when_nothing_is_left_to_ask_for_or_too_much_was_tried() -> None:
    short = World(1, 20, most=9)
    await short.run()
    assert short.told == [*range(9)]
    barren = World(1, 5, every=1)
    await barren.run()
    assert len(barren.told) == 20


@pytest.mark.requirement("pipeline.in_vain")
@pytest.mark.parametrize("seed", range(4))
async def test_of_many_targets_few_are_under_way_in_vain_at_the_end(seed: int) -> None:
    wanted, size = 600, 400
    world = World(seed, wanted, every=4, batch=size)
    await world.run()
    in_vain = sum(number for _, number in world.asked) - len(world.told)
    assert 0 <= in_vain <= needed(size, 0.75) - size / 0.75, "two standard deviations of what a window keeps"
