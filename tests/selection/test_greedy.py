"""The greedy selection against its definition, the plain greedy, all selections and its own bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdscaling.selection import Columns, choose, value


def columns(rows: list[set[int]], weights: list[float], tokens: list[int]) -> Columns:
    starts = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    features = np.array([name for row in rows for name in sorted(row)], dtype=np.int32)
    return Columns(starts, features, np.array(weights), np.array(tokens, dtype=np.int64))


def drawn(seed: int, n: int, kinds: int) -> Columns:
    random = np.random.default_rng(seed)
    share = random.uniform(0.1, 0.6)
    rows = [set(np.flatnonzero(random.random(kinds) < share).tolist()) for _ in range(n)]
    tokens = (random.lognormal(4, random.uniform(0.2, 1.5), n) + 1).astype(int).tolist()
    return columns(rows, random.uniform(0.1, 1, kinds).tolist(), tokens)


def best_of_all(one: Columns, budget: int) -> float:
    best = 0.0
    for mask in range(1 << one.n):
        items = [item for item in range(one.n) if mask >> item & 1]
        if one.tokens[items].sum() <= budget:
            best = max(best, value(one.taken(items)))
    return best


def plain_greedy(one: Columns, budget: int) -> float:
    """By gain per token, every item looked at each time."""
    chosen: list[int] = []
    left = budget
    while True:
        held = value(one.taken(chosen))
        rates = [
            ((value(one.taken([*chosen, item])) - held) / int(one.tokens[item]), -item)
            for item in range(one.n)
            if item not in chosen and one.tokens[item] <= left
        ]
        if not rates or max(rates)[0] <= 0:
            return held
        item = -max(rates)[1]
        chosen.append(item)
        left -= int(one.tokens[item])


@pytest.mark.requirement("selection.objective")
def test_the_objective_is_the_weighted_sum_of_the_logs_of_counts() -> None:
    one = columns([{0}, {0, 1}, {1, 2}], [1.0, 0.5, 2.0], [1, 1, 1])
    assert value(one) == pytest.approx(np.log(3) + 0.5 * np.log(3) + 2 * np.log(2))


@pytest.mark.requirement("selection.exhaustive", "selection.bound")
@pytest.mark.parametrize("seed", range(40))
def test_small_cases_come_near_the_best_of_all_selections_and_stay_below_the_bound(seed: int) -> None:
    one = drawn(seed, 10, 3 + seed % 12)
    budget = int(one.tokens.sum() * np.random.default_rng(seed).uniform(0.1, 0.6))
    best, found = best_of_all(one, budget), choose(one, budget)
    assert found.value >= 0.63 * best
    assert found.bound >= best - 1e-9


@pytest.mark.requirement("selection.exhaustive")
def test_one_dear_item_is_chosen_where_cheap_ones_would_lock_it_out() -> None:
    """Gain per token alone would take the cheap item and leave no room for the dear one."""
    one = columns([{0}, set(range(1, 41))], [0.1] + [1.0] * 40, [1, 1000])
    assert choose(one, 1000).items == (1,)


@pytest.mark.requirement("selection.plain_greedy")
@pytest.mark.parametrize("seed", range(4))
def test_falling_thresholds_are_worth_what_the_plain_greedy_is_worth(seed: int) -> None:
    one = drawn(seed, 90, 40)
    budget = int(one.tokens.sum() * 0.3)
    assert choose(one, budget).value >= 0.985 * plain_greedy(one, budget)


@pytest.mark.requirement("selection.budget", "selection.bound")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 30), st.floats(0, 1.2))
def test_no_selection_costs_more_than_its_budget_or_is_worth_more_than_its_bound(
    seed: int, n: int, kinds: int, share: float
) -> None:
    one = drawn(seed, n, kinds)
    budget = int(one.tokens.sum() * share)
    found = choose(one, budget)
    assert found.tokens == int(one.tokens[list(found.items)].sum()) <= budget
    assert len(set(found.items)) == len(found.items)
    assert found.value == pytest.approx(value(one.taken(list(found.items))))
    assert found.value <= found.bound + 1e-9


@pytest.mark.requirement("selection.bad_input")
def test_identical_items_are_bought_as_long_as_they_add_something() -> None:
    one = columns([{0, 1}] * 500, [1.0, 1.0], [10] * 500)
    assert len(choose(one, 1000).items) == 100


def test_given_items_stay_and_count() -> None:
    one = columns([{0}, {0}, {1}], [1.0, 1.0], [10, 10, 10])
    assert choose(one, 20, given=(1,)).items == (1, 2)
