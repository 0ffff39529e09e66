"""What one more trajectory in a cell is worth, by what is there already."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tdscaling.evolution.beliefs import Group
from tdscaling.types import BANDS, Cell

CELL, MARGIN = 1 / 2, 1 / 6
"""Exponents of the gain: a cell weighs as much as its domain, mode and band together."""


@dataclass
class Filled:
    """How many trajectories there are by domain, mode, band and cell, with what is expected of targets asked for."""

    domains: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    modes: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    bands: dict[int, float] = field(default_factory=lambda: defaultdict[int, float](float))
    cells: dict[Cell, float] = field(default_factory=lambda: defaultdict[Cell, float](float))

    def add(self, cell: Cell, number: float = 1.0) -> None:
        self.domains[cell.domain] += number
        self.modes[cell.mode] += number
        self.bands[cell.band] += number
        self.cells[cell] += number

    def gain(self, cell: Cell) -> float:
        """What one more there is worth: 1 where nothing is; the cell weighs as much as its domain, mode and band
        together. By hand: 7 in the domain, the mode and the band each, 1 of them in the cell: 1/8 * 1/2."""
        return self.thinness(cell.domain, cell.mode) * self.thin(self.bands[cell.band]) * self.room(cell)

    def thinness(self, domain: str, mode: str) -> float:
        """The part of the gain that all bands of a domain and mode have alike."""
        return self.thin(self.domains[domain]) * self.thin(self.modes[mode])

    def room(self, cell: Cell) -> float:
        """The part of the gain that is the cell's own."""
        return (1 + self.cells[cell]) ** -CELL

    def gains(self, groups: Sequence[Group]) -> NDArray[np.float64]:
        """The gain in every band of these, of shape (groups, bands)."""
        bands = [self.thin(self.bands[band]) for band in range(len(BANDS))]
        return np.array(
            [
                [self.thinness(*group) * thin * self.room(Cell(*group, band)) for band, thin in enumerate(bands)]
                for group in groups
            ]
        )

    @staticmethod
    def thin(number: float) -> float:
        """The part of the gain that a domain, a mode or a band has."""
        return (1 + number) ** (-MARGIN)
