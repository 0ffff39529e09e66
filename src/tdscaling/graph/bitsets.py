"""Many small sets as rows of bits, so that the overlaps of a million pairs are counted at once."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
WIDEST = 8
"""At most so many 64-bit words a row: past 512 different members the rarest share bits."""


class Vocabulary:
    """Places of members in a row; the commonest have one of their own."""

    def __init__(self, sets: Sequence[Collection[str]]) -> None:
        count = Counter(member for one in sets for member in one)
        ordered = sorted(count, key=lambda member: (-count[member], member))
        self.width = max(1, min(WIDEST, -(-len(ordered) // 64)))
        self._place = {member: index % (64 * self.width) for index, member in enumerate(ordered)}

    def rows(self, sets: Sequence[Collection[str]]) -> Bits:
        """One row a set, shape (len(sets), width); members that the vocabulary lacks are left out."""
        found = np.zeros((len(sets), self.width), dtype=np.uint64)
        for row, one in enumerate(sets):
            for member in one:
                at = self._place.get(member)
                if at is not None:
                    found[row, at >> 6] |= np.uint64(1 << (at & 63))
        return found


def size(rows: Bits) -> Floats:
    """The number of bits of each row.

    >>> size(Vocabulary([("a", "b"), ("b",)]).rows([("a", "b"), ("b", "unknown"), ()])).tolist()
    [2.0, 1.0, 0.0]
    """
    return np.bitwise_count(rows).sum(axis=1, dtype=np.float32)


def share(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, 0 where the whole is 0."""
    return np.divide(part, np.maximum(whole, 1), dtype=np.float32)
