"""A plan that fell is made again, with other chances where nobody is told why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.agents.episodes import SEED, known
from tests.fakes import BY_KEY, FakeEnvironment, cluster

from tdscaling.agents import PlanContext, PlanError, ProceduralPlanner
from tdscaling.blueprint import BlueprintMaker
from tdscaling.types import Blueprint, Target

TARGET = Target(cluster="stock", domain="retail", mode="parallel", band=0, seed=1)


@dataclass
class Drawing:
    """A planner whose plans can stop in bands by the order in which it is asked; None: the plan falls."""

    bands: Sequence[Sequence[int] | None]
    chances: list[tuple[int, object]] = field(default_factory=list[tuple[int, object]])

    async def plan(self, target: Target, context: PlanContext) -> Blueprint:
        self.chances.append((context.world, context.rng.getstate()))
        bands = self.bands[len(self.chances) - 1]
        if bands is None:
            raise PlanError("no_tool_for_this")
        return replace(await ProceduralPlanner().plan(target, context), bands=tuple(bands))


async def drawn(*bands: Sequence[int] | None, free: tuple[int, ...] = (), anew: bool = True) -> tuple[object, Drawing]:
    """The bands of the plan that is admitted, or why none is."""
    planner, environment = Drawing(bands), FakeEnvironment(worlds=50)
    making = BlueprintMaker(planner, environment, BY_KEY, await known(), repairs=2, anew=anew)
    try:
        found: object = (await making.make(replace(TARGET, free=free), cluster(), SEED)).bands
    except PlanError as exc:
        found = exc.reason
    assert environment.open == 0
    return found, planner


@pytest.mark.requirement("blueprint.again")
async def test_a_plan_that_fell_is_made_again_in_another_world_and_with_other_chances() -> None:
    found, planner = await drawn(None, None, [1])
    assert found == (1,)
    assert len({world for world, _ in planner.chances}) > 1, "each is drawn"
    assert len({rest for _, rest in planner.chances}) == 3
    assert planner.chances == (await drawn(None, None, [1]))[1].chances
    assert (await drawn(None, None, None))[0] == "no_tool_for_this"


@pytest.mark.requirement("blueprint.again")
async def test_a_planner_that_is_told_why_its_plan_fell_repairs_it_in_the_same_world() -> None:
    _, planner = await drawn(None, None, [1], anew=False)
    assert len({world for world, _ in planner.chances}) == 1


@pytest.mark.requirement("blueprint.again")
@pytest.mark.parametrize(
    ("bands", "admitted"),
    [(([1, 2], [2, 3]), (2, 3)), (([1], None, [2]), (1,)), (([1], None, None), (1,)), (([4],), (4,))],
)
async def test_a_plan_that_can_not_stop_in_a_free_band_gives_way_to_one_that_can_and_else_is_taken(
    bands: Sequence[Sequence[int] | None], admitted: tuple[int, ...]
) -> None:
    assert (await drawn(*bands, free=(3, 4)))[0] == admitted


@pytest.mark.requirement("blueprint.again")
async def test_where_nothing_is_free_any_plan_will_do() -> None:
    assert (await drawn([1]))[0] == (1,)
