"""Worlds of outcomes for the tests of strategies: every target is kept where it was aimed, at a cost of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.fakes import cluster

from tdscaling.evolution import Course, Told
from tdscaling.types import Cluster, Descriptor, Mode, Target

MODES: tuple[Mode, ...] = ("direct", "sequential", "parallel", "iterative", "revising", "abstaining")
CLUSTERS: tuple[Cluster, ...] = tuple(
    replace(cluster("stock"), id=f"c{number}", domain=domain)
    for number, domain in enumerate(("retail", "transport", "health", "finance"))
)


def kept(target: Target, messages: int = 20) -> Told:
    """The target's trajectory was kept and lies where it was aimed."""
    lies = Descriptor(
        domain=target.domain, modes=(target.mode,), primary_mode=target.mode, cac=float(messages), band=target.band,
        calls=2, turns=1, servers=("stock",),
    )  # fmt: skip
    return Told(item=str(target.seed), kept=True, descriptor=lies, messages=messages)


@dataclass
class Played:
    """The targets of a course in their order."""

    targets: Sequence[Target]

    def last(self, number: int) -> Sequence[Target]:
        return self.targets[-number:]


def play(course: Course, outcome: Callable[[Target, int], Told], wanted: int, batch: int = 6) -> Played:
    """Asks and tells until `wanted` targets were told, or nothing is asked for any more."""
    targets: list[Target] = []
    while len(targets) < wanted:
        asked = course.ask(batch)
        if not asked:
            break
        for target in asked:
            course.tell(target, outcome(target, len(targets)))
            targets.append(target)
    return Played(targets)
