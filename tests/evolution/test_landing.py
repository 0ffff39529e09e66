"""What is expected of many aims at once is what their shares say one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.evolution import Slot
from tdscaling.evolution.landing import Landing, Lands, best
from tdscaling.types import BANDS, Mode

NAMES: tuple[tuple[str, Mode], ...] = (("a", "direct"), ("a", "parallel"), ("b", "direct"))
BAND = st.integers(0, len(BANDS) - 1)


@pytest.mark.requirement("evolution.landing")
@given(st.lists(st.tuples(st.sampled_from(NAMES), BAND, BAND, st.sets(BAND)), max_size=12), st.integers(0, 99))
def test_aims_side_by_side_are_worth_what_their_shares_say(
    told: list[tuple[tuple[str, Mode], int, int, set[int]]], seed: int
) -> None:
    gains = np.random.default_rng(seed).random((2, len(BANDS)))
    group_of = np.array([0, 1, 0])
    places = {Slot(cluster, "retail", mode, 0).pair: place for place, (cluster, mode) in enumerate(NAMES)}
    landing = Landing()
    lands = Lands(landing, places)
    found = lands.expected(best(gains), group_of)
    for (cluster, mode), aim, band, passed in told:
        landing.tell(Slot(cluster, "retail", mode, aim), band, passed)
        found = lands.expected(best(gains), group_of)
    for place, (cluster, mode) in enumerate(NAMES):
        for band in range(len(BANDS)):
            shares = landing.shares(Slot(cluster, "retail", mode, band))
            assert sum(shares.values()) == pytest.approx(1.0)
            worth = sum(share * gains[group_of[place], sorted(reach)].max() for reach, share in shares.items())
            assert found[place, band] == pytest.approx(worth)


def test_more_slots_than_there_was_room_for_are_kept() -> None:
    landing = Landing()
    slots = [Slot(f"c{n}", "retail", "direct", band) for n in range(40) for band in range(len(BANDS))]
    places = {pair: place for place, pair in enumerate(dict.fromkeys(slot.pair for slot in slots))}
    for slot in slots:
        landing.tell(slot, slot.band)
    worth = best(np.arange(float(len(BANDS)))[None, :])
    found = Lands(landing, places).expected(worth, np.zeros(40, dtype=np.intp))
    assert found == pytest.approx(np.tile(found[0], (40, 1)))
