"""No command writes over its own inputs or over the files that a run is kept in."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.commands import ANSWERED, contents, data
from tests.graph.shop import shop
from tests.pipeline.runs import tdscaling
from tests.store.sample import outcome

from tdscaling.catalog import save
from tdscaling.store import RunStore

CHOOSE = ("--budget-tokens", "1000")
SAME: dict[str, tuple[str, ...]] = {
    "report": ("report", "rows.jsonl", "-o", "rows.jsonl"),
    "report of several": ("report", "more.jsonl", "rows.jsonl", "-o", "rows.jsonl"),
    "graph": ("graph", "catalog.jsonl", "-o", "catalog.jsonl"),
    "graph, executed": ("graph", "catalog.jsonl", "--executed", "edges.jsonl", "-o", "edges.jsonl"),
    "cluster": ("cluster", "catalog.jsonl", "-o", "catalog.jsonl"),
    "cluster, edges": ("cluster", "catalog.jsonl", "--edges", "edges.jsonl", "-o", "edges.jsonl"),
    "catalog": ("catalog", "build", "catalog.jsonl", "-o", "catalog.jsonl"),
    "catalog of a folder": ("catalog", "build", "tools", "-o", "tools/catalog.jsonl"),
    "select": ("select", "rows.jsonl", *CHOOSE, "-o", "rows.jsonl"),
    "select, ids": ("select", "rows.jsonl", *CHOOSE, "--never", "ids.jsonl", "-o", "ids.jsonl"),
    "select, excluded": ("select", "rows.jsonl", *CHOOSE, "--exclude", "more.jsonl", "-o", "more.jsonl"),
    "select of a folder": ("select", "set", *CHOOSE, "-o", "set"),
    "export": ("export", "rows.jsonl", "--format", "trl", "-o", "rows.jsonl"),
    "export of a folder": ("export", "set", "--format", "trl", "-o", "set"),
    "another name": ("export", "rows.jsonl", "--format", "trl", "-o", "set/../rows.jsonl"),
    "a link": ("export", "rows.jsonl", "--format", "trl", "-o", "link.jsonl"),
    "a second name": ("report", "rows.jsonl", "-o", "hard.jsonl"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("rows.jsonl", "more.jsonl", "set/train.jsonl"):
        data(tmp_path / name, ANSWERED)
    (tmp_path / "tools").mkdir()
    for name in ("catalog.jsonl", "tools/catalog.jsonl"):
        save(shop(), tmp_path / name)
    (tmp_path / "edges.jsonl").write_text("")
    (tmp_path / "ids.jsonl").write_text("t9\n")
    (tmp_path / "link.jsonl").symlink_to("rows.jsonl")
    os.link("rows.jsonl", "hard.jsonl")
    return tmp_path


@pytest.mark.requirement("export.kept", "house.exits")
@pytest.mark.parametrize("name", SAME)
def test_an_input_is_not_written_over(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(place)
    ended = tdscaling(capsys, *SAME[name])
    assert ended.code == 2
    [line] = ended.said
    assert "would write over what is read" in line
    assert contents(place) == before


WRITERS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "report": lambda output: ("report", "run", "-o", output),
    "graph": lambda output: ("graph", "catalog.jsonl", "-o", output),
    "cluster": lambda output: ("cluster", "catalog.jsonl", "-o", output),
    "catalog": lambda output: ("catalog", "build", "catalog.jsonl", "-o", output),
    "select": lambda output: ("select", "run", *CHOOSE, "-o", output),
    "export": lambda output: ("export", "run", "--format", "trl", "-o", output),
}


@pytest.mark.requirement("export.kept", "house.exits")
@pytest.mark.parametrize(
    "own", ["run.db", "llm.db", "run.lock", "manifest.json", "catalog.jsonl.gz", "edges.jsonl", "clusters.jsonl"]
)
@pytest.mark.parametrize("name", WRITERS)
def test_no_file_that_a_run_is_kept_in_is_written_over(
    name: str, own: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RunStore.open(place / "run", "f1", "seed: 7") as store:
        store.record(outcome(0))
    before = contents(place)
    ended = tdscaling(capsys, *WRITERS[name](f"run/{own}"))
    assert ended.code == 2
    [line] = ended.said
    assert "would write over a file that a run is kept in" in line
    assert contents(place) == before


@pytest.mark.requirement("export.kept", "house.exits")
@pytest.mark.parametrize("name", ["graph", "cluster", "catalog"])
def test_a_pipe_is_refused_and_a_link_stays_one(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    ended = tdscaling(capsys, *WRITERS[name]("pipe"))
    assert ended.code == 2
    [line] = ended.said
    assert "pipe is a device, a pipe or a socket" in line
    (place / "old.jsonl").write_text("old\n")
    (place / "new.jsonl").symlink_to("old.jsonl")
    assert tdscaling(capsys, *WRITERS[name]("new.jsonl")).code == 0
    assert (place / "new.jsonl").is_symlink()
    assert (place / "old.jsonl").read_text() not in ("", "old\n")


def test_beside_an_input_there_is_room(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert tdscaling(capsys, "export", "set", "--format", "trl", "-o", "other.jsonl").code == 0
        assert tdscaling(capsys, "report", "set", "-o", "set/report.html").code == 0
        assert tdscaling(capsys, "graph", "catalog.jsonl", "-o", "new.jsonl").code == 0
