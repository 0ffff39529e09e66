"""What is exported and what comes back: a dialogue with the columns that trainers ignore."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TypeAlias, cast, get_args

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.types import Dialogue, JsonObject, JsonValue, Mark, Message, NestedCall, OfferedTool, Trajectory

JsonRow: TypeAlias = dict[str, JsonValue]

METADATA: tuple[str, ...] = ("domain", "mode", "band", "cac", "servers")
"""The columns of `Record.metadata` that every export keeps."""


_ORIGINS: dict[tuple[int, str | None, str | None, bool | None], tuple[OfferedTool, OfferedTool]] = {}
"""Tools with their origins, by the identity of the bare tool, which is held here so that no other takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A rollout of the same plan that failed one check, and which; its tools are those of the good one."""

    messages: tuple[Message, ...]
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A dialogue to export, or one read from a data set; `metadata` has the keys of METADATA, where known. With a
    `miss` it is a preference pair."""

    dialogue: Dialogue
    id: str = ""
    metadata: JsonObject = field(default_factory=dict[str, JsonValue])
    miss: Miss | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a data set that could be read; rows count from 1, through all its files. `place` is the file and the row
    there, where the data set has several."""

    number: int
    record: Record
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that could not be read, or a record that a format can't hold, and why; number and place are those of its
    `Row`. Records that are no rows, as those of a run, count from 1 in their order."""

    number: int
    reason: str
    id: str = ""
    place: str = ""

    def said(self, what: str = "", *, of_run: bool = False) -> str:
        """A line that names it so that it is found, of a run by its id.

        >>> BadRow(number=7, reason="it has no messages", place="row 3 of b.jsonl").said(" is left out")
        'row 7 is left out: it has no messages (row 3 of b.jsonl)'
        >>> BadRow(number=1, reason="it has no messages", id="t1").said(of_run=True)
        'trajectory t1: it has no messages'
        """
        name = f"trajectory {self.id}" if of_run else f"row {self.number}"
        return f"{name}{what}: {placed(self.reason, self.place)}"

    def json(self) -> dict[str, JsonValue]:
        """The same for machines, with an `id` where one is known."""
        known: dict[str, JsonValue] = {"id": self.id} if self.id else {}
        return {"row": self.number, **known, "reason": placed(self.reason, self.place)}


def placed(reason: str, place: str) -> str:
    """A reason and, where there is one, the place it is about."""
    return f"{reason} ({place})" if place else reason


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


def pair_of(kept: Trajectory, miss: Trajectory) -> Record:
    """A preference pair: a kept trajectory and a near miss of the same plan."""
    failed = Miss(messages=miss.dialogue.messages, check=miss.verdict.reason)
    return replace(record_of(kept), id=miss.id, miss=failed)


def columns(record: Record, dialogue: Dialogue) -> JsonRow:
    """The columns beside the messages: id, metadata, and what no trainer's format has a place for.

    `marks`: by message, "" where there is none. `errors`: the indices of tool messages that are errors.
    `tool_origins`: server, name there and read-only hint by tool. `nested`: as one JSON string, the calls that code
    made, by the index of the tool message of that code; "" where there are none. `dialogue` is what the messages will
    come back as.
    """
    found: JsonRow = {"id": record.id}
    found |= {key: record.metadata[key] for key in METADATA if key in record.metadata}
    known = any(tool.server is not None or tool.read_only is not None for tool in dialogue.tools)
    found["tool_origins"] = [_origin(tool) for tool in dialogue.tools] if known else []
    return {**found, **beside(dialogue.messages)}


def beside(messages: Sequence[Message], prefix: str = "") -> JsonRow:
    """The columns `marks`, `errors` and `nested` of messages, with something before their names."""
    marks = [message.mark or "" for message in messages]
    nested = {str(index): [_made(call) for call in one.nested] for index, one in enumerate(messages) if one.nested}
    return {
        f"{prefix}marks": marks if any(marks) else [],
        f"{prefix}errors": [index for index, message in enumerate(messages) if message.is_error],
        f"{prefix}nested": shapes.dumps(nested) if nested else "",
    }


def _origin(tool: OfferedTool) -> JsonObject:
    return {"server": tool.server, "tool": tool.tool, "read_only": tool.read_only}


def _made(call: NestedCall) -> JsonObject:
    return {"name": call.name, "arguments": call.arguments, "content": call.content, "is_error": call.is_error}


def restored(row: JsonObject, dialogue: Dialogue) -> Record:
    """The inverse of `columns`; columns that don't fit the dialogue (of another program) are left aside."""
    messages, tools = with_beside(row, dialogue.messages), list(dialogue.tools)
    origins = row.get("tool_origins")
    if isinstance(origins, list | tuple) and len(origins) == len(tools):
        tools = [_with_origin(tool, origin) for tool, origin in zip(tools, origins, strict=True)]
    metadata = {key: row[key] for key in METADATA if not _missing(row.get(key))}
    name = row.get("id", row.get("uuid"))
    whole = Dialogue(messages=tuple(messages), tools=tuple(tools))
    return Record(dialogue=whole, id="" if name is None else str(name), metadata=metadata)


def _missing(value: JsonValue) -> bool:
    """Whether a table has no value there; pandas writes NaN then."""
    return value is None or (isinstance(value, float) and isnan(value))


def with_beside(row: JsonObject, given: Sequence[Message], prefix: str = "") -> list[Message]:
    """The inverse of `beside`."""
    messages = list(given)
    marks = row.get(f"{prefix}marks")
    if isinstance(marks, list | tuple) and len(marks) == len(messages):
        messages = [_marked(message, mark) for message, mark in zip(messages, marks, strict=True)]
    errors = row.get(f"{prefix}errors")
    if isinstance(errors, list | tuple):
        for index in errors:
            if isinstance(index, int) and 0 <= index < len(messages) and messages[index].role == "tool":
                messages[index] = replace(messages[index], is_error=True)
    _add_nested(messages, row.get(f"{prefix}nested"))
    return messages


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
    """The tool with its origin: the same object for the same two, so that rows share what is worked out of a tool."""
    if not isinstance(origin, Mapping):
        return tool
    server, name, read_only = origin.get("server"), origin.get("tool"), origin.get("read_only")
    server = server if isinstance(server, str) else None
    name = name if isinstance(name, str) else None
    read_only = read_only if isinstance(read_only, bool) else None
    key = (id(tool), server, name, read_only)
    held = _ORIGINS.get(key)
    if held is None:
        if len(_ORIGINS) >= shapes.MAX_TOOLS:
            _ORIGINS.clear()
        held = _ORIGINS[key] = (tool, replace(tool, server=server, tool=name, read_only=read_only))
    return held[1]
