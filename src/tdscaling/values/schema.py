"""What planning and exploration ask of an input schema."""

from collections.abc import Mapping

from tdscaling.types import JsonObject, JsonValue, Tool

_MAX_DEPTH = 4


def required(tool: Tool) -> tuple[str, ...]:
    """The names of the required parameters, in the schema's order."""
    names = tool.input_schema.get("required")
    return tuple(str(name) for name in names) if isinstance(names, list | tuple) else ()


def parameters(tool: Tool) -> dict[str, JsonObject]:
    """The required parameters with their schemas, local references replaced a few levels deep."""
    properties = tool.input_schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    found: dict[str, JsonObject] = {}
    for name in required(tool):
        schema = properties.get(name)
        found[name] = resolve(schema, tool.input_schema) if isinstance(schema, Mapping) else {}
    return found


def optional(tool: Tool) -> dict[str, JsonObject]:
    """The other parameters, likewise."""
    properties = tool.input_schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    needed = required(tool)
    return {
        name: resolve(schema, tool.input_schema)
        for name, schema in properties.items()
        if name not in needed and isinstance(schema, Mapping)
    }


def resolve(schema: JsonObject, root: JsonObject, depth: int = 0) -> JsonObject:
    """The schema with local references replaced, a few levels deep; deeper ones stay as they are.

    >>> resolve({"$ref": "#/$defs/A"}, {"$defs": {"A": {"type": "string"}}})
    {'type': 'string'}
    """
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        node: JsonValue = root
        for part in reference[2:].split("/"):
            node = node.get(part) if isinstance(node, Mapping) else None
        if isinstance(node, Mapping):
            schema = {**node, **{key: value for key, value in schema.items() if key != "$ref"}}
    if depth >= _MAX_DEPTH:
        return schema
    return {key: _inner(value, root, depth + 1) for key, value in schema.items()}


def _inner(value: JsonValue, root: JsonObject, depth: int) -> JsonValue:
    if isinstance(value, Mapping):
        return resolve(value, root, depth)
    if isinstance(value, list | tuple):
        return [_inner(item, root, depth) for item in value]
    return value
