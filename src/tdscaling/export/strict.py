"""Dialogues as formats with strict turns can hold them. What is changed is said here and nowhere else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tdscaling.errors import DataError
from tdscaling.export import tags
from tdscaling.types import Dialogue, Message

BETWEEN = "\n\n"
"""Joins the texts of neighbours that a format can't keep apart."""


def strict_text(dialogue: Dialogue) -> Dialogue:
    """`strict`, for formats that write calls or thoughts into texts.

    Raises DataError also for an assistant message that holds `<think>` or `<tool_call>` tags of its own, and for
    any message that would be read as something else.
    """
    found = strict(dialogue)
    known = frozenset(tool.name for tool in dialogue.tools)
    for message in found.messages:
        tags.refuse_misread(message, known)
        if message.role == "assistant":
            tags.refuse_tags(message.content, "an assistant message")
            tags.refuse_tags(message.reasoning or "", "a thought")
    return found


def strict(dialogue: Dialogue) -> Dialogue:
    """The dialogue with alternating turns and every call answered; its calls, arguments and tools are untouched.

    An empty system message is dropped. Neighbouring user messages are joined by a blank line, and so are
    neighbouring assistant messages of which only the last makes calls. Results are put in the order of their calls.
    Call ids are numbered through (`call_0`, …), a result takes the name of its call.

    Raises DataError for a system message further on, a result without a call, or a call without its result
    (unless the dialogue ends with it).
    """
    messages = dialogue.messages
    if messages and messages[0].role == "system" and not messages[0].content:
        messages = messages[1:]
    whole = _renumbered(list(_joined(messages)))
    return replace(dialogue, messages=tuple(whole))


def joins(dialogue: Dialogue) -> bool:
    """Whether `strict` joins messages of the dialogue.

    >>> joins(Dialogue(messages=(Message(role="user", content="a"), Message(role="user", content="b"))))
    True
    """
    return any(_can_join(one, two) for one, two in pairwise(dialogue.messages))


def _joined(messages: Sequence[Message]) -> Iterator[Message]:
    held: Message | None = None
    for index, message in enumerate(messages):
        if message.role == "system" and index > 0:
            raise DataError(f"message {index} is a system message in the midst of the dialogue")
        if held is not None and _can_join(held, message):
            held = _join(held, message)
            continue
        if held is not None:
            yield held
        held = message
    if held is not None:
        yield held


def _can_join(one: Message, two: Message) -> bool:
    return one.role == two.role and one.role in ("user", "assistant") and not one.tool_calls


def _join(one: Message, two: Message) -> Message:
    thoughts = [message.reasoning for message in (one, two) if message.reasoning is not None]
    return replace(
        two,
        content=BETWEEN.join(message.content for message in (one, two) if message.content),
        reasoning=BETWEEN.join(thoughts) if thoughts else None,
        mark=two.mark or one.mark,
    )


def _renumbered(messages: list[Message]) -> list[Message]:
    found: list[Message] = []
    number = index = 0
    while index < len(messages):
        message = messages[index]
        if message.role == "tool":
            raise DataError(f"message {index} is a result without a call")
        index += 1
        if not message.tool_calls:
            found.append(message)
            continue
        end = index
        while end < len(messages) and messages[end].role == "tool":
            end += 1
        results = messages[index:end]
        if len(results) != len(message.tool_calls) and end < len(messages):
            raise DataError(f"message {index - 1} has {len(message.tool_calls)} calls but {len(results)} results")
        if len(results) not in (0, len(message.tool_calls)):
            raise DataError(f"message {index - 1} has {len(message.tool_calls)} calls but {len(results)} results")
        found += _numbered(message, results, number)
        number += len(message.tool_calls)
        index = end
    return found


def _numbered(message: Message, results: list[Message], number: int) -> list[Message]:
    calls = message.tool_calls
    place = {call.id: position for position, call in enumerate(calls)}
    if len(place) == len(calls) and {result.tool_call_id for result in results} == set(place):
        results = sorted(results, key=lambda result: place[result.tool_call_id or ""])
    fresh = tuple(replace(call, id=f"call_{number + position}") for position, call in enumerate(calls))
    answers = [
        replace(result, tool_call_id=call.id, name=call.name) for result, call in zip(results, fresh, strict=False)
    ]
    return [replace(message, tool_calls=fresh), *answers]
