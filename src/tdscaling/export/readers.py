"""`read_dataset`: rows of any data set as dialogues; a bad row gives its number and the reason, the rest goes on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.export.adp import is_adp, read_adp
from tdscaling.export.atif import is_atif, read_atif
from tdscaling.export.chat import chat_dialogue
from tdscaling.export.hermes import tools_in_prompt
from tdscaling.export.parts import SUFFIXES, Part, parts, rows
from tdscaling.export.preference import is_pair, read_pair
from tdscaling.export.record import BadRow, Record, Row, placed, restored
from tdscaling.types import Dialogue, JsonObject, JsonValue, OfferedTool

__all__ = ["SUFFIXES", "Part", "parts", "read_dataset", "read_part", "read_row"]

_MESSAGES = ("messages", "conversations", "conversation", "dialog", "dialogue", "trajectory")
_TOOLS = ("tools", "tool_defs", "functions", "available_tools", "target_tools")


def read_dataset(path: Path) -> Iterator[Row | BadRow]:
    """Rows of a file of one of SUFFIXES, or of all such files below a folder, by name.

    Streams: JSON Lines by line, Parquet by batch; a `.json` list is held whole. Rows are numbered through from 1; blank
    lines are none.
    Raises ConfigError when there is nothing to read, DataError when a whole file can't be read.
    """
    number = first = 0
    file: Path | None = None
    for part in parts(path):
        if part.file != file:
            file, first = part.file, number
        name = part.file.relative_to(path).as_posix() if part.among else ""
        for found in _read(part, name, number, first):
            number = found.number
            yield found


def read_part(part: Part) -> Iterator[Row | BadRow]:
    """The rows of one part, numbered from 1. Raises DataError when its file can't be read."""
    return _read(part, part.file.name if part.among else "")


def _read(part: Part, name: str, before: int = 0, first: int | None = None) -> Iterator[Row | BadRow]:
    """The rows of a part of the file `name`, where there are several, numbered from `before` + 1; those of its file
    begin after `first`, if that is known."""
    for number, found in enumerate(rows(part), before + 1):
        place = "" if not name else f"in {name}" if first is None or part.fault else f"row {number - first} of {name}"
        if isinstance(found, str):
            yield BadRow(number=number, reason=placed(found, place))
            continue
        try:
            yield Row(number=number, record=read_row(found), place=place)
        except DataError as exc:
            yield BadRow(number=number, reason=placed(str(exc), place))


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
    return read_pair(row) if is_pair(row) else restored(row, _chat(row))


def _chat(row: JsonObject) -> Dialogue:
    key = next((name for name in _MESSAGES if row.get(name)), None)
    if key is not None:
        messages = row[key]
    elif row.get("prompt") is not None and row.get("completion") is not None:
        messages = [*shapes.items(row["prompt"], "prompt"), *shapes.items(row["completion"], "completion")]
    else:
        raise DataError(_without_messages(row))
    tools = _tools(row)
    if tools:
        return chat_dialogue(row, messages, tools)
    return _with_tools_of_prompt(row, shapes.items(messages, "messages"))


def _without_messages(row: JsonObject) -> str:
    if empty := [name for name in _MESSAGES if name in row]:
        return f"its {empty[0]} are empty"
    return f"it has no messages, its columns are {', '.join(sorted(row)) or 'none'}"


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
