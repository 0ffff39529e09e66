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


@pytest.mark.requirement("environments.schemas")
@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (chain(5, **{"$ref": "#a3"}), "the reference #a3 leads back to itself"),
        (chain(5, allOf=[{"not": {"$ref": "#/$defs/d0"}}]), "the reference #/$defs/d0 leads back to itself"),
        (chain(5, properties={"x": {"$ref": "#a0"}}), None),
        (chain(5, **{"$ref": "#a9"}), "the reference #a9 leads nowhere"),
        ({"properties": {f"p{i}": {} for i in range(PARTS)}}, f"it has more than {PARTS} parts"),
    ],
)
def test_loops_dead_ends_and_sizes_are_told(schema: Mapping[str, Any], problem: str | None) -> None:
    assert schema_problem(schema) == problem
