"""Entropies of shares: raw in nats, normalised to [0, 1], and as an effective number."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entropy:
    """`raw` is H in nats, `normalised` H / log k for k possible values, `effective` is exp(H).

    `normalised` is 0 where k < 2. `k` is the number of possible values, never fewer than those seen.
    """

    raw: float
    normalised: float
    effective: float
    k: int


def entropy(counts: Mapping[K, int], k: int | None = None) -> Entropy:
    """The entropy of the shares that the counts make, normalised by log k (None: by the values seen).

    By hand: counts 2, 1, 1 are shares 1/2, 1/4, 1/4; H = 1/2 log 2 + 2 * 1/4 log 4 = 1.5 log 2 = 1.0397;
    with k = 4 possible values H / log 4 = 0.75; exp(H) = 2 ** 1.5 = 2.8284.

    >>> found = entropy({"a": 2, "b": 1, "c": 1}, k=4)
    >>> round(found.raw, 4), round(found.normalised, 4), round(found.effective, 4)
    (1.0397, 0.75, 2.8284)
    """
    held = [count for count in counts.values() if count > 0]
    total = sum(held)
    raw = max(0.0, math.log(total) - sum(count * math.log(count) for count in held) / total) if total else 0.0
    possible = max(len(held), k or 0)
    most = math.log(possible) if possible > 1 else 0.0
    raw = min(raw, math.log(len(held))) if held else 0.0
    return Entropy(
        raw=raw, normalised=raw / most if most else 0.0, effective=math.exp(raw) if total else 0.0, k=possible
    )


def bigrams(sequence: Sequence[K]) -> Iterable[tuple[K, K]]:
    """Neighbours in a sequence.

    >>> list(bigrams(["a", "b", "c"]))
    [('a', 'b'), ('b', 'c')]
    """
    return pairwise(sequence)


def mode_bigrams(sequences: Iterable[Sequence[str]]) -> Counter[tuple[str, str]]:
    """How often one mode follows another, over all sequences.

    By hand: the sequences direct-sequential-direct and direct-sequential hold direct-sequential twice and
    sequential-direct once; the entropy of shares 2/3, 1/3 is log 3 - 2/3 log 2 = 0.6365.

    >>> counts = mode_bigrams([("direct", "sequential", "direct"), ("direct", "sequential")])
    >>> sorted(counts.values()), round(entropy(counts).raw, 4)
    ([1, 2], 0.6365)
    """
    counts: Counter[tuple[str, str]] = Counter()
    for sequence in sequences:
        counts.update(bigrams(sequence))
    return counts
