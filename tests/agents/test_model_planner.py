"""Plans written by a model go through the same checks as any other, and why they fell goes back."""

import json
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from tests.agents.episodes import SEED, known, played
from tests.agents.episodes import blueprint as procedural
from tests.agents.test_model_roles import failed_checks
from tests.fakes import BY_KEY, FakeEnvironment, State, cluster

from tdscaling.agents import PlanError, ProceduralAssistant, ProceduralUser
from tdscaling.agents.model import ModelJudge, ModelPlanner, Voice
from tdscaling.agents.model.judge import MOST_TOKENS
from tdscaling.blueprint import BlueprintMaker
from tdscaling.llm import ScriptedModel
from tdscaling.llm.failures import OverloadedError
from tdscaling.rollout import Rollout
from tdscaling.types import Blueprint, Mode, Target

Json = dict[str, Any]


def fact_step(tool: str, **facts: str) -> Json:
    arguments = [{"name": name, "fact": fact} for name, fact in facts.items()]
    return {"id": f"a_{tool}", "tool": tool, "arguments": arguments}


def plan(facts: Json, *turns: Json) -> str:
    listed = [{"id": name, "label": label, "value": value} for name, (label, value) in facts.items()]
    return json.dumps({"goal": "Look after the stock", "facts": listed, "turns": turns})


def turn(action: str, details: Iterable[str], steps: list[Json], **more: Any) -> Json:
    return {"requests": [{"action": action, "details": list(details)}], "steps": steps, **more}


def a_sku(world: int) -> str:
    return sorted(State.of(world).items)[0]


async def made(replies: list[str], mode: Mode, repairs: int = 0, model: ScriptedModel | None = None) -> Blueprint:
    asked = model or ScriptedModel(replies)
    used = cluster("stock")
    planner = ModelPlanner(Voice(asked, "planner", "7 item"))
    maker = BlueprintMaker(planner, FakeEnvironment(worlds=1), BY_KEY, await known(), repairs=repairs)
    return await maker.make(Target(cluster=used.id, domain="retail", mode=mode, band=1, seed=0), used, SEED)


def price_plan(sku: str) -> str:
    step = fact_step("get_item", sku="f1")
    return plan({"f1": ("item code", sku)}, turn("show the item", ["f1"], [step], tell=["a_get_item"]))


@pytest.mark.requirement("agents.model_planner")
async def test_a_plan_that_a_model_wrote_is_executed_admitted_and_played() -> None:
    found = await made([price_plan(a_sku(0))], "direct")
    assert [step.tool.name for step in found.steps] == ["get_item"]
    assert found.turns[0].answer, "what the reply must tell was read from a real result"
    assert (found.goal, found.provenance) == ("Look after the stock", {"planner": "model"})
    rollout = await played(
        found, user=ProceduralUser(found, Random(1)), assistant=ProceduralAssistant(found, Random(1))
    )
    assert await failed_checks(found, rollout) == []


@pytest.mark.requirement("agents.model_planner")
async def test_a_plan_may_take_values_from_results_and_have_its_user_change_its_mind() -> None:
    first = {"id": "s1", "tool": "search_items", "arguments": [{"name": "query", "fact": "f1"}]}
    second = {"id": "s2", "tool": "list_shelves", "arguments": []}
    found = await made(
        [
            plan(
                {"f1": ("word", a_sku(0).split("-")[0])},
                turn("look for things with that in their title", ["f1"], [first], tell=["s1"]),
                turn("list the shelves", [], [second], tell=["s2"]),
            )
        ],
        "direct",
    )
    assert [one.kind for one in found.turns] == ["opening", "follow_up"]
    assert len(found.steps) == 2


@pytest.mark.requirement("agents.model_planner")
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (price_plan("no-such-thing"), "step_did_not_work"),
        (plan({}, turn("show it", [], [fact_step("get_item", sku="f9")])), "planner_bad_reference"),
        (
            plan({"f1": ("code", "x")}, turn("show it", ["f1"], [fact_step("get_item", sku="f1")], tell=["s7"])),
            "step_did",
        ),
    ],
)
async def test_the_exact_reason_goes_back_and_a_better_plan_is_taken(reply: str, reason: str) -> None:
    model = ScriptedModel([reply, price_plan(a_sku(0))])
    assert (await made([], "direct", repairs=1, model=model)).steps
    again = model.requests[1].messages[0].content
    assert "Earlier plans of yours fell" in again
    assert reason in again
    assert "Earlier plans" not in model.requests[0].messages[0].content


@pytest.mark.requirement("agents.model_planner")
async def test_after_its_repairs_a_target_is_given_up_with_the_last_reason() -> None:
    model = ScriptedModel([price_plan("no-such-thing")] * 9)
    with pytest.raises(PlanError) as caught:
        await made([], "direct", repairs=2, model=model)
    assert caught.value.reason == "step_did_not_work"
    assert len(model.requests) == 3


@pytest.mark.requirement("agents.model_planner")
async def test_what_is_no_plan_is_repaired_once_and_then_unusable() -> None:
    with pytest.raises(PlanError) as caught:
        await made(["I'd rather not.", '{"goal": 1}'], "direct")
    assert caught.value.reason == "planner_unusable"


@pytest.mark.requirement("agents.model_planner")
async def test_a_failing_endpoint_is_no_reason_to_give_a_target_up() -> None:
    with pytest.raises(OverloadedError):
        await made([], "direct", repairs=2, model=ScriptedModel([OverloadedError("503")]))


CRITERIA = ("grounded: all is in a result", "polite: nobody is rude")


def vote(grounded: bool, polite: bool) -> str:
    return json.dumps({"grounded": {"why": "x", "holds": grounded}, "polite": {"why": "y", "holds": polite}})


async def judged(*votes: str) -> tuple[bool, str, ScriptedModel]:
    found = await procedural("parallel")
    rollout: Rollout = await played(
        found, user=ProceduralUser(found, Random(1)), assistant=ProceduralAssistant(found, Random(1))
    )
    model = ScriptedModel(votes)
    judge = ModelJudge(Voice(model, "judge", "7 item"), CRITERIA, 3)
    check = await judge.judge(found, rollout.dialogue, rollout.outcome.effects)
    assert check.name == "judge"
    return check.passed, check.detail, model


@pytest.mark.requirement("agents.judge")
async def test_the_majority_of_the_votes_decides_each_criterion() -> None:
    assert (await judged(vote(True, True), vote(False, True), vote(True, False)))[:2] == (True, "3 votes")
    passed, detail, _ = await judged(vote(False, True), vote(False, True), vote(True, True))
    assert (passed, detail) == (False, "grounded broken by 2 of 3 votes")


@pytest.mark.requirement("agents.judge")
async def test_votes_that_can_not_be_read_count_for_nothing_and_none_at_all_rejects() -> None:
    assert (await judged("?", "?", vote(True, True), "?", "?"))[:2] == (True, "1 votes")
    assert (await judged(*["?"] * 6))[:2] == (False, "no vote could be read")


@pytest.mark.requirement("agents.judge")
async def test_the_judge_sees_the_transcript_what_changed_and_its_criteria_and_each_vote_is_another_sample() -> None:
    _, _, model = await judged(*[vote(True, True)] * 3)
    prompt = model.requests[0].messages[0].content
    assert all(one in prompt for one in CRITERIA)
    assert "[tool]" in prompt
    assert "What the conversation changed: nothing" in prompt
    assert len({request.sampling.seed for request in model.requests}) == 3
    assert all(request.sampling.max_tokens == MOST_TOKENS for request in model.requests)
