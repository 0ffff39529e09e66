"""Whether an answer tells a number that it writes short."""

import pytest

from tdscaling.outcome_checks import told
from tdscaling.types import JsonValue


@pytest.mark.requirement("verification.answer_facts")
@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        (5000, "You have 5k left.", True),
        (2_500_000, "It is worth $2.5m.", True),
        (5, "You have 5k left.", False),
        (5012, "You have about 5k left.", False),
        (5_000_000, "It is 5m away.", False),
        ("5000", "The code is 5k.", False),
    ],
)
def test_a_number_may_be_told_short_where_that_is_the_very_number(value: JsonValue, text: str, found: bool) -> None:
    assert told(value, text) is found
