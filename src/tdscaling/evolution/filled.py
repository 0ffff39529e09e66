"""What one more trajectory in a cell is worth, by what is there already."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tdscaling.types import BANDS, Cell

CELL, MARGIN = 1 / 2, 1 / 6
"""Exponents of the gain: a cell weighs as much as its domain, mode and band together."""
EMPTY = 5.0
"""An empty cell counts as many times as much as one that is not, beside that."""


@dataclass
class Filled:
    """How many trajectories there are by domain, mode, band and cell, with what is expected of targets asked for.
    `places`: the groups whose gains are asked for side by side."""

    places: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    domains: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    modes: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    bands: dict[int, float] = field(default_factory=lambda: defaultdict[int, float](float))
    cells: dict[Cell, float] = field(default_factory=lambda: defaultdict[Cell, float](float))
    _changed: set[Cell] = field(default_factory=set[Cell])

    def __post_init__(self) -> None:
        self._rooms = np.ones((len(self.places), len(BANDS)))

    def add(self, cell: Cell, number: float = 1.0) -> None:
        self.domains[cell.domain] += number
        self.modes[cell.mode] += number
        self.bands[cell.band] += number
        self.cells[cell] += number
        self._changed.add(cell)

    def hold(self, cells: Mapping[Cell, float]) -> None:
        """These are in the cells, whatever there is by domain, mode and band."""
        for cell, number in cells.items():
            self.cells[cell] = number
            self._changed.add(cell)

    def thinness(self, domain: str, mode: str) -> float:
        """The part of the gain that all bands of a domain and mode have alike."""
        return self.thin(self.domains[domain]) * self.thin(self.modes[mode])

    def room(self, cell: Cell) -> float:
        """The part of the gain that is the cell's own."""
        number = self.cells[cell]
        return (1 + number) ** -CELL / (1 + (EMPTY - 1) * min(number, 1.0))

    def gains(self) -> NDArray[np.float64]:
        """What one more in each band of the groups is worth, of shape (groups, bands): 1 where nothing is.

        By hand: 7 in the domain, the mode and the band each, 3 of them in the cell: (8 8 8)^(-1/6) 4^(-1/2) / 5.

        >>> filled, here = Filled({("retail", "direct"): 0}), Cell("retail", "direct", 0)
        >>> for cell, number in ((here, 3), (Cell("retail", "direct", 1), 4), (Cell("crm", "parallel", 0), 4)):
        ...     filled.add(cell, number)
        >>> round(float(filled.gains()[0, 0]), 6), round(8 ** (-1 / 2) / 2 / 5, 6)
        (0.035355, 0.035355)
        """
        bands = np.array([self.thin(self.bands[band]) for band in range(len(BANDS))])
        groups = np.array([self.thinness(*group) for group in self.places])
        while self._changed:
            cell = self._changed.pop()
            place = self.places.get((cell.domain, cell.mode))
            if place is not None:
                self._rooms[place, cell.band] = self.room(cell)
        return groups[:, None] * bands * self._rooms

    @staticmethod
    def thin(number: float) -> float:
        """The part of the gain that a domain, a mode or a band has."""
        return (1 + number) ** (-MARGIN)
