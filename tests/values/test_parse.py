"""Results as real servers write them become fields."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.types import JsonValue
from tdscaling.values import leaves, parse
from tdscaling.values.parse import MAX_CHARS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner),
    max_leaves=12,
)


@pytest.mark.requirement("values.shapes")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"id": 7, "tags": ["a"]}', {"id": 7, "tags": ["a"]}, id="json object"),
        pytest.param(' [1, 2]\n', [1, 2], id="json in white space"),
        pytest.param("[{'name': 'orders', 'open': None}]", [{"name": "orders", "open": None}], id="python literal"),
        pytest.param("{'at': (1, 2)}", {"at": [1, 2]}, id="python tuple"),
        pytest.param('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}], id="json lines"),
        pytest.param('{"a": 1}\n\n{\n  "a": 2\n}', [{"a": 1}, {"a": 2}], id="several pretty-printed documents"),
        pytest.param(
            "Commit: a1\nAuthor: Ada\n\nCommit: b2\nAuthor: Ben",
            {"records": [{"Commit": "a1", "Author": "Ada"}, {"Commit": "b2", "Author": "Ben"}]},
            id="records of key and value",
        ),
        pytest.param("* main\n  dev", {"lines": ["main", "dev"]}, id="branches"),
        pytest.param("- one\n- two", {"lines": ["one", "two"]}, id="bullets"),
        pytest.param("- one", {"lines": ["one"]}, id="a single bullet is a list of one"),
        pytest.param("1. one\n2) two", {"lines": ["one", "two"]}, id="numbered"),
        pytest.param("[FILE] a.txt\n[DIR] src", {"lines": ["a.txt", "src"]}, id="tagged listing"),
        pytest.param("Files:\n- a\n- b", {"lines": ["a", "b"]}, id="a heading is no entry"),
        pytest.param(
            "name: x\nfree text", {"records": [{"name": "x"}], "lines": ["free text"]}, id="records beside lines"
        ),
        pytest.param(
            "id=3 | a/b | Title\nid=4 | a/c | Other",
            [{"id": 3, "column2": "a/b", "column3": "Title"}, {"id": 4, "column2": "a/c", "column3": "Other"}],
            id="columns between pipes",
        ),
        pytest.param(
            "Saved row id=12 in sheet=Costs", {"text": "Saved row id=12 in sheet=Costs", "id": 12, "sheet": "Costs"},
            id="assignments in a sentence",
        ),
        pytest.param('{"books/a.xlsx": 5, "books/b.xlsx": 6}',
                     [{"key": "books/a.xlsx", "value": 5}, {"key": "books/b.xlsx", "value": 6}], id="keyed by data"),
        pytest.param("All good", "All good", id="one line"),
        pytest.param('"quoted"', "quoted", id="json string"),
        pytest.param("", "", id="nothing"),
        pytest.param(" \n\t ", "", id="white space"),
        pytest.param("{not json", "{not json", id="broken json"),
        pytest.param('{"a": 1} and more', '{"a": 1} and more', id="json with a tail"),
        pytest.param("007", "007", id="a code"),
    ],
)  # fmt: skip
def test_a_result_becomes_the_fields_that_it_shows(text: str, expected: JsonValue) -> None:
    assert parse(text) == expected


@pytest.mark.requirement("values.shapes")
def test_of_a_patch_only_what_is_not_part_of_a_file_is_read() -> None:
    patch = "commit: a1\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-price: 1\n+price: 2\n stock: 3\n"
    assert parse(patch) == {"records": [{"commit": "a1"}], "lines": ["diff --git a/x b/x"]}


@pytest.mark.requirement("values.shapes")
def test_the_structured_part_outranks_the_text_and_a_wrapped_text_is_looked_into() -> None:
    assert parse("ignored", {"rows": [1]}) == {"rows": [1]}
    assert parse("ignored", {"result": "- a\n- b"}) == {"lines": ["a", "b"]}
    assert parse("kept", {}) == "kept"


@pytest.mark.requirement("values.lines")
@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_unicode_separators_are_text_not_ends_of_lines(separator: str) -> None:
    found = parse(f"title: first{separator}second: no field\nsku: a")
    assert found == {"records": [{"title": f"first{separator}second: no field", "sku": "a"}]}
    rows = parse(f"id=1 | a{separator}b\nid=2 | c")
    assert rows == [{"id": 1, "column2": f"a{separator}b"}, {"id": 2, "column2": "c"}]


@pytest.mark.requirement("values.lines")
def test_lines_that_end_as_on_windows_are_read_alike() -> None:
    assert parse("name: x\r\nage: 3\r\n") == parse("name: x\nage: 3")


@pytest.mark.requirement("values.tolerant")
def test_a_long_text_is_read_up_to_the_limit_and_kept_whole_beyond() -> None:
    line = "- entry of the list\n"
    within = line * (MAX_CHARS // len(line))
    assert len(list(leaves(parse(within)))) == MAX_CHARS // len(line)
    beyond = within + line * 2
    assert parse(beyond) == beyond.strip()


@pytest.mark.requirement("values.tolerant")
@pytest.mark.parametrize("depth", [90, 400, 500, 700, 900, 990, 3000, 60_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}"), ("(", ",)"), ("{'a':", "}")])
def test_deep_nesting_is_read_or_left_as_text(depth: int, start: str, end: str) -> None:
    found = list(leaves(parse(start * depth + "1" + end * depth)))
    assert len(found) == 1
    assert found[0].value == 1 or found[0].path == ""


@pytest.mark.requirement("values.tolerant")
def test_digits_that_are_no_numbers_stay_text() -> None:
    assert parse("area=m² at=²") == {"text": "area=m² at=²", "area": "m²", "at": "²"}


@pytest.mark.requirement("values.tolerant")
@given(st.text(alphabet=st.one_of(st.sampled_from("[]{}()'\":,=|-*+ \n\r\\1²x@/.#"), st.characters()), max_size=60))
def test_no_text_stops_the_reading(text: str) -> None:
    for leaf in leaves(parse(text)):
        assert leaf.value is None or isinstance(leaf.value, str | int | float | bool)


@pytest.mark.requirement("values.shapes")
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), JSON, min_size=1) | st.lists(JSON))
def test_json_is_read_as_it_is(value: JsonValue) -> None:
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value, indent=2, ensure_ascii=False)) == value
