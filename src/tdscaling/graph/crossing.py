"""Clusters across two servers: an edge between them and, on both sides, the tools closest to it."""

from collections.abc import Mapping, Sequence, Set

from tdscaling.graph.communities import SMALLEST
from tdscaling.types import Edge, ToolKey

SIDES = (5, 3, 2)
"""Tools taken from one server at most, smaller where the only group of two servers would be too like another one."""


def crossings(edges: Sequence[Edge], out: Mapping[ToolKey, Sequence[Edge]]) -> list[list[frozenset[ToolKey]]]:
    """For each edge between two servers, the strongest first, the forms of one group, the largest first."""
    across = [edge for edge in edges if edge.producer.server != edge.consumer.server]
    if not across:
        return []
    ends = {ref.key for edge in across for ref in (edge.producer, edge.consumer)}
    near = _neighbours(out, ends)
    found: list[list[frozenset[ToolKey]]] = []
    met: set[frozenset[str]] = set()
    for edge in sorted(across, key=lambda edge: (not edge.executed, -edge.score, edge.producer, edge.consumer)):
        pair = frozenset((edge.producer.server, edge.consumer.server))
        sizes = SIDES[:1] if pair in met else SIDES
        met.add(pair)
        sides = [(_side(edge.producer.key, near, size), _side(edge.consumer.key, near, size)) for size in sizes]
        forms = [frozenset((*one, *two)) for one, two in sides]
        found.append([form for form in dict.fromkeys(forms) if len(form) >= SMALLEST])
    return found


def _neighbours(
    out: Mapping[ToolKey, Sequence[Edge]], ends: Set[ToolKey]
) -> dict[ToolKey, list[tuple[float, ToolKey]]]:
    """The neighbours of `ends` in their own servers, the closest first."""
    near: dict[ToolKey, dict[ToolKey, float]] = {key: {} for key in ends}
    for key, listed in out.items():
        for edge in listed:
            other = edge.consumer.key
            if other.server == key.server:
                weight = 2.0 if edge.executed else edge.score
                for one, two in ((key, other), (other, key)):
                    held = near.get(one)
                    if held is not None:
                        held[two] = max(held.get(two, 0.0), weight)
    return {key: sorted((-weight, other) for other, weight in held.items()) for key, held in near.items()}


def _side(key: ToolKey, near: Mapping[ToolKey, Sequence[tuple[float, ToolKey]]], size: int) -> list[ToolKey]:
    return [key, *(other for _, other in near.get(key, ())[: size - 1])]
