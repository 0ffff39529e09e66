"""Is a published schema valid JSON Schema? A quick look settles the usual ones, the full check the others."""

from typing import TypeGuard

from jsonschema.validators import Draft7Validator, Draft202012Validator, validator_for

from tdscaling.catalog.keywords import TYPES, is_regex
from tdscaling.catalog.mcp.schema import schema_problem
from tdscaling.types import JsonObject, JsonValue

_TEXTS = frozenset({"title", "description", "format", "$comment"})
_COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_FLAGS = frozenset({"uniqueItems", "deprecated", "readOnly", "writeOnly", "nullable", "optional"})
_FREE = frozenset({"default", "const", "example"})
_NODES = frozenset({"items", "additionalProperties"})
_BRANCHES = frozenset({"anyOf", "oneOf", "allOf"})
_DIALECTS = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-07/schema",
    }
)


def published_problem(schema: JsonObject) -> str:
    """Why a schema can't be used, in one line; "" when it can.

    >>> published_problem({"type": "object", "properties": {"a": {"type": "string"}}})
    ''
    >>> published_problem({"$schema": "https://example.org/mine"})
    'its $schema names no known dialect'
    """
    try:
        if _surely_valid(schema):
            return ""
        if "$schema" in schema and not _known_dialect(schema["$schema"]):
            return "its $schema names no known dialect"
        return schema_problem(schema) or ""
    except RecursionError:
        return "it is nested too deeply"


def _known_dialect(name: JsonValue) -> bool:
    """jsonschema knows a dialect whose validator does not depend on the default."""
    if not isinstance(name, str):
        return False
    one, other = (validator_for({"$schema": name}, default=cls) for cls in (Draft7Validator, Draft202012Validator))
    return one is other


def _surely_valid(schema: JsonValue) -> bool:
    """True for schemas of the usual keywords with values of the right types; False means only "look closer"."""
    return isinstance(schema, dict) and all(_keyword_fits(name, value) for name, value in schema.items())


def _keyword_fits(name: str, value: JsonValue) -> bool:
    if name == "type":
        return _fits_type(value)
    if name == "properties":
        return isinstance(value, dict) and all(_surely_valid(child) for child in value.values())
    if name in _NODES:
        return (name != "items" and isinstance(value, bool)) or _surely_valid(value)
    if name in _BRANCHES:
        return isinstance(value, list) and bool(value) and all(_surely_valid(child) for child in value)
    if name == "required":
        return _is_names(value) and len(set(value)) == len(value)
    return _fits_plainly(name, value)


def _fits_type(value: JsonValue) -> bool:
    if isinstance(value, list):
        return bool(value) and _is_names(value) and len(set(value)) == len(value) and TYPES.issuperset(value)
    return isinstance(value, str) and value in TYPES


def _is_names(value: JsonValue) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _fits_plainly(name: str, value: JsonValue) -> bool:
    if name in _TEXTS:
        return isinstance(value, str)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if name in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name == "$schema":
        return isinstance(value, str) and value in _DIALECTS
    if name == "pattern":
        return isinstance(value, str) and is_regex(value)
    if name in ("examples", "enum"):
        return isinstance(value, list) and bool(value)
    return name in _FREE or name.startswith("x-")
