"""Preference pairs: what two rollouts of one plan share, and how each went on."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.export.dialogues import records
from tests.store.sample import item, outcome, rejected, trajectory

from tdscaling.cli.export import command
from tdscaling.errors import DataError
from tdscaling.export import EXPORTERS, Miss, Record, Row, pair_of, read_dataset, read_row, record_of, write_dataset
from tdscaling.store import RunStore
from tdscaling.types import Check, Message, Trajectory, Verdict

DPO = EXPORTERS["trl-dpo"]
WRONG = Message(role="assistant", content="Nothing came of it.", mark="wrong")


@st.composite
def pairs(draw: st.DrawFn) -> Record:
    """A random record beside one that goes another way from one of its assistant messages on, or ends there."""
    good = draw(records())
    places = [n for n, one in enumerate(good.dialogue.messages) if one.role == "assistant" and one != WRONG]
    assume(places)
    at = draw(st.sampled_from(places))
    rest = good.dialogue.messages[-2:] if draw(st.booleans()) and not good.dialogue.messages[-2].tool_call_id else ()
    bad = (*good.dialogue.messages[:at], WRONG, *(one for one in rest if one.role == "user"))
    return replace(good, miss=Miss(messages=bad, check="effects"))


def near_miss(number: int) -> Trajectory:
    """The trajectory of that number as it would be with another last answer."""
    good = trajectory(number)
    talk = replace(good.dialogue, messages=(*good.dialogue.messages[:-1], WRONG))
    return replace(good, id=f"{good.id}-0", dialogue=talk, verdict=Verdict((Check(name="effects", passed=False),)))


@pytest.mark.requirement("export.pairs", "export.round_trip")
@settings(max_examples=40)
@given(pair=pairs())
def test_both_sides_of_a_pair_come_back_whole(pair: Record) -> None:
    assert read_row(json.loads(json.dumps(DPO.record(pair)))) == pair


@pytest.mark.requirement("export.pairs", "export.parquet")
@settings(max_examples=10)
@given(many=st.lists(pairs(), min_size=1, max_size=3))
def test_parquet_gives_back_the_pairs_that_went_in(many: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pairs.parquet")
        assert write_dataset(many, DPO, path).skipped == ()
        assert [row.record for row in read_dataset(path) if isinstance(row, Row)] == many


@pytest.mark.requirement("export.pairs")
def test_a_row_has_the_columns_that_trl_reads() -> None:
    row = json.loads(json.dumps(DPO.record(pair_of(trajectory(4), near_miss(4)))))
    assert row["prompt"][0]["role"] == "system"
    assert row["prompt"][-1]["role"] in ("user", "tool")
    assert row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant"
    assert row["rejected"][-1]["content"] == WRONG.content
    whole = json.loads(json.dumps(EXPORTERS["trl"].record(record_of(trajectory(4)))["messages"]))
    bare = [{key: value for key, value in entry.items() if key != "weight"} for entry in whole]
    assert row["prompt"] + row["chosen"] == bare
    assert {tool["function"]["name"] for tool in json.loads(row["tools"])}, "TRL loads a string"
    assert all(
        isinstance(call["function"]["arguments"], dict)
        for message in row["prompt"]
        for call in message.get("tool_calls", ())
    )
    assert row["failed"] == "effects"


@pytest.mark.requirement("export.pairs", "export.refused")
def test_a_pair_that_does_not_part_at_the_assistant_is_refused_with_the_reason() -> None:
    good = record_of(trajectory(4))
    talk = good.dialogue.messages
    with pytest.raises(DataError, match="no near miss"):
        DPO.record(good)
    for other in ((*talk[:1], Message(role="user", content="Another wish"), WRONG), talk, talk[:-1]):
        with pytest.raises(DataError, match="do not part at a message of the assistant"):
            DPO.record(replace(good, miss=Miss(messages=other, check="effects")))


@pytest.mark.requirement("export.pairs", "export.command")
def test_a_run_is_exported_as_the_pairs_of_its_kept_trajectories_alone(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", "{}") as store:
        store.record(replace(outcome(1), misses=(near_miss(1), replace(near_miss(1), id="second"))))
        store.record(outcome(2))
        store.record(replace(outcome(3, failed="effects"), misses=(near_miss(3),)))
        store.record(rejected(4))
        assert store.miss_counts() == (3, 2)
        assert store.near_misses(item(3).hash) == [near_miss(3)], "a miss without a success stays, with its label"
        assert list(store.iter_pairs()) == [
            (trajectory(1), near_miss(1)), (trajectory(1), replace(near_miss(1), id="second"))
        ]  # fmt: skip
    out = tmp_path / "pairs.jsonl"
    ended = CliRunner().invoke(command, [str(tmp_path / "run"), "--format", "trl-dpo", "-o", str(out)])
    assert ended.exit_code == 0, ended.output
    assert [row.record for row in read_dataset(out) if isinstance(row, Row)] == [
        pair_of(trajectory(1), near_miss(1)),
        pair_of(trajectory(1), replace(near_miss(1), id="second")),
    ]
