"""One part of a data set measured, here or in another process."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from tdscaling.export.parts import Part
from tdscaling.export.readers import read_part
from tdscaling.export.record import BadRow, Record
from tdscaling.measurement.domains import domain_of
from tdscaling.metrics import Tally, describe
from tdscaling.metrics.duplicates import Sketch, sketch
from tdscaling.metrics.shingles import shingles
from tdscaling.metrics.spread import first_request
from tdscaling.types import MODES, Cell, Descriptor, JsonObject


class Sketched(NamedTuple):
    """What is compared between rows; they count from 1 in the part. `request` is the first user message."""

    row: int
    sketch: Sketch
    request: str


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for of every row."""

    sandbox_tools: frozenset[str] = frozenset()
    duplicates: bool = True
    cells: bool = False


@dataclass(slots=True)
class Measured:
    """The figures of a part but for those that compare rows, and what these need; whether it has derived domains, and
    the cell of each row where that is asked for."""

    rows: int = 0
    tally: Tally = field(default_factory=Tally)
    bad: list[BadRow] = field(default_factory=list[BadRow])
    sketched: list[Sketched] = field(default_factory=list[Sketched])
    derived: bool = False
    cells: list[tuple[int, Cell]] = field(default_factory=list[tuple[int, Cell]])


def measure_part(part: Part, options: Options) -> Measured:
    """The part's figures. Raises DataError for a torn file."""
    found = Measured()
    for row in read_part(part):
        found.rows += 1
        if isinstance(row, BadRow):
            found.bad.append(row)
        elif not row.record.dialogue.messages:
            found.bad.append(BadRow(number=row.number, reason="it has no messages"))
        else:
            _add(found, row.number, row.record, options)
    return found


def _add(found: Measured, number: int, record: Record, options: Options) -> None:
    dialogue = record.dialogue
    where = descriptor_of(record, options.sandbox_tools)
    found.derived = found.derived or not _text(record.metadata, "domain")
    found.tally.add(dialogue, where)
    if options.cells:
        found.cells.append((number, where.cell))
    if options.duplicates:
        found.sketched.append(Sketched(number, sketch(shingles(dialogue)), first_request(dialogue)))


def descriptor_of(record: Record, sandbox_tools: Collection[str] = ()) -> Descriptor:
    """Where a row lies. The domain and the planned mode are those that the data set names, where it does."""
    planned = _text(record.metadata, "mode")
    domain = _text(record.metadata, "domain") or domain_of(record.dialogue)
    return describe(record.dialogue, domain, planned if planned in MODES else None, sandbox_tools=sandbox_tools)


def _text(metadata: JsonObject, key: str) -> str | None:
    value = metadata.get(key)
    return value if isinstance(value, str) and value else None
