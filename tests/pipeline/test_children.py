"""Processes that share the work of another one: what reaches them, and what becomes of them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def parted(*what: str) -> "subprocess.CompletedProcess[str]":
    """What `tests.pipeline.parting` comes to. It has ended once every process that shares its output has."""
    argv = [sys.executable, "-m", "tests.pipeline.parting", *what]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.requirement("metrics.processes_end")
def test_processes_that_measure_end_with_the_one_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text('{"messages": [{"role": "user", "content": "Hello."}]}\n', encoding="utf-8")
    assert parted("killed", str(tmp_path / "data.jsonl")).returncode == -signal.SIGKILL


@pytest.mark.requirement("pipeline.workers_interrupted")
@pytest.mark.parametrize("what", ["interrupted", "bereft"])
def test_an_interrupt_reaches_no_child_however_young_and_whatever_had_died_before(what: str) -> None:
    found = parted(what)
    assert found.stdout.splitlines() == ["the parent heard of it", "the child ended with 0"]
    assert found.stderr == ""
