"""A schema and a value that are made to keep us busy cost little; any other schema is judged as ever.

Without the bound each of the busy ones takes from many minutes to for ever.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import Draft7Validator, Draft202012Validator

from tdscaling.values.validation import validator_of

LOOP = "^(a+)+$"
OTHER = "http://json-schema.org/draft-07/schema#"
BUSY = "a" * 60 + "!"
TOO_MUCH = "it takes too much work to check"


def error(schema: dict[str, Any], value: Any) -> str:
    found = validator_of(schema).error(value)
    return "" if found is None else found.message


def doubling(keyword: str, times: int, **more: Any) -> dict[str, Any]:
    def twice(number: int) -> Any:
        ref = {"$ref": f"#/$defs/d{number + 1}"}
        return {**more, keyword: {"a": ref, "b": ref} if keyword == "dependentSchemas" else [ref, ref]}

    return {"$defs": {f"d{i}": twice(i) for i in range(times)} | {f"d{times}": {}}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"pattern": LOOP}}},
        {"properties": {"a": {"$schema": OTHER, "pattern": LOOP}}},
        {"properties": {"a": {"pattern": "(a|a)*b"}}},
        {"properties": {"a": {"pattern": "a?" * 99 + "a" * 99}}},
        {"propertyNames": {"pattern": LOOP}},
    ],
)
def test_a_pattern_that_would_be_tried_for_ever_is_matched_at_once(schema: dict[str, Any]) -> None:
    assert "does not match" in error(schema, {"a": BUSY} if "properties" in schema else {BUSY: 1})


def test_names_are_matched_at_once_too() -> None:
    named = {"patternProperties": {LOOP: {"type": "integer"}}, "additionalProperties": False}
    assert "unexpected" in error(named, {BUSY: 1})
    assert "not of type" in error(named, {"aaa": "x"})
    assert error(named, {"aaa": 1}) == ""
    assert error({"patternProperties": {LOOP: {}}, "unevaluatedProperties": False}, {BUSY: 1}) == ""


@pytest.mark.parametrize("pattern", [r"^(a+)+\1$", "^(?=a)(a+)+$", "(", "a{99999999999}", r"(\w{99}){99}"])
def test_a_pattern_that_no_bounded_way_decides_is_not_checked(pattern: str) -> None:
    assert error({"pattern": pattern}, BUSY) == ""


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubling("allOf", 60), {}),
        (doubling("allOf", 60, **{"$schema": OTHER}), {}),
        (doubling("dependentSchemas", 60), {"a": 1, "b": 1}),
        ({"anyOf": [{"items": {"$ref": "#"}, "minItems": 9}, {"items": {"$ref": "#"}, "minItems": 8}]}, []),
        ({"enum": list(range(100_000))}, "x"),
        ({"items": {"enum": list(range(10_000))}}, ["x"] * 10_000),
    ],
)
def test_a_schema_that_unfolds_without_end_is_given_up(schema: dict[str, Any], value: Any) -> None:
    if value == []:
        for _ in range(60):
            value = [value]
    said = error(schema, value)
    assert said == TOO_MUCH or "not one of" in said


def test_many_different_objects_are_told_apart_in_one_look() -> None:
    many = {"uniqueItems": True}
    rows = [{"a": number} for number in range(40_000)]
    assert error(many, rows) == ""
    assert "non-unique" in error(many, [*rows[:100], {"a": 7.0}])


def test_what_can_not_be_checked_is_an_error_not_an_exception() -> None:
    inner = {"$id": "http://127.0.0.1:9/x", "$ref": "#/$defs/b"}
    assert error({"$defs": {"a": inner, "b": {}}, "$ref": "#/$defs/a"}, {}).startswith("it can't be checked")
    deep: Any = {}
    for _ in range(400):
        deep = {"a": deep}
    assert error({"properties": {"a": {"$ref": "#"}}}, deep).startswith("it can't be checked")


def test_a_check_does_not_use_up_the_work_of_the_next() -> None:
    for _ in range(3):
        assert error(doubling("allOf", 60), {}) == TOO_MUCH
        assert error(doubling("allOf", 3), {}) == ""


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2.5, "", "a", "ab", "a-b", "A"]),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["a", "b", "x-a"]), inner)),
    max_leaves=8,
)
PATTERNS = st.sampled_from(["^[a-z]+$", "^[a-z]+(-[a-z]+)*$", "b", "^$", "^(?!A)", r"^\w{1,2}$", "a|b", "[^a]"])
SCHEMAS = st.recursive(
    st.one_of(
        st.builds(lambda pattern: {"type": "string", "pattern": pattern}, PATTERNS),
        st.builds(lambda values: {"enum": values}, st.lists(VALUES, min_size=1, max_size=3)),
        st.sampled_from([{"uniqueItems": True}, {"type": "integer"}, {"minLength": 1}, {"const": 1}, {"$ref": "#"}]),
    ),
    lambda inner: st.one_of(
        st.builds(lambda one, two: {"anyOf": [one, two]}, inner, inner),
        st.builds(lambda one: {"items": one, "uniqueItems": True}, inner),
        st.builds(
            lambda one, two, closed: {
                "properties": {"a": one},
                "patternProperties": {"^x-": two},
                "additionalProperties": closed,
            },
            inner,
            inner,
            st.booleans(),
        ),
    ),
    max_leaves=5,
).filter(lambda schema: "$ref" not in schema and "anyOf" not in schema)


@given(SCHEMAS, VALUES, st.sampled_from([Draft202012Validator, Draft7Validator]))
def test_any_other_schema_is_judged_as_by_the_library(schema: dict[str, Any], value: Any, dialect: Any) -> None:
    named = {**schema, "$schema": dialect.META_SCHEMA["$schema"]}
    try:
        wanted = dialect(named).is_valid(value)
    except RecursionError:
        return  # a reference that leads back to itself: no such schema is let in
    assert validator_of(named).is_valid(value) is wanted
