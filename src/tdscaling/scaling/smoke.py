"""The same experiment in small, to see that all of it works before hours are spent: a tiny model from scratch, which
can copy no identifier, so that its figures say nothing about diversity."""

from tdscaling.config.experiment import (
    ArmSettings,
    EvaluationSettings,
    ExpectedSpeed,
    ExperimentConfig,
    GridSettings,
    HeldOutSettings,
    TrainedModel,
    TrainingSettings,
)
from tdscaling.config.run import RunConfig
from tdscaling.scaling.base import TINY

TRAJECTORIES = 80
"""Of each pool that is made."""


def small(config: ExperimentConfig) -> ExperimentConfig:
    """Every kind of arm twice, as few of each as it takes, with two seeds."""
    return config.model_copy(
        update={
            "seeds": (1, 2),
            "arms": ArmSettings(
                quantity=(4, 8),
                few_cells=2,
                diversity=(2, 4),
                diversity_n=8,
                grid=GridSettings(n=(4, 8), cells=(2, 4)),
                selection_tokens=12_000,
                code_shares=(0.0, 0.4),
            ),
            "heldout": HeldOutSettings(unseen=4, seen=4, code=2),
            "model": TrainedModel(name=TINY, max_length=2_600),
            "training": TrainingSettings(budget_tokens=36_000, step_tokens=3_000, learning_rate=3e-3),
            "evaluation": EvaluationSettings(episodes=2, code_tasks=1, answer_tokens=24, steps_per_turn=3),
            "speed": ExpectedSpeed(train=15_000, score=30_000, episode=2),
        }
    )


def small_run(config: RunConfig) -> RunConfig:
    """A pool of few trajectories."""
    return config.model_copy(update={"trajectories": min(TRAJECTORIES, config.trajectories)})
