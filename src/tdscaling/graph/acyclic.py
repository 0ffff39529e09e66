"""An order to run tools in: edges without cycles, the weakest given up first."""

import heapq
from collections.abc import Mapping, Sequence

from tdscaling.types import Edge, ToolKey


def acyclic(edges: Sequence[Edge]) -> list[Edge]:
    """The edges, strongest first, without those that would close a cycle over stronger ones.

    What was weakly connected stays so: an edge is only given up where a path joins its ends already.
    """
    after: dict[ToolKey, set[ToolKey]] = {}
    kept: list[Edge] = []
    for edge in sorted(
        edges, key=lambda edge: (not edge.executed, -edge.score, edge.producer, edge.consumer, edge.kind)
    ):
        first, then = edge.producer.key, edge.consumer.key
        if first != then and not _reaches(then, first, after):
            after.setdefault(first, set()).add(then)
            kept.append(edge)
    return kept


def _reaches(start: ToolKey, goal: ToolKey, after: Mapping[ToolKey, set[ToolKey]]) -> bool:
    seen = {start}
    stack = [start]
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        fresh = after.get(node, set()) - seen
        seen |= fresh
        stack.extend(fresh)
    return False


def order(tools: Sequence[ToolKey], edges: Sequence[Edge], rank: Mapping[ToolKey, int]) -> tuple[ToolKey, ...]:
    """The tools so that every edge points forward; among free ones by rank, then by name."""
    waiting = dict.fromkeys(tools, 0)
    after: dict[ToolKey, set[ToolKey]] = {}
    for edge in edges:
        then = after.setdefault(edge.producer.key, set())
        if edge.consumer.key not in then:
            then.add(edge.consumer.key)
            waiting[edge.consumer.key] += 1
    ready = [(rank.get(tool, 0), tool) for tool, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    found: list[ToolKey] = []
    while ready:
        _, tool = heapq.heappop(ready)
        found.append(tool)
        for then in after.get(tool, ()):
            waiting[then] -= 1
            if waiting[then] == 0:
                heapq.heappush(ready, (rank.get(then, 0), then))
    return tuple(found)
