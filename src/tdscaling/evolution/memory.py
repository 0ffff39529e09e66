"""What every strategy learns from outcomes: the archive, and the watch over collapse."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.evolution.archive import Archive, Slot, Told
from tdscaling.evolution.collapse import Watch
from tdscaling.types import Cluster, Mode, Target

BANDS_ASKED = (0, 1, 2, 3, 4, 5)
"""CAC bands aimed at; a plan that grows longer lands in a higher one by itself."""


@dataclass
class Memory:
    """An archive and a watch over the same outcomes."""

    watch: Watch
    archive: Archive = field(default_factory=Archive)

    @classmethod
    def of(cls, clusters: Sequence[Cluster], window: int = 60, fall: float = 0.1) -> "Memory":
        return cls(Watch(domains=len({cluster.domain for cluster in clusters}), window=window, fall=fall))

    def tell(self, target: Target, told: Told) -> None:
        self.archive.tell(target, told)
        if told.kept and told.descriptor is not None:
            self.watch.see(told.descriptor.cell)


def slots_of(
    clusters: Sequence[Cluster], modes: Sequence[Mode], feasible: Mapping[str, Collection[str]]
) -> tuple[Slot, ...]:
    """What can be asked for. `feasible`: by cluster, the modes that can be planned there; all where it is not named."""
    return tuple(
        Slot(cluster.id, cluster.domain, mode, band)
        for cluster in sorted(clusters, key=lambda cluster: cluster.id)
        for mode in modes
        if mode in feasible.get(cluster.id, modes)
        for band in BANDS_ASKED
    )
