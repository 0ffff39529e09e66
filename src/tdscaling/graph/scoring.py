"""From signals to a probability: boosted oblivious trees, package data fitted by benchmarks/graph_fit.py."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Floats
from tdscaling.graph.signals import NAMES

_SAID = {
    "exact_name": "same_name",
    "entity": "same_entity",
    "entity_alias": "same_entity",
    "entity_narrower": "part_of_entity",
    "entity_wider": "part_of_entity",
    "entity_synonym": "synonym",
    "same_kind": "same_kind",
    "own": "own_entity",
    "inferred": "inferred_output",
    "described": "described_output",
    "echo": "given_by_caller",
    "type": "same_type",
    "format": "same_format",
    "same_record": "same_record",
    "noun_described": "described_input",
}
"""The signals that an edge names as its evidence."""
_RULES = [(NAMES.index(name), said) for name, said in _SAID.items()]


@dataclass(frozen=True, slots=True)
class Model:
    """Trees whose nodes of one level ask the same: whether a signal is above a limit. `signals` and `at` have one row a
    tree and one column a level, `values` one row a tree and one column a leaf, in log-odds.
    """

    bias: float
    signals: tuple[tuple[int, ...], ...]
    at: tuple[tuple[float, ...], ...]
    values: npt.NDArray[np.float32]

    def logits(self, rows: Floats) -> Floats:
        """The log-odds of rows of signals, shape (len(rows),)."""
        columns = np.ascontiguousarray(rows.T)
        total = np.full(len(rows), self.bias, dtype=np.float32)
        asked: dict[tuple[int, float], npt.NDArray[np.uint8]] = {}
        for tree, (signals, limits) in enumerate(zip(self.signals, self.at, strict=True)):
            leaf = np.zeros(len(rows), dtype=np.uint8)
            for level, node in enumerate(zip(signals, limits, strict=True)):
                if node not in asked:
                    asked[node] = (columns[node[0]] > np.float32(node[1])).view(np.uint8)
                leaf |= asked[node] << level
            total += self.values[tree][leaf]
        return total


@cache
def model() -> Model:
    """The shipped model."""
    text = files("tdscaling.graph").joinpath("data", "weights.json").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> Model:
    """A model from its JSON: `bias`, and `trees` of `signals`, `at` and `values`."""
    table = json.loads(text)
    trees = table["trees"]
    return Model(
        bias=float(table["bias"]),
        signals=tuple(tuple(NAMES.index(name) for name in tree["signals"]) for tree in trees),
        at=tuple(tuple(float(limit) for limit in tree["at"]) for tree in trees),
        values=np.array([tree["values"] for tree in trees], dtype=np.float32),
    )


def probabilities(logits: Floats) -> Floats:
    """The logistic function.

    >>> probabilities(np.array([0.0, 40.0], dtype=np.float32)).tolist()
    [0.5, 1.0]
    """
    return (1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def evidence(values: Sequence[float]) -> tuple[str, ...]:
    """The names of the rules that speak for a pair with these signals, sorted."""
    return tuple(sorted({said for column, said in _RULES if values[column] > 0}))
