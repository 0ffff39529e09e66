"""The dialogues to choose from: a run or any data set, read row by row, as often as asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tdscaling.export import BadRow, Record, Row, read_dataset, record_of
from tdscaling.measurement.part import descriptor_of
from tdscaling.store import is_run, read_run
from tdscaling.types import Descriptor


class Candidate(NamedTuple):
    """A row that can be chosen; rows count from 1. `place` is the file and the row there, where there are several."""

    row: int
    record: Record
    where: Descriptor | None
    place: str = ""


def candidates(path: Path, *, described: bool) -> Iterator[Candidate | BadRow]:
    """The rows in their order, the same ones under the same numbers each time; `where` only if `described`.

    Raises ConfigError when there is nothing to read, DataError or StoreError when it can't be read.
    """
    if path.is_dir() and is_run(path):
        with read_run(path) as run:
            for number, trajectory in enumerate(run.iter_trajectories(), 1):
                yield Candidate(number, record_of(trajectory), trajectory.descriptor)
        return
    for found in read_dataset(path):
        if not isinstance(found, Row):
            yield found
        elif not found.record.dialogue.messages:
            yield BadRow(number=found.number, reason="it has no messages", id=found.record.id, place=found.place)
        else:
            where = descriptor_of(found.record) if described else None
            yield Candidate(found.number, found.record, where, found.place)
