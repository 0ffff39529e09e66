from collections import Counter
from pathlib import Path

import pytest
from tests.metrics.labelled import FOLDER, HELD_OUT, labelled, quality

from tdscaling.metrics import ModeHit, detect, primary_mode
from tdscaling.metrics.complexity import depths, servers
from tdscaling.metrics.trace import Trace
from tdscaling.types import MODES, Dialogue, Message, ToolCall


@pytest.mark.requirement("metrics.modes")
@pytest.mark.parametrize("folder", [FOLDER, HELD_OUT])
def test_every_detector_reaches_precision_and_recall_of_nine_tenths_on_hand_labelled_dialogues(folder: Path) -> None:
    items = labelled(folder)
    by_mode, notes = quality(items)
    assert len(items) >= 120
    assert len({item.name for item in items}) == len(items)
    low = {mode: one for mode, one in by_mode.items() if one.precision < 0.9 or one.recall < 0.9}
    assert not low, "\n".join(notes)


@pytest.mark.parametrize("folder", [FOLDER, HELD_OUT])
def test_every_mode_has_positive_and_negative_examples(folder: Path) -> None:
    items = labelled(folder)
    positive = Counter(mode for item in items for mode in item.labels)
    assert all(3 <= positive[mode] < len(items) for mode in MODES), positive


@pytest.mark.requirement("metrics.tolerant")
def test_results_without_ids_answer_the_calls_in_their_order() -> None:
    calls = (ToolCall(id="", name="find_a", arguments={}), ToolCall(id="", name="find_b", arguments={}))
    dialogue = Dialogue(
        messages=(
            Message(role="assistant", tool_calls=calls),
            Message(role="tool", content="first"),
            Message(role="tool", content="second"),
            Message(role="tool", content="of no call"),
        )
    )
    trace = Trace(dialogue)
    assert [action.produced[0].value for action in trace.actions] == ["first", "second"]


@pytest.mark.requirement("metrics.tolerant")
def test_an_unanswered_call_of_an_unknown_tool_is_still_measured() -> None:
    call = ToolCall(id="x", name="mystery", arguments={"a": {"b": [1, None, "z"]}})
    dialogue = Dialogue(messages=(Message(role="user", content="z, 1"), Message(role="assistant", tool_calls=(call,))))
    assert [hit.mode for hit in detect(dialogue)] == ["direct"]


def test_an_empty_dialogue_has_no_hits() -> None:
    assert detect(Dialogue(messages=())) == ()


@pytest.mark.requirement("metrics.primary")
@pytest.mark.parametrize(
    ("planned", "expected"),
    [("direct", "direct"), ("revising", "recovering"), (None, "recovering")],
)
def test_the_primary_mode_is_the_planned_one_only_when_it_is_confirmed(planned: str | None, expected: str) -> None:
    hits = [ModeHit(mode="direct", message=1), ModeHit(mode="recovering", message=5)]
    assert primary_mode(hits, planned) == expected
    assert primary_mode([], planned) == "none"


def test_depth_is_the_longest_chain_of_values_and_the_sandbox_is_a_server_of_its_own() -> None:
    item = next(item for item in labelled() if item.name == "mix-cross-server")
    trace = Trace(Dialogue(messages=tuple(item.messages)))
    assert depths(trace) == [0, 1, 2, 3]
    assert servers(trace) == ["tracker", "tracker", "sandbox", "chat"]


def test_a_tool_named_as_sandbox_makes_no_direct_call() -> None:
    call = ToolCall(id="1", name="kernel", arguments={"cell": "2"})
    dialogue = Dialogue(messages=(Message(role="user", content="2"), Message(role="assistant", tool_calls=(call,))))
    assert [hit.mode for hit in detect(dialogue)] == ["direct"]
    assert detect(dialogue, sandbox_tools={"kernel"}) == ()


def test_a_dialogue_of_two_thousand_messages_is_read_to_its_end() -> None:
    messages = [Message(role="user", content="Go through the orders.")]
    for number in range(1000):
        call = ToolCall(id=str(number), name="get_order", arguments={"order_id": f"W-{number}"})
        messages.append(Message(role="assistant", tool_calls=(call,)))
        messages.append(Message(role="tool", tool_call_id=str(number), content=f'{{"next": "W-{number + 1}"}}'))
    trace = Trace(Dialogue(messages=tuple(messages)))
    assert depths(trace)[-1] == 999


def _again(name: str, id_: str, *contents: str) -> tuple[Message, ...]:
    calls = tuple(ToolCall(id=f"{name}{index}", name=name, arguments={"id": id_}) for index in range(len(contents)))
    return tuple(
        message
        for call, content in zip(calls, contents, strict=True)
        for message in (
            Message(role="assistant", tool_calls=(call,)),
            Message(role="tool", tool_call_id=call.id, content=content),
        )
    )


@pytest.mark.parametrize("first", ["get_balances", "get_debits"])
def test_of_two_calls_that_failed_in_one_message_each_has_its_own_recovery(first: str) -> None:
    second = "get_debits" if first == "get_balances" else "get_balances"
    both = tuple(ToolCall(id=name, name=name, arguments={"id": "ACC-1"}) for name in sorted({first, second}))
    busy = '{"error": "too many requests"}'
    failed = tuple(Message(role="tool", tool_call_id=call.id, content=busy) for call in both)
    asked = (Message(role="user", content="Balances and debits of ACC-1?"), Message(role="assistant", tool_calls=both))
    again = (*_again(first, "ACC-1", '{"n": 1}'), *_again(second, "ACC-1", '{"n": 2}'))
    hits = detect(Dialogue(messages=(*asked, *failed, *again)))
    assert [hit.action for hit in hits if hit.mode == "recovering"] == [2, 3]


def test_an_attempt_made_again_gets_over_the_error_that_it_was_made_after() -> None:
    busy, full = '{"error": "timeout"}', '{"error": "fully booked"}'
    asked = Message(role="user", content="A table at 19:00, or at 20:00 if that fails; and one at 21:00")
    tried = (*_again("book_table", "19:00", full), *_again("book_table", "20:00", busy, '{"ok": true}'))
    hits = detect(Dialogue(messages=(asked, *tried, *_again("book_table", "21:00", '{"ok": true}'))))
    assert [hit.action for hit in hits if hit.mode == "recovering"] == [2]
