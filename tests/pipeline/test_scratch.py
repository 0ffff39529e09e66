"""Temporary folders: gone with their block, kept while their maker lives, swept once it is dead."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pipeline.runs import made, setup
from tests.pipeline.test_children import parted
from tests.pipeline.test_killed import lives

from tdscaling.scratch import PREFIX, scratch, sweep

HOLD = "import sys, tdscaling.scratch as s\nwith s.scratch() as f: print(f, flush=True); sys.stdin.read()"


ADDRESS = 107
"""Bytes of a socket's name at most."""


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


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same with a name that leaves room for a socket's in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr("tempfile.tempdir", None)
        yield Path(folder)


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "data.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "Hello."}]}\n', encoding="utf-8")
    return str(path)


@pytest.mark.requirement("pipeline.leftovers")
def test_the_socket_that_processes_are_started_by_is_swept_once_their_maker_was_killed(short: Path, data: str) -> None:
    (short / "pymp-of-others").mkdir()
    assert parted("killed", data).returncode == -signal.SIGKILL
    folder, other = sorted(left(short), reverse=True)
    assert folder.startswith(PREFIX)
    assert other == "pymp-of-others"
    assert sweep() == 1
    assert left(short) == ["pymp-of-others"]


@pytest.mark.requirement("pipeline.leftovers")
@pytest.mark.parametrize("prefix", [PREFIX, "pymp-"])
def test_processes_work_and_leave_nothing_where_a_socket_has_just_room(
    short: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Room in a folder of ours, and in one of multiprocessing's alone, whose name is shorter."""
    temp = short / ("x" * (ADDRESS - len(f"{short}//{prefix}12345678/listener-12345678")))
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    assert parted("interrupted").stdout.endswith("the child ended with 0\n")
    assert left(temp) == []
