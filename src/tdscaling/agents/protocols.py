"""The roles of an episode. Each can be procedural or a model; the rollout does not know which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tdscaling.types import (
    Blueprint,
    Cluster,
    Exploration,
    Message,
    OfferedTool,
    Session,
    Target,
    Tool,
    ToolKey,
)


class PlanError(Exception):
    """No plan for this target: the reason names what was missing, in a few words the funnel can count."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)  # both, so that it comes whole out of another process
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class RoleError(Exception):
    """A role could not do its part; `role` says whose fault the failed episode is."""

    def __init__(self, role: str, detail: str) -> None:
        super().__init__(role, detail)
        self.role = role
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What a planner works with: the cluster, what is known of its tools, and a session to try things in.

    `tools` holds every tool of the catalogue; `world` is the initial state the session started from. `reasons` say why
    earlier plans for the same target fell.
    """

    cluster: Cluster
    tools: Mapping[ToolKey, Tool]
    exploration: Exploration
    session: Session
    world: int
    rng: Random
    reasons: tuple[str, ...] = ()


class Planner(Protocol):
    """Makes a plan for a target. Raises PlanError."""

    async def plan(self, target: Target, context: PlanContext) -> Blueprint: ...


class User(Protocol):
    """Says what comes next, seeing the messages so far; None when the user has nothing more to say."""

    async def speak(self, messages: Sequence[Message]) -> str | None: ...


class Assistant(Protocol):
    """The next assistant message: text, or text with calls of the offered tools. Raises RoleError."""

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message: ...
