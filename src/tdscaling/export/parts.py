"""The files of a data set in parts that can be read one by one, in any process; each gives its rows as objects."""

import gzip
import json
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Protocol, TextIO, cast

import pyarrow as pa
from pyarrow import parquet

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values import loads

_BETWEEN = re.compile(r"[\s,]*")
_ARROW_FILE = b"ARROW1"
_NO_ROWS = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "manifest.json")
SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".parquet", ".arrow")
MAX_LINE = 64 << 20
"""Bytes of a row that is looked at to tell JSON Lines from JSON."""
BATCH = 128
"""Parquet rows in memory at a time."""
SIZE = 1 << 20
"""Bytes of JSON Lines in a part, up to the end of the last line."""


class _Batches(Protocol):
    """The part of `ParquetFile` in use, typed in full."""

    def iter_batches(self, batch_size: int) -> Iterator[pa.RecordBatch]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some rows of a file: of JSON Lines the bytes from `start` to `end`; of others what is in `held`, as JSON Lines,
    or, of Parquet and Arrow, as a stream of one record batch. `fault` says why no more of the file can be read; `among`
    tells that the data set has other files beside this one."""

    file: Path
    start: int = 0
    end: int = 0
    held: bytes = b""
    fault: str = ""
    among: bool = False


def files(path: Path) -> list[Path]:
    if path.is_file():
        if not path.name.endswith(SUFFIXES):
            raise ConfigError(f"{path} is none of {', '.join(SUFFIXES)}: name a data set of one of these kinds")
        return [path]
    if not path.exists():
        raise ConfigError(f"{path} does not exist: name a data set or a run folder")
    files = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and not _beside(file.name))
    if not files:
        raise ConfigError(f"{path} holds no {', '.join(SUFFIXES)}: name a data set or a run folder")
    return files


def _beside(name: str) -> bool:
    """Whether a file of this name holds no rows, but what a program keeps beside them."""
    return name in _NO_ROWS or (name.startswith("cache-") and name.endswith(".arrow"))


def parts(path: Path) -> Iterator[Part]:
    """The parts of a file of one of SUFFIXES, or of all such files below a folder, in the order of their rows.

    Where there are several files, one that can't be read counts as one bad row, after those that could be read of it.
    Raises ConfigError when there is nothing to read, DataError when the only file can't be read.
    """
    found = files(path)
    if len(found) == 1:
        yield from _parts(found[0])
        return
    for file in found:
        try:
            yield from (replace(part, among=True) for part in _parts(file))
        except DataError as exc:
            yield Part(file=file, fault=str(exc))


def _parts(file: Path) -> Iterator[Part]:
    with _named(file):
        if file.name.endswith(".jsonl"):
            yield from _spans(file)
        elif file.name.endswith(".gz"):
            yield from _held(file)
        elif file.name.endswith(".json"):
            yield from _json(file)
        else:
            batches = _parquet(file) if file.name.endswith(".parquet") else _arrow(file)
            yield from (part for batch in batches for part in _slices(file, batch))


@dataclass(frozen=True, slots=True)
class Torn:
    """Where a value should be and none can be read, and why."""

    reason: str


def rows(part: Part) -> Iterator[JsonObject | str]:
    """The rows of a part as objects, or the reason why one is none. Raises DataError when it can't be read."""
    for value in values(part):
        if isinstance(value, Torn):
            yield value.reason
        else:
            yield value if isinstance(value, Mapping) else "it is no object"


def values(part: Part) -> Iterator[JsonValue | Torn]:
    """What stands in a part row by row, an object or not. Raises DataError when it can't be read."""
    if part.fault:
        yield Torn(part.fault)
        return
    with _named(part.file):
        if part.file.name.endswith((".parquet", ".arrow")):
            yield from _columns(part)
        else:
            yield from _json_lines(_lines(part))


@contextmanager
def _named(file: Path) -> Generator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, pa.ArrowException) as exc:
        raise DataError(f"{file} can't be read: {one_line(exc)}") from exc


def _spans(file: Path) -> Iterator[Part]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = 0
        while start < size:
            opened.seek(start + SIZE)
            opened.readline()
            end = min(opened.tell(), size)
            yield Part(file=file, start=start, end=end)
            start = end


def _held(file: Path) -> Iterator[Part]:
    with gzip.open(file, "rb") as opened:
        while lines := opened.readlines(SIZE):
            yield Part(file=file, held=b"".join(lines))


def _lines(part: Part) -> Iterable[bytes]:
    if part.held:
        return BytesIO(part.held)
    with part.file.open("rb") as opened:
        opened.seek(part.start)
        return BytesIO(opened.read(part.end - part.start))


def _parquet(file: Path) -> Iterator[pa.RecordBatch]:
    with parquet.ParquetFile(file) as opened:
        yield from cast("_Batches", opened).iter_batches(batch_size=BATCH)


def _arrow(file: Path) -> Iterator[pa.RecordBatch]:
    """A stream of record batches, as Hugging Face's `save_to_disk` writes them, or an Arrow file of them."""
    with pa.memory_map(str(file)) as source:
        if source.read(len(_ARROW_FILE)) == _ARROW_FILE:
            opened = pa.ipc.open_file(source)
            yield from (opened.get_batch(number) for number in range(opened.num_record_batches))
        else:
            source.seek(0)
            with pa.ipc.open_stream(source) as stream:
                yield from stream


def _slices(file: Path, batch: pa.RecordBatch) -> Iterator[Part]:
    """The rows of a batch in parts of about SIZE bytes."""
    step = max(1, min(BATCH, batch.num_rows * SIZE // max(1, batch.nbytes)))
    for start in range(0, batch.num_rows, step):
        piece = batch.slice(start, step)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, piece.schema) as stream:
            stream.write_table(pa.Table.from_batches([piece]))
        yield Part(file=file, held=sink.getvalue().to_pybytes())


def _columns(part: Part) -> Iterator[JsonObject]:
    with pa.ipc.open_stream(part.held) as stream:
        for batch in stream:
            for row in cast("list[JsonObject]", batch.to_pylist()):
                yield {key: _without_nulls(value) for key, value in row.items()}


def _without_nulls(value: JsonValue) -> JsonValue:
    """Arrow gives every object of a column the keys of all others: those without a value are left out again."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _json(file: Path) -> Iterator[Part]:
    """A list of rows, read bit by bit, one row, or JSON Lines under another name."""
    with file.open("rb") as raw:
        first = raw.readline(MAX_LINE)
    if first.removeprefix(BOM_UTF8).lstrip()[:1] in (b"[", b""):
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
            yield from _batched(file, _listed(file, opened))
    elif first.endswith(b"\n") and first.strip() != b"{" and _reads(first):
        yield from _spans(file)
    else:
        text = file.read_bytes()
        if not _reads(text):
            raise DataError(f"{file} can't be read: it is not JSON")
        yield Part(file=file, held=text.replace(b"\r", b" ").replace(b"\n", b" "))


def _reads(text: bytes) -> bool:
    try:
        loads(text)
    except ValueError:
        return False
    return True


def _batched(file: Path, lines: Iterator[str]) -> Iterator[Part]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line.encode("utf-8", "surrogateescape"))
        size += len(held[-1])
        if size >= SIZE:
            yield Part(file=file, held=b"\n".join(held))
            held, size = [], 0
    if held:
        yield Part(file=file, held=b"\n".join(held))


def _listed(file: Path, opened: TextIO) -> Iterator[str]:
    """The text of each item of a list, on one line. A line break in JSON is never part of a value."""
    decoder = json.JSONDecoder()
    text, place = opened.read(SIZE).lstrip(), 1
    if text[:1] != "[":
        raise DataError(f"{file} can't be read: it is not JSON")
    while True:
        place = _BETWEEN.match(text, place).end()  # pyright: ignore[reportOptionalMemberAccess]
        if text[place : place + 1] == "]":
            return
        try:
            _, end = cast("tuple[object, int]", decoder.raw_decode(text, place))
        except (ValueError, RecursionError) as exc:
            more = opened.read(max(SIZE, len(text) - place))
            if not more:
                raise DataError(f"{file} can't be read: {one_line(exc)}") from exc
            text, place = text[place:] + more, 0
            continue
        if end == len(text) and (more := opened.read(SIZE)):
            text, place = text[place:] + more, 0  # a number may go on
            continue
        yield text[place:end].replace("\r", " ").replace("\n", " ")
        place = end


def _json_lines(lines: Iterable[bytes]) -> Iterator[JsonValue | Torn]:
    for line in lines:
        if not line.strip():
            continue
        try:
            yield loads(line)
        except ValueError as exc:
            where = f"{exc.msg} at character {exc.pos + 1}" if isinstance(exc, json.JSONDecodeError) else one_line(exc)
            yield Torn(f"it is not JSON: {where}")
