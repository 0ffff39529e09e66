"""Recording outcomes and reading them back."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from tests.store.sample import blueprint, item, outcome, rejected, trajectory

from tdscaling.errors import StoreError
from tdscaling.store import Fault, RunStore, TimingTotal, Usage, UsageShare, UsageTotal, is_run, read_run


def opened(tmp_path: Path) -> RunStore:
    return RunStore.open(tmp_path / "run", "f", "seed: 7")


def dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "run.db") as db:
        lines = list(db.iterdump())
    db.close()
    return lines


def test_a_new_run_is_empty_and_knows_its_config(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "a" / "run", "f", "seed: 7", created="2026-01-01") as store:
        assert store.kept_count() == 0
        assert list(store.iter_trajectories(None)) == []
        meta = store.meta()
        assert (meta["config"], meta["fingerprint"], meta["created"]) == ("seed: 7", "f", "2026-01-01")
        assert store.funnel() == {"planned": 0, "rolled out": 0, "kept": 0}
    assert is_run(tmp_path / "a" / "run")


@pytest.mark.requirement("store.round_trip")
def test_what_is_recorded_comes_back_after_reopening(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.record(outcome(1))
        assert store.done("h001")
        assert not store.done("h002")
    with opened(tmp_path) as store:
        assert store.kept_count() == 1
        assert list(store.iter_trajectories()) == [trajectory(1)]
        assert store.trajectory("t1") == trajectory(1)
        assert store.trajectory("t2") is None
        assert store.blueprint("h001") == blueprint()
        assert store.state("duplicates") == b"1"
        assert store.done_items() == {"h001"}


@pytest.mark.requirement("store.idempotent")
def test_recording_an_item_again_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(outcome(1))
        before = dump(store.folder)
        assert not store.record(outcome(1))
        assert not store.record(outcome(1, failed="effects"))
        assert not store.record(rejected(1))
        assert dump(store.folder) == before
        assert store.kept_count() == 1


@pytest.mark.requirement("store.order")
def test_trajectories_come_in_item_order_however_they_were_recorded(tmp_path: Path) -> None:
    numbers = [5, 2, 700, 1, 4]
    with opened(tmp_path) as store:
        for number in numbers:
            store.record(outcome(number))
        assert [found.id for found in store.iter_trajectories()] == ["t1", "t2", "t4", "t5", "t700"]
        assert [row.id for row in store.descriptors()] == ["t1", "t2", "t4", "t5", "t700"]


def test_a_loop_over_many_pages_sees_each_trajectory_once_while_others_are_recorded(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for number in range(600):
            store.record(outcome(number))
        seen: list[int] = []
        for row in store.descriptors():
            if not seen:
                store.record(outcome(600))
            seen.append(row.order)
        assert seen == list(range(601))


@pytest.mark.requirement("store.rejected", "store.funnel")
def test_the_funnel_counts_each_item_where_it_fell(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for number, one in enumerate([outcome(0), outcome(1), outcome(2, "effects"), outcome(3, "replay")]):
            assert one.item.order == number
            store.record(one)
        store.record(outcome(4, "effects"))
        store.record(rejected(5))
        store.record(rejected(6, "gold fails"))
        store.record(rejected(7, "server crashed", stage="environment"))
        funnel = store.funnel()
        assert funnel == {
            "planned": 8,
            "rejected: gold fails": 1,
            "rejected: no-op passes": 1,
            "lost: server crashed": 1,
            "rolled out": 5,
            "failed: effects": 2,
            "failed: replay": 1,
            "kept": 2,
        }
        assert [found.verdict.reason for found in store.iter_trajectories(False)] == ["effects", "replay", "effects"]
        assert len(list(store.iter_trajectories(None))) == 5
        assert store.blueprint("h005") == blueprint()
        assert store.kept_count() == 2


def test_descriptor_rows_hold_what_the_trajectory_holds(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(outcome(4, "effects"))
        (row,) = store.descriptors(kept=False)
        assert list(store.descriptors()) == []
        assert row.descriptor == trajectory(4).descriptor
        assert (row.item, row.id, row.order, row.kept, row.reason) == ("h004", "t4", 4, False, "effects")
        assert row.messages == 10


def test_timings_usage_and_faults_add_up(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(outcome(1))
        store.record(outcome(2))
        third = Usage(role="user", model="m", request="q", prompt_tokens=1, completion_tokens=1, seconds=2.0)
        crash = Fault(kind="crash", subject="time", detail="at start")
        store.record(replace(rejected(3), timings={"rollout": 1.0}, usage=(third,), faults=(crash,)))
        assert store.timings() == [
            TimingTotal(stage="rollout", count=3, seconds=2.0),
            TimingTotal(stage="verify", count=2, seconds=0.5),
        ]
        assert store.usage_totals() == [
            UsageTotal(role="user", model="m", requests=3, prompt_tokens=11, completion_tokens=5, seconds=2.0, cost=1.0)
        ]
        assert [fault.kind for fault in store.faults()] == ["crash", "timeout", "timeout"]


@pytest.mark.requirement("store.usage")
def test_usage_is_told_by_the_line_of_the_funnel_and_by_cluster(tmp_path: Path) -> None:
    spent = (
        Usage(role="planner", model="m", request="p", prompt_tokens=7, completion_tokens=1, seconds=0.5, cost=2.0),
    )
    with opened(tmp_path) as store:
        store.record(outcome(1))
        store.record(outcome(2))
        store.record(outcome(3, failed="effects"))
        store.record(replace(rejected(4), usage=spent))
        store.record(replace(rejected(5, "provider_error", stage="environment"), usage=spent))
        assert store.usage_by_fate() == [
            UsageShare(name="failed: effects", items=1, kept=0, requests=1, tokens=7, seconds=0.0, cost=0.5),
            UsageShare(name="kept", items=2, kept=2, requests=2, tokens=14, seconds=0.0, cost=1.0),
            UsageShare(name="lost: provider_error", items=1, kept=0, requests=1, tokens=8, seconds=0.5, cost=2.0),
            UsageShare(name="rejected: no-op passes", items=1, kept=0, requests=1, tokens=8, seconds=0.5, cost=2.0),
        ]
        assert store.usage_by_cluster() == [
            UsageShare(name=item(1).target.cluster, items=5, kept=2, requests=5, tokens=37, seconds=1.0, cost=5.5)
        ]
        assert {one.name for one in store.usage_by_fate()} <= set(store.funnel())


def test_state_and_explorations_are_kept_by_key(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.save_state("archive", b"1")
        store.save_state("archive", b"2")
        store.save_exploration("git", b"x")
        assert (store.state("archive"), store.exploration("git")) == (b"2", b"x")
        assert (store.state("no"), store.exploration("no")) == (None, None)


@pytest.mark.requirement("store.atomic")
def test_an_outcome_that_can_not_be_written_whole_leaves_no_trace(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(outcome(1))
        before = dump(store.folder)
        store._db.execute("CREATE TEMP TRIGGER no BEFORE INSERT ON timings BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(StoreError, match="run the same command again"):
            store.record(outcome(2))
        assert dump(store.folder) == before
        assert store.kept_count() == 1
        store._db.execute("DROP TRIGGER no")
        assert store.record(outcome(2))


def test_a_reader_sees_a_run_while_it_is_written(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.record(outcome(1))
        with read_run(store.folder) as reader:
            assert [found.id for found in reader.iter_trajectories()] == ["t1"]
            store.record(outcome(2))
            assert reader.kept_count() == 2


def test_a_folder_without_a_run_is_named_to_the_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run folder"):
        read_run(tmp_path)
    assert not is_run(tmp_path)


def test_an_outcome_has_either_a_trajectory_or_a_rejection() -> None:
    with pytest.raises(ValueError, match="either"):
        type(outcome(1))(item=item(1))
