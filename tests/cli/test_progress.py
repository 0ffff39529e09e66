"""Progress is for terminals."""

from pathlib import Path

import pytest
from tests.cli.commands import ANSWERED, data
from tests.pipeline.runs import tdscaling

from tdscaling.cli import synthesize
from tdscaling.pipeline import RunResult

COMMANDS: dict[str, tuple[str, ...]] = {
    "measure": ("measure", "rows.jsonl"),
    "report": ("report", "rows.jsonl"),
    "select": ("select", "rows.jsonl", "--budget-tokens", "1000", "-o", "chosen"),
}


@pytest.mark.requirement("house.quiet")
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_written_to_a_standard_error_that_is_no_terminal(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data(tmp_path / "rows.jsonl", ANSWERED)
    ended = tdscaling(capsys, *COMMANDS[name])
    assert (ended.code, ended.said) == (0, [])


@pytest.mark.requirement("house.quiet")
def test_a_run_writes_no_progress_there_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def stopped(*_: object, **__: object) -> RunResult:
        return RunResult(0, 1, (), 0.0, 0, "out of money")

    monkeypatch.setattr(synthesize, "synthesize", stopped)
    config = tmp_path / "config.yaml"
    config.write_text("sources: [servers.json]\ntrajectories: 1\n", encoding="utf-8")
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert (ended.code, ended.said) == (1, ["tdscaling: out of money"])
