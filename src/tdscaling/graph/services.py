"""The services among tools whose server is unknown, or said to be one and plainly is not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tdscaling.graph.leiden import dense_groups
from tdscaling.graph.likeness import hand, likeness
from tdscaling.types import Tool

DENSITY = 0.035
"""Mean likeness between the tools of one service, chosen on half of the servers of the shared corpora."""
FEW, MANY = 21, 40
ONE_HAND = 0.8
"""Of the servers of the shared corpora with MANY tools, 99 % have at least this share of tools whose schemas are
written alike; in tools shuffled from fifty servers it is at most 0.73."""


class Unit(NamedTuple):
    """Tools that are read and grouped together: those of a server, or (`recovered`) of a service of a doubtful one."""

    tools: list[Tool]
    recovered: bool


def units(groups: Mapping[str, Sequence[Tool]]) -> list[Unit]:
    """Each server, or each service of one that is doubtful; `groups` are tools by server, whose order is kept."""
    found: list[Unit] = []
    for server, group in groups.items():
        if doubtful(server, group):
            found.extend(Unit(part, recovered=True) for part in services(group))
        else:
            found.append(Unit(list(group), recovered=False))
    return found


def doubtful(server: str, tools: Sequence[Tool]) -> bool:
    """Whether a server says nothing of what belongs together: more tools than a cluster holds and no name, or many
    tools of many hands."""
    if len(tools) < (MANY if server else FEW):
        return False
    if not server:
        return True
    return max(Counter(map(hand, tools)).values()) < ONE_HAND * len(tools)


def services(tools: Sequence[Tool]) -> list[list[Tool]]:
    """The tools parted into groups of tools that are alike, as those of one service are; by their first tools."""
    return [[tools[member] for member in group] for group in dense_groups(len(tools), likeness(tools), DENSITY)]
