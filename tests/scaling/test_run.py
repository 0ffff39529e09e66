"""What goes with training and needs no torch: refusals, records, scores from what was most likely."""

import importlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.house.files import ROOT
from tests.scaling.pools import DIALOGUE, samples
from tests.scaling.test_command import configured, ran

from tdscaling.config.experiment import ArmSettings, ExperimentConfig, HeldOutSettings, TrainingSettings
from tdscaling.config.load import load
from tdscaling.errors import ConfigError, DataError
from tdscaling.scaling.chat import Span, written
from tdscaling.scaling.encoding import Encoded
from tdscaling.scaling.heldout import split
from tdscaling.scaling.plan import planned
from tdscaling.scaling.results import Accuracy, Result, claim, key_of, place_on, results_json, save
from tdscaling.scaling.results import load as load_result
from tdscaling.scaling.schedule import UnmatchedError
from tdscaling.scaling.scoring import Likely, Score, judged
from tdscaling.scaling.smoke import small
from tdscaling.scaling.training import WHOLE, last_whole, refuse_full_disk
from tdscaling.scaling.training import rows as rows_of

CONFIG = ExperimentConfig(
    pool=("pool.jsonl",),
    seeds=(1,),
    arms=ArmSettings(quantity=(4, 8), diversity=(), code_shares=()),
    heldout=HeldOutSettings(unseen=4, seen=4, code=1),
    training=TrainingSettings(budget_tokens=6_000, step_tokens=1_000),
)


@pytest.mark.requirement("scaling.room")
def test_without_the_packages_that_train_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ConfigError, match=r"needs the package trl: pip install 'tdscaling\[train\]'"):
        ran(configured(tmp_path))
    assert not (tmp_path / "out").exists()


@pytest.mark.requirement("scaling.room")
def test_where_checkpoints_would_not_fit_nothing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_full_disk(tmp_path, 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000_000))
    with pytest.raises(DataError, match=r"checkpoints need 5400 MB and .* has 1000 MB free: make room"):
        refuse_full_disk(tmp_path, 5_400_000_000)


@pytest.mark.requirement("scaling.resumed")
def test_a_checkpoint_that_was_not_written_to_its_end_is_not_gone_on_with(tmp_path: Path) -> None:
    for step in (2, 10, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_whole(tmp_path) is None
    for step in (2, 10, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if step < 12:
            (tmp_path / f"checkpoint-{step}" / WHOLE).touch()
    assert last_whole(tmp_path) == tmp_path / "checkpoint-10"
    assert not (tmp_path / "checkpoint-12").exists()


@pytest.mark.requirement("scaling.trained")
def test_each_row_of_a_batch_comes_without_its_padding() -> None:
    batch = {
        "input_ids": np.array([[1, 2, 0], [3, 4, 5]]),
        "labels": np.array([[-100, 2, -100], [3, 4, 5]]),
        "attention_mask": np.array([[1, 1, 0], [1, 1, 1]]),
    }
    found = list(rows_of(batch))
    assert [row["input_ids"].tolist() for row in found] == [[[1, 2]], [[3, 4, 5]]]
    assert [row["labels"].tolist() for row in found] == [[[-100, 2]], [[3, 4, 5]]]


def letters() -> Encoded:
    """DIALOGUE with a token for every letter."""
    text = written(DIALOGUE).text
    return Encoded(tuple(map(ord, text)), tuple(Span(place, place + 1) for place in range(len(text))))


@pytest.mark.requirement("scaling.scores")
def test_a_call_counts_by_its_tool_and_by_all_of_it_and_an_answer_where_no_call_is_made(tmp_path: Path) -> None:
    text, found = written(DIALOGUE), letters()
    sample = replace(samples(tmp_path)[0], dialogue=DIALOGUE)
    losses = [2.0] * len(found.ids)
    right = judged(sample, "seen", text, found, Likely(list(found.ids), losses, ord("<")))
    assert (right.calls, right.names, right.exact, right.answers, right.answered) == (2, 2, 2, 1, 1)
    assert right.loss == 2.0
    assert right.tokens == sum(span.end - span.start for span in text.trained)
    day, first = text.text.index('"days": 3'), text.text.rindex('{"name": "look"')
    wrong_argument, wrong_tool, calling = list(found.ids), list(found.ids), list(found.ids)
    wrong_argument[day + 8] = ord("4")
    wrong_tool[text.text.index("look", first)] = ord("x")
    calling[text.text.index("Sun.<")] = ord("<")
    assert _counts(judged(sample, "seen", text, found, Likely(wrong_argument, losses, ord("<")))) == (2, 1, 1)
    assert _counts(judged(sample, "seen", text, found, Likely(wrong_tool, losses, ord("<")))) == (1, 1, 1)
    assert _counts(judged(sample, "seen", text, found, Likely(calling, losses, ord("<")))) == (2, 2, 0)
    both = Accuracy.of([right, replace(right, names=1, exact=0, loss=4.0)])
    assert (both.names, both.exact, both.answers, both.loss) == ((3, 4), (2, 4), (2, 2), 3.0)


def _counts(score: Score) -> tuple[int, int, int]:
    return score.names, score.exact, score.answered


RESULT = Result(
    name="n 4, 2 cells", axes=("quantity",), seed=1, n=4, kinds=2, share=0.0, tokens=10, steps=1, passes=1.0, cells=2,
    loss=0.5, seconds=1.0,
    scores=(Score(id="a", group="seen", calls=1, names=1, exact=0, answers=1, answered=1, refusals=0, refused=0,
                  tokens=5, loss=1.5),),
)  # fmt: skip


@pytest.mark.requirement("scaling.resumed")
def test_a_result_is_read_as_it_was_written_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    assert load_result(tmp_path) is None
    save(tmp_path, RESULT)
    assert load_result(tmp_path) == RESULT
    (told,) = json.loads(json.dumps(results_json([RESULT])))["results"]
    assert told["held_out"]["seen"]["names"] == [1, 1]
    assert "scores" not in told
    (tmp_path / "result.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="is damaged: remove its folder"):
        load_result(tmp_path)


@pytest.mark.requirement("scaling.resumed")
def test_an_arm_that_is_done_joins_the_axes_that_the_config_gives_it_later(tmp_path: Path) -> None:
    place_on(["quantity"], tmp_path)
    assert load_result(tmp_path) is None
    save(tmp_path, RESULT)
    place_on(["quantity", "diversity by cell"], tmp_path)
    assert load_result(tmp_path) == replace(RESULT, axes=("quantity", "diversity by cell"))


@pytest.mark.requirement("scaling.claimed")
def test_a_folder_takes_more_arms_and_seeds_and_refuses_another_experiment(tmp_path: Path) -> None:
    held = split(samples(tmp_path), CONFIG.heldout)
    claim(tmp_path, CONFIG, held)
    claim(tmp_path, CONFIG.model_copy(update={"seeds": (1, 2), "arms": ArmSettings()}), held)
    longer = CONFIG.model_copy(update={"training": TrainingSettings(budget_tokens=7_000)})
    with pytest.raises(ConfigError, match="holds another experiment"):
        claim(tmp_path, longer, held)
    with pytest.raises(ConfigError, match="holds another experiment"):
        claim(tmp_path, CONFIG, replace(held, seen=held.seen[1:]))


@pytest.mark.requirement("scaling.resumed")
def test_what_decides_a_result_names_it_and_nothing_else_does(tmp_path: Path) -> None:
    held = split(samples(tmp_path), CONFIG.heldout)
    one, other = planned(CONFIG, held, "").arms
    kept = CONFIG.model_copy(update={"training": CONFIG.training.model_copy(update={"keep_weights": True})})
    slower = CONFIG.model_copy(update={"training": CONFIG.training.model_copy(update={"learning_rate": 1e-5})})
    assert key_of(one, CONFIG) == key_of(one, kept)
    assert len({key_of(one, CONFIG), key_of(other, CONFIG), key_of(one, slower)}) == 3


@pytest.mark.requirement("scaling.equal_tokens")
def test_arms_that_one_draw_can_not_match_are_matched_by_another_draw_of_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = split(samples(tmp_path), CONFIG.heldout)
    narrow = CONFIG.model_copy(update={"arms": ArmSettings(quantity=(3, 4), diversity=(), code_shares=())})
    arms = planned(narrow, held, "").arms
    assert all(abs(arm.schedule.tokens - 6_000) <= 30 for arm in arms)
    small_one, large = ({one.id for one in arm.samples} for arm in arms)
    assert small_one < large
    monkeypatch.setattr("tdscaling.scaling.plan.ATTEMPTS", 1)
    refused = 0
    for seed in range(1, 9):
        try:
            planned(narrow.model_copy(update={"seeds": (seed,)}), held, "")
        except UnmatchedError:
            refused += 1
    assert refused


@pytest.mark.requirement("scaling.smoke")
def test_what_is_shipped_can_be_tried_in_small() -> None:
    config = small(load(ROOT / "experiments" / "default.yaml", ExperimentConfig))
    assert config.model.name == "tiny"
    assert config.pool == ("wide.yaml", "narrow.yaml")
    assert config.training.budget_tokens < 100_000
