"""Words of texts in scripts without spaces between them: in values, near-duplicates and overlaps."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.metrics import NearDuplicates, describe
from tdscaling.metrics.scripts import unspaced, words
from tdscaling.selection.contamination import Held
from tdscaling.types import Dialogue, Message, ToolCall

TABLE = "请帮我在上海外滩附近预订一家安静的意大利餐厅今天晚上七点钟两个人靠窗的位置最好能看到江景谢谢"


def asked(text: str, *more: Message) -> Dialogue:
    return Dialogue(messages=(Message(role="user", content=text), *more))


def weather(city: str) -> Message:
    return Message(role="assistant", tool_calls=(ToolCall(id="w", name="get_weather", arguments={"city": city}),))


@pytest.mark.requirement("metrics.scripts")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Émile's naïve_plan, 3.5 kg", ["Émile", "s", "naïve", "plan", "3", "5", "kg"]),
        ("订3间iPhone店", ["订", "3", "间", "iPhone", "店"]),
        ("ラーメン・カフェ", ["ラ", "ー", "メ", "ン", "カ", "フ", "ェ"]),
        ("ที่นี่ ๑๒", ["ที่", "นี่", "๑๒"]),
        ("서울 날씨", ["서울", "날씨"]),
    ],
)
def test_a_character_of_a_script_without_spaces_is_a_word_with_its_marks(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.requirement("metrics.scripts")
@given(st.text(st.characters(max_codepoint=0xDFF)), st.text())
def test_words_of_other_scripts_are_runs_of_letters_and_digits(spaced: str, text: str) -> None:
    assert not unspaced(spaced)
    assert words(spaced) == re.findall(r"[^\W_]+", spaced)
    parts = re.split(r"([\u4e00-\u9fff])", text + " Oslo 北京 Rome")
    assert words("".join(parts)) == [word for part in parts for word in words(part)]


@pytest.mark.requirement("metrics.scripts")
@pytest.mark.parametrize(
    ("text", "city", "cac"),
    [
        ("请问北京今天天气怎么样？", "北京", 1.5),
        ("東京の天気を教えて", "東京", 1.5),
        ("อากาศที่เชียงใหม่วันนี้", "เชียงใหม่", 1.5),
    ],
)
def test_a_value_amid_a_sentence_without_spaces_is_said(text: str, city: str, cac: float) -> None:
    found = describe(asked(text, weather(city)), domain="weather")
    assert (found.primary_mode, found.cac) == ("direct", cac)
    assert describe(asked(text, weather("大阪")), domain="weather").primary_mode == "none"


@pytest.mark.requirement("metrics.scripts")
def test_what_the_user_said_in_such_a_sentence_is_not_taken_from_a_list() -> None:
    """By hand: list_cities without arguments costs 1, get_weather 1 + 0.5 log2(2) = 1.5 and no depth."""
    cities = Message(role="assistant", tool_calls=(ToolCall(id="l", name="list_cities", arguments={}),))
    listed = Message(role="tool", tool_call_id="l", content='{"cities": ["北京", "上海"]}')
    found = describe(asked("请问北京今天天气怎么样？", cities, listed, weather("北京")), domain="weather")
    assert (found.modes, found.cac) == (("direct",), 2.5)


@pytest.mark.requirement("metrics.scripts", "metrics.duplicates")
def test_requests_without_spaces_that_differ_in_a_character_are_near_duplicates() -> None:
    """By hand: 46 characters have 44 runs of three, one more character has one run more: 44 / 45."""
    seen = NearDuplicates()
    assert seen.add("a", asked(TABLE)) is None
    assert seen.add("b", asked(TABLE + "啊")) == "a"
    assert seen.add("c", asked(TABLE[::-1])) is None


@pytest.mark.requirement("metrics.scripts", "selection.decontaminated")
def test_a_copied_prompt_without_spaces_is_an_overlap() -> None:
    held = Held([f"题目：{TABLE}。"])
    assert held.overlaps(asked(TABLE))
    assert held.overlaps(asked(f"你好，{TABLE[:13]}"))
    assert not held.overlaps(asked(f"你好，{TABLE[:12]}"))
