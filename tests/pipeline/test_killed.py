"""Killed at any moment, the same command completes the run with what an undisturbed one makes."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from tests.pipeline.runs import made, setup

ROOT = Path(__file__).parents[2]
DEATHS = 4


def lives(config: Path, run: Path, moments: Sequence[int | str]) -> dict[str, list[object]]:
    """What `tests.pipeline.dying` says of processes that die at these moments, and a last one that does not."""
    argv = [sys.executable, "-m", "tests.pipeline.dying", str(config), str(run), *map(str, moments)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.requirement("pipeline.killed")
def test_a_run_killed_at_random_moments_ends_as_one_that_was_not(tmp_path: Path) -> None:
    config = setup(tmp_path, wanted=4)
    calm = lives(config, tmp_path / "calm", [])
    assert calm["codes"] == [0]
    events, rng = int(str(calm["events"])), Random(11)
    early = [rng.randrange(1, events // 6) for _ in range(2)]  # before exploration has ended, so both are reached
    moments = [*early, *(rng.randrange(events // 8, events) for _ in range(DEATHS - 2))]
    found = lives(config, tmp_path / "run", moments)
    *killed, last = found["codes"]
    assert last == 0
    assert set(killed) <= {0, -signal.SIGKILL}
    assert killed.count(-signal.SIGKILL) >= 2, "the killing reached the run"
    kept_so_far: dict[str, object] = {}
    for state in found["states"]:
        assert isinstance(state, dict)
        assert kept_so_far.items() <= state.items(), "what was recorded is not lost and does not change"
        kept_so_far = state
    assert made(tmp_path / "run") == made(tmp_path / "calm")
