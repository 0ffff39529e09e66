"""Which groups of tools count as different: Jaccard below 0.7."""

from collections.abc import Iterable, Mapping, Sequence

from tdscaling.types import ToolKey

SAME = 0.7


def distinct(groups: Iterable[Sequence[frozenset[ToolKey]]]) -> list[frozenset[ToolKey]]:
    """Of each group's forms the first that is not too like any group taken before, in their order.

    >>> a, b, c, d = (ToolKey("s", n) for n in "abcd")
    >>> len(distinct([[frozenset((a, b, c))], [frozenset((a, b, c, d))], [frozenset((b, c, d))]]))
    2
    """
    kept: list[frozenset[ToolKey]] = []
    holding: dict[ToolKey, list[int]] = {}
    for forms in groups:
        group = next((form for form in forms if not _known(form, kept, holding)), None)
        if group is not None:
            for key in group:
                holding.setdefault(key, []).append(len(kept))
            kept.append(group)
    return kept


def _known(
    group: frozenset[ToolKey], kept: Sequence[frozenset[ToolKey]], holding: Mapping[ToolKey, Sequence[int]]
) -> bool:
    shared: dict[int, int] = {}
    for key in group:
        for index in holding.get(key, ()):
            shared[index] = shared.get(index, 0) + 1
    return any(count / (len(group) + len(kept[index]) - count) >= SAME for index, count in shared.items())


def disjoint(groups: Sequence[frozenset[ToolKey]]) -> int:
    """How many groups can be taken, smallest first, so that no tool is in two of them."""
    used: set[ToolKey] = set()
    count = 0
    for group in sorted(groups, key=lambda group: (len(group), sorted(group))):
        if not group & used:
            used |= group
            count += 1
    return count
