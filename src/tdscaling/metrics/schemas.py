"""What a tool's input schema says of each argument."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tdscaling.types import JsonObject, JsonValue, OfferedTool
from tdscaling.values import normal

MAX_DEPTH = 4
MAX_KNOWN = 2_000
"""Tools whose arguments are kept: rows of a data set share them."""


class Parameter(NamedTuple):
    """An argument: canonical enum members, canonical default, and whether its top-level argument is required."""

    enum: frozenset[str]
    default: str | None
    required: bool


UNKNOWN = Parameter(frozenset(), None, True)
"""An argument of a tool that was not offered: nothing is known, so it may be required."""
EXTRA = Parameter(frozenset(), None, False)
"""An argument that the tool's schema does not name."""


_KNOWN: dict[int, tuple[OfferedTool, dict[str, Parameter]]] = {}
"""By the identity of the tool, which is held here so that no other takes its place."""


def parameters(tool: OfferedTool | None) -> dict[str, Parameter] | None:
    """The arguments by the path of their leaves; None when the tool has no schema.

    >>> schema = {"properties": {"size": {"enum": ["S", "M"], "default": "M"}}, "required": ["size"]}
    >>> parameters(OfferedTool(name="t", parameters=schema))["size"].default
    'm'
    """
    if tool is None or not isinstance(tool.parameters.get("properties"), Mapping):
        return None
    held = _KNOWN.get(id(tool))
    if held is None:
        if len(_KNOWN) >= MAX_KNOWN:
            _KNOWN.clear()
        held = _KNOWN[id(tool)] = (tool, _parameters(tool))
    return held[1]


def _parameters(tool: OfferedTool) -> dict[str, Parameter]:
    required = tool.parameters.get("required")
    needed = {str(key) for key in required} if isinstance(required, list | tuple) else set[str]()
    return dict(_walk(tool.parameters, "", needed, 0))


def _walk(schema: JsonObject, path: str, needed: set[str], depth: int) -> Iterator[tuple[str, Parameter]]:
    properties = schema.get("properties")
    if depth > MAX_DEPTH or not isinstance(properties, Mapping):
        return
    for key, child in properties.items():
        if isinstance(child, Mapping):
            yield from _node(
                child, f"{path}.{key}" if path else str(key), str(key) in needed or depth > 0, needed, depth
            )


def _node(
    schema: JsonObject, path: str, required: bool, needed: set[str], depth: int
) -> Iterator[tuple[str, Parameter]]:
    top = path.partition(".")[0].partition("[")[0]
    yield path, Parameter(frozenset(_members(schema)), _default(schema.get("default")), required and top in needed)
    items = schema.get("items")
    if isinstance(items, Mapping) and depth < MAX_DEPTH:
        yield from _node(items, f"{path}[]", required, needed, depth + 1)
    yield from _walk(schema, path, needed, depth + 1)


def _members(schema: JsonObject) -> Iterator[str]:
    yield from _scalars(schema.get("enum"))
    if "const" in schema:
        yield from _scalars([schema["const"]])
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if isinstance(options, list | tuple):
            for option in options:
                if isinstance(option, Mapping):
                    yield from _scalars(option.get("enum"))


def _scalars(value: JsonValue) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for item in value:
            if item is None or isinstance(item, str | int | float | bool):
                yield normal(item)


def _default(value: JsonValue) -> str | None:
    return normal(value) if isinstance(value, str | int | float | bool) else None
