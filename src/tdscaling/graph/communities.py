"""Tools of one server grouped by their links: Leiden communities, none above 20 tools, few below 3."""

from collections.abc import Mapping, Sequence

from tdscaling.graph.leiden import leiden

SMALLEST = 3
LARGEST = 20

Link = tuple[int, int, float]


def communities(
    size: int, links: Sequence[Link], groups: Mapping[int, str], whole: int = LARGEST // 2
) -> list[list[int]]:
    """Disjoint, connected groups of the nodes 0..size-1, each of 3 to 20 nodes; nodes that fit none are left out.

    `links` are weighted pairs (one < two, weight > 0). `groups` gives the entity of a node: a community that stays too
    large is parted along it. What is connected and has at most `whole` nodes is not parted.
    """
    found: list[list[int]] = []
    for part, inner in _components(dict.fromkeys(range(size), 0), links):
        if len(part) <= whole:
            found.append(part)
        else:
            found.extend(_split(part, inner, groups, 1.0))
    return sorted(part for part in _merged(found, links) if SMALLEST <= len(part) <= LARGEST)


def _split(nodes: list[int], links: Sequence[Link], groups: Mapping[int, str], resolution: float) -> list[list[int]]:
    """Leiden at a resolution that doubles until every part is small enough; then along entities."""
    position = {node: index for index, node in enumerate(nodes)}
    placed = [(position[one], position[two], weight) for one, two, weight in links]
    label = {
        nodes[member]: number
        for number, members in enumerate(leiden(len(nodes), placed, resolution))
        for member in members
    }
    found: list[list[int]] = []
    for part, inner in _components(label, links):
        if len(part) <= LARGEST:
            found.append(part)
        elif len(part) < len(nodes) or resolution < 8:
            found.extend(_split(part, inner, groups, resolution * 2))
        else:
            found.extend(_by_entity(part, inner, groups))
    return found


def _by_entity(nodes: list[int], links: Sequence[Link], groups: Mapping[int, str]) -> list[list[int]]:
    """One part an entity, in the order of names, 20 at most."""
    seen: dict[str, int] = {}
    label: dict[int, tuple[str, int]] = {}
    for node in nodes:
        name = groups.get(node, "")
        label[node] = (name, seen.get(name, 0) // LARGEST)
        seen[name] = seen.get(name, 0) + 1
    return [part for part, _ in _components(label, links)]


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


def _components(label: Mapping[int, object], links: Sequence[Link]) -> list[tuple[list[int], list[Link]]]:
    """Connected components of the nodes of one label, sorted, each with its links; one pass over all links."""
    parent = {node: node for node in label}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    inner = [link for link in links if label[link[0]] == label[link[1]]]
    for one, two, _ in inner:
        parent[root(one)] = root(two)
    members: dict[int, list[int]] = {}
    for node in sorted(label):
        members.setdefault(root(node), []).append(node)
    held: dict[int, list[Link]] = {}
    for link in inner:
        held.setdefault(root(link[0]), []).append(link)
    return sorted((nodes, held.get(top, [])) for top, nodes in members.items())
