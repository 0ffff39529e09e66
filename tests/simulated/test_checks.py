"""Schemas of a catalogue may be made to keep us busy: arguments are checked against them in bounded time."""

from typing import Any

import pytest

from tdscaling.environments.simulated.checks import compiled

BUSY = "a" * 60 + "!"


def doubling(times: int) -> dict[str, Any]:
    twice = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(times)}
    return {"$defs": {**twice, f"d{times}": {}}, "type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}}


@pytest.mark.requirement("simulated.bad_input")
def test_keywords_that_double_and_double_are_refused() -> None:
    assert compiled(doubling(14))({"a": 1}, "") == "a: it takes too much work to check"
    assert compiled(doubling(4))({"a": 1}, "") == ""


@pytest.mark.requirement("simulated.bad_input")
@pytest.mark.parametrize("name", ["pattern", "anyOf"])
def test_a_pattern_that_would_be_tried_for_ever_is_matched_at_once(name: str) -> None:
    """Without the bound this takes years."""
    pattern = {"pattern": "^(a+)+$"}
    check = compiled(pattern if name == "pattern" else {"anyOf": [{**pattern, "maxLength": 99}]})
    assert check(BUSY, "")
    assert check("aaa", "") == ""


@pytest.mark.requirement("simulated.bad_input")
def test_a_pattern_is_matched_however_often_it_is_asked_for() -> None:
    check = compiled({"pattern": "^(a|b)*$"})
    assert [check("ab" * 100, "") for _ in range(99)] == [""] * 99
    assert check("c" * 9_999_999, "") == ""
    assert check("ab" * 100 + "c", "")


@pytest.mark.requirement("simulated.bad_input")
@pytest.mark.parametrize(
    "schema", [{"allOf": [{"$ref": "#/nowhere"}], "$schema": ["odd"]}, {"contains": {"pattern": "("}}, {"$ref": "x"}]
)
def test_what_can_not_be_checked_is_taken_as_it_comes(schema: dict[str, Any]) -> None:
    assert compiled(schema)(["a"], "") == ""
