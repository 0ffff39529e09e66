"""Where no record comes out a command says so and leaves what was there."""

from pathlib import Path

import pytest
from tests.cli.commands import ALONE, ANSWERED, contents, data
from tests.pipeline.runs import tdscaling
from tests.store.sample import outcome

from tdscaling.pipeline.exports import write_exports
from tdscaling.store import RunStore

COMMANDS = {
    "export": ["export", "--format", "sharegpt"],
    "select": ["select", "--format", "sharegpt", "--budget-tokens", "1000"],
}
NOTHING = {"export": "no record of", "select": "no dialogue to choose"}


@pytest.mark.requirement("export.kept")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("output", ["keep", "keep/train.jsonl", "keep/train.parquet"])
def test_a_data_set_stays_where_no_record_of_another_can_be_written(
    name: str, output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = data(tmp_path / "good.jsonl", ANSWERED), data(tmp_path / "bad.jsonl", ALONE)
    command, *options = COMMANDS[name]
    assert tdscaling(capsys, command, good, *options, "-o", tmp_path / output).code == 0
    before = contents(tmp_path / "keep")
    assert before
    ended = tdscaling(capsys, command, bad, *options, "-o", tmp_path / output)
    assert ended.code == 1
    assert NOTHING[name] in ended.said[-1]
    assert "LLaMA-Factory would drop it" in ended.said[-1]
    assert contents(tmp_path / "keep") == before


@pytest.mark.requirement("export.kept")
@pytest.mark.parametrize("name", COMMANDS)
def test_no_folder_is_made_for_no_record(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command, *options = COMMANDS[name]
    bad = data(tmp_path / "bad.jsonl", ALONE)
    assert tdscaling(capsys, command, bad, *options, "-o", tmp_path / "new" / "place").code == 1
    assert not (tmp_path / "new").exists()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that kept no near miss."""
    with RunStore.open(tmp_path / "run", "f1", "seed: 7") as store:
        store.record(outcome(0))
    return tmp_path / "run"


@pytest.mark.requirement("export.pairs", "house.exits")
@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_pair_the_setting_that_keeps_near_misses_is_named(
    name: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *options = [*COMMANDS[name], "--format", "trl-dpo"]
    ended = tdscaling(capsys, command, run, *options, "-o", tmp_path / "out")
    assert ended.code == 1
    assert NOTHING[name] in ended.said[-1]
    assert "playing.near_misses" in ended.said[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.requirement("export.pairs")
def test_a_run_s_export_without_a_pair_is_told_with_its_reason_and_has_no_file(run: Path) -> None:
    with RunStore.open(run, "f1", "seed: 7") as store:
        [line] = write_exports(store, run, ["trl", "trl-dpo"])
    assert line.startswith("export trl-dpo is empty: ")
    assert "playing.near_misses" in line
    assert list(contents(run / "export")) == ["trl/train.jsonl"]


@pytest.mark.requirement("export.pairs")
def test_a_run_without_any_export_has_no_folder_for_them(run: Path) -> None:
    with RunStore.open(run, "f1", "seed: 7") as store:
        assert len(write_exports(store, run, ["trl-dpo"])) == 1
        assert write_exports(store, run, []) == []
    assert not (run / "export").exists()
