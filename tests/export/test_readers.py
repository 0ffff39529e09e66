"""Data sets of others, in the shapes in which they are public."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tdscaling.errors import ConfigError, DataError
from tdscaling.export import BadRow, Row, read_dataset, read_row
from tdscaling.export.shapes import loads
from tdscaling.types import Dialogue, JsonValue

TOOL = {
    "name": "find",
    "description": "Finds",
    "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
}
TOOLS = [{"type": "function", "function": TOOL}]


def read(**row: JsonValue) -> Dialogue:
    return read_row(row).dialogue


def checked(dialogue: Dialogue, text: str = "") -> None:
    """One user message, one call of find(q="x") with this text beside it, its result, an answer."""
    user, call, result, answer = dialogue.messages[-4:]
    assert (user.role, user.content) == ("user", "look for x")
    assert (call.role, call.content.strip()) == ("assistant", text)
    assert [(one.name, one.arguments) for one in call.tool_calls] == [("find", {"q": "x"})]
    assert (result.role, result.content, result.name) == ("tool", "[1]", "find")
    assert result.tool_call_id == call.tool_calls[0].id != ""
    assert (answer.role, answer.content) == ("assistant", "One.")
    assert [tool.name for tool in dialogue.tools] == ["find"]
    assert dialogue.tools[0].parameters == TOOL["parameters"]


@pytest.mark.requirement("export.foreign")
def test_openai_messages_without_ids_with_string_arguments_and_tools_as_text() -> None:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "look for x"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": "find", "arguments": '{"q": "x"}'}}],
        },
        {"role": "tool", "content": "[1]"},
        {"role": "assistant", "content": "One.", "tool_calls": None},
    ]
    checked(read(messages=messages, tools=json.dumps(TOOLS)))
    checked(read(messages=json.dumps(messages), tools=[TOOL]))
    checked(read(prompt=messages[:1], completion=messages[1:], tools=TOOLS))


@pytest.mark.requirement("export.foreign")
def test_toucan_rows_with_messages_as_a_string_and_function_call_fields() -> None:
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "look for x"},
        {"role": "assistant", "content": "", "function_call": {"name": "find", "arguments": '{"q": "x"}'}},
        {"role": "function", "content": "[1]", "name": "find"},
        {"role": "assistant", "content": "One."},
    ]
    record = read_row(
        {"uuid": "u1", "messages": json.dumps(messages), "tools": json.dumps(TOOLS), "target_tools": "find"}
    )
    checked(record.dialogue)
    assert record.id == "u1"


@pytest.mark.requirement("export.foreign")
def test_parallel_function_call_fields_become_one_message() -> None:
    messages = [
        {"role": "user", "content": "both"},
        {"role": "assistant", "content": "", "function_call": {"name": "find", "arguments": '{"q": "a"}'}},
        {"role": "assistant", "content": "", "function_call": {"name": "find", "arguments": '{"q": "b"}'}},
        {"role": "function", "content": "A", "name": "find"},
        {"role": "function", "content": "B", "name": "find"},
    ]
    found = read(messages=messages, tools=TOOLS).messages
    assert [call.arguments for call in found[1].tool_calls] == [{"q": "a"}, {"q": "b"}]
    assert [result.tool_call_id for result in found[2:]] == [call.id for call in found[1].tool_calls]


@pytest.mark.requirement("export.foreign")
def test_apigen_mt_rows_with_system_and_tools_beside_conversations() -> None:
    conversations = [
        {"from": "human", "value": "look for x"},
        {"from": "function_call", "value": '{"name": "find", "arguments": {"q": "x"}}'},
        {"from": "observation", "value": "[1]"},
        {"from": "gpt", "value": "One."},
    ]
    found = read(conversations=conversations, tools=json.dumps([TOOL]), system="the policy")
    checked(found)
    assert (found.messages[0].role, found.messages[0].content) == ("system", "the policy")


@pytest.mark.requirement("export.foreign")
def test_hermes_rows_with_tools_and_calls_in_the_text() -> None:
    system = f"You are a function calling AI model. <tools> {json.dumps(TOOLS)} </tools>"
    turns = [
        ("system", system),
        ("human", "look for x"),
        ("gpt", "Looking.\n<tool_call>\n{'arguments': {'q': 'x'}, 'name': 'find'}\n</tool_call>"),
        ("tool", "[1]"),
        ("gpt", "One."),
    ]
    found = read(conversations=[{"from": role, "value": text} for role, text in turns])
    checked(found, "Looking.")
    assert found.messages[0].content == system
    for role in ("human", "tool"):
        turns[3] = (role, "<tool_response>\n[1]\n</tool_response>")
        checked(read(conversations=[{"from": role, "value": text} for role, text in turns]), "Looking.")


@pytest.mark.requirement("export.foreign")
@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('{"name": "find", "arguments": {"q": "x"}}', ""),
        ('[{"name": "find", "parameters": {"q": "x"}}]', ""),
        ('Sure.\n```json\n{"name": "find", "arguments": "{\\"q\\": \\"x\\"}"}\n```', "Sure."),
        ('<think>hm</think>{"name": "find", "arguments": {"q": "x"}}', ""),
    ],
)
def test_calls_written_as_bare_or_fenced_json_are_calls(content: str, text: str) -> None:
    messages = [
        {"role": "user", "content": "look for x"},
        {"role": "assistant", "content": content},
        {"role": "tool", "content": "[1]"},
        {"role": "assistant", "content": "One."},
    ]
    checked(read(messages=messages, tools=TOOLS), text)


@pytest.mark.requirement("export.foreign")
def test_an_answer_in_json_is_no_call() -> None:
    content = '{"name": "Ada", "age": 3}'
    messages = [{"role": "user", "content": "who?"}, {"role": "assistant", "content": content}]
    assert read(messages=messages, tools=TOOLS).messages[1].content == content


@pytest.mark.requirement("export.foreign")
def test_ms_swift_rows_with_loss_off() -> None:
    messages = [
        {"role": "user", "content": "look for x"},
        {"role": "assistant", "content": "Looking."},
        {"role": "tool_call", "content": '{"name": "find", "arguments": {"q": "x"}}', "loss": False},
        {"role": "tool", "content": "[1]"},
        {"role": "assistant", "content": "One.", "loss": True},
    ]
    found = read(messages=messages, tools=json.dumps(TOOLS))
    checked(found, "Looking.")
    assert [message.mark for message in found.messages] == [None, "redundant", None, None]


@pytest.mark.requirement("export.foreign")
def test_atif_and_adp_rows_of_other_agents() -> None:
    steps = [
        {"step_id": 1, "timestamp": "2026-01-01", "source": "user", "message": "look for x"},
        {
            "step_id": 2,
            "source": "agent",
            "message": "",
            "tool_calls": [{"tool_call_id": "a", "function_name": "find", "arguments": {"q": "x"}}],
            "observation": {"results": [{"source_call_id": "a", "content": "[1]"}]},
        },
        {"step_id": 3, "source": "agent", "message": "One."},
    ]
    checked(
        read(schema_version="ATIF-v1.6", session_id="s", agent={"name": "n", "tool_definitions": TOOLS}, steps=steps)
    )
    content = [
        {"class_": "text_observation", "content": "look for x", "source": "user"},
        {"class_": "api_action", "function": "find", "kwargs": {"q": "x"}},
        {"class_": "text_observation", "content": "[1]", "source": "environment"},
        {"class_": "code_action", "language": "python", "content": "1"},
        {"class_": "message_action", "content": "One."},
    ]
    found = read_row({"id": "i", "content": content, "details": {}})
    assert [call.name for _, call in found.dialogue.calls()] == ["find", "execute_python"]
    assert found.id == "i"


@pytest.mark.requirement("export.bad_row")
def test_bad_rows_are_numbered_with_the_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = json.dumps({"messages": [{"role": "user", "content": "hi"}]})
    broken_call = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}
    lines = [
        good,
        '{"messages": [',
        "",
        "[1]",
        '{"text": "x"}',
        '{"messages": []}',
        '{"messages": [{"role": "king", "content": ""}]}',
        json.dumps({"messages": [{"role": "user", "content": ""}, broken_call]}),
        '{"messages": [3]}',
        '{"messages": "nonsense"}',
        '{"messages": [{"role": "user", "content": "a"}], "tools": "{"}',
        good,
    ]
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    rows = list(read_dataset(path))
    assert [row.number for row in rows if isinstance(row, Row)] == [1, 11]
    reasons = {row.number: row.reason for row in rows if isinstance(row, BadRow)}
    assert sorted(reasons) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "not JSON" in reasons[2]
    assert reasons[3] == "it is no object"
    assert "its columns are text" in reasons[4]
    assert "unknown role 'king'" in reasons[6]
    assert reasons[7].startswith("message 1: arguments of f is not JSON")
    assert all("\n" not in reason for reason in reasons.values())


@pytest.mark.parametrize("held", ["{'x'}", "b'x'", "1e999", "{('a', 'b'): 1}"])
def test_a_python_literal_that_json_has_no_form_for_is_no_argument(held: str) -> None:
    with pytest.raises(DataError, match="the call is not JSON"):
        loads(f"{{'q': {held}}}", "the call")
    assert loads("{'q': ('x', None)}", "the call") == {"q": ["x", None]}


def test_a_folder_is_read_by_name_through_all_its_kinds(tmp_path: Path) -> None:
    def rows(text: str) -> list[dict[str, object]]:
        return [{"messages": [{"role": "user", "content": text}]}]

    (tmp_path / "data").mkdir()
    parquet.write_table(pa.Table.from_pylist(rows("a")), tmp_path / "data" / "a.parquet")
    table = pa.Table.from_pylist(rows("b"))
    with pa.ipc.new_stream(str(tmp_path / "data" / "b.arrow"), table.schema) as stream:
        stream.write_table(table)
    (tmp_path / "data" / "c.json").write_text(json.dumps(rows("c")))
    (tmp_path / "data" / "d.jsonl").write_text(json.dumps(rows("d")[0]))
    (tmp_path / "dataset_info.json").write_text("{}")
    (tmp_path / "README.md").write_text("no data")
    found = list(read_dataset(tmp_path))
    assert [row.record.dialogue.messages[0].content for row in found if isinstance(row, Row)] == ["a", "b", "c", "d"]
    assert [row.number for row in found] == [1, 2, 3, 4]


def test_what_can_not_be_read_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        list(read_dataset(tmp_path / "no"))
    with pytest.raises(ConfigError, match=r"holds no \.jsonl"):
        list(read_dataset(tmp_path))
    (tmp_path / "a.csv").write_text("a")
    with pytest.raises(ConfigError, match="is none of"):
        list(read_dataset(tmp_path / "a.csv"))
    for name in ("a.parquet", "a.arrow", "a.json", "a.jsonl.gz"):
        (tmp_path / name).write_bytes(b"\x1f\x8bno")
        with pytest.raises(DataError, match="can't be read"):
            list(read_dataset(tmp_path / name))


def test_calls_that_code_made_come_back_without_any_other_column_of_ours() -> None:
    call = {"id": "1", "function": {"name": "python", "arguments": "{}"}}
    made = {"name": "find", "arguments": {"q": "x"}, "content": "found x", "is_error": False}
    dialogue = read(
        messages=[
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ],
        tools=TOOLS,
        nested=json.dumps({"1": [made]}),
    )
    assert [(one.name, one.arguments, one.content) for one in dialogue.messages[1].nested] == [
        ("find", {"q": "x"}, "found x")
    ]
