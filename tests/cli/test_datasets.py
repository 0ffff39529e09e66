"""Where `export` and `select` put a data set and its card."""

from pathlib import Path

import pytest
from tests.cli.commands import ANSWERED, contents, data, tdscaling

COMMANDS = {
    "export": ("export", "rows.jsonl", "--format", "trl"),
    "select": ("select", "rows.jsonl", "--budget-tokens", "1000"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    data(tmp_path / "rows.jsonl", ANSWERED)
    return tmp_path


@pytest.mark.requirement("export.command")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_with_a_dot_in_its_name_is_a_folder(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "qwen2.5").mkdir()
    assert tdscaling(capsys, *COMMANDS[name], "-o", "qwen2.5").code == 0
    assert {"train.jsonl", "README.md"} <= contents(place / "qwen2.5").keys()
    assert "pretty_name: qwen2.5\n" in (place / "qwen2.5" / "README.md").read_text()


@pytest.mark.requirement("export.command")
def test_the_folder_one_is_in_gives_the_data_set_its_name(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "here").mkdir()
    monkeypatch.chdir(place / "here")
    assert tdscaling(capsys, "export", place / "rows.jsonl", "--format", "trl", "-o", ".").code == 0
    assert "pretty_name: here\n" in Path("README.md").read_text()
