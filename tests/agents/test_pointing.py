"""What a request points at is what its calls are about: nobody who hears it would take another thing."""

import re
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from tests.agents.episodes import SEED, known
from tests.fakes import BY_KEY, FakeEnvironment, cluster

from tdscaling.agents import PlanContext, PlanError, ProceduralPlanner
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.feasible import pages
from tdscaling.agents.planning.fill import look_up
from tdscaling.agents.planning.goals import iterative
from tdscaling.agents.planning.pointing import Pointed, aimed, named, once_for_each, telling_field
from tdscaling.blueprint import BlueprintMaker
from tdscaling.types import Edge, FieldRef, FromOutput, Mode, Target, ToolKey
from tdscaling.types import Tool as Described
from tdscaling.values import at

PLANNED: tuple[Mode, ...] = ("direct", "conditional", "parallel", "sequential")
LISTING = ToolKey("stock", "list_items")
COUNTS = {"three": 3, "four": 4, "five": 5, "six": 6}


def tool(name: str, description: str = "") -> Described:
    return Described(server="shop", name=name, description=description)


@pytest.mark.requirement("agents.pointed")
async def test_the_first_of_a_list_are_the_first_of_it_whatever_was_spoken_of_before() -> None:
    heard: list[int] = []
    for seed in range(30):
        async with FakeEnvironment().session(["stock"], 0) as session:
            draft = Draft(PlanContext(cluster(), BY_KEY, await known(), session, 0, Random(seed)))
            shown = await draft.scout(LISTING, {})
            assert shown is not None
            draft.fact("sku", at(shown.output, "[].sku")[1].value)
            try:
                (goal,) = await iterative(draft, cluster().tools)
            except PlanError:
                continue
        found = re.search(r"each of the first (\w+) \w+s listed", goal.requests[0].action)
        bound = [one for step in goal.steps for one in step.arguments.values() if isinstance(one, FromOutput)]
        if found:
            heard.append(COUNTS[found[1]])
            assert [one.index for one in bound] == list(range(heard[-1])), goal.requests[0].action
    assert heard


@pytest.mark.requirement("agents.pointed")
async def test_what_a_thing_refers_to_is_pointed_at_by_that_thing() -> None:
    """On which shelf a product stands is looked up by the product, which the user names."""
    shelf, get = ToolKey("stock", "shelf_contents"), ToolKey("stock", "get_item")
    tools = {**BY_KEY, get: replace(BY_KEY[get], description="Show one product.")}
    held = Edge(
        producer=FieldRef(*get, "shelf"),
        consumer=FieldRef(*shelf, "shelf"),
        kind="value",
        score=1.0,
        evidence=("executed",),
    )
    explored = replace(
        await known(), edges=(held, *(edge for edge in (await known()).edges if edge.consumer.field == "sku"))
    )
    async with FakeEnvironment().session(["stock"], 0) as session:
        draft = Draft(PlanContext(cluster(), tools, explored, session, 0, Random(1)))
        found = await look_up(draft, shelf, "shelf", {})
    said = re.sub(r"\{.*?\}", "X", aimed(BY_KEY[shelf], found.pointed))
    assert said == "show what lies on the shelf of the product with sku X"


@pytest.mark.requirement("agents.pointed")
@pytest.mark.parametrize(
    ("asking", "parameter", "path", "showing", "said"),
    [
        ("delete_calendar", "id", "[].id", "list_calendars", "delete the calendar whose {}"),
        ("delete_calendar", "id", "[].calendarId", "list_geofences",
         "delete the calendar of the geofence whose {}"),
        ("get_access_rule", "ruleId", "items[].id", "list_acls", "look up the access rule whose {}"),
        ("get_album", "id", "items[].album.id", "list_saved_albums", "look up the album whose {}"),
        ("create_branch", "base_branch", "[]", "list_branches",
         "create a branch with the branch whose {} as the base branch"),
        ("update_event", "colorId", "items[].colorId", "list_calendars",
         "update the event with the color of the calendar whose {}"),
    ],
)  # fmt: skip
def test_a_request_says_of_what_it_is_and_says_it_once(
    asking: str, parameter: str, path: str, showing: str, said: str
) -> None:
    about = named(parameter, path, tool(showing))
    assert aimed(tool(asking), Pointed(about, "whose name is Home")) == said.format("name is Home")


@pytest.mark.requirement("agents.pointed")
def test_things_in_title_case_are_the_same_things() -> None:
    about = named("id", "[].id", tool("get_calendars", "Fetch a list of Calendars"))
    assert aimed(tool("x", "Delete a Calendar"), Pointed(about, "last")) == "delete the last calendar listed"


@pytest.mark.requirement("agents.pointed")
def test_where_a_list_lies_is_said_where_that_is_another_list_than_its_name_says() -> None:
    saved = named("id", "items[].album.id", tool("list_saved_albums"))
    assert once_for_each(tool("get_album"), saved, "three") == (
        "look up the album, once for each of the first three saved albums listed"
    )


@pytest.mark.requirement("agents.pointed")
def test_nothing_is_pointed_at_by_which_part_of_a_list_is_shown() -> None:
    assert all(map(pages, ("min_id", "since_id", "first", "after", "startingAfter", "pageToken", "cursor")))
    assert not any(map(pages, ("id", "first_name", "last_name", "project_id", "name", "token_name", "query")))


@pytest.mark.requirement("agents.pointed")
def test_a_moment_tells_a_thing_only_where_nothing_better_does() -> None:
    people = [{"id": "acc_1", "created_at": "2026-01-05T07:30:00Z", "username": "kim4"},
              {"id": "acc_2", "created_at": "2026-01-06T07:30:00Z", "username": "lee7"}]  # fmt: skip
    pointed = telling_field(people, at(people, "[].id")[0])
    assert pointed is not None
    assert pointed.value == "kim4"


@pytest.mark.requirement("agents.missing_tool", "agents.distractors")
async def test_of_tools_that_are_asked_for_in_the_same_words_one_alone_is_offered() -> None:
    names = ("get_item", "shelf_contents", "move_item")
    alike = {key: replace(BY_KEY[key], description="Check the stock.") for key in BY_KEY if key.name in names}
    maker = BlueprintMaker(ProceduralPlanner(), FakeEnvironment(), {**BY_KEY, **alike}, await known())
    used, found = cluster(), 0
    for number, mode in enumerate(PLANNED * 6):
        target = Target(cluster=used.id, domain=used.domain, mode=mode, band=3, seed=number)
        with suppress(PlanError):
            plan = await maker.make(target, used, SEED)
            found += len(alike.keys() & {*plan.offered})
            assert len(alike.keys() & {*plan.offered}) < 2
    assert found > 3
