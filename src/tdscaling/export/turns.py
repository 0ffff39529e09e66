"""A dialogue cut into rows that end with a message that is trained."""

from collections.abc import Iterator
from dataclasses import replace

from tdscaling.export.openai import trained
from tdscaling.export.record import Record


def turns_of(record: Record) -> Iterator[Record]:
    """The record once for each assistant message that is trained, up to this one, whose index its id gets.

    For trainers that have no loss by message but can train the last turn only, and for templates that drop earlier
    thoughts.
    """
    messages = record.dialogue.messages
    for index, message in enumerate(messages):
        if message.role == "assistant" and trained(message):
            dialogue = replace(record.dialogue, messages=messages[: index + 1])
            yield replace(record, id=f"{record.id}#{index}", dialogue=dialogue)
