"""The bytes of a request: written once for a conversation, the same as if all of it were written each time."""

import json

import pytest
from tests.llm.asking import TOOL

from tdscaling.config.models import ModelSettings
from tdscaling.llm import Request, Sampling
from tdscaling.llm.fragments import Fragments
from tdscaling.llm.payload import body, message
from tdscaling.types import JsonValue, Message, ToolCall

SETTINGS = ModelSettings(base_url="http://localhost/v1", model="m", temperature=0.5, max_tokens=300)


def conversation(length: int) -> list[Message]:
    """Calls with their results; each message is an object of its own."""
    found = [Message(role="system", content="Help."), Message(role="user", content="Zähle „a“ \U0001f600 \n")]
    for number in range(length):
        call = ToolCall(id=f"c{number}", name="add", arguments={"a": number, "b": [1.5, None, "ü"]})
        found.append(Message(role="assistant", content="", tool_calls=(call,)))
        found.append(Message(role="tool", content=f'{{"sum": {number}}}', tool_call_id=call.id, name="add"))
    return found


@pytest.mark.requirement("llm.written_once")
def test_a_growing_conversation_is_written_as_if_it_were_written_anew() -> None:
    fragments, messages = Fragments(), conversation(6)
    for count in range(2, len(messages) + 1):
        first = Message(role="system", content=f"Help with step {count}.")
        request = Request(messages=(first, *messages[1:count]), tools=(TOOL,), sampling=Sampling(seed=count))
        sent = body(request, SETTINGS, fragments)
        assert sent == body(request, SETTINGS, Fragments())
        read = json.loads(sent)
        assert read["messages"] == [message(one) for one in request.messages]
        assert [*read] == ["model", "messages", "temperature", "max_tokens", "seed", "tools", "tool_choice"]


@pytest.mark.requirement("llm.written_once")
def test_equal_messages_that_are_other_objects_are_not_taken_for_each_other() -> None:
    fragments = Fragments(most=400)
    for number in range(500):  # objects that are gone leave their ids to others
        said = f"message {number}"
        request = Request(messages=(Message(role="system", content=""), Message(role="user", content=said)))
        assert json.loads(body(request, SETTINGS, fragments))["messages"][1]["content"] == said
    kept = [written for _, written in fragments._kept.values()]  # pyright: ignore[reportPrivateUsage]
    assert 0 < sum(map(len, kept)) <= 400, "no more is held than the limit"


@pytest.mark.requirement("llm.written_once")
def test_of_a_grown_conversation_only_what_is_new_is_written_and_after_a_note_was_taken_back_all_is() -> None:
    fragments, written = Fragments(), list[str]()

    def told(one: Message) -> JsonValue:
        written.append(one.content)
        return one.content

    a, b, c, note = (Message(role="user", content=name) for name in ("a", "b", "c", "note"))
    for asked, new in (([a, b], "ab"), ([a, b, note], "note"), ([a, b, c], "abc"), ([a, b, c], ""), ([a], "a")):
        written.clear()
        assert json.loads(b"[%b]" % fragments.of(asked, told)) == [one.content for one in asked]
        assert "".join(written) == new
    assert fragments.of([], told) == b""


@pytest.mark.requirement("llm.written_once")
def test_what_is_equal_but_written_otherwise_is_written_as_it_is() -> None:
    first = Message(role="user", content="How much?")
    asked = [
        (first, Message(role="assistant", content="", tool_calls=(ToolCall(id="c", name="add", arguments={"a": one}),)))
        for one in (1, 1.0, True)
    ]
    assert asked[0] == asked[1] == asked[2]
    fragments = Fragments()
    assert [b'\\"a\\": 1}' in fragments.of(one, message) for one in asked] == [True, False, False]
    assert b'\\"a\\": true}' in fragments.of(asked[2], message)


@pytest.mark.requirement("llm.written_once")
@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"messages": [], "seed": 3}, {"messages": [], "seed": 3, "temperature": 0.5}),
        ({"temperature": None, 'odd"name': {"a": 1}}, {'odd"name': {"a": 1}, "seed": 1}),
    ],
)
def test_what_the_config_adds_has_the_last_word(extra: dict[str, JsonValue], told: dict[str, JsonValue]) -> None:
    settings = SETTINGS.model_copy(update={"extra": extra})
    read = json.loads(body(Request(messages=tuple(conversation(1)), sampling=Sampling(seed=1)), settings, Fragments()))
    assert {name: read[name] for name in told} == told
    assert ("temperature" in read) == ("temperature" not in extra or extra["temperature"] is not None)


@pytest.mark.requirement("llm.written_once")
def test_broken_text_is_sent_as_what_it_can_be() -> None:
    broken = (Message(role="system", content="a"), Message(role="user", content="b \ud800"))
    assert json.loads(body(Request(messages=broken), SETTINGS, Fragments()))["messages"][1]["content"] == "b ?"
