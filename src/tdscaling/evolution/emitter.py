"""`ask` and `tell`: thin cells first, and cells that can't be made asked for ever more seldom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.types import Cell, Cluster, Descriptor, Mode, Target

BANDS_ASKED = (0, 1, 2, 3)
"""CAC bands aimed at; a plan that grows longer lands in a higher one by itself."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What can be asked for: a mode of about a band, from a cluster."""

    cluster: str
    domain: str
    mode: Mode
    band: int


@dataclass
class Emitter:
    """Draws slots by Thompson sampling: a Beta posterior of success per slot, over how well its cell is filled.

    The score of a slot is a draw from Beta(1 + hits, 1 + misses), divided by the geometric mean of 1 + the number
    kept in its domain, in its mode and in its band (so a cell that is thin in any of the three is worth more). A
    trajectory that is kept but lands in another cell is a miss: else a cell that stays empty whatever is tried
    would be asked for forever.
    """

    clusters: Sequence[Cluster]
    modes: Sequence[Mode]
    seed: int
    hits: Counter[Slot] = field(default_factory=Counter[Slot])
    misses: Counter[Slot] = field(default_factory=Counter[Slot])
    cells: Counter[Cell] = field(default_factory=Counter[Cell])
    asked: int = 0

    def __post_init__(self) -> None:
        self.slots = [
            Slot(cluster.id, cluster.domain, mode, band)
            for cluster in sorted(self.clusters, key=lambda cluster: cluster.id)
            for mode in self.modes
            for band in BANDS_ASKED
        ]
        self._rng = Random(f"emitter {self.seed}")

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets; each has a seed of its own."""
        domains, modes, bands = Counter[str](), Counter[str](), Counter[int]()
        for cell, number in self.cells.items():
            domains[cell.domain] += number
            modes[cell.mode] += number
            bands[cell.band] += number
        targets: list[Target] = []
        for _ in range(count):
            slot = max(self.slots, key=lambda slot: self._score(slot, domains, modes, bands))
            domains[slot.domain] += 1
            modes[slot.mode] += 1
            bands[slot.band] += 1
            self.asked += 1
            targets.append(
                Target(cluster=slot.cluster, domain=slot.domain, mode=slot.mode, band=slot.band, seed=self.asked)
            )
        return targets

    def _score(self, slot: Slot, domains: Counter[str], modes: Counter[str], bands: Counter[int]) -> float:
        chance = self._rng.betavariate(1 + self.hits[slot], 1 + self.misses[slot])
        filled = (1 + domains[slot.domain]) * (1 + modes[slot.mode]) * (1 + bands[slot.band])
        return chance / filled ** (1 / 3)

    def tell(self, target: Target, descriptor: Descriptor | None) -> None:
        """What came of a target: the descriptor of the kept trajectory, or None."""
        slot = Slot(target.cluster, target.domain, target.mode, target.band)
        hit = descriptor is not None and descriptor.cell == Cell(target.domain, target.mode, target.band)
        (self.hits if hit else self.misses)[slot] += 1
        if descriptor is not None:
            self.cells[descriptor.cell] += 1
