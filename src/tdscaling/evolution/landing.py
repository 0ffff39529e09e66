"""Where what is aimed at a cell can land: a plan on its way to a band passes others, and may not get there."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tdscaling.evolution.archive import Pair, Slot
from tdscaling.types import BANDS, Mode

PRIOR = 2.0
"""How many landings at an aim the bare aim is worth."""
ALIKE = 1 / 4
"""How many landings at a slot the shares of its band over all are worth: what a cluster and mode reach changes little.
"""
SELDOM = 1 / 10
"""A band in which fewer of a mode's plans can stop than this is out of its reach."""
SETS = 2 ** len(BANDS)
Reach: TypeAlias = frozenset[int]
"""Bands in which one plan could have stopped; the one in which it lies, where its planner can't choose."""


@dataclass
class Landing:
    """Counts of the bands in which kept trajectories could have come out, by the slot they were aimed at.

    The share of a set of bands r for an aim at band a is (P [r = {a}] + landed) / (P + kept), over all slots, with
    P = 2; at one slot it is (s / 4 + landed) / (1/4 + kept), with that share s.

    By hand: of two kept that were aimed at band 3, all at another slot, one lies in band 2 and one passed it: the
    shares are (0 + 1) / 4 for band 2 alone, 1/4 for bands 2 and 3, and (2 + 0) / 4 for band 3; the same at a slot with
    nothing kept. At theirs the first two are (1/16 + 1) / 2.25.

    >>> one, other = Slot("shop", "retail", "direct", 3), Slot("shop", "retail", "parallel", 3)
    >>> landing = Landing()
    >>> landing.tell(one, 2); landing.tell(one, 3, {2})
    >>> sorted((sorted(reach), share) for reach, share in landing.shares(other).items())
    [([2], 0.25), ([2, 3], 0.25), ([3], 0.5)]
    >>> round(landing.shares(one)[frozenset({2})], 3)
    0.472
    """

    by_band: dict[int, Counter[Reach]] = field(default_factory=lambda: defaultdict[int, Counter[Reach]](Counter))
    by_slot: dict[Slot, Counter[Reach]] = field(default_factory=lambda: defaultdict[Slot, Counter[Reach]](Counter))
    came_by: Counter[tuple[Mode, int]] = field(default_factory=Counter[tuple[Mode, int]])
    """By mode and band: plans of planners that choose, aimed there or higher."""
    stopped: Counter[tuple[Mode, int]] = field(default_factory=Counter[tuple[Mode, int]])
    """Of these, the ones that could have stopped there."""
    _over_all: dict[int, Mapping[Reach, float]] = field(default_factory=dict[int, Mapping[Reach, float]], repr=False)
    """By band of the aim, until more is told of it: the shares over all slots."""
    changed: set[Slot] = field(default_factory=set[Slot], repr=False, compare=False)
    """Slots told of since `Lands` last took them in."""

    def tell(self, aim: Slot, band: int, passed: Collection[int] = ()) -> None:
        """What was aimed at a slot was kept and lies in `band`. `passed`: the bands in which it could have stopped,
        where its planner chose; that says as well what comes of the other aims."""
        if not passed:
            self._count(aim, frozenset((band,)))
            return
        found = {band, *passed}
        for other in range(max(aim.band, *found) + 1):
            self.came_by[aim.mode, other] += 1
            self.stopped[aim.mode, other] += other in found
        for other in range(len(BANDS)):
            reach = _as_if(found, aim.band, other)
            if reach:
                self._count(aim._replace(band=other), reach)

    def _count(self, aim: Slot, reach: Reach) -> None:
        self.by_band[aim.band][reach] += 1
        self.by_slot[aim][reach] += 1
        self.changed.add(aim)
        self._over_all.pop(aim.band, None)

    def in_reach(self, mode: Mode, band: int) -> bool:
        """Whether plans of a mode can stop in a band: of those aimed there or higher, over all clusters,
        (1 + stopped) / (1 + came by) are no fewer than a tenth.

        By hand: of the calls for each of a list ten were kept, none of which could have stopped in band 0: 1 / 11.

        >>> landing, aim = Landing(), Slot("shop", "retail", "iterative", 3)
        >>> for _ in range(10):
        ...     landing.tell(aim, 3, {2})
        >>> [landing.in_reach("iterative", band) for band in range(6)]
        [False, False, True, True, True, True]
        """
        return 1 + self.stopped[mode, band] >= SELDOM * (1 + self.came_by[mode, band])

    def shares(self, aim: Slot) -> Mapping[Reach, float]:
        """By set of bands, those with none left out: the share of what is kept of an aim that can stop in these."""
        found = self.alike(aim.band)
        return _mixed(found, ALIKE, self.by_slot[aim]) if aim in self.by_slot else found

    def alike(self, band: int) -> Mapping[Reach, float]:
        """The shares over all slots of a band."""
        if band not in self._over_all:
            self._over_all[band] = _mixed({frozenset((band,)): 1.0}, PRIOR, self.by_band.get(band, Counter()))
        return self._over_all[band]


class Lands:
    """The shares of a landing side by side, kept up with what it is told: of the slots that something was told of,
    their places in the order of the pairs, their bands, and the counts by set, of shape (slots told of, sets)."""

    def __init__(self, landing: Landing, places: Mapping[Pair, int]) -> None:
        self._landing = landing
        self._places = places
        self._rows = dict[Slot, int]()
        self._where = np.zeros((2, 64), dtype=np.intp)
        self._told = np.zeros((64, SETS))
        self._alike = self._rows_alike()

    def expected(self, worth: NDArray[np.float64], group_of: NDArray[np.intp]) -> NDArray[np.float64]:
        """What is gained by an aim, of shape (pairs, bands), from what sets of bands are worth (`best`), of shape
        (groups, sets), and the group of each pair."""
        self._keep_up()
        count = len(self._rows)
        here = places, _ = self._where[0, :count], self._where[1, :count]
        told = self._told[:count]
        found = (worth @ self._alike.T)[group_of]
        own = np.einsum("ts,ts->t", told, worth[group_of[places]])
        found[here] = (ALIKE * found[here] + own) / (ALIKE + told.sum(axis=1))
        return found

    def _keep_up(self) -> None:
        """Takes in the slots that were told of since the last time."""
        if not self._landing.changed:
            return
        self._alike = self._rows_alike()
        for slot in sorted(self._landing.changed):
            if slot.pair in self._places:
                row = self._row_of(slot)
                self._told[row] = _row(self._landing.by_slot[slot])
        self._landing.changed.clear()

    def _rows_alike(self) -> NDArray[np.float64]:
        """The shares over all slots, of shape (bands aimed at, sets)."""
        return np.array([_row(self._landing.alike(band)) for band in range(len(BANDS))])

    def _row_of(self, slot: Slot) -> int:
        row = self._rows.setdefault(slot, len(self._rows))
        if row == len(self._told):
            self._told = np.concatenate([self._told, np.zeros_like(self._told)])
            self._where = np.concatenate([self._where, np.zeros_like(self._where)], axis=1)
        self._where[:, row] = self._places[slot.pair], slot.band
        return row


def _row(found: Mapping[Reach, float]) -> NDArray[np.float64]:
    """By number of set, as `best` counts them."""
    row = np.zeros(SETS)
    for reach, number in found.items():
        row[sum(2**band for band in reach)] = number
    return row


def best(gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """The greatest gain within every set of bands, of shape (groups, sets), from those of the bands, of shape (groups,
    bands). Set number n holds band b where bit b of n is set; nothing is gained of the empty set.

    >>> best(np.array([[1.0, 3.0, 2.0]])).tolist()
    [[0.0, 1.0, 3.0, 3.0, 2.0, 2.0, 3.0, 3.0]]
    """
    found = np.zeros((len(gains), 2 ** gains.shape[1]))
    for band in range(gains.shape[1]):
        half = 2**band
        np.maximum(found[:, :half], gains[:, band : band + 1], out=found[:, half : 2 * half])
    return found


def _as_if(passed: Collection[int], aim: int, other: int) -> Reach:
    """What would have been passed on the way to another band; nothing where that can't be known, as the plan came as
    far as it was to go and might have gone on.

    >>> [sorted(_as_if(*case)) for case in (({0, 2, 3}, 3, 2), ({2, 3}, 5, 1), ({1, 2}, 4, 5), ({1, 4}, 4, 5))]
    [[0, 2], [2], [1, 2], []]
    """
    if other > aim <= max(passed):
        return frozenset()
    return frozenset(band for band in passed if band <= other) or frozenset((min(passed),))


def _mixed(prior: Mapping[Reach, float], weight: float, counts: Counter[Reach]) -> dict[Reach, float]:
    total = weight + counts.total()
    keys = {**prior, **counts}
    found = {reach: (weight * prior.get(reach, 0.0) + counts[reach]) / total for reach in keys}
    return {reach: share for reach, share in found.items() if share}
