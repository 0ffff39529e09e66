"""How a target is served: by a new plan, or by a mutation of a kept one. What succeeds where is learned."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tdscaling.evolution.archive import Archive, Best, Slot, Told
from tdscaling.evolution.mutations import MUTATIONS, Mutation
from tdscaling.types import MODES, Cell, Mode, Target

WEIGHT = 2.0
"""How many outcomes of a way at a cell its share over all cells is worth."""


class Way(NamedTuple):
    """A mutation and the item that it changes; both "" for a new plan."""

    mutation: str = ""
    parent: str = ""


class Success(NamedTuple):
    """What came of a mutation's targets at a cell: how many were tried, kept, and kept in that cell."""

    mutation: str
    cell: Cell
    tried: int
    kept: int
    landed: int


@dataclass
class Ways:
    """Draws a way by Thompson sampling: the posterior that a target is kept and lands in its cell is, by way and cell,
    Beta(W m + landed, W (1 - m) + not), with m the way's share over all cells, (1 + landed) / (2 + tried), and W = 2.

    At most the share `most` of all targets are mutations. Of the kept items that a mutation may start from, the least
    used is taken, and of equals the best. By hand: a mutation that landed in 3 of 4 targets, none of them at this
    cell, has m = 4/6 there and the posterior Beta(4/3, 2/3).
    """

    most: float = 0.5
    tried: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    kept: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    landed: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    asked: Counter[bool] = field(default_factory=Counter[bool])
    _uses: Counter[Way] = field(default_factory=Counter[Way])
    _used: Counter[str] = field(default_factory=Counter[str])
    _all_tried: Counter[str] = field(default_factory=Counter[str])
    _all_landed: Counter[str] = field(default_factory=Counter[str])

    def choose(self, slot: Slot, archive: Archive, rng: Random) -> Way:
        """The way for a target at a slot."""
        way = max(self._offers(slot, archive), key=lambda one: self._draw(one.mutation, slot.cell, rng))
        self.asked[bool(way.mutation)] += 1
        if way.mutation:
            self._uses[way] += 1
            self._used[way.parent] += 1
        return way

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        cell = Slot.of(target).cell
        here = target.mutation, cell
        landed = told.kept and told.descriptor is not None and told.descriptor.cell == cell
        self.tried[here] += 1
        self.kept[here] += told.kept
        self.landed[here] += landed
        self._all_tried[target.mutation] += 1
        self._all_landed[target.mutation] += landed

    def successes(self) -> tuple[Success, ...]:
        """Of every mutation and cell that was tried."""
        found = sorted(here for here in self.tried if here[0])
        return tuple(Success(*here, self.tried[here], self.kept[here], self.landed[here]) for here in found)

    def _offers(self, slot: Slot, archive: Archive) -> Iterator[Way]:
        yield Way()
        if self.asked[True] + 1 > self.most * (self.asked.total() + 1):
            return
        for name, mutation in MUTATIONS.items():
            found = list(_parents(slot, mutation, archive))
            if found:
                best = min(found, key=lambda one: (self._uses[Way(name, one.item)], self._used[one.item], -one.quality))
                yield Way(name, best.item)

    def _draw(self, way: str, cell: Cell, rng: Random) -> float:
        mean = (1 + self._all_landed[way]) / (2 + self._all_tried[way])
        landed, tried = self.landed[way, cell], self.tried[way, cell]
        return rng.betavariate(WEIGHT * mean + landed, WEIGHT * (1 - mean) + tried - landed)


def _parents(slot: Slot, mutation: Mutation, archive: Archive) -> Iterator[Best]:
    """Kept items of the slot's cluster from which the mutation leads to the slot."""
    if mutation.mode not in (None, slot.mode):
        return
    modes: list[Mode] = [mode for mode in MODES if (mode == slot.mode) == (mutation.mode is None)]
    least, most = mutation.bands
    for mode in modes:
        for below in range(least, most + 1):
            yield from archive.parents.get(Slot(slot.cluster, slot.domain, mode, slot.band - below), ())
