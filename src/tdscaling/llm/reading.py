"""A completion becomes text, calls or a value; or the named error that says why it can't."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from tdscaling.llm.failures import (
    BadArgumentsError,
    MalformedCallError,
    NotJsonError,
    RefusedError,
    TruncatedError,
    WrongToolError,
)
from tdscaling.llm.protocol import Completion
from tdscaling.types import JsonObject, JsonValue, OfferedTool, ToolCall
from tdscaling.values import loads
from tdscaling.values.validation import validator_of

_OPENING = re.compile(r"```\w*+[^\S\n]*+\n")


def text(completion: Completion) -> str:
    """The content. Raises RefusedError, TruncatedError; an empty content is a RefusedError too."""
    _usable(completion)
    if not completion.content.strip():
        raise RefusedError("the model said nothing")
    return completion.content.strip()


def value(completion: Completion, schema: JsonObject) -> JsonValue:
    """The JSON value in the content, bare or fenced, as `schema` accepts it.

    Raises RefusedError, TruncatedError, NotJsonError.
    """
    body = text(completion)
    try:
        found = loads(body if body[:1] in "{[" else _fenced(body) or body)
    except ValueError as exc:
        raise NotJsonError(f"no JSON: {str(exc)[:120]}") from None
    wrong = mismatch(found, schema)
    if wrong:
        raise NotJsonError(wrong)
    return found


def calls(completion: Completion, tools: Sequence[OfferedTool]) -> tuple[ToolCall, ...]:
    """The calls of a completion, each of an offered tool with arguments that its schema accepts; ids as the endpoint
    gave them. Raises RefusedError, TruncatedError, MalformedCallError, WrongToolError, BadArgumentsError.
    """
    _usable(completion)
    offered = {tool.name: tool for tool in tools}
    found: list[ToolCall] = []
    for raw in completion.calls:
        tool = offered.get(raw.name)
        if tool is None:
            raise WrongToolError(f"there is no tool {raw.name!r}; there are {', '.join(sorted(offered)) or 'none'}")
        arguments = _arguments(raw.name, raw.arguments)
        wrong = mismatch(arguments, tool.parameters)
        if wrong:
            raise BadArgumentsError(f"{raw.name}: {wrong}")
        found.append(ToolCall(id=raw.id, name=raw.name, arguments=arguments))
    return tuple(found)


def mismatch(found: JsonValue, schema: JsonObject) -> str:
    """What a schema has against a value, in one line; "" when nothing.

    >>> mismatch({"a": "x"}, {"properties": {"a": {"type": "integer"}}})
    "a: 'x' is not of type 'integer'"
    """
    error = validator_of(schema).error(found)
    if error is None:
        return ""
    place = ".".join(str(part) for part in error.absolute_path)
    said = " ".join(error.message.split())[:200]
    return f"{place}: {said}" if place else said


def _usable(completion: Completion) -> None:
    if completion.refusal or completion.finish == "refusal":
        raise RefusedError(f"the model refused: {(completion.refusal or completion.content)[:120]}")
    if completion.finish == "length":
        raise TruncatedError(f"cut off after {completion.usage.completion_tokens} tokens: raise max_tokens")


def _fenced(body: str) -> str:
    """What the first fenced block holds; "" where there is none. Every character is looked at once or twice."""
    opening = _OPENING.search(body)
    end = body.find("```", opening.end()) if opening else -1
    return body[opening.end() : end].strip() if opening and end >= 0 else ""


def _arguments(name: str, written: str) -> JsonObject:
    try:
        found = loads(written or "{}")
        found = loads(found) if isinstance(found, str) else found  # encoded twice
    except ValueError:
        raise MalformedCallError(f"{name}: the arguments are no JSON") from None
    if not isinstance(found, Mapping):
        raise MalformedCallError(f"{name}: the arguments are no JSON object")
    return cast("JsonObject", found)
