"""What was answered before in the same state is not worked out again, and nobody can tell."""

import json
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulated.family import DESK, SERVER, Style, tools

from tdscaling.environments.simulated import SimulatedEnvironment, SimulatedSession, recall
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Store
from tdscaling.types import JsonObject, ToolKey, ToolResult

STYLES = (DESK, Style("invoice", "text", "page", True, True), Style("company", "pattern", "none", False, False))
ENVIRONMENTS = {style: SimulatedEnvironment(tools(style), seed=5) for style in STYLES}


def calls(environment: SimulatedEnvironment, rng: Random, count: int) -> list[tuple[str, JsonObject]]:
    """Calls of all kinds, most of them with arguments that some other one has too."""
    service = environment.service(SERVER)
    names = sorted(service.model.operations)
    values = ("1", 1, 2, "open", "x", True, None, ["1"], {"a": 1})
    found: list[tuple[str, JsonObject]] = []
    for _ in range(count):
        name = rng.choice(names)
        properties = service.tools[name].input_schema["properties"]
        assert isinstance(properties, dict)
        known = [r for table in environment.template(SERVER, 0).tables.values() for r in table.values()][:9]
        shown = [value for record in known for value in record.values()]
        found.append((name, {key: rng.choice([*values, *shown]) for key in properties if rng.random() < 0.6}))
    return found


def answers(opened: SimulatedSession, made: Sequence[tuple[str, JsonObject]]) -> list[ToolResult]:
    return [opened.call_now(ToolKey(SERVER, name), arguments) for name, arguments in made]


@pytest.mark.requirement("simulated.recalled")
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(STYLES), st.integers(0, 10**6))
def test_a_session_answers_as_one_that_recalls_nothing(style: Style, seed: int) -> None:
    environment, fresh = ENVIRONMENTS[style], SimulatedEnvironment(tools(style), seed=5)
    made = calls(environment, Random(seed), 25)
    again, other = environment.open([SERVER], 0), fresh.open([SERVER], 0)
    # the same calls in other sessions before, some of them in another order
    answers(environment.open([SERVER], 0), made)
    answers(environment.open([SERVER], 0), [*reversed(made)])
    assert answers(again, made) == answers(other, made)
    assert again.snapshot_now() == other.snapshot_now()


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tools whose calls are worked out, one by one."""
    found: list[str] = []
    plain = Service.call

    def counted(self: Service, store: Store, name: str, arguments: JsonObject, seed: int = 0) -> ToolResult:
        found.append(name)
        return plain(self, store, name, arguments, seed)

    monkeypatch.setattr(Service, "call", counted)
    return found


@pytest.mark.requirement("simulated.recalled")
def test_what_is_asked_again_in_the_same_state_is_worked_out_once(worked: list[str]) -> None:
    environment = SimulatedEnvironment(tools(STYLES[0]), seed=5)
    listing = next(n for n, op in environment.service(SERVER).model.operations.items() if op.kind == "list")
    create, arguments = first_that_works(environment)
    worked.clear()
    for _ in range(2):
        opened = environment.open([SERVER], 0)
        before = answers(opened, [(listing, {}), (listing, {})])
        [written, after] = answers(opened, [(create, arguments), (listing, {})])
        assert not written.is_error
        assert before[0] == before[1]
        assert environment.open([SERVER], 0).call_now(ToolKey(SERVER, listing), {}) == before[0], "no other session's"
        assert after is not before[0]
    assert [worked.count(name) for name in (listing, create)] == [2, 2], (
        "a write is made each time, a list once a state"
    )


@pytest.mark.requirement("simulated.recalled")
def test_a_result_stands_until_a_table_that_it_was_read_from_is_written_to(worked: list[str]) -> None:
    opened = SimulatedEnvironment(tools(STYLES[0]), seed=5).open([SERVER], 0)
    customers, tickets = answers(opened, [("list_customers", {}), ("list_tickets", {})])
    [someone] = {record["customer_id"] for record in json.loads(tickets.content)["tickets"][:1]}
    [written] = answers(opened, [("create_ticket", {"title": "Lamp", "customer_id": someone})])
    assert not written.is_error, written.content
    worked.clear()
    assert answers(opened, [("list_customers", {})]) == [customers]
    assert worked == []
    assert "Lamp" in opened.call_now(ToolKey(SERVER, "list_tickets"), {"query": "Lamp"}).content
    answers(opened, [("create_customer", {"name": "Ann"})])
    worked.clear()
    [more] = answers(opened, [("list_customers", {})])
    assert "Ann" in more.content
    assert worked == ["list_customers"]


def first_that_works(environment: SimulatedEnvironment) -> tuple[str, JsonObject]:
    rng = Random(2)
    operations = environment.service(SERVER).model.operations
    while True:
        [(name, arguments)] = calls(environment, rng, 1)
        opened = environment.open([SERVER], 0)
        if operations[name].kind == "create" and not answers(opened, [(name, arguments)])[0].is_error:
            return name, arguments


@pytest.mark.requirement("simulated.recalled")
def test_no_more_is_held_than_its_limit_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST_CHARACTERS", 3000)
    environment = SimulatedEnvironment(tools(STYLES[0]), seed=5)
    held = recall.Recall()
    service, store = environment.service(SERVER), Store(environment.template(SERVER, 0))
    for name, arguments in calls(environment, Random(1), 300):
        held.call(service, store, name, arguments, 0)
    assert 0 < sum(len(one.content) for one in held._results.values()) == held._held <= 3000  # pyright: ignore[reportPrivateUsage]


@pytest.mark.requirement("simulated.recalled")
def test_arguments_that_can_not_be_written_are_answered_each_by_itself() -> None:
    opened = ENVIRONMENTS[STYLES[0]].open([SERVER], 0)
    names = [name for name, op in ENVIRONMENTS[STYLES[0]].service(SERVER).model.operations.items() if op.kind == "get"]
    one, two = answers(opened, [(names[0], {"id": "\ud800"}), (names[0], {"id": "\udfff"})])
    assert one.is_error
    assert two.is_error
    assert one != two or "\ud800" not in one.content
