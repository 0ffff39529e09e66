"""What came of an arm, on the disk: written whole when the arm is done, so that a killed experiment goes on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from tdscaling.config.experiment import EvaluationSettings, ExperimentConfig
from tdscaling.errors import ConfigError, DataError
from tdscaling.export.writers import write_text
from tdscaling.scaling.arms import Arm
from tdscaling.scaling.heldout import Split
from tdscaling.scaling.playing import Played, played_in
from tdscaling.scaling.scoring import Score
from tdscaling.types import JsonObject, JsonValue

BASE = "untrained"
"""The name of the model that no arm has trained."""
FILE = "result.json"
_NOT_DECISIVE = {"speed": True, "training": {"keep_weights", "checkpoint_steps"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An arm of a seed, what it processed, its scores on every held-out dialogue in order, and what it played itself,
    which is kept in a file of its own."""

    name: str
    axes: tuple[str, ...]
    seed: int
    n: int
    kinds: int
    share: float
    tokens: int
    steps: int
    passes: float
    cells: int
    loss: float | None
    seconds: float
    scores: tuple[Score, ...]
    played: tuple[Played, ...] = ()

    @property
    def accuracy(self) -> Mapping[str, "Accuracy"]:
        """By held-out set."""
        groups: dict[str, list[Score]] = {}
        for one in self.scores:
            groups.setdefault(one.group, []).append(one)
        return {name: Accuracy.of(scores) for name, scores in groups.items()}

    @property
    def tally(self) -> dict[str, JsonValue]:
        """By held-out set: how many plans the model played with success, of how many."""
        names = sorted({one.group for one in self.played})
        found = {name: [one.passed for one in self.played if one.group == name] for name in names}
        return {name: [sum(passed), len(passed)] for name, passed in found.items()}


class Ratio(NamedTuple):
    """How many are right, of how many."""

    right: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Next-action accuracy over a held-out set: calls of the right tool, calls right in every argument, answers where
    no call is made, the same where a request must be turned down; and the mean loss of a token."""

    names: Ratio
    exact: Ratio
    answers: Ratio
    refusals: Ratio
    loss: float

    @classmethod
    def of(cls, scores: Sequence[Score]) -> "Accuracy":
        calls = sum(one.calls for one in scores)
        return cls(
            names=Ratio(sum(one.names for one in scores), calls),
            exact=Ratio(sum(one.exact for one in scores), calls),
            answers=Ratio(sum(one.answered for one in scores), sum(one.answers for one in scores)),
            refusals=Ratio(sum(one.refused for one in scores), sum(one.refusals for one in scores)),
            loss=sum(one.loss * one.tokens for one in scores) / max(1, sum(one.tokens for one in scores)),
        )


def key_of(arm: Arm, config: ExperimentConfig) -> str:
    """What decides the result of an arm, as a name: its samples and their order, the model, the training."""
    decisive = config.model_dump(mode="json", include={"model", "training"}, exclude=_NOT_DECISIVE)
    told = json.dumps([[one.id for one in arm.samples], arm.schedule.steps, arm.seed, decisive], sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()[:10]
    words = "-".join("".join(char if char.isalnum() else " " for char in arm.design.name).split())
    return f"seed{arm.seed}-{words}-{digest}"


def claim(folder: Path, config: ExperimentConfig, held: Split) -> None:
    """Takes the folder for this model, training and held-out sets; arms, seeds and measures may be added later. Raises
    ConfigError where it is another's."""
    fields = config.model_dump(mode="json", include={"pool", "heldout", "model", "training"}, exclude=_NOT_DECISIVE)
    ids = hashlib.sha256(json.dumps([one.id for one in held.held]).encode()).hexdigest()
    told = json.dumps({**fields, "held_out": ids}, indent=1, sort_keys=True) + "\n"
    path = folder / "experiment.json"
    if path.is_file() and path.read_text(encoding="utf-8") != told:
        raise ConfigError(f"{folder} holds another experiment: name another folder, or the config it was begun with")
    write_text(path, told)


def save(folder: Path, result: Result) -> None:
    """Raises DataError where there is no room."""
    told = {name: value for name, value in asdict(result).items() if name != "played"}
    write_text(folder / FILE, json.dumps(told, indent=1) + "\n")


def load(folder: Path) -> Result | None:
    """The result of a finished arm; None where it is not there. Raises DataError for a damaged one."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return TypeAdapter(Result).validate_json(path.read_bytes())
    except ValidationError:
        raise DataError(f"{path} is damaged: remove its folder, and the same command makes it again") from None


def place_on(axes: Sequence[str], folder: Path) -> None:
    """An arm that is done is on these axes now: the config may have got more of them since."""
    known = load(folder)
    if known is not None and known.axes != tuple(axes):
        save(folder, replace(known, axes=tuple(axes)))


def results_json(results: Sequence[Result]) -> JsonObject:
    """All results for machines, without the scores of single dialogues."""
    told: list[JsonValue] = []
    for one in results:
        row = {name: value for name, value in asdict(one).items() if name not in ("scores", "played")}
        told.append(
            {**row, "held_out": {name: asdict(found) for name, found in one.accuracy.items()}, "played": one.tally}
        )
    return {"results": told}


def finished(folder: Path, settings: EvaluationSettings) -> list[Result]:
    """All results in the folder of an experiment, the untrained model first; of what was played with these limits, what
    all that have played any have. Raises DataError where there is none."""
    places = [(place, load(place)) for place in sorted((folder / "arms").glob("*"))]
    found = [
        replace(one, played=tuple(played_in(place, settings).values())) for place, one in places if one is not None
    ]
    if not any(one.name != BASE for one in found):
        raise DataError(f"{folder} has no finished arm: run the experiment without --report first")
    return level(sorted(found, key=lambda one: (one.name != BASE, one.seed)))


def level(results: Sequence[Result]) -> list[Result]:
    """The results with what all of them that have played have, in the same order."""
    sets = [{row.id for row in one.played} for one in results if one.played]
    common = set[str].intersection(*sets) if sets else set[str]()
    return [
        replace(one, played=tuple(sorted((row for row in one.played if row.id in common), key=lambda row: row.id)))
        for one in results
    ]


def by_name(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of each arm by seed, arms in the order of their first."""
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(one.name, []).append(one)
    return found
