"""How a target is served: by a new plan, or by a mutation of a kept one. What succeeds where is learned."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tdscaling.evolution.archive import Archive, Best, Slot, Told
from tdscaling.evolution.landing import Landing
from tdscaling.evolution.mutations import MUTATIONS, Mutation
from tdscaling.types import MODES, Cell, Target

WEIGHT = 2.0
"""How many outcomes of a way at a cell its share over all cells of the band is worth, and there that over all bands."""


class Way(NamedTuple):
    """A mutation and the item that it changes; both "" for a new plan."""

    mutation: str = ""
    parent: str = ""


class Choice(NamedTuple):
    """A slot, and the way in which it is to be served."""

    slot: Slot
    way: Way


class Success(NamedTuple):
    """What came of a mutation's targets at a cell: how many were tried, kept, and kept in that cell."""

    mutation: str
    cell: Cell
    tried: int
    kept: int
    landed: int


@dataclass
class Ways:
    """Chooses, among the bands of a cluster and mode and the ways to serve them, by Thompson sampling.

    What is drawn of a mutation is whether its target is kept: Beta(W m + kept, W (1 - m) + lost) by way and cell, with
    W = 2 and m its share kept over all cells of the band, (W a + kept) / (W + tried), and a that over all bands,
    (1 + kept) / (2 + tried). A new plan has what its cluster and mode let expect, times m / a of new plans. Either
    counts by the gain to be expected over the bands in which it may land (`Landing`, by way).

    At most the share `most` of all targets are mutations. Of the kept items that a mutation may start from, the least
    used is taken, of equals the one of most Cumulative Action Complexity, then the best. By hand: a mutation that was
    kept in 3 of 4 targets, all at another cell of the band, has a = 4/6, m = (4/3 + 3) / 6 = 0.72 and the posterior
    Beta(1.44, 0.56).
    """

    most: float = 0.5
    tried: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    kept: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    landed: Counter[tuple[str, Cell]] = field(default_factory=Counter[tuple[str, Cell]])
    asked: Counter[bool] = field(default_factory=Counter[bool])
    landing: dict[str, Landing] = field(default_factory=lambda: defaultdict[str, Landing](Landing))
    _uses: Counter[Way] = field(default_factory=Counter[Way])
    _used: Counter[str] = field(default_factory=Counter[str])
    _outcomes: Counter[tuple[str, int, bool]] = field(default_factory=Counter[tuple[str, int, bool]])
    _over_all: Counter[tuple[str, bool]] = field(default_factory=Counter[tuple[str, bool]])

    def choose(
        self,
        slots: Sequence[Slot],
        archive: Archive,
        rng: Random,
        likely: float,
        gains: Sequence[float],
        costs: Sequence[float],
    ) -> Choice:
        """A slot of these, which differ in their bands alone, and the way for it. `likely`: what is expected of their
        cluster and mode; `gains` and `costs` by band: of what lies there, and of what is aimed at it."""
        best, most = Choice(slots[0], Way()), -1.0
        for slot in slots:
            for way in self._offers(slot, archive):
                shares = self.landing[way.mutation].shares(slot)
                gain = sum(share * max(gains[band] for band in reach) for reach, share in shares.items())
                score = gain / costs[slot.band] * self._kept(way.mutation, slot.cell, likely, rng)
                if score >= most:
                    best, most = Choice(slot, way), score
        way = best.way
        self.asked[bool(way.mutation)] += 1
        if way.mutation:
            self._uses[way] += 1
            self._used[way.parent] += 1
        return best

    def tell(self, target: Target, told: Told) -> None:
        """What came of a target."""
        cell = Slot.of(target).cell
        here = target.mutation, cell
        self.tried[here] += 1
        self.kept[here] += told.kept
        self._outcomes[target.mutation, target.band, told.kept] += 1
        self._over_all[target.mutation, told.kept] += 1
        if told.kept and told.descriptor is not None:
            self.landed[here] += told.descriptor.cell == cell
            passed = () if target.mutation else told.bands
            self.landing[target.mutation].tell(Slot.of(target), told.descriptor.band, passed)

    def successes(self) -> tuple[Success, ...]:
        """Of every mutation and cell that was tried."""
        found = sorted(here for here in self.tried if here[0])
        return tuple(Success(*here, self.tried[here], self.kept[here], self.landed[here]) for here in found)

    def _offers(self, slot: Slot, archive: Archive) -> Iterator[Way]:
        yield Way()
        if self.asked[True] + 1 > self.most * (self.asked.total() + 1):
            return
        for name, mutation in MUTATIONS.items():
            found = [one for one in _parents(slot, mutation, archive) if one.fits is None or name in one.fits]
            if found:
                best = min(
                    found,
                    key=lambda one: (self._uses[Way(name, one.item)], self._used[one.item], -one.cac, -one.quality),
                )
                yield Way(name, best.item)

    def _kept(self, way: str, cell: Cell, likely: float, rng: Random) -> float:
        """A draw of whether what is asked for is kept."""
        kept, lost = self._over_all[way, True], self._over_all[way, False]
        over_all = (1 + kept) / (2 + kept + lost)
        kept, lost = self._outcomes[way, cell.band, True], self._outcomes[way, cell.band, False]
        mean = (WEIGHT * over_all + kept) / (WEIGHT + kept + lost)
        if not way:
            return likely * mean / over_all
        kept, tried = self.kept[way, cell], self.tried[way, cell]
        return rng.betavariate(WEIGHT * mean + kept, WEIGHT * (1 - mean) + tried - kept)


def _parents(slot: Slot, mutation: Mutation, archive: Archive) -> Iterator[Best]:
    """Kept items of the slot's cluster from which the mutation leads to the slot."""
    if mutation.mode not in (None, slot.mode):
        return
    cluster, domain, _, band = slot
    least, most = mutation.bands
    for mode in MODES:
        if (mode == slot.mode) == (mutation.mode is None):
            for below in range(least, most + 1):
                yield from archive.parents.get((cluster, domain, mode, band - below), ())
