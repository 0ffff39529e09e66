"""JSON files: equal where they mean the same, whatever their spacing and key order."""

import json
from typing import cast

from tdscaling.environments.state.values import digest_bytes, shown
from tdscaling.types import JsonValue

MAX_LEAVES = 50


def json_leaves(data: bytes, path: str) -> dict[str, str] | None:
    """One leaf per top-level entry of a small document, else one for all of it; None where it isn't JSON.

    >>> json_leaves(b'{"b": [1, 2], "a": "x"}', "f.json")
    {'f.json': 'json', 'f.json#.a': '"x"', 'f.json#.b': '[1,2]'}
    """
    try:
        value = cast("JsonValue", json.loads(data))
        if isinstance(value, dict) and len(value) <= MAX_LEAVES:
            return {path: "json"} | {f"{path}#.{key}": _text(item) for key, item in sorted(value.items())}
        return {path: f"json:{digest_bytes(_dumped(value).encode())}"}
    except (ValueError, RecursionError):
        return None


def _text(value: JsonValue) -> str:
    return shown(_dumped(value))


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
