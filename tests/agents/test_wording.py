"""How requests, things and findings are put into words."""

from random import Random

import pytest

from tdscaling.agents.phrases import action, result, thing
from tdscaling.agents.planning.pointing import telling_field
from tdscaling.agents.planning.worth import alike, worth_telling
from tdscaling.agents.telling import Field, Finding, tell
from tdscaling.agents.user import together
from tdscaling.agents.wording import label
from tdscaling.types import Fact, Request, Tool
from tdscaling.values import at

SAID = [
    ("getSchoolAdmin", "Returns a specific school admin", "look up the school admin", "school admin"),
    ("getDistrictAdmins", "Returns a list of district admins", "list district admins", "district admins"),
    ("getTimesheet", "Retrieves a specific timesheet by using a timesheet ID", "look up the timesheet", "timesheet"),
    ("getAssetTypes", "searches fixed asset types", "list fixed asset types", "fixed asset types"),
    ("users_search", "Search users", "search for users", "users"),
    ("createOrder", "Creates an order", "create an order", "order"),
    ("addEmployee", "Add new employee", "add a new employee", "employee"),
    ("repoMergePullRequest", "Merge a pull request", "merge the pull request", "pull request"),
    ("get_a_b", "GET /sites/{id}/b", "look up the b", "b"),
    ("SpecificationGet", "Get Specification Group. Details.", "look up the specification group", "specification group"),
    ("block_get", "Gets the details for a specific block.", "look up the details for the block", "block"),
    ("deletePet", "", "delete the pet", "pet"),
    ("approveInvoice", "Description not available", "approve the invoice", "invoice"),
    ("get_tags", "Tags featured by this account.", "list tags", "tags"),
    ("skip-playback-to-next-track", "Skip To Next. Skips to next track.", "skip to next", "next"),
    ("post_accounts_by_id_unsuspend", "Unsuspend a suspended account.", "unsuspend a suspended account",
     "suspended account"),
    ("get_accounts_by_id", "GET /accounts/{id}", "look up the account", "account"),
    ("post_accounts_by_id_note", "Sets a private note on a user.", "create a note of the account", "note"),
    ("get_accounts_by_id_followers", "Accounts which follow it.", "list followers of the account", "followers"),
    ("get_cards_by_id", "Remove conversation", "look up the card", "card"),
    ("get_calendars", "Fetch a list of Calendars", "list calendars", "calendars"),
    ("getUsersTopItems", "Get User's Top Items.", "list the user's top items", "top items"),
    ("find", "Event Search. Finds events and filters them by location.", "search for events", "events"),
]  # fmt: skip


@pytest.mark.requirement("agents.wording")
@pytest.mark.parametrize(("name", "description", "said", "about"), SAID)
def test_a_request_names_its_thing(name: str, description: str, said: str, about: str) -> None:
    tool = Tool(server="shop", name=name, description=description)
    assert (action(tool), result(tool)) == (said, about)


@pytest.mark.requirement("agents.wording")
def test_a_tool_of_which_nothing_is_known_is_about_entries() -> None:
    assert thing(Tool(server="shop", name="list")) == "entry"
    assert action(Tool(server="shop", name="list")) == "list the entries in shop"


@pytest.mark.requirement("agents.wording")
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("data.name.first", "first name"), ("f_creationDate", "creation date"), ("createdAt", "creation date"),
        ("orders[].team.name", "team name"), ("orders[].items[].price", "price"), ("orders[].id", "id"),
        ("total.value", "total"), ("data[].email", "email"),
    ],
)  # fmt: skip
def test_a_field_is_called_by_what_it_stands_in_where_it_says_little_alone(path: str, said: str) -> None:
    assert label(path) == said


PEOPLE = {"data": [{"id": "adm_1001", "district": "dis_1", "name": "Ann Lee", "email": "a@x.org"},
                   {"id": "adm_1002", "district": "dis_2", "name": "Bo Ray", "email": "b@x.org"}]}  # fmt: skip


@pytest.mark.requirement("agents.telling")
def test_names_and_states_are_told_before_identifiers() -> None:
    found = worth_telling(PEOPLE, set(), 3, Random(1))
    assert [place.value for place in found] == ["Ann Lee", "Bo Ray"]
    order = {"id": "ord_1001", "href": "https://x.org/1", "status": "open", "page": 1, "total": 12.5}
    assert {place.path for place in worth_telling(order, set(), 3, Random(1))} == {"status", "total"}
    assert [place.path for place in worth_telling({"id": "ord_1001"}, set(), 3, Random(1))] == ["id"]


@pytest.mark.requirement("agents.telling")
def test_of_two_parts_with_the_same_fields_the_one_that_is_news_is_told() -> None:
    zones = {"source": {"zone": "UTC", "at": "2026-01-05T07:30", "day": "Monday"},
             "target": {"zone": "Asia/Dubai", "at": "2026-01-05T11:30", "day": "Monday"}, "shift": "+4h"}  # fmt: skip
    for seed in range(10):
        found = worth_telling(zones, {"utc", "asia/dubai", "07:30"}, 3, Random(seed))
        assert {place.path for place in found} <= {"target.at", "target.day", "shift"}
    order = {"id": "o-1", "status": "open", "payment": {"id": "p-1", "status": "due"}}
    assert "status" in {place.path for place in worth_telling(order, {"o-1"}, 3, Random(1))}


@pytest.mark.requirement("agents.telling")
def test_a_list_that_is_told_in_part_says_how_many_it_leaves_out() -> None:
    columns = Finding("schema", "orders", (Field("name", ("number", "day", "status"), 6, more=3),))
    staff = Finding("schema", "staff", (Field("name", ("email", "role"), 2),))
    for seed in range(30):
        said = tell([columns, staff], Random(seed))
        assert "number, day, status and 3 more" in said
        assert "email and role" in said


@pytest.mark.requirement("agents.telling")
def test_results_of_the_same_call_are_told_by_the_same_field() -> None:
    found = alike(PEOPLE["data"], [{"adm_1001"}, {"adm_1002", "b@x.org"}])
    assert [(number, place.value) for number, place in found] == [(0, "Ann Lee"), (1, "Bo Ray")]


@pytest.mark.requirement("agents.telling")
def test_a_thing_is_pointed_at_by_its_name_rather_than_an_identifier() -> None:
    pointed = telling_field(PEOPLE, at(PEOPLE, "data[].id")[1])
    assert pointed is not None
    assert (pointed.path, pointed.value) == ("data[].name", "Bo Ray")
    hashes = [{"id": "a1", "ref": "4d2a8738425af4f44720cb7b"}, {"id": "a2", "ref": "f52f537fbff8a98632ade59e"}]
    assert telling_field(hashes, at(hashes, "[].id")[0]) is None


@pytest.mark.requirement("agents.telling")
def test_what_is_told_of_several_things_says_of_which() -> None:
    district = (Field("district", ("dis_1006",), 1),)
    ann = Finding("district admin", "adm_1001", (Field("name", ("Ann Lee",), 1), *district))
    bo = Finding("district admin", "adm_1002", district)
    for seed in range(30):
        said = tell([ann, bo], Random(seed))
        assert said.count("dis_1006") == 2
        assert "Ann Lee (adm_1001)" in said
        assert said.index("adm_1001") < said.index("dis_1006") < said.index("adm_1002")


@pytest.mark.requirement("agents.telling")
def test_of_a_long_list_it_is_said_how_many_there_are() -> None:
    names = Field("name", ("Ann", "Bo", "Cy"), 12)
    said = {tell([Finding("district admins", "", (names,))], Random(seed)) for seed in range(20)}
    assert all("12 district admins, such as Ann, Bo and Cy" in text for text in said)


@pytest.mark.requirement("agents.grouped")
def test_neighbours_that_ask_for_the_same_become_one_request() -> None:
    facts = {name: Fact(id=name, label="id", value=name) for name in ("f1", "f2", "f3")}
    facts["f4"] = Fact(id="f4", label="sheet", value="Budget")
    ask = [Request(action="look up the order", details=(name,)) for name in ("f1", "f2", "f3")]
    assert together(ask, facts, ()) == [Request(action="look up the order", details=("f1", "f2", "f3"))]
    assert together(ask, facts, ("f2",)) == ask, "what is withheld is not said"
    other = [ask[0], Request(action="look up the order", details=("f4",))]
    assert together(other, facts, ()) == other
    assert len(together([ask[0], Request(action="delete the order", details=("f2",))], facts, ())) == 2


@pytest.mark.requirement("agents.wording")
def test_names_in_other_scripts_and_with_umlauts_are_said_as_they_are() -> None:
    """Two parameters of a call were both "the value"."""
    assert [label(name) for name in ("姓名", "城市", "neue_größe", "ÄrzteListe", "名称2")] == [
        "姓名", "城市", "neue größe", "ärzte liste", "名称 2"
    ]  # fmt: skip
