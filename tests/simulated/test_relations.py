"""Identifiers that are apart, things that are found through others, and what is told since no tool shows it."""

import json
from random import Random

import pytest
from tests.simulated.family import DESK, SERVER, tools

from tdscaling.environments.simulated import SimulatedEnvironment, SimulatedSession
from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.laws import identifiers_are_apart, violations
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Store, Template, template
from tdscaling.environments.simulated.trial import Trial
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey

TEXT: JsonObject = {"type": "string"}


def rest(method: str, path: str, name: str, output: JsonObject, **fields: JsonObject) -> Tool:
    """A tool of a specification: parameters of its path are required."""
    inside = {part[1:-1]: TEXT for part in path.split("/") if part.startswith("{")}
    schema: JsonObject = {"type": "object", "properties": {**inside, **fields}, "required": sorted(inside)}
    http: JsonObject = {"method": method, "path": path}
    return Tool(server=SERVER, name=name, input_schema=schema, output_schema=output, annotations={"x-http": http})


def record(**fields: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {"id": TEXT, **fields}, "required": ["id"]}


def many(item: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {"data": {"type": "array", "items": item}}, "required": ["data"]}


TEACHER = record(name=TEXT)
PUPIL = record(name=TEXT, school=TEXT)
SECTION = record(name=TEXT, teacher=TEXT, pupils={"type": "array", "items": TEXT})
SCHOOL = [
    rest("GET", "/schools", "list_schools", many(record(name=TEXT))),
    rest("GET", "/schools/{id}/pupils", "list_school_pupils", many(PUPIL)),
    rest("GET", "/pupils/{id}", "get_pupil", PUPIL),
    rest("GET", "/pupils", "list_pupils", many(PUPIL)),
    rest("GET", "/teachers", "list_teachers", many(TEACHER)),
    rest("GET", "/teachers/{id}", "get_teacher", TEACHER),
    rest("GET", "/sections", "list_sections", many(SECTION)),
    rest("GET", "/sections/{id}/teacher", "get_section_teacher", TEACHER),
    rest("GET", "/sections/{id}/pupils", "list_section_pupils", many(PUPIL)),
]
ISSUE = record(title=TEXT)
FORGE = [
    rest("GET", "/repos/{owner}/{repo}/issues", "list_issues", many(ISSUE)),
    rest("POST", "/repos/{owner}/{repo}/issues", "create_issue", ISSUE, title=TEXT),
    rest("GET", "/repos/{owner}/{repo}/issues/{id}", "get_issue", ISSUE),
]


def opened(found: list[Tool], world: int = 0) -> SimulatedSession:
    return SimulatedEnvironment(found, worlds=3, seed=4).open([SERVER], world)


def said(session: SimulatedSession, name: str, **arguments: JsonValue) -> dict[str, JsonValue]:
    result = session.call_now(ToolKey(SERVER, name), arguments)
    assert not result.is_error, result.content
    return json.loads(result.content)


def refused(session: SimulatedSession, name: str, **arguments: JsonValue) -> str:
    result = session.call_now(ToolKey(SERVER, name), arguments)
    assert result.is_error, result.content
    return json.loads(result.content)["error"]["message"]


@pytest.mark.requirement("simulated.apart")
@pytest.mark.parametrize("found", [SCHOOL, FORGE, tools(DESK)], ids=["school", "forge", "desk"])
def test_no_identifier_is_that_of_two_things(found: list[Tool]) -> None:
    environment = SimulatedEnvironment(found, seed=4)
    world = environment.template(SERVER, 0)
    keys = [key for table in world.tables.values() for key in table]
    assert len(keys) == len(set(keys)) > 8
    assert violations(Trial(environment.service(SERVER), world, Random(1))) == []


@pytest.mark.requirement("simulated.apart")
def test_the_law_sees_an_identifier_that_two_things_share() -> None:
    environment = SimulatedEnvironment(SCHOOL, seed=4)
    service, world = environment.service(SERVER), environment.template(SERVER, 0)
    pupils = dict(world.tables["pupil"])
    key = next(iter(world.tables["teacher"]))
    mixed = template({**world.tables, "pupil": {**pupils, key: {"id": key, "name": "Ann"}}}, world.serials)
    seen = list(identifiers_are_apart(Trial(service, mixed, Random(1)), service.model.entities["teacher"]))
    assert [violation.law for violation in seen] == ["identifiers are apart"]


@pytest.mark.requirement("simulated.apart")
def test_a_wrong_kind_of_identifier_is_not_found() -> None:
    session = opened(SCHOOL)
    teacher = said(session, "list_teachers")["data"][0]["id"]
    assert "there is no pupil" in refused(session, "get_pupil", id=teacher)


@pytest.mark.requirement("simulated.apart")
def test_identifiers_like_an_example_are_numbered_on() -> None:
    schema: JsonObject = {"type": "string", "pattern": "^se(-[a-z0-9]+)+$", "example": "se-28529731"}
    item: JsonObject = {"type": "object", "properties": {"id": schema, "name": TEXT}, "required": ["id"]}
    found = [rest("GET", "/parcels", "list_parcels", many(item)), rest("GET", "/depots", "list_depots", many(item))]
    world = SimulatedEnvironment(found, seed=4).template(SERVER, 0)
    keys = [key for table in world.tables.values() for key in table]
    assert len(keys) == len(set(keys)) > 8
    assert all(key.startswith("se-") for key in keys)


@pytest.mark.requirement("simulated.belongs")
def test_what_is_listed_under_a_thing_belongs_to_it_and_an_unknown_thing_is_not_found() -> None:
    session = opened(SCHOOL)
    pupils = said(session, "list_pupils")["data"]
    schools = [school["id"] for school in said(session, "list_schools")["data"]]
    for school in schools:
        shown = said(session, "list_school_pupils", id=school)["data"]
        assert [one["id"] for one in shown] == [one["id"] for one in pupils if one.get("school") == school]
    assert sum(len(said(session, "list_school_pupils", id=school)["data"]) for school in schools) > 3
    assert "there is no school" in refused(session, "list_school_pupils", id="nowhere")


@pytest.mark.requirement("simulated.belongs")
def test_what_a_record_says_of_others_is_what_the_tools_say_too() -> None:
    session = opened(SCHOOL)
    for section in said(session, "list_sections")["data"]:
        if section.get("teacher"):
            assert said(session, "get_section_teacher", id=section["id"])["id"] == section["teacher"]
        shown = {one["id"] for one in said(session, "list_section_pupils", id=section["id"])["data"]}
        assert shown == set(section.get("pupils", []))
    assert "there is no section" in refused(session, "get_section_teacher", id="nowhere")


@pytest.mark.requirement("simulated.told")
def test_places_that_no_tool_shows_are_told_and_part_what_lives_in_them() -> None:
    environment = SimulatedEnvironment(FORGE, worlds=3, seed=4)
    issue = environment.model(SERVER).entities["issue"]
    pairs = list(zip(issue.fields["owner"].told, issue.fields["repo"].told, strict=True))
    assert len(pairs) == 2
    (sentence,) = environment.knowledge([SERVER])
    assert environment.policy([SERVER]) == (), "what there is is no rule to keep"
    assert all(f"{value!r}" in sentence for pair in pairs for value in pair)
    session = environment.open([SERVER], 0)
    lists = [said(session, "list_issues", owner=owner, repo=repo)["data"] for owner, repo in pairs]
    first, second = ({one["id"] for one in shown} for shown in lists)
    assert first
    assert second
    assert not first & second
    made = said(session, "create_issue", owner=pairs[0][0], repo=pairs[0][1], title="Broken door")
    assert made in said(session, "list_issues", owner=pairs[0][0], repo=pairs[0][1])["data"]
    assert made not in said(session, "list_issues", owner=pairs[1][0], repo=pairs[1][1])["data"]
    assert f"there are '{pairs[0][0]}', '{pairs[1][0]}'" in refused(session, "list_issues", owner="x", repo=pairs[0][1])
    assert "elsewhere" in refused(session, "list_issues", owner=pairs[0][0], repo=pairs[1][1])


@pytest.mark.requirement("simulated.told")
def test_identifiers_that_no_tool_shows_are_told_and_the_same_in_every_world() -> None:
    note = record(text=TEXT)
    found = [rest("GET", "/notes/{id}", "get_note", note), rest("PUT", "/notes/{id}", "update_note", note, text=TEXT)]
    environment = SimulatedEnvironment(found, worlds=3, seed=4)
    told = environment.knowledge([SERVER])[0].split("'")[1::2]
    assert len(told) == 2
    for world in range(3):
        session = environment.open([SERVER], world)
        assert said(session, "update_note", id=told[0], text="Call back.")["text"] == "Call back."
        assert f"there are '{told[0]}', '{told[1]}'" in refused(session, "get_note", id="unknown")


@pytest.mark.requirement("simulated.belongs")
def test_settings_that_are_named_by_their_owner_are_one_for_each() -> None:
    setting: JsonObject = {"type": "object", "properties": {"is_default": {"type": "boolean"}, "colour": TEXT}}
    depot = record(name=TEXT)
    key: JsonObject = {"type": "object", "properties": {"depot_id": TEXT}, "required": ["depot_id"]}
    change = {**key, "properties": {"depot_id": TEXT, **setting["properties"]}}
    found = [
        rest("GET", "/depots", "list_depots", many(depot)),
        Tool(server=SERVER, name="get_depot_settings", input_schema=key, output_schema=setting),
        Tool(server=SERVER, name="update_depot_settings", input_schema=change, output_schema=setting),
    ]
    environment = SimulatedEnvironment(found, seed=4)
    service = environment.service(SERVER)
    for seed in range(6):
        assert violations(Trial(service, environment.template(SERVER, seed), Random(seed))) == []
    assert len(service.model.simulated) == 3


BRANCH = record(name=TEXT, repo_id=TEXT)
REPO = record(name=TEXT, branch_id=TEXT)
CIRCLE = [
    rest("GET", "/repos", "list_repos", many(REPO)),
    rest("GET", "/branches/{branch_id}/repos", "list_repos_of_branch", many(REPO)),
    rest("GET", "/repos/{repo_id}/branches", "list_branches", many(BRANCH)),
    rest("POST", "/repos/{repo_id}/branches", "create_branch", BRANCH, title=TEXT),
    rest("DELETE", "/repos/{repo_id}/branches/{id}", "delete_branch", BRANCH),
]


@pytest.mark.requirement("simulated.circles")
def test_two_things_that_seem_to_live_in_each_other_both_have_a_beginning() -> None:
    session = opened(CIRCLE)
    repos = said(session, "list_repos")["data"]
    assert isinstance(repos, list)
    branches = [said(session, "list_branches", repo_id=repo["id"])["data"] for repo in repos]  # type: ignore[index,call-overload]
    assert any(branches)
    assert not violations(Trial(*_one(CIRCLE), Random(3)))


def _one(found: list[Tool]) -> tuple[Service, Template]:
    environment = SimulatedEnvironment(found, seed=4)
    return environment.service(SERVER), environment.template(SERVER, 0)


def test_what_only_tools_that_are_not_offered_show_is_told() -> None:
    environment = SimulatedEnvironment(SCHOOL, used=[ToolKey(SERVER, "get_teacher")])
    session = environment.open([SERVER], 0)
    told = environment.knowledge([SERVER])
    teachers = environment.model(SERVER).entities["teacher"]
    names = [str(record[teachers.identifier]) for record in environment.template(SERVER, 0).tables["teacher"].values()]
    assert any(names[0] in sentence for sentence in told), told
    assert not session.call_now(ToolKey(SERVER, "get_teacher"), {"id": names[0]}).is_error
    assert SimulatedEnvironment(SCHOOL).knowledge([SERVER]) == ()


def test_what_is_there_but_lives_elsewhere_is_not_said_to_be_missing() -> None:
    found = [
        rest("GET", "/schools", "list_schools", many(record(name=TEXT))),
        rest("GET", "/schools/{school}/pupils", "list_pupils", many(PUPIL)),
        rest("GET", "/schools/{school}/pupils/{id}", "get_pupil", PUPIL),
    ]
    environment = SimulatedEnvironment(found)
    session = environment.open([SERVER], 0)
    pupil = next(iter(environment.template(SERVER, 0).tables["pupil"].values()))
    schools = environment.template(SERVER, 0).tables["school"]
    other = next(key for key in schools if key != str(pupil["school"]))
    answer = session.call_now(ToolKey(SERVER, "get_pupil"), {"school": other, "id": str(pupil["id"])})
    assert json.loads(answer.content)["error"]["message"] == f"pupil {pupil['id']!r} is elsewhere"


def test_a_valid_search_finds_something() -> None:
    query: JsonObject = {"type": "object", "properties": {"query": TEXT}, "required": ["query"]}
    search = Tool(server=SERVER, name="search_notes", input_schema=query)
    environment = SimulatedEnvironment([search])
    service, template = environment.service(SERVER), environment.template(SERVER, 0)
    for seed in range(20):
        store = Store(template)
        arguments = arguments_for(service, store, service.model.operations["search_notes"], Random(seed))
        assert arguments is not None
        assert json.loads(service.call(store, "search_notes", arguments).content)["total"] > 0
