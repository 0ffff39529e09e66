"""Where what is aimed at a cell lands: the band that comes out is often another than the one asked for."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tdscaling.types import BANDS, Cell

PRIOR = 2.0
"""How many landings at an aim its band's shares over all cells are worth, and at a band the bare aim."""


@dataclass
class Landing:
    """Counts of the bands in which kept trajectories came out, by the cell they were aimed at.

    The share of band b for an aim at band a is (P [a = b] + landed) / (P + kept), over all cells, with P = 2; at one
    cell it is the same with those shares in the place of [a = b].

    By hand: of two kept that were aimed at band 3, all at another cell, one lies in band 2: the shares are (0 + 1) / 4
    for band 2 and (2 + 1) / 4 for band 3, and the same at a cell with nothing kept.

    >>> landing, one, other = Landing(), Cell("retail", "direct", 3), Cell("retail", "parallel", 3)
    >>> landing.tell(one, 2); landing.tell(one, 3)
    >>> landing.shares(other)
    {2: 0.25, 3: 0.75}
    """

    by_band: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict[int, Counter[int]](Counter))
    by_cell: dict[Cell, Counter[int]] = field(default_factory=lambda: defaultdict[Cell, Counter[int]](Counter))
    _rows: dict[int, dict[Cell | None, list[float]]] = field(
        default_factory=lambda: defaultdict[int, dict[Cell | None, list[float]]](dict), repr=False
    )
    """By band of the aim, until more is told of it: rows that were asked for, None for all cells with nothing kept."""

    def tell(self, aim: Cell, band: int) -> None:
        """What was aimed at a cell was kept, and lies in `band`."""
        self.by_band[aim.band][band] += 1
        self.by_cell[aim][band] += 1
        self._rows.pop(aim.band, None)

    def shares(self, aim: Cell) -> Mapping[int, float]:
        """By band, those with none left out: the share of what is kept of an aim that lies there."""
        found = _mixed({aim.band: 1.0}, self.by_band.get(aim.band, Counter()))
        return _mixed(found, self.by_cell[aim]) if aim in self.by_cell else found

    def row(self, aim: Cell) -> list[float]:
        """The shares of all bands."""
        rows, key = self._rows[aim.band], aim if aim in self.by_cell else None
        if key not in rows:
            found = self.shares(aim)
            rows[key] = [found.get(band, 0.0) for band in range(len(BANDS))]
        return rows[key]


def _mixed(prior: Mapping[int, float], counts: Counter[int]) -> dict[int, float]:
    total = PRIOR + counts.total()
    found = {band: (PRIOR * prior.get(band, 0.0) + counts[band]) / total for band in range(len(BANDS))}
    return {band: share for band, share in found.items() if share}
