"""What makes dialogues differ, as features by number: domain, mode, band, cell, tools, tool bigrams, what is asked."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from tdscaling.graph.embeddings import dimensions, embed
from tdscaling.metrics.modes import NONE
from tdscaling.metrics.spread import first_request
from tdscaling.selection.objective import Columns
from tdscaling.semantics.words import raw_words
from tdscaling.types import BANDS, Descriptor, Dialogue

PLANES = 8
"""Hyperplanes that cut the space of requests into 2 ** PLANES cells."""


class RequestCells:
    """The cell of a request: the side of each of PLANES random hyperplanes that its embedding lies on."""

    def __init__(self, seed: int) -> None:
        self._planes = np.random.default_rng(seed).standard_normal((dimensions(), PLANES)).astype(np.float32)

    def cell(self, text: str) -> int:
        """Below 2 ** PLANES."""
        sides = embed(raw_words(text)) @ self._planes > 0
        return int(sum(1 << place for place, side in enumerate(sides.tolist()) if side))


class Gathered:
    """Items gathered one at a time; memory grows by about 4 bytes a feature and 8 an item."""

    def __init__(self, seed: int) -> None:
        self._requests = RequestCells(seed)
        self._numbers: dict[tuple[str, ...], int] = {}
        self._starts = array("q", [0])
        self._features = array("i")
        self._tokens = array("q")

    def __len__(self) -> int:
        return len(self._tokens)

    def add(self, dialogue: Dialogue, where: Descriptor, tokens: int) -> None:
        """Adds an item; the mode "none" is no feature, nor is its cell."""
        names = {self._number(name) for name in self._named(dialogue, where)}
        self._features.extend(sorted(names))
        self._starts.append(len(self._features))
        self._tokens.append(max(1, tokens))

    def columns(self) -> Columns:
        """All items. Families count alike, however many features they have: w_f is 1 over those of its family.

        So F is the sum over families of the mean of log(1 + count).
        """
        families = [name[0] for name in self._numbers]
        sizes = Counter(families)
        return Columns(
            starts=np.array(self._starts, dtype=np.int64),
            features=np.array(self._features, dtype=np.int32),
            weights=np.array([1 / sizes[family] for family in families], dtype=np.float64),
            tokens=np.array(self._tokens, dtype=np.int64),
        )

    def _number(self, name: tuple[str, ...]) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def _named(self, dialogue: Dialogue, where: Descriptor) -> Iterator[tuple[str, ...]]:
        yield ("domain", where.domain)
        yield ("band", BANDS[where.band])
        if where.primary_mode != NONE:
            yield ("mode", where.primary_mode)
            yield ("cell", where.domain, where.primary_mode, BANDS[where.band])
        tools = [call.name for _, call in dialogue.calls()]
        for name in tools:
            yield ("tool", name)
        for one, two in pairwise(tools):
            yield ("bigram", one, two)
        yield ("request", str(self._requests.cell(first_request(dialogue))))


STRATA: dict[str, Callable[[Descriptor], str]] = {
    "domain": lambda where: where.domain,
    "mode": lambda where: where.primary_mode,
    "band": lambda where: BANDS[where.band],
    "cell": lambda where: " ".join(map(str, where.cell)),
}
"""The families that have one value an item."""
