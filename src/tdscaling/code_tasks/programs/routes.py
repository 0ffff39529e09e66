"""Shortest routes on a road map."""

import heapq


def shortest_route(roads: list[list[object]], start: str, goal: str) -> list[object]:
    """The length of the shortest way and the places on it; `[-1, []]` where there is none.

    A road is `[place, place, kilometres]` and can be used in both directions.

    >>> shortest_route([["a", "b", 5], ["b", "c", 1], ["a", "c", 9]], "a", "c")
    [6, ['a', 'b', 'c']]
    """
    near: dict[str, list[tuple[str, int]]] = {}
    for one, two, length in roads:
        near.setdefault(str(one), []).append((str(two), int(str(length))))
        near.setdefault(str(two), []).append((str(one), int(str(length))))
    queue: list[tuple[int, list[str]]] = [(0, [start])]
    done: set[str] = set()
    while queue:
        length, way = heapq.heappop(queue)
        place = way[-1]
        if place == goal:
            return [length, way]
        if place in done:
            continue
        done.add(place)
        for following, more in near.get(place, []):
            if following not in done:
                heapq.heappush(queue, (length + more, [*way, following]))
    return [-1, []]
