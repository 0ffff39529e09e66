"""What a run is made of: the sources, how much to keep, the roles, the environment."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.evolution import EvolutionSettings, Strategy
from tdscaling.config.mixture import CodeTaskSettings, Mixture
from tdscaling.config.models import NOT_DECISIVE, BudgetSettings, ModelSettings
from tdscaling.config.roles import Playing, Roles
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.config.simulation import FaultSettings, SimulationSettings


class ExplorationSettings(BaseModel):
    """How many calls may be spent on getting to know a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tries: int = Field(default=14, ge=1, description="Calls tried until a tool works.")
    more_values: int = Field(default=5, ge=0, description="Further values tried for each parameter of a working call.")
    readers: int = Field(default=12, ge=0, description="Reading tools of a server tried on what a writer wrote.")


class EpisodeSettings(BaseModel):
    """What ends an episode that does not end by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_turns: int = Field(default=12, ge=1, description="User messages after which an episode ends.")
    steps_per_turn: int = Field(default=40, ge=1, description="Assistant messages after which a turn is given up.")
    turn_seconds: float | None = Field(
        default=None, gt=0, description="Seconds that models may think in one turn; none: no limit."
    )
    episode_seconds: float | None = Field(
        default=None, gt=0, description="Seconds that models may think in one episode; none: no limit."
    )


class RunConfig(BaseModel):
    """A run of `tdscaling synthesize`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[str, ...] = Field(
        default=(),
        description="MCP client configs, OpenAPI files, tool corpora, or folders of these; none for code tasks alone.",
    )
    trajectories: int = Field(default=100, ge=1, description="How many trajectories to keep.")
    seed: int = Field(default=7, ge=0, description="The same seed with procedural roles gives the same bytes.")
    models: dict[str, ModelSettings] = Field(
        default_factory=dict, description="By a name of your own: endpoints that roles may be played by."
    )
    roles: Roles = Field(default_factory=Roles, description="Who plays planner, user, assistant, simulator, judge.")
    playing: Playing = Field(default_factory=Playing, description="How models play their parts.")
    budget: BudgetSettings = Field(default_factory=BudgetSettings, description="Hard caps on what models may cost.")
    in_flight: int = Field(default=256, ge=1, description="Requests to all models together at the same time.")
    environment: EnvironmentSettings = Field(
        default_factory=EnvironmentSettings, description="How worlds are made and live servers are run."
    )
    exploration: ExplorationSettings = Field(
        default_factory=ExplorationSettings, description="How much exploration may cost."
    )
    episodes: EpisodeSettings = Field(default_factory=EpisodeSettings, description="Limits of an episode.")
    sandbox: SandboxSettings = Field(
        default_factory=SandboxSettings, description="The sandbox of the code tool that computational plans use."
    )
    mixture: Mixture = Field(
        default_factory=Mixture, description="Shares of business episodes, computational ones and pure code tasks."
    )
    code_tasks: CodeTaskSettings = Field(
        default_factory=CodeTaskSettings, description="Which code tasks are made where the mixture asks for them."
    )
    simulation: SimulationSettings = Field(
        default_factory=SimulationSettings, description="How tools without a live server are simulated."
    )
    faults: FaultSettings = Field(
        default_factory=FaultSettings, description="Faults between the assistant and its servers, live or simulated."
    )
    domains: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict, description="By server: the domain of its clusters, where the classifier is wrong."
    )
    strategy: Strategy = Field(
        default="evolution",
        description="How targets are chosen: by what diversity lacks, uniformly over cells, or many from few cells.",
    )
    evolution: EvolutionSettings = Field(
        default_factory=EvolutionSettings, description="The watch over diversity, and what ends a run early."
    )
    batch: int | None = Field(
        default=None,
        ge=1,
        description="Targets under way: asked for, their outcomes not yet told. By default 24, or six times "
        "`environment.slots` where that is more.",
    )
    give_up: float = Field(
        default=12.0, gt=1, description="Targets tried per trajectory wanted, after which the run ends short."
    )
    decontaminate: tuple[str, ...] = Field(
        default=(),
        description="Data sets, text files, folders or installed benchmarks (bfcl, tau2, humaneval): what shares a run "
        "of 13 words with them is not kept.",
    )
    export: tuple[str, ...] = Field(default=("trl",), description="Formats written into the run folder at the end.")

    @property
    def window(self) -> int:
        """How many targets are asked for before the outcome of the first is told."""
        return self.batch or max(24, 6 * self.environment.slots)

    @model_validator(mode="after")
    def _has_sources(self) -> "RunConfig":
        if not self.sources and not self.mixture.code_alone:
            raise PydanticCustomError(
                "no_sources",
                "sources: name at least one, or ask for code tasks alone (mixture: {business: 0, code: 1})",
            )
        return self

    @model_validator(mode="after")
    def _played_by_known_models(self) -> "RunConfig":
        for role, name in self.roles.models():
            if name not in self.models:
                there = ", ".join(sorted(self.models)) or "there are none"
                raise PydanticCustomError(
                    "unknown_model",
                    "roles.{role} is '{name}', no model under `models` ({there})",
                    {"role": role, "name": name, "there": there},
                )
        return self

    def decisive(self) -> dict[str, Any]:
        """The fields that decide what a run makes. What may change under it is left out: budgets, and how an
        endpoint is reached, and how many processes work."""
        fields = self.model_dump(mode="json", exclude={"budget": True, "in_flight": True, "environment": {"processes"}})
        if not fields["decontaminate"]:
            del fields["decontaminate"]  # so that runs made without it go on
        if self.environment.reuse:
            del fields["environment"]["reuse"]  # as above
        for model in fields["models"].values():
            for name in NOT_DECISIVE:
                model.pop(name)
        return fields
