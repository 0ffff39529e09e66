"""What a selection is worth: F(S) = sum over features f of w_f log(1 + number of items of S that have f)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """The items to choose from, without their texts.

    Item i has the features `features[starts[i]:starts[i + 1]]`, each at most once; `starts` has the shape (n + 1,).
    `weights`, shape (number of features,), are the w_f; `tokens`, shape (n,), are what the items cost, 1 at least.
    """

    starts: Indices
    features: NDArray[np.int32]
    weights: Values
    tokens: Indices

    @property
    def n(self) -> int:
        return len(self.tokens)

    def of(self, item: int) -> NDArray[np.int32]:
        """The features of an item."""
        return self.features[self.starts[item] : self.starts[item + 1]]

    def taken(self, chosen: Sequence[int] | Indices) -> "Columns":
        """These items alone, in this order, over the same features."""
        rows = np.asarray(chosen, dtype=np.int64)
        sizes = np.diff(self.starts)[rows]
        starts: Indices = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
        within: Indices = np.arange(int(starts[-1]), dtype=np.int64) - np.repeat(starts[:-1], sizes)
        places = within + np.repeat(self.starts[rows], sizes)
        return Columns(starts, self.features[places], self.weights, self.tokens[rows])

    def counts(self) -> Indices:
        """How many items have each feature, shape (number of features,)."""
        return np.bincount(self.features, minlength=len(self.weights)).astype(np.int64)


def value(columns: Columns) -> float:
    """F of all items together.

    By hand: two items of one domain, one of them with a mode of its own, all weights 1: log 3 + log 2 = 1.7918.

    >>> two = Columns(np.array([0, 1, 3]), np.array([0, 0, 1], dtype=np.int32), np.ones(2), np.array([5, 5]))
    >>> round(value(two), 4)
    1.7918
    """
    return float(columns.weights @ np.log1p(columns.counts()))


def next_gains(columns: Columns, counts: Indices) -> Values:
    """What one more item with the feature would add to F, by feature."""
    return columns.weights * (np.log(2.0 + counts) - np.log(1.0 + counts))


def marginals(columns: Columns, gains: Values) -> Values:
    """What each item would add, shape (n,), where `gains` are those of `next_gains`."""
    sums = np.concatenate(([0.0], np.cumsum(gains[columns.features])))
    return sums[columns.starts[1:]] - sums[columns.starts[:-1]]


def upper_bound(columns: Columns, reached: float, added: Values, budget: int) -> float:
    """More than no selection of `budget` tokens can be worth, seen from one that is worth `reached`.

    Submodularity: the best selection S* adds to any S at most the sum of what its items would add alone (`added`,
    shape (n,), 0 for those of S), and that is at most the fractional knapsack of all items.
    """
    order = np.argsort(-added / columns.tokens, kind="stable")
    spent = np.cumsum(columns.tokens[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = reached + float(added[order[:whole]].sum())
    if whole < columns.n:
        room = budget - (int(spent[whole - 1]) if whole else 0)
        total += float(added[order[whole]]) * room / float(columns.tokens[order[whole]])
    return total
