"""Serving the calls that code inside a sandbox asks for: what it sends is checked and counted before it is served."""

import json

from tdscaling.sandbox.inside.frames import Frame
from tdscaling.sandbox.protocol import ToolHandler
from tdscaling.types import JsonObject, JsonValue

MAX_CALLS = 200
"""Calls that one piece of code may ask for."""
MAX_NAME = 200
MAX_ARGUMENTS = 128 << 10
MAX_ANSWER = 2 << 20
MAX_DEPTH = 32


class Serving:
    """The requests of one running piece of code."""

    def __init__(self, handler: ToolHandler) -> None:
        self._handler = handler
        self._served = 0

    def answer(self, asked: JsonObject) -> Frame:
        """The frame that answers a request; a request that breaks a rule is answered without the handler."""
        if self._served >= MAX_CALLS:
            return _refused(f"one piece of code may call tools {MAX_CALLS} times")
        self._served += 1
        name, arguments = asked.get("name"), asked.get("arguments")
        if not isinstance(name, str) or not isinstance(arguments, dict) or _trouble(name, MAX_NAME):
            return _refused("a call needs the name of a tool and an object of arguments")
        if trouble := _trouble(arguments, MAX_ARGUMENTS):
            return _refused(f"the arguments are {trouble}")
        given = self._handler(name, arguments)
        if "error" in given:
            return _refused(str(given["error"])[:MAX_ANSWER])
        if trouble := _trouble(given.get("value"), MAX_ANSWER):
            return _refused(f"the result is {trouble}")
        return {"op": "answer", "value": given.get("value")}


def _refused(why: str) -> Frame:
    return {"op": "answer", "error": why}


def _trouble(value: JsonValue, limit: int) -> str:
    """Why a value can't pass, "" when it can.

    >>> _trouble({"a": [1]}, 100), _trouble([[[float("nan")]]], 100), _trouble("x" * 200, 100)
    ('', 'no JSON', 'too large')
    """
    if _deeper(value, MAX_DEPTH):
        return "nested too deeply"
    try:
        size = len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    except ValueError:  # NaN, and halves of characters, which have no UTF-8
        return "no JSON"
    return "too large" if size > limit else ""


def _deeper(value: JsonValue, limit: int) -> bool:
    level: list[JsonValue] = [value]
    for _ in range(limit):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list | tuple):
                inner += item
        level = inner
        if not level:
            return False
    return True
