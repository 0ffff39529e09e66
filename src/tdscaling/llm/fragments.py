"""Pieces of requests as bytes: a conversation is sent again with every step of it, and most of it is as it was."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from tdscaling.types import JsonValue
from tdscaling.values import dumps

T = TypeVar("T")
MOST_BYTES = 32 * 1024 * 1024
"""Of all pieces that are kept; beyond it those go that were written first."""


class Fragments:
    """What was written of an object, for as long as it is asked for again: objects that never change."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._held = 0
        self._kept = OrderedDict[int, tuple[object, bytes]]()

    def of(self, one: T, told: Callable[[T], JsonValue]) -> bytes:
        """The JSON of what is `told` of an object, as it was written for this very one before."""
        found = self._kept.get(id(one))
        if found is not None:
            return found[1]
        written = dumps(told(one))
        self._kept[id(one)] = one, written  # it is held, so that no other object comes to have its id
        self._held += len(written)
        while self._held > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._held -= len(gone)
        return written
