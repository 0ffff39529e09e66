"""A run whose only source is a description of tools."""

import json
from pathlib import Path

import pytest
from tests.simulated.family import DESK, tools

from tdscaling.catalog import save
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import synthesize
from tdscaling.store import read_run
from tdscaling.types import JsonObject


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
