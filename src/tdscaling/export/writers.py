"""Records to JSON Lines or Parquet: streaming, and the file is there whole or not at all."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import pyarrow as pa
from pyarrow import parquet

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.export import shapes
from tdscaling.export.card import Statistics, Tally, dataset_info
from tdscaling.export.formats import Exporter, Shape
from tdscaling.export.openai import chat_template
from tdscaling.export.record import BadRow, JsonRow, Record, Row
from tdscaling.replacing import replaceable, replacing
from tdscaling.types import JsonValue
from tdscaling.values.texts import whole

LISTING = "dataset_info.json"
"""The companion that lists data sets: the entries of others stay in it."""

BATCH = 512
"""Rows of a Parquet row group, and in memory at a time."""

Made = TypeVar("Made")

_TEXT = pa.string()
_CALL = pa.struct([("id", _TEXT), ("type", _TEXT), ("function", pa.struct([("name", _TEXT), ("arguments", _TEXT)]))])
_ORIGIN = pa.struct([("server", _TEXT), ("tool", _TEXT), ("read_only", pa.bool_())])
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("id", _TEXT),
    ("domain", _TEXT),
    ("mode", _TEXT),
    ("band", pa.int64()),
    ("cac", pa.float64()),
    ("servers", pa.list_(_TEXT)),
    ("marks", pa.list_(_TEXT)),
    ("errors", pa.list_(pa.int64())),
    ("tool_origins", pa.list_(_ORIGIN)),
    ("nested", _TEXT),
]
_MESSAGE: list[tuple[str, pa.DataType]] = [
    ("role", _TEXT),
    ("content", _TEXT),
    ("reasoning_content", _TEXT),
    ("tool_calls", pa.list_(_CALL)),
    ("tool_call_id", _TEXT),
    ("name", _TEXT),
    ("weight", pa.int64()),
    ("train", pa.bool_()),
]
_PLAIN: list[tuple[str, pa.DataType]] = [
    ("role", _TEXT),
    ("content", _TEXT),
    ("weight", pa.int64()),
    ("loss", pa.bool_()),
]
_SCHEMAS: dict[Shape, pa.Schema] = {
    "messages": pa.schema([("messages", pa.list_(pa.struct(_MESSAGE))), ("tools", _TEXT), *_COLUMNS]),
    "plain": pa.schema([("messages", pa.list_(pa.struct(_PLAIN))), ("tools", _TEXT), *_COLUMNS]),
    "text": pa.schema([("messages", pa.list_(pa.struct(_PLAIN))), *_COLUMNS]),  # verl reads an empty `tools`, and fails
    "pairs": pa.schema(
        [
            *((side, pa.list_(pa.struct(_MESSAGE))) for side in ("prompt", "chosen", "rejected")),
            ("tools", _TEXT),
            ("failed", _TEXT),
            *_COLUMNS,
            ("rejected_marks", pa.list_(_TEXT)),
            ("rejected_errors", pa.list_(pa.int64())),
            ("rejected_nested", _TEXT),
        ]
    ),
    "conversations": pa.schema(
        [
            ("conversations", pa.list_(pa.struct([("from", _TEXT), ("value", _TEXT)]))),
            ("system", _TEXT),
            ("tools", _TEXT),
            *_COLUMNS,
        ]
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the records: `skipped` are those the format can't hold."""

    path: Path
    records: int
    skipped: tuple[BadRow, ...]
    statistics: Statistics


def write_dataset(records: Iterable[Record | Row], exporter: Exporter, path: Path, *, empty: bool = True) -> Written:
    """Writes `path`, its ending decides the kind; a file that is there is replaced once the new one is whole.

    Without `empty` nothing is written or changed where the format holds none of the records. Raises ConfigError for an
    ending the format has no kind for and for what is no file, DataError when the disk refuses.
    """
    kind = next((kind for kind in exporter.kinds if path.name.endswith(kind)), None)
    if kind is None:
        raise ConfigError(f"{path} ends in none of {', '.join(exporter.kinds)}, which is what this format can be")
    tally, skipped = Tally(strict=exporter.strict), list[BadRow]()
    if kind == ".parquet":
        columns = _rows(records, lambda record: cast("JsonRow", arrow_safe(exporter.record(record))), tally, skipped)
        _write(columns, lambda rows, part: _write_parquet(rows, exporter.shape, part), path, empty)
    else:
        lines = _rows(records, lambda record: _line(exporter.record(record)), tally, skipped)
        _write(lines, _write_lines, path, empty)
    statistics = tally.statistics()
    return Written(path=path, records=statistics.records, skipped=tuple(skipped), statistics=statistics)


def _write(rows: Iterator[Made], write: Callable[[Iterator[Made], BinaryIO], None], path: Path, empty: bool) -> None:
    """Looks at the first row before anything is touched."""
    first = list(islice(rows, 1))
    if first or empty:
        with _replaced(path) as part:
            write(chain(first, rows), part)


def write_text(path: Path, content: str) -> None:
    """A small file beside a data set, as atomic as that, halves of characters as question marks.

    Raises DataError, ConfigError for what is no file.
    """
    with _replaced(path) as part:
        part.write(whole(content).encode())


def write_companion(exporter: Exporter, path: Path, name: str) -> None:
    """What the trainer wants beside the data at `path`, if anything. Raises DataError."""
    if exporter.companion is not None:
        write_text(path.with_name(exporter.companion), companion(exporter, path, name))


def companion(exporter: Exporter, path: Path, name: str) -> str:
    """The text of that file. Raises DataError where it is there and nothing can be added to it."""
    if exporter.companion == LISTING:
        return dataset_info(path.with_name(LISTING), name, path.name)
    return chat_template()


@contextmanager
def _replaced(path: Path) -> Generator[BinaryIO]:
    try:
        replaceable(path).parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            yield part
    except (OSError, pa.ArrowException) as exc:
        raise DataError(f"{path} can't be written ({one_line(exc)}): name another place, or make room there") from exc


def _rows(
    records: Iterable[Record | Row], make: Callable[[Record], Made], tally: Tally, skipped: list[BadRow]
) -> Iterator[Made]:
    for number, given in enumerate(records, start=1):
        read = given if isinstance(given, Row) else Row(number=number, record=given)
        record = read.record
        try:
            row = make(record)
        except DataError as exc:
            skipped.append(BadRow(number=read.number, reason=str(exc), id=record.id, place=read.place))
            continue
        tally.add(record)
        yield row


def _write_lines(rows: Iterator[bytes], part: BinaryIO) -> None:
    part.writelines(rows)


def _line(row: JsonRow) -> bytes:
    text = shapes.dumps(row)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but it has an escape
        return f"{json.dumps(row)}\n".encode("ascii")


def _write_parquet(rows: Iterator[JsonRow], shape: Shape, part: BinaryIO) -> None:
    schema = _SCHEMAS[shape]
    with parquet.ParquetWriter(part, schema, compression="zstd") as writer:
        while batch := list(islice(rows, BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))


def arrow_safe(value: JsonValue, key: str = "") -> JsonValue:
    """Arguments and tools as JSON strings: Arrow would give every object the keys of all the others.

    Raises DataError for NaN and the infinities, which Arrow has a place for and JSON has not.

    >>> arrow_safe({"function": {"name": "f", "arguments": {"a": 1}}})
    {'function': {'name': 'f', 'arguments': '{"a": 1}'}}
    """
    if key in ("arguments", "tools"):
        return _escaped(value if isinstance(value, str) else shapes.dumps(value))
    if isinstance(value, str):
        return whole(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise DataError(shapes.NO_JSON)
        return value
    if isinstance(value, Mapping):
        return {name: arrow_safe(item, name) for name, item in value.items()}
    return [arrow_safe(item) for item in value]


def _escaped(text: str) -> str:
    """A JSON text in which halves of characters are spelled as JSON's escapes: they stand inside of its strings."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
