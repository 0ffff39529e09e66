"""Selection under a budget of tokens: lazy greedy by gain per token, with falling thresholds.

Lazy: Minoux 1978, Leskovec et al. 2007 (CELF). Thresholds: Badanidiyuru and Vondrak 2014.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tdscaling.selection.objective import Columns, Indices, marginals, next_gains, upper_bound, value

STEP = 0.01
"""An item that is taken adds at least 1 - STEP of what the best one would have added."""
_LOOKS = 8
"""How often on its way a selection is asked for an upper bound; the lowest holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Items in the order they were chosen, what they are worth and cost. `bound`: no selection of the budget that
    holds the given items is worth more, so `value / bound` of the best is reached at least."""

    items: tuple[int, ...]
    value: float
    tokens: int
    bound: float


def choose(columns: Columns, budget: int, given: Sequence[int] = ()) -> Choice:
    """Items worth as much as possible of at most `budget` tokens in all; `given` are in it whatever they are worth.

    Greedy by gain per token, or the best single item if that is worth more, reaches at least 1 - 1/sqrt(e) = 0.393 of
    the best selection that holds the given items (Khuller, Moss and Naor 1999), less STEP.

    Equal gains are settled by the lower index. Given items that cost more than the budget are all that comes back.

    By hand: three items of 10 tokens, two alike and one unlike; 20 tokens buy the unlike two.

    >>> alike = Columns(np.array([0, 1, 2, 3]), np.array([0, 0, 1], dtype=np.int32), np.ones(2), np.array([10, 10, 10]))
    >>> choose(alike, 20).items
    (0, 2)
    """
    run = _Greedy(columns, budget, given)
    run.run()
    items, reached = run.items, run.reached
    single = _best_single(columns, budget, given)
    if single is not None:
        alone = value(columns.taken([*given, single]))
        if alone > reached:
            items, reached = [*given, single], alone
    tokens = int(columns.tokens[items].sum()) if items else 0
    return Choice(items=tuple(items), value=reached, tokens=tokens, bound=max(reached, run.bound))


def _best_single(columns: Columns, budget: int, given: Sequence[int]) -> int | None:
    """The item that adds most to the given ones, of those that can be paid; it counts where it is dear."""
    held = columns.taken(list(given))
    added = marginals(columns, next_gains(columns, held.counts()))
    added[list(given)] = -1.0
    added[columns.tokens > budget - int(held.tokens.sum())] = -1.0
    best = int(np.argmax(added)) if columns.n else -1
    return best if best >= 0 and added[best] > 0 else None


class _Greedy:
    """One run by falling thresholds: whatever adds the threshold or more is taken, then the threshold falls by STEP.

    What an item adds only ever falls, so an old figure is an upper bound of the new one, and only items whose old
    figure reaches the threshold are looked at again.
    """

    def __init__(self, columns: Columns, budget: int, given: Sequence[int]) -> None:
        self._columns = columns
        self._budget = budget
        self._costs = columns.tokens.astype(np.float64)
        self.items = list(given)
        self.spent = int(columns.tokens[self.items].sum()) if self.items else 0
        self._counts: Indices = columns.taken(self.items).counts()
        self._gains = next_gains(columns, self._counts)
        self.reached = float(columns.weights @ np.log1p(self._counts))
        self.bound = np.inf

    def run(self) -> None:
        self._look()
        looked = self.spent
        known = marginals(self._columns, self._gains) / self._costs
        known[self.items] = 0.0
        left = np.flatnonzero(known > 0)
        while len(left := left[self._columns.tokens[left] <= self._budget - self.spent]):
            threshold = float(known[left].max()) * (1 - STEP)
            near = left[known[left] >= threshold]
            known[near] = marginals(self._columns.taken(near), self._gains) / self._costs[near]
            near = near[known[near] >= threshold]
            for item in near[np.argsort(-known[near], kind="stable")].tolist():
                known[item] = self._now(item)
                if known[item] >= threshold and self._take(item):
                    known[item] = 0.0
            left = left[known[left] > 0]
            if self.spent - looked >= self._budget / _LOOKS:
                looked = self.spent
                self._look()
        self._look()

    def _now(self, item: int) -> float:
        """What the item adds now, by its cost."""
        return float(self._gains[self._columns.of(item)].sum() / self._costs[item])

    def _take(self, item: int) -> bool:
        cost = int(self._columns.tokens[item])
        if self.spent + cost > self._budget:
            return False
        own = self._columns.of(item)
        self.items.append(item)
        self.spent += cost
        self.reached += float(self._gains[own].sum())
        self._counts[own] += 1
        held = self._counts[own]
        self._gains[own] = self._columns.weights[own] * (np.log(2.0 + held) - np.log(1.0 + held))
        return True

    def _look(self) -> None:
        added = marginals(self._columns, self._gains)
        added[self.items] = 0.0
        self.bound = min(self.bound, upper_bound(self._columns, self.reached, added, self._budget))
