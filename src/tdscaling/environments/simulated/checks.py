"""Arguments checked against a tool's input schema: compiled once into plain functions, since it is done for each
call.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias, cast

from jsonschema.exceptions import ValidationError

from tdscaling.environments.simulated.schemas import walk
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values.bounded import bounded, first_error, matches_alone

Check: TypeAlias = Callable[[object, str], str]
"""What is wrong with a value at a place, "" for nothing."""

_SIMPLE = frozenset(
    "type properties required items enum const minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
    "pattern minItems maxItems additionalProperties title description default examples example format $schema "
    "deprecated readOnly writeOnly nullable multipleOf uniqueItems $defs definitions $comment".split()
)
_BARE = frozenset(("type", "description", "title", "default", "example"))
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "object": (dict, Mapping),
    "array": (list, tuple), "null": (type(None),),
}  # fmt: skip
MAX_DEPTH = 12


def compiled(schema: JsonObject) -> Check:
    """A check of values against `schema`; keywords beyond the usual ones are left to jsonschema, in bounded time.
    What no bounded way decides is taken as fitting.

    >>> check = compiled({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]})
    >>> check({"n": 3}, ""), check({"n": 0}, ""), check({}, "")
    ('', 'n: 0 is less than the minimum of 1', "'n' is required")
    """
    root = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    if any(not ref.startswith(("#/$defs/", "#/definitions/")) for ref in _refs(schema)):
        return _by_library(schema, {})
    return _compiled(schema, root, 0)


def fits(value: object, schema: JsonObject) -> bool:
    """Whether a value passes the check of a schema that is asked about once; a bare type is not compiled for it.

    >>> fits(3, {"type": "integer", "description": "How many"}), fits(0, {"type": "integer", "minimum": 1})
    (True, False)
    """
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _TYPES and schema.keys() <= _BARE:
        return _is(value, kind)
    return not compiled(schema)(value, "")


def _refs(schema: JsonObject) -> Iterator[str]:
    for node in walk(schema):
        ref = node.get("$ref") if isinstance(node, Mapping) else None
        if isinstance(ref, str):
            yield ref


def _compiled(schema: JsonObject, root: JsonObject, depth: int) -> Check:
    if any(key not in _SIMPLE and not key.startswith("x-") for key in schema) or depth > MAX_DEPTH:
        return _by_library(schema, root)
    checks = [
        check for make in (_type, _choice, _number, _text, _array, _object) for check in make(schema, root, depth)
    ]
    if len(checks) == 1:
        return checks[0]

    def run(value: object, place: str) -> str:
        for check in checks:
            problem = check(value, place)
            if problem:
                return problem
        return ""

    return run


def _at(place: str, text: str) -> str:
    return f"{place}: {text}" if place else text


def _by_library(schema: JsonObject, root: JsonObject) -> Check:
    whole = {key: value for key, value in {**root, **schema}.items() if key != "$schema"}  # it may name anything
    validator = cache(lambda: bounded(whole))

    def run(value: object, place: str) -> str:
        error = first_error(validator(), cast("JsonValue", value), unsure=False)
        return _at(_joined(place, error), error.message[:160]) if error is not None else ""

    return run


def _joined(place: str, error: ValidationError) -> str:
    return ".".join(part for part in (place, *map(str, error.absolute_path)) if part)


def _type(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    kinds = schema.get("type")
    names = [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    if not names or any(name not in _TYPES for name in names):
        return ()
    if schema.get("nullable") is True:
        names = [*names, "null"]
    said, only = " or ".join(names), names[0] if len(names) == 1 else ""

    def run(value: object, place: str) -> str:
        right = _is(value, only) if only else any(_is(value, name) for name in names)
        return "" if right else _at(place, f"{_short(value)} is not of type {said}")

    return (run,)


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _choice(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    offered = schema.get("enum")
    if "const" in schema:
        offered = [schema["const"]]
    if not isinstance(offered, list):
        return ()
    values = list(offered)
    said = ", ".join(str(item) for item in values[:8]) + (", …" if len(values) > 8 else "")

    plain = frozenset((isinstance(item, bool), item) for item in values if isinstance(item, str | int | float))
    others = [item for item in values if not isinstance(item, str | int | float)]

    def run(value: object, place: str) -> str:
        if isinstance(value, str | int | float):
            good = (isinstance(value, bool), value) in plain
        else:
            good = any(value == item for item in others)
        return "" if good else _at(place, f"{_short(value)} is not one of {said}")

    return (run,)


_BOUNDS: tuple[tuple[str, Callable[[float, float], bool], str], ...] = (
    ("minimum", lambda value, limit: value < limit, "less than the minimum of"),
    ("maximum", lambda value, limit: value > limit, "greater than the maximum of"),
    ("exclusiveMinimum", lambda value, limit: value <= limit, "not above"),
    ("exclusiveMaximum", lambda value, limit: value >= limit, "not below"),
)


def _number(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    found: list[Check] = []
    for key, beyond, said in _BOUNDS:
        limit = schema.get(key)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            found.append(_bound(limit, beyond, said))
    step = schema.get("multipleOf")
    if isinstance(step, int) and step > 1:
        found.append(
            lambda value, place: (
                _at(place, f"{value} is not a multiple of {step}") if isinstance(value, int) and value % step else ""
            )
        )
    return found


def _bound(limit: float, beyond: Callable[[float, float], bool], said: str) -> Check:
    def run(value: object, place: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        return _at(place, f"{value} is {said} {limit}") if beyond(value, limit) else ""

    return run


def _text(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    low, high, pattern = schema.get("minLength"), schema.get("maxLength"), schema.get("pattern")
    found: list[Check] = []
    if isinstance(low, int):
        found.append(_sized(str, low, None, "characters"))
    if isinstance(high, int):
        found.append(_sized(str, None, high, "characters"))
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error:
            return found
        found.append(
            lambda value, place: (
                _at(place, f"{_short(value)} does not match {pattern[:60]}")
                if isinstance(value, str) and not matches_alone(pattern, value)
                else ""
            )
        )
    return found


def _sized(kind: type | tuple[type, ...], low: int | None, high: int | None, what: str) -> Check:
    def run(value: object, place: str) -> str:
        if not isinstance(value, kind):
            return ""
        size = len(cast("Sequence[object]", value))
        if low is not None and size < low:
            return _at(place, f"at least {low} {what} are needed")
        return _at(place, f"at most {high} {what} are allowed") if high is not None and size > high else ""

    return run


def _array(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    found: list[Check] = []
    low, high, items = schema.get("minItems"), schema.get("maxItems"), schema.get("items")
    if isinstance(low, int) or isinstance(high, int):
        sizes = (low if isinstance(low, int) else None, high if isinstance(high, int) else None)
        found.append(_sized((list, tuple), *sizes, "items"))
    if isinstance(items, Mapping) and items:
        inner = _compiled(items, root, depth + 1)

        def run(value: object, place: str) -> str:
            if not isinstance(value, list | tuple):
                return ""
            members = cast("Sequence[object]", value)
            return next((p for n, item in enumerate(members) if (p := inner(item, f"{place}[{n}]"))), "")

        found.append(run)
    return found


def _object(schema: JsonObject, root: JsonObject, depth: int) -> Sequence[Check]:
    properties, required = schema.get("properties"), schema.get("required")
    named: JsonObject = properties if isinstance(properties, Mapping) else {}
    inner = {
        name: _compiled(spec, root, depth + 1) for name, spec in named.items() if isinstance(spec, Mapping) and spec
    }
    needed = [str(name) for name in required] if isinstance(required, list) else []
    closed = schema.get("additionalProperties") is False
    if not inner and not needed and not closed:
        return ()

    def run(value: object, place: str) -> str:
        if not isinstance(value, Mapping):
            return ""
        given = cast("Mapping[str, JsonValue]", value)
        for name in needed:
            if name not in given:
                return _at(place, f"{name!r} is required")
        for name, item in given.items():
            check = inner.get(name)
            if check is not None:
                problem = check(item, f"{place}.{name}" if place else name)
                if problem:
                    return problem
            elif closed and name not in named:
                return _at(place, f"unknown parameter {name!r}")
        return ""

    return (run,)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
