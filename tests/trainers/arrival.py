"""What a trainer's loader made of a data set: token ids and labels, read back as dialogues and set beside the records.

All five are asked for the same kind of text (ChatML, calls and results as tags), so that one reader tells whether every
message, call, argument and tool arrived, and which messages the loss falls on.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tokenizers import Tokenizer

from tdscaling.export import EXPORTERS, Record, read_row
from tdscaling.export.openai import trained
from tdscaling.types import Dialogue

IGNORED = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A message as the model sees it, and the part of it that the loss falls on (from the first to the last token)."""

    role: str
    content: str
    learnt: str


class Reader:
    def __init__(self, folder: Path) -> None:
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._start, self._end = (self._tokenizer.token_to_id(text) for text in ("<|im_start|>", "<|im_end|>"))

    def text(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(list(ids), skip_special_tokens=False)

    def turns(self, ids: Sequence[int], labels: Sequence[int]) -> list[Turn]:
        """Raises AssertionError where the text is not whole messages one after the other."""
        assert len(ids) == len(labels)
        assert all(label in (IGNORED, token) for token, label in zip(ids, labels, strict=True)), "labels are no tokens"
        places = [place for place, token in enumerate(ids) if token == self._start]
        assert places[:1] == [0], "it does not begin with a message"
        return [
            self._turn(ids[start:end], labels[start:end])
            for start, end in zip(places, [*places[1:], len(ids)], strict=True)
        ]

    def _turn(self, ids: Sequence[int], labels: Sequence[int]) -> Turn:
        whole = self.text(ids)
        role, _, rest = whole.removeprefix("<|im_start|>").partition("\n")
        assert rest.rstrip("\n").endswith("<|im_end|>"), f"a message without an end: {rest[-40:]!r}"
        return Turn(
            role=role,
            content=rest.rstrip("\n").removesuffix("<|im_end|>"),
            learnt=self.text([token for token, label in zip(ids, labels, strict=True) if label != IGNORED]),
        )


def arrived(turns: Sequence[Turn], tools: Dialogue) -> Dialogue:
    """The dialogue that the model sees; the section of tools of a trainer's own wording is taken from the prompt."""
    messages = [{"role": turn.role, "content": turn.content} for turn in turns]
    found = read_row({"messages": messages}).dialogue
    asked = tools.messages[0].content if tools.messages[0].role == "system" else ""
    first = found.messages[0]
    if first.role == "system" and asked and first.content.startswith(asked):
        section = first.content.removeprefix(asked)
        assert not section or (section.startswith("\n\n# Tools\n") and "<tools>" in section), section[:80]
        found = replace(found, messages=(replace(first, content=asked), *found.messages[1:]))
    return found


def differences(
    reader: Reader, record: Record, ids: Sequence[int], labels: Sequence[int], *, marks: bool, last: bool
) -> Iterator[str]:
    """In what the row differs from the record: nothing, if all of it arrived. `marks`: whether the loader honours the
    marks of messages; else every message of the assistant is learnt. `last`: whether only the last one is to be."""
    expected = EXPORTERS["hermes"].normal(record.dialogue)
    try:
        turns = reader.turns(ids, labels)
        found = arrived(turns, expected)
    except AssertionError as exc:
        yield str(exc)
        return
    for number, (one, two) in enumerate(zip(expected.messages, found.messages, strict=False)):
        if replace(one, mark=None, is_error=False, nested=()) != two:
            yield f"message {number}: {one} arrived as {two}"
    if len(expected.messages) != len(found.messages):
        yield f"{len(expected.messages)} messages, {len(found.messages)} arrived"
    bare = [(tool.name, tool.description, tool.parameters) for tool in expected.tools]
    if bare != [(tool.name, tool.description, tool.parameters) for tool in found.tools]:
        yield f"{len(bare)} tools arrived as {len(found.tools)}, or changed"
    wanted = [trained(message) or not marks for message in expected.messages if message.role == "assistant"]
    yield from _losses(turns, [False] * (len(wanted) - 1) + [True] if last else wanted)


def _losses(turns: Sequence[Turn], wanted: list[bool]) -> Iterator[str]:
    for turn in turns:
        learns = turn.role == "assistant" and bool(wanted) and wanted.pop(0)
        learnt = turn.learnt.strip("\n")
        if learnt != (f"{turn.content}<|im_end|>".strip("\n") if learns else ""):
            yield f"of {turn.role} {turn.content[:60]!r} is learnt {learnt[:60]!r}"


def rows(path: Path) -> Iterable[dict[str, list[int]]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
