"""A server that fails in the middle: recorded as its fault, and the run goes on."""

from pathlib import Path

import pytest
from tests.pipeline.runs import kept, rows, serve, setup, tdscaling

FAULTS = "SELECT kind, subject, detail FROM faults"


@pytest.mark.requirement("pipeline.server_fault")
@pytest.mark.parametrize(("kind", "named"), [("hang", "(timeout)"), ("crash", "(crash)"), ("flood", "(flood)")])
def test_an_episode_whose_server_fails_is_recorded_as_its_fault_and_the_run_goes_on(
    kind: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the second world, which exploration never sees, one tool fails the server."""
    config = setup(tmp_path, f"late {kind}", wanted=6)
    fast = ("--set", "environment.call_timeout=2") if kind == "hang" else ()
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", *fast)
    assert ended.code == 0, ended.err
    assert kept(tmp_path / "run") == 6
    faults = rows(tmp_path / "run", FAULTS)
    assert faults
    for said, subject, detail in faults:
        assert (said, subject) == ("server_error", "shop")
        assert named in str(detail)
    lost = rows(tmp_path / "run", "SELECT reason FROM rejections WHERE stage = 'environment'")
    assert len(lost) == len(faults)
    blamed = rows(tmp_path / "run", "SELECT detail FROM rejections WHERE stage = 'blueprint'")
    assert not [detail for (detail,) in blamed if named in str(detail)], "no plan is blamed for the server"


@pytest.mark.requirement("pipeline.bad_tool")
def test_tools_that_fail_whenever_they_are_called_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, "hang", "crash", "flood", wanted=4)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "environment.call_timeout=2")
    assert ended.code == 0, ended.err
    assert kept(tmp_path / "run") == 4
    left_out = [line for line in ended.err.splitlines() if line.startswith("left out: shop/")]
    assert {line.split(":")[1].strip() for line in left_out} == {"shop/get_hang", "shop/get_crash", "shop/get_flood"}
    for kind in ("timeout", "crash", "flood"):
        assert [line for line in left_out if f"({kind})" in line]
    called = rows(tmp_path / "run", "SELECT trajectory FROM bodies")
    assert called


@pytest.mark.requirement("pipeline.bad_start")
@pytest.mark.parametrize(
    ("bad", "named"), [("crash at start", "cannot open the database"), ("rubbish", "did not start")]
)
def test_a_server_that_does_not_start_is_named_and_the_others_go_on(
    bad: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=2)
    serve(tmp_path, {"shop": (), "broken": (bad,)})
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 0, ended.err
    assert kept(tmp_path / "run") == 2
    lines = [line for line in ended.err.splitlines() if line.startswith("left out: ") and "'broken'" in line]
    assert len(lines) == 1
    assert named in lines[0]


@pytest.mark.requirement("pipeline.bad_start", "pipeline.exit_codes")
@pytest.mark.parametrize("bad", ["crash at start", "rubbish", "no such command"])
def test_without_a_server_that_starts_there_is_one_line_that_names_it(
    bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, bad)
    if bad == "no such command":
        text = '{"mcpServers": {"shop": {"command": "mcp-server-of-nobody"}}}'
        (tmp_path / "servers.json").write_text(text, encoding="utf-8")
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code in (1, 2)
    assert len(ended.errors) == 1
    assert "'shop'" in ended.errors[0]
    assert "Traceback" not in ended.err
