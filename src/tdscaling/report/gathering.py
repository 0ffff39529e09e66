"""All that a report says of one data set, gathered before anything is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tdscaling.errors import DataError, one_line
from tdscaling.export.parts import files
from tdscaling.measurement import Measurement, measure
from tdscaling.report.course import Point, course
from tdscaling.report.examples import Example, choose, examples
from tdscaling.report.runs import RunFacts, digest, run_facts
from tdscaling.store import is_run
from tdscaling.types import Cell


class Source(NamedTuple):
    """A file that a foreign data set was read from."""

    name: str
    size: int
    sha256: str


class Evaluation(NamedTuple):
    """What a model scored: names and values as they are shown."""

    name: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """`run` is None for a foreign data set, whose files are in `sources`."""

    name: str
    measured: Measurement
    course: tuple[Point, ...]
    examples: tuple[Example, ...]
    run: RunFacts | None
    sources: tuple[Source, ...]


def gather(path: Path, *, domains: int | None, processes: int | None, on_row: Callable[[], None] | None) -> Gathered:
    """Measures a run or a data set and picks its examples. Raises what `measure` raises."""
    cells: list[tuple[int, Cell]] = []
    known: dict[Cell, Cell] = {}

    def note(row: int, cell: Cell) -> None:
        cells.append((row, known.setdefault(cell, cell)))

    measured = measure(path, domains=domains, processes=processes, on_row=on_row, on_cell=note)
    of_run = path.is_dir() and is_run(path)
    return Gathered(
        name=str(path),
        measured=measured,
        course=course([cell for _, cell in cells], measured.summary.domain_entropy.k),
        examples=examples(path, choose(cells)),
        run=run_facts(path) if of_run else None,
        sources=() if of_run else _sources(path),
    )


def _sources(path: Path) -> tuple[Source, ...]:
    try:
        return tuple(
            Source(file.name if file == path else file.relative_to(path).as_posix(), file.stat().st_size, digest(file))
            for file in files(path)
        )
    except OSError as exc:
        raise DataError(f"{path} can't be read: {one_line(exc)}") from exc
