"""The mixture of a run: how many of each part to keep, and which part is asked next."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.config.run import RunConfig
from tdscaling.evolution import Course, Report, Reports, Told
from tdscaling.pipeline.code_tasks import CodeTargets, is_code
from tdscaling.types import Cluster, Mode, Target

GIVE_UP = 72
"""Targets of a part that may fail before its first trajectory is kept; then its share goes to the others."""


@dataclass
class Share:
    """A part of the run: its weight, where its targets come from, and how it fares."""

    name: str
    weight: float
    ask: Callable[[int], list[Target]]
    tell: Callable[[Target, Told], None]
    report: Callable[[], Report] | None = None
    told: int = 0
    kept: int = 0
    asked: int = 0
    dry: bool = False

    @property
    def open(self) -> bool:
        return not self.dry and (self.kept > 0 or self.told < GIVE_UP)

    @property
    def waiting(self) -> int:
        """Asked for and not told."""
        return self.asked - self.told

    @property
    def rate(self) -> float:
        """Kept of told, with one success and one failure assumed."""
        return (self.kept + 1) / (self.told + 2)


@dataclass
class Mixer:
    """Asks the parts for targets so that their shares of what is kept come out as wanted.

    Where several parts are open, none is asked for more than it still lacks with all that is under way: no part
    outgrows its share.
    """

    shares: Sequence[Share]
    total: int
    _by_name: dict[str, Share] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {share.name: share for share in self.shares}

    def ask(self, count: int) -> list[Target]:
        """The next targets, at most `count`; none when no part can give any more."""
        while True:
            wanted = self._wanted(count)
            asked = [(share, share.ask(number)) for share, number in wanted if number]
            for share, targets in asked:
                share.dry = share.dry or not targets
                share.asked += len(targets)
            if any(targets for _, targets in asked) or not asked:
                return spread([targets for _, targets in asked])

    def tell(self, target: Target, told: Told) -> None:
        share = self._by_name[self._part(target)]
        share.told += 1
        share.kept += told.kept
        share.tell(target, told)

    def reports(self) -> Reports:
        """What the parts that choose their targets have to tell."""
        return Reports(parts=tuple(share.report() for share in self.shares if share.report is not None))

    def _part(self, target: Target) -> str:
        if is_code(target):
            return "code"
        return "computational" if target.mode == "computational" and "computational" in self._by_name else "business"

    def _wanted(self, count: int) -> list[tuple[Share, int]]:
        """How many targets to ask of each open part."""
        left = self.left()
        if len(left) == 1:
            return [(share, count) for share in self.shares if share.name in left]
        lacking = {name: max(0, number - self._by_name[name].waiting) for name, number in left.items()}
        counts = apportioned({name: number / self._by_name[name].rate for name, number in lacking.items()}, count)
        return [(share, min(counts[share.name], lacking[share.name])) for share in self.shares if share.name in left]

    def left(self) -> dict[str, int]:
        """What each open part still lacks, parts that lack nothing left out."""
        lost = sum(share.kept for share in self.shares if not share.open)
        quotas = apportioned({share.name: share.weight for share in self.shares if share.open}, self.total - lost)
        return {
            name: quota - self._by_name[name].kept for name, quota in quotas.items() if quota > self._by_name[name].kept
        }


def apportioned(weights: Mapping[str, float], total: int) -> dict[str, int]:
    """`total` split by weight into whole numbers, the largest remainders rounded up.

    >>> apportioned({"business": 0.6, "computational": 0.2, "code": 0.2}, 8)
    {'business': 5, 'computational': 2, 'code': 1}
    """
    whole = sum(weights.values())
    exact = {name: weight / whole * total if whole else 0.0 for name, weight in weights.items()}
    found = {name: int(value) for name, value in exact.items()}
    ranked = sorted(exact, key=lambda name: (found[name] - exact[name], -weights[name]))
    for name in ranked[: max(0, total - sum(found.values())) if whole else 0]:
        found[name] += 1
    return found


def spread(lists: Sequence[Sequence[Target]]) -> list[Target]:
    """The lists as one, each spread evenly over it, in order."""
    placed = [
        ((place + 0.5) / len(targets), number, target)
        for number, targets in enumerate(lists)
        for place, target in enumerate(targets)
    ]
    return [target for _, _, target in sorted(placed, key=lambda item: item[:2])]


def mixer(
    config: RunConfig,
    clusters: Sequence[Cluster],
    modes: Sequence[Mode],
    code: CodeTargets | None,
    feasible: Mapping[str, Collection[str]] | None = None,
) -> Mixer:
    """The parts that this run can make: without clusters no business, without a sandbox neither computations nor
    code tasks; their shares go to the others. `feasible`: by cluster, the modes that can be planned there."""
    mixture, shares = config.mixture, list[Share]()

    def add(name: str, weight: float, wanted: Sequence[Mode]) -> None:
        course = Course.of(name, config.strategy, clusters, wanted, config.seed, feasible or {}, config.evolution)
        shares.append(Share(name, weight, course.ask, course.tell, course.report))

    apart = mixture.computational is not None
    business: list[Mode] = [mode for mode in modes if not (apart and mode == "computational")]
    if clusters and business and mixture.business:
        add("business", mixture.business, business)
    if clusters and mixture.computational and "computational" in modes:
        add("computational", mixture.computational, ("computational",))
    if code is not None and mixture.code:
        shares.append(Share("code", mixture.code, code.ask, _unheard))
    return Mixer(shares, config.trajectories)


def _unheard(target: Target, told: Told) -> None:
    """Code tasks take turns whatever comes of them."""
