"""The sandbox as a server of an episode, and the plans that compute with it."""

from dataclasses import replace
from random import Random

import pytest
from tests.agents.episodes import SEED, described, known
from tests.fakes import BY_KEY, FakeEnvironment, cluster

from tdscaling.agents import PlanError, ProceduralAssistant, ProceduralPlanner, ProceduralUser
from tdscaling.agents.planning import computing
from tdscaling.blueprint import BlueprintMaker
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.environments.code import SERVER, TOOLS, WithCode
from tdscaling.outcome_checks import outcome_checks
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.rollout import roll_out
from tdscaling.types import Target, ToolKey
from tdscaling.values.offer import offer
from tdscaling.verification import replay

PYTHON, SHELL = ToolKey(SERVER, "python"), ToolKey(SERVER, "shell")
pytestmark = pytest.mark.sandbox


@pytest.mark.requirement("environments.code")
async def test_code_keeps_its_variables_within_a_session_and_none_beyond_it() -> None:
    with code_tool(SandboxSettings(pool=0)) as (sandbox, missing):
        assert sandbox is not None, missing
        environment = WithCode(FakeEnvironment(), sandbox)
        async with environment.session(["stock", SERVER], 0) as session:
            assert {tool.server for tool in session.tools} == {"stock", SERVER}
            assert (await session.call(PYTHON, {"code": "x = 6 * 7\nprint(x)"})).content == "42"
            assert (await session.call(PYTHON, {"code": "x + 1"})).content == "43"
            failed = await session.call(PYTHON, {"code": "1 / 0"})
            assert failed.is_error
            assert "ZeroDivisionError" in failed.content
            assert (await session.call(SHELL, {"command": "echo out; exit 3"})).is_error
            assert (await session.call(PYTHON, {"command": "x"})).is_error
            assert (await session.call(ToolKey(SERVER, "perl"), {"code": "x"})).is_error
        async with environment.session([SERVER, "stock"], 0) as session:
            assert "NameError" in (await session.call(PYTHON, {"code": "x"})).content
        assert "sandbox" in environment.provenance(["stock", SERVER], 0)
        assert "sandbox" not in environment.provenance(["stock"], 0)


@pytest.mark.requirement("environments.code")
def test_where_no_sandbox_will_do_there_is_no_code_tool_and_a_line_says_so() -> None:
    with code_tool(SandboxSettings(backend="runsc")) as (sandbox, missing):
        assert sandbox is None
        assert missing.startswith("no code tool")


@pytest.mark.requirement("agents.computational")
async def test_a_computation_is_planned_played_and_confirmed() -> None:
    used = cluster("stock")
    tools = BY_KEY | {tool.key: tool for tool in TOOLS}
    kept = 0
    with code_tool(SandboxSettings(pool=1)) as (sandbox, missing):
        assert sandbox is not None, missing
        environment = WithCode(FakeEnvironment(), sandbox)
        extra = {"computational": (SERVER,)}
        maker = BlueprintMaker(ProceduralPlanner(), environment, tools, await known(), extra)
        for number in range(6):
            target = Target(cluster=used.id, domain=used.domain, mode="computational", band=0, seed=number)
            try:
                plan = await maker.make(target, used, SEED)
            except PlanError:
                continue
            assert SERVER in plan.servers
            user, assistant = ProceduralUser(plan, Random(1)), ProceduralAssistant(plan, Random(2))
            async with environment.session(plan.servers, plan.world) as session:
                rollout = await roll_out(plan, user, assistant, session, offer(plan.offered, tools))
            assert rollout.fault == ""
            assert described(plan, rollout).primary_mode == "computational"
            kept += 1
    assert kept >= 3


@pytest.mark.requirement("agents.looping", "verification.nested")
async def test_a_computation_over_many_calls_is_planned_played_counted_and_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(computing, "LOOPING", 1.0)
    used = cluster("stock")
    tools = BY_KEY | {tool.key: tool for tool in TOOLS}
    looped = 0
    with code_tool(SandboxSettings(pool=1)) as (sandbox, missing):
        assert sandbox is not None, missing
        environment = WithCode(FakeEnvironment(), sandbox)
        maker = BlueprintMaker(ProceduralPlanner(), environment, tools, await known(), {"computational": (SERVER,)})
        for number in range(8):
            target = Target(cluster=used.id, domain=used.domain, mode="computational", band=0, seed=number)
            try:
                plan = await maker.make(target, used, SEED)
            except PlanError:
                continue
            user, assistant = ProceduralUser(plan, Random(1)), ProceduralAssistant(plan, Random(2))
            async with environment.session(plan.servers, plan.world) as session:
                rollout = await roll_out(plan, user, assistant, session, offer(plan.offered, tools))
            where, nested = described(plan, rollout), list(rollout.dialogue.nested())
            if not nested:
                continue
            assert rollout.fault == ""
            assert where.primary_mode == "computational"
            assert where.calls == len(list(rollout.dialogue.calls())) + len(nested)
            assert where.cac > len(nested)
            assert {call.name for call in nested} <= {tool.name for tool in rollout.dialogue.tools}
            assert all(check.passed for check in outcome_checks(plan, rollout.outcome))
            assert (await replay(plan, rollout.dialogue, environment)).passed
            other = replace(
                rollout.dialogue, messages=tuple(replace(m, nested=m.nested[:-1]) for m in rollout.dialogue.messages)
            )
            assert not (await replay(plan, other, environment)).passed
            looped += 1
    assert looped >= 2
