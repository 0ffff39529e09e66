"""`measure`: a run folder or a foreign data set in, one summary and its bad rows out."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from tdscaling.errors import DataError
from tdscaling.export.parts import files, parts
from tdscaling.export.record import BadRow
from tdscaling.measurement.domains import of_catalogue
from tdscaling.measurement.part import Measured, Options, measure_part
from tdscaling.measurement.pool import measured_apart
from tdscaling.metrics import NONE, NearDuplicates, Summary, Tally
from tdscaling.metrics.bootstrap import Interval, entropy_interval, mean_interval
from tdscaling.metrics.duplicates import Sketch, sketch
from tdscaling.metrics.shingles import shingles
from tdscaling.metrics.spread import Sampled, Spread, first_request
from tdscaling.metrics.summary import STEP
from tdscaling.store import is_run, read_run
from tdscaling.types import Cell

OnCell: TypeAlias = Callable[[int, Cell], None]

LARGE = 16 << 20
"""Bytes from which on several processes pay: each costs about a second to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The summary of the rows that could be read, and those that could not. Rows count from 1.

    `planned_domains` is false where the data set names no domain and they were derived from the tools called.
    `intervals` are of bootstraps, for the raw "domain_entropy" and "mode_entropy" and for "cac_mean". `spread` is None
    where rows were not compared.
    """

    source: str
    summary: Summary
    bad: tuple[BadRow, ...]
    planned_domains: bool
    intervals: Mapping[str, Interval]
    spread: Spread | None

    @property
    def rows(self) -> int:
        return self.summary.n + len(self.bad)


def measure(
    path: Path,
    *,
    domains: int | None = None,
    sandbox_tools: Collection[str] = (),
    duplicates: bool = True,
    processes: int | None = 1,
    on_row: Callable[[], None] | None = None,
    on_cell: OnCell | None = None,
) -> Measurement:
    """Measures a run folder, or a file or folder of JSON Lines, JSON, Parquet or Arrow.

    `domains`: how many domains the catalogue has, for the normalised Domain Entropy; None takes those seen, of a run
    those of its clusters as well.
    `processes`: how many read a data set; None is one for each processor where the set is LARGE, else one. The figures
    are the same; a script that asks for more than one guards its main part with `if __name__ == "__main__"`.
    `on_row` is called for every row, `on_cell` for every one that could be read, with its number and its cell. Raises
    ConfigError when there is nothing to read, DataError when a file can't be read or no row of it holds a dialogue,
    StoreError for a damaged run, BoundaryError when a measuring process is killed.
    """
    whole = _Whole()
    if path.is_dir() and is_run(path):
        _add_run(whole, path, duplicates, on_row, on_cell)
        domains = domains or len(of_catalogue(path) | whole.tally.domains.keys())
    else:
        options = Options(frozenset(sandbox_tools), duplicates, on_cell is not None)
        for found in _measured(path, options, processes):
            _tell(found, whole.rows, on_row, on_cell)
            whole.add(found)
    if not whole.tally.n:
        raise DataError(_nothing(path, whole.bad))
    summary = whole.tally.summary(domains)
    return Measurement(
        source=str(path),
        summary=summary,
        bad=tuple(whole.bad),
        planned_domains=not whole.derived,
        intervals=_intervals(whole.tally),
        spread=whole.sampled.spread() if duplicates else None,
    )


def _tell(found: Measured, before: int, on_row: Callable[[], None] | None, on_cell: OnCell | None) -> None:
    if on_row is not None:
        for _ in range(found.rows):
            on_row()
    if on_cell is not None:
        for number, cell in found.cells:
            on_cell(before + number, cell)


def _intervals(tally: Tally) -> dict[str, Interval]:
    modes = {mode: count for mode, count in tally.primary.items() if mode != NONE}
    return {
        "domain_entropy": entropy_interval(tally.domains),
        "mode_entropy": entropy_interval(modes),
        "cac_mean": mean_interval({value / STEP: count for value, count in tally.hundredths.items()}),
    }


@dataclass(slots=True)
class _Whole:
    """The parts measured so far, added in the order of their rows."""

    rows: int = 0
    tally: Tally = field(default_factory=Tally)
    bad: list[BadRow] = field(default_factory=list[BadRow])
    seen: NearDuplicates = field(default_factory=NearDuplicates)
    sampled: Sampled = field(default_factory=Sampled)
    derived: bool = False

    def compare(self, row: int, compared: Sketch, request: str) -> None:
        self.tally.duplicates += self.seen.add_sketch(f"row {row}", compared) is not None
        self.sampled.add(row, request, compared.calls)

    def add(self, part: Measured) -> None:
        self.tally.merge(part.tally)
        self.bad.extend(replace(row, number=self.rows + row.number) for row in part.bad)
        for one in part.sketched:
            self.compare(self.rows + one.row, one.sketch, one.request)
        self.derived = self.derived or part.derived
        self.rows += part.rows


def _measured(path: Path, options: Options, processes: int | None) -> Iterator[Measured]:
    count = processes or _processes(path)
    if count > 1:
        return measured_apart(parts(path), options, count)
    return (measure_part(part, options) for part in parts(path))


def _processes(path: Path) -> int:
    size = sum(file.stat().st_size for file in files(path))
    return (os.cpu_count() or 1) if size >= LARGE else 1


def _nothing(path: Path, bad: list[BadRow]) -> str:
    if not bad:
        return f"{path} holds no trajectory; synthesize some or name another data set"
    return f"{path}: none of {len(bad)} rows could be read; the first: row {bad[0].number}: {bad[0].reason}"


def _add_run(
    whole: _Whole, path: Path, duplicates: bool, on_row: Callable[[], None] | None, on_cell: OnCell | None
) -> None:
    """A run has measured its trajectories already."""
    with read_run(path) as run:
        for number, trajectory in enumerate(run.iter_trajectories(), 1):
            whole.tally.add(trajectory.dialogue, trajectory.descriptor)
            if duplicates:
                whole.compare(number, sketch(shingles(trajectory.dialogue)), first_request(trajectory.dialogue))
            if on_row is not None:
                on_row()
            if on_cell is not None:
                on_cell(number, trajectory.descriptor.cell)
