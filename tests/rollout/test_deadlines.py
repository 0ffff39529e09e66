"""A role that thinks for too long ends its episode, and nothing else."""

import asyncio
from collections.abc import Sequence
from random import Random

import pytest
from tests.agents.episodes import blueprint
from tests.fakes import BY_KEY, FakeEnvironment

from tdscaling.agents import ProceduralAssistant, ProceduralUser
from tdscaling.rollout import RolloutLimits, roll_out
from tdscaling.types import Message, OfferedTool
from tdscaling.values.offer import offer


class Dreamer:
    """A user and an assistant that never come to an end."""

    cancelled = False

    async def speak(self, messages: Sequence[Message]) -> str | None:
        return await self._dream()

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        return Message(role="assistant", content=await self._dream())

    async def _dream(self) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True
        return ""


@pytest.mark.requirement("rollout.deadlines")
@pytest.mark.parametrize("limits", [RolloutLimits(turn_seconds=0.01), RolloutLimits(episode_seconds=0.01)])
@pytest.mark.parametrize("who", ["user", "assistant"])
async def test_a_role_that_thinks_too_long_ends_the_episode(limits: RolloutLimits, who: str) -> None:
    plan, dreamer, environment = await blueprint("direct"), Dreamer(), FakeEnvironment()
    user = dreamer if who == "user" else ProceduralUser(plan, Random(1))
    assistant = dreamer if who == "assistant" else ProceduralAssistant(plan, Random(1))
    async with environment.session(plan.servers, plan.world) as session:
        found = await roll_out(plan, user, assistant, session, offer(plan.offered, BY_KEY), limits)
    assert found.fault == "deadline"
    assert dreamer.cancelled
    assert environment.open == 0


@pytest.mark.requirement("rollout.deadlines")
async def test_limits_of_time_change_nothing_in_an_episode_that_keeps_them() -> None:
    plan, environment = await blueprint("direct"), FakeEnvironment()
    for limits in (RolloutLimits(), RolloutLimits(turn_seconds=600.0, episode_seconds=600.0)):
        async with environment.session(plan.servers, plan.world) as session:
            user, assistant = ProceduralUser(plan, Random(1)), ProceduralAssistant(plan, Random(1))
            found = await roll_out(plan, user, assistant, session, offer(plan.offered, BY_KEY), limits)
        assert found.fault == ""
