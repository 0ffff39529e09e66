"""Tools of the run's other sources, offered beside those that a code task needs."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.code_tasks.test_episodes import OTHER_WAY, _Free, _Scripted
from tests.code_tasks.test_given import GOOD, written
from tests.fakes import TOOLS, FakeEnvironment

from tdscaling.agents import Assistant
from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.make import Workshop
from tdscaling.config.run import RunConfig
from tdscaling.environments.standby import Beside
from tdscaling.environments.task import SERVER, TaskEnvironment
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.code_plans import Others
from tdscaling.pipeline.code_tasks import CodeEpisodes, CodeTargets
from tdscaling.rollout import RolloutLimits
from tdscaling.sandbox import Sandbox
from tdscaling.store import Item
from tdscaling.types import Blueprint, Message, ToolCall, ToolKey, Trajectory, diff
from tdscaling.values.offer import offer

pytestmark = [pytest.mark.sandbox, pytest.mark.requirement("code_tasks.beside")]


class _Curious(_Scripted):
    """Calls the first offered tool that is no sandbox's before anything else."""

    async def act(self, messages, tools):  # type: ignore[no-untyped-def]
        others = [tool for tool in tools if tool.server != SERVER]
        if not any(message.tool_calls for message in messages) and others:
            name = min(tool.name for tool in others if not tool.parameters.get("required"))
            return Message(role="assistant", tool_calls=(ToolCall(id="c9", name=name, arguments={}),))
        return await super().act(messages, tools)


async def played(sandbox: Sandbox, folder: Path, others: Others | None, kind: type[_Scripted]) -> Trajectory:
    """An episode that an assistant of this kind mends its own way, and that is kept."""

    class With(_Free):
        def assistant(self, part: Part, blueprint: Blueprint, take: int = 0) -> Assistant:
            return kind(["cat greet.py", OTHER_WAY])

    tasks = read_given(written(folder, GOOD)).tasks
    cast: Cast = With(RunConfig(sources=("a",)), {})
    workshop = Workshop(sandbox, packages=False, given=tasks)
    episodes = CodeEpisodes(workshop, cast, 1, RolloutLimits(), others=others)
    (target,) = CodeTargets((), 1, given=1).ask(1)
    ended = await episodes.run(Item(hash="a" * 64, order=0, target=target, kind="code"))
    assert ended.trajectory is not None, ended.rejection
    assert ended.trajectory.verdict.kept, ended.trajectory.verdict.reason
    return ended.trajectory


async def test_tools_of_other_sources_are_offered_and_start_no_server_until_they_are_called(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    world = FakeEnvironment()
    found = await played(sandbox, tmp_path, Others(world, TOOLS), _Scripted)
    servers = [tool.server for tool in found.dialogue.tools]
    assert servers.count(SERVER) == 2
    assert 3 <= len(servers) - 2 <= 10
    assert world.opened == 0
    python = next(tool for tool in found.dialogue.tools if tool.name == "python")
    assert "import tools" in python.description


async def test_a_call_of_one_is_real_and_is_made_again_when_the_dialogue_is_replayed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    world = FakeEnvironment()
    found = await played(sandbox, tmp_path, Others(world, TOOLS), _Curious)
    assert (world.opened, world.open) == (2, 0)
    result = next(message for message in found.dialogue.messages if message.role == "tool")
    assert not result.is_error
    assert result.content


async def test_what_a_call_of_one_changes_is_state_and_code_can_call_it_too(sandbox: Sandbox, tmp_path: Path) -> None:
    (task,) = read_given(written(tmp_path, GOOD)).tasks
    environment = TaskEnvironment(sandbox, task.work, Beside(FakeEnvironment(), TOOLS, 0))
    async with environment.session((SERVER, "courier", "stock"), 0) as session:
        tools = {tool.key: tool for tool in session.tools}
        session.offer(offer(sorted(tools), tools))
        before = await session.snapshot()
        code = "import tools\ntools.book_pickup(depot='harbour-depot', note='two boxes')"
        done = await session.call(ToolKey(SERVER, "python"), {"code": code})
        assert not done.is_error, done.content
        assert [call.name for call in done.nested] == ["book_pickup"]
        changes = diff(before, await session.snapshot())
    assert changes
    assert all(change.path.startswith("beside:") for change in changes)


async def test_without_other_sources_nothing_is_offered_that_is_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    found = await played(sandbox, tmp_path, None, _Scripted)
    assert {tool.server for tool in found.dialogue.tools} == {SERVER}
    assert not any("import tools" in tool.description for tool in found.dialogue.tools)


def test_the_choice_follows_from_kind_and_seed_and_leaves_the_sandbox_its_names() -> None:
    shell = replace(TOOLS[0], name="shell")
    others = Others(FakeEnvironment(), (*TOOLS, shell))
    chosen = [others.beside("sql", seed) for seed in range(12)]
    assert chosen == [others.beside("sql", seed) for seed in range(12)]
    assert len({tuple(tool.key for tool in one.tools) for one in chosen if one}) > 6
    assert all(one and not any(tool.name == "shell" for tool in one.tools) for one in chosen)
    assert Others(FakeEnvironment(), ()).beside("sql", 1) is None
