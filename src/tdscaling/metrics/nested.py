"""The calls that code made while it ran: actions like any other, though they stand in no assistant message."""

from collections.abc import Iterator
from typing import NamedTuple

from tdscaling.metrics.produced import Scalars, read
from tdscaling.metrics.texts import NEVER
from tdscaling.metrics.trace import Action, Trace, small
from tdscaling.types import NestedCall
from tdscaling.values import leaves, normal


class NestedAction(NamedTuple):
    """What the complexity of a nested call depends on; `server` is None where the data set does not say."""

    name: str
    leaves: int
    depth: int
    server: str | None


def nested_actions(trace: Trace, action: Action, depth: int) -> Iterator[NestedAction]:
    """The calls that the code of `action`, whose own depth is given, made in order.

    A value that reached the code reaches its calls by as long a chain; one that an earlier call of the same code
    gave, by a chain that is longer by one than that call's.
    """
    if action.result == NEVER:
        return
    made = trace.messages[action.result].nested
    if not made:
        return
    taken = {norm for norm, _ in trace.flows(action)}
    earlier: list[tuple[Scalars, int]] = []
    for call in made:
        norms = _norms(call)
        reached = [deep + 1 for scalars, deep in earlier if any(scalars.of(norm) for norm in norms)]
        deepest = max([depth if taken.intersection(norms) else 0, *reached])
        tool = trace.tool(call.name)
        count = sum(value is not None and value != "" for _, value, _ in leaves(call.arguments))
        yield NestedAction(call.name, count, deepest, tool.server if tool is not None else None)
        earlier.append((read(call.content, call.is_error)[0], deepest))


def _norms(call: NestedCall) -> set[str]:
    """The arguments that can show where they come from: no truth values, nulls and integers below 100."""
    values = (
        value for _, value, _ in leaves(call.arguments) if value not in (None, "") and not isinstance(value, bool)
    )
    return {norm for norm in map(normal, values) if not small(norm)}
