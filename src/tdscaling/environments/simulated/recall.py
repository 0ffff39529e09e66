"""Calls of simulated services that were made before in the same state: their results stand, and are not worked out
again. A plan is tried out, run twice and run with mistakes in it, and then played: most of its calls are the same."""

from collections import OrderedDict
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

Call: TypeAlias = tuple[object, str, bytes]
"""The state that a call is made in, its tool and its arguments."""


@dataclass
class Recall:
    """What reading calls gave, and which state writing calls led to, by the state that they were made in.

    A write is always made, on the store of its own session; made before in the same state it leads to the same state,
    so that what was read after it then holds now. Whether a result is recalled or worked out anew can't be told.
    """

    _results: OrderedDict[Call, ToolResult] = field(default_factory=OrderedDict[Call, ToolResult])
    _states: OrderedDict[Call, object] = field(default_factory=OrderedDict[Call, object])
    _held: int = 0

    def call(self, service: Service, store: Store, name: str, arguments: JsonObject, seed: int) -> ToolResult:
        """The result of a call. `seed` is the same for all calls of one template's stores."""
        operation, spelt = service.model.operations.get(name), _spelt(arguments)
        if operation is None or spelt is None:
            return service.call(store, name, arguments, seed)
        call = (store.state, name, spelt)
        if operation.reads:
            return self._known(call) or self._kept(call, service.call(store, name, arguments, seed))
        found = service.call(store, name, arguments, seed)
        if store.state is not call[0]:
            store.state = self._states.setdefault(call, store.state)
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
