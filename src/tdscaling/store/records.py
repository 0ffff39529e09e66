"""What goes into the store and what comes out of it, beside the nouns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tdscaling.types import Blueprint, Descriptor, Target, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A unit of work, named by the hash of what decides its outcome. `order` is its place in the run. `parent` is the
    plan that its target's mutation changes: read from the store when the work begins, it is no part of the row."""

    hash: str
    order: int
    target: Target
    kind: str = "episode"
    parent: Blueprint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why an item ended without a trajectory: its blueprint fell, or the environment did."""

    stage: Literal["blueprint", "environment"]
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something outside failed: `kind` is "timeout", "crash", …; `subject` the server or endpoint."""

    kind: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One request to a model: `seconds` of latency, `cost` in the currency of the config."""

    role: str
    model: str
    request: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an item ended: with a trajectory (kept or not, as its verdict says) or with a rejection. `misses` are
    rollouts of the same plan before it, each of which failed one check.

    `timings` are seconds by stage; `state` are blobs that must change together with the outcome.
    """

    item: Item
    trajectory: Trajectory | None = None
    rejection: Rejection | None = None
    misses: tuple[Trajectory, ...] = ()
    blueprint: Blueprint | None = None
    timings: Mapping[str, float] = field(default_factory=dict[str, float])
    faults: tuple[Fault, ...] = ()
    usage: tuple[Usage, ...] = ()
    state: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def __post_init__(self) -> None:
        if (self.trajectory is None) == (self.rejection is None):
            raise ValueError("an outcome has either a trajectory or a rejection")

    @property
    def fate(self) -> str:
        """The line of the funnel it ended in, as `schema.FATE` says it of what is stored."""
        if self.rejection is not None:
            return f"{'rejected' if self.rejection.stage == 'blueprint' else 'lost'}: {self.rejection.reason}"
        reason = self.trajectory.verdict.reason if self.trajectory else ""
        return f"failed: {reason}" if reason else "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorRow:
    """The columns of a trajectory, without its messages."""

    item: str
    id: str
    order: int
    kept: bool
    reason: str
    descriptor: Descriptor
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingTotal:
    """How often a stage ran and for how many seconds in all."""

    stage: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotal:
    """What one role has used of one model."""

    role: str
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageShare:
    """What the requests of some of a run's items took: of `items` so many, of which `kept` gave a kept trajectory."""

    name: str
    items: int
    kept: int
    requests: int
    tokens: int
    seconds: float
    cost: float
