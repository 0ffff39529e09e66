"""Looking at the outcomes of a run one by one."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.store.sample import item, outcome, rejected, trajectory

from tdscaling.errors import StoreError
from tdscaling.store import Outcome, RunStore, Wanted, browse_run


def elsewhere(number: int) -> Outcome:
    """A kept trajectory of another domain, mode and server."""
    one = trajectory(number)
    where = replace(one.descriptor, domain="files", primary_mode="direct", servers=("fs", "git"))
    return replace(outcome(number), trajectory=replace(one, descriptor=where))


MADE = (
    outcome(0),
    outcome(1, failed="replay"),
    rejected(2),
    rejected(3, "server_died", stage="environment"),
    elsewhere(4),
    replace(outcome(5), misses=(trajectory(50, "effects"), trajectory(51, "user_leak"))),
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    with RunStore.open(folder, "f", "seed: 7") as store:
        for one in reversed(MADE):
            store.record(one)
    return folder


def names(folder: Path, wanted: Wanted, start: int = 0, count: int = 50) -> list[str]:
    with browse_run(folder) as browser:
        return [one.item for one in browser.listed(wanted, start, count)]


@pytest.mark.requirement("store.browse")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["h000", "h001", "h002", "h003", "h004", "h005"]),
        (Wanted(fate="kept"), ["h000", "h004", "h005"]),
        (Wanted(fate="failed: replay"), ["h001"]),
        (Wanted(fate="rejected: no-op passes"), ["h002"]),
        (Wanted(fate="lost: server_died"), ["h003"]),
        (Wanted(domain="files"), ["h004"]),
        (Wanted(mode="sequential"), ["h002", "h003"]),
        (Wanted(mode="recovering", fate="kept"), ["h000", "h005"]),
        (Wanted(server="fs"), ["h004"]),
        (Wanted(id="h00"), ["h000", "h001", "h002", "h003", "h004", "h005"]),
        (Wanted(id="h004"), ["h004"]),
        (Wanted(id="%"), []),
        (Wanted(fate="kept' OR 1=1 --"), []),
    ],
)
def test_outcomes_are_found_by_what_they_are_in_their_order(run: Path, wanted: Wanted, found: list[str]) -> None:
    assert names(run, wanted) == found
    with browse_run(run) as browser:
        assert sum(browser.fates(wanted).values()) == len(found)


def test_a_page_is_a_part_of_the_list(run: Path) -> None:
    assert names(run, Wanted(), 1, 2) == ["h001", "h002"]
    assert names(run, Wanted(), 6, 2) == []


@pytest.mark.requirement("store.browse")
def test_the_fates_are_the_lines_of_the_funnel_with_their_counts(run: Path) -> None:
    with browse_run(run) as browser:
        funnel = {name: n for name, n in browser.funnel().items() if name not in ("planned", "rolled out")}
        assert browser.fates(Wanted()) == funnel
        assert {fate: browser.fates(Wanted(fate=fate))[fate] for fate in funnel} == funnel


def test_what_there_is_to_choose_from_is_all_that_occurs(run: Path) -> None:
    with browse_run(run) as browser:
        assert browser.choices() == {
            "domain": ("files", "version control"),
            "mode": ("direct", "recovering", "sequential"),
            "server": ("fs", "git"),
        }


@pytest.mark.requirement("store.browse")
@pytest.mark.parametrize("made", MADE)
def test_an_outcome_comes_back_as_it_was_recorded(run: Path, made: Outcome) -> None:
    with browse_run(run) as browser:
        found = browser.outcome(made.item.hash)
        [line] = browser.listed(Wanted(id=made.item.hash), 0, 2)
        assert line.fate == made.fate
    timings = made.timings if made.trajectory else {}
    assert found == replace(made, state={}, timings=timings)


def test_what_has_not_ended_is_not_there(run: Path) -> None:
    with browse_run(run) as browser:
        assert browser.outcome("h006") is None
        assert browser.outcome("no such item") is None


@pytest.mark.parametrize(
    ("number", "wanted", "found"),
    [
        (0, Wanted(), ("", "h001")),
        (5, Wanted(), ("h004", "")),
        (2, Wanted(fate="kept"), ("h000", "h004")),
        (4, Wanted(domain="files"), ("", "")),
    ],
)
def test_neighbours_are_the_next_ones_of_those_that_are_looked_at(
    run: Path, number: int, wanted: Wanted, found: tuple[str, str]
) -> None:
    with browse_run(run) as browser:
        assert browser.neighbours(item(number), wanted) == found


def test_a_run_under_way_is_seen_as_it_grows(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", "seed: 7") as store, browse_run(tmp_path / "run") as browser:
        assert browser.fates(Wanted()) == {}
        store.record(outcome(0))
        assert browser.fates(Wanted()) == {"kept": 1}


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run folder"):
        browse_run(tmp_path)
