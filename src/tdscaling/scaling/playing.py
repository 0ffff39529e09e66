"""What a model does by itself: held-out plans played anew in their simulated worlds, code tasks by hidden tests.

What was played is kept line by line, so that a killed experiment goes on with the next plan.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from tdscaling.config.experiment import EvaluationSettings
from tdscaling.errors import DataError, one_line
from tdscaling.export.writers import write_text
from tdscaling.llm import Model
from tdscaling.scaling.heldout import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A held-out plan that a model played: whether every check passed, else the first that did not."""

    id: str
    group: str
    passed: int
    reason: str
    tried: int = 1


class Stage(Protocol):
    """Where plans are played."""

    def playable(self, ids: Sequence[str]) -> Sequence[str]:
        """Those of the ids whose plans can be played here, in their order."""
        ...

    def play(self, ids: Sequence[str], model: Model, tell: Callable[[str, str], None]) -> None:
        """Tells, of each id, the first check that failed, "" where none did."""
        ...


def wanted(held: Split, settings: EvaluationSettings, stage: Stage) -> Mapping[str, str]:
    """The held-out sets of the plans that are to be played, by id. Raises DataError where there are too few."""
    asked = (
        ("unseen", held.unseen, settings.episodes, "episodes"),
        ("code", held.code, settings.code_tasks, "code_tasks"),
    )
    found: dict[str, str] = {}
    for group, samples, number, field in asked:
        names = stage.playable([one.id for one in samples]) if number else ()
        if len(names) < number:
            raise DataError(
                f"evaluation.{field} asks for {number}, and {len(names)} of {len(samples)} held-out trajectories can "
                f"be played again, those of runs over simulated services alone: lower it, raise heldout.{group} or "
                f"name such a run as the pool"
            )
        found |= dict.fromkeys(names[:number], group)
    return found


def played_in(folder: Path, settings: EvaluationSettings) -> dict[str, Played]:
    """What was played in the folder of an arm with these limits, by id; a torn last line is none. Raises DataError."""
    path = _path(folder, settings)
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []
    try:
        rows = [Played(**json.loads(line)) for line in lines]
    except (ValueError, TypeError):
        raise DataError(f"{path} is damaged: remove it, and the same command plays its episodes again") from None
    return {row.id: row for row in rows}


def play(stage: Stage, groups: Mapping[str, str], model: Model, folder: Path, settings: EvaluationSettings) -> None:
    """Plays what is not in the folder yet. Raises DataError for want of room."""
    path, known = _path(folder, settings), played_in(folder, settings)
    text = "".join(_line(one) for one in known.values())

    def tell(name: str, reason: str) -> None:
        line = _line(Played(id=name, group=groups[name], passed=int(not reason), reason=reason))
        try:
            with path.open("a", encoding="utf-8") as kept:
                kept.write(line)
        except OSError as exc:
            raise DataError(
                f"{path} can't be written ({one_line(exc)}): make room, and the same command goes on"
            ) from exc

    if path.is_file():
        write_text(path, text)  # without a torn line
    stage.play([name for name in groups if name not in known], model, tell)


def _path(folder: Path, settings: EvaluationSettings) -> Path:
    return folder / f"played-{settings.answer_tokens}-{settings.steps_per_turn}.jsonl"


def _line(one: Played) -> str:
    return json.dumps(asdict(one)) + "\n"
