"""What each assistant message was good for: the mark that decides its loss in exports."""

import json
from collections.abc import Collection
from dataclasses import replace

from tdscaling.types import Dialogue, JsonObject, Mark, Message


def marked(dialogue: Dialogue, *, writers: Collection[str], may_fail: Collection[tuple[str, str]] = ()) -> Dialogue:
    """The dialogue with a mark on every assistant message.

    `wrong`: all its calls failed, and none of them was meant to (`may_fail` holds name and `canonical` arguments of
    those that were). `redundant`: each of its calls was made before to a good result, and nothing has been written
    since. `useful`: anything else. `writers` are the names of tools that change state.

    >>> from tdscaling.types import ToolCall
    >>> made = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get", arguments={}),))
    >>> again = Message(role="assistant", tool_calls=(ToolCall(id="2", name="get", arguments={}),))
    >>> talk = (made, Message(role="tool", tool_call_id="1"), again, Message(role="tool", tool_call_id="2"))
    >>> [one.mark for one in marked(Dialogue(messages=talk), writers=()).messages]
    ['useful', None, 'redundant', None]
    """
    errors = {m.tool_call_id: m.is_error for m in dialogue.messages if m.role == "tool"}
    known: set[tuple[str, str]] = set()
    messages: list[Message] = []
    for message in dialogue.messages:
        if message.role != "assistant":
            messages.append(message)
            continue
        calls = [(call.name, canonical(call.arguments)) for call in message.tool_calls]
        failed = [errors.get(call.id, True) for call in message.tool_calls]
        messages.append(replace(message, mark=_mark(calls, failed, known, may_fail)))
        good = [call for call, wrong in zip(calls, failed, strict=True) if not wrong]
        if any(name in writers for name, _ in good):
            known.clear()
        known.update(call for call in good if call[0] not in writers)
    return replace(dialogue, messages=tuple(messages))


def _mark(
    calls: list[tuple[str, str]],
    failed: list[bool],
    known: Collection[tuple[str, str]],
    may_fail: Collection[tuple[str, str]],
) -> Mark:
    if calls and all(failed) and not any(call in may_fail for call in calls):
        return "wrong"
    return "redundant" if calls and all(call in known for call in calls) else "useful"


def canonical(arguments: JsonObject) -> str:
    """Arguments as a text that is the same for the same values."""
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)
