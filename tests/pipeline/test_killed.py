"""Killed at any moment, the same command completes the run with what an undisturbed one makes."""

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from tests.pipeline.runs import made, rows, setup

DYING = Path(__file__).parent / "dying.py"
DEATHS = 5
TABLES = "SELECT name FROM sqlite_master WHERE name = 'rejections'"
DONE = """SELECT i.hash, t.kept, t.reason, b.trajectory, r.reason FROM items i
LEFT JOIN trajectories t ON t.item = i.hash LEFT JOIN bodies b ON b.item = i.hash
LEFT JOIN rejections r ON r.item = i.hash WHERE i.state = 'done'"""


def command(deadly: int, config: Path, run: Path) -> int:
    """Runs the command in a process that dies at its `deadly`-th event (0: never); its exit code."""
    argv = [sys.executable, str(DYING), str(deadly), str(run.with_suffix(".events")), "synthesize", str(config)]
    return subprocess.run([*argv, "-o", str(run)], capture_output=True, check=False).returncode


def done(run: Path) -> set[tuple[object, ...]]:
    return set(rows(run, DONE)) if (run / "run.db").exists() and rows(run, TABLES) else set()


@pytest.mark.requirement("pipeline.killed")
def test_a_run_killed_at_random_moments_ends_as_one_that_was_not(tmp_path: Path) -> None:
    config = setup(tmp_path, wanted=6)
    calm, run = tmp_path / "calm", tmp_path / "run"
    assert command(0, config, calm) == 0
    events = int(calm.with_suffix(".events").read_text(encoding="utf-8"))
    rng = Random(11)
    moments = [rng.randrange(1, events) for _ in range(DEATHS)]
    before: set[tuple[object, ...]] = set()
    died, began = 0, 0
    for moment in moments:
        code = command(moment, config, run)
        assert code in (0, -signal.SIGKILL)
        died += code != 0
        now = done(run)
        assert before <= now, "what was recorded is not lost and does not change"
        began += now != before
        before = now
    assert died >= 2, "the killing reached the run"
    assert began >= 1
    assert command(0, config, run) == 0
    assert made(run) == made(calm)
    assert before <= done(run)
