"""Near-duplicates, found one trajectory at a time: MinHash to find candidates, exact Jaccard to decide."""

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

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
_MIX: NDArray[np.uint64] = _RANDOM.integers(1, 1 << 62, ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
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
    over user words. Memory grows with the trajectories kept: about 2 kB each.

    >>> from tdscaling.types import Message
    >>> seen = NearDuplicates()
    >>> weather = Dialogue(messages=(Message(role="user", content="What is the weather in Oslo?"),))
    >>> seen.add("a", weather), seen.add("b", weather), len(seen)
    (None, 'a', 1)
    """

    def __init__(self) -> None:
        self._kept: dict[str, Sketch] = {}
        self._keys: list[str] = []
        self._bands: list[dict[int, int | list[int]]] = [{} for _ in range(BANDS)]

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, key: str, dialogue: Dialogue) -> str | None:
        """The id of the first kept trajectory that this one duplicates; else None, and it is kept from now on."""
        return self.add_sketch(key, sketch(shingles(dialogue)))

    def add_sketch(self, key: str, one: "Sketch") -> str | None:
        """`add` for what is known of a dialogue already. An id that is kept already is its own duplicate."""
        if key in self._kept:
            return key
        places = np.frombuffer(one.bands, dtype=np.uint32).tolist()
        held = [band.get(place) for band, place in zip(self._bands, places, strict=True)]
        if any(other is not None for other in held):
            found = self._near(one.sets, held)
            if found is not None:
                return found
        number = len(self._keys)
        self._keys.append(key)
        self._kept[key] = one
        for band, place, others in zip(self._bands, places, held, strict=True):
            if others is None:
                band[place] = number
            elif isinstance(others, int):
                band[place] = [others, number]
            else:
                others.append(number)
        return None

    def _near(self, sets: Shingles, held: list[int | list[int] | None]) -> str | None:
        """The id of a kept one that is near: those that share a band are compared, each once."""
        checked: set[int] = set()
        for others in held:
            for other in [] if others is None else [others] if isinstance(others, int) else others:
                if other not in checked:
                    checked.add(other)
                    if _near(sets, self._kept[self._keys[other]].sets):
                        return self._keys[other]
        return None

    def state(self) -> dict[str, list[list[int]]]:
        """What `restore` needs, as JSON: for each id the two sets."""
        return {key: [sorted(one.sets.calls), sorted(one.sets.words)] for key, one in self._kept.items()}

    @classmethod
    def restore(cls, state: Mapping[str, JsonValue]) -> Self:
        """The set that gave the state. Raises DataError on a state of another shape."""
        made = cls()
        for key, sets in state.items():
            if not isinstance(sets, Sequence) or isinstance(sets, str) or len(sets) != 2:
                raise DataError(f"near-duplicate state of {key!r} is not two lists; rebuild it from the trajectories")
            made.add_sketch(key, sketch(Shingles(_members(key, sets[0]), _members(key, sets[1]))))
        return made


def _members(key: str, value: JsonValue) -> frozenset[int]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, int) for item in value):
        raise DataError(f"near-duplicate state of {key!r} is not a list of integers; rebuild it from the trajectories")
    return frozenset(item for item in value if isinstance(item, int))


def _near(one: Shingles, two: Shingles) -> bool:
    return jaccard(one.calls, two.calls) >= THRESHOLD and jaccard(one.words, two.words) >= THRESHOLD


class Sketch(NamedTuple):
    """The two sets of a dialogue as 32-bit integers, and a number of 30 bits for each band of their MinHash."""

    calls: bytes
    words: bytes
    bands: bytes

    @property
    def sets(self) -> Shingles:
        return Shingles(frozenset(array("I", self.calls)), frozenset(array("I", self.words)))


def sketch(sets: Shingles) -> Sketch:
    """The MinHash is of the disjoint union of both sets: where each reaches 0.8, so does their union.

    Two bands may have the same number by chance; the sets decide.
    """
    signature = minhash(sets.words | {member ^ _CALL for member in sets.calls}).astype(np.uint64)
    bands = (signature.reshape(BANDS, ROWS) * _MIX).sum(axis=1, dtype=np.uint64) >> np.uint64(34)
    return Sketch(_packed(sets.calls), _packed(sets.words), bands.astype(np.uint32).tobytes())


def _packed(members: frozenset[int]) -> bytes:
    return array("I", members).tobytes()
