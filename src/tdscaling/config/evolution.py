"""How a run chooses its targets: when diversity counts as fallen, and when more is no gain."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Strategy = Literal["evolution", "uniform", "quantity"]


class EvolutionSettings(BaseModel):
    """The watch over a run's diversity, and what stops it early."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(default=60, ge=8, description="Kept trajectories over which entropies and gain are watched.")
    fall: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Fall of a normalised entropy of the window below its maximum so far that counts as a collapse.",
    )
    least_gain: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="The run ends when no more than this share of a window came into cells that were empty; 0: never.",
    )
    mutations: float = Field(
        default=0.5, ge=0, le=1, description="At most this share of the targets is made by changing kept plans."
    )
