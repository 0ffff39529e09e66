"""Setting up from a bare checkout."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.house.files import ROOT

VENV = ROOT / "scripts" / "venv.sh"
PHONY = re.compile(r"^\.PHONY: (.*)$", re.MULTILINE)


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | environment
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def interpreter(folder: Path, script: str) -> Path:
    """A program that plays a Python."""
    path = folder / "python-played"
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.requirement("house.setup")
def test_an_old_python_is_refused_in_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    old = interpreter(tmp_path, "exit 1")
    done = run(VENV, tmp_path / "venv", PYTHON=str(old))
    assert done.returncode == 1
    assert re.fullmatch(r"setup: no Python 3\.11 or newer .*apt-get install python3 python3-venv.*\n", done.stderr)
    assert not (tmp_path / "venv").exists()


@pytest.mark.requirement("house.setup")
def test_a_python_without_venv_is_refused_with_the_line_that_mends_it(tmp_path: Path) -> None:
    bare = interpreter(
        tmp_path,
        'case "$2" in *version_info\\ \\<*) exit 0;; *print*) echo 3.12;; *) exit 1;; esac',
    )
    done = run(VENV, tmp_path / "venv", PYTHON=str(bare))
    assert done.returncode == 1
    assert done.stderr.endswith("run: apt-get install python3.12-venv\n")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "venv").exists()


@pytest.mark.requirement("house.setup")
def test_a_python_without_venv_but_with_virtualenv_will_do(tmp_path: Path) -> None:
    helped = interpreter(
        tmp_path,
        'case "$*" in *ensurepip*) exit 1;; "-m virtualenv"*) mkdir -p "${@: -1}/bin";; *) exit 0;; esac',
    )
    done = run(VENV, tmp_path / "venv", PYTHON=str(helped))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "venv" / "bin").is_dir()


@pytest.mark.requirement("house.setup")
def test_a_working_environment_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(interpreter(tmp_path, "exit 0"))
    (tmp_path / "venv" / "mine").touch()
    assert run(VENV, tmp_path / "venv", PYTHON="/bin/false").returncode == 0
    assert (tmp_path / "venv" / "mine").exists()


@pytest.mark.requirement("house.setup")
def test_a_broken_environment_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(tmp_path / "gone")
    done = run(VENV, tmp_path / "venv")
    assert done.returncode == 0, done.stderr
    assert run(tmp_path / "venv" / "bin" / "python", "-c", "import pip").returncode == 0


@pytest.mark.requirement("house.make_help")
def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = set(re.findall(r"^  make ([a-z-]+) +\S", run("make").stdout, re.MULTILINE))
    targets = {
        name for names in PHONY.findall((ROOT / "Makefile").read_text(encoding="utf-8")) for name in names.split()
    }
    assert listed == targets


@pytest.mark.requirement("house.setup")
@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("demo", "synthesize demo/demo.yaml -o runs/demo"),
        ("test", "-m pytest"),
        ("test", "pyright"),
        ("test", "ruff check"),
    ],
)
def test_the_two_commands_do_their_job_at_the_end(target: str, command: str) -> None:
    planned = run("make", "--dry-run", "--always-make", target)
    assert planned.returncode == 0, planned.stderr
    place = planned.stdout.index(command)
    installed = planned.stdout.index("pip install")
    assert installed < place
    assert "scripts/venv.sh .demo/servers" in planned.stdout
