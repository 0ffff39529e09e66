"""The monitor sees each fault of a simulated user, and leaves a good one alone."""

from dataclasses import replace
from random import Random

import pytest
from tests.agents.episodes import blueprints
from tests.fakes import BY_KEY

from tdscaling.agents import ProceduralUser
from tdscaling.agents.model import ModelUser, Voice
from tdscaling.agents.model.monitor import Due, faults, told_in
from tdscaling.llm import ScriptedModel
from tdscaling.types import Fact, Message, Mode, Request, Turn
from tdscaling.values.offer import offer

SHELF = Fact(id="f1", label="shelf", value="north-wall")
PRICE = Fact(id="f2", label="price", value=349)
ORDER = Fact(id="f3", label="order id", value="ord-9001")
REQUEST = Due(answering=False, must=(SHELF, PRICE), must_not=(ORDER,), may=(SHELF, PRICE))
ANSWER = Due(answering=True, must=(), must_not=(), may=(SHELF, PRICE, ORDER))
TOOLS = ("get_item", "move_item", "search")


def kinds(text: str, due: Due = REQUEST, heard: str = "") -> set[str]:
    return {fault.kind for fault in faults(text, due, heard, TOOLS)}


@pytest.mark.requirement("agents.user_monitor")
@pytest.mark.parametrize(
    "text",
    [
        "Could you put everything under 349 onto the north-wall by 3pm on the 2nd?",
        'Price 349, shelf "North-Wall", please search for it.',
        "hey, whatever is on north-wall should cost 349 now, thanks!",
    ],
)
def test_a_good_request_has_no_fault(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.requirement("agents.user_monitor")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Use move_item with north-wall and 349", "leak"),
        ("Put item A-4471 on north-wall for 349", "leak"),
        ("Put 77123 of them on north-wall for 349", "leak"),
        ("Put it on south-wall-7 for 349", "contradiction"),
        ("Put it on the shelf for 349", "forgot"),
        ("Put it on north-wall for 349, it is for ord-9001", "too_early"),
        ("North-wall, 349. That's all, goodbye!", "early_stop"),
        ("Okay, thanks, sounds good!", "agrees_and_leaves"),
        ("I have created the entry on north-wall for 349.", "agents_job"),
        ('{"shelf": "north-wall", "price": 349}', "agents_job"),
        ("As an AI, I put 349 on north-wall", "agents_job"),
        ("north-wall 349 " + "please " * 300, "too_long"),
    ],
)
def test_each_fault_is_seen(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.requirement("agents.user_monitor")
@pytest.mark.parametrize(
    ("text", "kind"),
    [("Okay, thanks!", "agrees_and_leaves"), ("That is all, bye!", "early_stop"), ("Let me check it.", "agents_job")],
)
def test_what_a_message_does_names_it_rather_than_what_it_leaves_out(text: str, kind: str) -> None:
    found = [fault.kind for fault in faults(text, REQUEST, "", TOOLS)]
    assert found[0] == kind
    assert "forgot" in found


@pytest.mark.requirement("agents.user_monitor")
def test_in_an_answer_thanks_are_fine_and_inventions_are_not() -> None:
    assert kinds("Sure, it's ord-9001. Thanks!", ANSWER) == set()
    assert kinds("No, that's all.", ANSWER) == set()
    assert kinds("The one you named, P1001.", ANSWER, heard="Pickup P1001 is booked.") == set()
    assert kinds("It's ord-9002.", ANSWER) == {"leak"}


@pytest.mark.requirement("agents.user_monitor")
def test_lists_are_said_item_by_item_and_truth_values_in_any_words() -> None:
    assert told_in(Fact(id="f", label="skus", value=["a-1", "b-2"]), "b-2 and a-1")
    assert not told_in(Fact(id="f", label="skus", value=["a-1", "b-2"]), "a-1")
    assert told_in(Fact(id="f", label="urgent", value=True), "it is urgent")


@pytest.mark.requirement("agents.user_monitor")
def test_a_number_that_is_written_short_is_said_and_no_invention() -> None:
    budget = Fact(id="f4", label="budget", value=12500)
    now, later = replace(REQUEST, must=(budget,), may=(budget,)), replace(REQUEST, must=(), must_not=(budget,), may=())
    for text in ("My budget is 12.5k.", "At most $12.5K in all"):
        assert kinds(text, now) == set()
        assert kinds(text, later) >= {"too_early"}
    assert kinds("My budget is 12.6k.", now) == {"forgot", "contradiction"}
    assert kinds("I have 12.5 for it.", now) == {"forgot"}


@pytest.mark.requirement("agents.user_monitor")
@pytest.mark.parametrize("mode", ["direct", "sequential", "parallel", "conditional", "revising", "abstaining"])
async def test_what_the_procedural_user_says_is_never_a_fault(mode: Mode) -> None:
    for number, plan in enumerate(await blueprints(mode, 6)):
        user = ProceduralUser(plan, Random(number))
        model = ModelUser(plan, Voice(ScriptedModel([]), "user", ""), [])
        names = [tool.name for tool in offer(plan.offered, BY_KEY)]
        heard = ""
        for turn in plan.turns:
            said = await user.speak([Message(role="user", content=heard)])
            assert said is not None
            due = model._due(turn)
            model._opened.update(fact.id for fact in (*due.must, *due.must_not))
            assert faults(said, due, heard, names) == [], said
            heard += said


@pytest.mark.requirement("agents.user_monitor")
async def test_a_value_that_the_request_itself_names_is_no_leak() -> None:
    [plan, *_] = await blueprints("direct", 1)
    wish = Request(action='if the newest pickup is "P1001-7", look up the depot', details=())
    asked = replace(plan, facts=(), turns=(Turn(kind="opening", requests=(wish,), steps=plan.turns[0].steps),))
    said = 'If the newest pickup is "P1001-7", please look up the depot.'
    user = ModelUser(asked, Voice(ScriptedModel([said]), "user", ""), TOOLS)
    assert await user.speak([]) == said
    assert user.faults == []
    other = 'If the newest pickup is "P2002-8", please look up the depot.'
    user = ModelUser(asked, Voice(ScriptedModel([other, said]), "user", ""), TOOLS)
    assert await user.speak([]) == said
    assert [fault.kind for fault in user.faults] == ["leak"]
