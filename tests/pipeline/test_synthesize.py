"""The main job from the command line: a run folder, the same bytes for the same seed, exit codes, one-line errors."""

import gzip
import json
from pathlib import Path

import pytest
from tests.pipeline.runs import Ended, exports, kept, made, rows, setup, tdscaling

from tdscaling.config.run import RunConfig
from tdscaling.pipeline.inputs import digests
from tdscaling.types import Check, Verdict

WANTED = 8


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbs; tests only read it."""
    return tmp_path_factory.mktemp("calm")


@pytest.fixture
def ended(calm: Path, capsys: pytest.CaptureFixture[str]) -> Ended:
    """The calm run, made by the first test that asks for it and gone on with by the others."""
    config = setup(calm, wanted=WANTED) if not (calm / "config.yaml").exists() else calm / "config.yaml"
    return tdscaling(capsys, "synthesize", config, "-o", calm / "run", "--json")


@pytest.mark.requirement("pipeline.folder")
def test_a_run_leaves_its_folder_with_everything_in_it(calm: Path, ended: Ended) -> None:
    assert ended.code == 0, ended.err
    run = calm / "run"
    assert kept(run) == WANTED
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == 3
    assert manifest["config"]["trajectories"] == WANTED
    assert manifest["prompts"]
    assert manifest["tdscaling"]
    with gzip.open(run / "catalog.jsonl.gz", "rt", encoding="utf-8") as lines:
        assert {json.loads(line)["name"] for line in lines} >= {"get_order", "create_order", "get_clock"}
    edges = [json.loads(line) for line in (run / "edges.jsonl").read_text(encoding="utf-8").splitlines()]
    proved = {(e["producer"]["tool"], e["consumer"]["tool"]) for e in edges if "executed" in e["evidence"]}
    assert ("list_orders", "get_order") in proved
    clusters = [json.loads(line) for line in (run / "clusters.jsonl").read_text(encoding="utf-8").splitlines()]
    assert clusters
    assert all(3 <= len(cluster["tools"]) <= 20 for cluster in clusters)
    for name in ("trl", "sharegpt"):
        lines = (run / "export" / name / "train.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == WANTED
        assert all(json.loads(line) for line in lines)


@pytest.mark.requirement("pipeline.json")
def test_the_summary_for_machines_holds_what_the_store_holds(calm: Path, ended: Ended) -> None:
    found = json.loads(ended.out)
    assert found["kept"] == found["wanted"] == found["funnel"]["kept"] == WANTED
    counted = [number for name, number in found["funnel"].items() if name.startswith(("rejected", "lost"))]
    assert found["funnel"]["planned"] == sum(counted) + found["funnel"]["rolled out"]
    assert sum(found["bands"].values()) == sum(found["primary_modes"].values()) == WANTED
    assert found["domain_entropy"]["raw"] >= 0
    assert 0 <= found["mode_entropy"]["normalised"] <= 1
    assert found["cac"]["p10"] <= found["cac"]["p50"] <= found["cac"]["p90"]
    assert set(found["timings"]) >= {"plan", "rollout", "verify"}
    (course,) = found["evolution"]
    assert course["strategy"] == "evolution"
    assert 0 < course["covered"] <= min(course["feasible"], WANTED)
    assert Path(found["data"]).is_dir()


@pytest.mark.requirement("pipeline.summary")
def test_the_summary_for_people_names_the_funnel_the_entropies_and_the_place(
    calm: Path, ended: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    said = tdscaling(capsys, "synthesize", calm / "config.yaml", "-o", calm / "run")
    assert said.code == 0
    assert f"{WANTED} of {WANTED} trajectories kept" in said.out
    for word in (
        "business by evolution:",
        "Keep funnel",
        "domains",
        "reasoning modes",
        "Cumulative Action Complexity",
        "Bands",
        "per second",
    ):
        assert word in said.out
    assert "Data set:" in said.out


@pytest.mark.requirement("pipeline.real")
def test_every_kept_trajectory_speaks_to_tools_that_answered(calm: Path, ended: Ended) -> None:
    for line in (calm / "run" / "export" / "trl" / "train.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row["messages"][0]["role"] == "system"
        offered = {tool["function"]["name"] for tool in json.loads(row["tools"])}
        calls = {call["id"]: call for m in row["messages"] for call in m.get("tool_calls") or ()}
        answers = {m["tool_call_id"] for m in row["messages"] if m["role"] == "tool"}
        assert set(calls) == answers
        assert {call["function"]["name"] for call in calls.values()} <= offered
        assert len(offered) > len({call["function"]["name"] for call in calls.values()})


@pytest.mark.requirement("pipeline.resume")
def test_running_a_finished_run_again_changes_nothing(
    calm: Path, ended: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    before = made(calm / "run")
    again = tdscaling(capsys, "synthesize", calm / "config.yaml", "-o", calm / "run", "--json")
    assert again.code == 0
    assert made(calm / "run") == before


@pytest.mark.requirement("pipeline.same_bytes")
def test_the_same_seed_gives_the_same_bytes_wherever_the_run_lies(
    calm: Path, ended: Ended, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another folder of the config, of the run and of the server; another number of slots would be another config."""
    config = setup(tmp_path / "elsewhere", wanted=WANTED)
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "other").code == 0
    assert exports(tmp_path / "other") == exports(calm / "run")
    assert made(tmp_path / "other") == made(calm / "run")


@pytest.mark.requirement("pipeline.same_bytes")
def test_another_seed_gives_other_trajectories(
    calm: Path, ended: Ended, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path / "elsewhere", wanted=3)
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "seed=4").code == 0
    ours = set(exports(tmp_path / "run")["trl/train.jsonl"].splitlines())
    assert len(ours) == 3
    assert not ours & set(exports(calm / "run")["trl/train.jsonl"].splitlines())


@pytest.mark.requirement("pipeline.changed_config")
def test_a_changed_config_is_refused_in_one_line_and_begun_anew_only_when_told(
    calm: Path, ended: Ended, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=1)
    run = tmp_path / "run"
    assert tdscaling(capsys, "synthesize", config, "-o", run).code == 0
    before = made(run)
    refused = tdscaling(capsys, "synthesize", config, "-o", run, "--set", "trajectories=2")
    assert refused.code in (1, 2)
    assert len(refused.errors) == 1
    assert "--new" in refused.errors[0]
    assert made(run) == before
    anew = tdscaling(capsys, "synthesize", config, "-o", run, "--set", "trajectories=2", "--new")
    assert anew.code == 0
    assert kept(run) == 2
    aside = [path for path in tmp_path.iterdir() if path.name.startswith("run") and path != run]
    assert [made(path)["trajectories"] for path in aside] == [before["trajectories"]]


@pytest.mark.requirement("pipeline.exit_codes")
def test_a_run_that_falls_short_says_so_and_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = setup(tmp_path, wanted=6)
    limits = ("--set", "give_up=1.01", "--set", "episodes.user_turns=1")
    short = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", *limits)
    assert short.code == 0
    assert 0 < kept(tmp_path / "run") < 6
    assert short.errors == [f"tdscaling: only {kept(tmp_path / 'run')} of 6 could be made; the funnel says why"]


@pytest.mark.requirement("pipeline.exit_codes", "pipeline.rejected")
def test_a_run_that_keeps_nothing_fails_and_its_bad_rollouts_are_stored_but_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> Verdict:
        return Verdict((Check(name="effects", passed=False, detail="other values than expected"),))

    monkeypatch.setattr("tdscaling.pipeline.episode.verify", refuse)
    config = setup(tmp_path, wanted=2)
    none = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--json")
    assert none.code == 1
    found = json.loads(none.out)
    assert len(none.errors) == 1
    assert none.errors[0].startswith("tdscaling: none of 2 trajectories could be made: planned ")
    assert f"failed: effects {found['funnel']['failed: effects']}" in none.errors[0]
    assert found["kept"] == 0
    assert found["funnel"]["failed: effects"] == found["funnel"]["rolled out"] > 0
    assert exports(tmp_path / "run") == {}
    assert {row[0] for row in rows(tmp_path / "run", "SELECT reason FROM trajectories")} == {"effects"}


@pytest.mark.requirement("pipeline.strategy")
def test_a_strategy_for_comparison_is_a_line_of_the_config_and_a_run_can_end_by_its_stop_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=60)
    stop = ("--set", "strategy=quantity", "--set", "evolution.window=8", "--set", "evolution.least_gain=0.5")
    said = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", *stop, "--json")
    assert said.code == 0, said.err
    (course,) = json.loads(said.out)["evolution"]
    assert course["strategy"] == "quantity"
    assert 8 <= kept(tmp_path / "run") < 60
    assert said.errors == [f"tdscaling: only {kept(tmp_path / 'run')} of 60; stopped, as {course['stopped']}"]


@pytest.mark.requirement("pipeline.help")
def test_help_shows_a_config_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    said = tdscaling(capsys, "synthesize", "--help")
    assert said.code == 0
    for word in ("sources:", "trajectories:", "seed_command:", "-o runs/first", "--new", "--json", "--set"):
        assert word in said.out


@pytest.mark.requirement("pipeline.changed_config")
def test_a_changed_server_config_under_a_run_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    servers = folder / "servers.json"
    servers.write_text('{"mcpServers": {}}')
    config = RunConfig(sources=("servers.json",))
    before = digests(config, folder)
    servers.write_text('{"mcpServers": {"a": {"command": "b"}}}')
    assert before.keys() == digests(config, folder).keys() == {"servers.json"}
    assert digests(config, folder) != before
