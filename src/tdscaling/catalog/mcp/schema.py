"""Is a tool's schema one that arguments can be checked against in finite time?"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import cast
from urllib.parse import unquote

from tdscaling.catalog.mcp.results import deeper
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values.bounded import schema_error

IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
"""Keywords that apply a schema to the same value: a loop through these alone never ends."""
DEPTH = 100
"""Levels of nesting in a schema, lists and objects alike; what reads schemas goes down level by level."""
PARTS = 4_000
"""Objects in a schema: looking at one takes a millisecond."""


def schema_problem(schema: JsonObject) -> str | None:
    """What is wrong with `schema`, in one line; None when nothing is.

    >>> schema_problem({"type": "object", "properties": {"a": {"$ref": "#"}}})
    >>> schema_problem({"type": "objekt"})
    "'objekt' is not valid under any of the given schemas at type"
    >>> schema_problem({"$ref": "#"})
    'the reference # leads back to itself'
    """
    if deeper(schema, DEPTH):
        return f"it is nested more than {DEPTH} levels deep"
    if sum(1 for _ in _nodes(schema)) > PARTS:
        return f"it has more than {PARTS} parts"
    if (error := schema_error(dict(schema))) is not None:
        place = ".".join(str(part) for part in error.absolute_path)
        return " ".join(f"{error.message[:160]} at {place or 'the top'}".split())
    anchors: dict[str, JsonValue] = {}
    for node in _nodes(schema):
        if isinstance(anchor := node.get("$anchor"), str):
            anchors.setdefault(anchor, node)
    targets: dict[str, JsonValue] = {}
    for ref in sorted(set(_refs(schema))):
        if not ref.startswith("#"):
            return f"the reference {ref} leads out of the schema"
        target = _resolved(schema, ref, anchors)
        if target is None:
            return f"the reference {ref} leads nowhere"
        targets[ref] = target
    ref = _looping(targets)
    return None if ref is None else f"the reference {ref} leads back to itself"


def _resolved(schema: JsonObject, ref: str, anchors: Mapping[str, JsonValue]) -> JsonValue | None:
    """What a local reference (`#`, `#/$defs/x`, `#anchor`) points to; None where it points nowhere."""
    here: JsonValue = schema
    if ref == "#":
        return here
    if not ref.startswith("#/"):
        return anchors.get(ref[1:])
    for part in ref[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isdigit() and int(name) < len(here):
            here = here[int(name)]
        else:
            return None
    return here


def _nodes(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    if isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)


def _refs(schema: JsonObject) -> Iterator[str]:
    for node in _nodes(schema):
        for key in ("$ref", "$dynamicRef"):
            if isinstance(ref := node.get(key), str):
                yield ref


def _looping(targets: Mapping[str, JsonValue]) -> str | None:
    """A reference that leads back to itself, by way of what applies to the same value; each target is seen once."""
    names: dict[int, str] = {}
    leads: dict[int, set[int]] = {}
    for ref, target in targets.items():
        names.setdefault(id(target), ref)
    for ref, target in targets.items():
        if names[id(target)] == ref:
            leads[id(target)] = {id(targets[other]) for other in _same_place(target) if other in targets}
    try:
        TopologicalSorter(leads).prepare()
    except CycleError as exc:
        return min(names[one] for one in cast("list[int]", exc.args[1]))
    return None


def _same_place(node: JsonValue) -> Iterator[str]:
    """References that apply to the very value `node` applies to."""
    if not isinstance(node, Mapping):
        return
    if isinstance(ref := node.get("$ref"), str):
        yield ref
    for key in IN_PLACE:
        held = node.get(key)
        for part in held if isinstance(held, list) else [held]:
            yield from _same_place(part)
