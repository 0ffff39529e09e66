"""Plans of every mode on a service in memory: made, admitted, played and confirmed."""

import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from random import Random
from statistics import mean

import pytest
from tests.agents.episodes import blueprint, blueprints, described, holds, known, maker, played, said_by
from tests.fakes import BY_KEY, SHELVES, TITLES, FakeEnvironment, State, cluster, sku_of

from tdscaling.agents import RECIPES, Feasible, PlanError, ProceduralPlanner
from tdscaling.blueprint import BlueprintMaker
from tdscaling.store import encode
from tdscaling.types import (
    MODES,
    Exploration,
    FromFact,
    FromOutput,
    JsonObject,
    Mode,
    Target,
    Tool,
    ToolKey,
    ToolResult,
)
from tdscaling.values import normal
from tdscaling.values.generate import words
from tdscaling.verification import Evidence, verify

ITEMS_AND_SHELVES = (*map(sku_of, TITLES), *SHELVES)
PLANNED: tuple[Mode, ...] = tuple(mode for mode in MODES if mode != "computational")


@pytest.mark.requirement("agents.modes", "agents.sound")
@pytest.mark.parametrize("mode", PLANNED)
async def test_a_mode_is_planned_played_and_confirmed_by_its_detector(mode: Mode) -> None:
    plans = await blueprints(mode, 12)
    assert len(plans) >= 6
    exploration = await known()
    reasons: list[str] = []
    for plan in plans:
        rollout = await played(plan)
        assert rollout.fault == "", rollout.detail
        evidence = Evidence(dialogue=rollout.dialogue, outcome=rollout.outcome, descriptor=described(plan, rollout))
        verdict = await verify(plan, evidence, exploration, FakeEnvironment())
        reasons.append(verdict.reason)
    assert set(reasons) <= {"", "mode_confirmed"}
    assert reasons.count("") >= len(plans) * 0.6


@pytest.mark.requirement("agents.modes")
def test_every_mode_has_a_recipe() -> None:
    assert set(RECIPES) == set(MODES)


@pytest.mark.requirement("agents.unplannable")
async def test_code_is_not_planned_where_there_is_no_interpreter() -> None:
    with pytest.raises(PlanError) as caught:
        await blueprint("computational")
    assert caught.value.reason == "no_interpreter"


@pytest.mark.requirement("agents.unplannable")
@pytest.mark.parametrize("mode", [mode for mode in PLANNED if mode != "abstaining"])
async def test_a_cluster_of_which_nothing_is_known_is_refused_with_a_reason(mode: Mode) -> None:
    unknown = replace(cluster(), tools=(ToolKey("stock", "never_explored"),))
    target = Target(cluster=unknown.id, domain="retail", mode=mode, band=0, seed=1)
    with pytest.raises(PlanError) as caught:
        await (await maker()).make(target, unknown, 1)
    assert caught.value.reason.replace("_", "").isalpha()


@pytest.mark.requirement("agents.unplannable")
async def test_of_a_tool_that_is_told_nothing_nothing_is_planned_that_has_to_be_said() -> None:
    found, listing = await known(), ToolKey("stock", "list_items")
    bare = replace(found.profiles[listing], params=found.profiles[ToolKey("stock", "get_item")].params)
    assert bare.successes[0].arguments == {}, "its parameters can all be left out"
    alone = Exploration(profiles={listing: bare})
    assert Feasible(BY_KEY, alone).modes([listing]) == {"abstaining", "computational"}
    said = {"direct", "parallel", "clarifying", "revising"}
    assert Feasible(BY_KEY, found).modes([ToolKey("stock", "get_item")]) >= said


@pytest.mark.requirement("agents.many")
async def test_what_no_result_shows_can_not_be_asked_for() -> None:
    found, lying = await known(), ToolKey("stock", "shelf_contents")
    said = {"direct", "parallel", "clarifying", "revising", "sequential", "exploratory", "iterative", "recovering"}
    assert Feasible(BY_KEY, found).modes([lying]) & said == said
    assert not Feasible(BY_KEY, Exploration(profiles=found.profiles)).modes([lying]) & said


@pytest.mark.requirement("agents.many")
async def test_a_name_that_the_schema_lists_or_that_all_share_is_neither_misspelt_nor_gone_through() -> None:
    found, lying, listing = await known(), ToolKey("stock", "shelf_contents"), ToolKey("stock", "list_shelves")
    schema: JsonObject = {
        **BY_KEY[lying].input_schema,
        "properties": {"shelf": {"type": "string", "enum": [*SHELVES]}},
    }
    assert "recovering" not in Feasible({lying: replace(BY_KEY[lying], input_schema=schema)}, found).modes([lying])
    seen = found.profiles[listing]
    same = ToolResult(content="\n\n".join(["Shelf: north-wall\nItems: 3"] * 4))
    alike = replace(seen, successes=tuple(replace(one, result=same) for one in seen.successes))
    shared = Exploration(
        profiles={lying: found.profiles[lying], listing: alike},
        edges=tuple(edge for edge in found.edges if edge.producer.key == listing),
    )
    assert {"direct", "parallel"} <= Feasible(BY_KEY, shared).modes([lying])
    assert not {"recovering", "iterative"} & Feasible(BY_KEY, shared).modes([lying])


@pytest.mark.requirement("agents.seeded")
@pytest.mark.parametrize("mode", PLANNED)
async def test_the_same_seed_gives_the_same_plan_and_dialogue(mode: Mode) -> None:
    first, second = await blueprints(mode, 4), await blueprints(mode, 4)
    assert [encode(plan) for plan in first] == [encode(plan) for plan in second]
    for plan in first:
        assert encode((await played(plan)).dialogue) == encode((await played(plan)).dialogue)


_IN_A_PROCESS = """
import asyncio, hashlib, sys
from tests.agents.episodes import blueprints, played
from tdscaling.store import encode
async def main():
    for mode in ("recovering", "conditional", "abstaining", "parallel"):
        for plan in await blueprints(mode, 4):
            dialogue = (await played(plan)).dialogue
            print(hashlib.sha256(encode(plan) + encode(dialogue)).hexdigest())
asyncio.run(main())
"""


@pytest.mark.requirement("agents.seeded")
def test_the_order_of_sets_in_a_process_changes_nothing(pytestconfig: pytest.Config) -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _IN_A_PROCESS], cwd=pytestconfig.rootpath, env={"PYTHONHASHSEED": seed}, text=True,
            capture_output=True, check=True, timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert outputs[0]
    assert outputs[0] == outputs[1]


@pytest.mark.requirement("agents.varied")
async def test_other_seeds_give_other_words() -> None:
    plan = await blueprint("direct", 0)
    openings = {said_by("user", (await played(plan, seed)).dialogue.messages) for seed in range(12)}
    assert len(openings) >= 8


@pytest.mark.requirement("agents.bands")
async def test_a_higher_band_gives_more_calls_and_complexity() -> None:
    calls: list[float] = []
    complexity: list[float] = []
    for band in range(4):
        plans = await blueprints("direct", 6, band)
        calls.append(mean(len(plan.steps) for plan in plans))
        complexity.append(mean([described(plan, await played(plan)).cac for plan in plans]))
    assert calls == sorted(calls)
    assert complexity == sorted(complexity)
    assert complexity[3] > 4 * complexity[0]


@pytest.mark.requirement("agents.forbidden")
async def test_what_a_rule_forbids_is_offered_and_never_done() -> None:
    plans = [plan for plan in await blueprints("abstaining", 40) if plan.policy]
    assert plans
    for plan in plans:
        assert ToolKey("stock", "delete_item") in plan.offered
        rollout = await played(plan)
        assert "delete_item" not in {call.name for _, call in rollout.dialogue.calls()}
        assert plan.policy[0] in rollout.dialogue.messages[0].content
        assert not any(change.kind == "removed" for change in rollout.outcome.effects)


@pytest.mark.requirement("agents.missing_tool")
async def test_the_tool_that_would_serve_a_refused_request_is_not_offered() -> None:
    plans = [plan for plan in await blueprints("abstaining", 16) if not plan.policy]
    assert plans
    for plan in plans:
        refusals = [request.refusal for turn in plan.turns for request in turn.requests if request.refusal]
        assert len(refusals) == 1
        assert {key.server for key in plan.offered} == {"stock"}
        assert refusals[0] in said_by("assistant", (await played(plan)).dialogue.messages)


@pytest.mark.requirement("agents.news")
@pytest.mark.parametrize("mode", ["sequential", "exploratory", "recovering"])
async def test_a_look_up_shows_what_the_user_has_not_said(mode: Mode) -> None:
    """The titles of the service give away the keys of its items, as in many services."""
    looked_up = 0
    for plan in await blueprints(mode, 24, 1):
        said = {words(str(fact.value)) for fact in plan.facts}
        for step in plan.steps:
            for binding in step.arguments.values():
                if isinstance(binding, FromOutput) and binding.path == "[].sku":
                    looked_up += 1
                    assert binding.where != "[].title"
            if step.expect_error:
                wrong = [str(fact.value) for fact in plan.facts if FromFact(fact=fact.id) in step.arguments.values()]
                misspelt = [name for name in wrong if name not in ITEMS_AND_SHELVES]
                right = {get_close_matches(name, ITEMS_AND_SHELVES, 1, 0.85)[0] for name in misspelt}
                looked_up += len(right)
                assert not {words(name) for name in right} & said
    assert looked_up >= 5


def _of_a_list(tool: Tool) -> Tool:
    """The same tool, whose schema names every value that its texts may have."""
    properties = tool.input_schema.get("properties")
    assert isinstance(properties, dict)
    listed = {
        name: {**one, "enum": list(ITEMS_AND_SHELVES)} if isinstance(one, dict) and one.get("type") == "string" else one
        for name, one in properties.items()
    }
    return replace(tool, input_schema={**tool.input_schema, "properties": listed})


@pytest.mark.requirement("agents.sound")
async def test_no_name_is_misspelt_that_the_schema_would_not_let_pass() -> None:
    tools = {key: _of_a_list(tool) for key, tool in BY_KEY.items()}
    strict = BlueprintMaker(ProceduralPlanner(), FakeEnvironment(), tools, await known())
    planned = 0
    for number in range(6):
        target = Target(cluster=cluster().id, domain="retail", mode="recovering", band=0, seed=number)
        with suppress(PlanError):
            planned += bool(await (await maker()).make(target, cluster(), 1))
        with pytest.raises(PlanError):
            await strict.make(target, cluster(), 1)
    assert planned


@pytest.mark.requirement("agents.distractors")
async def test_tools_that_are_not_needed_are_offered_too() -> None:
    for plan in await blueprints("sequential", 8):
        needed = {step.tool for step in plan.steps}
        assert needed <= set(plan.offered)
        assert len(set(plan.offered) - needed) >= 3
        assert {key.server for key in plan.offered} == {"stock"}


@pytest.mark.requirement("agents.worlds")
async def test_a_plan_speaks_of_items_of_its_own_world() -> None:
    plans = await blueprints("direct", 24, 0)
    assert {plan.world for plan in plans} == {0, 1}
    for plan in plans:
        new = {f.value for f in plan.facts if plan.steps[0].tool.name == "create_item"}
        skus = {fact.value for fact in plan.facts if fact.label == "sku"}
        assert skus - new <= set(State.of(plan.world).items)


@pytest.mark.requirement("agents.controls")
async def test_a_plan_that_doing_nothing_satisfies_is_refused() -> None:
    plan = await blueprint("direct", 0)
    idle = replace(plan, turns=(replace(plan.turns[0], steps=(), answer=()),))
    with pytest.raises(PlanError) as caught:
        await (await maker()).admit(idle, Random(1))
    assert caught.value.reason == "noop_passes"


@pytest.mark.requirement("agents.controls")
async def test_a_plan_whose_calls_do_not_work_is_refused() -> None:
    plan = await blueprint("recovering", 0, 1)
    turns = tuple(replace(t, steps=tuple(replace(s, expect_error=False) for s in t.steps)) for t in plan.turns)
    with pytest.raises(PlanError) as caught:
        await (await maker()).admit(replace(plan, turns=turns), Random(1))
    assert caught.value.reason == "gold_run_failed"


@pytest.mark.requirement("agents.controls")
async def test_a_plan_that_a_wrong_value_would_satisfy_too_has_to_tell_more() -> None:
    plan = next(p for p in await blueprints("direct", 20, 0) if p.steps[0].tool.name == "get_item")
    turns = (replace(plan.turns[0], answer=()),)
    admitted = await (await maker()).admit(replace(plan, turns=turns), Random(1))
    assert admitted.turns[0].answer


@pytest.mark.requirement("agents.revision")
async def test_the_new_value_of_a_revision_takes_the_place_of_the_old() -> None:
    for plan in await blueprints("revising", 12):
        index = next(i for i, turn in enumerate(plan.turns) if turn.kind == "revision")
        old, new = plan.turns[index - 1].steps[-1], plan.turns[index].steps[0]
        assert old.tool == new.tool
        changed = [name for name in new.arguments if new.arguments[name] != old.arguments[name]]
        assert len(changed) == 1
        facts = {fact.id: fact.value for fact in plan.facts}
        binding = new.arguments[changed[0]]
        assert binding.kind == "fact"
        users = [message.content for message in (await played(plan)).dialogue.messages if message.role == "user"]
        assert holds(users[index], facts[binding.fact])
        assert normal(str(facts[binding.fact])) not in {normal(word) for word in users[index - 1].split()}
