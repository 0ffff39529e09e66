"""What is exported and what comes back: a dialogue with the columns that trainers ignore."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast, get_args

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.types import Dialogue, JsonObject, JsonValue, Mark, Message, NestedCall, OfferedTool, Trajectory

JsonRow: TypeAlias = dict[str, JsonValue]

METADATA: tuple[str, ...] = ("domain", "mode", "band", "cac", "servers")
"""The columns of `Record.metadata` that every export keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A dialogue to export, or one read from a data set; `metadata` has the keys of METADATA, where known."""

    dialogue: Dialogue
    id: str = ""
    metadata: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a data set that could be read; rows count from 1."""

    number: int
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that could not be read, or a record that a format can't hold, and why."""

    number: int
    reason: str


def record_of(trajectory: Trajectory) -> Record:
    """The part of a trajectory that an export keeps."""
    where = trajectory.descriptor
    metadata: JsonObject = {
        "domain": where.domain,
        "mode": where.primary_mode,
        "band": where.band,
        "cac": where.cac,
        "servers": list(where.servers),
    }
    return Record(dialogue=trajectory.dialogue, id=trajectory.id, metadata=metadata)


def columns(record: Record, dialogue: Dialogue) -> JsonRow:
    """The columns beside the messages: id, metadata, and what no trainer's format has a place for.

    `marks`: by message, "" where there is none. `errors`: the indices of tool messages that are errors.
    `tool_origins`: server, name there and read-only hint by tool. `nested`: as one JSON string, the calls that code
    made, by the index of the tool message of that code; "" where there are none. `dialogue` is what the messages will
    come back as.
    """
    marks = [message.mark or "" for message in dialogue.messages]
    found: JsonRow = {"id": record.id}
    found |= {key: record.metadata[key] for key in METADATA if key in record.metadata}
    found["marks"] = marks if any(marks) else []
    found["errors"] = [index for index, message in enumerate(dialogue.messages) if message.is_error]
    known = any(tool.server is not None or tool.read_only is not None for tool in dialogue.tools)
    found["tool_origins"] = [_origin(tool) for tool in dialogue.tools] if known else []
    nested = {
        str(index): [_made(call) for call in one.nested] for index, one in enumerate(dialogue.messages) if one.nested
    }
    found["nested"] = shapes.dumps(nested) if nested else ""
    return found


def _origin(tool: OfferedTool) -> JsonObject:
    return {"server": tool.server, "tool": tool.tool, "read_only": tool.read_only}


def _made(call: NestedCall) -> JsonObject:
    return {"name": call.name, "arguments": call.arguments, "content": call.content, "is_error": call.is_error}


def restored(row: JsonObject, dialogue: Dialogue) -> Record:
    """The inverse of `columns`; columns that don't fit the dialogue (of another program) are left aside."""
    messages, tools = list(dialogue.messages), list(dialogue.tools)
    marks = row.get("marks")
    if isinstance(marks, list | tuple) and len(marks) == len(messages):
        messages = [_marked(message, mark) for message, mark in zip(messages, marks, strict=True)]
    errors = row.get("errors")
    if isinstance(errors, list | tuple):
        for index in errors:
            if isinstance(index, int) and 0 <= index < len(messages) and messages[index].role == "tool":
                messages[index] = replace(messages[index], is_error=True)
    _add_nested(messages, row.get("nested"))
    origins = row.get("tool_origins")
    if isinstance(origins, list | tuple) and len(origins) == len(tools):
        tools = [_with_origin(tool, origin) for tool, origin in zip(tools, origins, strict=True)]
    metadata = {key: row[key] for key in METADATA if row.get(key) is not None}
    name = row.get("id", row.get("uuid"))
    whole = Dialogue(messages=tuple(messages), tools=tuple(tools))
    return Record(dialogue=whole, id="" if name is None else str(name), metadata=metadata)


def _marked(message: Message, mark: JsonValue) -> Message:
    known = mark if isinstance(mark, str) and mark in get_args(Mark) else None
    return replace(message, mark=cast("Mark | None", known)) if message.role == "assistant" else message


def _add_nested(messages: list[Message], given: JsonValue) -> None:
    if not isinstance(given, str) or not given:
        return
    try:
        found = shapes.mapping(given, "nested")
        for key, calls in found.items():
            index = int(key) if key.isdecimal() else -1
            if 0 <= index < len(messages) and messages[index].role == "tool":
                made = tuple(_nested(shapes.mapping(call, "call")) for call in shapes.items(calls, "calls"))
                messages[index] = replace(messages[index], nested=made)
    except DataError:
        return


def _nested(given: JsonObject) -> NestedCall:
    call = shapes.call(given)
    content, failed = shapes.text(given.get("content")), given.get("is_error") is True
    return NestedCall(name=call.name, arguments=call.arguments, content=content, is_error=failed)


def _with_origin(tool: OfferedTool, origin: JsonValue) -> OfferedTool:
    if not isinstance(origin, Mapping):
        return tool
    server, name, read_only = origin.get("server"), origin.get("tool"), origin.get("read_only")
    return replace(
        tool,
        server=server if isinstance(server, str) else None,
        tool=name if isinstance(name, str) else None,
        read_only=read_only if isinstance(read_only, bool) else None,
    )
