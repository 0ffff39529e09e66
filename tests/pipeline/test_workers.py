"""Episodes made by worker processes: the same as without them, and no process left."""

import multiprocessing
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from tests.agents import players
from tests.llm.fake_endpoint import FakeEndpoint
from tests.pipeline.runs import made, recorded
from tests.pipeline.serving import in_thread
from tests.pipeline.simulated_run import configured

from tdscaling.agents import PlanError, RoleError
from tdscaling.errors import BoundaryError
from tdscaling.pipeline import synthesize

ROOT = Path(__file__).parents[2]
WANTED = 30
"""More than a window holds, so that something is left to ask for however fast the workers were."""


@pytest.mark.requirement("pipeline.processes", "pipeline.worker_killed", "pipeline.workers_end")
async def test_what_workers_make_is_what_one_process_makes_also_after_one_of_them_was_killed(tmp_path: Path) -> None:
    alone = await synthesize(configured(tmp_path, WANTED, 1), tmp_path / "alone", tmp_path)
    assert alone.kept == WANTED

    def kill(stage: str, done: int, of: int) -> None:
        if stage == "episodes" and done == 3:
            for worker in multiprocessing.active_children():
                worker.kill()

    config = configured(tmp_path, WANTED, 2)
    with pytest.raises(BoundaryError, match=r"a process that makes episodes was killed.*goes on.*processes: 1"):
        await synthesize(config, tmp_path / "run", tmp_path, report=kill)
    before = recorded(tmp_path / "run")
    assert 3 <= len(before) < WANTED + 12
    together = await synthesize(config, tmp_path / "run", tmp_path)
    assert together.kept == WANTED
    assert before.items() <= recorded(tmp_path / "run").items(), "nothing is lost"
    assert made(tmp_path / "run") == made(tmp_path / "alone")
    assert recorded(tmp_path / "run") == recorded(tmp_path / "alone"), "to the byte"
    assert multiprocessing.active_children() == []


@pytest.mark.requirement("pipeline.processes")
async def test_workers_that_plan_and_check_for_models_change_nothing_either(tmp_path: Path) -> None:
    with in_thread(FakeEndpoint(reply=players.well)) as url:
        model = {"base_url": url, "model": "m", "protocol": "native", "max_tokens": 400}
        more = {"models": {"m": model}, "roles": {"user": "m", "assistant": "m"}, "playing": {"hints": True}}
        for processes in (1, 2):
            config = configured(tmp_path, 8, processes, **more)
            assert (await synthesize(config, tmp_path / str(processes), tmp_path)).kept == 8
    one, two = recorded(tmp_path / "1"), recorded(tmp_path / "2")
    assert one == two
    assert any(row[3] is not None for row in one.values()), "plans that fell say why alike"


@pytest.mark.parametrize(
    "error", [PlanError("no_tool", "of that kind"), PlanError("no_tool"), RoleError("user", "why")]
)
def test_what_ends_an_episode_says_the_same_on_the_other_side_of_a_process(error: PlanError | RoleError) -> None:
    came = pickle.loads(pickle.dumps(error))
    assert (str(came), vars(came)) == (str(error), vars(error))


def started(folder: Path, run: Path) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "tests.pipeline.simulated_run", str(folder), str(run), "2", "30"]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL)


def until(holds: Callable[[], bool], seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def family(pid: int) -> set[int]:
    """The processes below one, itself left out."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


@pytest.mark.slow
@pytest.mark.requirement("pipeline.killed", "pipeline.workers_end")
def test_a_run_with_workers_that_is_killed_again_and_again_ends_as_one_that_was_not(tmp_path: Path) -> None:
    with started(tmp_path, tmp_path / "calm"):
        pass
    rng, kept_so_far = Random(3), dict[str, list[object]]()
    for signum in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
        goal = len(kept_so_far) + rng.randrange(1, 8)
        with started(tmp_path, tmp_path / "run") as process:
            assert until(lambda goal=goal: len(recorded(tmp_path / "run")) >= goal)
            workers = family(process.pid)
            assert len(workers) >= 3, "two workers, and who forks them"
            process.send_signal(signum)
        assert process.returncode, "it was broken off"
        assert until(lambda workers=workers: not any(Path(f"/proc/{pid}").exists() for pid in workers)), "none is left"
        now = recorded(tmp_path / "run")
        assert kept_so_far.items() <= now.items(), "what was recorded is not lost and does not change"
        kept_so_far = now
    with started(tmp_path, tmp_path / "run"):
        pass
    assert made(tmp_path / "run") == made(tmp_path / "calm")
    assert recorded(tmp_path / "run") == recorded(tmp_path / "calm")
