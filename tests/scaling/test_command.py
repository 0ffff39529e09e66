"""`tdscaling experiment` as a user calls it."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from tests.house.files import ROOT
from tests.scaling.pools import rows, written

from tdscaling.cli.experiment import command
from tdscaling.config.experiment import ExperimentConfig
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError, DataError

SMALL = {
    "pool": ["pool.jsonl"],
    "seeds": [1, 2],
    "arms": {"quantity": [2, 4], "diversity": [2, 4], "diversity_n": 4, "code_shares": [0.0, 0.2]},
    "heldout": {"unseen": 10, "seen": 6, "code": 3},
    "training": {"budget_tokens": 16000, "step_tokens": 1000},
}


def configured(folder: Path, **changes: object) -> Path:
    written(folder, rows())
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**SMALL, **changes}), encoding="utf-8")
    return path


def ran(config: Path, *options: str) -> Result:
    found = CliRunner().invoke(command, [str(config), "-o", str(config.parent / "out"), *options])
    if found.exception is not None:
        raise found.exception
    return found


@pytest.mark.requirement("scaling.plan", "scaling.equal_tokens")
def test_the_plan_tells_every_arm_and_trains_nothing(tmp_path: Path) -> None:
    config = configured(tmp_path)
    told = json.loads(ran(config, "--plan", "--json").stdout)
    names = [(arm["name"], arm["seed"]) for arm in told["arms"]]
    assert len(names) == len(set(names)) == 8
    assert told["held_out"] == {"unseen": 10, "seen": 6, "code": 3}
    assert told["tokens_apart"] <= 0.01
    assert [round(arm["code_share"], 1) for arm in told["arms"][:4]] == [0.0, 0.0, 0.0, 0.2]
    assert all(abs(arm["tokens"] - 16000) <= 80 and arm["steps"] == 16 for arm in told["arms"])
    seconds = told["seconds"]
    slower = json.loads(ran(config, "--plan", "--json", "--set", "speed.train=15").stdout)
    assert slower["seconds"] == pytest.approx(seconds + 8 * 16000 * (1 / 15 - 1 / 150))
    assert not (tmp_path / "out").exists()
    shown = ran(config, "--plan").stdout
    assert "cells" in shown
    assert "20%" in shown
    assert "approximation" in shown


@pytest.mark.requirement("scaling.refused")
def test_one_trajectory_twice_in_the_pool_is_refused(tmp_path: Path) -> None:
    config = configured(tmp_path, pool=["pool.jsonl", "pool.jsonl"])
    with pytest.raises(DataError, match="is in the pool twice"):
        ran(config, "--plan")


@pytest.mark.requirement("scaling.refused")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("seeds=[1,1]", "a seed is named twice"),
        ("arms.quantity=[0]", r"arms\.quantity\.0: input should be greater"),
        ("arms.code_shares=[1.0]", r"arms\.code_shares\.0: input should be less than 1"),
        ("arms.quantity=[600]", "2 cells of the pool have .* 600 are asked for: name a larger pool"),
        ("training.budget_tokens=100", "more than the budget of 100: raise"),
        ("arms.selection_tokens=9000000", "too few tokens to choose 9000000 from"),
        ("evaluation.episodes=1", "and 0 of 10 held-out trajectories can be played again"),
        ("model.max_length=64", "are longer than 64 tokens"),
        ("pool=[nowhere]", "nowhere does not exist"),
        ("heldout.given=pool.jsonl", "has no text of 13 words"),
    ],
)
def test_what_can_not_be_compared_is_refused_in_one_line(tmp_path: Path, change: str, said: str) -> None:
    with pytest.raises((ConfigError, DataError), match=said) as refusal:
        ran(configured(tmp_path), "--plan", "--set", change)
    assert "\n" not in str(refusal.value)


@pytest.mark.requirement("scaling.plan")
def test_the_configurations_that_are_shipped_are_valid() -> None:
    folder = ROOT / "experiments"
    experiments = {path.name: load(path, ExperimentConfig) for path in folder.glob("*.yaml") if _is_experiment(path)}
    assert {"default.yaml", "gpu.yaml"} <= experiments.keys()
    assert "NOT RUN HERE" in (folder / "gpu.yaml").read_text(encoding="utf-8")
    for config in experiments.values():
        for name in config.pool:
            run = load(folder / name, RunConfig)
            assert all((folder / source).exists() for source in run.sources)


def _is_experiment(path: Path) -> bool:
    return "pool" in yaml.safe_load(path.read_text(encoding="utf-8"))
