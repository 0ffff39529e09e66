"""Overlap with evaluations: dialogues that share a run of words with them are refused."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast
from zlib import crc32

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.export.parts import SUFFIXES, Torn, parts, values
from tdscaling.metrics.scripts import words
from tdscaling.store import is_run, read_run
from tdscaling.types import Dialogue, JsonValue

N = 13
"""Words of a run (Brown et al. 2020): shorter ones are shared by chance."""
TEXTS = (".txt", ".md")


def runs(text: str, n: int = N) -> Iterator[tuple[int, int]]:
    """The runs of `n` words as hashes, case and punctuation aside; a text of fewer words has none.

    >>> len(list(runs("Book the earlier flight to Oslo, please", 5)))
    3
    """
    found = [word.encode() for word in words(text.casefold())]
    for start in range(len(found) - n + 1):
        run = b" ".join(found[start : start + n])
        yield crc32(run), crc32(run[::-1])


class Held:
    """The runs of the texts that must not be trained on."""

    def __init__(self, texts: Iterable[str], n: int = N) -> None:
        self._n = n
        self._runs = set[tuple[int, int]]()
        self.add(texts)

    def add(self, texts: Iterable[str]) -> bool:
        """Whether one of these texts is long enough to have a run."""
        found = {run for text in texts for run in runs(text, self._n)}
        self._runs |= found
        return bool(found)

    def overlaps(self, dialogue: Dialogue) -> bool:
        """Whether something that the user or the assistant says shares a run with them."""
        return bool(self._runs) and any(
            run in self._runs
            for message in dialogue.messages
            if message.role in ("user", "assistant")
            for run in runs(message.content, self._n)
        )


class Short(NamedTuple):
    """How many of the entries under a name have no text with a run, so that nothing is told to overlap with them."""

    name: str
    short: int
    entries: int


def held_of(named: Iterable[tuple[str, Sequence[Path]]], n: int = N, mend: str = "") -> tuple[Held, list[Short]]:
    """The runs of all that is in the files and folders of each name, and the names part of which is too short for one.

    Raises DataError for a name all of whose texts are too short, which ends with `mend`, and as `entries_of` does.
    """
    held, found = Held((), n), list[Short]()
    for name, paths in named:
        long = [held.add(entry) for path in paths for entry in entries_of(path)]
        if not any(long):
            raise DataError(
                f"{name} has no text of {n} words or more, so no overlap could be told: name another file{mend}"
            )
        if not all(long):
            found.append(Short(name, long.count(False), len(long)))
    return held, found


def entries_of(path: Path) -> Iterator[list[str]]:
    """The texts of each entry in a file, or in those below a folder: of each kept trajectory of a run, of each row of a
    data set, of each file of plain text.

    Rows that are no objects, a list of texts say, give theirs too. Raises ConfigError when there is nothing to read,
    DataError or StoreError when something can't be read, be it one row, or when there is no text in it.
    """
    empty = True
    for texts in _entries(path):
        empty = empty and not any(text.strip() for text in texts)
        yield texts
    if empty:
        raise DataError(f"{path} has no text, so nothing could be kept out: name another file")


def _entries(path: Path) -> Iterator[list[str]]:
    if not path.exists():
        raise ConfigError(f"{path} does not exist: name the files that must not be trained on")
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    kept = [folder for folder in dict.fromkeys(file.parent for file in files) if is_run(folder)]
    for folder in kept:
        yield from _dialogues(folder)
    readable = [file for file in files if file.name.endswith((*SUFFIXES, *TEXTS)) and file.parent not in kept]
    if not readable and not kept:
        raise ConfigError(f"{path} holds none of {', '.join((*SUFFIXES, *TEXTS))}: name files of these kinds")
    for file in readable:
        if file.suffix in TEXTS:
            yield [_text(file)]
            continue
        for number, value in enumerate((value for part in parts(file) for value in values(part)), 1):
            if isinstance(value, Torn):
                raise DataError(f"row {number} of {file} can't be read: {value.reason}: mend it, or take it out")
            yield list(_leaves(value))


def _dialogues(folder: Path) -> Iterator[list[str]]:
    with read_run(folder) as run:
        for trajectory in run.iter_trajectories():
            yield [message.content for message in trajectory.dialogue.messages]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise DataError(f"{file} can't be read: it is not UTF-8 (byte {exc.start + 1}): convert it first") from exc
    except OSError as exc:
        raise DataError(f"{file} can't be read: {one_line(exc)}") from exc


def _leaves(value: object) -> Iterator[str]:
    """The texts of a JSON value; a text that is JSON itself gives its own."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
            if one[:1] in "[{":
                waiting.append(_inner(one))
        elif isinstance(one, Mapping):
            waiting.extend(cast("Mapping[str, JsonValue]", one).values())
        elif isinstance(one, list | tuple):
            waiting.extend(cast("list[JsonValue]", one))


def _inner(text: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):
        return None
