"""Clusters across two servers: an edge between them and, on both sides, the tools closest to it."""

from collections.abc import Mapping, Sequence

from tdscaling.types import Edge, ToolKey

SIDE = 5
"""Tools taken from one server at most."""


def crossings(edges: Sequence[Edge], out: Mapping[ToolKey, Sequence[Edge]]) -> list[frozenset[ToolKey]]:
    """One group for each edge between two servers, strongest edges first."""
    across = [edge for edge in edges if edge.producer.server != edge.consumer.server]
    if not across:
        return []
    near = _neighbours(out)
    found: list[frozenset[ToolKey]] = []
    for edge in sorted(across, key=lambda edge: (not edge.executed, -edge.score, edge.producer, edge.consumer)):
        group = frozenset(_side(edge.producer.key, near) + _side(edge.consumer.key, near))
        if len(group) >= 3:
            found.append(group)
    return found


def _neighbours(out: Mapping[ToolKey, Sequence[Edge]]) -> dict[ToolKey, list[tuple[float, ToolKey]]]:
    near: dict[ToolKey, dict[ToolKey, float]] = {}
    for key, listed in out.items():
        for edge in listed:
            other = edge.consumer.key
            if other.server == key.server:
                weight = 2.0 if edge.executed else edge.score
                for one, two in ((key, other), (other, key)):
                    held = near.setdefault(one, {})
                    held[two] = max(held.get(two, 0.0), weight)
    return {key: sorted((-weight, other) for other, weight in held.items()) for key, held in near.items()}


def _side(key: ToolKey, near: Mapping[ToolKey, Sequence[tuple[float, ToolKey]]]) -> list[ToolKey]:
    return [key, *(other for _, other in near.get(key, ())[: SIDE - 1])]
