"""The trajectories that arms and held-out sets are drawn from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tdscaling.code_tasks.task import SERVER
from tdscaling.config.experiment import Family
from tdscaling.errors import DataError
from tdscaling.export import BadRow
from tdscaling.scaling.chat import written
from tdscaling.selection.pool import candidates
from tdscaling.selection.tokens import Counter
from tdscaling.types import BANDS, Descriptor, Dialogue, ToolKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A trajectory: `tokens` as a trainer sees it, `tools` offered beside the sandbox's, `services` they are of.
    `row` counts from 1 over the whole pool."""

    row: int
    id: str
    dialogue: Dialogue
    where: Descriptor
    tokens: int
    tools: frozenset[ToolKey]

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(sorted({key.server for key in self.tools}))

    @property
    def code(self) -> bool:
        """Whether it is a code task: all it calls is the sandbox."""
        return set(self.where.servers) == {SERVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The samples in their order; `long` were left out for their length, `bad` could not be read."""

    samples: tuple[Sample, ...]
    long: int
    bad: int


def read_pool(paths: Sequence[Path], count: Counter, longest: int) -> Pool:
    """The pool of run folders and data sets. Raises ConfigError, DataError, StoreError when none can be had."""
    samples: list[Sample] = []
    seen: set[str] = set()
    long = bad = 0
    for path in paths:
        for found in candidates(path, described=True):
            if isinstance(found, BadRow) or found.where is None:
                bad += 1
                continue
            record = found.record
            tokens = count(written(record.dialogue).text)
            if tokens > longest:
                long += 1
                continue
            name = record.id or f"{path.name} row {found.row}"
            if name in seen:
                raise DataError(f"{path}: {name} is in the pool twice: name each run or data set once")
            seen.add(name)
            sample = Sample(
                row=len(samples) + 1,
                id=name,
                dialogue=record.dialogue,
                where=found.where,
                tokens=tokens,
                tools=frozenset(_tools(record.dialogue, found.where)),
            )
            samples.append(sample)
    if not samples:
        raise DataError(
            f"{paths[0]}: none of {long + bad} trajectories can be trained on, {long} are longer than {longest} "
            f"tokens: raise model.max_length or name another pool"
        )
    return Pool(samples=tuple(samples), long=long, bad=bad)


def texts(paths: Sequence[Path]) -> Iterator[str]:
    """Every dialogue of the pools as it is trained on."""
    for path in paths:
        for found in candidates(path, described=False):
            if not isinstance(found, BadRow):
                yield written(found.record.dialogue).text


def _tools(dialogue: Dialogue, where: Descriptor) -> Iterator[ToolKey]:
    """The tools by server; where a data set names none, its calls' servers together are one service."""
    named = [server for server in where.servers if server != SERVER]
    unknown = "+".join(named) or "unknown"
    for tool in dialogue.tools:
        key = tool.key or ToolKey(tool.server or unknown, tool.tool or tool.name)
        if key.server != SERVER:
            yield key


Read: TypeAlias = Callable[[Sample], str]

FAMILIES: Mapping[Family, Read] = {
    "cell": lambda one: f"{one.where.domain} {one.where.primary_mode} {BANDS[one.where.band]}",
    "service": lambda one: "+".join(one.services),
    "mode": lambda one: one.where.primary_mode,
}
"""What a diversity arm doubles: the value of a sample by family."""
