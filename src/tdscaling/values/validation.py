"""Validators of JSON Schemas, compiled once for each schema."""

import json
from functools import lru_cache
from typing import cast

from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for

from tdscaling.types import JsonObject

MOST_KEPT = 4096


def validator_of(schema: JsonObject) -> Validator:
    """A validator of `schema`; Draft 2020-12 where the schema names none.

    >>> validator_of({"type": "object", "required": ["a"]}).is_valid({"a": 1})
    True
    """
    return _compiled(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=MOST_KEPT)
def _compiled(text: str) -> Validator:
    schema = cast("JsonObject", json.loads(text))
    return validator_for(schema, default=Draft202012Validator)(schema)
