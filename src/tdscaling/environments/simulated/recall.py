"""Calls of simulated services that were made before in the same state: their results stand, and are not worked out
again. A plan is tried out, run twice and run with mistakes in it, and then played: most of its calls are the same."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic_core import PydanticSerializationError, to_json

from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Store
from tdscaling.types import JsonObject, ToolResult

MOST_CHARACTERS = 16 * 1024 * 1024
"""Of all results that are kept; beyond it those go that were asked for longest ago."""
MOST_STATES = 65536
"""Writes of which is known what state they lead to."""

Call: TypeAlias = tuple[object, ...]
"""Where a call is made: its tool, its arguments and the states of the tables it depends on."""


@dataclass
class Recall:
    """What reading calls gave, and which states writing calls led to, by the state of the tables that they looked at.

    A call depends on nothing else of its service, so what is written to another table leaves its result standing.
    A write is always made, on the store of its own session; made before in the same state it leads to the same state,
    so that what was read after it then holds now. Whether a result is recalled or worked out anew can't be told.
    """

    _results: OrderedDict[Call, ToolResult] = field(default_factory=OrderedDict[Call, ToolResult])
    _states: OrderedDict[Call, Mapping[str, object]] = field(default_factory=OrderedDict[Call, Mapping[str, object]])
    _tables: dict[tuple[object, str], tuple[str, ...]] = field(
        default_factory=dict[tuple[object, str], tuple[str, ...]]
    )
    """All tables that calls of a tool have looked at in a world. One that looks at a further one is kept under more
    than those before it, which are then not found any more."""
    _held: int = 0

    def call(self, service: Service, store: Store, name: str, arguments: JsonObject, seed: int) -> ToolResult:
        """The result of a call. `seed` is the same for all calls of one template's stores."""
        operation, spelt = service.model.operations.get(name), _spelt(arguments)
        if operation is None or spelt is None:
            return service.call(store, name, arguments, seed)
        tool = (store.base.state, name)
        tables = self._tables.get(tool, ())
        if operation.reads and (found := self._known((*tool, spelt, *map(store.states.get, tables)))) is not None:
            return found
        before = dict(store.states)
        store.seen.clear()
        found = service.call(store, name, arguments, seed)
        if not store.seen.issubset(tables):
            tables = self._tables[tool] = tuple(sorted({*tables, *store.seen}))
        call = (*tool, spelt, *map(before.get, tables))
        return self._kept(call, found) if operation.reads else self._written(call, found, store, before)

    def _written(self, call: Call, found: ToolResult, store: Store, before: Mapping[str, object]) -> ToolResult:
        changed = {name: state for name, state in store.states.items() if state is not before.get(name)}
        if changed:
            store.states.update(self._states.setdefault(call, changed))
            if len(self._states) > MOST_STATES:
                self._states.popitem(last=False)
        return found

    def _known(self, call: Call) -> ToolResult | None:
        found = self._results.get(call)
        if found is not None:
            self._results.move_to_end(call)
        return found

    def _kept(self, call: Call, found: ToolResult) -> ToolResult:
        self._results[call] = found
        self._held += len(found.content)
        while self._held > MOST_CHARACTERS:
            _, gone = self._results.popitem(last=False)
            self._held -= len(gone.content)
        return found


def _spelt(arguments: JsonObject) -> bytes | None:
    """Arguments as a key; None for those that can't be one, as lone surrogates."""
    try:
        return to_json(arguments, inf_nan_mode="constants")
    except (PydanticSerializationError, ValueError, RecursionError):
        return None
