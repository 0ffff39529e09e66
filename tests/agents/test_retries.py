"""What the procedural assistant does about calls that failed by no fault of its own."""

import pytest

from tdscaling.agents.retries import MAX_TRIES, Retries
from tdscaling.types import Blueprint, FromOutput, Message, Persona, Request, Step, Target, ToolKey, Turn

LOOK = Step(id="look", tool=ToolKey("desk", "list_tickets"), arguments={}, group=1)
CLOSE = Step(
    id="close",
    tool=ToolKey("desk", "close_ticket"),
    arguments={"ticket_id": FromOutput(step="look", path="tickets[].id", index=0)},
    after=("look",),
    group=2,
)
PLAN = Blueprint(
    id="plan",
    target=Target(cluster="c", domain="d", mode="sequential", band=1, seed=1),
    world=0,
    servers=("desk",),
    persona=Persona(name="A", role="analyst", style="plain"),
    goal="close one",
    context=(),
    facts=(),
    offered=(LOOK.tool, CLOSE.tool),
    turns=(Turn(kind="opening", requests=(Request(action="close it", details=()),), steps=(LOOK, CLOSE)),),
)


def answer(text: str, *, bad: bool = True) -> Message:
    return Message(role="tool", content=text, tool_call_id="call_1", is_error=bad)


@pytest.mark.requirement("simulated.recovering")
def test_a_passing_failure_is_tried_again_three_times_and_then_taken_as_it_is() -> None:
    retries = Retries(PLAN)
    for _ in range(MAX_TRIES):
        assert retries.take("look", answer("Too many requests. Try again."))
        assert retries.due() == [LOOK]
        assert retries.due() == []
    assert not retries.take("look", answer("Too many requests. Try again."))


@pytest.mark.requirement("simulated.recovering")
def test_a_stale_value_is_looked_up_again_before_the_call_that_needs_it() -> None:
    retries = Retries(PLAN)
    assert retries.take("close", answer("tic_1 is no longer valid: it was replaced. Look it up again."))
    assert [retries.due(), retries.due(), retries.due()] == [[LOOK], [CLOSE], []]


@pytest.mark.requirement("simulated.recovering")
@pytest.mark.parametrize("text", ["there is no ticket 'x'", "tic_1 is closed already", "title is required"])
def test_a_failure_that_the_call_itself_earned_is_not_tried_again(text: str) -> None:
    retries = Retries(PLAN)
    assert not retries.take("close", answer(text))
    assert not retries.take("look", answer('{"tickets": []}', bad=False))
    assert retries.due() == []


@pytest.mark.requirement("simulated.recovering")
def test_a_part_of_a_list_is_asked_for_again() -> None:
    text = '{"tickets": [], "incomplete": "Only a part arrived. Call again for all of it."}'
    retries = Retries(PLAN)
    assert retries.take("look", answer(text, bad=False))
    assert retries.due() == [LOOK]
