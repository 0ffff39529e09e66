"""How complex a plan in the making is, and where on its way it should stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.agents.planning.draft import Draft
from tdscaling.metrics.complexity import action_complexity, band
from tdscaling.types import JsonValue
from tdscaling.values import leaves


def complexity(draft: Draft) -> float:
    """The Cumulative Action Complexity that a faithful rollout of the plan has, but for branches of code and values
    that flow unplanned."""
    total, last, failed = 0.0, "", False
    depth = dict[str, int]()
    for step in (step for turn in draft.turns for step in turn.steps):
        depth[step.id] = max((1 + depth[one] for one in step.after if one in depth), default=0)
        total += action_complexity(
            leaves=_leaves(draft.arguments[step.id]),
            depth=depth[step.id],
            hop=bool(last) and step.tool.server != last,
            recovers=failed,
            branches=0,
        )
        last, failed = step.tool.server, step.expect_error
    return total


def _leaves(arguments: Mapping[str, JsonValue]) -> int:
    """How many scalars there are, most arguments being one."""
    return sum(1 if isinstance(value, str | int) else sum(1 for _ in leaves(value)) for value in arguments.values())


@dataclass
class Stages:
    """What a plan was like whenever it could have been left as it is. `wanted`: bands, the most wanted first."""

    wanted: Sequence[int]
    found: dict[int, Draft] = field(default_factory=dict[int, Draft])

    def see(self, draft: Draft) -> int:
        """Remembers the draft, as the last one in its band, and tells the band."""
        here = band(complexity(draft))
        self.found[here] = draft.checkpoint()
        return here

    @property
    def bands(self) -> tuple[int, ...]:
        return tuple(sorted(self.found))

    @property
    def best(self) -> Draft:
        """The draft in the band wanted most."""
        return self.found[min(self.found, key=self.wanted.index)]
