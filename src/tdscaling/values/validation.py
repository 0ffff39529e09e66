"""Checks of values against JSON Schemas, compiled once for each schema."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from tdscaling.types import JsonObject, JsonValue
from tdscaling.values.bounded import bounded, first_error
from tdscaling.values.decode import loads
from tdscaling.values.encode import dumps

MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Checker:
    """A schema, ready to check values in bounded time; `first_error` says what is not checked."""

    validator: Validator

    def error(self, value: JsonValue) -> ValidationError | None:
        """What the schema has against a value first, or that this takes too much work to find out."""
        return first_error(self.validator, value)

    def is_valid(self, value: JsonValue) -> bool:
        return self.error(value) is None


def validator_of(schema: JsonObject) -> Checker:
    """A checker of `schema`; Draft 2020-12 where the schema names none.

    >>> validator_of({"type": "object", "required": ["a"]}).is_valid({"a": 1})
    True
    """
    return _compiled(dumps(schema))


@lru_cache(maxsize=MOST_KEPT)
def _compiled(text: bytes) -> Checker:
    schema = cast("JsonObject", json.loads(json.dumps(loads(text), sort_keys=True)))  # errors come in one order
    return Checker(bounded(schema))
