"""A plan that grows is left in the band that is wanted most of those it passed."""

from dataclasses import replace

import pytest
from tests.agents.episodes import SEED, described, maker, played
from tests.fakes import cluster

from tdscaling.agents import PlanError
from tdscaling.types import Blueprint, Mode, Target

USED = cluster("stock")
STEERED: tuple[Mode, ...] = ("direct", "parallel", "iterative", "sequential")


async def steered(mode: Mode, wanted: tuple[int, ...], number: int, band: int = 4) -> Blueprint:
    aim = Target(cluster=USED.id, domain=USED.domain, mode=mode, band=band, seed=number)
    return await (await maker()).make(replace(aim, wanted=wanted), USED, SEED)


@pytest.mark.requirement("agents.steered")
async def test_a_plan_stops_in_the_band_wanted_most_of_those_on_its_way() -> None:
    """But for values that flow unplanned, which make a call deeper than was reckoned."""
    there = list[bool]()
    for mode in STEERED:
        for number, first in enumerate((0, 1, 2, 3, 4)):
            wanted = (first, *(band for band in (5, 4, 3, 2, 1, 0) if band != first))
            try:
                plan = await steered(mode, wanted, number)
            except PlanError:
                continue
            lies = described(plan, await played(plan)).band
            there.append(lies == min(plan.bands, key=wanted.index))
    assert len(there) >= 15
    assert sum(there) >= 0.8 * len(there)


@pytest.mark.requirement("agents.steered")
async def test_a_plan_does_not_grow_beyond_the_band_it_is_to_reach() -> None:
    for number in range(6):
        plan = await steered("direct", (5, 4, 3, 2, 1, 0), number, band=1)
        assert plan.bands[-1] >= 1
        assert all(band < 1 for band in plan.bands[:-1])


@pytest.mark.requirement("agents.steered")
async def test_a_long_plan_ends_before_its_episode_does() -> None:
    """Further goals come into the last message once there are ten."""
    plan = await steered("direct", (5, 4, 3, 2, 1, 0), 3, band=5)
    assert len(plan.turns) == 10
    assert len(plan.turns[-1].requests) > 1
    assert (await played(plan)).fault == ""
