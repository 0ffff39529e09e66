"""Resolved schemas are finite, valid and no stricter than what they came from."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator

from tdscaling.catalog.schema import Limits, finite
from tdscaling.catalog.validity import published_problem

NAMES = st.sampled_from(["A", "B", "C", "D"])
FIELDS = st.sampled_from(["a", "b", "c"])


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    leaf = st.one_of(
        NAMES.map(lambda name: {"$ref": f"#/$defs/{name}"}),
        st.sampled_from(
            [{"type": "string"}, {"type": "integer", "minimum": 3}, {"enum": ["x", 1, None]}, {}, {"type": "boolean"}]
        ),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries(
                {"type": st.just("object"), "properties": st.dictionaries(FIELDS, inner, max_size=3)},
                optional={
                    "required": st.lists(FIELDS, unique=True),
                    "additionalProperties": st.one_of(st.booleans(), inner),
                },
            ),
            st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
            st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        ),
        max_leaves=12,
    )


documents = st.builds(
    lambda root, a, b, c, d: {**root, "$defs": {"A": a, "B": b, "C": c, "D": d}}, *[schemas() for _ in range(5)]
)


def nodes(schema: Any) -> int:
    """Schema nodes, the root being one."""
    children = [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", []),
        *schema.get("prefixItems", []),
        *schema.get("patternProperties", {}).values(),
        *[schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)],
    ]
    return 1 + sum(nodes(child) for child in children)


def height(schema: Any) -> int:
    children = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    children += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return 1 + max(map(height, children), default=-1) if children else 0


@pytest.mark.requirement("catalog.finite")
@given(documents, st.integers(1, 30), st.integers(0, 6))
def test_a_resolved_schema_is_valid_has_no_reference_and_keeps_its_bounds(
    document: dict[str, Any], most: int, deep: int
) -> None:
    schema = finite(document, limits=Limits(nodes=most, depth=deep))
    Draft202012Validator.check_schema(schema)
    assert published_problem(schema) == ""
    assert '"$ref"' not in json.dumps(schema)
    assert nodes(schema) <= most
    assert height(schema) <= deep


VALUES = st.recursive(
    st.sampled_from(["x", "y", 1, 5, None, True, 2.5]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=6,
)


def in_place(schema: dict[str, Any]) -> set[str]:
    """The definitions that judge the same value as the schema does."""
    named = {schema["$ref"].rsplit("/", 1)[1]} if "$ref" in schema else set[str]()
    parts = [part for key in ("allOf", "oneOf", "anyOf") for part in schema.get(key, [])]
    return named.union(*map(in_place, parts))


def says_something(document: dict[str, Any]) -> bool:
    """Whether no definition leads back to itself without going into the value: such a loop says nothing of any value,
    and the validator ends in it at a depth that is the interpreter's."""
    edges = {name: in_place(part) for name, part in document["$defs"].items()}
    for start in edges:
        reached, fresh = set[str](), set(edges[start])
        while fresh:
            reached |= fresh
            fresh = set[str]().union(*(edges[name] for name in fresh)) - reached
        if start in reached:
            return False
    return True


@pytest.mark.requirement("catalog.weaker")
@given(documents.filter(says_something), VALUES, st.integers(1, 30))
def test_what_the_original_accepts_the_finite_schema_accepts(document: dict[str, Any], value: Any, most: int) -> None:
    if Draft202012Validator(document).is_valid(value):
        Draft202012Validator(finite(document, limits=Limits(nodes=most))).validate(value)


@pytest.mark.requirement("catalog.finite")
def test_five_thousand_fields_are_cut_with_the_required_ones_kept() -> None:
    fields = {f"f{i}": {"type": "string"} for i in range(5_000)}
    schema = finite({"type": "object", "properties": fields, "required": ["f4999"], "additionalProperties": False})
    assert nodes(schema) == Limits().nodes
    assert "f4999" in schema["properties"]  # type: ignore[operator]
    assert schema["required"] == ["f4999"]
    assert schema["x-cut"] == "size"
    assert "additionalProperties" not in schema


@pytest.mark.requirement("catalog.finite")
def test_a_deep_stack_of_all_of_and_one_of_ends() -> None:
    schema: dict[str, Any] = {"properties": {"end": {"type": "string"}}}
    for _ in range(150):
        schema = {"allOf": [{"oneOf": [schema]}]}
    assert finite(schema)["properties"] == {"end": {"type": "string"}}
    wide: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        wide = {"oneOf": [wide, {"type": "integer"}, wide]}
    assert nodes(finite(wide)) <= Limits().nodes


@pytest.mark.requirement("catalog.finite")
def test_all_of_is_merged_and_the_first_word_wins() -> None:
    document = {
        "description": "mine",
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}],
        "$defs": {"Base": {"type": "object", "description": "base", "properties": {"a": {}}, "required": ["a"]}},
    }
    assert finite(document) == {
        "description": "mine",
        "x-schema": "Base",
        "type": "object",
        "properties": {"a": {}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    }


@pytest.mark.requirement("catalog.finite")
def test_read_only_fields_are_left_out_of_requests_and_write_only_ones_of_responses() -> None:
    fields = {"id": {"readOnly": True}, "password": {"writeOnly": True}, "name": {}}
    document = {"type": "object", "properties": fields, "required": ["id", "password", "name"]}
    asked, given_back = finite(document, "request"), finite(document, "response")
    assert asked["required"] == list(asked["properties"]) == ["password", "name"]  # type: ignore[arg-type]
    assert given_back["required"] == list(given_back["properties"]) == ["id", "name"]  # type: ignore[arg-type]


@pytest.mark.requirement("catalog.finite")
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ({"type": "string", "pattern": "(?<bad"}, {"type": "string"}),
        ({"type": "string", "pattern": "[[a]"}, {"type": "string"}),
        ({"type": "String", "required": True, "minLength": -1}, {"type": "string"}),
        ({"type": "date"}, {"format": "date", "type": "string"}),
        ({"type": "object", "properties": ["a"]}, {"type": "object"}),
        ({"type": "any", "enum": []}, {}),
        ({"type": "array", "items": "string"}, {"type": "array"}),
        ({"enum": ["a", "a", 1, True]}, {"enum": ["a", 1, True]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": list(range(301))}, {"x-cut": "enum", "examples": [0, 1, 2]}),
        ({"oneOf": "x", "allOf": 3, "$ref": 4}, {}),
    ],
)
def test_broken_keywords_are_dropped_and_old_ones_translated(raw: dict[str, Any], clean: dict[str, Any]) -> None:
    assert finite(raw) == clean
