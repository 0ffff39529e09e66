"""An assistant that finds its own way: another path to the goal is a success, a path to another goal is none."""

from random import Random

import pytest
from tests.agents import players
from tests.agents.episodes import SEED, blueprints, described, judged, played

from tdscaling.agents import ProceduralUser
from tdscaling.agents.model import ModelAssistant, Voice
from tdscaling.llm import Completion, Request, ScriptedModel
from tdscaling.llm.protocol import Model
from tdscaling.metrics.marks import marked
from tdscaling.rollout import Rollout
from tdscaling.types import Blueprint


def one_at_a_time(request: Request) -> Completion:
    """`players.reply` of a model that makes one call and looks at its result before it makes the next."""
    found = players.reply(request)
    return Completion(content=found.content, calls=found.calls[:1])


def silent(request: Request) -> Completion:
    """`one_at_a_time` of a model that keeps to itself what it found out."""
    found = one_at_a_time(request)
    return found if found.calls else Completion(content="That's done.")


async def rolled_out(plan: Blueprint, model: Model) -> Rollout:
    assistant = ModelAssistant(Voice(model, "assistant", f"{SEED}"), "native", 40, plan)
    return await played(plan, user=ProceduralUser(plan, Random(3)), assistant=assistant)


@pytest.mark.requirement("verification.other_path")
async def test_calls_that_the_plan_makes_at_once_may_be_made_one_by_one() -> None:
    plans = await blueprints("parallel", 4)
    assert plans
    for plan in plans:
        rollout = await rolled_out(plan, ScriptedModel(one_at_a_time))
        assert "parallel" not in described(plan, rollout).modes, "it is another path"
        assert (await judged(plan, rollout)).kept
        assert (await judged(plan, rollout, free=False)).reason == "mode_confirmed"
        found = marked(rollout.dialogue, writers=set(), may_fail=set())
        assert {one.mark for one in found.messages if one.role == "assistant"} == {"useful"}


@pytest.mark.requirement("verification.other_path")
async def test_another_path_that_does_not_tell_what_was_asked_is_no_success() -> None:
    plans = [plan for plan in await blueprints("parallel", 4) if any(turn.answer for turn in plan.turns)]
    assert plans
    for plan in plans:
        assert (await judged(plan, await rolled_out(plan, ScriptedModel(silent)))).reason == "answer_facts"
