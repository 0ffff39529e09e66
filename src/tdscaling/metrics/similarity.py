"""How far a set of trajectories spreads: Vendi score and distance of tool-call n-gram sets."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tdscaling.metrics.duplicates import minhash
from tdscaling.metrics.shingles import jaccard

EXACT = 200
"""Up to this many sets all pairs are compared exactly, above that by MinHash."""


def vendi(kernel: NDArray[np.float64]) -> float:
    """The Vendi score (Friedman and Dieng 2023) of a similarity matrix of shape (n, n): symmetric,
    positive semi-definite, ones on the diagonal. The exponential of the entropy of the eigenvalues of K / n,
    in [1, n]; 0 for n = 0.

    By hand: two equal items and one unlike both have K = [[1,1,0],[1,1,0],[0,0,1]]; K/3 has eigenvalues 2/3, 1/3, 0;
    exp(log 3 - 2/3 log 2) = 1.8899.

    >>> round(vendi(np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])), 4)
    1.8899
    """
    n = len(kernel)
    if n == 0:
        return 0.0
    return _spread(np.linalg.eigvalsh(kernel / n), n)


def vendi_of(embeddings: NDArray[np.float64]) -> float:
    """The Vendi score under cosine similarity of embeddings, shape (n, d). Needs min(n, d)^2 memory, not n^2.

    By hand: two orthogonal directions, once each: eigenvalues 1/2, 1/2, so 2.

    >>> round(vendi_of(np.array([[3.0, 0.0], [0.0, 1.0]])), 4)
    2.0
    """
    n = len(embeddings)
    if n == 0:
        return 0.0
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.where(lengths == 0, 1.0, lengths)
    small = unit.T @ unit if unit.shape[1] < n else unit @ unit.T
    return _spread(np.linalg.eigvalsh(small / n), n)


def _spread(eigenvalues: NDArray[np.floating], n: int) -> float:
    shares = np.clip(eigenvalues, 0.0, None)
    total = float(shares.sum())
    if total <= 0:
        return 1.0
    shares = shares[shares > 0] / total
    return float(min(max(np.exp(-(shares * np.log(shares)).sum()), 1.0), n))


def mean_distance(sets: Sequence[frozenset[int]]) -> float:
    """The mean of 1 - Jaccard over all pairs of tool-call 3-gram sets; 0 for fewer than two.

    Exact up to 200 sets; above that each Jaccard is estimated by the share of equal MinHash values, whose mean
    over all pairs costs one sort for each of the 100 hash functions.

    By hand: {1,2}, {2,3}, {4}: the pairs share 1 of 3, nothing and nothing: (2/3 + 1 + 1) / 3 = 0.8889.

    >>> round(mean_distance([frozenset({1, 2}), frozenset({2, 3}), frozenset({4})]), 4)
    0.8889
    """
    n = len(sets)
    if n < 2:
        return 0.0
    pairs = n * (n - 1) / 2
    if n <= EXACT:
        return sum(1.0 - jaccard(one, two) for one, two in combinations(sets, 2)) / pairs
    signatures = np.stack([minhash(members) for members in sets])
    equal = 0.0
    for column in signatures.T:
        _, counts = np.unique(column, return_counts=True)
        equal += float((counts * (counts - 1) / 2).sum())
    return 1.0 - equal / (pairs * signatures.shape[1])
