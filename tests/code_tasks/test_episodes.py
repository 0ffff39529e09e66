"""Episodes whose assistant finds its own way: the hidden tests decide, not the plan's own files."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.code_tasks.test_given import GOOD, written

from tdscaling.agents import Assistant
from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.make import Workshop
from tdscaling.config.run import RunConfig
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.code_tasks import CodeEpisodes, CodeTargets
from tdscaling.rollout import RolloutLimits
from tdscaling.sandbox import Sandbox
from tdscaling.store import Item
from tdscaling.types import Blueprint, Message, OfferedTool, ToolCall, Trajectory

pytestmark = [pytest.mark.sandbox, pytest.mark.requirement("code_tasks.verdict", "code_tasks.given")]
OTHER_WAY = "sed \"s/return.*/return f'Hello, {name}!'/\" greet.py > new.py && cp new.py greet.py && cat greet.py"


class _Scripted:
    """Makes these shell calls one after the other, then says it is done."""

    def __init__(self, commands: Sequence[str]) -> None:
        self._left = list(commands)

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        if not self._left:
            return Message(role="assistant", content="Done: greet.py says Hello, Ada! now.")
        call = ToolCall(id=f"c{len(self._left)}", name="shell", arguments={"command": self._left.pop(0)})
        return Message(role="assistant", tool_calls=(call,))


class _Free(Cast):
    """A cast whose assistant is not held to the plan."""

    commands: Sequence[str] = ()

    @property
    def free(self) -> bool:
        return True

    def assistant(self, part: Part, blueprint: Blueprint, take: int = 0) -> Assistant:
        return _Scripted(self.commands)


async def played(sandbox: Sandbox, folder: Path, *commands: str) -> Trajectory:
    tasks = read_given(written(folder, GOOD)).tasks
    kind = type("_With", (_Free,), {"commands": commands})
    cast: Cast = kind(RunConfig(sources=("a",)), {})
    episodes = CodeEpisodes(Workshop(sandbox, packages=False, given=tasks), cast, 1, RolloutLimits())
    (target,) = CodeTargets((), 1, given=1).ask(1)
    ended = await episodes.run(Item(hash="a" * 64, order=0, target=target, kind="code"))
    assert ended.trajectory is not None, ended.rejection
    return ended.trajectory


async def test_another_solution_than_the_plans_is_kept_when_it_passes(sandbox: Sandbox, tmp_path: Path) -> None:
    found = await played(sandbox, tmp_path, "cat greet.py", OTHER_WAY)
    assert found.verdict.kept, found.verdict.reason
    assert [check.name for check in found.verdict.checks if check.name in ("hidden_tests", "replay")] == [
        "hidden_tests",
        "replay",
    ]


@pytest.mark.parametrize(
    "commands",
    [
        ("cat greet.py",),
        ("cat greet.py", "echo 'raise SystemExit(0)' > greet.py"),
        ("cat greet.py", "echo 'print(1)' > test_greet.py"),
        ("cat greet.py", "rm greet.py"),
    ],
    ids=["nothing", "ends-the-program", "patches-the-test", "removes-the-file"],
)
async def test_a_claim_of_success_is_not_enough(sandbox: Sandbox, tmp_path: Path, commands: tuple[str, ...]) -> None:
    found = await played(sandbox, tmp_path, *commands)
    assert found.verdict.reason == "hidden_tests"
