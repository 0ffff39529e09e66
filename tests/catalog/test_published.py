"""Whether a published schema can be used is found out in one look at each of its parts."""

from collections.abc import Mapping
from typing import Any

import pytest

from tdscaling.catalog.mcp import schema as module
from tdscaling.catalog.mcp.schema import PARTS, schema_problem


def chain(length: int, **last: Any) -> dict[str, Any]:
    links = {f"d{i}": {"$anchor": f"a{i}", "$ref": f"#a{i + 1}"} for i in range(length)}
    return {"type": "object", "$defs": links | {f"d{length}": {"$anchor": f"a{length}", **last}}}


@pytest.mark.requirement("environments.schemas")
def test_a_chain_of_references_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    real = module._nodes

    def counted(value: Any) -> Any:
        nonlocal seen
        for node in real(value):
            seen += 1
            yield node

    monkeypatch.setattr(module, "_nodes", counted)
    assert schema_problem(chain(200)) is None
    assert seen < 200 * 200


class Counted(str):
    """A text that counts how often it is compared, and has no order."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    def __lt__(self, other: str) -> bool:
        raise TypeError


@pytest.mark.requirement("environments.schemas")
def test_a_long_list_in_a_schema_is_not_compared_each_with_each() -> None:
    assert schema_problem({"type": [Counted(number) for number in range(300)]})
    assert Counted.compared < 20_000


@pytest.mark.requirement("environments.schemas")
def test_a_schema_that_takes_too_much_work_to_look_at_is_told() -> None:
    names = [*range(200_000), "x"]
    assert schema_problem({"type": names}) == "it takes too much work to check at the top"
    assert schema_problem({"properties": {f"p{i}": {"enum": [i], "title": "x"} for i in range(PARTS - 2)}}) is None


@pytest.mark.requirement("environments.schemas")
@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (chain(5, **{"$ref": "#a3"}), "the reference #a3 leads back to itself"),
        (chain(5, allOf=[{"not": {"$ref": "#/$defs/d0"}}]), "the reference #/$defs/d0 leads back to itself"),
        (chain(5, properties={"x": {"$ref": "#a0"}}), None),
        (chain(5, **{"$ref": "#a9"}), "the reference #a9 leads nowhere"),
        ({"properties": {"a": {"pattern": "("}}}, "'(' is not a 'regex' at properties.a.pattern"),
        ({"$schema": ["x"]}, "the $schema names no dialect at the top"),
        ({"$schema": 5}, "the $schema names no dialect at the top"),
        ({"$schema": "http://[x"}, "the $schema names no dialect at the top"),
        ({"properties": {f"p{i}": {} for i in range(PARTS)}}, f"it has more than {PARTS} parts"),
    ],
)
def test_loops_dead_ends_and_sizes_are_told(schema: Mapping[str, Any], problem: str | None) -> None:
    assert schema_problem(schema) == problem
