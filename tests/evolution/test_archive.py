"""What a run has learned, cell by cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.evolution import Archive, Told
from tdscaling.evolution.archive import PARENTS, Slot
from tdscaling.types import Cell, Descriptor, Target

HERE = Cell("retail", "direct", 1)
TARGET = Target(cluster="shop", domain="retail", mode="direct", band=1, seed=1)


def lies(cell: Cell = HERE, cac: float = 5.0) -> Descriptor:
    return Descriptor(
        domain=cell.domain, modes=(cell.mode,), primary_mode=cell.mode, cac=cac, band=cell.band, calls=2, turns=1,
        servers=("shop",),
    )  # fmt: skip


def came(item: str = "a", cell: Cell = HERE, *, kept: bool = True, messages: int = 10, cac: float = 5.0) -> Told:
    return Told(item=item, kept=kept, descriptor=lies(cell, cac), messages=messages)


@pytest.mark.requirement("evolution.archive")
def test_the_best_of_a_cell_does_the_most_by_message_and_the_first_of_equals_stays() -> None:
    archive = Archive()
    for item, cac in (("first", 5.0), ("equal", 5.0), ("best", 7.0), ("worse", 6.0)):
        archive.tell(TARGET, came(item, cac=cac))
    archive.tell(TARGET, came("refused", kept=False, cac=7.9))
    assert archive.best[HERE].item == "best"
    assert archive.cells == {HERE: 4}
    assert [one.item for one in archive.parents[Slot.of(TARGET)]] == ["best", "worse", "equal", "first"]


@pytest.mark.requirement("evolution.archive")
def test_no_more_than_a_few_parents_are_remembered_and_these_are_the_best() -> None:
    archive = Archive()
    for number in range(3 * PARENTS):
        archive.tell(TARGET, came(str(number), cac=4 + number / 10))
    kept = {one.item for one in archive.parents[Slot.of(TARGET)]}
    assert kept == {str(number) for number in range(2 * PARENTS, 3 * PARENTS)}


@pytest.mark.requirement("evolution.archive")
def test_what_landed_elsewhere_is_no_parent_for_the_cell_it_was_made_for() -> None:
    archive = Archive()
    archive.tell(TARGET, came(cell=Cell("retail", "parallel", 1)))
    assert not archive.parents
    assert archive.feasible(HERE).mean < 0.5


@pytest.mark.requirement("evolution.coverage")
def test_a_cell_is_shown_feasible_by_an_admitted_blueprint_and_covered_by_a_kept_trajectory() -> None:
    archive = Archive()
    assert archive.coverage == 0
    archive.tell(TARGET, came(kept=False))
    assert archive.shown == {HERE}
    assert archive.coverage == 0
    archive.tell(TARGET, came(cell=Cell("retail", "direct", 2)))
    assert archive.coverage == 0.5
    archive.tell(TARGET, Told(item="fell"))
    assert archive.coverage == 0.5


@pytest.mark.requirement("evolution.coverage")
def test_a_cell_without_a_mode_is_not_counted() -> None:
    """By hand: one kept in `direct`, one in which no mode is detected fell by its checks: 1 / 1."""
    archive = Archive()
    archive.tell(TARGET, came())
    archive.tell(TARGET, came(kept=False, cell=Cell("retail", "none", 0)))
    assert archive.coverage == 1.0


@pytest.mark.requirement("evolution.cost")
def test_the_cost_of_a_cell_goes_from_its_bands_to_its_own() -> None:
    archive = Archive()
    for _ in range(20):
        archive.tell(TARGET, came(messages=30))
    dear = Target(cluster="shop", domain="retail", mode="parallel", band=1, seed=1)
    assert archive.cost(Cell("retail", "parallel", 1)) == archive.band_cost(1) == 30
    for _ in range(20):
        archive.tell(dear, came(messages=3))
    assert 3 < archive.cost(Cell("retail", "parallel", 1)) < 6
    assert archive.band_cost(1) == 16.5
    archive.tell(dear, Told(item="fell"))
    assert archive.band_cost(1) == 16.5, "a plan that fell says nothing of what a trajectory costs"


@pytest.mark.requirement("evolution.archive")
@given(st.lists(st.tuples(st.sampled_from(["kept", "refused", "fell"]), st.integers(0, 3), st.integers(0, 3))))
def test_the_counts_of_an_archive_add_up(outcomes: list[tuple[str, int, int]]) -> None:
    archive = Archive()
    for how, aimed, landed in outcomes:
        target = Target(cluster="shop", domain="retail", mode="direct", band=aimed, seed=1)
        cell = Cell("retail", "direct", landed)
        archive.tell(target, Told(item="x") if how == "fell" else came(cell=cell, kept=how == "kept"))
    kept = sum(how == "kept" for how, _, _ in outcomes)
    assert sum(archive.cells.values()) == sum(archive.kept.values()) == kept
    assert sum(archive.hit.values()) + sum(archive.astray.values()) == kept
    assert sum(archive.lost.values()) == len(outcomes) - kept
    assert sum(archive.aimed.values()) == len(outcomes)
    assert set(archive.cells) <= archive.shown
    assert 0 <= archive.coverage <= 1
    assert all(0 < archive.feasible(cell).mean < 1 for cell in archive.aimed)
