"""Life cycles: the tools that make, find, use and end one entity of a server."""

from collections.abc import Mapping, Sequence, Set

from tdscaling.graph.communities import LARGEST, SMALLEST
from tdscaling.semantics.verbs import Verbal
from tdscaling.types import Edge, ToolKey

TRUSTED = 0.3


def resources(
    keys: Sequence[ToolKey], verbs: Mapping[ToolKey, Verbal], out: Mapping[ToolKey, Sequence[Edge]]
) -> list[frozenset[ToolKey]]:
    """For each noun of the keys its own tools that are linked, with the strongest users of what they produce."""
    by_noun: dict[tuple[str, ...], list[ToolKey]] = {}
    near = set(keys)
    for key in keys:
        if verbs[key].noun:
            by_noun.setdefault(verbs[key].noun, []).append(key)
    found: list[frozenset[ToolKey]] = []
    for noun in sorted(by_noun):
        group = _cycle(by_noun[noun], near, out)
        if len(group) >= SMALLEST:
            found.append(group)
    return found


def _cycle(own: Sequence[ToolKey], near: Set[ToolKey], out: Mapping[ToolKey, Sequence[Edge]]) -> frozenset[ToolKey]:
    start = max(own, key=lambda key: (len(out.get(key, ())), key))
    group = {start}
    reached = [start]
    held = set(own)
    uses: list[tuple[float, ToolKey]] = []
    while reached:
        for edge in out.get(reached.pop(), ()):
            other = edge.consumer.key
            if other not in near or other in group:
                continue
            if other in held and len(group) < LARGEST:
                group.add(other)
                reached.append(other)
            elif edge.kind == "value" and edge.score >= TRUSTED:
                uses.append((edge.score, other))
    for _, other in sorted(uses, key=lambda use: (-use[0], use[1])):
        if len(group) >= max(8, len(own)) or len(group) >= LARGEST:
            break
        group.add(other)
    return frozenset(group)
