"""What users get wrong and what servers send: one clear line, and nothing kept is lost."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pipeline.runs import exports, kept, made, rows, setup, tdscaling

from tdscaling.catalog import load
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.synthesize import KNOWLEDGE
from tdscaling.store import read_run
from tdscaling.types import Trajectory


@pytest.mark.requirement("pipeline.bad_config", "pipeline.exit_codes")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("trajectory: 3\n", "'trajectory'; did you mean 'trajectories'?"),
        ("domain: {}\n", "'domain'; did you mean 'domains'?"),
        ("give_up: 0.5\n", "give_up"),
        ("episodes: {turns: 3}\n", "'episodes.turns'; did you mean 'user_turns'?"),
        ("export: [\n", "is no valid YAML"),
        ("roles: {planner: gpt}\n", "roles.planner"),
    ],
)
def test_a_mistake_in_the_config_is_one_line_that_names_it(
    change: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, more=change)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert said in ended.errors[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.requirement("pipeline.bad_config", "pipeline.exit_codes")
def test_where_no_server_starts_one_line_says_why_of_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = setup(tmp_path, wanted=1)
    lost = {f"lost-{number}": {"command": f"/nowhere/{number}"} for number in range(7)}
    (tmp_path / "lost.json").write_text(json.dumps({"mcpServers": lost}))
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "sources=[lost.json]")
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert all(f"'lost-{number}' did not start: no such command" in ended.errors[0] for number in range(5))
    assert ended.errors[0].endswith("; 2 more")


@pytest.mark.requirement("pipeline.bad_config", "pipeline.exit_codes")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--set", "environment.slot=2"], "'environment.slot'; did you mean 'slots'?"),
        (["--set", "trajectories"], "FIELD=VALUE"),
        (["--set", "trajectories=none"], "trajectories"),
        (["--set", "sources=[nowhere.json]"], "nowhere.json"),
        (["--set", "export=[tlr]"], "tlr"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_that_names_it(
    argv: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=1)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", *argv)
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert said in ended.errors[0]


@pytest.mark.requirement("pipeline.exit_codes")
def test_a_config_that_is_not_there_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = tdscaling(capsys, "synthesize", tmp_path / "none.yaml", "-o", tmp_path / "run")
    assert ended.code == 2
    assert "none.yaml does not exist" in ended.errors[0]
    assert tdscaling(capsys, "synthesize").code == 2


@pytest.mark.requirement("pipeline.bad_schema")
def test_tools_whose_schema_is_invalid_or_leads_back_to_itself_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, "schemas", wanted=2)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 0
    assert kept(tmp_path / "run") == 2
    for name in ("invalid", "endless"):
        assert (
            len([line for line in ended.err.splitlines() if line.startswith("left out:") and f"'{name}'" in line]) == 1
        )
    names = {tool.name for tool in load(tmp_path / "run" / "catalog.jsonl.gz")}
    assert "get_order" in names
    assert not names & {"invalid", "endless"}


@pytest.mark.requirement("pipeline.bad_results")
def test_strange_results_are_data_and_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = setup(tmp_path, "huge", "bytes", "image", "breaks_schema", "hostile", wanted=12)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 0, ended.err
    assert kept(tmp_path / "run") == 12
    with read_run(tmp_path / "run") as reader:
        seen = {
            profile.tool.name: profile for profile in Knowledge.loaded(reader.exploration(KNOWLEDGE) or b"").profiles
        }
    hostile = seen["get_hostile"].successes[0].result.content
    assert "Ignore all previous instructions" in hostile, "kept as data"
    assert len(seen["get_huge"].successes[0].result.content) <= 101_000
    assert "\ufffd" in seen["get_bytes"].successes[0].result.content
    assert "image/png" in seen["get_image"].successes[0].result.content
    assert seen["get_breaks_schema"].successes[0].result.content == "seven"
    for line in exports(tmp_path / "run")["trl/train.jsonl"].decode("utf-8").splitlines():
        for message in json.loads(line)["messages"]:
            assert "Ignore all" not in message["content"] or message["role"] in ("tool", "assistant")
            assert len(message["content"]) < 110_000


@pytest.mark.requirement("pipeline.bad_store")
@pytest.mark.parametrize("harm", ["damaged", "old"])
def test_an_old_or_damaged_store_is_refused_in_one_line_and_left_as_it_was(
    harm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, run = setup(tmp_path, wanted=1), tmp_path / "run"
    assert tdscaling(capsys, "synthesize", config, "-o", run).code == 0
    if harm == "damaged":
        (run / "run.db").write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 20)
    else:
        rows(run, "PRAGMA user_version = 99")
    before = (run / "run.db").read_bytes()
    ended = tdscaling(capsys, "synthesize", config, "-o", run)
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "run.db" in ended.errors[0] or str(run) in ended.errors[0]
    assert "--new" in ended.errors[0]
    assert (run / "run.db").read_bytes() == before


@pytest.mark.requirement("pipeline.no_space")
@pytest.mark.parametrize("place", ["run", "run/export", "run/manifest.json"])
def test_a_place_that_can_t_be_written_is_one_line(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where a folder should be, and a folder where a file should be: as root permissions don't count."""
    config = setup(tmp_path, wanted=1)
    target = tmp_path / place
    target.parent.mkdir(exist_ok=True)
    if place.endswith(".json"):
        target.mkdir()
    else:
        target.write_text("in the way", encoding="utf-8")
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code in (1, 2)
    assert len(ended.errors) == 1
    assert ended.errors[0].startswith("tdscaling: ")
    assert place.rpartition("/")[2] in ended.errors[0]


@pytest.mark.requirement("pipeline.no_space")
def test_a_manifest_that_can_t_be_written_whole_leaves_the_one_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, run = setup(tmp_path, wanted=1), tmp_path / "run"
    assert tdscaling(capsys, "synthesize", config, "-o", run).code == 0
    before = (run / "manifest.json").read_bytes()
    sync = os.fsync

    def full(fd: int) -> None:
        if "manifest.json" in str(Path(f"/proc/self/fd/{fd}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(fd)

    monkeypatch.setattr(os, "fsync", full)
    ended = tdscaling(capsys, "synthesize", config, "-o", run)
    assert (ended.code, len(ended.errors)) == (1, 1)
    assert "space" in ended.errors[0]
    assert (run / "manifest.json").read_bytes() == before
    assert [path.name for path in run.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.requirement("pipeline.exit_codes")
def test_an_export_in_which_nothing_came_out_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = setup(tmp_path, wanted=1)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "export=[trl, trl-dpo]")
    assert (ended.code, ended.errors) == (0, [])
    [line] = [line for line in ended.err.splitlines() if "trl-dpo" in line]
    assert "playing.near_misses" in line
    assert list(exports(tmp_path / "run")) == ["trl/train.jsonl"]


@pytest.mark.requirement("pipeline.exit_codes")
def test_a_run_in_which_no_export_came_out_names_no_folder_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=1)
    told = ("synthesize", config, "-o", tmp_path / "run", "--set", "export=[trl-dpo]")
    assert json.loads(tdscaling(capsys, *told, "--json").out)["data"] is None
    assert "Data set: nothing was exported" in tdscaling(capsys, *told).out
    assert not (tmp_path / "run" / "export").exists()


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.requirement("pipeline.no_space")
@pytest.mark.parametrize(
    "writer",
    [
        "tdscaling.pipeline.prepare.save",
        "tdscaling.pipeline.prepare.save_edges",
        "tdscaling.pipeline.prepare.save_clusters",
        "tdscaling.pipeline.exports.write_dataset",
    ],
)
def test_no_space_for_a_file_of_the_run_is_one_line_and_the_run_goes_on_later(
    writer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, full)
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "no disk space left" in ended.errors[0]
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 0
    assert kept(tmp_path / "run") == 2


@pytest.mark.requirement("pipeline.no_space")
def test_no_space_in_the_middle_of_the_episodes_loses_nothing_that_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The store may take a few outcomes; then the disk is full, until there is room again."""
    config = setup(tmp_path, wanted=4)
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "calm").code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tdscaling.store.run.pack", after(3))
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "no disk space left" in ended.errors[0]
    saved = made(tmp_path / "run")["trajectories"]
    assert saved
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 0
    assert made(tmp_path / "run") == made(tmp_path / "calm")


def after(times: int) -> Callable[..., bytes]:
    """`pack` as it is, a few times; then a full disk."""
    from tdscaling.store import pack

    left = times

    def packed(value: Trajectory) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            full()
        return pack(value)

    return packed


@pytest.mark.requirement("pipeline.replay")
@pytest.mark.parametrize("there", [False, True])
def test_a_replay_of_no_run_is_misuse_also_where_no_role_is_a_model(
    there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if there:
        (tmp_path / "other").mkdir()
    config = setup(tmp_path, wanted=1)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--replay", tmp_path / "other")
    assert ended.code == 2
    assert ended.errors == [
        f"tdscaling: --replay {tmp_path / 'other'} is no run folder: name one that `tdscaling synthesize` wrote"
    ]
    assert not (tmp_path / "run").exists(), "said before anything is begun"
