"""The body of an answer becomes a Completion."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from tdscaling.llm.failures import EmptyChoicesError, MalformedError
from tdscaling.llm.protocol import Completion, Finish, RawCall, Usage
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values import loads

_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refusal",
}
_THOUGHT = re.compile(r"\s*(?:<think(?:ing)?>)?(.*?)</think(?:ing)?>\s*", re.DOTALL)
_UNENDED = re.compile(r"\s*<think(?:ing)?>(.*)\Z", re.DOTALL)


def completion(body: bytes | JsonValue) -> Completion:
    """Reads a whole answer. Raises MalformedError, EmptyChoicesError."""
    document = _object(_loaded(body) if isinstance(body, bytes) else body, "the body")
    choices = document.get("choices")
    if not isinstance(choices, Sequence) or isinstance(choices, str) or not choices:
        raise EmptyChoicesError("the endpoint sent no choices")
    choice = _object(choices[0], "a choice")
    message = _object(choice.get("message"), "a message")
    calls = _calls(message)
    reasoning, content = split_thought(_text(message.get("content")))
    given = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    refusal = _text(message.get("refusal")) or None
    finish = _FINISHES.get(_text(choice.get("finish_reason")), "other")
    thoughts = given or reasoning
    if not (content.strip() or calls or refusal or thoughts or finish in ("length", "refusal")):
        raise EmptyChoicesError("the endpoint sent a choice with nothing in it")
    return Completion(
        content=content,
        reasoning=thoughts or None,
        calls=calls,
        finish="tool_calls" if calls and finish in ("stop", "other") else finish,
        refusal=refusal,
        usage=_usage(document.get("usage")),
        model=_text(document.get("model")),
    )


def split_thought(content: str) -> tuple[str, str]:
    """Thoughts in tags, and the rest; templates that open the tag themselves leave only its end in the answer.

    >>> split_thought("<think>hm</think>Yes."), split_thought("hm</think>\\nYes."), split_thought("Yes.")
    (('hm', 'Yes.'), ('hm', 'Yes.'), ('', 'Yes.'))
    """
    if match := _THOUGHT.match(content):
        return match[1].strip(), content[match.end() :]
    if match := _UNENDED.match(content):
        return match[1].strip(), ""
    return "", content


def _loaded(body: bytes) -> JsonValue:
    try:
        return loads(body)
    except ValueError:
        raise MalformedError(f"the endpoint sent no JSON but {len(body)} other bytes") from None


def _object(value: JsonValue, what: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise MalformedError(f"the endpoint sent {what} that is no object")
    return value


def _text(value: JsonValue) -> str:
    """A string; content given in parts is joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        parts = [one.get("text") for one in value if isinstance(one, Mapping)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _calls(message: JsonObject) -> tuple[RawCall, ...]:
    listed = message.get("tool_calls")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return ()
    found: list[RawCall] = []
    for one in listed:
        entry = _object(one, "a call")
        function = _object(entry.get("function"), "a call's function")
        arguments = function.get("arguments")
        written = arguments if isinstance(arguments, str) else _dumped(arguments)
        found.append(RawCall(id=_text(entry.get("id")), name=_text(function.get("name")), arguments=written))
    return tuple(found)


def _dumped(arguments: JsonValue) -> str:
    """Some endpoints give the arguments as an object."""
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)


def _usage(value: JsonValue) -> Usage:
    counts = value if isinstance(value, Mapping) else cast("JsonObject", {})
    return Usage(prompt_tokens=_count(counts, "prompt_tokens"), completion_tokens=_count(counts, "completion_tokens"))


def _count(counts: JsonObject, name: str) -> int:
    found = counts.get(name)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1e12 else 0
