"""The inputs of a tool: the fields of its bodies, what names the things around, what is about the call alone."""

from collections.abc import Iterator

from tdscaling.environments.simulated.naming import canonical, of_traded, parent_name
from tdscaling.environments.simulated.reading import Reading
from tdscaling.environments.simulated.schemas import items_of, properties_of, required_of, wrapper_of
from tdscaling.semantics.fields import CONTAINERS, Phrase
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject


def inputs_of(reading: Reading) -> Iterator[tuple[tuple[str, ...], JsonObject, bool]]:
    """The inputs of a tool: path, schema and whether it is required; the fields of a body stand for the body."""
    needed = required_of(reading.inputs)
    for name, schema in properties_of(reading.inputs).items():
        if _is_body(name, schema, reading):
            inner = required_of(schema)
            for sub, spec in properties_of(schema).items():
                yield (name, sub), spec, name in needed and sub in inner
        else:
            yield (name,), schema, name in needed


_PARTS = ("input", "param", "parameter", "arg", "argument")


def _is_body(name: str, schema: JsonObject, reading: Reading) -> bool:
    if name == wrapper_of(reading.inputs):
        return True
    parts = words(name)
    own = parts == reading.entity or parts[-1:] == reading.entity[-1:]
    wraps = bool(parts) and (parts[-1] in CONTAINERS or parts[-1] in _PARTS or own)
    writes = reading.kind in ("create", "update", "move", "link")
    return wraps and bool(properties_of(schema)) and (writes or "body" in parts or parts[-1] in _PARTS)


def held_as(reading: Reading, path: tuple[str, ...]) -> str:
    parent = dict(reading.parents).get(path[0], ()) if not path[1:] else ()
    return parent_name(path[-1], parent, reading.entity)


def several(reading: Reading, path: tuple[str, ...], schema: JsonObject) -> bool:
    """Whether an input of a writing tool holds many of the things it writes: `items` of `create_items`."""
    return items_of(schema) is not None and canonical(path[-1], reading.entity) == "id"


def parent_keys(reading: Reading) -> Iterator[tuple[str, Phrase]]:
    """The things that a tool's thing lives in: the canonical name of the field that says which, and the entity."""
    for name, phrase in reading.parents:
        said = name if name in reading.keys else parent_name(name, phrase, reading.entity)
        yield canonical(said, reading.entity), phrase


_CONTEXT = frozenset(
    "token secret auth authorization authentication credential apikey tenant idempotency header "
    "callback webhook_secret "
    "signature nonce trace correlation pretty verbose dry".split()
)


def context_name(name: str, schema: JsonObject) -> bool:
    """Whether an input is about the call and not about the thing: credentials, headers, output format."""
    parts = words(name)
    if schema.get("x-in") in ("header", "cookie") or name.startswith("$"):
        return True
    if {"api", "key"} <= {*parts} or {"access", "key"} <= {*parts} or {"private", "key"} <= {*parts}:
        return True
    return bool(_CONTEXT & {*parts}) and parts[-1:] != ("id",) and not of_traded(parts)
