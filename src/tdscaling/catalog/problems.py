"""What a source could not give: one line each, and the rest goes on."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tdscaling.types import Tool


class Problem(NamedTuple):
    """Something that was left out. `place` is a line, an operation or a server name, "" for the whole source.

    >>> str(Problem("tools.jsonl", "line 3", "name is missing"))
    'tools.jsonl: line 3: name is missing'
    """

    source: str
    place: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(" ".join(part.split()) for part in self if part)


@dataclass(frozen=True, slots=True)
class Listing:
    """What one source gave: its tools and what it could not give.

    Its text leaves the tools out: asyncio writes out the result of a task when a run ends.
    """

    tools: tuple[Tool, ...] = field(default=(), repr=False)
    problems: tuple[Problem, ...] = ()
