"""A request as the OpenAI chat protocol writes it."""

import json
from collections.abc import Sequence

from tdscaling.config.models import ModelSettings
from tdscaling.llm.fragments import Fragments
from tdscaling.llm.protocol import Request
from tdscaling.types import JsonObject, JsonValue, Message, OfferedTool
from tdscaling.values import dumps

_PLAIN = json.JSONEncoder(ensure_ascii=False).encode


def body(request: Request, settings: ModelSettings, fragments: Fragments) -> bytes:
    """The body of a request, compact JSON in UTF-8. What the request leaves open comes from the settings; `extra` has
    the last word.

    >>> request = Request(messages=(Message(role="user", content="Hello"),))
    >>> body(request, ModelSettings(base_url="http://localhost/v1", model="m", max_tokens=9), Fragments()).decode()
    '{"model":"m","messages":[{"role":"user","content":"Hello"}],"temperature":0.7,"max_tokens":9}'
    """
    how = request.sampling
    written = {
        "model": dumps(settings.model),
        "messages": _messages(request.messages, fragments),
        "temperature": dumps(settings.temperature if how.temperature is None else how.temperature),
        "max_tokens": dumps(most_tokens(request, settings)),
    }
    top_p = settings.top_p if how.top_p is None else how.top_p
    if top_p is not None:
        written["top_p"] = dumps(top_p)
    if how.seed is not None:
        written["seed"] = dumps(how.seed)
    if how.stop:
        written["stop"] = dumps(how.stop)
    if request.tools:
        written["tools"] = b"[%b]" % fragments.of(request.tools, _tool)
        written["tool_choice"] = dumps(request.tool_choice)
    if request.schema is not None:
        named: JsonObject = {"name": "answer", "schema": request.schema, "strict": True}
        written["response_format"] = dumps({"type": "json_schema", "json_schema": named})
    for name, value in settings.extra.items():
        if value is None:
            written.pop(name, None)
        else:
            written[name] = dumps(value)
    return b"{%b}" % b",".join([b"%b:%b" % (dumps(name), value) for name, value in written.items()])


def most_tokens(request: Request, settings: ModelSettings) -> int:
    """How long an answer may be: what the request allows, and never more than the settings do."""
    return min(request.sampling.max_tokens or settings.max_tokens, settings.max_tokens)


def _messages(messages: Sequence[Message], fragments: Fragments) -> bytes:
    """All messages. The first is another one with each step where it tells what to do next; the others stay."""
    first, *rest = messages
    written = [dumps(message(first))]
    if rest:
        written.append(fragments.of(rest, message))
    return b"[%b]" % b",".join(written)


def message(one: Message) -> dict[str, JsonValue]:
    """A message in OpenAI form; thoughts and marks are not sent."""
    if one.role == "tool":
        return {"role": "tool", "tool_call_id": one.tool_call_id, "content": one.content}
    found: dict[str, JsonValue] = {"role": one.role, "content": one.content}
    if one.tool_calls:
        found["content"] = one.content or None
        found["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _PLAIN(call.arguments)},
            }
            for call in one.tool_calls
        ]
    return found


def _tool(tool: OfferedTool) -> dict[str, JsonValue]:
    parameters = tool.parameters or {"type": "object", "properties": {}}
    function: JsonObject = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}
