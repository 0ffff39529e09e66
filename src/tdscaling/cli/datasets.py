"""Data sets that a command writes: where they lie, and what is said where nothing came of it."""

from dataclasses import dataclass
from pathlib import Path

from tdscaling.errors import ConfigError, DataError
from tdscaling.export import Exporter, Written
from tdscaling.export.nothing import why_nothing
from tdscaling.export.writers import LISTING, companion
from tdscaling.replacing import replaceable


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a data set of this name and its card go."""

    data: Path
    card: Path
    name: str


def place_of(output: Path) -> Place:
    """A folder, which is there or has a name without an ending, holds both; a file has its card beside it."""
    if output.is_dir() or not output.suffix:
        return Place(data=output / "train.jsonl", card=output / "README.md", name=output.absolute().name)
    return Place(data=output, card=output.with_suffix(".md"), name=output.stem)


def refuse_foreign_card(place: Place) -> None:
    """Raises ConfigError where the card would be written over a file that is no card of ours, and for a device."""
    replaceable(place.data)
    if replaceable(place.card).exists() and not _is_card(_text(place.card)):
        raise _foreign(place.card)


def refuse_foreign_companion(place: Place, chosen: Exporter) -> None:
    """Raises ConfigError where a chat template would be written over one that is not ours, DataError where nothing can
    be added to a dataset_info.json."""
    if chosen.companion is None:
        return
    path, ours = place.data.with_name(chosen.companion), companion(chosen, place.data, place.name)
    if replaceable(path).exists() and chosen.companion != LISTING and _first(_text(path)) != _first(ours):
        raise _foreign(path)


def _foreign(path: Path) -> ConfigError:
    return ConfigError(f"{path} is not by TDScaling and would be written over: move it away, or name another place")


def _is_card(text: str) -> bool:
    """Whether the tags in a text's YAML header name this package."""
    header = text.removeprefix("---\n").partition("\n---\n")[0]
    return text.startswith("---\n") and any(line.strip() == "- tdscaling" for line in header.splitlines())


def _first(text: str) -> str:
    return text.partition("\n")[0]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def nothing_written(source: Path, written: Written, *, pairs: bool) -> DataError:
    """The error that says so, with the reason; `pairs` were to be those of a run."""
    why = why_nothing(written, pairs=pairs)
    return DataError(f"no record of {source} could be written to {written.path}{f': {why}' if why else ''}")
