"""Trajectories that are shown whole: which ones, and what of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tdscaling.export import Row, read_dataset
from tdscaling.measurement.part import descriptor_of
from tdscaling.store import is_run, read_run
from tdscaling.types import BANDS, Cell, Check, Descriptor, Dialogue, JsonValue, Message
from tdscaling.values.texts import cut

EXAMPLES = 12
MESSAGES = 60
"""Messages of an example that are shown at most."""
LETTERS = 3_000
"""Letters of one text that are shown at most."""


class Call(NamedTuple):
    """A call as it is shown: its arguments as JSON."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message. `nested` are the calls that the code of a call made; `failed` a result that is an error."""

    role: str
    text: str
    reasoning: str
    calls: tuple[Call, ...]
    nested: tuple[Call, ...]
    name: str
    failed: bool
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A trajectory with what was found in it; `left_out` messages are not shown. Rows count from 1."""

    row: int
    id: str
    where: Descriptor
    tools: tuple[str, ...]
    messages: tuple[Shown, ...]
    left_out: int
    checks: tuple[Check, ...]

    @property
    def band(self) -> str:
        return BANDS[self.where.band]


def choose(cells: Sequence[tuple[int, Cell]]) -> tuple[int, ...]:
    """At most EXAMPLES rows, in their order, whose cells differ most: again and again the first row of the cell that
    has the most of mode, domain and band that no chosen one has; when nothing is new any more, that begins anew.

    >>> same = [(row, Cell("a", "direct", 0)) for row in (1, 2, 3)]
    >>> choose([*same, (4, Cell("b", "parallel", 1))])
    (1, 2, 3, 4)
    """
    left = dict(sorted((cell, row) for row, cell in reversed(cells)))
    seen: set[tuple[int, str | int]] = set()
    chosen: list[int] = []
    while left and len(chosen) < EXAMPLES:
        best = max(left, key=lambda cell: (len(set(enumerate(cell)) - seen), -left[cell]))
        if seen and not set(enumerate(best)) - seen:
            seen = set()
            continue
        seen |= set(enumerate(best))
        chosen.append(left.pop(best))
    more = (row for row, _ in cells if row not in set(chosen))
    return tuple(sorted([*chosen, *(row for row, _ in zip(more, range(EXAMPLES - len(chosen)), strict=False))]))


def examples(path: Path, rows: Sequence[int]) -> tuple[Example, ...]:
    """The chosen rows as they are shown. Raises what reading the data set raises."""
    wanted = dict.fromkeys(rows)
    found = _of_run(path, wanted) if path.is_dir() and is_run(path) else _of_rows(path, wanted)
    return tuple(found)


def _of_run(path: Path, wanted: dict[int, None]) -> Iterator[Example]:
    with read_run(path) as run:
        for row, one in enumerate(run.iter_trajectories(), 1):
            if row in wanted:
                yield _example(row, one.id, one.dialogue, one.descriptor, one.verdict.checks)


def _of_rows(path: Path, wanted: dict[int, None]) -> Iterator[Example]:
    for found in read_dataset(path):
        if found.number in wanted and isinstance(found, Row):
            record = found.record
            yield _example(found.number, record.id, record.dialogue, descriptor_of(record), ())
        if found.number >= max(wanted, default=0):
            return


def _example(row: int, name: str, dialogue: Dialogue, where: Descriptor, checks: tuple[Check, ...]) -> Example:
    return Example(
        row=row,
        id=name,
        where=where,
        tools=tuple(tool.name for tool in dialogue.tools),
        messages=tuple(_shown(message) for message in dialogue.messages[:MESSAGES]),
        left_out=max(0, len(dialogue.messages) - MESSAGES),
        checks=checks,
    )


def _shown(message: Message) -> Shown:
    return Shown(
        role=message.role,
        text=cut(message.content, LETTERS),
        reasoning=cut(message.reasoning or "", LETTERS),
        calls=tuple(Call(call.name, _json(call.arguments)) for call in message.tool_calls),
        nested=tuple(Call(call.name, _json(call.arguments)) for call in message.nested),
        name=message.name or "",
        failed=message.is_error,
        mark=message.mark or "",
    )


def _json(value: JsonValue) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str), LETTERS)
