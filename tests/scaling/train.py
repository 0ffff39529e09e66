"""Code run with the packages of `make train`, which are in an environment of their own."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.house.files import ROOT

PYTHON = ROOT / ".train" / "bin" / "python"
needs_training = pytest.mark.skipif(not PYTHON.exists(), reason="run `make train` first: it installs torch and TRL")
MAIN = "from tdscaling.cli import main\nmain()"


def in_train(code: str, *arguments: str, folder: Path, status: int = 0) -> str:
    """What the code prints; fails with what it said where it ends with another status."""
    found = subprocess.run(
        [str(PYTHON), "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == status, found.stderr[-3000:]
    return found.stdout
