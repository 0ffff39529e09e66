"""Calls, results and blocks that stand in texts between tags."""

import pytest

from tdscaling.export import read_row
from tdscaling.types import Dialogue, JsonValue

TOOL = {"name": "find", "description": "Finds", "parameters": {"type": "object"}}
TOOLS = [{"type": "function", "function": TOOL}]


def read(**row: JsonValue) -> Dialogue:
    return read_row(row).dialogue


@pytest.mark.requirement("export.foreign")
@pytest.mark.parametrize(("role", "text"), [("from", "value"), ("role", "content")])
def test_results_in_tags_of_one_tools_turn_are_those_of_the_calls_before_it(role: str, text: str) -> None:
    calls = "\n".join(f'<tool_call>\n{{"name": "find", "arguments": {{"q": "{q}"}}}}\n</tool_call>' for q in "xy")
    results = "<tool_response>\n1\n</tool_response>\n<tool_response>\n2\n</tool_response>\n"
    turns = [("user", "look for both"), ("assistant", calls), ("tool", results), ("assistant", "Two.")]
    found = read(messages=[{role: who, text: said} for who, said in turns], tools=TOOLS).messages
    assert [(one.content, one.name, one.tool_call_id) for one in found[2:-1]] == [
        ("1", "find", found[1].tool_calls[0].id),
        ("2", "find", found[1].tool_calls[1].id),
    ]
    turns[2] = ("tool", "<tool_response>\n1\n</tool_response>\nand more")
    mixed = read(messages=[{role: who, text: said} for who, said in turns], tools=TOOLS).messages
    assert mixed[2].content == turns[2][1]


@pytest.mark.requirement("export.foreign", "export.round_trip")
def test_tags_that_a_tool_gave_beside_structured_calls_are_its_own() -> None:
    call = {"id": "1", "function": {"name": "find", "arguments": "{}"}}
    messages = [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "<tool_response>\n1\n</tool_response>"},
    ]
    assert read(messages=messages, tools=TOOLS).messages[1].content == messages[1]["content"]


@pytest.mark.requirement("export.foreign")
def test_an_answer_with_a_block_that_never_ends_is_read_in_one_look() -> None:
    content = "```json" + "\n" * 100_000 + "{"
    messages = [{"role": "user", "content": "who?"}, {"role": "assistant", "content": content}]
    assert read(messages=messages, tools=TOOLS).messages[1].content == content
