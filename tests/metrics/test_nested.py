"""Calls that code made: counted as actions, with the depth of the values that reach them."""

import math

import pytest

from tdscaling.export import Record
from tdscaling.export.card import Tally as CardTally
from tdscaling.metrics import Tally, describe
from tdscaling.types import Dialogue, Message, NestedCall, OfferedTool, ToolCall

TOOLS = (
    OfferedTool(name="python", server="sandbox", tool="python", read_only=None),
    OfferedTool(name="list_items", server="stock", tool="list_items", read_only=True),
    OfferedTool(name="get_item", server="stock", tool="get_item", read_only=True),
)
ITEMS = '[{"sku": "oak-shelf"}, {"sku": "desk-lamp"}]'


def dialogue(*nested: NestedCall) -> Dialogue:
    call = ToolCall(id="1", name="python", arguments={"code": "print(total)"})
    return Dialogue(
        messages=(
            Message(role="user", content="What do all items cost?"),
            Message(role="assistant", tool_calls=(call,)),
            Message(role="tool", content="1234", tool_call_id="1", name="python", nested=nested),
            Message(role="assistant", content="They cost 1234."),
        ),
        tools=TOOLS,
    )


def got(sku: str) -> NestedCall:
    return NestedCall(name="get_item", arguments={"sku": sku}, content='{"price": 617}')


@pytest.mark.requirement("metrics.nested")
def test_each_call_that_code_makes_is_an_action_with_its_own_complexity() -> None:
    """By hand: list_items has no leaf, depth 0 and a hop: 1.5; each get_item one leaf and depth 1: 1 + 0.5 + 1."""
    listed = NestedCall(name="list_items", arguments={}, content=ITEMS)
    plain = describe(dialogue(), "shop")
    nested = describe(dialogue(listed, got("oak-shelf"), got("desk-lamp")), "shop")
    assert (plain.calls, nested.calls) == (1, 4)
    assert math.isclose(nested.cac - plain.cac, 1.5 + 2 * 2.5)
    assert nested.servers == ("sandbox", "stock")
    assert nested.primary_mode == plain.primary_mode == "computational"


@pytest.mark.requirement("metrics.nested")
def test_a_value_that_no_earlier_call_gave_adds_no_depth() -> None:
    listed = NestedCall(name="list_items", arguments={}, content=ITEMS)
    flowing, guessed = (
        describe(dialogue(listed, got("oak-shelf")), "shop"),
        describe(dialogue(listed, got("x-1")), "shop"),
    )
    assert math.isclose(flowing.cac - guessed.cac, 1.0)


@pytest.mark.requirement("metrics.nested")
def test_tools_count_the_calls_that_code_made_so_that_their_shares_are_of_all_calls() -> None:
    made = dialogue(NestedCall(name="list_items", arguments={}, content=ITEMS), got("oak-shelf"), got("desk-lamp"))
    tally = Tally()
    tally.add(made, describe(made, "shop"))
    found = tally.summary()
    assert found.tools == {"get_item": 2, "list_items": 1, "python": 1}
    assert sum(found.tools.values()) == found.calls == 4
    assert found.tool_bigrams == {}


@pytest.mark.requirement("metrics.nested")
def test_the_card_beside_an_export_counts_the_calls_that_measure_counts() -> None:
    made = dialogue(NestedCall(name="list_items", arguments={}, content=ITEMS), got("oak-shelf"), got("desk-lamp"))
    card = CardTally()
    card.add(Record(dialogue=made))
    assert (card.statistics().calls, card.statistics().tools) == (describe(made, "shop").calls, 3) == (4, 3)
