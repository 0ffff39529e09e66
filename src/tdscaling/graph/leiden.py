"""The Leiden algorithm, typed: the one place that touches igraph."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import random
from collections.abc import Sequence
from typing import Literal, cast

import igraph

_SEED = 7
_ROUNDS = 4

Link = tuple[int, int, float]


def leiden(size: int, links: Sequence[Link], resolution: float) -> list[list[int]]:
    """Communities of the nodes 0..size-1 by modularity at a resolution; links are (one, two, weight > 0).

    Each community is sorted, and so are they by their first nodes.
    """
    return _communities(size, links, "modularity", resolution)


def dense_groups(size: int, links: Sequence[Link], density: float) -> list[list[int]]:
    """Communities whose links weigh more than `density` a pair (the constant Potts model): unlike those by modularity
    they do not grow with the graph."""
    return _communities(size, links, "CPM", density)


def _communities(
    size: int, links: Sequence[Link], objective: Literal["modularity", "CPM"], resolution: float
) -> list[list[int]]:
    graph = igraph.Graph(n=size, edges=[(one, two) for one, two, _ in links])
    igraph.set_random_number_generator(random.Random(_SEED))
    partition = graph.community_leiden(
        objective_function=objective,
        weights=[weight for _, _, weight in links],
        resolution=resolution,
        n_iterations=_ROUNDS,
    )
    return sorted(sorted(members) for members in cast("Sequence[list[int]]", partition) if members)
