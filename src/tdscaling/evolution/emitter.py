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

    The score of a slot is a draw from Beta(1 + kept, 1 + failed), divided by 1 + the number kept in its domain,
    mode and band (so a cell that is empty in any of the three is worth more).
    """

    clusters: Sequence[Cluster]
    modes: Sequence[Mode]
    seed: int
    kept: Counter[Slot] = field(default_factory=Counter[Slot])
    failed: Counter[Slot] = field(default_factory=Counter[Slot])
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
        chance = self._rng.betavariate(1 + self.kept[slot], 1 + self.failed[slot])
        filled = (1 + domains[slot.domain]) * (1 + modes[slot.mode]) * (1 + bands[slot.band])
        return chance / filled ** (1 / 3)

    def tell(self, target: Target, descriptor: Descriptor | None) -> None:
        """What came of a target: the descriptor of the kept trajectory, or None."""
        slot = Slot(target.cluster, target.domain, target.mode, target.band)
        if descriptor is None:
            self.failed[slot] += 1
        else:
            self.kept[slot] += 1
            self.cells[descriptor.cell] += 1
