"""Which field of a producer an edge starts at."""

from dataclasses import replace

import pytest
from tests.graph.shop import listed, tool

from tdscaling.graph import find_edges
from tdscaling.graph.starts import closest
from tdscaling.semantics.fields import Field, read
from tdscaling.semantics.schema import SchemaLeaf
from tdscaling.types import JsonValue, Tool


def field(path: str, noun: str, kind: str = "string", *, required: bool = False) -> Field:
    parts = path.replace("[]", "").split(".")
    return read(SchemaLeaf(path, parts[-1], tuple(parts[:-1]), kind, "", False, required, ""), (noun,))


@pytest.mark.requirement("graph.starts")
@pytest.mark.parametrize(
    ("wanted", "given", "why"),
    [
        ("project_id", ["items[].name", "items[].projectId"], "the very name"),
        ("project_id", ["items[].title", "items[].id"], "an id for an id"),
        ("project_name", ["items[].id", "items[].title"], "a name for a name"),
        ("project_id", ["forked_from_project.id", "id"], "the thing's own record"),
        ("project_id", ["items[].tasks[].project_id", "items[].id"], "not the mention in another record"),
        ("project_id", ["id", "projects[].id"], "the record that goes by the name"),
        ("project_id", ["items[].reference", "items[].code", "items[].uuid"], "what tells one from all"),
        ("project_code", ["items[].id", "items[].code"], "the same last word"),
        ("project", ["items[].link", "items[].id"], "the id for the thing itself"),
    ],
)
def test_of_the_fields_of_a_record_the_one_that_says_what_is_wanted_is_chosen(
    wanted: str, given: list[str], why: str
) -> None:
    assert closest([field(path, "project") for path in given], field(wanted, "project")) == len(given) - 1, why


@pytest.mark.requirement("graph.starts")
def test_types_decide_between_an_id_and_a_name_for_the_thing_itself() -> None:
    given = [field("items[].name", "repository"), field("items[].id", "repository", "integer")]
    assert closest(given, field("repository", "repository")) == 0
    assert closest(given, field("repository", "repository", "integer")) == 1


@pytest.mark.requirement("graph.starts")
def test_of_fields_that_say_it_equally_well_the_first_is_chosen() -> None:
    assert closest([field("a[].id", "project"), field("b[].id", "project")], field("project_id", "project")) == 0


def groups(paths: dict[str, dict[str, JsonValue]]) -> list[Tool]:
    group: dict[str, JsonValue] = {"name": "string", "id": "string", "url": "string", "code": "string"}
    tools = [
        tool("g", "create_group", {"name": "string"}, group, required=("name",)),
        tool("g", "list_groups", {"page": "integer"}, listed("groups", {**group, "number": "integer"})),
        tool("g", "update_group", {"id": "string"}, {"name": "string", "id": "string"}, required=("id",)),
        tool("g", "delete_group", {"group_id": "string"}, {"ok": "boolean"}, required=("group_id",)),
        tool("g", "create_member", {"group": "string"}, {"ok": "boolean"}, required=("group",)),
    ]
    return [replace(one, annotations={"x-http": paths[one.name]} if one.name in paths else {}) for one in tools]


@pytest.mark.requirement("graph.starts", "graph.path_known")
@pytest.mark.parametrize("known", [False, True], ids=["path hidden", "path known"])
def test_an_edge_into_an_id_starts_at_the_id_beside_the_name(known: bool) -> None:
    paths: dict[str, dict[str, JsonValue]] = {
        "create_group": {"method": "POST", "path": "/groups"},
        "list_groups": {"method": "GET", "path": "/groups"},
        "update_group": {"method": "PATCH", "path": "/groups/{id}"},
        "delete_group": {"method": "DELETE", "path": "/groups/{group_id}"},
        "create_member": {"method": "POST", "path": "/groups/{group}/members"},
    }
    edges = [edge for edge in find_edges(groups(paths if known else {})) if edge.kind == "value" and edge.score > 0.5]
    for consumer in ("update_group", "delete_group", "create_member"):
        starts = {edge.producer.tool: edge.producer.field for edge in edges if edge.consumer.tool == consumer}
        assert (starts["create_group"], starts["list_groups"]) == ("id", "groups[].id")


@pytest.mark.requirement("graph.starts", "graph.inferred")
def test_without_outputs_an_edge_into_an_id_starts_at_the_new_thing_not_at_what_the_caller_gave() -> None:
    tools = [
        tool("x", "create_contact", {"name": "string", "email": "string"}, required=("name",)),
        tool("x", "get_contact", {"contactId": "string"}, required=("contactId",)),
        tool("x", "create_invoice", {"contactId": "string", "total": "number"}, required=("contactId",)),
    ]
    edge = next(edge for edge in find_edges(tools) if edge.kind == "value" and edge.consumer.tool == "get_contact")
    assert (edge.producer.field, "inferred_output" in edge.evidence) == ("contact", True)
