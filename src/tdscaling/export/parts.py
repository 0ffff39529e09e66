"""The files of a data set in parts that can be read one by one, in any process; each gives its rows as objects."""

import gzip
import json
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa
from pyarrow import parquet

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values import loads

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".parquet", ".arrow")
BATCH = 128
"""Parquet rows in memory at a time."""
SIZE = 1 << 20
"""Bytes of JSON Lines in a part, up to the end of the last line."""


class _Batches(Protocol):
    """The part of `ParquetFile` in use, typed in full."""

    def iter_batches(self, batch_size: int, row_groups: Sequence[int]) -> Iterator[pa.RecordBatch]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file, or some of it: of JSON Lines the bytes from `start` to `end`, or those in `held` where it is compressed;
    of Parquet the row group `start`. Others are read whole."""

    file: Path
    start: int = 0
    end: int = 0
    held: bytes = b""


def files(path: Path) -> list[Path]:
    if path.is_file():
        if not path.name.endswith(SUFFIXES):
            raise ConfigError(f"{path} is none of {', '.join(SUFFIXES)}: name a data set of one of these kinds")
        return [path]
    if not path.exists():
        raise ConfigError(f"{path} does not exist: name a data set or a run folder")
    skip = ("dataset_info.json", "dataset_infos.json", "state.json", "manifest.json")
    files = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.name not in skip)
    if not files:
        raise ConfigError(f"{path} holds no {', '.join(SUFFIXES)}: name a data set or a run folder")
    return files


def parts(path: Path) -> Iterator[Part]:
    """The parts of a file of one of SUFFIXES, or of all such files below a folder, in the order of their rows.

    Raises ConfigError when there is nothing to read, DataError when a whole file can't be read.
    """
    for file in files(path):
        with _named(file):
            if file.name.endswith(".parquet"):
                with parquet.ParquetFile(file) as opened:
                    groups = opened.num_row_groups
                yield from (Part(file=file, start=group) for group in range(groups))
            elif file.name.endswith(".jsonl"):
                yield from _spans(file)
            elif file.name.endswith(".gz"):
                yield from _held(file)
            else:
                yield Part(file=file)


def rows(part: Part) -> Iterator[JsonObject | str]:
    """The rows of a part as objects, or the reason why one is none. Raises DataError when it can't be read."""
    with _named(part.file):
        if part.file.name.endswith(".parquet"):
            yield from _parquet(part)
        elif part.file.name.endswith(".arrow"):
            yield from _arrow(part.file)
        elif part.file.name.endswith(".json"):
            yield from _json(part.file)
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


def _parquet(part: Part) -> Iterator[JsonObject]:
    with parquet.ParquetFile(part.file) as opened:
        for batch in cast("_Batches", opened).iter_batches(batch_size=BATCH, row_groups=[part.start]):
            yield from cast("list[JsonObject]", batch.to_pylist())


def _arrow(file: Path) -> Iterator[JsonObject]:
    """A stream of record batches, as Hugging Face's `save_to_disk` writes them."""
    with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
        for batch in stream:
            yield from cast("list[JsonObject]", batch.to_pylist())


def _json(file: Path) -> Iterator[JsonObject | str]:
    try:
        value = cast("JsonValue", json.loads(file.read_bytes()))
    except (ValueError, RecursionError) as exc:
        raise DataError(f"{file} can't be read: {one_line(exc)}") from exc
    for item in value if isinstance(value, list) else [value]:
        yield item if isinstance(item, Mapping) else "it is no object"


def _json_lines(lines: Iterable[bytes]) -> Iterator[JsonObject | str]:
    for line in lines:
        if not line.strip():
            continue
        try:
            value = loads(line)
        except ValueError as exc:
            yield f"it is not JSON: {one_line(exc)}"
            continue
        yield value if isinstance(value, Mapping) else "it is no object"
