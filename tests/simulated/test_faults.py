"""Faults between an assistant and any session."""

import json

import pytest
from tests.simulated.family import DESK, SERVER, tools

from tdscaling.config.simulation import FaultSettings
from tdscaling.environments.faults import FaultyEnvironment, FaultySession, recoveries
from tdscaling.environments.simulated import SimulatedEnvironment
from tdscaling.types import Dialogue, Message, ToolCall, ToolKey

LIST = ToolKey(SERVER, "list_tickets")


def faulty(kind: str, rate: float = 1.0, seed: str = "e") -> FaultySession:
    settings = FaultSettings.model_validate({"rate": rate, "kinds": [kind]})
    return FaultySession(SimulatedEnvironment(tools(DESK)).open([SERVER], 0), settings, seed)


@pytest.mark.requirement("simulated.fault_kinds")
@pytest.mark.parametrize("kind", ["timeout", "rate_limit", "transient", "permission_denied"])
async def test_a_call_that_fails_on_its_way_changes_nothing_and_works_at_last(kind: str) -> None:
    session = faulty(kind)
    before = await session.snapshot()
    arguments = {"name": "Ada"}
    results = [await session.call(ToolKey(SERVER, "create_customer"), arguments) for _ in range(2)]
    assert all(result.is_error for result in results)
    assert await session.snapshot() == before
    assert not (await session.call(ToolKey(SERVER, "create_customer"), arguments)).is_error
    assert [struck.kind for struck in session.struck] == [kind, kind]


@pytest.mark.requirement("simulated.fault_kinds")
async def test_a_stale_identifier_has_a_new_form_that_a_listing_shows() -> None:
    session = faulty("stale_id")
    listed = json.loads((await session.call(ToolKey(SERVER, "list_customers"), {})).content)
    old = listed["customers"][0]["id"]
    gone = await session.call(LIST, {"customer_id": old})
    assert gone.is_error
    assert "Look it up again" in gone.content
    new = json.loads((await session.call(ToolKey(SERVER, "list_customers"), {})).content)["customers"][0]["id"]
    assert new != old
    assert (await session.call(LIST, {"customer_id": old})).is_error


@pytest.mark.requirement("simulated.fault_kinds")
async def test_a_partial_page_says_so_and_the_third_try_shows_all() -> None:
    session = faulty("partial_page")
    tries = [json.loads((await session.call(LIST, {})).content) for _ in range(3)]
    assert "incomplete" in tries[0]
    assert len(tries[0]["tickets"]) < len(tries[2]["tickets"])
    assert "incomplete" not in tries[2]


@pytest.mark.requirement("simulated.fault_kinds")
async def test_a_renamed_field_stays_renamed_for_the_session() -> None:
    session = faulty("renamed_field")
    first = json.loads((await session.call(LIST, {})).content)
    again = json.loads((await session.call(LIST, {})).content)
    assert any(name.endswith("_v2") for name in first)
    assert first.keys() == again.keys()


@pytest.mark.requirement("simulated.fault_kinds")
async def test_the_same_seed_meets_the_same_faults_at_about_the_rate() -> None:
    runs = []
    for _ in range(2):
        session = faulty("timeout", rate=0.3)
        for number in range(200):
            await session.call(LIST, {"limit": number + 1})
        runs.append(session.struck)
    assert runs[0] == runs[1]
    assert 35 <= len(runs[0]) <= 85
    assert faulty("timeout", rate=0.0).struck == []


@pytest.mark.requirement("simulated.fault_record")
async def test_a_fault_is_recorded_with_how_it_was_got_over() -> None:
    environment = FaultyEnvironment(SimulatedEnvironment(tools(DESK)), FaultSettings(rate=1.0, kinds=("timeout",)), "e")
    messages: list[Message] = []
    async with environment.session([SERVER], 0) as session:
        for number in range(3):
            call = ToolCall(id=f"c{number}", name="list_tickets", arguments={})
            result = await session.call(LIST, {})
            messages += [
                Message(role="assistant", tool_calls=(call,)),
                Message(role="tool", content=result.content, tool_call_id=call.id, is_error=result.is_error),
            ]
    found = recoveries(Dialogue(messages=tuple(messages)), environment.sessions[0].struck)
    assert [one["recovered"] for one in found] == ["retried", "retried"]  # type: ignore[index, call-overload]
    assert (
        recoveries(Dialogue(messages=tuple(messages[:2])), environment.sessions[0].struck[:1])[0]["recovered"] is None
    )  # type: ignore[index, call-overload]
