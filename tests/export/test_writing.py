"""Files: whole or not at all, streamed, with a card; and the command that writes them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pyarrow import parquet
from tests.store.sample import outcome, rejected, trajectory

from tdscaling.cli.export import command
from tdscaling.errors import ConfigError, DataError
from tdscaling.export import EXPORTERS, Record, Row, read_dataset, record_of, write_dataset
from tdscaling.export.card import dataset_info
from tdscaling.export.writers import arrow_safe
from tdscaling.store import RunStore
from tdscaling.types import Dialogue, JsonValue, Message, ToolCall

RECORD = record_of(trajectory(1))
USER_ONLY = Record(dialogue=Dialogue(messages=(Message(role="user", content="hi"),)), id="u")


def run_with_kept_and_rejected(folder: Path) -> Path:
    with RunStore.open(folder, "f1", "seed: 7") as store:
        for one in (outcome(2), outcome(0), outcome(1, "effects"), rejected(3)):
            store.record(one)
    return folder


def export(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def read(path: Path) -> list[Record]:
    return [row.record for row in read_dataset(path) if isinstance(row, Row)]


@pytest.mark.requirement("export.atomic")
@pytest.mark.parametrize("name", ["data.jsonl", "data.parquet"])
def test_an_export_that_breaks_off_leaves_the_old_file_and_no_part(tmp_path: Path, name: str) -> None:
    def torn() -> Iterator[Record]:
        yield RECORD
        raise DataError("the run is damaged")

    path = tmp_path / name
    write_dataset([RECORD], EXPORTERS["trl"], path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="the run is damaged"):
        write_dataset(torn(), EXPORTERS["trl"], path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.requirement("export.refused")
def test_records_a_format_can_not_hold_are_counted_and_the_rest_is_written(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    written = write_dataset([USER_ONLY, RECORD, USER_ONLY], EXPORTERS["sharegpt"], path)
    assert (written.records, [bad.number for bad in written.skipped]) == (1, [1, 3])
    assert "LLaMA-Factory would drop it" in written.skipped[0].reason
    assert [record.id for record in read(path)] == ["t1"]


NO_JSON = ("NaN", "Infinity", "-Infinity")


@pytest.mark.requirement("export.refused")
@pytest.mark.parametrize("name", [name for name, one in EXPORTERS.items() if one.shape != "pairs"])
@pytest.mark.parametrize("place", ["arguments", "tools"])
def test_numbers_that_are_no_json_are_refused_and_never_written(tmp_path: Path, name: str, place: str) -> None:
    def held(word: str) -> str:
        call = {"id": "1", "function": {"name": "f", "arguments": f'{{"a": {word if place == "arguments" else 1}}}'}}
        messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "", "tool_calls": [call]}]
        messages += [{"role": "tool", "content": "NaN"}, {"role": "assistant", "content": "yo"}]
        tool = f'{{"name": "f", "parameters": {{"default": {word if place == "tools" else 2}}}}}'
        return json.dumps({"messages": messages, "tools": f"[{tool}]"})

    (tmp_path / "data.jsonl").write_text("\n".join(map(held, (*NO_JSON, "1"))))
    for kind in EXPORTERS[name].kinds:
        written = write_dataset(read(tmp_path / "data.jsonl"), EXPORTERS[name], tmp_path / f"out{kind}")
        assert [bad.number for bad in written.skipped] == [1, 2, 3]
        assert all("no JSON" in bad.reason for bad in written.skipped)
        assert len(read(tmp_path / f"out{kind}")) == written.records == 1
    json.loads((tmp_path / "out.jsonl").read_text(), parse_constant=pytest.fail)


@pytest.mark.requirement("export.refused")
@pytest.mark.parametrize("value", [float("nan"), {"cac": float("inf")}, [{"arguments": {"a": [float("nan")]}}]])
def test_what_makes_a_row_ready_for_parquet_sees_numbers_that_are_no_json(value: JsonValue) -> None:
    with pytest.raises(DataError, match="no JSON"):
        arrow_safe({"a": [1.5, value]})


def test_a_missing_value_of_a_pandas_table_is_no_metadata(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "hi"}], "cac": float("nan"), "domain": "mail"}
    (tmp_path / "data.jsonl").write_text(json.dumps(row))
    assert read(tmp_path / "data.jsonl")[0].metadata == {"domain": "mail"}


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.parquet"):
        one, two = tmp_path / name, tmp_path / f"again-{name}"
        for path in (one, two):
            write_dataset([RECORD] * 3, EXPORTERS["openai"], path)
        assert one.read_bytes() == two.read_bytes()


def test_more_records_than_a_row_group_holds_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    write_dataset((record_of(trajectory(number)) for number in range(1100)), EXPORTERS["trl"], path)
    assert [record.id for record in read(path)] == [f"t{number}" for number in range(1100)]


def test_a_text_that_is_no_unicode_does_not_stop_the_export(tmp_path: Path) -> None:
    torn = Message(role="user", content="torn \ud83d emoji")
    call = ToolCall(id="1", name="say", arguments={"text": "\\ \ud83d"})
    record = Record(dialogue=Dialogue(messages=(torn, Message(role="assistant", tool_calls=(call,)))), id="u")
    for form in ("openai", "axolotl"):
        for name, content in (("a.jsonl", "torn \ud83d emoji"), ("a.parquet", "torn ? emoji")):
            write_dataset([record], EXPORTERS[form], tmp_path / name)
            user, answer = read(tmp_path / name)[0].dialogue.messages
            assert (user.content, answer.tool_calls) == (content, (call,))


def test_an_ending_without_a_kind_and_a_place_that_can_not_be_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in none of \.jsonl, which"):
        write_dataset([RECORD], EXPORTERS["atif"], tmp_path / "a.parquet")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be written"):
        write_dataset([RECORD], EXPORTERS["trl"], tmp_path / "file" / "a.jsonl")


@pytest.mark.requirement("export.llama_factory")
def test_dataset_info_keeps_the_entries_of_others(tmp_path: Path) -> None:
    path = tmp_path / "dataset_info.json"
    path.write_text('{"mine": {"file_name": "m.json"}}')
    found = json.loads(dataset_info(path, "runs", "train.jsonl"))
    assert found["mine"] == {"file_name": "m.json"}
    assert found["runs"]["formatting"] == "sharegpt"
    assert found["runs"]["columns"] == {"messages": "conversations", "system": "system", "tools": "tools"}
    path.write_text("[1]")
    with pytest.raises(DataError, match="mend it or move it away"):
        dataset_info(path, "runs", "train.jsonl")


@pytest.mark.requirement("export.command", "export.card")
def test_a_run_is_exported_in_item_order_without_its_rejected_ones_and_with_a_card(tmp_path: Path) -> None:
    run = run_with_kept_and_rejected(tmp_path / "run")
    result = export(run, "--format", "trl", "-o", tmp_path / "out", "--licence", "apache-2.0")
    assert result.exit_code == 0, result.output
    assert "2 records" in result.output
    assert [record.id for record in read(tmp_path / "out" / "train.jsonl")] == ["t0", "t2"]
    text = (tmp_path / "out" / "README.md").read_text()
    header = yaml.safe_load(text.split("---\n")[1])
    assert header["license"] == "apache-2.0"
    assert "synthetic" in header["tags"]
    assert "users are simulated" in text
    assert header["configs"][0]["data_files"] == [{"split": "train", "path": "train.jsonl"}]
    for line in ("2 dialogues, 20 messages, 6 calls of 2 tools", "| version control | 2 |", "| recovering | 2 |"):
        assert line in text
    for line in ("| failed: effects | 1 |", "| rejected: no-op passes | 1 |", "| config fingerprint | f1 |"):
        assert line in text


@pytest.mark.requirement("export.command")
def test_rejected_trajectories_come_on_demand_and_the_card_says_so(tmp_path: Path) -> None:
    run = run_with_kept_and_rejected(tmp_path / "run")
    result = export(run, "--format", "openai", "-o", tmp_path / "all.parquet", "--include-rejected", "--json")
    assert json.loads(result.output)["records"] == 3
    assert [record.id for record in read(tmp_path / "all.parquet")] == ["t0", "t1", "t2"]
    assert "failed a check are included" in (tmp_path / "all.md").read_text()


@pytest.mark.requirement("export.command")
def test_a_foreign_data_set_is_converted_and_its_bad_rows_are_named(tmp_path: Path) -> None:
    source = tmp_path / "source.jsonl"
    write_dataset([RECORD, USER_ONLY], EXPORTERS["openai"], source)
    source.write_text(source.read_text() + "{\n")
    result = export(source, "--format", "sharegpt", "-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert (found["records"], [bad["row"] for bad in found["unread"]]) == (1, [3])
    assert [bad["row"] for bad in found["skipped"]] == [2]
    assert (tmp_path / "out" / "dataset_info.json").exists()
    assert read(tmp_path / "out" / "train.jsonl") == [
        Record(dialogue=EXPORTERS["sharegpt"].normal(RECORD.dialogue), id="t1", metadata=RECORD.metadata)
    ]
    card = (tmp_path / "out" / "README.md").read_text()
    assert not re.search("synthetic|simulated|executed", card, re.IGNORECASE), "how it was made is not known"
    assert "keep the licence of the data set" in card
    spoken = export(source, "--format", "sharegpt", "-o", tmp_path / "out")
    assert "row 3 could not be read: it is not JSON" in spoken.output


def test_an_export_of_nothing_fails(tmp_path: Path) -> None:
    source = tmp_path / "source.jsonl"
    source.write_text("{}\n")
    result = export(source, "--format", "trl", "-o", tmp_path / "out.jsonl")
    assert isinstance(result.exception, DataError)


def test_every_format_is_listed(tmp_path: Path) -> None:
    assert [line.split()[0] for line in export("--list").output.splitlines()] == list(EXPORTERS)
    assert list(json.loads(export("--list", "--json").output)) == list(EXPORTERS)
    assert isinstance(export().exception, ConfigError)
    assert isinstance(export(tmp_path, "--format", "trl", "-o", "x", "--include-rejected").exception, ConfigError)


@pytest.mark.requirement("export.turns")
def test_split_turns_writes_a_row_for_each_message_that_is_trained(tmp_path: Path) -> None:
    run = run_with_kept_and_rejected(tmp_path / "run")
    assert export(run, "--format", "sharegpt", "-o", tmp_path / "out", "--split-turns").exit_code == 0
    whole = record_of(trajectory(0)).dialogue.messages
    trained = [
        number for number, one in enumerate(whole) if one.role == "assistant" and one.mark not in ("wrong", "redundant")
    ]
    rows = [record for record in read(tmp_path / "out" / "train.jsonl") if record.id.startswith("t0#")]
    assert [record.id for record in rows] == [f"t0#{number}" for number in trained]
    assert 1 < len(trained) < sum(one.role == "assistant" for one in whole)
    for record in rows:
        last = record.dialogue.messages[-1]
        place = int(record.id.removeprefix("t0#"))
        assert (last.role, last.content) == ("assistant", whole[place].content)
        assert len(record.dialogue.messages) == place + 1
    assert isinstance(export(run, "--format", "trl-dpo", "-o", tmp_path / "x", "--split-turns").exception, ConfigError)


@pytest.mark.requirement("export.companions", "export.marks")
def test_a_chat_template_beside_trl_rows_leaves_marked_messages_out_of_the_mask(tmp_path: Path) -> None:
    run = run_with_kept_and_rejected(tmp_path / "run")
    assert export(run, "--format", "trl", "-o", tmp_path / "out").exit_code == 0
    template = (tmp_path / "out" / "chat_template.jinja").read_text()
    marked = re.sub(r"{% (end)?generation %}", lambda found: "]" if found[1] else "[", template)
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = json.dumps
    row = json.loads((tmp_path / "out" / "train.jsonl").read_text().splitlines()[0])
    text = environment.from_string(marked).render(messages=row["messages"], tools=json.loads(row["tools"]))
    turns = [turn for turn in text.split("<|im_start|>") if turn.startswith("assistant")]
    weights = [entry.get("weight", 1) for entry in row["messages"] if entry["role"] == "assistant"]
    assert [int(turn.startswith("assistant\n[") and turn.endswith("<|im_end|>]\n")) for turn in turns] == weights
    assert 0 in weights


@pytest.mark.requirement("export.refused")
def test_trl_gets_no_dialogue_in_which_nothing_is_trained(tmp_path: Path) -> None:
    wrong = Message(role="assistant", content="No.", mark="wrong")
    record = Record(dialogue=Dialogue(messages=(Message(role="user", content="hi"), wrong)), id="u")
    written = write_dataset([RECORD, record], EXPORTERS["trl"], tmp_path / "data.jsonl")
    assert (written.records, written.skipped[0].number) == (1, 2)
    assert "nothing to train on" in written.skipped[0].reason


@pytest.mark.requirement("export.parquet")
def test_parquet_for_verl_has_no_column_of_tools(tmp_path: Path) -> None:
    write_dataset([RECORD], EXPORTERS["verl"], tmp_path / "data.parquet")
    assert "tools" not in parquet.read_schema(tmp_path / "data.parquet").names
