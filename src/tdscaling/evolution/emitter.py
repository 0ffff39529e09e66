"""`ask` and `tell`: thin cells first, and cells that can't be made asked for ever more seldom."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdscaling.evolution.archive import Slot, Told
from tdscaling.evolution.beliefs import Beliefs, Group, Pairs
from tdscaling.evolution.filled import MARGIN, Filled
from tdscaling.evolution.landing import Lands, best
from tdscaling.evolution.memory import BANDS_ASKED, Memory, slots_of
from tdscaling.evolution.ways import Ways
from tdscaling.types import Cell, Cluster, Mode, Target

FREE = 1 / 2
"""A band counts as free where fewer than this are, or are expected, and plans of the mode can stop there."""


PARTS = 2**32
"""What is expected is counted in whole parts of a trajectory, so that sums don't hang on the order of their terms."""


class Open(NamedTuple):
    """A target that was asked for and not told: the place of its cluster and mode, the parts of a trajectory that it is
    expected to add to cells, and what that makes in all."""

    place: int
    adds: tuple[tuple[Cell, int], ...]
    expected: float


@dataclass
class Emitter:
    """Draws slots by Thompson sampling, by the expected gain in diversity per unit of cost.

    Two things have to go well, and are learned apart. That a mode can be made from a cluster at all is the same
    question in every band: its posterior is Beta(S m + kept, S (1 - m) + lost) per cluster and mode, with S = 0.6 and m
    what the mode and the cluster let expect (`Beliefs`); where all was lost so far, what has been asked and not been
    told counts as half a loss. And a plan may not get to the band it is aimed at. A target names the bands by how much
    they are wanted, so that the planner leaves its plan in the best of those on its way; which these are is learned by
    cluster and mode (`Landing`).

    The score of a slot is the product of a draw from the posterior and of the gain (`Filled.gains`) to be expected,
    that of the best band on the way, times (1 + n)^(-1/6) for the n trajectories of its cluster and 1 / (1 + w) for the
    w targets of its domain and mode that have not been told, as their bands are not known yet, divided by the cell's
    cost beside the mean of its band: a long trajectory is not worse for being long. While the watch reports a collapse,
    exploration is raised: cost does not count, and domains, modes and bands are those of the window instead of the
    whole run, so what fills the window is shunned; after it, cost counts half as much as before (an exponent).

    Which of the bands it is to be, and whether a new plan is made or a kept one changed, is then
    chosen at once by `Ways`.

    `feasible`: by cluster, the modes that can be planned there; all where a cluster is not named.
    """

    clusters: Sequence[Cluster]
    modes: Sequence[Mode]
    seed: int
    feasible: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    memory: Memory = field(default_factory=lambda: Memory.of(()))
    ways: Ways = field(default_factory=Ways)
    asked: int = 0

    def __post_init__(self) -> None:
        slots = slots_of(self.clusters, self.modes, self.feasible)
        self._groups = tuple(dict.fromkeys(Group(slot.domain, slot.mode) for slot in slots))
        self._places: dict[tuple[str, str], int] = {group: place for place, group in enumerate(self._groups)}
        self._cells = [[Cell(*group, band) for band in BANDS_ASKED] for group in self._groups]
        groups = {slot.pair: self._places[Group(slot.domain, slot.mode)] for slot in slots}
        self._pairs = Pairs.of(groups)
        self._lands = Lands(self.ways.landing[""], self._pairs.places)
        self._group_of = np.array([*groups.values()], dtype=np.intp)
        self._slots = [
            [Slot(pair.cluster, *self._groups[group], band) for band in BANDS_ASKED] for pair, group in groups.items()
        ]
        self._rng = Random(f"emitter {self.seed}")
        self._draws = np.random.default_rng(self._rng.getrandbits(128))
        self._open = dict[int, Open]()
        self._expected = Counter[Cell]()

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets; each has a seed of its own. None where nothing is feasible.

        What was asked for and has not been told counts as filled, as far as it is expected to be kept.
        """
        if not self._slots:
            return []
        archive, filled, targets = self.memory.archive, self._filled(), list[Target]()
        beliefs, places = Beliefs.of(self._pairs, archive), self._places_open()
        beliefs.wait(places)
        made, waiting = self._made(places), self._waiting(places)
        cells = self._cells
        thrift = self._thrift(cells)
        for _ in range(count):
            gains = filled.gains()
            aims = self._lands.expected(best(gains), self._group_of) / thrift[self._group_of]
            draws = beliefs.draw(self._draws)
            spread = (1 + made[self._pairs.cluster_of]) ** -MARGIN / (1 + waiting[self._group_of])
            place = int((draws * aims.max(axis=1) * spread).argmax())
            row = int(self._group_of[place])
            worth, costs, kept = gains[row].tolist(), thrift[row].tolist(), beliefs.mean(place)
            slot, way = self.ways.choose(self._slots[place], archive, self._rng, kept, worth, costs)
            shares = self.ways.landing[way.mutation].shares(slot)
            beliefs.wait(np.array([place]))
            made[self._pairs.cluster_of[place]] += kept
            waiting[row] += 1
            self.asked += 1
            wanted = tuple(sorted(BANDS_ASKED, key=lambda band: (-worth[band], -band)))
            free = tuple(
                band for band in self._reached(slot.mode) if filled.cells[slot.cell._replace(band=band)] < FREE
            )
            lies = [(min(reach, key=wanted.index), share) for reach, share in shares.items()]
            adds = tuple((slot.cell._replace(band=band), round(kept * share * PARTS)) for band, share in lies)
            self._open[self.asked] = Open(place, adds, sum(parts for _, parts in adds) / PARTS)
            for cell, parts in adds:
                self._expected[cell] += parts
                filled.add(cell, parts / PARTS)
            target = slot.target(self.asked, way.parent, way.mutation)
            targets.append(replace(target, wanted=wanted, free=free))
        return targets

    def _reached(self, mode: Mode) -> list[int]:
        """The bands in which new plans of a mode may stop."""
        return [band for band in BANDS_ASKED if self.ways.landing[""].in_reach(mode, band)]

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        one = self._open.pop(target.seed, None)
        for cell, parts in one.adds if one is not None else ():
            self._expected[cell] -= parts
        self.memory.tell(target, told)
        self.ways.tell(target, told)

    def _filled(self) -> Filled:
        found, watch, cells = Filled(self._places), self.memory.watch, self.memory.archive.cells
        for cell, number in (Counter(watch.last) if watch.collapsed else cells).items():
            found.add(cell, number)
        if watch.collapsed:
            found.hold(cells)
        for cell, parts in self._expected.items():
            found.add(cell, parts / PARTS)
        return found

    def _places_open(self) -> NDArray[np.intp]:
        """The places of the targets that have been asked for and not told, of shape (targets,)."""
        return np.array([one.place for one in self._open.values()], dtype=np.intp)

    def _made(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """How many trajectories there are of every cluster, with what is expected of targets asked for."""
        found = np.zeros(len(self._pairs.clusters))
        np.add.at(found, self._pairs.cluster_of, self._pairs.counted(self.memory.archive.kept))
        np.add.at(found, self._pairs.cluster_of[places], [one.expected for one in self._open.values()])
        return found

    def _waiting(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """How many targets of every domain and mode have been asked for and not told."""
        return np.bincount(self._group_of[places], minlength=len(self._groups)).astype(np.float64)

    def _thrift(self, cells: Sequence[Sequence[Cell]]) -> NDArray[np.float64]:
        """By cell: what it costs beside the mean of its band, as far as cost may count."""
        archive, much = self.memory.archive, self.memory.watch.thrift
        means = [archive.band_cost(band) for band in BANDS_ASKED]
        costs = [[archive.cost(cell, means[cell.band]) / means[cell.band] for cell in row] for row in cells]
        return np.array(costs, dtype=np.float64) ** much
