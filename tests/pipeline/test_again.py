"""Plans of a run played again by somebody else: who says what was said then succeeds, who does nothing fails."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.pipeline.simulated_run import configured

from tdscaling.errors import DataError
from tdscaling.llm import Completion, RawCall, Request
from tdscaling.pipeline import synthesize
from tdscaling.pipeline.again import Again, Guest, PastRun, plans_of, play_again
from tdscaling.pipeline.business import Business
from tdscaling.store import read_run
from tdscaling.types import Dialogue, Message


class Recorded:
    """Says what the assistant of a recorded dialogue said at the same place; "Done." with no dialogue."""

    def __init__(self, *dialogues: Dialogue) -> None:
        self._dialogues = dialogues

    async def complete(self, request: Request) -> Completion:
        spoken = [message for message in request.messages if message.role != "tool"]
        for dialogue in self._dialogues:
            known = [message for message in dialogue.messages if message.role != "tool"]
            if known[1].content == spoken[1].content and _calls(known[: len(spoken)]) == _calls(spoken):
                return _completion(known[len(spoken)])
        return Completion(content="Done.")


def _calls(messages: list[Message]) -> list[tuple[str, str]]:
    return [(call.name, json.dumps(call.arguments)) for message in messages for call in message.tool_calls]


def _completion(said: Message) -> Completion:
    calls = tuple(RawCall(id=call.id, name=call.name, arguments=json.dumps(call.arguments)) for call in said.tool_calls)
    return Completion(content=said.content, calls=calls, finish="tool_calls" if calls else "stop")


@pytest.mark.requirement("scaling.played")
def test_the_same_words_and_calls_succeed_again_and_doing_nothing_never_does(tmp_path: Path) -> None:
    config = configured(tmp_path, 8, 1)
    assert asyncio.run(synthesize(config, tmp_path / "run", tmp_path)).kept == 8
    with read_run(tmp_path / "run") as reader:
        kept = {one.id: one.dialogue for one in reader.iter_trajectories()}
    runs = [PastRun(tmp_path / "run", tmp_path)]
    assert plans_of(runs, [*kept, "unknown"]) == tuple(kept)
    played: list[Again] = []
    asyncio.run(play_again(runs, list(kept), Guest(Recorded(*kept.values()), "native", 1), played.append))
    assert [(one.id, one.reason) for one in played] == [(name, "") for name in kept]
    idle: list[Again] = []
    opened: dict[PastRun, Business] = {}
    for names in (list(kept)[:4], list(kept)[4:]):
        asyncio.run(play_again(runs, names, Guest(Recorded(), "native", 40), idle.append, opened))
    assert list(opened) == runs
    assert [one.passed for one in idle] == [False] * 8
    assert all(one.reason for one in idle)
    with pytest.raises(DataError, match="unknown can't be played again"):
        asyncio.run(play_again(runs, ["unknown"], Guest(Recorded(), "native", 40), idle.append))
