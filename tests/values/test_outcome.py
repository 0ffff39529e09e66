"""Errors, empty answers and answers are told apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.types import JsonValue, ToolResult
from tdscaling.values import empty, failed, looks_like_error
from tdscaling.values.outcome import error_object


@pytest.mark.requirement("values.outcomes")
@pytest.mark.parametrize(
    "text",
    ["Error: unknown item 'x'", "error executing tool: boom", "Traceback (most recent call last):",
     "Invalid sheet name", "KeyError: 'sku'", "ValueError: bad", "[Error] no such file", "Failed to open the workbook",
     "Cannot delete the branch",
     "Could not find the range", "Permission denied", "Database error: no such table: u", '{"error": "bad id"}',
     '{"success": false, "message": "x"}', '{"status": "error"}', "Request timed out.",
     '{"\\u0065rror": "bad id"}'],
)  # fmt: skip
def test_an_error_said_in_text_is_a_failure(text: str) -> None:
    assert looks_like_error(text)
    assert failed(ToolResult(content=text))


@pytest.mark.requirement("values.outcomes")
@pytest.mark.parametrize(
    "text",
    ["No errors found.", "error_rate: 3", '{"error": null, "rows": [1]}', '{"errors": [], "ok": true}', "0 failures",
     "Commit: a1\nMessage: Error handling reworked", "main", "", "errors: none",
     "A terror: the film", "TerrorError",
     '{"status": "failing?"}'],
)  # fmt: skip
def test_text_that_only_speaks_of_errors_is_no_failure(text: str) -> None:
    assert not failed(ToolResult(content=text))


@pytest.mark.requirement("values.outcomes")
def test_what_the_server_flags_is_a_failure_whatever_it_says() -> None:
    assert failed(ToolResult(content="fine", is_error=True))
    assert failed(ToolResult(content="fine", fault="timeout"))


@pytest.mark.requirement("values.outcomes")
@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "", "  ", "null", "No items found", "nothing matches", "0 results", '{"rows": [], "count": 0}',
     "Item x not found", "The file does not exist"],
)  # fmt: skip
def test_finding_nothing_is_empty(text: str) -> None:
    assert empty(ToolResult(content=text))


@pytest.mark.requirement("values.outcomes")
@pytest.mark.parametrize(
    "text", ["7", "0.5 kg", "0:30", "0-3", "- none of these\n- one", '{"rows": [0]}', "North", '[""]', "None\nx: 1"]
)
def test_an_answer_is_not_empty(text: str) -> None:
    assert not empty(ToolResult(content=text))


@pytest.mark.requirement("values.outcomes")
@given(
    st.dictionaries(
        st.sampled_from(
            ["error", "errors", "error_message", "errorMessage", "exception", "success", "ok", "status", "n"]
        ),
        st.sampled_from([None, False, True, "", "failed", "error", "bad", 0, 3]),
    ),
    st.booleans(),
)
def test_an_object_is_an_error_whether_it_is_read_or_only_glanced_at(found: dict[str, JsonValue], python: bool) -> None:
    assert looks_like_error(repr(found) if python else json.dumps(found)) == error_object(found)
