"""The last checks, made when the turn of an outcome has come: against texts that must not be trained on, and against
the trajectories that were kept before."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tdscaling.config.run import RunConfig
from tdscaling.metrics.duplicates import NearDuplicates
from tdscaling.selection.benchmarks import places
from tdscaling.selection.contamination import Held, held_of
from tdscaling.store import Outcome
from tdscaling.types import Check, Trajectory, Verdict
from tdscaling.verification import contamination_check, duplicate_check


def held_out(config: RunConfig, base: Path) -> Held | None:
    """The texts of all that is named in `decontaminate`; None where nothing is.

    Raises ConfigError for what is not there, and a benchmark that is not installed; DataError, StoreError for what
    can't be read, and for texts that are all too short to tell an overlap.
    """
    named = [(name, places(name, base)) for name in config.decontaminate]
    return held_of(named)[0] if named else None


@dataclass(frozen=True, slots=True)
class Judging:
    """`held` are the texts; none: that check is not made."""

    held: Held | None = None
    duplicates: NearDuplicates = field(default_factory=NearDuplicates)

    @classmethod
    def of(cls, held: Held | None, kept: Iterable[Trajectory]) -> "Judging":
        """`kept` are the trajectories of earlier calls."""
        found = cls(held)
        for trajectory in kept:
            found.duplicates.add(trajectory.id, trajectory.dialogue)
        return found

    def judged(self, outcome: Outcome) -> Outcome:
        """The outcome with these checks on what passed all others; near misses that share a run of words go."""
        if self.held is not None and outcome.misses:
            clean = tuple(one for one in outcome.misses if not self.held.overlaps(one.dialogue))
            outcome = replace(outcome, misses=clean)
        trajectory = outcome.trajectory
        if trajectory is None or not trajectory.verdict.kept:
            return outcome
        checks: list[Check] = []
        if self.held is not None:
            checks.append(contamination_check(self.held.overlaps(trajectory.dialogue)))
        if all(check.passed for check in checks):
            checks.append(duplicate_check(self.duplicates.add(trajectory.id, trajectory.dialogue)))
        verdict = Verdict((*trajectory.verdict.checks, *checks))
        return replace(outcome, trajectory=replace(trajectory, verdict=verdict))
