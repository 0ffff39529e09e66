"""Schemas made plain: references and branches resolved a few levels deep, so that fields can be read off."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tdscaling.semantics.schema import resolved
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

MAX_DEPTH = 6
MAX_PROPERTIES = 400
_BRANCHES = ("allOf", "anyOf", "oneOf")


def plain(
    schema: object, root: JsonObject | None = None, depth: int = 0, seen: frozenset[str] = frozenset()
) -> JsonObject:
    """`schema` with references followed (each once a branch), `allOf` merged, and of `anyOf` and `oneOf` the first
    branch that is not null; deeper than six levels nothing is said of a value.

    >>> plain({"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"type": "null"}, {"type": "string"}]}}})
    {'type': 'string', 'nullable': True}
    """
    if not isinstance(schema, Mapping):
        return {}
    node = cast("JsonObject", schema)
    root = node if root is None else root
    ref = node.get("$ref")
    if isinstance(ref, str):
        if ref in seen or depth > MAX_DEPTH:
            return {}
        target = resolved(ref, root)
        if target is not None:
            rest = {key: value for key, value in node.items() if key not in ("$ref", "$defs", "definitions")}
            return plain({**target, **rest}, root, depth, seen | {ref})
    merged = _merged(node, root, depth, seen)
    return _inner(merged, root, depth, seen)


def _merged(node: JsonObject, root: JsonObject, depth: int, seen: frozenset[str]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        key: value for key, value in node.items() if key not in (*_BRANCHES, "$ref", "$defs", "definitions")
    }
    for key in _BRANCHES:
        options = node.get(key)
        if not isinstance(options, Sequence) or isinstance(options, str):
            continue
        branches = [plain(option, root, depth + 1, seen) for option in options[:20]] if depth <= MAX_DEPTH else []
        if any(branch.get("type") == "null" for branch in branches):
            found["nullable"] = True
        branches = [branch for branch in branches if branch.get("type") != "null"]
        for branch in branches if key == "allOf" else branches[:1]:
            found = _joined(found, branch)
    return found


def _joined(one: dict[str, JsonValue], two: JsonObject) -> dict[str, JsonValue]:
    properties = {**properties_of(two), **properties_of(one)}
    required = sorted({*required_of(one), *required_of(two)})
    joined = {**two, **one}
    if properties:
        joined["properties"] = properties
    if required:
        joined["required"] = required
    return joined


def _inner(node: dict[str, JsonValue], root: JsonObject, depth: int, seen: frozenset[str]) -> JsonObject:
    kind = node.get("type")
    if isinstance(kind, list | tuple):
        kinds = [str(item) for item in kind]
        if "null" in kinds:
            node["nullable"] = True
        node["type"] = next((item for item in kinds if item != "null"), "null")
    if depth >= MAX_DEPTH:
        return {key: value for key, value in node.items() if key not in ("properties", "items", "required")}
    properties = properties_of(node)
    if properties:
        required = required_of(node)
        kept = sorted(properties, key=lambda name: name not in required)[:MAX_PROPERTIES]
        node["properties"] = {name: plain(properties[name], root, depth + 1, seen) for name in kept}
        node.setdefault("type", "object")
    items = node.get("items")
    if isinstance(items, Mapping):
        node["items"] = plain(items, root, depth + 1, seen)
        node.setdefault("type", "array")
    return node


def properties_of(schema: JsonObject) -> Mapping[str, JsonObject]:
    """The properties with a schema."""
    found = schema.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): inner for name, inner in found.items() if isinstance(inner, Mapping)}


def required_of(schema: JsonObject) -> frozenset[str]:
    found = schema.get("required")
    return frozenset(str(name) for name in found) if isinstance(found, list | tuple) else frozenset()


_WRAPPERS = frozenset("param parameter request req input option arg argument body data payload query".split())


def wrapper_of(schema: JsonObject) -> str:
    """The one input that holds all others (`params` of `get_user(params)`, `list_order_requests`), "" for none."""
    properties = properties_of(schema)
    name = next(iter(properties)) if len(properties) == 1 else ""
    wraps = bool({*words(name)[-1:]} & _WRAPPERS)
    return name if wraps and properties_of(properties[name]) else ""


def needed_paths(schema: JsonObject) -> frozenset[str]:
    """The paths of the inputs that a call must give; of a wrapper, what in it must be given."""
    wrapper = wrapper_of(schema)
    if not wrapper:
        return required_of(schema)
    return frozenset(f"{wrapper}.{name}" for name in required_of(properties_of(schema)[wrapper]))


def items_of(schema: JsonObject) -> JsonObject | None:
    """The schema of a list's items; {} for a list of anything, None for what is no list."""
    items = schema.get("items")
    if isinstance(items, Mapping):
        return items
    return {} if schema.get("type") == "array" else None


def scalar(schema: JsonObject) -> bool:
    return schema.get("type") in ("string", "integer", "number", "boolean") or "enum" in schema


def enum_of(schema: JsonObject) -> tuple[JsonValue, ...]:
    """The values an enum offers, without null and duplicates."""
    found = schema.get("enum")
    unique: list[JsonValue] = []
    for value in found if isinstance(found, list | tuple) else ():
        if value is not None and value not in unique:
            unique.append(value)
    return tuple(unique)


def walk(value: JsonValue) -> Iterator[JsonValue]:
    """A JSON value and everything in it."""
    yield value
    if isinstance(value, Mapping):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from walk(item)
