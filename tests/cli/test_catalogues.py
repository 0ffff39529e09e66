"""What the commands say of a catalogue."""

from pathlib import Path

import pytest
from tests.cli.commands import contents, tdscaling

COMMANDS: dict[str, tuple[str, ...]] = {
    "graph": ("graph", "empty.jsonl", "-o", "edges.jsonl"),
    "cluster": ("cluster", "empty.jsonl", "-o", "clusters.jsonl"),
    "catalog": ("catalog", "show", "empty.jsonl"),
    "simulate": ("simulate", "show", "empty.jsonl", "desk"),
}


@pytest.mark.requirement("catalog.cli")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("text", ["", "\n"])
def test_a_catalogue_without_a_tool_is_refused(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text(text)
    ended = tdscaling(capsys, *COMMANDS[name])
    assert (ended.code, ended.out) == (1, "")
    assert ended.said == ["tdscaling: empty.jsonl: no tool in it; make it with `tdscaling catalog build`"]
    assert list(contents(tmp_path)) == ["empty.jsonl"]
