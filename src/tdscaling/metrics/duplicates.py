"""Near-duplicates, found one trajectory at a time: MinHash to find candidates, exact Jaccard to decide."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tdscaling.errors import DataError
from tdscaling.metrics.shingles import Shingles, jaccard, shingles
from tdscaling.types import Dialogue, JsonValue

THRESHOLD = 0.8
BANDS = 20
ROWS = 5
"""20 bands of 5 rows: a pair whose sets have the Jaccard s becomes a candidate with probability 1 - (1 - s^5)^20,
which is 0.9996 at 0.8 and 0.05 at 0.3."""

_RANDOM = np.random.default_rng(20260203)
_FACTORS: NDArray[np.uint64] = _RANDOM.integers(1, 1 << 62, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFTS: NDArray[np.uint64] = _RANDOM.integers(0, 1 << 62, BANDS * ROWS, dtype=np.uint64)
_CALL = 0x9E3779B9
_EMPTY = np.full(BANDS * ROWS, np.iinfo(np.uint32).max, dtype=np.uint32)


def minhash(members: frozenset[int]) -> NDArray[np.uint32]:
    """The signature, shape (BANDS * ROWS,), of a set of 32-bit hashes. Equal sets have equal signatures."""
    if not members:
        return _EMPTY
    values = np.fromiter(members, dtype=np.uint64, count=len(members))
    mixed = (values[:, None] * _FACTORS + _SHIFTS) >> np.uint64(32)
    return mixed.min(axis=0).astype(np.uint32)


class NearDuplicates:
    """A growing set of trajectories, none of which is a near-duplicate of another.

    Two are near-duplicates when the Jaccard of their 3-grams is 0.8 or more over (tool, argument names) sequences and
    over user words. Memory grows with the trajectories kept: about 3 kB each.

    >>> from tdscaling.types import Message
    >>> seen = NearDuplicates()
    >>> weather = Dialogue(messages=(Message(role="user", content="What is the weather in Oslo?"),))
    >>> seen.add("a", weather), seen.add("b", weather), len(seen)
    (None, 'a', 1)
    """

    def __init__(self) -> None:
        self._kept: dict[str, Shingles] = {}
        self._bands: list[dict[bytes, list[str]]] = [{} for _ in range(BANDS)]

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, key: str, dialogue: Dialogue) -> str | None:
        """The id of the first kept trajectory that this one duplicates; else None, and it is kept from now on."""
        return self.add_shingles(key, shingles(dialogue))

    def add_shingles(self, key: str, sets: Shingles, signed: bytes | None = None) -> str | None:
        """`add` for sets that are there already, and with them their `signature`, where that is known.

        An id that is kept already is its own duplicate.
        """
        if key in self._kept:
            return key
        parts = _parts(signature(sets) if signed is None else signed)
        buckets = [band.setdefault(part, []) for band, part in zip(self._bands, parts, strict=True)]
        checked: set[str] = set()
        for bucket in buckets:
            for other in bucket:
                if other not in checked:
                    checked.add(other)
                    if _near(sets, self._kept[other]):
                        return other
        self._kept[key] = sets
        for bucket in buckets:
            bucket.append(key)
        return None

    def state(self) -> dict[str, list[list[int]]]:
        """What `restore` needs, as JSON: for each id the two sets."""
        return {key: [sorted(sets.calls), sorted(sets.words)] for key, sets in self._kept.items()}

    @classmethod
    def restore(cls, state: Mapping[str, JsonValue]) -> Self:
        """The set that gave the state. Raises DataError on a state of another shape."""
        made = cls()
        for key, sets in state.items():
            if not isinstance(sets, Sequence) or isinstance(sets, str) or len(sets) != 2:
                raise DataError(f"near-duplicate state of {key!r} is not two lists; rebuild it from the trajectories")
            made.add_shingles(key, Shingles(_members(key, sets[0]), _members(key, sets[1])))
        return made


def _members(key: str, value: JsonValue) -> frozenset[int]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, int) for item in value):
        raise DataError(f"near-duplicate state of {key!r} is not a list of integers; rebuild it from the trajectories")
    return frozenset(item for item in value if isinstance(item, int))


def _near(one: Shingles, two: Shingles) -> bool:
    return jaccard(one.calls, two.calls) >= THRESHOLD and jaccard(one.words, two.words) >= THRESHOLD


def signature(sets: Shingles) -> bytes:
    """The MinHash of the disjoint union of both sets: where each reaches 0.8, so does their union."""
    return minhash(sets.words | {member ^ _CALL for member in sets.calls}).tobytes()


def _parts(signed: bytes) -> list[bytes]:
    """One key a band."""
    step = 4 * ROWS
    return [signed[start : start + step] for start in range(0, len(signed), step)]
