"""What a format can't hold is named so that it is found: by its row in the source and its file, or by its id."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.commands import ALONE, ANSWERED, data
from tests.pipeline.runs import tdscaling
from tests.store.sample import outcome, trajectory

from tdscaling.store import RunStore
from tdscaling.types import Dialogue, Message

COMMANDS = {"export": [], "select": ["--budget-tokens", "1000"]}
MARKED = (Message(role="user", content="hi"), Message(role="assistant", content="Good day.", mark="wrong"))
"""A dialogue in which nothing is trained, which TRL can't hold."""


@pytest.mark.requirement("export.refused", "selection.refused")
@pytest.mark.parametrize("name", COMMANDS)
def test_rows_that_could_not_be_read_count_too(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = data(place / "mixed.jsonl", ANSWERED, {"text": "no dialogue"}, ALONE)
    told = [name, source, "--format", "sharegpt", *COMMANDS[name]]
    said = tdscaling(capsys, *told, "-o", place / "out").said
    assert [line for line in said if line.startswith("row 3 can't be held by ") and line.endswith("would drop it")]
    [skipped] = json.loads(tdscaling(capsys, *told, "-o", place / "out", "--json").out)["skipped"]
    assert (skipped["row"], skipped["id"]) == (3, "u1")


@pytest.mark.requirement("export.refused", "selection.refused")
@pytest.mark.parametrize("name", COMMANDS)
def test_of_a_folder_the_file_and_the_row_there_are_said(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data(place / "set" / "one" / "train.jsonl", ANSWERED, ANSWERED)
    data(place / "set" / "two" / "train.jsonl", ANSWERED, {"text": "no dialogue"}, ALONE)
    told = [name, place / "set", "--format", "sharegpt", *COMMANDS[name]]
    said = tdscaling(capsys, *told, "-o", place / "out").said
    assert [line for line in said if line.startswith("row 5 can't") and line.endswith("(row 3 of two/train.jsonl)")]
    assert [line for line in said if line.startswith("row 4") and line.endswith("(row 2 of two/train.jsonl)")]


@pytest.mark.requirement("export.refused", "export.turns")
def test_turns_of_a_row_are_named_by_that_row(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turns = [*ANSWERED["messages"], {"role": "assistant", "content": "<think>"}]  # type: ignore[misc]
    source = data(place / "turns.jsonl", {**ANSWERED, "messages": [*turns, *turns]}, {**ANSWERED, "messages": turns})
    ended = tdscaling(capsys, "export", source, "--format", "sharegpt", "--split-turns", "-o", place / "out", "--json")
    skipped = json.loads(ended.out)["skipped"]
    assert [(one["row"], one["id"]) for one in skipped] == [(1, "t1#2"), (1, "t1#4"), (1, "t1#5"), (2, "t1#2")]


@pytest.mark.requirement("export.refused", "selection.refused")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_trajectory_of_a_run_is_named_by_its_id(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunStore.open(place / "run", "f1", "seed: 7") as store:
        store.record(outcome(0))
        store.record(replace(outcome(1), trajectory=replace(trajectory(1), dialogue=Dialogue(messages=MARKED))))
    ended = tdscaling(capsys, name, place / "run", "--format", "trl", *COMMANDS[name], "-o", place / "out")
    assert [line for line in ended.said if line.startswith("trajectory t1 can't be held by ")]
    if name == "select":
        assert "trajectory t1: every message" in (place / "out" / "README.md").read_text()
