"""Temporary folders: gone with their block, kept while their maker lives, swept once it is dead."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.pipeline.runs import made, setup
from tests.pipeline.test_killed import lives

from tdscaling.scratch import PREFIX, scratch, sweep

HOLD = "import sys, tdscaling.scratch as s\nwith s.scratch() as f: print(f, flush=True); sys.stdin.read()"


def left(temp: Path) -> list[str]:
    return sorted(path.name for path in temp.iterdir())


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that temporary ones go to, in this process and those it starts."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.mark.requirement("pipeline.leftovers")
def test_a_folder_goes_with_its_block_and_stays_in_a_sweep_until_then(temp: Path) -> None:
    with scratch() as folder:
        (folder / "deep").mkdir()
        assert sweep() == 0
        assert (folder / "deep").is_dir()
    assert left(temp) == []


@pytest.mark.requirement("pipeline.leftovers")
def test_a_sweep_takes_what_the_dead_left_and_nothing_else(temp: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    (folder / "file").write_text("x", encoding="utf-8")
    (temp / "tdscaling-mine").mkdir()
    (temp / f"{PREFIX}link").symlink_to(temp / "tdscaling-mine")
    assert sweep() == 0
    assert folder.is_dir()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert folder.is_dir()
    assert sweep() == 1
    assert left(temp) == ["tdscaling-mine", f"{PREFIX}link"] or left(temp) == [f"{PREFIX}link", "tdscaling-mine"]


@pytest.mark.requirement("pipeline.leftovers", "pipeline.killed")
def test_a_run_killed_in_its_episodes_leaves_nothing_behind_once_it_has_gone_on(tmp_path: Path, temp: Path) -> None:
    config = setup(tmp_path, wanted=4)
    calm = lives(config, tmp_path / "calm", [])
    assert left(temp) == []
    assert calm["codes"] == [0]
    killed = lives(config, tmp_path / "run", ["t2", "t1"])
    assert killed["codes"][:2] == [-signal.SIGKILL, -signal.SIGKILL]
    assert killed["temporary"][0], "the killing left a folder behind"
    assert killed["codes"][-1] == 0
    assert killed["temporary"][-1] == []
    assert left(temp) == []
    assert made(tmp_path / "run") == made(tmp_path / "calm")
