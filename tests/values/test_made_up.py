"""Values made up for parameters, and what schemas, workspaces and queries give for them."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey
from tdscaling.values.ambient import ambient
from tdscaling.values.generate import Generator, choices
from tdscaling.values.offer import MAX_NAME, offer
from tdscaling.values.schema import optional, parameters, resolve
from tdscaling.values.sql import is_sql, queries

NAMES = st.sampled_from(
    ["email", "city", "branch_name", "amount", "timezone", "start_date", "tags", "x", "note", "url"]
)
PLAIN: st.SearchStrategy[JsonObject] = st.one_of(
    st.just({"type": "string"}),
    st.just({"type": "boolean"}),
    st.builds(lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
              st.integers(-50, 50), st.integers(0, 90)),
    st.builds(lambda values: {"enum": values}, st.lists(st.integers() | st.text(min_size=1), min_size=1, unique=True)),
    st.just({"anyOf": [{"type": "null"}, {"type": "string"}]}),
)  # fmt: skip
SCHEMAS: st.SearchStrategy[JsonObject] = st.recursive(
    PLAIN,
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.builds(
            lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)},
            st.dictionaries(NAMES, inner, min_size=1, max_size=3),
        )
    ),
    max_leaves=4,
)


@pytest.mark.requirement("values.generate")
@given(NAMES, SCHEMAS, st.integers(0, 10**6))
def test_a_made_up_value_fits_its_schema(name: str, schema: JsonObject, seed: int) -> None:
    value = Generator(Random(seed)).value(name, schema)
    assert not list(Draft202012Validator(schema).iter_errors(value))


@pytest.mark.requirement("values.generate")
@given(NAMES, SCHEMAS, st.integers(0, 10**6))
def test_the_same_seed_makes_the_same_value(name: str, schema: JsonObject, seed: int) -> None:
    assert Generator(Random(seed)).value(name, schema) == Generator(Random(seed)).value(name, schema)


@pytest.mark.requirement("values.generate")
@pytest.mark.parametrize("value", ["main", "books/a.xlsx", "", 7, 2.5, ["a", 3], {"a": "b"}])
def test_a_control_has_the_type_of_the_value_and_is_another(value: JsonValue) -> None:
    other = Generator(Random(1)).unlike(value)
    assert other != value
    assert isinstance(other, type(value)) or (isinstance(value, float) and isinstance(other, int))


@pytest.mark.requirement("values.generate")
def test_a_control_of_a_path_keeps_its_folder_and_ending() -> None:
    assert re.fullmatch(r"/w/books/[a-z]{6,}\.xlsx", str(Generator(Random(1)).unlike("/w/books/a.xlsx")))


@pytest.mark.requirement("values.generate")
def test_what_a_schema_offers_comes_before_what_its_description_quotes() -> None:
    assert choices({"type": "string", "enum": ["a", "b"], "description": "not 'c'"}) == ("a", "b")
    assert choices({"anyOf": [{"const": "x"}, {"type": "null"}], "default": "y"}) == ("y", "x")
    assert choices({"type": "string", "description": "either 'local', \"remote\" or `all`"}) == (
        "local",
        "remote",
        "all",
    )
    assert choices({"type": "integer", "description": "don't use '7'"}) == ()


@pytest.mark.requirement("values.offer")
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "long-" * 20]), st.text(min_size=1, max_size=90)), unique=True))
def test_offered_names_are_acceptable(named: list[tuple[str, str]]) -> None:
    tools = {ToolKey(*pair): Tool(server=pair[0], name=pair[1]) for pair in named}
    offered = offer(list(tools), tools)
    assert [(tool.server, tool.tool) for tool in offered] == named
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool.name) for tool in offered)
    assert len({tool.name for tool in offered}) == len(offered)


@pytest.mark.requirement("values.offer")
def test_the_same_name_on_two_servers_is_told_apart_by_the_server() -> None:
    tools = {ToolKey(s, n): Tool(server=s, name=n) for s, n in (("a", "list"), ("b", "list"), ("b", "get it"))}
    assert [tool.name for tool in offer(list(tools), tools)] == ["a__list", "b__list", "get_it"]
    assert MAX_NAME == 64


@pytest.mark.requirement("values.schemas")
def test_references_are_followed_and_recursive_ones_end() -> None:
    node: JsonObject = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    root: JsonObject = {
        "type": "object",
        "properties": {"first": {"$ref": "#/$defs/Node"}, "name": {"type": "string"}, "odd": True},
        "required": ["first", "absent"],
        "$defs": {"Node": node},
    }
    tool = Tool(server="s", name="t", input_schema=root)
    needed = parameters(tool)
    assert list(needed) == ["first", "absent"]
    assert needed["first"]["type"] == "object"
    assert needed["absent"] == {}
    assert optional(tool) == {"name": {"type": "string"}}
    assert resolve({"$ref": "#/nowhere"}, root) == {"$ref": "#/nowhere"}
    assert isinstance(Generator(Random(0)).value("first", needed["first"]), dict)


@pytest.mark.requirement("values.schemas")
@pytest.mark.parametrize("schema", [{}, {"properties": [], "required": "x"}, {"required": ["a"]}])
def test_a_schema_without_properties_has_no_parameters(schema: JsonObject) -> None:
    assert parameters(Tool(server="s", name="t", input_schema=schema)) == {}


@pytest.mark.requirement("values.places")
def test_a_parameter_gets_the_paths_that_fit_it() -> None:
    paths = ["/w/books/", "/w/books/a.xlsx", "/w/data.csv", "/w/repo/", "/w/repo/.git/"]
    excel = Tool(server="excel", name="read_sheet", description="Reads a sheet of a workbook")
    assert ambient(excel, "filepath", {"type": "string"}, paths)[0] == "/w/books/a.xlsx"
    git = Tool(server="git", name="git_log")
    assert ambient(git, "repo_path", {"type": "string"}, paths)[0] == "/w/repo"
    files = Tool(server="files", name="list_folder")
    assert ambient(files, "directory", {"type": "string"}, paths)[0] in ("/w/books", "/w/repo")
    assert ambient(files, "title", {"type": "string"}, paths) == []
    assert ambient(files, "path", {"type": "string"}, []) == []


@pytest.mark.requirement("values.sql")
def test_queries_are_made_for_readers_only() -> None:
    reads: JsonObject = {"type": "string", "description": "SELECT SQL query to execute"}
    writes: JsonObject = {"type": "string", "description": "INSERT, UPDATE or DELETE SQL query"}
    assert is_sql("query", reads)
    assert is_sql("query", writes)
    assert queries("query", reads, ["orders"]) == [
        "SELECT COUNT(*) AS total FROM orders",
        "SELECT * FROM orders LIMIT 3",
    ]
    assert queries("query", writes, ["orders"]) == []
