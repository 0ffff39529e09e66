"""Tools of one server grouped by their links: Leiden communities, none above 20 tools, few below 3."""

from collections.abc import Mapping, Sequence

from tdscaling.graph.leiden import leiden

SMALLEST = 3
LARGEST = 20

Link = tuple[int, int, float]


def communities(size: int, links: Sequence[Link], groups: Mapping[int, str]) -> list[list[int]]:
    """Disjoint, connected groups of the nodes 0..size-1, each of 3 to 20 nodes; nodes that fit none are left out.

    `links` are weighted pairs (one < two, weight > 0). `groups` gives the entity of a node: a community that stays too
    large is parted along it.
    """
    found: list[list[int]] = []
    for part in _connected(range(size), links):
        if len(part) <= LARGEST // 2:
            found.append(part)
        else:
            found.extend(_split(part, links, groups, 1.0))
    return sorted(part for part in _merged(found, links) if SMALLEST <= len(part) <= LARGEST)


def _split(nodes: list[int], links: Sequence[Link], groups: Mapping[int, str], resolution: float) -> list[list[int]]:
    """Leiden at a resolution that doubles until every part is small enough; then along entities."""
    inner = _inner(nodes, links)
    position = {node: index for index, node in enumerate(nodes)}
    placed = [(position[one], position[two], weight) for one, two, weight in inner]
    found: list[list[int]] = []
    for members in leiden(len(nodes), placed, resolution):
        for part in _connected([nodes[member] for member in members], inner):
            if len(part) <= LARGEST:
                found.append(part)
            elif len(part) < len(nodes) or resolution < 8:
                found.extend(_split(part, inner, groups, resolution * 2))
            else:
                found.extend(_by_entity(part, inner, groups))
    return found


def _by_entity(nodes: list[int], links: Sequence[Link], groups: Mapping[int, str]) -> list[list[int]]:
    """One part an entity; a hub's many entities are packed beside it in the order of their names, 20 at most."""
    named: dict[str, list[int]] = {}
    for node in sorted(nodes, key=lambda node: (groups.get(node, ""), node)):
        named.setdefault(groups.get(node, ""), []).append(node)
    found: list[list[int]] = []
    for members in named.values():
        for start in range(0, len(members), LARGEST):
            found.extend(_connected(members[start : start + LARGEST], links))
    return found


def _merged(parts: list[list[int]], links: Sequence[Link]) -> list[list[int]]:
    """Parts below 3 join the part they are linked to most, if that stays within 20."""
    place = {node: index for index, part in enumerate(parts) for node in part}
    near: dict[int, list[tuple[int, float]]] = {}
    for one, two, weight in links:
        near.setdefault(one, []).append((two, weight))
        near.setdefault(two, []).append((one, weight))
    merged = [list(part) for part in parts]
    for index in sorted(range(len(merged)), key=lambda index: (len(merged[index]), merged[index])):
        if not 0 < len(merged[index]) < SMALLEST:
            continue
        pull: dict[int, float] = {}
        for node in merged[index]:
            for other, weight in near.get(node, ()):
                home = place[other]
                if home != index and len(merged[home]) + len(merged[index]) <= LARGEST:
                    pull[home] = pull.get(home, 0.0) + weight
        if pull:
            home = min(pull, key=lambda home: (-pull[home], merged[home]))
            merged[home] = sorted(merged[home] + merged[index])
            place.update(dict.fromkeys(merged[index], home))
            merged[index] = []
    return [part for part in merged if part]


def _inner(nodes: Sequence[int], links: Sequence[Link]) -> list[Link]:
    held = set(nodes)
    return [link for link in links if link[0] in held and link[1] in held]


def _connected(nodes: Sequence[int], links: Sequence[Link]) -> list[list[int]]:
    """Connected components, each sorted."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, two, _ in links:
        if one in parent and two in parent:
            parent[root(one)] = root(two)
    found: dict[int, list[int]] = {}
    for node in sorted(nodes):
        found.setdefault(root(node), []).append(node)
    return sorted(found.values())
