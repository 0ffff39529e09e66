"""Kept plans become new ones: admitted, played, confirmed by the detectors, and no copies of their parents."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from random import Random

import pytest
from tests.agents.episodes import SEED, blueprint, described, known, played
from tests.fakes import BY_KEY, FakeEnvironment, cluster
from tests.garbage import freed_at_once

from tdscaling.agents import PlanError, ProceduralAssistant, ProceduralUser
from tdscaling.agents.planning.computing import PYTHON
from tdscaling.agents.planning.draft import Draft
from tdscaling.blueprint import BlueprintMaker
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.environments.code import SERVER as CODE
from tdscaling.environments.code import TOOLS as CODE_TOOLS
from tdscaling.environments.code import WithCode
from tdscaling.evolution.mutations import MUTATIONS, Mutator
from tdscaling.evolution.mutations.fitting import fitting
from tdscaling.metrics.duplicates import NearDuplicates
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.rollout import Rollout, roll_out
from tdscaling.store import encode
from tdscaling.types import Blueprint, Descriptor, Environment, Mode, Target, Tool, ToolKey, Verdict
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

SERVERS = ("stock", "courier")
ENOUGH = 2
PARENTS: tuple[Mode, ...] = ("direct", "sequential", "parallel", "revising", "clarifying", "iterative", "recovering")


@dataclass(frozen=True)
class Child:
    """A mutated plan beside its parent, and how it was played."""

    parent: Blueprint
    before: Rollout
    was: Descriptor
    plan: Blueprint
    rollout: Rollout
    descriptor: Descriptor
    verdict: Verdict


async def mutated(
    parent: Blueprint, name: str, band: int, tools: Mapping[ToolKey, Tool] = BY_KEY, env: Environment | None = None
) -> Blueprint:
    """The plan that a mutation makes of a parent, admitted. Raises PlanError."""
    mode = MUTATIONS[name].mode or parent.target.mode
    target = replace(parent.target, mode=mode, band=band, seed=77, parent="0" * 64, mutation=name)
    extra = {mode: (*parent.servers, *((CODE,) if mode == "computational" else ()))}
    environment = env or FakeEnvironment()
    maker = BlueprintMaker(Mutator(parent), environment, tools, await known(), extra, world=parent.world)
    return await maker.make(target, cluster(*SERVERS), SEED)


async def children(name: str) -> Sequence[Child]:
    """The first ENOUGH plans that a mutation makes of parents of all kinds, and how they are played."""
    found: list[Child] = []
    for number in range(6):
        for mode in PARENTS:
            if mode == MUTATIONS[name].mode:
                continue
            try:
                parent = await blueprint(mode, number % 3, number, SERVERS)
                before = await played(parent)
                was = described(parent, before)
                plan = await mutated(parent, name, min(4, max(0, was.band + MUTATIONS[name].bands[1])))
            except PlanError:
                continue
            rollout = await played(plan, seed=2)
            lies = described(plan, rollout)
            evidence = Evidence(
                dialogue=rollout.dialogue,
                outcome=rollout.outcome,
                descriptor=lies,
                fault=rollout.fault,
                detail=rollout.detail,
            )
            verdict = await verify(plan, evidence, await known(), FakeEnvironment())
            found.append(Child(parent, before, was, plan, rollout, lies, verdict))
            if len(found) == ENOUGH:
                return found
    return found


def differs(name: str, child: Child) -> bool:
    """Whether a child shows what its mutation is about."""
    calls, before = len(child.plan.steps), len(child.parent.steps)
    servers = {step.tool.server for step in child.plan.steps}
    shown: dict[str, bool] = {
        "deepen": calls > before and len(child.plan.turns) > len(child.parent.turns),
        "merge": calls > before,
        "cross_service": len(servers) > len({step.tool.server for step in child.parent.steps}),
        "insert": any(step.purpose == "look up" for step in child.plan.turns[-1].steps),
        "parallelise": len({step.group for step in child.plan.steps}) < calls,
        "iterate": calls >= before + 3,
        "withhold_parameter": any(turn.withheld for turn in child.plan.turns),
        "withhold_tool": calls < before and len(child.plan.offered) < len(child.parent.offered),
        "distract": set(child.plan.offered) > set(child.parent.offered),
        "fault": any(step.expect_error for step in child.plan.steps),
        "revise": child.plan.turns[-1].kind == "revision",
        "add_policy": len(child.plan.policy) > len(child.parent.policy),
        "simplify": len(child.plan.turns) < len(child.parent.turns),
    }
    return shown[name]


@pytest.mark.requirement("evolution.mutations")
@pytest.mark.parametrize("name", [name for name in MUTATIONS if name != "add_computation"])
async def test_a_mutation_makes_plans_that_are_admitted_played_and_confirmed(name: str) -> None:
    found = await children(name)
    assert len(found) == ENOUGH
    for child in found:
        assert child.verdict.kept, child.verdict.reason
        assert child.descriptor.primary_mode == child.plan.target.mode
        assert differs(name, child)
        assert child.plan.provenance["mutation"] == name
        seen = NearDuplicates()
        seen.add("parent", child.before.dialogue)
        assert seen.add("child", child.rollout.dialogue) is None
        assert await mutated(child.parent, name, child.plan.target.band) == child.plan, "the same seed, the same plan"


@pytest.mark.requirement("evolution.fitting")
async def test_what_a_plan_rules_out_fails_when_it_is_tried_all_the_same() -> None:
    ruled_out: set[str] = set()
    for number, mode in enumerate(PARENTS):
        parent = await blueprint(mode, number % 3, number, SERVERS)
        for name in sorted(MUTATIONS.keys() - fitting(parent, MUTATIONS)):
            ruled_out.add(name)
            with pytest.raises(PlanError):
                await mutated(parent, name, parent.target.band)
    assert len(ruled_out) > 2


@pytest.mark.sandbox
@pytest.mark.requirement("evolution.mutations")
async def test_a_computation_is_added_where_there_is_an_interpreter() -> None:
    tools = BY_KEY | {tool.key: tool for tool in CODE_TOOLS}
    with code_tool(SandboxSettings(pool=1)) as (sandbox, missing):
        assert sandbox is not None, missing
        environment = WithCode(FakeEnvironment(), sandbox)
        parent = await blueprint("direct", 0, 1, SERVERS)
        plan = await mutated(parent, "add_computation", 1, tools, environment)
        assert [step.tool for step in plan.steps].count(PYTHON) == 1
        user, assistant = ProceduralUser(plan, Random(1)), ProceduralAssistant(plan, Random(2))
        async with environment.session(plan.servers, plan.world) as session:
            rollout = await roll_out(plan, user, assistant, session, offer(plan.offered, tools))
    assert rollout.fault == ""
    assert described(plan, rollout).primary_mode == "computational"


@pytest.mark.requirement("evolution.mutations")
async def test_a_tool_that_is_withheld_has_no_substitute_and_is_not_planned_with_later() -> None:
    for child in await children("withhold_tool"):
        lost = set(child.parent.offered) - set(child.plan.offered)
        assert lost & {step.tool for step in child.parent.steps}
        again = await mutated(child.plan, "merge", 2)
        assert not lost & {step.tool for step in again.steps}
        assert not lost & set(again.offered)


@pytest.mark.requirement("evolution.mutations")
async def test_a_parent_whose_steps_end_otherwise_today_is_refused_with_a_reason() -> None:
    parent = await blueprint("direct", 0, 1, SERVERS)
    strange = replace(parent, turns=tuple(_misspelt(parent)))
    with pytest.raises(PlanError) as caught:
        await mutated(strange, "deepen", 1)
    assert caught.value.reason == "parent_does_not_hold"
    with pytest.raises(PlanError) as caught:
        await mutated_by("no_such", parent)
    assert caught.value.reason == "unknown_mutation"


def _misspelt(plan: Blueprint) -> Sequence[object]:
    return [replace(turn, steps=tuple(replace(step, expect_error=True) for step in turn.steps)) for turn in plan.turns]


async def mutated_by(name: str, parent: Blueprint) -> Blueprint:
    target: Target = replace(parent.target, parent="0" * 64, mutation=name)
    maker = BlueprintMaker(Mutator(parent), FakeEnvironment(), BY_KEY, await known(), world=parent.world)
    return await maker.make(target, cluster(*SERVERS), SEED)


@pytest.mark.requirement("evolution.mutations")
async def test_a_changed_plan_is_made_in_the_world_of_its_parent() -> None:
    @dataclass
    class Noting(FakeEnvironment):
        worlds: int = 5

        @asynccontextmanager
        async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[object]:
            seen.add(world)
            async with super().session(servers, world) as session:
                yield session

    seen = set[int]()
    parent = await blueprint("direct", 0, 1, SERVERS)
    plan = await mutated(parent, "deepen", 1, env=Noting())
    assert seen == {parent.world} == {plan.world}
    assert encode(plan) != encode(parent)


@pytest.mark.requirement("agents.freed")
async def test_what_a_mutation_has_tried_is_freed_when_it_is_let_go_of() -> None:
    with freed_at_once(Draft):
        for number in range(4):
            for mode in PARENTS:
                with suppress(PlanError):
                    await mutated(await blueprint(mode, 1, number, SERVERS), "deepen", 4)
