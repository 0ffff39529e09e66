"""How the entropies of a data set went as it grew."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tdscaling.metrics import NONE, entropy
from tdscaling.types import MODES, Cell

WINDOW = 50
"""Trajectories that the entropies of the moment rest on."""
POINTS = 120
"""Points of a course at most."""


class Point(NamedTuple):
    """After `n` trajectories: both entropies, normalised, over all so far and over the last WINDOW of them."""

    n: int
    domains: float
    modes: float
    domains_now: float
    modes_now: float


@dataclass(slots=True)
class _Counts:
    domains: Counter[str] = field(default_factory=Counter[str])
    modes: Counter[str] = field(default_factory=Counter[str])

    def add(self, cell: Cell, by: int = 1) -> None:
        self.domains[cell.domain] += by
        if cell.mode != NONE:
            self.modes[cell.mode] += by

    def entropies(self, domains: int) -> tuple[float, float]:
        return entropy(self.domains, domains).normalised, entropy(self.modes, len(MODES)).normalised


def course(cells: Sequence[Cell], domains: int) -> tuple[Point, ...]:
    """Points evenly spread over the cells of a data set in their order, the last one after all of them.

    `domains`: how many the entropy is normalised by; by fewer than were seen it never is.

    By hand: of two domains, one is seen first and then both alike, so H_D goes from 0 to log 2 / log 2.

    >>> found = course([Cell("a", "direct", 0), Cell("b", "direct", 0)], 2)
    >>> [(point.n, point.domains) for point in found]
    [(1, 0.0), (2, 1.0)]
    """
    every, now, held = _Counts(), _Counts(), deque[Cell]()
    shown = {len(cells) * (number + 1) // POINTS for number in range(POINTS)} if len(cells) > POINTS else None
    most = max(domains, len({cell.domain for cell in cells}))
    points: list[Point] = []
    for n, cell in enumerate(cells, 1):
        every.add(cell)
        now.add(cell)
        held.append(cell)
        if len(held) > WINDOW:
            now.add(held.popleft(), -1)
        if shown is None or n in shown:
            points.append(Point(n, *every.entropies(most), *now.entropies(most)))
    return tuple(points)
