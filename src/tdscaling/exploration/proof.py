"""What execution proves: strict parameters, writers whose entity a reader finds, edges between servers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tdscaling.exploration.pool import Pool, nameable
from tdscaling.exploration.probe import Probe
from tdscaling.types import (
    EXECUTED,
    Edge,
    FieldRef,
    JsonObject,
    JsonScalar,
    Observation,
    ReadBack,
    ToolKey,
    ToolProfile,
    ToolResult,
)
from tdscaling.values import empty, failed, leaves, parse
from tdscaling.values.generate import Generator


async def is_strict(probe: Probe, observation: Observation, name: str, generator: Generator) -> bool:
    """Whether the same call with a random value of the same type at `name` fails or finds nothing."""
    value = observation.arguments[name]
    other = generator.unlike(value)
    if other == value:
        return False
    control = await probe.call(observation.tool, {**observation.arguments, name: other})
    return found_nothing(control.result)


class _Written(NamedTuple):
    """A value a writer took (`param`) or gave back (`path`)."""

    value: JsonScalar
    param: str | None
    path: str | None


async def read_backs(
    profiles: Mapping[ToolKey, ToolProfile], probe: Probe, readers: int
) -> tuple[list[ReadBack], list[Edge]]:
    """Readers that fail on a value before a write and find it after: both halves are executed.

    Values the writer was given make read-backs, values it returned make `value` edges; either way an
    `order` edge says that the reader needs the writer.
    """
    found: list[ReadBack] = []
    edges: list[Edge] = []
    reading = [p for p in profiles.values() if p.effect == "read" and any(q.strict for q in p.params)][:readers]
    for writer in profiles.values():
        first = writer.successes[0] if writer.successes else None
        if writer.effect != "write" or first is None or not first.changed:
            continue
        for question in await _found_after(probe, first, await _unknown_before(probe, first, reading)):
            reader, param, written = question.reader, question.param, question.written
            edges.extend(_edges(writer.tool, reader, param, written))
            if written.param is not None:
                found.append(ReadBack(writer.tool, written.param, reader, param))
    return found, edges


def _edges(writer: ToolKey, reader: ToolKey, param: str, written: _Written) -> Iterator[Edge]:
    if written.path is not None:
        source, target = FieldRef(*writer, written.path), FieldRef(*reader, param)
        yield Edge(producer=source, consumer=target, kind="value", score=1.0, evidence=(EXECUTED, "read_back"))
    else:
        source, target = FieldRef(*writer, ""), FieldRef(*reader, "")
        yield Edge(producer=source, consumer=target, kind="order", score=1.0, evidence=(EXECUTED, "read_back"))


def _written(first: Observation) -> Iterator[_Written]:
    seen: set[JsonScalar] = set()
    for name, value in first.arguments.items():
        if isinstance(value, str | int) and nameable(value) and value not in seen:
            seen.add(value)
            yield _Written(value, name, None)
    for leaf in leaves(parse(first.result.content), limit=20):
        if leaf.path and nameable(leaf.value) and leaf.value not in seen:
            seen.add(leaf.value)
            yield _Written(leaf.value, None, leaf.path)


class _Question(NamedTuple):
    """A reader asked for something written: the call, and what it gave before the write."""

    reader: ToolKey
    param: str
    written: _Written
    arguments: JsonObject
    before: str


async def _unknown_before(probe: Probe, write: Observation, reading: Sequence[ToolProfile]) -> list[_Question]:
    """The calls of readers with what `write` wrote that find nothing on the initial state."""
    found: list[_Question] = []
    for reader in reading:
        shared = {name: write.arguments.get(name, value) for name, value in reader.successes[0].arguments.items()}
        for param in (p.name for p in reader.params if p.strict and p.name in shared):
            for written in _written(write):
                if type(shared[param]) is not type(written.value):
                    continue
                arguments = {**shared, param: written.value}
                before = (await probe.call(reader.tool, arguments)).result
                if found_nothing(before):
                    found.append(_Question(reader.tool, param, written, arguments, before.content))
    return found


async def _found_after(probe: Probe, write: Observation, asked: Sequence[_Question]) -> list[_Question]:
    """Those that find something after the write, all asked on the state that one write left."""
    found: list[_Question] = []
    if not asked:
        return found
    try:
        await probe.continue_with(write.tool, write.arguments)
        for question in asked:
            after = (await probe.continue_with(question.reader, question.arguments)).result
            if not found_nothing(after) and after.content != question.before:
                found.append(question)
            if after.fault:
                break
    finally:
        await probe.close()
    return found


def cross_edges(profiles: Mapping[ToolKey, ToolProfile], pools: Mapping[str, Pool]) -> list[Edge]:
    """Value edges between servers: one server's result held a value that another's strict parameter took,
    where a random value was refused. Both calls were executed."""
    found: list[Edge] = []
    for profile in profiles.values():
        for param in profile.params:
            if not param.strict or param.kind not in ("produced", "ambient"):
                continue
            for value in param.values:
                if not isinstance(value, str):
                    continue
                for server, pool in sorted(pools.items()):
                    if server == profile.tool.server:
                        continue
                    found.extend(
                        Edge(
                            producer=source,
                            consumer=FieldRef(*profile.tool, param.name),
                            kind="value",
                            score=1.0,
                            evidence=(EXECUTED, "shared_value"),
                        )
                        for source in pool.holds(value)
                    )
    return sorted(set(found), key=lambda edge: (edge.consumer, edge.producer))


def found_nothing(result: ToolResult) -> bool:
    return failed(result) or empty(result)
