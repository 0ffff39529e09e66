"""Arms in figures: shares with bootstrap intervals, paired comparisons, saturating curves.

What is drawn anew is seeds and held-out dialogues, both with replacement and for all arms alike: dialogues are the same
for every arm, so that two arms are compared dialogue by dialogue.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tdscaling.metrics.bootstrap import SEED, Interval
from tdscaling.scaling.playing import Played
from tdscaling.scaling.results import Result
from tdscaling.scaling.scoring import Score

TRIES = 2_000
Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric as a ratio: fields of a score, or of what was played, that are right, and those that they are counted
    of."""

    name: str
    title: str
    right: str
    of: str
    played: bool = False


CALL = Measure("call", "calls right in tool and every argument", "exact", "calls")
TOOL = Measure("tool", "calls of the right tool", "names", "calls")
ANSWER = Measure("answer", "answers where no call is made", "answered", "answers")
ABSTAIN = Measure("abstain", "refusals where one is due", "refused", "refusals")
LOSS = Measure("loss", "mean loss of a token, less is better", "loss", "tokens")
MEASURES = (CALL, TOOL, ANSWER, ABSTAIN, LOSS)
SUCCESS = Measure("played", "plans played with success", "passed", "tried", played=True)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one arm: what is right and of how many, seeds × dialogues of a held-out set."""

    seeds: tuple[int, ...]
    right: Numbers
    of: Numbers

    @property
    def share(self) -> float:
        """NaN where nothing is counted."""
        total = self.of.sum()
        return float(self.right.sum() / total) if total else float("nan")

    def repeated(self, seeds: Sequence[int]) -> "Counts":
        """Of one model that has no seed, as if it had these."""
        return Counts(tuple(seeds), self.right.repeat(len(seeds), axis=0), self.of.repeat(len(seeds), axis=0))

    def only(self, seeds: Sequence[int]) -> "Counts":
        rows = [self.seeds.index(seed) for seed in seeds]
        return Counts(tuple(seeds), self.right[rows], self.of[rows])


@dataclass(frozen=True, slots=True)
class Figure:
    """A share or a difference of shares, and where 95 % of what was drawn anew lie."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much more the first of two arms has than the second, over the seeds that both have; `p` is of a paired test
    that flips the sign of a dialogue's difference, two-sided."""

    difference: Figure
    p: float
    seeds: int


@dataclass(frozen=True, slots=True)
class Curve:
    """limit - drop * exp(-x / scale), the best fit; `explained` is the share of the variance. Where it does not bend
    over the points, its limit is far beyond them and means nothing."""

    limit: float
    drop: float
    scale: float
    explained: float
    bends: bool = True

    def at(self, x: float) -> float:
        return self.limit - self.drop * float(np.exp(-x / self.scale))


def counts(results: Sequence[Result], measure: Measure, group: str) -> Counts:
    """Results of one arm by seed."""
    rows = sorted(results, key=lambda one: one.seed)
    kept = [one.played if measure.played else one.scores for one in rows]
    pairs = [[_pair(score, measure) for score in found if score.group == group] for found in kept]
    table = np.array(pairs, dtype=np.float64).reshape(len(rows), -1, 2)
    return Counts(tuple(one.seed for one in rows), table[:, :, 0], table[:, :, 1])


def _pair(score: Score | Played, measure: Measure) -> tuple[float, float]:
    of = float(getattr(score, measure.of))
    right = float(getattr(score, measure.right))
    return (right * of if measure is LOSS else right), of


def figure(found: Counts) -> Figure:
    """The share with its interval.

    By hand: where every dialogue has one of two right, every draw has a half.

    >>> figure(Counts((1,), np.ones((1, 3)), np.full((1, 3), 2.0)))
    Figure(value=0.5, interval=Interval(low=0.5, high=0.5))
    """
    return Figure(found.share, _interval(_drawn([found])[0]))


def compared(first: Counts, second: Counts) -> Comparison:
    """By hand: one right of one against none, in one dialogue: a difference of 1, and a sign that says nothing.

    >>> one, none = (Counts((1,), np.full((1, 1), right), np.ones((1, 1))) for right in (1.0, 0.0))
    >>> compared(one, none)
    Comparison(difference=Figure(value=1.0, interval=Interval(low=1.0, high=1.0)), p=1.0, seeds=1)
    """
    seeds = [seed for seed in first.seeds if seed in second.seeds]
    first, second = first.only(seeds), second.only(seeds)
    one, other = _drawn([first, second])
    each = (first.right - second.right).sum(axis=0)
    signs = np.random.default_rng(SEED).choice((-1.0, 1.0), (5 * TRIES, len(each)))
    reached = np.abs(signs @ each) >= abs(each.sum()) - 1e-9
    p = float((1 + reached.sum()) / (1 + len(reached)))
    return Comparison(Figure(first.share - second.share, _interval(one - other)), p, len(seeds))


def gains_compared(widened: tuple[Counts, Counts], grown: tuple[Counts, Counts]) -> Figure:
    """How much more the step from the first to the second of `widened` gains than that of `grown`."""
    arms = (*widened, *grown)
    seeds = [seed for seed in arms[0].seeds if all(seed in arm.seeds for arm in arms)]
    arms = tuple(arm.only(seeds) for arm in arms)
    narrow, wide, few, many = _drawn(arms)
    shares = [arm.share for arm in arms]
    return Figure(shares[1] - shares[0] - (shares[3] - shares[2]), _interval(wide - narrow - (many - few)))


def saturating(points: Mapping[float, float]) -> Curve | None:
    """The curve through means by x, those that are NaN left out; None for fewer than three.

    By hand: 1 - 2 * 2^-x is 0, 0.5 and 0.75 at 1, 2 and 3, its scale 1 / log 2.

    >>> curve = saturating({1.0: 0.0, 2.0: 0.5, 3.0: 0.75})
    >>> round(curve.limit, 2), round(curve.drop, 2), round(curve.scale, 1), round(curve.explained, 2), curve.bends
    (1.0, 2.0, 1.4, 1.0, True)

    What grows by as much each time has no limit:

    >>> saturating({1.0: 0.1, 2.0: 0.2, 3.0: 0.3}).bends
    False
    """
    known = sorted((x, y) for x, y in points.items() if not math.isnan(y))
    if len(known) < 3:
        return None
    x, y = (np.array(values, dtype=np.float64) for values in zip(*known, strict=True))
    spread = float(((y - y.mean()) ** 2).sum())
    scales = [float(place) for place in np.exp(np.linspace(math.log(x[0] / 4), math.log(x[-1] * 4), 400))]

    def fitted(scale: float) -> tuple[float, Curve]:
        basis = np.column_stack([np.ones_like(x), -np.exp(-x / scale)])
        limit, drop = np.linalg.lstsq(basis, y, rcond=None)[0]
        error = float(((basis @ np.array([limit, drop]) - y) ** 2).sum())
        explained = 1 - error / spread if spread else 1.0
        return error, Curve(float(limit), float(drop), scale, explained, scale < scales[-1])

    return min(map(fitted, scales), key=lambda found: found[0])[1]


def adjusted(values: Sequence[float]) -> list[float]:
    """p values of several tests at once, after Holm.

    By hand: the smallest of two counts twice.

    >>> adjusted([0.02, 0.5])
    [0.04, 0.5]
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    found, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        found[place] = highest
    return found


def _drawn(arms: Sequence[Counts]) -> list[Numbers]:
    """The share of each arm in every draw; seeds and dialogues are drawn once for all."""
    rng = np.random.default_rng(SEED)
    seeds, dialogues = arms[0].right.shape
    rows = rng.integers(0, seeds, (TRIES, seeds, 1))
    columns = (
        rng.integers(0, dialogues, (TRIES, 1, dialogues)) if dialogues else np.zeros((TRIES, 1, 0), dtype=np.int64)
    )
    found: list[Numbers] = []
    for arm in arms:
        right, of = (part[rows, columns].sum(axis=(1, 2)) for part in (arm.right, arm.of))
        found.append(np.divide(right, of, out=np.full(TRIES, np.nan), where=of > 0))
    return found


def _interval(values: Numbers) -> Interval:
    """The middle 95 % of what was drawn; draws in which nothing is counted are left out.

    >>> _interval(np.array([*range(101), float("nan")], dtype=np.float64))
    Interval(low=2.5, high=97.5)
    """
    kept = values[~np.isnan(values)]
    if not len(kept):
        return Interval(float("nan"), float("nan"))
    low, high = (float(value) for value in np.quantile(kept, (0.025, 0.975)))
    return Interval(low, high)
