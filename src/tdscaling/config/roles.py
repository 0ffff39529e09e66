"""Who plays each part."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

PROCEDURAL = "procedural"
NONE = "none"


class Roles(BaseModel):
    """Who plays each part: `procedural`, or the name of a model under `models`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    planner: str = Field(default=PROCEDURAL, description="Who makes the plans.")
    user: str = Field(default=PROCEDURAL, description="Who plays the user.")
    assistant: str = Field(default=PROCEDURAL, description="Who plays the assistant.")
    simulator: str = Field(
        default=PROCEDURAL,
        description="Who phrases the free texts of what simulated services create: `procedural`, or a model.",
    )
    monitor: str = Field(
        default=NONE, description="Who watches a user played by a model, beside the rules: `none`, or a model."
    )
    judge: str = Field(default=NONE, description="Who judges beside the checks: `none`, or a model.")

    def models(self) -> Iterator[tuple[str, str]]:
        """The roles that a model plays, each with the model's name."""
        for role, name in (
            ("planner", self.planner),
            ("user", self.user),
            ("assistant", self.assistant),
            ("simulator", self.simulator),
        ):
            if name != PROCEDURAL:
                yield role, name
        for role, name in (("monitor", self.monitor), ("judge", self.judge)):
            if name != NONE:
                yield role, name

    @property
    def played_by(self) -> tuple[str, ...]:
        """The models that play a role, by name."""
        return tuple(sorted({name for _, name in self.models()}))


class Playing(BaseModel):
    """How models play their parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hints: bool = Field(
        default=False, description="Give a model assistant the plan's next calls as private guidance, never kept."
    )
    near_misses: int = Field(
        default=0,
        ge=0,
        description="How often a plan is played again whose rollout failed one check; the miss is kept, and a later "
        "success makes a preference pair of it (export `trl-dpo`).",
    )
    repairs: int = Field(
        default=2,
        ge=0,
        description="How often a plan that fell is made again: a model is told why, a procedural planner draws anew.",
    )
    votes: int = Field(default=3, ge=1, description="How often the judge is asked; the majority decides.")
    criteria: tuple[str, ...] = Field(
        default=(
            "grounded: everything the assistant states is in a tool's result or in what the user said",
            "helpful: each request of the user is served or plainly turned down",
            "natural: the user and the assistant read like people and speak to each other",
        ),
        description="What the judge looks at, each as `name: what must hold`.",
    )
