"""A plan in the making forgets an attempt that failed, unless it has left a change."""

import json
from contextlib import suppress
from copy import copy
from dataclasses import fields, replace
from random import Random

import pytest
from tests.agents.episodes import blueprint, known
from tests.fakes import BY_KEY, SHELVES, FakeEnvironment, cluster
from tests.garbage import freed_at_once

from tdscaling.agents import PlanContext, PlanError
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.fill import produced
from tdscaling.agents.planning.scouting import Wanted, spelt
from tdscaling.types import MODES, Constant, Edge, FieldRef, Session, ToolKey

LIST, CREATE = ToolKey("stock", "list_items"), ToolKey("stock", "create_item")


async def draft_in(session: Session) -> Draft:
    return Draft(PlanContext(cluster(), BY_KEY, await known(), session, 0, Random(1)))


@pytest.mark.requirement("agents.bands")
async def test_an_abandoned_attempt_counts_no_calls() -> None:
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        before = draft.checkpoint()
        draft.fact("sku", "x-y")
        assert (await draft.step(LIST, {})).id == "s1"
        draft.restore(before)
        assert (draft.calls, draft.groups, draft.facts, draft.outputs) == (0, 0, {}, {})
        assert (await draft.step(LIST, {})).id == "s1"


@pytest.mark.requirement("agents.bands")
async def test_every_field_of_the_plan_is_taken_back_and_what_was_scouted_stays_known() -> None:
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        kept = {one.name: copy(getattr(draft, one.name)) for one in fields(draft)}
        before = draft.checkpoint()
        await draft.scout(LIST, {})
        for name, value in kept.items():
            container = getattr(draft, name)
            if isinstance(value, set):
                container.add("x")
            elif isinstance(value, dict) and name != "scouted":
                container["x"] = "x"
            elif isinstance(value, list):
                container.append("x")
            elif isinstance(value, int) and name != "writes":
                setattr(draft, name, value + 1)
        draft.restore(before)
        now = {one.name: getattr(draft, one.name) for one in fields(draft)}
        assert list(now.pop("scouted")) == [spelt(LIST, {})]
        assert now == {name: value for name, value in kept.items() if name != "scouted"}


@pytest.mark.requirement("agents.unplannable")
async def test_an_attempt_that_left_a_change_can_not_be_taken_back() -> None:
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        before = draft.checkpoint()
        await draft.step(CREATE, {"sku": Constant(value="new-thing")}, may_be_empty=True)
        with pytest.raises(PlanError, match="attempt_left_a_change"):
            draft.restore(before)


@pytest.mark.requirement("agents.unplannable")
async def test_a_step_that_ends_otherwise_than_planned_is_refused() -> None:
    sku = {"sku": Constant(value="no-such-item")}
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        with pytest.raises(PlanError, match="step_did_not_work"):
            await draft.step(ToolKey("stock", "get_item"), sku)
        with pytest.raises(PlanError, match="step_did_not_work"):
            await draft.step(LIST, {}, expect_error=True)
        with pytest.raises(PlanError, match="step_found_nothing"):
            await draft.step(ToolKey("stock", "search_items"), {"query": Constant(value="zzz")})
        await draft.step(LIST, {})
        with pytest.raises(PlanError, match="same_call_again"):
            await draft.step(LIST, {})


@pytest.mark.requirement("agents.changes")
async def test_a_write_that_finds_all_as_it_should_be_is_refused_and_leaves_nothing_to_take_back() -> None:
    move = ToolKey("stock", "move_item")
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        item = json.loads((await session.call(LIST, {})).content)[0]["sku"]
        before = draft.checkpoint()
        lies = json.loads((await session.call(ToolKey("stock", "get_item"), {"sku": item})).content)["shelf"]
        for shelf in (lies, *(shelf for shelf in SHELVES if shelf != lies)):
            arguments = {"sku": Constant(value=item), "shelf": Constant(value=shelf)}
            if shelf != lies:
                await draft.step(move, arguments, may_be_empty=True)
                continue
            with pytest.raises(PlanError, match="nothing_to_change"):
                await draft.step(move, arguments, may_be_empty=True)
            draft.restore(before)


@pytest.mark.requirement("agents.unplannable")
async def test_nobody_asks_for_the_very_same_change_twice() -> None:
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        sku = {"sku": Constant(value="new-thing")}
        await draft.step(CREATE, sku, may_be_empty=True)
        await draft.step(ToolKey("stock", "delete_item"), sku, may_be_empty=True)
        with pytest.raises(PlanError, match="same_call_again"):
            await draft.step(CREATE, sku, may_be_empty=True)
        await draft.step(CREATE, {"sku": Constant(value="other-thing")}, may_be_empty=True)


@pytest.mark.requirement("agents.unplannable")
async def test_what_was_scouted_is_not_called_again_until_something_is_written() -> None:
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = await draft_in(session)
        get = ToolKey("stock", "get_item")
        assert (
            await draft.scout(get, {"sku": "no-such-item"}) is await draft.scout(get, {"sku": "no-such-item"}) is None
        )
        shown = await draft.scout(LIST, {})
        assert await draft.scout(LIST, {}) is shown
        assert [key for key, _ in session.calls] == [get, LIST]
        await draft.step(CREATE, {"sku": Constant(value="new-thing")}, may_be_empty=True)
        again = await draft.scout(LIST, {})
        assert shown is not None
        assert again is not None
        assert {leaf.value for leaf in again.naming("[].sku")} - {leaf.value for leaf in shown.naming("[].sku")} == {
            "new-thing"
        }


@pytest.mark.requirement("agents.many")
async def test_values_for_many_come_from_a_result_that_shows_many_though_another_tool_comes_first() -> None:
    move = ToolKey("stock", "move_item")
    one = Edge(
        producer=FieldRef("stock", "get_item", "shelf"),
        consumer=FieldRef(*move, "shelf"),
        kind="value",
        score=1.0,
        evidence=("executed",),
    )
    many = replace(one, producer=FieldRef("stock", "list_shelves", "records[].Shelf"))
    explored = replace(
        await known(), edges=(one, many, *(edge for edge in (await known()).edges if edge.consumer.field != "shelf"))
    )
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = Draft(PlanContext(cluster(), BY_KEY, explored, session, 0, Random(2)))
        few = await produced(draft, move, "shelf", {})
        all_of_them = await produced(draft, move, "shelf", {}, Wanted(least=3))
    assert few is not None
    assert few.edge == one
    assert all_of_them is not None
    assert all_of_them.edge == many
    assert len(all_of_them.leaves) >= 3


@pytest.mark.requirement("agents.freed")
async def test_what_was_planned_and_tried_is_freed_when_it_is_let_go_of() -> None:
    """It holds a session and all that a service has in it: a search for cycles took a twentieth of a worker's time."""
    with freed_at_once(Draft):
        for number, mode in enumerate(MODES):
            with suppress(PlanError):
                await blueprint(mode, number % 5, number)
