"""What a run has and what it cost, cell by cell: a fold over the outcomes of its targets, in their order."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from tdscaling.types import Cell, Descriptor, Mode, Target

PARENTS = 6
"""Kept items remembered by slot, of which later plans can be made."""
PRIOR = 2.0
"""How many targets of a cell the mean cost of its band is worth."""


class Pair(NamedTuple):
    """What decides whether a plan can be made: a cluster and a mode."""

    cluster: str
    mode: str


class Slot(NamedTuple):
    """What can be asked for: a mode of about a band, from a cluster."""

    cluster: str
    domain: str
    mode: Mode
    band: int

    @property
    def pair(self) -> Pair:
        return Pair(self.cluster, self.mode)

    @property
    def cell(self) -> Cell:
        return Cell(self.domain, self.mode, self.band)

    @classmethod
    def of(cls, target: Target) -> "Slot":
        return cls(target.cluster, target.domain, target.mode, target.band)

    def target(self, seed: int, parent: str = "", mutation: str = "") -> Target:
        """A target here."""
        return Target(
            cluster=self.cluster,
            domain=self.domain,
            mode=self.mode,
            band=self.band,
            seed=seed,
            parent=parent,
            mutation=mutation,
        )


Place: TypeAlias = tuple[str, str, Mode, int]
"""A slot as a bare tuple, which is quicker to make and equal to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of a target. `descriptor` says where its trajectory lies, None where no blueprint was admitted;
    `messages` are the trajectory's, 0 where there is none: what it cost. They are the same in every run of the same
    seed, which seconds are not, and what models are paid for grows with them. `fits`: the mutations that the plan does
    not rule out; None: all. `bands`: those in which the planner could have stopped."""

    item: str = ""
    kept: bool = False
    descriptor: Descriptor | None = None
    messages: int = 0
    fits: frozenset[str] | None = None
    bands: tuple[int, ...] = ()

    @property
    def quality(self) -> float:
        """Cumulative Action Complexity by message: of two trajectories of a cell the one that does more in fewer words
        is the better."""
        return self.descriptor.cac / self.messages if self.descriptor and self.messages else 0.0


class Belief(NamedTuple):
    """A Beta posterior."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)


class Best(NamedTuple):
    """A kept item, its quality, its Cumulative Action Complexity, and the mutations that its plan allows."""

    quality: float
    item: str
    cac: float = 0.0
    fits: frozenset[str] | None = None


@dataclass
class Archive:
    """Counts by cell, the best of each, and what targets at a cell came to.

    By hand: three targets at one cell, two kept there at 8 and 10 messages and one whose plan fell, leave `cells` 2
    there, a feasibility of Beta(3, 2), mean 0.6, and a cost of (2 * 9 + 8 + 10) / 4 = 9, as 9 is the band's mean.

    >>> here = Cell("retail", "direct", 0)
    >>> target = Target(cluster="shop", domain="retail", mode="direct", band=0, seed=1)
    >>> lies = Descriptor(domain="retail", modes=("direct",), primary_mode="direct", cac=1.5, band=0, calls=1, turns=1,
    ...                   servers=("shop",))
    >>> archive = Archive()
    >>> archive.tell(target, Told(item="a", kept=True, descriptor=lies, messages=8))
    >>> archive.tell(target, Told(item="b", kept=True, descriptor=lies, messages=10))
    >>> archive.tell(target, Told(item="c"))
    >>> archive.cells[here], archive.feasible(here).mean, archive.cost(here), archive.best[here].item
    (2, 0.6, 9.0, 'a')
    """

    cells: Counter[Cell] = field(default_factory=Counter[Cell])
    """Kept trajectories by the cell in which they lie."""
    shown: set[Cell] = field(default_factory=set[Cell])
    """Cells shown feasible: a trajectory of an admitted blueprint lies there, kept or not. Cells of the mode `none` are
    not counted, as definitions.md says."""
    best: dict[Cell, Best] = field(default_factory=dict[Cell, Best])
    aimed: Counter[Cell] = field(default_factory=Counter[Cell])
    hit: Counter[Cell] = field(default_factory=Counter[Cell])
    """Of the targets at a cell, those whose trajectory was kept and lies there."""
    astray: Counter[Cell] = field(default_factory=Counter[Cell])
    """Of the targets at a cell, those whose trajectory was kept and lies elsewhere."""
    made: Counter[Cell] = field(default_factory=Counter[Cell])
    """Trajectories made for a cell, kept or not, wherever they lie."""
    spent: Counter[Cell] = field(default_factory=Counter[Cell])
    """Messages of these."""
    kept: Counter[Pair] = field(default_factory=Counter[Pair])
    lost: Counter[Pair] = field(default_factory=Counter[Pair])
    parents: dict[Place, list[Best]] = field(default_factory=dict[Place, list[Best]])
    """By where they lie: kept items, the best first."""

    def tell(self, target: Target, told: Told) -> None:
        """Takes in what came of a target."""
        slot = Slot.of(target)
        aim = slot.cell
        self.aimed[aim] += 1
        if told.descriptor is not None:
            if told.descriptor.cell.mode != "none":
                self.shown.add(told.descriptor.cell)
            self.made[aim] += 1
            self.spent[aim] += told.messages
        if told.descriptor is None or not told.kept:
            self.lost[slot.pair] += 1
            return
        cell = told.descriptor.cell
        self.kept[slot.pair] += 1
        (self.hit if cell == aim else self.astray)[aim] += 1
        self.cells[cell] += 1
        one = Best(told.quality, told.item, told.descriptor.cac, told.fits)
        if cell not in self.best or one.quality > self.best[cell].quality:
            self.best[cell] = one
        if cell.mode == target.mode:
            here = Slot(target.cluster, cell.domain, target.mode, cell.band)
            self.parents[here] = sorted([*self.parents.get(here, ()), one], key=_best_first)[:PARENTS]

    def feasible(self, cell: Cell) -> Belief:
        """How likely a target at a cell is to be kept and to land there: Beta(1 + hits, 1 + misses)."""
        hit = self.hit[cell]
        return Belief(1.0 + hit, 1.0 + self.aimed[cell] - hit)

    def cost(self, cell: Cell, usual: float | None = None) -> float:
        """Messages of a trajectory that is made for a cell: the mean of those made, and PRIOR times the band's mean
        (`usual`, where it is known)."""
        mean = self.band_cost(cell.band) if usual is None else usual
        return (PRIOR * mean + self.spent[cell]) / (PRIOR + self.made[cell])

    def band_cost(self, band: int) -> float:
        """The mean over the cells of a band of what they cost, 1 while nothing was made."""
        found = [self.spent[cell] / made for cell, made in self.made.items() if cell.band == band]
        return sum(found) / len(found) if found else 1.0

    @property
    def covered(self) -> int:
        """Cells with a kept trajectory, of those that are counted."""
        return len(self.shown & self.cells.keys())

    @property
    def coverage(self) -> float:
        """Cells with a kept trajectory by cells shown feasible; 0 where nothing is."""
        return self.covered / len(self.shown) if self.shown else 0.0


def _best_first(one: Best) -> tuple[float, str]:
    return -one.quality, one.item
