"""`measure` on folders of others: every public shape, in every container they come in."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tdscaling.errors import DataError
from tdscaling.export import BadRow, parts, read_dataset
from tdscaling.measurement import measure
from tdscaling.metrics import describe
from tdscaling.types import Dialogue, Message, OfferedTool, ToolCall

TOOL = {
    "name": "get_order",
    "description": "An order by its number",
    "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
}
ASK, RESULT, ANSWER = "Where is order W-4410?", '{"order_id": "W-4410", "eta": "Friday"}', "It comes on Friday."
ARGUMENTS = {"order_id": "W-4410"}
CALL = {"name": "get_order", "arguments": ARGUMENTS}
TEXT_CALL = {"name": "get_order", "arguments": json.dumps(ARGUMENTS)}


def turns(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"from": who, "value": text} for who, text in pairs]


SHAPES: dict[str, dict[str, Any]] = {
    "openai": {
        "messages": [
            {"role": "user", "content": ASK},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": CALL}]},
            {"role": "tool", "tool_call_id": "c1", "content": RESULT},
            {"role": "assistant", "content": ANSWER},
        ],
        "tools": [{"type": "function", "function": TOOL}],
    },
    "llama-factory": {
        "conversations": turns(
            ("human", ASK), ("function_call", json.dumps(CALL)), ("observation", RESULT), ("gpt", ANSWER)
        ),
        "system": "You help.",
        "tools": json.dumps([TOOL]),
    },
    "hermes": {
        "conversations": turns(
            ("system", f"You may call functions. <tools> {json.dumps([TOOL])} </tools>"),
            ("human", ASK),
            ("gpt", f"<tool_call>\n{json.dumps(CALL)}\n</tool_call>"),
            ("tool", f"<tool_response>\n{RESULT}\n</tool_response>"),
            ("gpt", ANSWER),
        )
    },
    "toucan": {
        "uuid": "u-1",
        "subset_name": "single-turn-original",
        "question": ASK,
        "target_tools": "get_order",
        "tools": json.dumps([{"type": "function", "function": TOOL}]),
        "messages": json.dumps(
            [
                {"role": "user", "content": ASK},
                {"role": "assistant", "content": "", "function_call": TEXT_CALL},
                {"role": "function", "name": "get_order", "content": RESULT},
                {"role": "assistant", "content": ANSWER},
            ]
        ),
    },
    "apigen-mt": {
        "conversations": turns(
            ("human", ASK), ("function_call", json.dumps(CALL)), ("observation", RESULT), ("gpt", ANSWER)
        ),
        "tools": json.dumps([TOOL]),
        "system": "# Retail agent policy",
    },
    "atif": {
        "schema_version": "ATIF-v1.6",
        "session_id": "s-1",
        "agent": {"name": "a", "version": "1", "tool_definitions": [{"type": "function", "function": TOOL}]},
        "steps": [
            {"step_id": 1, "source": "user", "message": ASK},
            {
                "step_id": 2,
                "source": "agent",
                "message": "",
                "tool_calls": [{"tool_call_id": "c1", "function_name": "get_order", "arguments": ARGUMENTS}],
                "observation": {"results": [{"source_call_id": "c1", "content": RESULT}]},
            },
            {"step_id": 3, "source": "agent", "message": ANSWER},
        ],
    },
    "adp": {
        "id": "a-1",
        "content": [
            {"class_": "text_observation", "content": ASK, "source": "user"},
            {"class_": "api_action", "function": "get_order", "kwargs": ARGUMENTS, "description": None},
            {"class_": "text_observation", "content": RESULT, "source": "environment"},
            {"class_": "message_action", "content": ANSWER},
        ],
        "details": {"tools": json.dumps([TOOL])},
    },
}


def lines(*rows: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.mark.requirement("metrics.shapes")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_dialogue_is_measured_alike_in_every_public_shape(tmp_path: Path, shape: str) -> None:
    (tmp_path / "data.jsonl").write_text(lines(SHAPES[shape]))
    found = measure(tmp_path / "data.jsonl").summary
    assert (found.primary_modes, found.tools, found.calls, found.turns) == ({"direct": 1}, {"get_order": 1}, 1, 1)
    assert found.cac_mean == 1.5


@pytest.mark.requirement("metrics.shapes")
def test_shapes_and_containers_are_mixed_in_one_folder_and_bad_rows_keep_their_number(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(SHAPES["openai"]) + "{broken\n" + lines(SHAPES["atif"]))
    (tmp_path / "b.json").write_text(json.dumps([SHAPES["hermes"], 7, SHAPES["toucan"]], indent=2))
    parquet.write_table(pa.Table.from_pylist([SHAPES["llama-factory"]]), tmp_path / "c.parquet")
    (tmp_path / "d.json").write_text(lines(SHAPES["adp"], SHAPES["apigen-mt"]))
    (tmp_path / "e.json").write_text(json.dumps(SHAPES["openai"], indent=2))
    found = measure(tmp_path)
    assert [(row.number, row.reason.partition(":")[0]) for row in found.bad] == [
        (2, "it is not JSON"),
        (5, "it is no object (in b.json)"),
    ]
    assert (found.summary.n, found.summary.primary_modes) == (8, {"direct": 8})
    assert measure(tmp_path, processes=2) == found


@pytest.mark.requirement("metrics.on_disk")
@pytest.mark.parametrize("container", ["stream", "file"])
def test_a_dataset_that_hugging_face_saved_is_read_and_what_lies_beside_it_is_not(
    tmp_path: Path, container: str
) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for split in ("train", "test"):
        folder = tmp_path / split
        folder.mkdir()
        (folder / "dataset_info.json").write_text('{"features": {}}')
        (folder / "state.json").write_text('{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}')
        table = pa.Table.from_pylist([SHAPES["openai"]] * 3)
        for name in ("data-00000-of-00001.arrow", "cache-1f2e3d.arrow"):
            opened = pa.ipc.new_stream if container == "stream" else pa.ipc.new_file
            with opened(str(folder / name), table.schema) as writer:
                writer.write_table(table)
    assert measure(tmp_path).summary.n == 6


@pytest.mark.requirement("metrics.nulls")
def test_keys_that_arrow_filled_with_nulls_are_no_arguments(tmp_path: Path) -> None:
    calls = [{"order_id": "W-4410"}, {"customer": {"name": "Ada", "age": None}}]
    rows = []
    for arguments in calls:
        row = json.loads(json.dumps(SHAPES["openai"]))
        row["messages"][1]["tool_calls"][0]["function"]["arguments"] = arguments
        rows.append(row)
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "data.parquet")
    found = [one.record.dialogue for one in read_dataset(tmp_path) if not isinstance(one, BadRow)]
    assert [dict(call.arguments) for one in found for _, call in one.calls()] == [
        calls[0],
        {"customer": {"name": "Ada"}},
    ]
    assert found[0].messages[0].tool_calls == ()


@pytest.mark.requirement("metrics.sources")
@pytest.mark.parametrize("size", [3, 50, 1 << 20])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_json_list_is_read_bit_by_bit_to_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, indent: int | None
) -> None:
    rows = [{"messages": [{"role": "user", "content": text}]} for text in ("a\u2028b", "[}", 'say "hi"\n', "ü" * 90)]
    (tmp_path / "data.json").write_text(json.dumps(rows, indent=indent, ensure_ascii=False), encoding="utf-8")
    monkeypatch.setattr(parts, "SIZE", size)
    found = [one.record.dialogue for one in read_dataset(tmp_path) if not isinstance(one, BadRow)]
    assert [one.messages[0].content for one in found] == [row["messages"][0]["content"] for row in rows]


@pytest.mark.requirement("metrics.sources")
@pytest.mark.parametrize("text", ["[1, {", '[{"a": 1} ', "{torn", "", "word"])
def test_a_json_file_that_breaks_off_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.json").write_text(text)
    with pytest.raises(DataError, match=r"data\.json can't be read"):
        list(read_dataset(tmp_path))


def test_a_list_of_tools_in_a_system_message_says_no_value() -> None:
    """Hermes text has it there, other forms beside the messages: the figures are the same."""
    about = "An order by its number, such as W-4410"
    tools = tuple(OfferedTool(name=name, description=about) for name in ("list_orders", "get_order"))
    listed, asked = (
        ToolCall(id="1", name="list_orders", arguments={}),
        ToolCall(id="2", name="get_order", arguments=ARGUMENTS),
    )
    dialogue = Dialogue(
        messages=(
            Message(role="system", content="You may call functions."),
            Message(role="user", content="Where is what I ordered?"),
            Message(role="assistant", tool_calls=(listed,)),
            Message(role="tool", tool_call_id="1", content='[{"order_id": "W-4410"}]'),
            Message(role="assistant", tool_calls=(asked,)),
            Message(role="tool", tool_call_id="2", content=RESULT),
        ),
        tools=tools,
    )
    section = f"<tools>{json.dumps([{'name': tool.name, 'description': about} for tool in tools])}</tools>"
    system = replace(dialogue.messages[0], content=f"You may call functions. {section}")
    hermes = replace(dialogue, messages=(system, *dialogue.messages[1:]))
    assert describe(hermes, "shop") == describe(dialogue, "shop")
    assert "sequential" in describe(hermes, "shop").modes
