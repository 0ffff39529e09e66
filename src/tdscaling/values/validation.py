"""Validators of JSON Schemas, compiled once for each schema."""

import json
from functools import lru_cache
from typing import cast

from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for

from tdscaling.types import JsonObject
from tdscaling.values.decode import loads
from tdscaling.values.encode import dumps

MOST_KEPT = 4096


def validator_of(schema: JsonObject) -> Validator:
    """A validator of `schema`; Draft 2020-12 where the schema names none.

    >>> validator_of({"type": "object", "required": ["a"]}).is_valid({"a": 1})
    True
    """
    return _compiled(dumps(schema))


@lru_cache(maxsize=MOST_KEPT)
def _compiled(text: bytes) -> Validator:
    schema = cast("JsonObject", json.loads(json.dumps(loads(text), sort_keys=True)))  # errors come in one order
    return validator_for(schema, default=Draft202012Validator)(schema)
