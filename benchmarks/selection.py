"""Selection under a budget: seconds, memory and what is reached, on synthetic columns (no texts).

python -m benchmarks.selection [COUNT] [SHARE OF TOKENS]
"""

import resource
import sys
import time

import numpy as np

from tdscaling.selection import Columns, choose
from tdscaling.selection.objective import marginals, next_gains

SMALL = 20_000
"""Items up to which the plain greedy is run as well."""
FAMILIES = ((46, 1), (12, 1), (6, 1), (46 * 12 * 6, 1), (5_000, 5), (40_000, 4), (256, 1))
"""Size, and features an item has: domain, mode, band, cell, tools, tool bigrams, request cell."""


def synthetic(n: int, seed: int = 0) -> Columns:
    """Items whose features follow a power law, as those of real data sets do; about 900 tokens each."""
    random = np.random.default_rng(seed)
    parts: list[np.ndarray] = []
    weights: list[float] = []
    for size, held in FAMILIES:
        parts.append((random.zipf(1.15, size=(n, held)) - 1) % size + len(weights))
        weights += [1 / size] * size
    table = np.sort(np.concatenate(parts, axis=1), axis=1)
    first = np.concatenate([np.ones((n, 1), dtype=bool), table[:, 1:] != table[:, :-1]], axis=1)
    starts = np.concatenate([[0], np.cumsum(first.sum(axis=1))]).astype(np.int64)
    tokens = random.lognormal(6.8, 0.7, n).astype(np.int64) + 50
    return Columns(starts, table[first].astype(np.int32), np.array(weights), tokens)


def plain(columns: Columns, budget: int) -> float:
    """F of the plain greedy, which looks at every item again before each choice and takes the best gain per token."""
    counts = np.zeros(len(columns.weights), dtype=np.int64)
    left, out = budget, np.zeros(columns.n, dtype=bool)
    while True:
        rates = marginals(columns, next_gains(columns, counts)) / columns.tokens
        rates[out | (columns.tokens > left)] = -1
        item = int(np.argmax(rates))
        if rates[item] <= 0:
            return float(columns.weights @ np.log1p(counts))
        counts[columns.of(item)] += 1
        out[item] = True
        left -= int(columns.tokens[item])


def main(n: int, share: float) -> None:
    columns = synthetic(n)
    budget = int(columns.tokens.sum() * share)
    begun = time.perf_counter()
    found = choose(columns, budget)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{n} items, {share:.0%} of their tokens: {len(found.items)} chosen in {seconds:.1f} s, peak {peak:.2f} GiB")
    print(f"F {found.value:.4f}, at least {found.value / found.bound:.3f} of the best possible")
    if n <= SMALL:
        other = plain(columns, budget)
        print(f"the plain greedy reaches {other:.4f}: {found.value / other:.4f} of it")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, float(sys.argv[2]) if len(sys.argv) > 2 else 0.1)
