"""The Leiden algorithm, typed: the one place that touches igraph and leidenalg."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Sequence
from typing import cast

import igraph
import leidenalg

_SEED = 7
_ROUNDS = 4


def leiden(size: int, links: Sequence[tuple[int, int, float]], resolution: float) -> list[list[int]]:
    """Communities of the nodes 0..size-1 by modularity at a resolution; links are (one, two, weight > 0)."""
    graph = igraph.Graph(n=size, edges=[(one, two) for one, two, _ in links])
    partition = leidenalg.find_partition(
        graph,
        leidenalg.RBConfigurationVertexPartition,
        weights=[weight for _, _, weight in links],
        resolution_parameter=resolution,
        seed=_SEED,
        n_iterations=_ROUNDS,
    )
    return [sorted(members) for members in cast("Sequence[list[int]]", partition)]
