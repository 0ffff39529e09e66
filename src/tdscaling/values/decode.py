"""Strict JSON read fast: what reading a data set spends its time on."""

import json
from typing import cast

from pydantic_core import from_json

from tdscaling.types import JsonValue


def loads(text: str | bytes) -> JsonValue:
    """The value of a JSON text, as `json.loads` gives it. Raises ValueError, also where it is nested too deep.

    >>> loads('{"a": [1, 2.5, 123456789012345678901]}'), loads(b'"\\\\ud800"'), loads('"\\ud800"')
    ({'a': [1, 2.5, 123456789012345678901]}, '\\ud800', '\\ud800')
    """
    try:
        return cast("JsonValue", from_json(text))
    except (ValueError, TypeError):  # lone surrogates, of which a str is a TypeError, or another encoding
        try:
            return cast("JsonValue", json.loads(text))
        except RecursionError as exc:
            raise ValueError("nested too deep") from exc
