"""`read_dataset`: rows of any data set as dialogues; a bad row gives its number and the reason, the rest goes on."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa
from pyarrow import parquet

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.export import shapes
from tdscaling.export.adp import is_adp, read_adp
from tdscaling.export.atif import is_atif, read_atif
from tdscaling.export.chat import chat_dialogue
from tdscaling.export.hermes import tools_in_prompt
from tdscaling.export.record import BadRow, Record, Row, restored
from tdscaling.types import Dialogue, JsonObject, JsonValue, OfferedTool
from tdscaling.values import loads

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".parquet", ".arrow")
BATCH = 128
"""Parquet rows in memory at a time."""

_MESSAGES = ("messages", "conversations", "conversation", "dialog", "dialogue", "trajectory")
_TOOLS = ("tools", "tool_defs", "functions", "available_tools", "target_tools")


class _Batches(Protocol):
    """The part of `ParquetFile` in use, typed in full."""

    def iter_batches(self, batch_size: int) -> Iterator[pa.RecordBatch]: ...


def read_dataset(path: Path) -> Iterator[Row | BadRow]:
    """Rows of a file of one of SUFFIXES, or of all such files below a folder, by name.

    Streams: JSON Lines by line, Parquet by batch; a `.json` list is held whole. Rows are numbered through from 1.
    Raises ConfigError when there is nothing to read, DataError when a whole file can't be read.
    """
    number = 0
    for file in _files(path):
        for found in _rows(file):
            number += 1
            if isinstance(found, str):
                yield BadRow(number=number, reason=found)
                continue
            try:
                yield Row(number=number, record=read_row(found))
            except DataError as exc:
                yield BadRow(number=number, reason=str(exc))


def read_row(row: JsonObject) -> Record:
    """One row, its shape recognised by its keys. Raises DataError.

    >>> read_row({"messages": '[{"role": "user", "content": "hi"}]'}).dialogue.messages[0].content
    'hi'
    """
    if is_atif(row):
        dialogue, found = read_atif(row)
        return restored(found, dialogue)
    if is_adp(row):
        dialogue, found = read_adp(row)
        return restored(found, dialogue)
    return restored(row, _chat(row))


def _chat(row: JsonObject) -> Dialogue:
    key = next((name for name in _MESSAGES if row.get(name)), None)
    if key is not None:
        messages = row[key]
    elif row.get("prompt") is not None and row.get("completion") is not None:
        messages = [*shapes.items(row["prompt"], "prompt"), *shapes.items(row["completion"], "completion")]
    else:
        raise DataError(f"it has no messages, its columns are {', '.join(sorted(row)) or 'none'}")
    tools = _tools(row)
    if tools:
        return chat_dialogue(row, messages, tools)
    return _with_tools_of_prompt(row, shapes.items(messages, "messages"))


def _tools(row: JsonObject) -> tuple[OfferedTool, ...]:
    given = next((row[name] for name in _TOOLS if row.get(name)), None)
    return shapes.offered(given)


def _with_tools_of_prompt(row: JsonObject, messages: Sequence[JsonValue]) -> Dialogue:
    """Hermes text: the tools are in the system message."""
    first = messages[0] if messages else None
    prompt = row.get("system")
    if isinstance(first, Mapping) and (first.get("role") == "system" or first.get("from") == "system"):
        key = "content" if "content" in first else "value"
        system, tools = tools_in_prompt(shapes.text(first.get(key)))
        rest = [{**first, key: system}, *messages[1:]] if system or not tools else messages[1:]
        return chat_dialogue(row, rest, tools)
    if isinstance(prompt, str):
        system, tools = tools_in_prompt(prompt)
        return chat_dialogue({**row, "system": system}, messages, tools)
    return chat_dialogue(row, messages, ())


def _files(path: Path) -> list[Path]:
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


def _rows(file: Path) -> Iterator[JsonObject | str]:
    """The rows of a file as objects, or the reason why one is none."""
    try:
        if file.name.endswith(".parquet"):
            yield from _parquet(file)
        elif file.name.endswith(".arrow"):
            yield from _arrow(file)
        elif file.name.endswith(".json"):
            yield from _json(file)
        else:
            yield from _json_lines(file)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as exc:
        raise DataError(f"{file} can't be read: {one_line(exc)}") from exc


def _parquet(file: Path) -> Iterator[JsonObject]:
    with parquet.ParquetFile(file) as opened:
        for batch in cast("_Batches", opened).iter_batches(batch_size=BATCH):
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


def _json_lines(file: Path) -> Iterator[JsonObject | str]:
    with gzip.open(file, "rb") if file.name.endswith(".gz") else file.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            try:
                value = loads(line)
            except ValueError as exc:
                yield f"it is not JSON: {one_line(exc)}"
                continue
            yield value if isinstance(value, Mapping) else "it is no object"
