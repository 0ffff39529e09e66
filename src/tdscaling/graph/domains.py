"""One taxonomy of business domains, and the domain of a group of tools.

The words and the foreign labels of each domain are package data (data/domains.json), and so is how rare each word is
among the servers of the shared MCP corpus (data/rarity.json, made by benchmarks/graph_domains.py without any label).
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import TypedDict

from tdscaling.semantics.words import text_words, words
from tdscaling.types import Tool


class _Entry(TypedDict):
    words: str
    labels: list[str]


@cache
def _taxonomy() -> Mapping[str, _Entry]:
    text = files("tdscaling.graph").joinpath("data", "domains.json").read_text(encoding="utf-8")
    table: Mapping[str, _Entry] = json.loads(text)
    return {name: table[name] for name in sorted(table)}


DOMAINS: tuple[str, ...] = tuple(_taxonomy())
"""The names of all domains, sorted."""

_NAME_WEIGHT = 2.0
_SERVER_WEIGHT = 2.0
_TEXT_WEIGHT = 1.0
_LABEL_WEIGHT = 1.5


def classify(tools: Sequence[Tool]) -> str:
    """The domain of a group of tools, from its names, descriptions, servers and category labels.

    Raises ValueError for an empty group.

    >>> classify([Tool(server="git", name="git_commit"), Tool(server="git", name="git_branch")])
    'source_control'
    """
    if not tools:
        raise ValueError("an empty group of tools has no domain")
    votes = domain_scores(tools)
    return min(DOMAINS, key=lambda name: (-votes.get(name, 0.0), name))


def domain_scores(tools: Sequence[Tool]) -> dict[str, float]:
    """How much speaks for each domain; those without any word are left out."""
    table = _word_weights()
    votes: dict[str, float] = defaultdict(float)
    for word, weight in group_words(tools).items():
        for name, value in table.get(word, ()):
            votes[name] += value * math.log1p(weight)
    for label, share in _labels(tools).items():
        name = domain_of_label(label)
        if name:
            votes[name] += _LABEL_WEIGHT * share
    return dict(votes)


def domain_of_label(label: str) -> str | None:
    """The domain that a source's category label stands for, None where the label says too little."""
    return _label_map().get(label.lower())


@cache
def _label_map() -> Mapping[str, str]:
    return {label.lower(): name for name, entry in _taxonomy().items() for label in entry["labels"]}


@cache
def _word_weights() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """By word the domains that it speaks for; one that many domains share, or many servers say, says less."""
    rarity = _rarity()
    rarest = max(rarity.values(), default=1.0)
    return {
        word: tuple((name, rarity.get(word, rarest) / len(names)) for name in names)
        for word, names in taxonomy_words().items()
    }


@cache
def taxonomy_words() -> Mapping[str, tuple[str, ...]]:
    """By word of the taxonomy the domains that it stands in."""
    found: dict[str, list[str]] = {}
    for name, entry in _taxonomy().items():
        listed = [part for text in (*entry["words"].split(), *name.split("_")) for part in words(text)]
        for word in dict.fromkeys(listed):
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@cache
def _rarity() -> Mapping[str, float]:
    return json.loads(files("tdscaling.graph").joinpath("data", "rarity.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=8192)
def _told(text: str, limit: int) -> frozenset[str]:
    """The words of a text; a tool is in several clusters, and these come server by server."""
    return frozenset(text_words(text, limit))


def group_words(tools: Sequence[Tool]) -> Mapping[str, float]:
    """How much each word is said by the names, descriptions and servers of a group."""
    found: dict[str, float] = defaultdict(float)
    for tool in tools:
        for word in words(tool.name):
            found[word] += _NAME_WEIGHT / len(tools) * 3
        for word in _told(tool.description, 25):
            found[word] += _TEXT_WEIGHT / len(tools) * 3
    for server in {tool.server: tool.server_description for tool in tools}.items():
        for word in {*words(server[0]), *_told(server[1], 40)}:
            found[word] += _SERVER_WEIGHT
    return found


def _labels(tools: Sequence[Tool]) -> Mapping[str, float]:
    count = Counter(tool.category for tool in tools if tool.category)
    return {label: number / len(tools) for label, number in count.items()}
