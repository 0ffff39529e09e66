"""Settings of simulated services: which servers, how large their worlds, rules, faults and corrections of the model."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tdscaling.types import JsonValue

FaultName = Literal[
    "timeout", "rate_limit", "transient", "stale_id", "partial_page", "renamed_field", "permission_denied"
]


class RuleSettings(BaseModel):
    """A business rule: a sentence, the tools it binds, and what must hold of a field or an argument."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1, description="The rule in plain words; the assistant is told it.")
    tools: tuple[str, ...] = Field(min_length=1, description="Names of the tools that it binds.")
    field: str = Field(default="", description="Field of the record that is looked at.")
    argument: str = Field(default="", description="Argument of the call that is looked at instead.")
    equals: JsonValue = Field(default=None, description="The value it must have.")
    one_of: tuple[JsonValue, ...] = Field(default=(), description="Values of which it must have one.")
    at_least: float | None = Field(default=None, description="The least number it may be.")
    at_most: float | None = Field(default=None, description="The greatest number it may be.")
    within_days: int | None = Field(default=None, ge=0, description="How many days ago its time may lie.")
    enforced_by: Literal["service", "assistant"] = Field(
        default="service", description="Who sees to it: the service refuses, or the assistant has to know better."
    )


class FaultSettings(BaseModel):
    """Faults put between the assistant and its servers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(default=0.0, ge=0, le=1, description="Share of calls that meet a fault.")
    kinds: tuple[FaultName, ...] = Field(
        default=("rate_limit", "transient", "timeout"), description="Faults to choose from."
    )


class SimulationSettings(BaseModel):
    """How tools without a live server are simulated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    simulate: bool | Literal["auto"] = Field(
        default="auto", description="Simulate tools without a live server; auto: where no live server is configured."
    )
    servers: tuple[str, ...] = Field(default=(), description="Servers to simulate; none: all that are not live.")
    clusters: int = Field(default=40, ge=1, description="Clusters of simulated tools that a run draws, by its seed.")
    size: int = Field(default=9, ge=2, le=200, description="Records of an entity in a new world, about.")
    overrides: str = Field(default="", description="YAML file that corrects the inferred models.")
    rules: dict[str, tuple[RuleSettings, ...]] = Field(
        default_factory=dict, description="By server: business rules that can be checked."
    )
