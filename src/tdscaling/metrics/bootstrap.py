"""Bootstrap intervals of figures that rest on counts, at a cost that does not grow with the data set."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdscaling.metrics.entropy import entropy

TRIES = 400
SEED = 20260203


class Interval(NamedTuple):
    """Where 95 % of resampled data sets of the same size lie, moved so that their mean is the figure itself: the
    entropy of a sample is too low on average."""

    low: float
    high: float


def entropy_interval(counts: Mapping[str, int]) -> Interval:
    """Of the entropy in nats. Resampling rows is drawing counts from their multinomial distribution.

    By hand: one value alone has no entropy, however it is resampled.

    >>> entropy_interval({"a": 9})
    Interval(low=0.0, high=0.0)
    """
    held = [count for _, count in sorted(counts.items()) if count > 0]
    drawn = _drawn(held)
    shares = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    low, high = _interval(-(shares * logs).sum(axis=1), entropy(counts).raw)
    return Interval(max(low, 0.0), min(high, math.log(max(len(held), 1))))


def mean_interval(counts: Mapping[float, int]) -> Interval:
    """Of the mean of values with their counts.

    >>> mean_interval({2.5: 4})
    Interval(low=2.5, high=2.5)
    """
    values = sorted(counts)
    drawn = _drawn([counts[value] for value in values])
    total = sum(counts.values())
    mean = sum(value * count for value, count in counts.items()) / total if total else 0.0
    return _interval((drawn * np.array(values)).sum(axis=1) / np.maximum(drawn.sum(axis=1), 1), mean)


def _drawn(counts: list[int]) -> NDArray[np.float64]:
    total = sum(counts)
    if not total:
        return np.zeros((1, 1))
    return np.random.default_rng(SEED).multinomial(total, np.array(counts) / total, TRIES).astype(np.float64)


def _interval(values: NDArray[np.float64], figure: float) -> Interval:
    low, high = (float(value) for value in np.quantile(values, (0.025, 0.975)) - values.mean() + figure)
    return Interval(low, high)
