"""Messages of any chat-like data set as a dialogue: OpenAI, TRL, ShareGPT, Hermes, ms-swift, Toucan, APIGen-MT."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tdscaling.errors import DataError
from tdscaling.export import shapes, tags
from tdscaling.types import Dialogue, JsonObject, JsonValue, Mark, Message, OfferedTool, Role, ToolCall

CALLING = ("function_call", "tool_call", "tool_calls")
_CALLING = frozenset(CALLING)
ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
    **dict.fromkeys(CALLING, "assistant"),
    **dict.fromkeys(("tool", "observation", "function", "tool_response", "function_response", "ipython"), "tool"),
}


@dataclass(slots=True)
class DialogueBuilder:
    """Takes messages in order, gives calls their ids and results their calls.

    `in_text`: whether calls and results may be written in texts. `thoughts`: whether thoughts may.
    """

    known: frozenset[str] = frozenset()
    in_text: bool = True
    thoughts: bool = True
    messages: list[Message] = field(default_factory=list[Message])
    _open: list[ToolCall] = field(default_factory=list[ToolCall])
    _calls: int = 0

    def system(self, content: str) -> None:
        self.messages.append(Message(role="system", content=content))

    def user(self, content: str) -> None:
        results = tags.split_results(content) if self.in_text else None
        if results is None:
            self.messages.append(Message(role="user", content=content))
        else:
            self.results(results)

    def assistant(self, message: Message, *, answered: bool = False, join: bool = False) -> None:
        """Adds an assistant message. `join`: its calls are siblings of those in the message just before."""
        reasoning, content = message.reasoning, message.content
        if reasoning is None and self.thoughts:
            reasoning, content = tags.split_thought(content)
        calls = list(message.tool_calls)
        if not calls and self.in_text:
            content, calls = tags.split_calls(content, self.known, answered)
        fresh = tuple([self._named(call) for call in calls]) if calls else ()
        last = self.messages[-1] if self.messages else None
        if join and last is not None and last.role == "assistant":
            self._open += fresh
            texts = [one for one in (last.content, content) if one]
            self.messages[-1] = replace(
                last,
                content="\n".join(texts),
                reasoning=last.reasoning if reasoning is None else reasoning,
                tool_calls=(*last.tool_calls, *fresh),
                mark=last.mark or message.mark,
            )
            return
        self._open = [*fresh]
        if content is message.content and reasoning is message.reasoning and fresh == message.tool_calls:
            self.messages.append(message)
        else:
            self.messages.append(replace(message, content=content, reasoning=reasoning, tool_calls=fresh))

    def results(self, contents: Iterable[str]) -> None:
        for content in contents:
            self.result(content)

    def result(self, content: str, call_id: str = "", name: str | None = None, is_error: bool = False) -> None:
        """Adds a result: of the call with that id, else of the first open call (of that name, if any)."""
        call = next((one for one in self._open if one.id == call_id), None) if call_id else self._oldest(name)
        if call is not None:
            self._open.remove(call)
        self.messages.append(
            Message(
                role="tool",
                content=content,
                tool_call_id=call_id or (call.id if call else None),
                name=name or (call.name if call else None),
                is_error=is_error,
            )
        )

    @property
    def open_calls(self) -> int:
        """How many calls of the last assistant message have no result yet."""
        return len(self._open)

    @property
    def calls_in_text(self) -> bool:
        """Whether calls were written in texts so far: then a tool's own message may hold results in tags."""
        return self.in_text and self._calls > 0

    def _oldest(self, name: str | None) -> ToolCall | None:
        same = (call for call in self._open if call.name == name)
        return next(same, self._open[0] if self._open else None)

    def _named(self, call: ToolCall) -> ToolCall:
        found = call if call.id else replace(call, id=f"call_{self._calls}")
        self._calls += 1
        return found


def chat_dialogue(row: JsonObject, messages: JsonValue, tools: Sequence[OfferedTool]) -> Dialogue:
    """The dialogue of a row with a list of messages. Raises DataError that names the message."""
    entries = [
        entry if isinstance(entry, Mapping) else shapes.mapping(entry, f"message {index}")
        for index, entry in enumerate(shapes.items(messages, "messages"))
    ]
    if not entries:
        raise DataError("it has no messages")
    words = [str(entry.get("role", entry.get("from", ""))) for entry in entries]
    roles: list[Role] = [_role(word, index) for index, word in enumerate(words)]
    structured = any(entry.get("tool_calls") or entry.get("function_call") for entry in entries)
    structured = structured or not _CALLING.isdisjoint(words)
    builder = DialogueBuilder(known=frozenset(tool.name for tool in tools), in_text=not structured)
    prompt = row.get("system")
    if isinstance(prompt, str) and prompt and roles[0] != "system":
        builder.system(prompt)
    roles.append("user")
    for index, entry in enumerate(entries):
        try:
            _add(builder, entry, roles[index], words[index], answered=roles[index + 1] == "tool")
        except DataError as exc:
            raise DataError(f"message {index}: {exc}") from exc
    return Dialogue(messages=tuple(builder.messages), tools=tuple(tools))


def _role(word: str, index: int) -> Role:
    role = ROLES.get(word) or ROLES.get(word.lower())
    if role is None:
        raise DataError(f"message {index} has the unknown role {word!r}")
    return role


def _add(builder: DialogueBuilder, entry: JsonObject, role: Role, word: str, answered: bool) -> None:
    content = entry.get("content", entry.get("value"))
    if type(content) is not str:
        content = shapes.text(content)
    if role == "system":
        builder.system(content)
    elif role == "user":
        builder.user(content)
    elif role == "tool":
        _add_result(builder, entry, content)
    elif word in _CALLING:
        thought, body = tags.split_thought(content)
        text, calls = tags.split_calls(body, (), answered=True)
        if not calls:
            raise DataError(f"a {word} without a call in it")
        message = Message(
            role="assistant", content=text, tool_calls=tuple(calls), reasoning=thought, mark=_untrained(entry)
        )
        builder.assistant(message, join=True)
    else:
        legacy = entry.get("function_call")
        given = entry.get("tool_calls")
        calls = [shapes.call(one) for one in shapes.items(given, "tool_calls")] if given else []
        if legacy and not calls:
            calls = [shapes.call(legacy)]
        thought = entry.get("reasoning_content", entry.get("reasoning"))
        message = Message(
            role="assistant",
            content=content,
            tool_calls=tuple(calls),
            reasoning=thought if isinstance(thought, str) else None,
            mark=_untrained(entry),
        )
        builder.assistant(message, answered=answered, join=bool(legacy) and builder.open_calls > 0)


def _add_result(builder: DialogueBuilder, entry: JsonObject, content: str) -> None:
    parts = _results(builder, entry, content)
    call_id, name = entry.get("tool_call_id"), entry.get("name")
    for part in parts:
        builder.result(
            part,
            call_id=call_id if isinstance(call_id, str) and len(parts) == 1 else "",
            name=name if isinstance(name, str) and name else None,
            is_error=entry.get("is_error") is True,
        )


def _results(builder: DialogueBuilder, entry: JsonObject, content: str) -> list[str]:
    """The results in a message of a tool: one, or those of all open calls in one turn."""
    if builder.calls_in_text and (tagged := tags.tagged_results(content)):
        return tagged
    if "from" in entry and builder.open_calls > 1:
        parts = content.split(tags.RESULTS_BETWEEN)
        if len(parts) == builder.open_calls:
            return parts
    return [content]


def _untrained(entry: Mapping[str, JsonValue]) -> Mark | None:
    """A message that the data set keeps the loss off; why is not said, so it is "redundant"."""
    off = entry.get("weight") == 0 or entry.get("train") is False or entry.get("loss") is False
    return "redundant" if off else None
