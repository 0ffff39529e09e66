"""The nouns survive being bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.sample import blueprint, trajectory

from tdscaling.errors import DataError
from tdscaling.store import decode, encode, pack, unpack
from tdscaling.types import (
    Blueprint,
    Change,
    Cluster,
    Edge,
    Fact,
    FieldRef,
    FromOutput,
    Message,
    ToolCall,
    ToolKey,
    Trajectory,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@pytest.mark.requirement("store.round_trip")
def test_a_blueprint_comes_back_with_its_nested_bindings_and_named_tuples() -> None:
    back = unpack(Blueprint, pack(blueprint()))
    assert back == blueprint()
    assert isinstance(back.offered[0], ToolKey)
    assert isinstance(back.effects[0], Change)
    assert isinstance(back.turns[0].steps[0].arguments["revision"], FromOutput)


@pytest.mark.requirement("store.round_trip")
def test_a_trajectory_comes_back_with_its_verdict() -> None:
    back = decode(Trajectory, encode(trajectory(3, failed="effects")))
    assert back == trajectory(3, failed="effects")
    assert isinstance(back.dialogue.messages, tuple)
    assert back.verdict.reason == "effects"


@pytest.mark.requirement("store.round_trip")
def test_a_cluster_comes_back_with_its_field_references() -> None:
    edge = Edge(
        producer=FieldRef("a", "list", "[].id"),
        consumer=FieldRef("b", "get", "id"),
        kind="value",
        score=0.5,
        evidence=("executed",),
    )
    key = ToolKey("a", "list")
    cluster = Cluster(id="c", name="n", domain="d", kind="service", tools=(key,), edges=(edge,), order=(key,))
    back = decode(Cluster, encode(cluster))
    assert back == cluster
    assert isinstance(back.edges[0].producer, FieldRef)


@pytest.mark.requirement("store.round_trip")
@given(value=JSON, arguments=st.dictionaries(st.text(), JSON), content=st.text())
def test_any_json_value_and_text_comes_back(value: object, arguments: dict[str, object], content: str) -> None:
    fact = Fact(id="f", label="l", value=value)  # type: ignore[arg-type]
    assert decode(Fact, encode(fact)) == fact
    calls = (ToolCall(id="c", name="n", arguments=arguments),)  # type: ignore[arg-type]
    message = Message(role="assistant", content=content, tool_calls=calls)
    assert unpack(Message, pack(message)) == message


@pytest.mark.requirement("store.round_trip")
def test_a_lone_surrogate_from_a_broken_tool_comes_back() -> None:
    message = Message(role="tool", content="torn \ud83d emoji", tool_call_id="c")
    assert decode(Message, encode(message)) == message


def test_the_types_of_scalars_survive() -> None:
    fact = Fact(id="f", label="l", value=[1, 1.0, True, "1", None])
    back = decode(Fact, encode(fact)).value
    assert isinstance(back, list)
    assert [type(item) for item in back] == [int, float, bool, str, type(None)]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"role": "king"}', b"\xff"])
def test_bytes_that_are_no_such_value_are_a_data_error(data: bytes) -> None:
    with pytest.raises(DataError, match="not a Message"):
        decode(Message, data)
    with pytest.raises(DataError, match="not a packed Message"):
        unpack(Message, data)
