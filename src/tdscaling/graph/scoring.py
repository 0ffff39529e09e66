"""From signals to a probability: a logistic model whose weights are package data, fitted by scripts/fit_edges.py."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from operator import mul

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
    "path": "path_hierarchy",
}
"""The signals that an edge names as its evidence."""


@cache
def weights() -> tuple[float, ...]:
    """The shipped weights, in the order of `signals.NAMES`; a signal without one counts nothing."""
    text = files("tdscaling.graph").joinpath("data", "weights.json").read_text(encoding="utf-8")
    table: Mapping[str, float] = json.loads(text)
    return tuple(float(table.get(name, 0.0)) for name in NAMES)


def probability(values: Sequence[float], model: Sequence[float]) -> float:
    """The logistic of the weighted sum.

    >>> probability((1.0, 2.0), (0.0, 0.0))
    0.5
    """
    total = sum(map(mul, values, model))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def evidence(values: Sequence[float]) -> tuple[str, ...]:
    """The names of the rules that speak for a candidate, sorted."""
    said = {_SAID[name] for name, value in zip(NAMES, values, strict=True) if value > 0 and name in _SAID}
    return tuple(sorted(said))
