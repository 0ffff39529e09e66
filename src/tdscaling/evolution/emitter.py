"""`ask` and `tell`: thin cells first, and cells that can't be made asked for ever more seldom."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.evolution.archive import Belief, Pair, Told
from tdscaling.evolution.memory import Memory, slots_of
from tdscaling.evolution.ways import Ways
from tdscaling.types import Cell, Cluster, Mode, Target

WEIGHT = 2.0
"""How many outcomes of a cluster and mode the mode's share over all clusters is worth."""


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
        self._pairs = tuple(dict.fromkeys(slot.pair for slot in self.slots))
        self._cells = tuple(dict.fromkeys(slot.cell for slot in self.slots))
        self._rng = Random(f"emitter {self.seed}")

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets; each has a seed of its own. None where nothing is feasible."""
        if not self.slots:
            return []
        filled, waiting = self._filled(), Counter[Pair]()
        thrift, shares = self._thrift(), self._shares()
        targets: list[Target] = []
        for _ in range(count):
            made = {pair: self._draw(belief) for pair, belief in self._beliefs(shares, waiting).items()}
            aims = {cell: self._draw(self.memory.archive.aim(cell)) for cell in self._cells}
            worth = {cell: aim * filled.gain(cell) / thrift[cell] for cell, aim in aims.items()}
            slot = max(self.slots, key=lambda slot: made[slot.pair] * worth[slot.cell])
            waiting[slot.pair] += 1
            filled.add(slot.cell)
            self.asked += 1
            way = self.ways.choose(slot, self.memory.archive, self._rng)
            targets.append(slot.target(self.asked, way.parent, way.mutation))
        return targets

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        self.memory.tell(target, told)
        self.ways.tell(target, told)

    def _filled(self) -> Filled:
        found, watch = Filled(), self.memory.watch
        counted = Counter(watch.last) if watch.collapsed else self.memory.archive.cells
        for cell, number in counted.items():
            found.add(cell, number)
        return found

    def _thrift(self) -> Mapping[Cell, float]:
        """By cell: what it costs beside the mean of its band, as far as cost may count."""
        archive, much = self.memory.archive, self.memory.watch.thrift
        means = {band: archive.band_cost(band) for band in {cell.band for cell in self._cells}}
        return {cell: (archive.cost(cell, means[cell.band]) / means[cell.band]) ** much for cell in self._cells}

    def _draw(self, belief: Belief) -> float:
        return self._rng.betavariate(*belief)

    def _shares(self) -> Mapping[str, float]:
        """By mode: the share kept over all clusters."""
        kept, asked = Counter[str](), Counter[str]()
        archive = self.memory.archive
        for pair in {**archive.kept, **archive.lost}:
            kept[pair.mode] += archive.kept[pair]
            asked[pair.mode] += archive.kept[pair] + archive.lost[pair]
        return {mode: (2 + kept[mode]) / (3 + asked[mode]) for mode in self.modes}

    def _beliefs(self, shares: Mapping[str, float], waiting: Mapping[Pair, int]) -> Mapping[Pair, Belief]:
        """By cluster and mode: the posterior of being kept."""
        archive = self.memory.archive
        found: dict[Pair, Belief] = {}
        for pair in self._pairs:
            mean = shares[pair.mode]
            doubtful = archive.lost[pair] and not archive.kept[pair]
            unknown = waiting.get(pair, 0) / 2 if doubtful else 0.0
            found[pair] = Belief(WEIGHT * mean + archive.kept[pair], WEIGHT * (1 - mean) + archive.lost[pair] + unknown)
        return found
