"""A folder to start commands in."""

from pathlib import Path

import pytest
from tests.cli.commands import ANSWERED, data


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a data set in it."""
    monkeypatch.chdir(tmp_path)
    data(tmp_path / "rows.jsonl", ANSWERED)
    return tmp_path
