"""The course of a run under one strategy: its targets until a stop rule holds, and what there is to tell of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tdscaling.config.evolution import EvolutionSettings, Strategy
from tdscaling.evolution.archive import Told
from tdscaling.evolution.baselines import Quantity, Uniform
from tdscaling.evolution.collapse import Event
from tdscaling.evolution.emitter import Emitter
from tdscaling.evolution.memory import Memory
from tdscaling.evolution.ways import Success, Ways
from tdscaling.types import Cluster, Mode, Target


class Chooser(Protocol):
    """A strategy: targets, and what came of them."""

    memory: Memory

    def ask(self, count: int) -> list[Target]: ...

    def tell(self, target: Target, told: Told) -> None: ...


BASELINES: Mapping[Strategy, type[Uniform]] = {"uniform": Uniform, "quantity": Quantity}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a part of a run has to tell of its course. `domains`: how many it can ask for. `covered` cells hold a kept
    trajectory, `feasible` ones were shown to be feasible; `stopped` says which rule ended the course, "" where none
    did. `mutations`: what came of each, by the cell that it was to reach."""

    part: str
    strategy: Strategy
    domains: int
    covered: int
    feasible: int
    events: tuple[Event, ...] = ()
    stopped: str = ""
    mutations: tuple[Success, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The parts of a run, as the store keeps them."""

    parts: tuple[Report, ...] = ()


@dataclass
class Course:
    """A strategy with its stop rule: once no more than `least_gain` of the last window of kept trajectories came into
    empty cells, no target is asked for any more."""

    part: str
    strategy: Strategy
    chooser: Chooser
    settings: EvolutionSettings = field(default_factory=EvolutionSettings)
    stopped: str = ""

    @classmethod
    def of(
        cls,
        part: str,
        strategy: Strategy,
        clusters: Sequence[Cluster],
        modes: Sequence[Mode],
        seed: int,
        feasible: Mapping[str, Collection[str]],
        settings: EvolutionSettings,
    ) -> "Course":
        memory = Memory.of(clusters, settings.window, settings.fall)
        if strategy == "evolution":
            ways = Ways(most=settings.mutations)
            return cls(part, strategy, Emitter(clusters, modes, seed, feasible, memory, ways), settings)
        chooser = BASELINES[strategy](clusters, modes, seed, feasible, memory)
        return cls(part, strategy, chooser, settings)

    def ask(self, count: int) -> list[Target]:
        """The next targets; none when there is nothing to ask for, or the stop rule holds."""
        return [] if self.stopped else self.chooser.ask(count)

    def tell(self, target: Target, told: Told) -> None:
        self.chooser.tell(target, told)
        watch, least = self.chooser.memory.watch, self.settings.least_gain
        if least and not self.stopped and watch.gain <= least:
            self.stopped = f"{watch.gain:.1%} of the last {watch.window} kept came into empty cells"

    def report(self) -> Report:
        memory = self.chooser.memory
        ways = self.chooser.ways if isinstance(self.chooser, Emitter) else Ways()
        return Report(
            part=self.part,
            strategy=self.strategy,
            domains=memory.watch.domains,
            covered=memory.archive.covered,
            feasible=len(memory.archive.shown),
            events=tuple(memory.watch.events),
            stopped=self.stopped,
            mutations=ways.successes(),
        )
