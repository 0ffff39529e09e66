"""`ask` and `tell`: thin cells first, and cells that can't be made asked for ever more seldom."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdscaling.evolution.archive import Slot, Told
from tdscaling.evolution.memory import Memory, slots_of
from tdscaling.evolution.ways import Ways
from tdscaling.types import Cell, Cluster, Mode, Target

WEIGHT = 2.0
"""How many outcomes of a cluster and mode the mode's share over all clusters is worth."""


class Beliefs(NamedTuple):
    """Beta posteriors side by side, both of shape (n,)."""

    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]


@dataclass
class Filled:
    """How many trajectories there are by domain, mode, band and cell, those that have been asked for included."""

    domains: Counter[str] = field(default_factory=Counter[str])
    modes: Counter[str] = field(default_factory=Counter[str])
    bands: Counter[int] = field(default_factory=Counter[int])
    cells: Counter[Cell] = field(default_factory=Counter[Cell])

    def add(self, cell: Cell, number: int = 1) -> None:
        self.domains[cell.domain] += number
        self.modes[cell.mode] += number
        self.bands[cell.band] += number
        self.cells[cell] += number

    def gain(self, cell: Cell) -> float:
        """What one more there is worth: 1 where nothing is, less where its domain, mode, band or cell has more."""
        around = (1 + self.domains[cell.domain]) * (1 + self.modes[cell.mode]) * (1 + self.bands[cell.band])
        return (around * (1 + self.cells[cell])) ** (-1 / 4)


@dataclass
class Emitter:
    """Draws slots by Thompson sampling, by the expected gain in diversity per unit of cost.

    Two things have to go well, and are learned apart. That a mode can be made from a cluster at all is the same
    question in every band: its posterior is Beta(S m + kept, S (1 - m) + lost) per cluster and mode, with m the share
    kept of the mode over all clusters, (2 + kept) / (3 + asked), and S = 2 the weight of that; where all was lost so
    far, what has been asked and not been told counts as half a loss. That what is kept lands where it was aimed is a
    question of the cell: Beta(2 + landed, 1 + landed elsewhere); else a cell that stays empty whatever is tried would
    be asked for forever.

    The score of a slot is the product of a draw from each and of the gain (`Filled.gain`: a cell that is empty, and
    thin in its domain, mode and band, is worth most), divided by the cell's cost beside the mean of its band: a long
    trajectory is not worse for being long. While the watch reports a collapse, exploration is raised: cost does not
    count, and the gain is that over the window instead of the whole run, so what fills the window is shunned; after
    it, cost counts half as much as before (an exponent).

    How a slot is served, by a new plan or by a mutation of a kept one, is drawn by `Ways`.

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
        self.slots = slots_of(self.clusters, self.modes, self.feasible)
        self._pairs = {pair: place for place, pair in enumerate(dict.fromkeys(slot.pair for slot in self.slots))}
        self._cells = {cell: place for place, cell in enumerate(dict.fromkeys(slot.cell for slot in self.slots))}
        self._pair_of = np.array([self._pairs[slot.pair] for slot in self.slots], dtype=np.intp)
        self._cell_of = np.array([self._cells[slot.cell] for slot in self.slots], dtype=np.intp)
        self._rng = Random(f"emitter {self.seed}")
        self._draws = np.random.default_rng(self._rng.getrandbits(128))
        self._open = Counter[Slot]()

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets; each has a seed of its own. None where nothing is feasible.

        What was asked for and has not been told counts as filled.
        """
        if not self.slots:
            return []
        filled, made, aims = self._filled(), self._made(), self._aims()
        thrift = self._thrift()
        targets: list[Target] = []
        for _ in range(count):
            gains = np.array([filled.gain(cell) for cell in self._cells])
            worth = self._draws.beta(aims.alpha, aims.beta) * gains / thrift
            score = self._draws.beta(made.alpha, made.beta)[self._pair_of] * worth[self._cell_of]
            slot = self.slots[int(score.argmax())]
            self._waits(slot, made)
            filled.add(slot.cell)
            self._open[slot] += 1
            self.asked += 1
            way = self.ways.choose(slot, self.memory.archive, self._rng)
            targets.append(slot.target(self.asked, way.parent, way.mutation))
        return targets

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        self._open -= Counter({Slot.of(target): 1})
        self.memory.tell(target, told)
        self.ways.tell(target, told)

    def _waits(self, slot: Slot, made: Beliefs, number: int = 1) -> None:
        """A target that has not been told counts as half a loss where all was lost so far."""
        archive = self.memory.archive
        if archive.lost[slot.pair] and not archive.kept[slot.pair]:
            made.beta[self._pairs[slot.pair]] += number / 2

    def _filled(self) -> Filled:
        found, watch = Filled(), self.memory.watch
        counted = Counter(watch.last) if watch.collapsed else self.memory.archive.cells
        for cell, number in counted.items():
            found.add(cell, number)
        for slot, number in self._open.items():
            found.add(slot.cell, number)
        return found

    def _thrift(self) -> NDArray[np.float64]:
        """By cell: what it costs beside the mean of its band, as far as cost may count."""
        archive, much = self.memory.archive, self.memory.watch.thrift
        means = {band: archive.band_cost(band) for band in {cell.band for cell in self._cells}}
        costs = [archive.cost(cell, means[cell.band]) / means[cell.band] for cell in self._cells]
        return np.array(costs, dtype=np.float64) ** much

    def _shares(self) -> Mapping[str, float]:
        """By mode: the share kept over all clusters."""
        kept, asked = Counter[str](), Counter[str]()
        archive = self.memory.archive
        for pair in {**archive.kept, **archive.lost}:
            kept[pair.mode] += archive.kept[pair]
            asked[pair.mode] += archive.kept[pair] + archive.lost[pair]
        return {mode: (2 + kept[mode]) / (3 + asked[mode]) for mode in self.modes}

    def _made(self) -> Beliefs:
        """By cluster and mode: the posterior of being kept."""
        archive, shares = self.memory.archive, self._shares()
        mean = np.array([shares[pair.mode] for pair in self._pairs], dtype=np.float64)
        found = Beliefs(WEIGHT * mean, WEIGHT * (1 - mean))
        for counts, into in ((archive.kept, found.alpha), (archive.lost, found.beta)):
            for pair, number in counts.items():
                if pair in self._pairs:
                    into[self._pairs[pair]] += number
        for slot, number in self._open.items():
            self._waits(slot, found, number)
        return found

    def _aims(self) -> Beliefs:
        """By cell: the posterior that what is kept lands where it was aimed."""
        beliefs = np.array([self.memory.archive.aim(cell) for cell in self._cells], dtype=np.float64)
        return Beliefs(beliefs[:, 0], beliefs[:, 1])
