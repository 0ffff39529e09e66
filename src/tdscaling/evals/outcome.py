"""What an evaluation found, and the one JSON file that it lands in."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tdscaling import __version__
from tdscaling.errors import ConfigError, one_line
from tdscaling.export.writers import write_text
from tdscaling.types import JsonObject, JsonValue

KIND = "tdscaling evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A task and whether it was solved; `detail` says what was wrong, an untrusted text for people."""

    id: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`scores` by name, each in [0, 1]; `tasks` is how many were asked for each of them. `versions` are of what judged:
    packages, files by their hash, this package. `about` is more that a reader must know (limits, a floor)."""

    benchmark: str
    model: str
    base_url: str
    scores: Mapping[str, float]
    tasks: Mapping[str, int]
    versions: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    items: tuple[Item, ...] = ()


def share(items: Sequence[Item]) -> float:
    """
    >>> share([Item(id="a", passed=True), Item(id="b", passed=False)])
    0.5
    """
    return sum(item.passed for item in items) / len(items) if items else 0.0


def versions(**more: str) -> dict[str, str]:
    return {"tdscaling": __version__, "python": platform.python_version(), **more}


def write_outcome(found: Outcome, folder: Path) -> Path:
    """Writes `FOLDER/BENCHMARK.json`, whole or not at all. Raises DataError."""
    path = folder / f"{found.benchmark}.json"
    write_text(path, json.dumps({"kind": KIND, **asdict(found)}, indent=1, ensure_ascii=False) + "\n")
    return path


def read_outcome(path: Path) -> Outcome:
    """Raises ConfigError for a file that is no outcome."""
    try:
        row: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path} can't be read: {one_line(exc)}") from exc
    if not isinstance(row, dict) or row.get("kind") != KIND:
        raise ConfigError(f"{path} is no result of tdscaling eval: name the JSON file that it wrote")
    try:
        return _outcome(row)
    except (KeyError, TypeError, ValueError) as exc:
        raise ConfigError(f"{path} is damaged ({one_line(exc)}): run the evaluation again") from exc


def _outcome(row: JsonObject) -> Outcome:
    return Outcome(
        benchmark=str(row["benchmark"]),
        model=str(row["model"]),
        base_url=str(row["base_url"]),
        scores={name: float(str(value)) for name, value in _object(row["scores"]).items()},
        tasks={name: int(str(value)) for name, value in _object(row["tasks"]).items()},
        versions={name: str(value) for name, value in _object(row["versions"]).items()},
        about={name: str(value) for name, value in _object(row["about"]).items()},
    )


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("a part of it is no object")
    return value
