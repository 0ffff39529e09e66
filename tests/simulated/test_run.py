"""A run whose only source is a description of tools."""

import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from rich.console import Console
from tests.simulated.family import DESK, tools
from tests.simulated.test_relations import FORGE, SERVER

from tdscaling.catalog import save
from tdscaling.cli.synthesize import command as synthesize_command
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError
from tdscaling.pipeline import summarise, synthesize
from tdscaling.pipeline.table import show
from tdscaling.store import read_run
from tdscaling.types import JsonObject, Tool


def configured(folder: Path, trajectories: int, faults: JsonObject) -> RunConfig:
    """A run of business episodes on the desk alone, whose description is saved in the folder."""
    save(tools(DESK), folder / "tools.jsonl.gz")
    return RunConfig.model_validate(
        {
            "sources": ["tools.jsonl.gz"],
            "trajectories": trajectories,
            "environment": {"worlds": 2},
            "mixture": {"business": 1, "computational": 0},
            "faults": faults,
        }
    )


@pytest.mark.requirement("simulated.synthesized")
async def test_a_corpus_alone_gives_kept_trajectories_that_say_what_they_were_made_from(tmp_path: Path) -> None:
    config = configured(tmp_path, 4, {"rate": 0.05})
    result = await synthesize(config, tmp_path / "run", tmp_path)
    assert result.kept == 4
    with read_run(tmp_path / "run") as reader:
        for trajectory in reader.iter_trajectories(kept=True):
            made_in = json.loads(json.dumps(trajectory.provenance["environment"]))
            assert made_in["kind"] == "simulated"
            assert len(made_in["servers"]["desk"]["model"]) == 16


@pytest.mark.requirement("simulated.told", "simulated.policy")
async def test_what_no_tool_shows_is_told_as_what_is_known_and_not_among_the_rules(tmp_path: Path) -> None:
    rule = {"text": "Titles are kept short.", "tools": ["get_issue"], "field": "title", "enforced_by": "assistant"}
    config = configured(tmp_path, 2, {}).model_dump(mode="json", exclude_unset=True)
    config["simulation"] = {"rules": {SERVER: [rule]}}
    save(FORGE, tmp_path / "tools.jsonl.gz")
    await synthesize(RunConfig.model_validate(config), tmp_path / "run", tmp_path)
    with read_run(tmp_path / "run") as reader:
        prompts = [one.dialogue.messages[0].content for one in reader.iter_trajectories()]
    assert prompts
    for prompt in prompts:
        known, _, rules = prompt.partition("Rules you must keep:")
        assert f"What {SERVER} has: owner " in known.partition("What you know about this environment:")[2]
        assert rules.split("\n")[1:] == ["- Titles are kept short."]


@pytest.mark.requirement("simulated.recovering")
async def test_episodes_with_passing_faults_are_kept_and_say_how_they_were_got_over(tmp_path: Path) -> None:
    config = configured(tmp_path, 6, {"rate": 0.4, "kinds": ["timeout", "rate_limit", "transient"]})
    result = await synthesize(config, tmp_path / "run", tmp_path)
    assert result.kept == 6
    met: list[object] = []
    recovering = 0
    with read_run(tmp_path / "run") as reader:
        for trajectory in reader.iter_trajectories(kept=True):
            faults = json.loads(json.dumps(trajectory.provenance.get("faults", [])))
            met += [fault["recovered"] for fault in faults]
            recovering += bool(faults) and "recovering" in trajectory.descriptor.modes
    assert len(met) > 3
    assert set(met) == {"retried"}
    assert recovering > 1


def _works_out() -> list[Tool]:
    """A server whose tools work something out, the later ones from what the first gives."""
    key: JsonObject = {"type": "object", "properties": {"forecast_id": {"type": "string"}}, "required": ["forecast_id"]}
    given: JsonObject = {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]}
    return [
        Tool(server="oracle", name="predict_forecast", input_schema=given, output_schema=key),
        Tool(server="oracle", name="calculate_forecast", input_schema=key),
        Tool(server="oracle", name="estimate_forecast", input_schema=key),
    ]


@pytest.mark.requirement("simulated.left_out", "simulated.bad_input")
def test_clusters_that_cant_be_simulated_are_counted_with_their_reasons_beside_the_funnel(tmp_path: Path) -> None:
    config = configured(tmp_path, 2, {}).model_dump(mode="json", exclude_unset=True)
    save([*tools(DESK), *_works_out()], tmp_path / "tools.jsonl.gz")
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run = ["-o", str(tmp_path / "run")]
    done = CliRunner().invoke(synthesize_command, [str(tmp_path / "c.yaml"), *run, "--json"])
    found = json.loads(done.stdout)["simulated_clusters"]
    (lost,) = [row for row in found["left_out"] if "works something out" in row["reason"]]
    counts = found["funnel"]
    assert counts["drawn"] == counts["simulated"] + sum(n for name, n in counts.items() if name.startswith("left out"))
    assert counts["simulated"] > 0
    assert counts[f"left out: {lost['reason']}"] == 1
    assert f"left out: cluster {lost['name']} ({lost['cluster']}): {lost['reason']}\n" in done.stderr
    said = StringIO()
    show(summarise(tmp_path / "run"), 2, {"seconds": 1, "episode_seconds": 1, "kept_per_second": 2}, Console(file=said))
    assert "Clusters drawn to be simulated" in said.getvalue()
    words = " ".join(said.getvalue().split())
    assert "This time 1.0 s, 1.0 s of it for episodes: 2.00 kept per second; work by stage in the whole run" in words


@pytest.mark.requirement("simulated.left_out")
async def test_a_run_of_which_no_cluster_can_be_simulated_says_how_many_there_were_and_why(tmp_path: Path) -> None:
    config = configured(tmp_path, 2, {})
    save(_works_out(), tmp_path / "tools.jsonl.gz")
    with pytest.raises(ConfigError, match=r"of 1 clusters drawn to be simulated, 1 left out: works something out"):
        await synthesize(config, tmp_path / "run", tmp_path)
