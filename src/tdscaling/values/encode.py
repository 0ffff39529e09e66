"""JSON written fast: what asking a model spends much of its time on."""

import json

from pydantic_core import PydanticSerializationError, to_json

from tdscaling.types import JsonValue

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: JsonValue) -> bytes:
    """The bytes of a JSON value: compact, in the order of its keys, UTF-8; a lone surrogate becomes `?`.

    >>> dumps({"b": [1, 2.5, None, "é"], "a": "\\ud800"}).decode()
    '{"b":[1,2.5,null,"é"],"a":"?"}'
    """
    try:
        return to_json(value, inf_nan_mode="constants")
    except PydanticSerializationError:  # lone surrogates have no UTF-8
        return _COMPACT(value).encode("utf-8", "replace")
