"""What seeded worlds look like: fields that agree, and values that look like what they are."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulated.family import SERVER

from tdscaling.environments.simulated import SimulatedEnvironment
from tdscaling.environments.simulated.consistent import ordered_pairs, settled
from tdscaling.environments.simulated.makers import maker
from tdscaling.environments.simulated.vocabulary import vocabulary
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey

TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "number"}


def made(name: str, schema: JsonObject, entity: str = "") -> list[JsonValue]:
    make = maker(name, schema, entity)
    assert make is not None
    return [make(Random(seed)) for seed in range(5)]


def order_tools() -> list[Tool]:
    line: dict[str, JsonValue] = {"quantity": {"type": "integer"}, "unit_price": NUMBER, "amount": NUMBER}
    fields: dict[str, JsonValue] = {
        "title": TEXT,
        "quantity": {"type": "integer"},
        "unit_price": NUMBER,
        "amount": NUMBER,
        "lines": {"type": "array", "items": {"type": "object", "properties": line, "required": sorted(line)}},
        "total": NUMBER,
        "start_date": {"type": "string", "format": "date"},
        "end_date": {"type": "string", "format": "date"},
        "stats": {
            "type": "object",
            "properties": {"min": NUMBER, "mean": NUMBER, "max": NUMBER},
            "required": ["min", "mean", "max"],
        },
    }
    bill: dict[str, JsonValue] = {key: fields[key] for key in ("title", "lines", "total")}
    order: dict[str, JsonValue] = {key: fields[key] for key in fields if key not in bill or key == "title"}
    found: list[Tool] = []
    for noun, own in (("order", order), ("bill", bill)):
        shape: JsonObject = {"type": "object", "properties": {"id": TEXT, **own}, "required": ["id", *own]}
        many: JsonObject = {"type": "object", "properties": {"data": {"type": "array", "items": shape}}}
        key: dict[str, JsonValue] = {f"{noun}_id": TEXT}
        found += [
            Tool(server=SERVER, name=f"list_{noun}s", input_schema={"type": "object"}, output_schema=many),
            Tool(
                server=SERVER,
                name=f"update_{noun}",
                input_schema={"type": "object", "properties": {**key, **own}, "required": [*key]},
                output_schema=shape,
            ),
        ]
    return found


@pytest.mark.requirement("simulated.agreeing")
def test_amounts_and_totals_are_computed_and_stay_so_after_updates() -> None:
    session = SimulatedEnvironment(order_tools(), seed=3).open([SERVER], 0)

    def call(name: str, arguments: JsonObject) -> dict[str, JsonValue]:
        result = session.call_now(ToolKey(SERVER, name), arguments)
        assert not result.is_error, result.content
        return json.loads(result.content)

    orders: list = call("list_orders", {})["data"]  # type: ignore[assignment]
    for order in orders:
        assert order["amount"] == pytest.approx(order["quantity"] * order["unit_price"], abs=0.01)
        assert order["start_date"] <= order["end_date"]
        assert order["stats"]["min"] <= order["stats"]["mean"] <= order["stats"]["max"]
    bills: list = call("list_bills", {})["data"]  # type: ignore[assignment]
    assert any(len(bill["lines"]) > 1 for bill in bills)
    for bill in bills:
        assert bill["total"] == pytest.approx(sum(line["amount"] for line in bill["lines"]), abs=0.01)
    changed = call("update_order", {"order_id": orders[0]["id"], "quantity": 7, "unit_price": 2.5})
    assert changed["amount"] == 17.5
    assert call("update_order", {"order_id": orders[0]["id"], "amount": 16.0})["amount"] == 16.0


@pytest.mark.requirement("simulated.agreeing")
@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_least_mean_and_greatest_are_in_order_whatever_was_made(one: int, two: int, three: int) -> None:
    found = settled({"Max": one, "Min": two, "Mean": three})
    assert sorted([one, two, three]) == [found["Min"], found["Mean"], found["Max"]]


@pytest.mark.requirement("simulated.agreeing")
def test_pairs_are_told_by_their_names_alone() -> None:
    assert ordered_pairs(("page", "pages")) == (("page", "pages"),)
    assert ordered_pairs(("usedSeats", "totalSeats", "name")) == (("usedSeats", "totalSeats"),)
    assert ordered_pairs(("endpoint", "startup")) == ()


@pytest.mark.requirement("simulated.believable")
def test_values_look_like_what_they_are() -> None:
    known = vocabulary()
    name: JsonObject = {"type": "object", "properties": {"first": TEXT, "middle": TEXT, "last": TEXT}}
    for value in made("name", name, "district admin"):
        assert isinstance(value, dict)
        assert value["first"] in known.first_names
        assert value["middle"] in known.first_names
        assert value["last"] in known.last_names
    customer: JsonObject = {"type": "object", "properties": {"name": TEXT}}
    assert all(value["name"] in known.people for value in made("customer", customer))  # type: ignore[index, call-overload]
    assert all(str(value).isdecimal() for value in made("duration", TEXT))
    iso: JsonObject = {"type": "string", "description": "Length, as an ISO 8601 duration."}
    assert all(str(value).startswith("PT") for value in made("duration", iso))
    tags = made("facets", {"type": "array", "items": TEXT})
    assert all(isinstance(value, list) and all(" " not in str(item) for item in value) for value in tags)
