"""How far the dialogues of a data set spread, from a sample of bounded size."""

import heapq
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tdscaling.metrics.similarity import mean_distance, vendi_of
from tdscaling.types import Dialogue

SAMPLE = 1_000
"""Dialogues that the figures rest on at most."""
MAX_TEXT = 500
"""Characters of a request that are compared."""
SIZE = 512
"""Dimensions of the embedding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`vendi` is the Vendi score over first user messages, in [1, sampled]; `calls` the mean pairwise distance of
    tool-call 3-gram sets, in [0, 1]. Both are of `sampled` dialogues."""

    sampled: int
    vendi: float
    calls: float


class Sampled:
    """A sample of rows: those whose numbers have the smallest hashes, so that any order of adding gives the same."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int, str, bytes]] = []

    def add(self, number: int, text: str, calls: bytes) -> None:
        """Row `number` with its first user message and its call 3-grams, as `Sketch` has them."""
        entry = (-crc32(b"%d" % number), -number, text, calls)
        if len(self._held) < SAMPLE:
            heapq.heappush(self._held, entry)
        elif entry > self._held[0]:
            heapq.heapreplace(self._held, entry)

    def spread(self) -> Spread:
        held = sorted(self._held)
        return Spread(
            sampled=len(held),
            vendi=vendi_of(embedded([text for _, _, text, _ in held])) if held else 0.0,
            calls=mean_distance([frozenset(array("I", calls)) for _, _, _, calls in held]),
        )


def first_request(dialogue: Dialogue) -> str:
    """The first user message, as far as it is compared; "" where there is none."""
    return next((message.content[:MAX_TEXT] for message in dialogue.messages if message.role == "user"), "")


def embedded(texts: Iterable[str]) -> NDArray[np.float64]:
    """Texts as rows of hashed counts of their words and runs of three letters, shape (n, SIZE), damped by log(1 + n).

    No language model: alike are texts in the same or in similarly spelled words.

    >>> one = embedded(["book a flight", "book a flight", "list my files"])
    >>> bool((one[0] == one[1]).all()), one.shape
    (True, (3, 512))
    """
    rows = [_counts(text) for text in texts]
    return np.log1p(np.stack(rows)) if rows else np.zeros((0, SIZE))


def _counts(text: str) -> NDArray[np.float64]:
    places = [place for word in text.casefold().split() for place in _places(word)]
    return np.bincount(places, minlength=SIZE).astype(np.float64) if places else np.zeros(SIZE)


@lru_cache(maxsize=16384)
def _places(word: str) -> tuple[int, ...]:
    padded = f" {word} "
    pieces = (word, *(padded[start : start + 3] for start in range(len(padded) - 2)))
    return tuple(crc32(piece.encode("utf-8", "surrogatepass")) % SIZE for piece in pieces)
