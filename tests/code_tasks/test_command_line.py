"""`tdscaling code-tasks check`."""

import json
from pathlib import Path

import pytest
from tests.code_tasks.test_given import GOOD, HIDDEN, written
from tests.house.files import ROOT
from tests.pipeline.runs import tdscaling

pytestmark = [pytest.mark.sandbox, pytest.mark.requirement("code_tasks.given")]


def test_good_tasks_are_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = tdscaling(capsys, "code-tasks", "check", written(tmp_path, GOOD, HIDDEN))
    assert said.code == 0
    assert said.out.splitlines() == ["tasks.jsonl line 1: ok", "tasks.jsonl line 2: ok"]


def test_bad_lines_and_controls_that_do_not_hold_are_named_and_the_exit_code_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path, GOOD, {**GOOD, "test_command": "true"}, {"prompt": "p"}, {**GOOD, "wrong": GOOD["solution"]}
    )
    said = tdscaling(capsys, "code-tasks", "check", path, "--json")
    assert said.code == 1
    found = json.loads(said.out)
    assert [row["verdict"] for row in found["tasks"]] == ["ok", "untouched_passes", "wrong_solution_passes"]
    assert "line 3: test_command is missing" in found["bad_lines"][0]
    assert said.errors[-1] == "tdscaling: 3 of 4 tasks can't be used"


def test_the_example_in_the_documentation_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
    block = text.split("```jsonl\n")[1].split("```")[0]
    path = tmp_path / "tasks.jsonl"
    path.write_text(block, encoding="utf-8")
    said = tdscaling(capsys, "code-tasks", "check", path)
    assert said.code == 0, said.err
    assert len(said.out.splitlines()) == len(block.splitlines())
