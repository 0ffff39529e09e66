"""What a run is made of: business episodes, computations in them, and code tasks of their own."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tdscaling.types import CodeKind


class Mixture(BaseModel):
    """Shares of the trajectories kept; they are scaled to sum to 1. A part that can't be made gives its share away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    business: float = Field(default=1.0, ge=0, description="Episodes over the tools of the sources.")
    computational: float | None = Field(
        default=None,
        ge=0,
        description="Of these tools with code over results; null: evolution decides within business.",
    )
    code: float = Field(default=0.0, ge=0, description="Code tasks of their own, in the sandbox alone.")

    @model_validator(mode="after")
    def _something(self) -> "Mixture":
        if not self.business + (self.computational or 0) + self.code > 0:
            raise ValueError("one of the shares must be above 0")
        return self

    @property
    def code_alone(self) -> bool:
        """Whether nothing else is asked for: then a run needs no sources."""
        return self.business == 0 and not self.computational


class CodeTaskSettings(BaseModel):
    """Which code tasks are made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: tuple[CodeKind, ...] = Field(
        default=("sql", "analysis", "repair", "implement", "repository"),
        description="Kinds of tasks that are made, in turn. `repository` needs a git server among the sources.",
    )
    paths: tuple[str, ...] = Field(
        default=(), description="Your own tasks: JSON Lines with prompt, files and test command (docs/code.md)."
    )
    databases: tuple[str, ...] = Field(
        default=(), description="Your own SQLite databases: every second text-to-SQL task asks about one of them."
    )
