"""JSON Schema flattened to its leaf fields, whatever the schema is: recursive, stacked, huge or wrong."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from tdscaling.types import JsonObject, JsonValue

MAX_DEPTH = 7
MAX_NODES = 6_000


class SchemaLeaf(NamedTuple):
    """A scalar (or untyped) place of a schema. `path` is dotted with `[]` for list items; `containers` are the
    names on the way to it, outermost first; `type` is "" where the schema gives none; `component` is the name that the
    schema of the object around it goes by (`x-schema`, `$ref`), "" for none.
    """

    path: str
    name: str
    containers: tuple[str, ...]
    type: str
    format: str
    enum: bool
    required: bool
    description: str
    component: str = ""


class _Node(NamedTuple):
    schema: JsonObject
    path: str
    name: str
    containers: tuple[str, ...]
    required: bool
    refs: frozenset[str]
    component: str = ""


def leaves(schema: JsonObject, limit: int) -> list[SchemaLeaf]:
    """The first `limit` leaves, breadth first: a shallow field comes before a deep one.

    >>> spec = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"},
    ...     "lines": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}}}}
    >>> [(leaf.path, leaf.type, leaf.required) for leaf in leaves(spec, 10)]
    [('id', 'integer', True), ('lines[].sku', 'string', False)]
    """
    found: list[SchemaLeaf] = []
    queue: deque[_Node] = deque([_Node(schema, "", "", (), True, frozenset())])
    visited = 0
    while queue and len(found) < limit and visited < MAX_NODES:
        node = queue.popleft()
        visited += 1
        refs, layers, children = node.refs, [node.schema], list[_Node]()
        if not _BRANCHES.isdisjoint(node.schema):
            refs, layers = _layers(node.schema, schema, node.refs)
            children = list(_children(node, refs, layers))
        if children:
            queue.extend(children[: MAX_NODES - len(queue)])
        elif node.path and node.path != "[]":
            found.append(_leaf(node, layers))
        elif node.path == "[]":
            found.append(_leaf(node._replace(name="item"), layers))
    return found


_BRANCHES = frozenset(("properties", "items", "$ref", "allOf", "oneOf", "anyOf"))
"""A schema without any of these is a leaf."""


def _layers(schema: JsonObject, root: JsonObject, refs: frozenset[str]) -> tuple[frozenset[str], list[JsonObject]]:
    """The schema with what its `$ref`, `allOf`, `oneOf` and `anyOf` add, each reference followed once a branch."""
    found: list[JsonObject] = []
    stack: list[JsonObject] = [schema]
    while stack and len(found) < 40:
        part = stack.pop()
        found.append(part)
        ref = part.get("$ref")
        if isinstance(ref, str) and ref not in refs:
            refs |= {ref}
            target = resolved(ref, root)
            if target is not None:
                stack.append(target)
        for key in ("anyOf", "oneOf", "allOf"):
            options = part.get(key)
            if isinstance(options, list | tuple):
                stack.extend(option for option in reversed(options[:20]) if isinstance(option, Mapping))
    return refs, found


def resolved(ref: str, root: JsonObject) -> JsonObject | None:
    """The schema that a local reference points to; None where it points to none."""
    if not ref.startswith("#"):
        return None
    node: JsonValue = root
    for part in ref[1:].split("/"):
        if not part:
            continue
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or key not in node:
            return None
        node = node[key]
    return node if isinstance(node, Mapping) else None


def _children(node: _Node, refs: frozenset[str], layers: list[JsonObject]) -> Iterator[_Node]:
    if len(node.containers) + node.path.count("[]") >= MAX_DEPTH:
        return
    containers = (*node.containers, node.name) if node.name else node.containers
    component = _component(layers) or node.component
    seen: set[str] = set()
    for layer in layers:
        required = layer.get("required")
        names = set(required) if isinstance(required, list | tuple) and _strings(required) else set[JsonValue]()
        properties = layer.get("properties")
        if isinstance(properties, Mapping):
            for key in sorted(map(str, properties)):
                child = properties.get(key)
                if key not in seen and isinstance(child, dict | Mapping):
                    seen.add(key)
                    path = f"{node.path}.{key}" if node.path else key
                    yield _Node(child, path, key, containers, key in names, refs, component)
        items = layer.get("items")
        if isinstance(items, Mapping) and "[]" not in seen:
            seen.add("[]")
            yield _Node(items, node.path + "[]", node.name, node.containers, node.required, refs, component)


def _strings(values: object) -> bool:
    return all(isinstance(value, str) for value in cast("list[object]", values))


def _leaf(node: _Node, layers: list[JsonObject]) -> SchemaLeaf:
    kind = next((text for layer in layers if (text := _type(layer))), "")
    form, text = _said(layers, "format"), _said(layers, "description")
    enum = any(isinstance(layer.get("enum"), list | tuple) for layer in layers)
    return SchemaLeaf(
        node.path, node.name, node.containers, kind, form, enum, node.required, text[:200], node.component
    )  # fmt: skip


def _said(layers: list[JsonObject], key: str) -> str:
    """The first text under a keyword."""
    for layer in layers:
        text = layer.get(key)
        if isinstance(text, str):
            return text
    return ""


def _component(layers: list[JsonObject]) -> str:
    """The name of the component that a schema stands for."""
    name = _said(layers, "x-schema") or _said(layers, "$ref")
    return re.split(r"[/#.]", name)[-1][:80]


def _type(layer: JsonObject) -> str:
    kind = layer.get("type")
    if isinstance(kind, list | tuple):
        kind = next((one for one in kind if isinstance(one, str) and one != "null"), "")
    return kind if isinstance(kind, str) and kind != "null" else ""
