"""Each assistant message is useful, redundant or wrong, and the mark reaches the loss of an export."""

from dataclasses import replace

import pytest
from tests.house.test_demo_check import trajectory

from tdscaling.export import EXPORTERS, record_of
from tdscaling.metrics.marks import canonical, marked
from tdscaling.types import Dialogue, JsonObject, Mark, Message, OfferedTool, ToolCall


def talk(*steps: tuple[str, JsonObject, bool]) -> Dialogue:
    """A user's request, one call after another (each good or failed), an answer."""
    messages = [Message(role="user", content="Do it.")]
    for number, (name, arguments, good) in enumerate(steps):
        call = ToolCall(id=f"c{number}", name=name, arguments=arguments)
        messages.append(Message(role="assistant", tool_calls=(call,)))
        messages.append(Message(role="tool", content="x", tool_call_id=call.id, name=name, is_error=not good))
    names = sorted({name for name, _, _ in steps})
    answer = Message(role="assistant", content="Done.")
    return Dialogue(messages=(*messages, answer), tools=tuple(OfferedTool(name=name) for name in names))


def marks(dialogue: Dialogue, **more: set[tuple[str, str]]) -> list[Mark | None]:
    found = marked(dialogue, writers={"put"}, **more)
    return [message.mark for message in found.messages if message.role == "assistant"]


@pytest.mark.requirement("metrics.marks")
def test_failed_calls_are_wrong_repeated_reads_redundant_and_the_rest_useful() -> None:
    made = talk(("get", {"a": 1}, False), ("get", {"a": 2}, True), ("get", {"a": 2}, True), ("get", {"a": 3}, True))
    assert marks(made) == ["wrong", "useful", "redundant", "useful", "useful"]


@pytest.mark.requirement("metrics.marks")
def test_after_a_write_a_read_may_be_repeated_and_a_write_is_never_redundant() -> None:
    made = talk(("get", {}, True), ("put", {}, True), ("get", {}, True), ("put", {}, True))
    assert marks(made) == ["useful"] * 5


@pytest.mark.requirement("metrics.marks")
def test_a_call_that_the_plan_wants_to_fail_is_useful() -> None:
    made = talk(("get", {"a": "typo"}, False), ("get", {"a": "right"}, True))
    assert marks(made, may_fail={("get", canonical({"a": "typo"}))}) == ["useful"] * 3


@pytest.mark.requirement("metrics.marks")
def test_the_marks_decide_the_loss_of_each_message_in_an_export() -> None:
    made = marked(talk(("get", {"a": 1}, False), ("get", {"a": 2}, True)), writers=())
    row = EXPORTERS["openai"].record(record_of(replace(trajectory(), dialogue=made)))
    messages = row["messages"]
    assert isinstance(messages, list)
    assert [one.get("weight") for one in messages if one["role"] == "assistant"] == [0, 1, 1]
