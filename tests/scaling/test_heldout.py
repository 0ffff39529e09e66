"""Held-out sets: by construction without overlap, and refused where there is one."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.pipeline.simulated_run import configured
from tests.scaling.pools import row, rows, samples, written

from tdscaling.config.experiment import HeldOutSettings
from tdscaling.errors import DataError
from tdscaling.export import EXPORTERS, record_of, write_dataset
from tdscaling.pipeline import synthesize
from tdscaling.scaling.heldout import refuse_given, refuse_overlap, split
from tdscaling.scaling.pool import read_pool
from tdscaling.store import read_run

SETTINGS = HeldOutSettings(unseen=10, seen=6, code=3)
LONG = "these are the very same thirteen words in a row that two of them share now"


@pytest.mark.requirement("scaling.held_out")
def test_the_three_sets_and_what_is_trained_on_share_neither_task_nor_unseen_tool(tmp_path: Path) -> None:
    pool = samples(tmp_path)
    found = split(pool, SETTINGS)
    assert (len(found.unseen), len(found.seen), len(found.code)) == (10, 6, 3)
    ids = [one.id for one in (*found.held, *found.training)]
    assert len(set(ids)) == len(ids)
    unseen = {key for one in found.unseen for key in one.tools}
    trained = {key for one in found.training for key in one.tools}
    assert unseen
    assert not unseen & trained
    assert {key for one in found.seen for key in one.tools} <= trained
    assert all(one.code for one in found.code)
    assert len(ids) + found.touching + found.overlapping == len(pool)
    assert split(pool, SETTINGS) == found


@pytest.mark.requirement("scaling.held_out")
def test_what_shares_a_run_of_words_with_a_held_out_task_is_not_trained_on(tmp_path: Path) -> None:
    shared = [row(900 + n, service=f"service{n % 6}", said=f"{LONG} {n}") for n in range(40)]
    found = split(samples(tmp_path, [*rows(), *shared]), SETTINGS)
    held = [one for one in found.held if LONG in one.dialogue.messages[0].content]
    assert held
    assert not [one for one in found.training if LONG in one.dialogue.messages[0].content]
    assert found.overlapping > 10


@pytest.mark.requirement("scaling.overlap")
def test_a_training_set_that_overlaps_is_refused_and_the_trajectory_named(tmp_path: Path) -> None:
    pool = samples(tmp_path)
    found = split(pool, SETTINGS)
    refuse_overlap(found.training, found, 13)
    again = found.seen[0]
    with pytest.raises(DataError, match=f"{again.id} is trained on and held out"):
        refuse_overlap([*found.training, again], found, 13)
    touching = replace(found.unseen[0], id="new", dialogue=found.training[0].dialogue)
    with pytest.raises(DataError, match=r"new is trained on and offers service\d/look, a tool that must stay unseen"):
        refuse_overlap([touching], found, 13)
    words = replace(found.training[0], id="new", dialogue=found.seen[0].dialogue)
    with pytest.raises(DataError, match="new is trained on and shares 1 words in a row"):
        refuse_overlap([words], found, 1)


@pytest.mark.requirement("scaling.overlap")
def test_a_held_out_set_of_the_users_own_that_overlaps_is_refused(tmp_path: Path) -> None:
    pool = samples(tmp_path, [*rows(), row(900, service="service1", said=LONG)])
    own = written(tmp_path, [row(1, service="other", said=f"so {LONG}")], "own.jsonl")
    with pytest.raises(DataError, match=r"t900 of the pool shares 13 words in a row with .*own\.jsonl"):
        refuse_given(pool, own, 13)
    refuse_given(pool[:-1], own, 13)
    short = written(tmp_path, [row(1, service="other", said="too short")], "short.jsonl")
    with pytest.raises(DataError, match=r"short\.jsonl has no text of 13 words"):
        refuse_given(pool, short, 13)


@pytest.mark.requirement("scaling.overlap")
def test_a_held_out_set_may_be_a_run_and_its_dialogues_are_read(tmp_path: Path) -> None:
    made = configured(tmp_path, 2, 1)
    asyncio.run(synthesize(made, tmp_path / "run", tmp_path))
    with read_run(tmp_path / "run") as run:
        kept = [record_of(one) for one in run.iter_trajectories()]
    write_dataset(kept, EXPORTERS["openai"], tmp_path / "same.jsonl")
    pool = read_pool([tmp_path / "same.jsonl"], len, 10**9).samples
    with pytest.raises(DataError, match=r"shares 6 words in a row with .*run"):
        refuse_given(pool, tmp_path / "run", 6)


@pytest.mark.requirement("scaling.refused")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (HeldOutSettings(unseen=500), "services give fewer than 500"),
        (HeldOutSettings(unseen=5, seen=500), "too few to hold out 500"),
        (HeldOutSettings(unseen=5, seen=5, code=50), "has 8 code tasks, 50 are to be held out"),
    ],
)
def test_a_pool_too_small_to_hold_out_from_is_refused(tmp_path: Path, settings: HeldOutSettings, said: str) -> None:
    with pytest.raises(DataError, match=said):
        split(samples(tmp_path), settings)
