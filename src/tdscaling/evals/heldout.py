"""The held-out sets of an experiment asked of any endpoint: what it would do next at each point of every dialogue."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.agents.model.tool_protocol import read
from tdscaling.errors import ConfigError, DataError
from tdscaling.evals.asking import replies
from tdscaling.evals.outcome import Item, Outcome
from tdscaling.evals.settings import Settings
from tdscaling.export import Record, Row, read_dataset
from tdscaling.export.openai import trained
from tdscaling.llm import Completion, Request
from tdscaling.llm.failures import RefusedError, TruncatedError
from tdscaling.types import JsonValue

NAME = "heldout"
SETS = ("unseen", "seen", "code")
Call = tuple[str, JsonValue]
"""A tool and its arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What an assistant message of a held-out dialogue does: its calls; without any it answers. `request` is all before
    it."""

    id: str
    group: str
    calls: tuple[Call, ...]
    request: Request


async def run(settings: Settings) -> Outcome:
    """Raises ConfigError, DataError, ProviderError."""
    if settings.given is None:
        raise ConfigError("heldout needs --given DIR, the folder of an experiment: its held-out sets are asked")
    wanted = settings.first([one for group in SETS for one in actions(records(settings.given, group), group)])
    by = {one.id: one for one in wanted}
    found = await replies(
        {one.id: one.request for one in wanted},
        settings.asked(len(wanted)),
        lambda name, completion: done(completion, by[name].request),
    )
    scored = {name: items for group in SETS for name, items in _scored(wanted, found, group).items() if items}
    return settings.outcome(
        NAME,
        scored,
        by={"heldout": fingerprint(settings.given)},
        about={"asked": "what comes next, at each point of every dialogue, all before it as it was, temperature 0"},
    )


def path_of(folder: Path, group: str) -> Path:
    """The data set of a held-out set in the folder of an experiment."""
    return folder / "heldout" / f"{group}.jsonl"


def records(folder: Path, group: str) -> list[Record]:
    """The dialogues of a held-out set, none where the experiment has none. Raises ConfigError, DataError."""
    path = path_of(folder, group)
    if not path.parent.is_dir():
        raise ConfigError(f"{folder} has no folder heldout: name the folder of an experiment that was begun")
    if not path.is_file() or not path.stat().st_size:
        return []
    found: list[Record] = []
    for row in read_dataset(path):
        if not isinstance(row, Row):
            raise DataError(f"{path} row {row.number} is damaged ({row.reason}): run the experiment again")
        found.append(row.record)
    return found


def fingerprint(folder: Path) -> str:
    """Of all sets together."""
    paths = [path for group in SETS if (path := path_of(folder, group)).is_file()]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def actions(held: Sequence[Record], group: str) -> list[Action]:
    """Every assistant message but those marked redundant or wrong."""
    return [
        Action(
            id=f"{group}/{one.id}/{place}",
            group=group,
            calls=tuple((call.name, dict(call.arguments)) for call in message.tool_calls),
            request=Request(messages=one.dialogue.messages[:place], tools=one.dialogue.tools),
        )
        for one in held
        for place, message in enumerate(one.dialogue.messages)
        if message.role == "assistant" and trained(message)
    ]


def done(completion: Completion, request: Request) -> tuple[Call, ...]:
    """The calls of an answer, however they are written. Raises AnswerError for one that is cut off, or no answer."""
    found = read(completion, "native", request.tools)
    if found.finish == "length":
        raise TruncatedError("cut off")
    if not found.calls and (found.refusal or not found.content.strip()):
        raise RefusedError("the model said nothing")
    return tuple((call.name, _arguments(call.arguments)) for call in found.calls)


def _arguments(written: str) -> JsonValue:
    try:
        return json.loads(written or "{}")
    except ValueError:
        return None


def _scored(
    wanted: Sequence[Action], found: Mapping[str, tuple[Call, ...] | None], group: str
) -> dict[str, list[Item]]:
    """Call by call: of the right tool, right in every argument; and answers where no call is made."""
    tools, calls, answers = list[Item](), list[Item](), list[Item]()
    for one in wanted:
        if one.group != group:
            continue
        made = found[one.id]
        if not one.calls:
            answers.append(Item(id=one.id, passed=made == ()))
        for place, (name, arguments) in enumerate(one.calls):
            mine = made[place] if made and place < len(made) else ("", None)
            tools.append(Item(id=f"{one.id}.{place} tool", passed=mine[0] == name))
            calls.append(Item(id=f"{one.id}.{place} call", passed=mine == (name, arguments)))
    return {f"{group} tool": tools, f"{group} call": calls, f"{group} answer": answers}
