"""How alike tools are in what they say and in the hand they are written by, whatever server they are said to be of.

Words of names (verbs aside) and descriptions, names of fields, and habits (how names are spelled, which keywords the
schemas use), each weighted by how rare it is among the tools. The nearest of a tool are found over the lists of its
rarest features, at most LISTED long, so that the work grows with the number of tools.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from tdscaling.semantics.verbs import is_verb
from tdscaling.semantics.words import raw_words, text_words, words
from tdscaling.types import JsonValue, Tool

NEAREST = 12
LISTED = 200
"""A feature of more tools than this (and more than a tenth of them) proposes no neighbours."""
_ASKED = 32
"""Features of a tool that propose neighbours, the weightiest first."""
_FIELDS = 40
_WORDS = 60
_FIELD_WORDS = 20

Pair = tuple[int, int, float]


def likeness(tools: Sequence[Tool]) -> list[Pair]:
    """Pairs (one < two) of a tool and its up to NEAREST nearest, sorted, each with a weight above 0 and up to 1.

    The weight is the cosine where each is among the nearest of the other, and half of it where only one is.
    """
    rows = _rows([_features(tool) for tool in tools])
    found: dict[tuple[int, int], float] = {}
    for one, near in enumerate(_nearest(rows, len(tools))):
        for two, cosine in near:
            pair = (min(one, two), max(one, two))
            found[pair] = found.get(pair, 0.0) + cosine / 2
    return [(*pair, weight) for pair, weight in sorted(found.items())]


def _features(tool: Tool) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    _add(found, "w:", (word for word in words(tool.name) if not is_verb(word)), 2.0)
    _add(found, "w:", set(text_words(tool.description, _WORDS)), 1.0)
    _add(found, "first:", raw_words(tool.name)[:1], 1.5)
    fields = _fields(tool)
    _add(found, "f:", fields, 1.0)
    for schema in fields.values():
        text = schema.get("description")
        if isinstance(text, str):
            _add(found, "w:", set(text_words(text, _FIELD_WORDS)), 0.3)
        _add(found, "key:", schema, 0.5)
    _add(found, "spelled:", map(_spelling, fields), 0.5)
    _add(found, "habit:", _habits(tool), 0.7)
    return found


def _add(found: dict[str, float], kind: str, listed: Iterable[str], weight: float) -> None:
    for item in listed:
        found[kind + item] += weight


def _fields(tool: Tool) -> dict[str, Mapping[str, JsonValue]]:
    properties = tool.input_schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {name: schema if isinstance(schema, Mapping) else {} for name, schema in islice(properties.items(), _FIELDS)}


_SPELLINGS = (
    ("camel", re.compile(r"[a-z][A-Z]")),
    ("kebab", re.compile(r"-")),
    ("snake", re.compile(r"_")),
    ("upper", re.compile(r"^[^a-z]*$")),
)
_CONTENT = frozenset(("properties", "required", "$defs", "definitions", "description", "title"))


def _spelling(name: str) -> str:
    return next((kind for kind, pattern in _SPELLINGS if pattern.search(name)), "plain")


def _habits(tool: Tool) -> Iterable[str]:
    """How its author writes: which keywords are used, how names are spelled, how a description looks."""
    text = tool.description.strip()
    yield "name " + _spelling(tool.name)
    keys, open_, dialect = hand(tool)
    yield "keys " + keys
    yield open_
    yield "dialect " + dialect
    yield "hints " + " ".join(sorted(tool.annotations))
    yield "output " + ("none" if tool.output_schema is None else " ".join(sorted(set(tool.output_schema) - _CONTENT)))
    yield f"ends {text[-1:]}, {'lines' if chr(10) in text else 'line'}, {'upper' if text[:1].isupper() else 'lower'}"


def hand(tool: Tool) -> tuple[str, str, str]:
    """What schemas made by one author or one generator have in common: keywords, openness and title, dialect."""
    schema = tool.input_schema
    return (
        " ".join(sorted(key for key in schema if key not in _CONTENT))[:200],
        f"open {schema.get('additionalProperties') is not False}, titled {'title' in schema}",
        str(schema.get("$schema"))[:80],
    )


def _rows(features: Sequence[Mapping[str, float]]) -> list[list[tuple[float, str]]]:
    """Unit rows: square root of the count, times the log of the rarity; the weightiest first."""
    spread = Counter(name for row in features for name in row)
    found: list[list[tuple[float, str]]] = []
    for row in features:
        weighed = [
            (math.sqrt(count) * math.log(len(features) / spread[name]), name)
            for name, count in row.items()
            if 1 < spread[name] < len(features)
        ]
        size = math.sqrt(math.fsum(weight * weight for weight, _ in weighed)) or 1.0
        found.append(sorted(((weight / size, name) for weight, name in weighed), key=lambda item: (-item[0], item[1])))
    return found


def _nearest(rows: Sequence[Sequence[tuple[float, str]]], size: int) -> Iterable[list[tuple[int, float]]]:
    """For each row the nearest others with their cosine over the features that propose neighbours."""
    lists = _lists(rows, LISTED)
    total = np.zeros(size, dtype=np.float64)
    for one, row in enumerate(rows):
        asked = [(weight, lists[name]) for weight, name in row if name in lists][:_ASKED]
        for weight, (members, weights) in asked:
            total[members] += weight * weights
        total[one] = 0.0
        met = np.unique(np.concatenate([members for _, (members, _) in asked])) if asked else np.zeros(0, np.int64)
        order = np.lexsort((met, -total[met]))[:NEAREST]
        yield [(int(two), float(total[two])) for two in met[order] if total[two] > 0]
        total[met] = 0.0


def _lists(
    rows: Sequence[Sequence[tuple[float, str]]], longest: int
) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
    held: dict[str, list[tuple[int, float]]] = {}
    for index, row in enumerate(rows):
        for weight, name in row:
            held.setdefault(name, []).append((index, weight))
    return {
        name: (np.array([index for index, _ in listed]), np.array([weight for _, weight in listed]))
        for name, listed in held.items()
        if len(listed) <= longest
    }
