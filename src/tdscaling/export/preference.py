"""Preference pairs as TRL's DPOTrainer reads them: what two rollouts of one plan share, and how each went on."""

from dataclasses import replace
from itertools import takewhile

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.export.chat import chat_dialogue
from tdscaling.export.openai import messages_of
from tdscaling.export.record import JsonRow, Miss, Record, beside, columns, restored, with_beside
from tdscaling.types import JsonObject


def pair_record(record: Record) -> JsonRow:
    """`prompt` up to where the two part, `chosen` and `rejected` from there on; `tools` as one JSON string, which TRL
    loads. `failed` is the check that the rejected rollout failed. Raises DataError where there is no such pair: the two
    must part at a message of the assistant, or a user's or a server's words would be what is preferred.
    """
    if record.miss is None:
        raise DataError("no near miss of the same plan stands beside it (playing.near_misses keeps them)")
    good, bad = record.dialogue, replace(record.dialogue, messages=record.miss.messages)
    both = zip(good.messages, bad.messages, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
    apart = (good.messages[shared : shared + 1], bad.messages[shared : shared + 1])
    if any([message.role for message in side] != ["assistant"] for side in apart):
        raise DataError("the two rollouts do not part at a message of the assistant")
    chosen, rejected = messages_of(good), messages_of(bad)
    return {
        "prompt": chosen[:shared],
        "chosen": chosen[shared:],
        "rejected": rejected[shared:],
        "tools": shapes.dumps([shapes.function(tool) for tool in good.tools]),
        "failed": record.miss.check,
        **columns(record, good),
        **beside(bad.messages, "rejected_"),
    }


def is_pair(row: JsonObject) -> bool:
    return all(isinstance(row.get(name), list) for name in ("prompt", "chosen", "rejected"))


def read_pair(row: JsonObject) -> Record:
    """The inverse of `pair_record`; pairs of messages that other programs wrote are read, too. Raises DataError."""
    tools = shapes.offered(row.get("tools"))
    prompt = shapes.items(row["prompt"], "prompt")
    good, bad = (chat_dialogue({}, [*prompt, *shapes.items(row[name], name)], tools) for name in ("chosen", "rejected"))
    failed = row.get("failed")
    messages = tuple(with_beside(row, bad.messages, "rejected_"))
    return replace(restored(row, good), miss=Miss(messages=messages, check=failed if isinstance(failed, str) else ""))
