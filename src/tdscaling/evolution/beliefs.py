"""What is believed of clusters and modes: how likely a trajectory of a mode that is asked of a cluster is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdscaling.evolution.archive import Archive, Pair
from tdscaling.types import Mode

WEIGHT = 2.0
"""How many outcomes of a mode or a cluster the share over all is worth."""
EXPECTED = 0.6
"""How many outcomes of a cluster and mode what the two let expect is worth: one outcome says most of what the next will
be (measured: 0.86 are kept after a kept one, 0.24 after a lost one)."""
SHARPER = 128.0
"""Parameters of a posterior are multiplied by this before it is drawn from. There are more clusters and modes than
targets: without it most go to pairs never tried, as the best of many wide draws is nearly always one of them."""


class Group(NamedTuple):
    """Clusters of one domain differ only in whether a mode can be made from them."""

    domain: str
    mode: Mode


@dataclass(frozen=True)
class Pairs:
    """Clusters and modes side by side: the place of each pair, and which names the arrays of a place point at."""

    places: Mapping[Pair, int]
    clusters: tuple[str, ...]
    modes: tuple[str, ...]
    cluster_of: NDArray[np.intp]
    mode_of: NDArray[np.intp]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "Pairs":
        """In their order."""
        places = {pair: place for place, pair in enumerate(pairs)}
        clusters = {name: place for place, name in enumerate(dict.fromkeys(pair.cluster for pair in places))}
        modes = {name: place for place, name in enumerate(dict.fromkeys(pair.mode for pair in places))}
        cluster_of = np.array([clusters[pair.cluster] for pair in places], dtype=np.intp)
        mode_of = np.array([modes[pair.mode] for pair in places], dtype=np.intp)
        return cls(places, tuple(clusters), tuple(modes), cluster_of, mode_of)

    def counted(self, found: Mapping[Pair, int]) -> NDArray[np.float64]:
        """Counts by place."""
        counts = np.zeros(len(self.places))
        for pair, count in found.items():
            if pair in self.places:
                counts[self.places[pair]] = count
        return counts


@dataclass(frozen=True)
class Shares:
    """The shares kept: of all, by mode and by cluster, as odds.

    What is expected of a cluster and mode is the product of their odds, divided by those of all: independent effects.
    By hand: of all 1 : 1 is kept, of a mode and of a cluster 3 : 1; that makes 9 : 1, a mean of 0.9.

    >>> shares = Shares(1.0, {"direct": 3.0}, {"shop": 3.0})
    >>> pairs = Pairs.of([Pair("shop", "direct"), Pair("shop", "parallel")])
    >>> [round(float(mean), 6) for mean in shares.means(pairs)]
    [0.9, 0.75]
    """

    every: float
    modes: Mapping[str, float]
    clusters: Mapping[str, float]

    @classmethod
    def of(cls, archive: Archive) -> "Shares":
        """(2 + kept) : (1 + lost) over all, which by mode and by cluster is worth two outcomes."""
        every = (2 + archive.kept.total()) / (1 + archive.lost.total())
        modes, clusters = (_odds(archive, name, every) for name in ("mode", "cluster"))
        return cls(every, modes, clusters)

    def means(self, pairs: Pairs) -> NDArray[np.float64]:
        """What is expected of each."""
        modes = np.array([self.modes.get(name, self.every) for name in pairs.modes], dtype=np.float64)
        clusters = np.array([self.clusters.get(name, self.every) for name in pairs.clusters], dtype=np.float64)
        odds = modes[pairs.mode_of] * clusters[pairs.cluster_of] / self.every
        return odds / (1 + odds)


def _odds(archive: Archive, name: str, every: float) -> dict[str, float]:
    kept, lost = Counter[str](), Counter[str]()
    for found, counts in ((kept, archive.kept), (lost, archive.lost)):
        for pair, count in counts.items():
            found[getattr(pair, name)] += count
    share = every / (1 + every)
    return {one: (WEIGHT * share + kept[one]) / (WEIGHT * (1 - share) + lost[one]) for one in {**kept, **lost}}


@dataclass
class Beliefs:
    """The posteriors of being kept side by side, of shape (pairs,)."""

    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    doubtful: NDArray[np.bool_]
    """All was lost so far."""

    @classmethod
    def of(cls, pairs: Pairs, archive: Archive) -> "Beliefs":
        """In the order of the pairs."""
        means, kept, lost = Shares.of(archive).means(pairs), pairs.counted(archive.kept), pairs.counted(archive.lost)
        return cls(EXPECTED * means + kept, EXPECTED * (1 - means) + lost, (lost > 0) & (kept == 0))

    def wait(self, places: NDArray[np.intp]) -> None:
        """Targets that have not been told count as half a loss each where all was lost so far."""
        np.add.at(self.beta, places[self.doubtful[places]], 1 / 2)

    def mean(self, place: int) -> float:
        return float(self.alpha[place] / (self.alpha[place] + self.beta[place]))

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A draw from each."""
        return rng.beta(SHARPER * self.alpha, SHARPER * self.beta)
