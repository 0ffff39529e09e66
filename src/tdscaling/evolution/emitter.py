"""`ask` and `tell`: thin cells first, and cells that can't be made asked for ever more seldom."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tdscaling.types import Cell, Cluster, Descriptor, Mode, Target

BANDS_ASKED = (0, 1, 2, 3)
"""CAC bands aimed at; a plan that grows longer lands in a higher one by itself."""


WEIGHT = 2.0
"""How many outcomes of a cluster and mode the mode's share over all clusters is worth."""


class Pair(NamedTuple):
    """What decides whether a plan can be made: a cluster and a mode."""

    cluster: str
    mode: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What can be asked for: a mode of about a band, from a cluster."""

    cluster: str
    domain: str
    mode: Mode
    band: int

    @property
    def pair(self) -> Pair:
        return Pair(self.cluster, self.mode)


@dataclass
class Emitter:
    """Draws slots by Thompson sampling, over how well their cells are filled.

    Two things have to go well, and are learned apart. That a mode can be made from a cluster at all is the same
    question in every band: its posterior is Beta(S m + kept, S (1 - m) + lost) per cluster and mode, with m the share
    kept of the mode over all clusters, (2 + kept) / (3 + asked), and S = 2 the weight of that; where all was lost so
    far, what has been asked and not been told counts as half a loss. That what is kept lands where it was aimed is a
    question of the slot: Beta(2 + landed, 1 + landed elsewhere); else a cell that stays empty whatever is tried would
    be asked for forever. The score of a slot is the product of a draw from each, divided by the geometric mean of 1 +
    the number kept in its domain, in its mode and in its band (so a cell that is thin in any of the three is worth
    more).

    `feasible`: by cluster, the modes that can be planned there; all where a cluster is not named.
    """

    clusters: Sequence[Cluster]
    modes: Sequence[Mode]
    seed: int
    feasible: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    kept: Counter[Pair] = field(default_factory=Counter[Pair])
    lost: Counter[Pair] = field(default_factory=Counter[Pair])
    landed: Counter[Slot] = field(default_factory=Counter[Slot])
    elsewhere: Counter[Slot] = field(default_factory=Counter[Slot])
    cells: Counter[Cell] = field(default_factory=Counter[Cell])
    asked: int = 0

    def __post_init__(self) -> None:
        self.slots = [
            Slot(cluster.id, cluster.domain, mode, band)
            for cluster in sorted(self.clusters, key=lambda cluster: cluster.id)
            for mode in self.modes
            if mode in self.feasible.get(cluster.id, self.modes)
            for band in BANDS_ASKED
        ]
        self._pairs = tuple(dict.fromkeys(slot.pair for slot in self.slots))
        self._rng = Random(f"emitter {self.seed}")

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets; each has a seed of its own. None where nothing is feasible."""
        if not self.slots:
            return []
        domains, modes, bands = Counter[str](), Counter[str](), Counter[int]()
        for cell, number in self.cells.items():
            domains[cell.domain] += number
            modes[cell.mode] += number
            bands[cell.band] += number
        targets: list[Target] = []
        waiting = Counter[Pair]()
        for _ in range(count):
            made = self._beliefs(waiting)
            slot = max(self.slots, key=lambda slot: self._score(slot, made[slot.pair], domains, modes, bands))
            waiting[slot.pair] += 1
            domains[slot.domain] += 1
            modes[slot.mode] += 1
            bands[slot.band] += 1
            self.asked += 1
            targets.append(
                Target(cluster=slot.cluster, domain=slot.domain, mode=slot.mode, band=slot.band, seed=self.asked)
            )
        return targets

    def _beliefs(self, waiting: Mapping[Pair, int]) -> Mapping[Pair, tuple[float, float]]:
        """By cluster and mode: the posterior of being kept, as the two parameters of a Beta."""
        kept, asked = Counter[str](), Counter[str]()
        for pair in {**self.kept, **self.lost}:
            kept[pair.mode] += self.kept[pair]
            asked[pair.mode] += self.kept[pair] + self.lost[pair]
        found: dict[Pair, tuple[float, float]] = {}
        for pair in self._pairs:
            mean = (2 + kept[pair.mode]) / (3 + asked[pair.mode])
            doubtful = self.lost[pair] and not self.kept[pair]
            unknown = waiting.get(pair, 0) / 2 if doubtful else 0.0
            found[pair] = WEIGHT * mean + self.kept[pair], WEIGHT * (1 - mean) + self.lost[pair] + unknown
        return found

    def _score(
        self,
        slot: Slot,
        made: tuple[float, float],
        domains: Counter[str],
        modes: Counter[str],
        bands: Counter[int],
    ) -> float:
        aim = self._rng.betavariate(2 + self.landed[slot], 1 + self.elsewhere[slot])
        filled = (1 + domains[slot.domain]) * (1 + modes[slot.mode]) * (1 + bands[slot.band])
        return self._rng.betavariate(*made) * aim / filled ** (1 / 3)

    def tell(self, target: Target, descriptor: Descriptor | None) -> None:
        """What came of a target: the descriptor of the kept trajectory, or None."""
        slot = Slot(target.cluster, target.domain, target.mode, target.band)
        pair = Pair(target.cluster, target.mode)
        if descriptor is None:
            self.lost[pair] += 1
            return
        self.kept[pair] += 1
        hit = descriptor.cell == Cell(target.domain, target.mode, target.band)
        (self.landed if hit else self.elsewhere)[slot] += 1
        self.cells[descriptor.cell] += 1
