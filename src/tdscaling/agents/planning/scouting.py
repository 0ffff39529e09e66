"""What the planner has read of the world, each result parsed once."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tdscaling.agents.planning.worth import tellable
from tdscaling.types import JsonScalar, JsonValue, ToolKey
from tdscaling.values import Leaf, at, normal, parse

_MOST_SPACES = 6
"""In a text that names one thing."""
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)


def _any(_: JsonScalar) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which values are of use, and how many of them have to stand in one result."""

    fits: Callable[[JsonScalar], bool] = _any
    least: int = 1


ANY = Wanted()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reading call showed."""

    content: str
    output: JsonValue
    _naming: dict[str, list[Leaf]] = field(default_factory=dict[str, list[Leaf]])

    def naming(self, path: str) -> list[Leaf]:
        """The values at a path that name one thing each: they can be told, and no other one there is the same."""
        found = self._naming.get(path)
        if found is None:
            there = at(self.output, path)
            times = Counter(normal(leaf.value) for leaf in there)
            found = [leaf for leaf in there if _short(leaf) and times[normal(leaf.value)] == 1]
            self._naming[path] = found
        return found


@lru_cache(maxsize=256)
def shown(content: str) -> Shown:
    """What the text of a result shows. Plans in one world scout the same: what was read is kept, as by `parse`."""
    return Shown(content, parse(content))


def _short(leaf: Leaf) -> bool:
    value = leaf.value
    return tellable(value) and not (isinstance(value, str) and value.count(" ") > _MOST_SPACES)


def spelt(tool: ToolKey, arguments: Mapping[str, JsonValue]) -> str:
    """A call as a key: two calls are the same if their tools and arguments are."""
    return f"{tool} {_ENCODER.encode(arguments)}"
