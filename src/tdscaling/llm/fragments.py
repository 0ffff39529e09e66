"""Pieces of requests as bytes: a conversation is sent again with every step of it, and most of it is as it was."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from operator import is_
from typing import TypeVar

from tdscaling.types import JsonValue
from tdscaling.values import dumps

T = TypeVar("T")
MOST_BYTES = 32 * 1024 * 1024
"""Of all pieces that are kept; beyond it those go that were asked for longest ago."""


class Fragments:
    """What was written of objects that never change, one after the other, for as long as it is asked for again."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._held = 0
        self._kept = OrderedDict[int, tuple[tuple[object, ...], bytes]]()

    def of(self, ones: Sequence[T], told: Callable[[T], JsonValue]) -> bytes:
        """The JSON of what is `told` of each object, commas between; "" of none. Of a sequence that has grown, which
        is known by its first object, only what is new is written."""
        if not ones:
            return b""
        known, written = self._kept.pop(id(ones[0]), ((), b""))
        self._held -= len(written)
        if len(known) > len(ones) or not all(map(is_, known, ones)):  # equal ones may be written otherwise: 1 and 1.0
            known, written = (), b""
        new = [dumps(told(one)) for one in ones[len(known) :]]
        if new:
            known, written = tuple(ones), b",".join([written, *new] if written else new)
        self._kept[id(ones[0])] = known, written  # they are held, so that no other object comes to have the first's id
        self._held += len(written)
        while self._held > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._held -= len(gone)
        return written
