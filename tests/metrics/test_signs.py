"""Values and requests without a letter or digit: emojis, operators, marks."""

import pytest

from tdscaling.metrics import NearDuplicates, describe
from tdscaling.metrics.signs import says_sign
from tdscaling.metrics.texts import NEVER, TextIndex
from tdscaling.types import Dialogue, JsonObject, Message, ToolCall


def asked(text: str, arguments: JsonObject | None = None) -> Dialogue:
    calls = () if arguments is None else (ToolCall(id="1", name="use_tool", arguments=arguments),)
    return Dialogue(messages=(Message(role="user", content=text), Message(role="assistant", tool_calls=calls)))


@pytest.mark.requirement("metrics.signs")
@pytest.mark.parametrize(
    ("text", "arguments", "mode"),
    [
        ("React with 👍 to message M-9001", {"message": "M-9001", "emoji": "👍"}, "direct"),
        ("React with 👍 to message M-9001", {"message": "M-9001", "emoji": "🎉"}, "none"),
        ("compute 512 + 301", {"a": 512, "b": 301, "op": "+"}, "direct"),
        ("compute 512 + 301.", {"a": 512, "b": 301, "op": "."}, "none"),
        ("compute 512 and 301", {"a": 512, "b": 301, "op": " "}, "none"),
    ],
)
def test_a_value_without_letters_is_said_where_it_stands(text: str, arguments: JsonObject, mode: str) -> None:
    assert describe(asked(text, arguments), domain="chat").primary_mode == mode


@pytest.mark.requirement("metrics.signs")
@pytest.mark.parametrize(
    ("sign", "said", "not_said"),
    [
        ("+", ["512+301", "+", "5 +", "the sign '+'"], ["c++", "a+b", "+x"]),
        ("-", ["5 - 3", "by `-`"], ["2026-02-03", "-5", "well-known"]),
        (".", ["a . b", 'by "."'], ["it is 3.14.", 'he said "no".', "1. first"]),
        ("。", ["「 。 」"], ["请问北京天气。"]),
        ("->", ["a->b"], ["a - > b"]),
        ("€", ["5€ each"], ["5 each"]),
    ],
)
def test_a_single_mark_has_to_stand_apart(sign: str, said: list[str], not_said: list[str]) -> None:
    assert [text for text in said + not_said if says_sign(text, sign)] == said


@pytest.mark.requirement("metrics.signs")
def test_the_first_message_with_a_sign_is_the_one_that_says_it() -> None:
    index = TextIndex()
    for message, text in enumerate(("Like it.", "👍, then 🎉", "🎉")):
        index.add(message, text)
    assert (index.first("🎉"), index.holds(2, "🎉"), index.holds(0, "🎉")) == (1, True, False)
    assert index.first("") == index.first("🙂") == NEVER


@pytest.mark.requirement("metrics.signs", "metrics.duplicates")
def test_requests_of_signs_alone_are_near_duplicates_only_where_they_are_alike() -> None:
    seen = NearDuplicates()
    assert seen.add("a", asked("👍")) is None
    assert seen.add("b", asked("🎉🎉")) is None
    assert seen.add("c", asked(" 👍 ")) == "a"
    assert seen.add("d", asked("")) is None
    assert seen.add("e", asked(" ")) == "d"
