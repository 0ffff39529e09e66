"""What exports change and what they leave out, as docs/exports.md lists it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdscaling.cli.export import command
from tdscaling.export import EXPORTERS, Record, Row, read_dataset, read_row
from tdscaling.types import JsonObject, JsonValue

AS_READ = ("trl", "openai", "axolotl")
STRICT = ("sharegpt", "hermes", "verl", "ms-swift", "atif", "adp")
CALLS: list[JsonValue] = [{"id": name, "function": {"name": "find", "arguments": {"q": name}}} for name in "xy"]
ROW: JsonObject = {
    "messages": [
        {"role": "system", "content": ""},
        {"role": "user", "content": "one"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "", "tool_calls": CALLS},
        {"role": "tool", "content": "of y", "tool_call_id": "y"},
        {"role": "tool", "content": "of x", "tool_call_id": "x"},
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "content": "b"},
    ]
}
KEPT = ["", "one", "two", "", "of y", "of x", "a", "b"]


def contents(record: Record) -> list[str]:
    return [message.content for message in record.dialogue.messages]


def back(name: str, row: JsonObject = ROW) -> Record:
    return read_row(json.loads(json.dumps(EXPORTERS[name].record(read_row(row)))))


@pytest.mark.requirement("export.left_out")
def test_each_format_is_of_one_of_the_two_kinds() -> None:
    assert {*AS_READ, *STRICT, "trl-dpo"} == set(EXPORTERS)
    assert {name for name, one in EXPORTERS.items() if one.strict} == set(STRICT)


@pytest.mark.requirement("export.left_out")
@pytest.mark.parametrize("name", AS_READ)
def test_messages_are_as_they_were_read(name: str) -> None:
    assert contents(back(name)) == KEPT
    assert [call.id for _, call in back(name).dialogue.calls()] == ["x", "y"]


@pytest.mark.requirement("export.left_out")
@pytest.mark.parametrize("name", STRICT)
def test_strict_formats_join_neighbours_order_results_number_calls_and_drop_an_empty_system_message(name: str) -> None:
    assert contents(back(name)) == ["one\n\ntwo", "", "of x", "of y", "a\n\nb"]
    assert [call.id for _, call in back(name).dialogue.calls()] == ["call_0", "call_1"]


@pytest.mark.requirement("export.left_out")
@pytest.mark.parametrize("name", [*AS_READ, *STRICT])
def test_of_foreign_data_no_more_than_the_dialogue_is_kept(name: str) -> None:
    parts: list[JsonValue] = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "u"}}]
    tool = {"name": "find", "description": "d", "parameters": {"type": "object"}}
    row: JsonObject = {
        "messages": [
            {"role": "developer", "content": "be kind"},
            {"role": "user", "content": parts, "name": "bob"},
            {"role": "assistant", "content": "no", "refusal": "none"},
        ],
        "tools": [{"type": "function", "function": {**tool, "strict": True, "returns": {}}}],
        "score": 7,
    }
    found = EXPORTERS[name].record(read_row(row))
    for word in ("bob", "refusal", "strict", "returns", "score"):
        assert word not in json.dumps(found)
    assert contents(back(name, row)) == ["be kind", json.dumps(parts), "no"]
    assert [message.role for message in back(name, row).dialogue.messages] == ["system", "user", "assistant"]


@pytest.mark.requirement("export.left_out")
@pytest.mark.parametrize(("name", "joined"), [("sharegpt", 1), ("openai", 0)])
def test_rows_of_which_messages_were_joined_are_counted(tmp_path: Path, name: str, joined: int) -> None:
    plain = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    (tmp_path / "data.jsonl").write_text(f"{json.dumps(ROW)}\n{json.dumps(plain)}\n")
    arguments = [str(tmp_path / "data.jsonl"), "--format", name, "-o", str(tmp_path / "out")]
    assert json.loads(CliRunner().invoke(command, [*arguments, "--json"]).stdout)["joined"] == joined
    spoken = CliRunner().invoke(command, arguments).output
    assert ("1 records had neighbouring messages of one side joined" in spoken) == bool(joined)
    card = (tmp_path / "out" / "README.md").read_text()
    assert ("Neighbouring messages of one side are joined, in 1 dialogues." in card) == bool(joined)
    assert len([row for row in read_dataset(tmp_path / "out" / "train.jsonl") if isinstance(row, Row)]) == 2
