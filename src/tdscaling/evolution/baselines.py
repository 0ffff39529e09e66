"""Strategies to compare evolution with: they learn nothing from what came of their targets."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.evolution.archive import Slot, Told
from tdscaling.evolution.memory import Memory, slots_of
from tdscaling.types import Cell, Cluster, Mode, Target

FEW = 8
"""Cells that the strategy `quantity` draws from."""
PATIENCE = 4
"""Targets that may fail at one of them before any is kept; then another cell takes its place."""


@dataclass
class Uniform:
    """Cells drawn uniformly from those that can be asked for, then a cluster of the cell, uniformly as well."""

    clusters: Sequence[Cluster]
    modes: Sequence[Mode]
    seed: int
    feasible: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    memory: Memory = field(default_factory=lambda: Memory.of(()))
    asked: int = 0

    def __post_init__(self) -> None:
        self._rng = Random(f"{type(self).__name__.lower()} {self.seed}")
        found: dict[Cell, list[Slot]] = defaultdict(list)
        for slot in slots_of(self.clusters, self.modes, self.feasible):
            found[slot.cell].append(slot)
        self._slots = dict(sorted(found.items()))

    def ask(self, count: int) -> list[Target]:
        """The next `count` targets, each with a seed of its own. None where nothing is feasible."""
        targets: list[Target] = []
        for cell in self._drawn(count):
            slot = self._rng.choice(self._slots[cell])
            self.asked += 1
            targets.append(slot.target(self.asked))
        return targets

    def _drawn(self, count: int) -> list[Cell]:
        cells = list(self._slots)
        return [self._rng.choice(cells) for _ in range(count)] if cells else []

    def tell(self, target: Target, told: Told) -> None:
        self.memory.tell(target, told)


@dataclass
class Quantity(Uniform):
    """Many from few cells: FEW cells, drawn once; one that gives nothing gives its place to the next."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._order = self._rng.sample(list(self._slots), len(self._slots))

    def _drawn(self, count: int) -> list[Cell]:
        archive = self.memory.archive
        given = archive.hit + archive.astray
        barren = {cell for cell in self._order if archive.aimed[cell] >= PATIENCE and not given[cell]}
        cells = [cell for cell in self._order if cell not in barren][:FEW] or self._order
        return [self._rng.choice(cells) for _ in range(count)] if cells else []
