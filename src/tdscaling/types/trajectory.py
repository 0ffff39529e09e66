"""Targets, descriptors, verdicts and the trajectories they speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

from tdscaling.types.json import JsonValue
from tdscaling.types.messages import Dialogue

Mode: TypeAlias = Literal[
    "abstaining",
    "revising",
    "clarifying",
    "recovering",
    "verifying",
    "computational",
    "iterative",
    "conditional",
    "exploratory",
    "parallel",
    "sequential",
    "direct",
]
MODES: tuple[Mode, ...] = get_args(Mode)
"""In the order that decides the primary mode: the first one detected, where the plan's is not confirmed."""

BANDS: tuple[str, ...] = ("[0,4)", "[4,8)", "[8,16)", "[16,32)", "[32,64)", "[64,inf)")
"""Bands of Cumulative Action Complexity, by index."""


class Cell(NamedTuple):
    """A niche of the archive: `mode` is a Mode or "none", `band` an index into BANDS."""

    domain: str
    mode: str
    band: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What evolution asks for. `seed` makes two targets for one cell differ. Where a kept plan is to be changed,
    `parent` is the hash of its item and `mutation` says how. `wanted` are the bands by how much they are wanted, most
    first, for a planner that can choose where to stop on the way to `band`; where it is empty only `band` counts.
    `free`: those in which there is nothing yet; a plan that can't stop in any of them is made anew."""

    cluster: str
    domain: str
    mode: Mode
    band: int
    seed: int
    fault: str | None = None
    parent: str = ""
    mutation: str = ""
    wanted: tuple[int, ...] = ()
    free: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """Where a trajectory lies: all of it derived from the messages."""

    domain: str
    modes: tuple[str, ...]
    primary_mode: str
    cac: float
    band: int
    calls: int
    turns: int
    servers: tuple[str, ...]

    @property
    def cell(self) -> Cell:
        return Cell(self.domain, self.primary_mode, self.band)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One named check of a rollout or a blueprint, with what it saw."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checks of a finished rollout, in the order they ran."""

    checks: tuple[Check, ...]

    @property
    def kept(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """The first check that failed, "" when none did; the funnel counts it."""
        return next((check.name for check in self.checks if not check.passed), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A verified (or rejected) dialogue with all that is needed to judge and to repeat it."""

    id: str
    dialogue: Dialogue
    target: Target
    descriptor: Descriptor
    verdict: Verdict
    provenance: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
