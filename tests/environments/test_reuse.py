"""The verdict on reuse: what all fresh processes agree on and every used one has differently, and nothing else."""

from collections.abc import Sequence

import pytest

from tdscaling.environments import reuse
from tdscaling.environments.reuse import Check, ProbeRun, Reuse, decide
from tdscaling.types import Snapshot, ToolResult


def run(result: str = "same", *, before: str = "", after: str = "", fault: str | None = None) -> ProbeRun:
    def state(value: str) -> Snapshot:
        return Snapshot({"file": value} if value else {})

    return ProbeRun(state(before), [ToolResult(content="first"), ToolResult(content=result, fault=fault)], state(after))


def check(one: str, two: str, used: str) -> Check:
    return run(one), run(two), run(used)


async def decided(checks: Sequence[Check], monkeypatch: pytest.MonkeyPatch) -> tuple[Reuse, int]:
    """The verdict, and how many checks it took."""
    made: list[Check] = []

    async def next_check() -> Check:
        made.append(checks[len(made)])
        return made[-1]

    monkeypatch.setattr(reuse, "PAUSES", (0.0,) * 3)
    return await decide(next_check), len(made)


FAULTY: Check = (run(), run(), run(fault="crash"))
SIZE = "call 2 of the check gave another result on a used process"


@pytest.mark.requirement("environments.reuse")
@pytest.mark.parametrize(
    ("checks", "allowed", "taken"),
    [
        ([check("a", "a", "a")], True, 1),
        ([check("a", "b", "c")], True, 1),
        ([check("a", "a", "b"), check("a", "a", "a")], True, 2),
        ([check("a", "a", "b"), check("b", "b", "a")], True, 2),
        ([check("a", "a", "b"), check("a", "a", "c"), check("a", "c", "b")], True, 3),
        ([check("a", "a", "b")] * 3, False, 3),
        ([check("a", "a", "b"), check("a", "a", "c"), check("a", "a", "d")], False, 3),
        ([FAULTY, check("a", "a", "a")], True, 2),
        ([check("a", "a", "b"), FAULTY, check("a", "a", "b")], False, 3),
    ],
)
async def test_only_what_all_fresh_ones_agree_on_and_every_used_one_breaks_refuses_a_server(
    checks: Sequence[Check], allowed: bool, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict, made = await decided(checks, monkeypatch)
    assert (verdict.allowed, made) == (allowed, taken)
    assert verdict.reason == ("2 calls and the state were equal on a used process" if allowed else SIZE)


@pytest.mark.requirement("environments.reuse")
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ((run(before="x"), run(before="x"), run()), "file is made by a process as it starts, so a used one has it not"),
        ((run(after="x"), run(after="x"), run(after="y")), "file came out differently on a used process"),
        (FAULTY, "the server failed in the check (crash)"),
    ],
)
async def test_state_and_faults_refuse_a_server_too(made: Check, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await decided([made] * 3, monkeypatch) == (Reuse(False, reason), 3)


def test_checks_follow_each_other_at_an_uneven_pace() -> None:
    assert len(set(reuse.PAUSES)) == len(reuse.PAUSES) >= 3
