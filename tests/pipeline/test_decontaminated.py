"""What shares words with texts that must not be trained on is not kept, and the funnel says why."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.pipeline.simulated_run import configured
from tests.store.sample import outcome, trajectory

from tdscaling.errors import ConfigError, DataError
from tdscaling.pipeline import synthesize
from tdscaling.pipeline.inputs import digests
from tdscaling.pipeline.judging import Judging
from tdscaling.selection.benchmarks import TEXTS, places
from tdscaling.selection.contamination import Held, runs
from tdscaling.store import read_run
from tdscaling.types import Dialogue, Message, Trajectory

WANTED = 3
TASK = "Please count the lighthouses on the northern coast and tell me which of them was built first of all."


def said(folder: Path) -> list[str]:
    """What users and assistants say in what was kept."""
    with read_run(folder) as run:
        kept = list(run.iter_trajectories(kept=True))
    return [one.content for each in kept for one in each.dialogue.messages if one.role in ("user", "assistant")]


def saying(text: str, role: str = "user") -> Trajectory:
    message = Message(role="user" if role == "user" else "assistant", content=text)
    return replace(trajectory(), id=f"says {text}", dialogue=Dialogue(messages=(message,)))


@pytest.mark.requirement("pipeline.contamination", "evals.contamination")
async def test_an_overlap_planted_in_a_benchmark_is_dropped_and_counted_with_its_reason(tmp_path: Path) -> None:
    config = configured(tmp_path, WANTED, 1, decontaminate=["benchmark"])
    (tmp_path / "benchmark").mkdir()
    (tmp_path / "benchmark" / "tasks.txt").write_text(TASK)
    await synthesize(config, tmp_path / "free", tmp_path)
    sentence = next(text for text in said(tmp_path / "free") if any(True for _ in runs(text)))
    tasks = [{"question": [[{"role": "user", "content": f"{number}. {sentence}"}]]} for number in range(2)]
    (tmp_path / "benchmark" / "tasks.json").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    assert (await synthesize(config, tmp_path / "clean", tmp_path)).kept == WANTED
    assert not {*runs(sentence)} & {run for text in said(tmp_path / "clean") for run in runs(text)}
    with read_run(tmp_path / "clean") as run:
        dropped = [one for one in run.iter_trajectories(kept=False) if one.verdict.reason == "contamination"]
        assert run.funnel()["failed: contamination"] == len(dropped) >= 1
    assert all(Held([sentence]).overlaps(one.dialogue) for one in dropped)


@pytest.mark.requirement("pipeline.contamination")
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_what_shares_a_run_of_words_fails_before_it_counts_as_a_duplicate(role: str) -> None:
    judging = Judging(held=Held([f"Task 7: {TASK.upper()}"]))
    made = replace(outcome(0), trajectory=saying(f"So: {TASK}", role), misses=(saying(TASK), saying("Hello.")))
    found = judging.judged(made)
    assert found.trajectory is not None
    assert found.trajectory.verdict.reason == "contamination"
    assert [one.id for one in found.misses] == ["says Hello."]
    other = judging.judged(replace(outcome(1), trajectory=saying("Count the lighthouses.")))
    assert other.trajectory is not None
    assert [check.name for check in other.trajectory.verdict.checks[-2:]] == ["contamination", "near_duplicate"]
    assert other.trajectory.verdict.kept
    free = Judging().judged(made)
    assert free.trajectory is not None
    assert free.trajectory.verdict.kept
    assert free.misses == made.misses


@pytest.mark.requirement("pipeline.contamination")
async def test_texts_that_are_not_there_are_one_line_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.txt is no text to stay away from, nor one of bfcl, tau2, humaneval"):
        await synthesize(configured(tmp_path, 1, 1, decontaminate=["gone.txt"]), tmp_path / "run", tmp_path)
    assert not (tmp_path / "run").exists()


@pytest.mark.requirement("pipeline.contamination")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"Count the lighthouses.", r"^short\.txt has no text of 13 words or more"),
        (b"\xff", r"short\.txt can't be read: it is not UTF-8"),
    ],
)
async def test_texts_that_tell_no_overlap_are_refused_before_anything_is_made(
    text: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "short.txt").write_bytes(text)
    with pytest.raises(DataError, match=reason):
        await synthesize(configured(tmp_path, 1, 1, decontaminate=["short.txt"]), tmp_path / "run", tmp_path)
    assert not (tmp_path / "run").exists()


@pytest.mark.requirement("selection.benchmarks")
def test_an_installed_benchmark_goes_by_its_name_and_another_is_told_how_to_install(tmp_path: Path) -> None:
    for name, (evaluation, pattern) in TEXTS.items():
        with pytest.raises(ConfigError, match=f"`tdscaling eval {evaluation} --install`"):
            places(name, cache=tmp_path)
        folder = tmp_path / pattern.replace("-*/", "-1.0/").replace("python3*", "python3.11")
        folder.mkdir(parents=True)
        assert places(name, cache=tmp_path) == [folder]


@pytest.mark.requirement("pipeline.contamination", "pipeline.changed_config")
def test_a_run_is_another_where_the_texts_are_others_and_the_same_without_any(tmp_path: Path) -> None:
    config = configured(tmp_path, 1, 1)
    assert "decontaminate" not in config.decisive()
    config = configured(tmp_path, 1, 1, decontaminate=["tasks.txt"])
    (tmp_path / "tasks.txt").write_text("one")
    before = digests(config, tmp_path)
    (tmp_path / "tasks.txt").write_text("another")
    assert config.decisive()["decontaminate"] == ["tasks.txt"]
    assert digests(config, tmp_path)["tasks.txt"] != before["tasks.txt"]
