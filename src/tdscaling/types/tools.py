"""A tool, the call of a tool and what came back."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tdscaling.types.json import JsonObject, JsonValue


class ToolKey(NamedTuple):
    """The identity of a tool in a catalogue: its server and its name there."""

    server: str
    name: str

    def __str__(self) -> str:
        return f"{self.server}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as its source publishes it; one line of a catalogue file."""

    server: str
    name: str
    description: str = ""
    input_schema: JsonObject = field(default_factory=dict[str, JsonValue])
    output_schema: JsonObject | None = None
    annotations: JsonObject = field(default_factory=dict[str, JsonValue])
    server_description: str = ""
    category: str = ""
    source: str = ""
    licence: str = ""

    def __hash__(self) -> int:
        """Of its identity alone, as schemas have none: what is worked out of a tool can be kept by it."""
        return hash((self.server, self.name))

    @property
    def key(self) -> ToolKey:
        return ToolKey(self.server, self.name)

    @property
    def read_only(self) -> bool | None:
        """What the source's annotations claim; None where they are silent."""
        hint = self.annotations.get("readOnlyHint")
        return hint if isinstance(hint, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool as one dialogue offers it: `name` is what calls use, unique in the dialogue.

    `server` and `read_only` are None where a foreign data set does not say.
    """

    name: str
    description: str = ""
    parameters: JsonObject = field(default_factory=dict[str, JsonValue])
    server: str | None = None
    tool: str | None = None
    read_only: bool | None = None

    @property
    def key(self) -> ToolKey | None:
        """The tool's identity in its catalogue; None where the data set does not say."""
        return ToolKey(self.server, self.tool) if self.server is not None and self.tool is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call as the assistant writes it; `name` is an `OfferedTool.name`."""

    id: str
    name: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedCall:
    """A call that code made while it ran, and what came back, cut where it is long; `name` is an
    `OfferedTool.name`, or whatever the code said."""

    name: str
    arguments: JsonObject
    content: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a session answers to a call; a tool's own failure is a result with `is_error`.

    `fault` names a failure of the server, not of the tool: "timeout", "crash", "flood", "protocol". `nested`: the
    calls of other tools that the code of this call made, in order.
    """

    content: str
    is_error: bool = False
    structured: JsonValue = None
    fault: str | None = None
    nested: tuple[NestedCall, ...] = ()
