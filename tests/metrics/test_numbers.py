"""Numbers in texts: which values they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.metrics import describe
from tdscaling.metrics.numbers import numbers
from tdscaling.metrics.texts import NEVER, TextIndex
from tdscaling.types import Dialogue, Message, ToolCall
from tdscaling.values import normal


def says(text: str, value: float | str) -> bool:
    index = TextIndex()
    index.add(0, text)
    assert index.holds(0, normal(value)) == (index.first(normal(value)) == 0)
    return index.first(normal(value)) != NEVER


@pytest.mark.requirement("metrics.numbers")
@pytest.mark.parametrize(
    ("text", "said", "not_said"),
    [
        ("My limit is 500.", [500, 500.0, "500"], [-500, 5]),
        ("It fell by -500 EUR", [-500], [500]),
        ('{"change":-12.5,"all":[-1,2.5]}', [-12.5, -1, 2.5], [12.5, 12, 1, 2, 5]),
        ("A loss of -$1,250.00, or (−3.5%)", [-1250, -3.5], [1250, 3.5, 3]),
        ("pi is 3.14.", [3.14, "3.140"], [3, 14]),
        ("measured 1.250 m, 2.5kg", [1.25, 2.5], [250, 1, 2]),
        ("rooms 12, 5 please", [12, 5], [12.5]),
        ("3,5 Grad und -0,25", [3.5, 3, 5, -0.25], [0.25]),
        ("rows 100,200 or 1,250.75", [100, 200, 100200, 1250.75], [75]),
        ("pages 10-500 of SKU-700, 2026-02-03", [10, 500, 700, 2026, "03"], [-500, -700, -2, 3]),
        ("from 10 - 20, at -05:30", [10, 20, 30], [-20, -5]),
        ("version 1.25.3 at 192.168.0.1", [25, 3, 168, 0], []),
        ("共12.5元，1,250个", [12.5, 1250], [5]),
        ("four of them, 5k", [4, 5000], [5]),
        ("a budget of $2.5m or £1,250k, 3bn in all", [2_500_000, 1_250_000, 3_000_000_000], [2.5, 1250, 2, 3, 5]),
        ("10K-20K a year, 5m away", [10_000, 20_000, 5], [10, 20, 5_000_000]),
        ("model x5k, -3k", [], [5, 5000, 3, 3000]),
    ],
)
def test_a_number_is_said_as_a_whole(text: str, said: list[float | str], not_said: list[float | str]) -> None:
    assert [value for value in said + not_said if says(text, value)] == said


@pytest.mark.requirement("metrics.numbers")
@given(st.integers(-(10**9), 10**9), st.integers(0, 3), st.sampled_from(["", ",", ".", " EUR", ")"]))
def test_any_number_says_itself_and_not_its_opposite(digits: int, decimals: int, after: str) -> None:
    value = digits / 10**decimals
    for shown in (f"{value:.{decimals}f}", f"{value:,.{decimals}f}"):
        found = numbers(f"it is {shown}{after} now")
        assert normal(value) in found
        assert value == 0 or normal(-value) not in found


@pytest.mark.requirement("metrics.numbers")
def test_a_large_negative_number_of_a_result_makes_a_call_sequential() -> None:
    """By hand: get_balance without arguments costs 1, post_entry 1 + 0.5 log2(2) + 1 for its depth: 3.5."""
    calls = (
        ToolCall(id="1", name="get_balance", arguments={}),
        ToolCall(id="2", name="post_entry", arguments={"n": -500}),
    )
    messages = (
        Message(role="user", content="My limit is 500. Please settle the balance."),
        Message(role="assistant", tool_calls=calls[:1]),
        Message(role="tool", tool_call_id="1", content='{"balance": -500}'),
        Message(role="assistant", tool_calls=calls[1:]),
    )
    found = describe(Dialogue(messages=messages), domain="accounts")
    assert (found.modes, found.cac) == (("sequential",), 3.5)


@pytest.mark.requirement("metrics.numbers")
def test_an_argument_of_thousands_of_digits_is_measured() -> None:
    call = ToolCall(id="1", name="store_key", arguments={"key": "7" * 5000})
    assert describe(Dialogue(messages=(Message(role="assistant", tool_calls=(call,)),)), domain="keys").modes == ()
