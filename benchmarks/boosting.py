"""Gradient boosting of oblivious trees (all nodes of one level ask the same) in numpy, for the edge score.

Logistic loss, Newton steps, thresholds at quantiles; rows and signals of each tree are drawn by a seeded generator.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """`rate` shrinks each tree, `ridge` its leaves; `least` is the weight a leaf's side must have to be split off."""

    trees: int = 200
    depth: int = 6
    rate: float = 0.1
    ridge: float = 10.0
    rows: float = 0.6
    columns: float = 0.6
    bins: int = 32
    least: float = 8.0
    seed: int = 7


@dataclass
class Trees:
    """`signals` and `at`, shape (trees, depth): a row's bit is set where the signal is above; `values`, shape
    (trees, 2 ** depth), are added to `bias` in log-odds.
    """

    bias: float
    signals: list[list[int]] = field(default_factory=list)
    at: list[list[float]] = field(default_factory=list)
    values: list[list[float]] = field(default_factory=list)

    def logits(self, rows: Floats) -> Array:
        total = np.full(len(rows), self.bias)
        for signals, at, values in zip(self.signals, self.at, self.values, strict=True):
            leaf = np.zeros(len(rows), dtype=np.int64)
            for level, (signal, limit) in enumerate(zip(signals, at, strict=True)):
                leaf |= (rows[:, signal] > np.float32(limit)).astype(np.int64) << level
            total += np.array(values)[leaf]
        return total


def boost(rows: Floats, label: Array, weight: Array, keep: npt.NDArray[np.bool_], settings: Settings) -> Trees:
    """Trees fitted to labels in [0, 1]; signals whose `keep` is False are not used."""
    rng = np.random.default_rng(settings.seed)
    limits = [_limits(rows[:, column], settings.bins) for column in range(rows.shape[1])]
    binned = np.stack([np.searchsorted(limits[c], rows[:, c], side="left") for c in range(rows.shape[1])])
    usable = [c for c in range(rows.shape[1]) if keep[c] and len(limits[c])]
    mean = float((label * weight).sum() / weight.sum())
    trees = Trees(float(np.log(mean / (1 - mean))))
    logit = np.full(len(rows), trees.bias)
    for _ in range(settings.trees):
        guess = 1 / (1 + np.exp(-logit))
        slope, bend = (guess - label) * weight, guess * (1 - guess) * weight
        chosen = np.flatnonzero(rng.random(len(rows)) < settings.rows)
        columns = sorted(rng.choice(usable, max(1, int(settings.columns * len(usable))), replace=False).tolist())
        splits = _splits(binned, slope, bend, chosen, columns, settings)
        leaf = np.zeros(len(rows), dtype=np.int64)
        for level, (column, cut) in enumerate(splits):
            leaf |= (binned[column] > cut).astype(np.int64) << level
        size = 1 << len(splits)
        steps = -settings.rate * np.bincount(leaf, slope, size) / (np.bincount(leaf, bend, size) + settings.ridge)
        logit += steps[leaf]
        trees.signals.append([column for column, _ in splits])
        trees.at.append([float(limits[column][cut]) for column, cut in splits])
        trees.values.append([round(float(step), 4) for step in steps])
    return trees


def _limits(column: Floats, bins: int) -> Floats:
    """Thresholds between values: all of them if they are few, else quantiles."""
    found = np.unique(column)
    if len(found) > bins:
        return np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1]).astype(np.float32))
    return ((found[1:] + found[:-1]) / 2).astype(np.float32)


def _splits(
    binned: npt.NDArray[np.int64], slope: Array, bend: Array, chosen: npt.NDArray[np.int64], columns: list[int],
    settings: Settings,
) -> list[tuple[int, int]]:  # fmt: skip
    """One (signal, cut) a level, each the best for all leaves so far together."""
    slope, bend = slope[chosen], bend[chosen]
    part = {column: binned[column][chosen] for column in columns}
    leaf = np.zeros(len(chosen), dtype=np.int64)
    found: list[tuple[int, int]] = []
    for level in range(settings.depth):
        leaves = 1 << level
        best = (-1.0, columns[0], 0)
        for column in columns:
            width = settings.bins + 1
            place = leaf * width + part[column]
            down = np.bincount(place, slope, leaves * width).reshape(leaves, width)
            heavy = np.bincount(place, bend, leaves * width).reshape(leaves, width)
            low, mass = down.cumsum(1)[:, :-1], heavy.cumsum(1)[:, :-1]
            high, rest = down.sum(1, keepdims=True) - low, heavy.sum(1, keepdims=True) - mass
            gain = (low**2 / (mass + settings.ridge) + high**2 / (rest + settings.ridge)).sum(0)
            gain = np.where(np.minimum(mass.sum(0), rest.sum(0)) < settings.least, -1.0, gain)
            cut = int(gain.argmax())
            if gain[cut] > best[0] and (column, cut) not in found:
                best = (float(gain[cut]), column, cut)
        _, column, cut = best
        found.append((column, cut))
        leaf |= (part[column] > cut).astype(np.int64) << level
    return found
