"""What tools come out of a specification."""

import json
from pathlib import Path
from typing import Any

import pytest

from tdscaling.catalog.openapi import read_openapi
from tdscaling.catalog.problems import Listing
from tdscaling.types import Tool


def spec(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "paths": paths, **more}


def read(tmp_path: Path, document: dict[str, Any], name: str = "shop.json") -> Listing:
    path = tmp_path / name
    path.write_text(json.dumps(document))
    return read_openapi(path)


def only(listing: Listing) -> Tool:
    (tool,) = listing.tools
    return tool


ORDER = {
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
    "patch": {
        "operationId": "orders/update one",
        "summary": "Update an order",
        "description": "Only open ones.",
        "tags": ["orders"],
        "parameters": [
            {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
            {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["status", "created"],
                        "properties": {
                            "status": {"type": "string", "enum": ["open", "shut"]},
                            "created": {"type": "string", "readOnly": True},
                        },
                    }
                }
            },
        },
        "responses": {
            "404": {"description": "none", "content": {"application/json": {"schema": {"type": "string"}}}},
            "200": {
                "description": "ok",
                "content": {"application/json": {"schema": {"type": "object", "properties": {"id": {}}}}},
            },
        },
    },
}


@pytest.mark.requirement("catalog.openapi", "catalog.request")
def test_an_operation_becomes_one_tool_whose_properties_say_where_they_go(tmp_path: Path) -> None:
    tool = only(
        read(tmp_path, spec({"/orders/{id}": ORDER}, servers=[{"url": "https://shop.example/v1"}]), "big_shop.json")
    )
    assert str(tool.key) == "big-shop/orders_update_one"
    assert tool.description == "Update an order. Only open ones."
    assert tool.category == "orders"
    properties = tool.input_schema["properties"]
    assert isinstance(properties, dict)
    assert {name: entry["x-in"] for name, entry in properties.items()} == {
        "id": "path",
        "dry": "query",
        "X-Trace": "header",
        "status": "body",
    }
    assert tool.input_schema["required"] == ["id", "status"]
    assert tool.output_schema == {"type": "object", "properties": {"id": {}}}
    assert tool.annotations["x-http"] == {
        "method": "PATCH",
        "path": "/orders/{id}",
        "base": "https://shop.example/v1",
        "media": "application/json",
    }
    assert tool.read_only is False


@pytest.mark.requirement("catalog.request")
def test_a_body_whose_field_has_the_name_of_a_parameter_stays_whole(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string"}}}}}}
    tool = only(read(tmp_path, spec({"/orders/{id}": {"post": {"requestBody": body, "responses": {}}}})))
    properties = tool.input_schema["properties"]
    assert properties == {
        "id": {"x-in": "path", "type": "string"},
        "body": {"x-in": "whole-body", "type": "object", "properties": {"id": {"type": "string"}}},
    }
    assert tool.input_schema["required"] == ["id", "body"]


@pytest.mark.requirement("catalog.request")
def test_two_parameters_of_one_name_in_two_places_are_both_kept(tmp_path: Path) -> None:
    parameters = [{"name": "v", "in": place, "schema": {"type": "string"}} for place in ("query", "header")]
    tool = only(read(tmp_path, spec({"/a": {"get": {"parameters": parameters}}})))
    assert tool.input_schema["properties"] == {
        "v": {"x-in": "query", "type": "string"},
        "header_v": {"x-in": "header", "x-name": "v", "type": "string"},
    }


@pytest.mark.requirement("catalog.openapi")
def test_only_reading_methods_are_hinted_read_only_and_only_delete_destructive(tmp_path: Path) -> None:
    listing = read(tmp_path, spec({"/a": {method: {} for method in ("get", "post", "delete")}}))
    found = {tool.name: (tool.read_only, tool.annotations["destructiveHint"]) for tool in listing.tools}
    assert found == {"get_a": (True, False), "post_a": (False, False), "delete_a": (False, True)}


@pytest.mark.requirement("catalog.openapi")
def test_openapi_2_form_fields_bodies_and_responses_are_understood(tmp_path: Path) -> None:
    document = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1", "license": {"name": "MIT"}},
        "host": "old.example",
        "basePath": "/api",
        "paths": {
            "/up": {
                "post": {
                    "consumes": ["multipart/form-data"],
                    "parameters": [
                        {"name": "file", "in": "formData", "type": "file", "required": True},
                        {"name": "size", "in": "query", "type": "integer", "maximum": 9},
                    ],
                    "responses": {"201": {"description": "", "schema": {"type": "string"}}},
                }
            },
            "/thing": {"put": {"parameters": [{"name": "b", "in": "body", "schema": {"properties": {"a": {}}}}]}},
        },
    }
    up, thing = read(tmp_path, document).tools
    assert up.input_schema == {
        "type": "object",
        "properties": {
            "size": {"x-in": "query", "type": "integer", "maximum": 9},
            "file": {"x-in": "form", "format": "binary", "type": "string"},
        },
        "required": ["file"],
    }
    assert up.output_schema == {"type": "string"}
    assert up.annotations["x-http"] == {
        "method": "POST",
        "path": "/up",
        "base": "https://old.example/api",
        "media": "multipart/form-data",
    }
    assert up.licence == "MIT"
    assert thing.input_schema["properties"] == {"a": {"x-in": "body"}}


@pytest.mark.requirement("catalog.openapi")
def test_yaml_words_times_and_dates_stay_strings(tmp_path: Path) -> None:
    path = tmp_path / "dates.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: 1.0}\npaths:\n  /a:\n    get:\n      responses:\n"
        "        200:\n          description: ok\n          content:\n            application/json:\n"
        "              schema: {type: string, enum: [NO, 2024-01-31, 12:30, on, 007], default: 2024-01-31}\n"
    )
    schema = only(read_openapi(path)).output_schema
    assert schema == {"type": "string", "enum": ["NO", "2024-01-31", "12:30", "on", "007"], "default": "2024-01-31"}


@pytest.mark.requirement("catalog.openapi")
def test_operation_ids_that_repeat_are_too_long_or_hold_no_letter_give_valid_distinct_names(tmp_path: Path) -> None:
    ids = ["get it", "get/it", "x" * 90, "x" * 91, "一覧", ""]
    listing = read(tmp_path, spec({f"/p{i}": {"get": {"operationId": name}} for i, name in enumerate(ids)}))
    names = [tool.name for tool in listing.tools]
    assert names[:2] == ["get_it", "get_it_2"]
    assert names[4:] == ["get_p4", "get_p5"]
    assert len(set(names)) == 6
    assert all(len(name) <= 64 and name.replace("_", "").replace("-", "").isalnum() for name in names)


@pytest.mark.requirement("catalog.openapi")
def test_links_name_the_tool_that_they_lead_to(tmp_path: Path) -> None:
    links = {
        "one": {"operationId": "get user", "parameters": {"id": "$response.body#/id"}},
        "two": {"$ref": "#/components/links/Two"},
    }
    document = spec(
        {
            "/users": {"post": {"responses": {"201": {"description": "", "links": links}}}},
            "/users/{id}": {"get": {"operationId": "get user"}},
        },
        components={"links": {"Two": {"operationRef": "#/paths/~1users~1{id}/get"}}},
    )
    tool = next(tool for tool in read(tmp_path, document).tools if tool.name == "post_users")
    assert tool.annotations["x-links"] == {
        "one": {**links["one"], "x-tool": "get_user"},
        "two": {"operationRef": "#/paths/~1users~1{id}/get", "x-tool": "get_user"},
    }


@pytest.mark.requirement("catalog.references")
def test_references_reach_files_of_the_folder_and_mean_the_same_from_there(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pet.yaml").write_text("properties: {owner: {$ref: 'people.json#/Owner'}}\n")
    (tmp_path / "models" / "people.json").write_text('{"Owner": {"properties": {"pet": {"$ref": "pet.yaml"}}}}')
    response = {"description": "", "content": {"application/json": {"schema": {"$ref": "./models/pet.yaml"}}}}
    listing = read(tmp_path, spec({"/pet": {"get": {"responses": {"200": response}}}}))
    assert listing.problems == ()
    assert only(listing).output_schema == {
        "x-schema": "pet",
        "type": "object",
        "properties": {
            "owner": {
                "x-schema": "Owner",
                "type": "object",
                "properties": {"pet": {"x-schema": "pet", "type": "object", "x-cut": "recursion"}},
            }
        },
    }


@pytest.mark.requirement("catalog.references", "catalog.bad_input")
@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("#/components/schemas/None", "nothing at #/components/schemas/None"),
        ("../secret.json", "lies outside the folder"),
        ("https://example.org/x.json", "remote references are not fetched"),
        ("missing.yaml", "No such file"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named_and_the_tool_stays(tmp_path: Path, ref: str, reason: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.json").write_text('{"type": "string"}')
    parameters = [{"name": "q", "in": "query", "schema": {"$ref": ref}}]
    listing = read(tmp_path / "in", spec({"/a": {"get": {"parameters": parameters}}}))
    assert only(listing).input_schema["properties"]["q"]["x-cut"] == "unresolved"  # type: ignore[index,call-overload]
    (problem,) = listing.problems
    assert reason in problem.reason


@pytest.mark.requirement("catalog.bad_input")
@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.json", '{"openapi": "3.0.0",\n oops}', "line 2: is not JSON"),
        ("a.yaml", "openapi: 3.0.0\npaths: [a: b: c]", "line 2: is not YAML"),
        ("a.yaml", "openapi: 3.0.0\npaths: &a [*a]", "an anchor contains itself"),
        ("a.json", '{"openapi": "4.0"}', "OpenAPI 4.0 is not supported"),
        ("a.json", '{"openapi": "3.0.0"}', "has no paths"),
        ("a.json", '{"openapi": "3.0.0", "paths": []}', "paths is not an object"),
        ("a.json", '{"openapi": "3.0.0", "paths": {}}', "has no operations"),
        ("a.json", '{"openapi": "3.0.0", "paths": NaN}', "NaN is not a JSON number"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", "[]", "is not an OpenAPI document"),
    ],
)
def test_a_broken_specification_is_one_line_with_the_reason(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    listing = read_openapi(tmp_path / name)
    assert listing.tools == ()
    (problem,) = listing.problems
    assert reason in str(problem)
    assert "\n" not in str(problem)


@pytest.mark.requirement("catalog.bad_input")
def test_anchors_that_unfold_to_billions_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    (problem,) = read_openapi(tmp_path / "bomb.yaml").problems
    assert "anchors unfold to more than" in problem.reason


@pytest.mark.requirement("catalog.bad_input")
def test_broken_parts_of_an_operation_are_named_and_the_rest_of_it_stays(tmp_path: Path) -> None:
    paths: dict[str, Any] = {
        "/a": {"get": {"parameters": [7, {"in": "query"}, {"name": "ok", "in": "query"}], "responses": {"200": []}}},
        "/b": "nonsense",
        "/c": {"post": {"parameters": {}, "requestBody": {"$ref": "#/nowhere"}}},
    }
    listing = read(tmp_path, spec(paths))
    assert [tool.name for tool in listing.tools] == ["get_a", "post_c"]
    assert listing.tools[0].input_schema["properties"] == {"ok": {"x-in": "query"}}
    assert [(problem.place, problem.reason) for problem in listing.problems] == [
        ("/b", "the path item is not an object"),
        ("GET /a", "a parameter is not an object"),
        ("GET /a", "the response 200 is not an object"),
        ("GET /a", "a parameter has no name or no place"),
        ("POST /c", "parameters is not a list"),
        ("POST /c", "the request body can't be looked up: nothing at #/nowhere"),
    ]
