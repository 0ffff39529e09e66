"""The pools of an experiment: runs that are made first, and the stage on which their plans are played again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdscaling.cli.steps import step
from tdscaling.config.experiment import ExperimentConfig
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.llm import Model
from tdscaling.pipeline import synthesize
from tdscaling.pipeline.again import Again, Guest, PastRun, plans_of, play_again
from tdscaling.pipeline.business import Business
from tdscaling.scaling.smoke import small_run


@dataclass(frozen=True, slots=True)
class Pools:
    """The stage of an experiment (tdscaling.scaling.playing): runs, and how many messages a turn may have."""

    runs: Sequence[PastRun]
    steps_per_turn: int
    _opened: dict[PastRun, Business] = field(default_factory=dict[PastRun, Business], init=False)

    @property
    def folders(self) -> list[Path]:
        return [one.folder for one in self.runs]

    def playable(self, ids: Sequence[str]) -> Sequence[str]:
        return plans_of(self.runs, ids)

    def play(self, ids: Sequence[str], model: Model, tell: Callable[[str, str], None]) -> None:
        def told(one: Again) -> None:
            tell(one.id, one.reason)

        asyncio.run(play_again(self.runs, ids, Guest(model, "native", self.steps_per_turn), told, self._opened))


def open_pools(settings: ExperimentConfig, start: Path, folder: Path, smoke: bool) -> Pools:
    """The pools, those that are configs of runs made in the experiment's folder or gone on with."""
    return Pools([_pool(start / name, folder, smoke) for name in settings.pool], settings.evaluation.steps_per_turn)


def _pool(named: Path, folder: Path, smoke: bool) -> PastRun:
    if named.suffix not in (".yaml", ".yml"):
        return PastRun(named, named.parent)
    place = folder / "pools" / named.stem
    config = load(named, RunConfig)
    with step(f"making the pool of {named.name}") as told:
        asyncio.run(
            synthesize(
                small_run(config) if smoke else config,
                place,
                named.parent,
                report=lambda stage, done, of: told(done / max(of, 1)),
            )
        )
    return PastRun(place, named.parent)
