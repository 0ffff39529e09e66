"""A device or a pipe is no file that could be replaced; a link leads to one."""

import os
import stat
from pathlib import Path

import pytest
from tests.cli.commands import contents
from tests.graph.shop import shop
from tests.pipeline.runs import tdscaling

from tdscaling.catalog import load, save

COMMANDS: dict[str, tuple[str, ...]] = {
    "report": ("report", "rows.jsonl"),
    "catalog": ("catalog", "build", "catalog.jsonl"),
    "select": ("select", "rows.jsonl", "--budget-tokens", "1000"),
    "export": ("export", "rows.jsonl", "--format", "trl"),
}


@pytest.fixture
def place(place: Path) -> Path:
    save(shop(), place / "catalog.jsonl")
    return place


@pytest.mark.requirement("export.kept")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("output", ["pipe.jsonl", "link.jsonl"])
def test_a_pipe_is_refused_in_one_line_and_stays(
    name: str, output: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe.jsonl")
    (place / "link.jsonl").symlink_to("pipe.jsonl")
    before = contents(place)
    ended = tdscaling(capsys, *COMMANDS[name], "-o", output)
    assert ended.code == 2
    [line] = ended.said
    assert f"{output} is a device, a pipe or a socket" in line
    assert stat.S_ISFIFO((place / output).stat().st_mode)
    assert contents(place) == before


@pytest.mark.requirement("export.kept")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_the_file_it_leads_to_is_replaced(
    name: str, there: bool, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = place / "big" / "disk.jsonl"
    target.parent.mkdir()
    if there:
        target.write_text("old")
    (place / "link.jsonl").symlink_to(target)
    assert tdscaling(capsys, *COMMANDS[name], "-o", "link.jsonl").code == 0
    assert (place / "link.jsonl").is_symlink()
    assert list(contents(place / "big")) == ["disk.jsonl"]
    assert target.read_bytes() not in (b"", b"old")
    if name == "catalog":
        assert load(target) == load(place / "catalog.jsonl")
