"""`measure`: a run folder or a foreign data set in, one summary and its bad rows out."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tdscaling.errors import DataError
from tdscaling.export.readers import read_dataset
from tdscaling.export.record import BadRow
from tdscaling.graph.domains import classify
from tdscaling.metrics import NearDuplicates, Summary, Tally, describe
from tdscaling.store import is_run, read_run
from tdscaling.types import MODES, Descriptor, Dialogue, JsonObject, OfferedTool, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The summary of the rows that could be read, and those that could not. Rows count from 1.

    `planned_domains` is false where the data set names no domain and they were derived from the tools called.
    """

    source: str
    summary: Summary
    bad: tuple[BadRow, ...]
    planned_domains: bool

    @property
    def rows(self) -> int:
        return self.summary.n + len(self.bad)


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    dialogue: Dialogue
    domain: str | None
    planned: str | None
    descriptor: Descriptor | None = None


def measure(
    path: Path,
    *,
    domains: int | None = None,
    sandbox_tools: Collection[str] = (),
    duplicates: bool = True,
    on_row: Callable[[], None] | None = None,
) -> Measurement:
    """Measures a run folder, or a file or folder of JSON Lines, JSON, Parquet or Arrow.

    `domains`: how many domains the catalogue has, for the normalised Domain Entropy; None takes those seen.
    `on_row` is called after every row. Raises ConfigError when there is nothing to read, DataError when a file can't
    be read or no row of it holds a dialogue, StoreError for a damaged run.
    """
    tally = Tally()
    seen = NearDuplicates()
    bad: list[BadRow] = []
    known = _Domains()
    for item in _items(path):
        if isinstance(item, BadRow):
            bad.append(item)
        else:
            domain = item.domain or known.of(item.dialogue)
            found = item.descriptor or describe(item.dialogue, domain, item.planned, sandbox_tools=sandbox_tools)
            tally.add(item.dialogue, found, duplicates and seen.add(item.name, item.dialogue) is not None)
        if on_row is not None:
            on_row()
    if not tally.n:
        raise DataError(_nothing(path, bad))
    return Measurement(source=str(path), summary=tally.summary(domains), bad=tuple(bad), planned_domains=not known.used)


def _nothing(path: Path, bad: list[BadRow]) -> str:
    if not bad:
        return f"{path} holds no trajectory; synthesize some or name another data set"
    return f"{path}: none of {len(bad)} rows could be read; the first: row {bad[0].number}: {bad[0].reason}"


def _items(path: Path) -> Iterator[_Item | BadRow]:
    if path.is_dir() and is_run(path):
        with read_run(path) as run:
            for number, trajectory in enumerate(run.iter_trajectories(), 1):
                found = trajectory.descriptor
                yield _Item(f"row {number}", trajectory.dialogue, found.domain, trajectory.target.mode, found)
        return
    for row in read_dataset(path):
        if isinstance(row, BadRow):
            yield row
        elif not row.record.dialogue.messages:
            yield BadRow(number=row.number, reason="it has no messages")
        else:
            metadata = row.record.metadata
            planned = _text(metadata, "mode")
            yield _Item(
                f"row {row.number}",
                row.record.dialogue,
                _text(metadata, "domain"),
                planned if planned in MODES else None,
            )


def _text(metadata: JsonObject, key: str) -> str | None:
    value = metadata.get(key)
    return value if isinstance(value, str) and value else None


class _Domains:
    """The domain of a dialogue that names none: that of the tools it calls, else of those it is offered."""

    def __init__(self) -> None:
        self._known: dict[frozenset[str], str] = {}
        self.used = False

    def of(self, dialogue: Dialogue) -> str:
        self.used = True
        names = frozenset(call.name for _, call in dialogue.calls()) or frozenset(tool.name for tool in dialogue.tools)
        if names not in self._known:
            self._known[names] = self._classified(dialogue, names)
        return self._known[names]

    def _classified(self, dialogue: Dialogue, names: frozenset[str]) -> str:
        offered = {tool.name: tool for tool in dialogue.tools}
        found = [offered.get(name) or OfferedTool(name=name) for name in sorted(names)]
        tools = [
            Tool(server=one.server or "", name=one.name, description=one.description, input_schema=one.parameters)
            for one in found
        ]
        return classify(tools) if tools else "none"
