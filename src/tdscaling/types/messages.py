"""Messages in OpenAI form, and the dialogue they make up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tdscaling.types.tools import NestedCall, OfferedTool, ToolCall

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Mark: TypeAlias = Literal["useful", "redundant", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `tool_call_id`, `name`, `is_error` and `nested` (the calls that the code of that call made)
    belong to tool messages, `tool_calls`, `reasoning` and `mark` to assistant messages. `mark` decides the loss
    in exports (None: trained on).
    """

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    is_error: bool = False
    reasoning: str | None = None
    mark: Mark | None = None
    nested: tuple[NestedCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """What a model is trained on: the messages and the tools that were offered."""

    messages: tuple[Message, ...]
    tools: tuple[OfferedTool, ...] = ()

    def calls(self) -> Iterator[tuple[int, ToolCall]]:
        """Every call with the index of the message that makes it, in order."""
        for index, message in enumerate(self.messages):
            for call in message.tool_calls:
                yield index, call

    def nested(self) -> Iterator[NestedCall]:
        """Every call that code made, in order; they are in no assistant message."""
        for message in self.messages:
            yield from message.nested

    def tool(self, name: str) -> OfferedTool | None:
        return next((tool for tool in self.tools if tool.name == name), None)
