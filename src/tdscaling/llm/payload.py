"""A request as the OpenAI chat protocol writes it."""

import json

from tdscaling.config.models import ModelSettings
from tdscaling.llm.protocol import Request
from tdscaling.types import JsonObject, JsonValue, Message, OfferedTool

_PLAIN = json.JSONEncoder(ensure_ascii=False).encode


def payload(request: Request, settings: ModelSettings) -> dict[str, JsonValue]:
    """The body of a request. What the request leaves open comes from the settings; `extra` has the last word."""
    how = request.sampling
    body: dict[str, JsonValue] = {
        "model": settings.model,
        "messages": [message(one) for one in request.messages],
        "temperature": settings.temperature if how.temperature is None else how.temperature,
        "max_tokens": most_tokens(request, settings),
    }
    top_p = settings.top_p if how.top_p is None else how.top_p
    if top_p is not None:
        body["top_p"] = top_p
    if how.seed is not None:
        body["seed"] = how.seed
    if how.stop:
        body["stop"] = list(how.stop)
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body["tool_choice"] = request.tool_choice
    if request.schema is not None:
        named: JsonObject = {"name": "answer", "schema": request.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    for name, value in settings.extra.items():
        if value is None:
            body.pop(name, None)
        else:
            body[name] = value
    return body


def most_tokens(request: Request, settings: ModelSettings) -> int:
    """How long an answer may be: what the request allows, and never more than the settings do."""
    return min(request.sampling.max_tokens or settings.max_tokens, settings.max_tokens)


def message(one: Message) -> dict[str, JsonValue]:
    """A message in OpenAI form; thoughts and marks are not sent."""
    if one.role == "tool":
        return {"role": "tool", "tool_call_id": one.tool_call_id, "content": one.content}
    body: dict[str, JsonValue] = {"role": one.role, "content": one.content}
    if one.tool_calls:
        body["content"] = one.content or None
        body["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _PLAIN(call.arguments)},
            }
            for call in one.tool_calls
        ]
    return body


def _tool(tool: OfferedTool) -> dict[str, JsonValue]:
    parameters = tool.parameters or {"type": "object", "properties": {}}
    function: JsonObject = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}
