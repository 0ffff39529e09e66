"""Values for fields: one function a field, chosen by its schema, its name and what it belongs to."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias

from tdscaling.environments.simulated.checks import compiled
from tdscaling.environments.simulated.patterns import matching
from tdscaling.environments.simulated.schemas import enum_of, items_of, properties_of, required_of
from tdscaling.environments.simulated.texts import FORMATS, named, unknown
from tdscaling.environments.simulated.vocabulary import vocabulary
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

Maker: TypeAlias = Callable[[Random], JsonValue]

_MAX_DEPTH = 3


_YES = frozenset(("success", "successful", "successfull", "succeeded", "ok", "acknowledged"))
_FAILURES = frozenset(("error", "error message", "exception"))


def well(name: str, schema: JsonObject) -> tuple[JsonValue, ...]:
    """What a field says where a call went well, () where it says nothing of that or its schema allows no such value.

    >>> well("ok", {"type": "boolean"}), well("errors", {"type": "array"}), well("title", {"type": "string"})
    ((True,), ([],), ())
    """
    said = " ".join(words(name))
    nothing: tuple[JsonValue, ...] = ("", [], None, {})
    wanted = (True,) if said in _YES and schema.get("type") == "boolean" else nothing if said in _FAILURES else ()
    return tuple(value for value in wanted if not compiled(schema)(value, ""))[:1]


def maker(name: str, schema: JsonObject, entity: str = "", depth: int = 0) -> Maker | None:
    """A function that makes values of a field of an entity; None where no value is sure to fit the schema."""
    said = well(name, schema)
    if said:
        return lambda rng: said[0]
    offered = enum_of(schema)
    if "const" in schema:
        offered = (schema["const"],)
    if "USD" in offered:
        return lambda rng: "USD"
    if offered:
        return lambda rng: rng.choice(offered)
    made = _by_type(name, schema, entity, depth)
    return _fitting(made, schema) if made is not None else None


def _by_type(name: str, schema: JsonObject, entity: str, depth: int) -> Maker | None:
    match schema.get("type"):
        case "string":
            return _string(name, schema, entity)
        case "integer":
            return _integer(name, schema)
        case "number":
            return _number(name, schema)
        case "boolean":
            return lambda rng: rng.random() < 0.5
        case "array":
            return _array(name, schema, entity, depth)
        case "object":
            return _object(name, schema, depth)
        case "null":
            return lambda rng: None
        case _:
            return _string(name, schema, entity) if not properties_of(schema) else _object(name, schema, depth)


def _fitting(made: Maker, schema: JsonObject) -> Maker | None:
    """The maker, where a few values show that it obeys the schema; else its examples, else a pattern's own text."""
    check = compiled(schema)
    if all(not check(made(Random(seed)), "") for seed in range(3)):
        return made
    examples = schema.get("examples")
    given = [*(examples if isinstance(examples, list) else []), schema.get("example"), schema.get("default")]
    good = [value for value in given if value is not None and not check(value, "")]
    if good:
        return lambda rng: rng.choice(good)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and schema.get("type", "string") == "string":
        text = _patterned(pattern)
        if all(not check(text(Random(seed)), "") for seed in range(3)):
            return text
    tries: tuple[Maker, ...] = tuple(_plain_text(letters, size) for letters, size in _SHAPES)
    return next((made for made in tries if not check(made(Random(1)), "") and not check(made(Random(2)), "")), None)


def _patterned(pattern: str) -> Maker:
    return lambda rng: matching(pattern, rng)


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_SHAPES = tuple(
    (letters, size)
    for letters in ("0123456789", _LOWER.upper(), _LOWER, "0123456789abcdef", _LOWER.upper() + "0123456789")
    for size in (2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 16, 20, 22, 24, 32, 34, 36, 40, 64)
)


def _plain_text(letters: str, size: int) -> Maker:
    return lambda rng: "".join(rng.choice(letters) for _ in range(size))


def _object(container: str, schema: JsonObject, depth: int) -> Maker | None:
    needed = required_of(schema)
    makers: dict[str, Maker] = {}
    for name, inner in properties_of(schema).items():
        if name not in needed and (depth >= _MAX_DEPTH or len(makers) >= 6 or inner.get("type") in ("object", "array")):
            continue
        said = _PERSONAL.get(name.lower(), name) if _of_person(container, schema) else name
        holder = " ".join(words(container))
        made = maker(said, inner, holder, depth + 1) if depth <= 2 * _MAX_DEPTH else None
        if made is not None:
            makers[name] = made
        elif name in needed:
            return None
    if not needed <= makers.keys() and properties_of(schema):
        return None
    return lambda rng: {name: made(rng) for name, made in makers.items()}


_PERSONAL = {"first": "first_name", "middle": "first_name", "given": "first_name", "last": "last_name",
             "family": "last_name", "full": "full_name"}  # fmt: skip


def _of_person(container: str, schema: JsonObject) -> bool:
    """Whether an object is a person's name: `name: {first, last}`."""
    return words(container)[-1:] == ("name",) or {"first", "last"} <= {*properties_of(schema)}


def _array(name: str, schema: JsonObject, entity: str, depth: int) -> Maker | None:
    items = items_of(schema) or {}
    low, high = schema.get("minItems", 1), schema.get("maxItems", 3)
    least = low if isinstance(low, int) else 1
    most = max(least, min(high if isinstance(high, int) else 3, 3))
    if depth >= _MAX_DEPTH and not least:
        return lambda rng: []
    inner = maker(name, items or {"type": "string"}, entity, depth + 1)
    if items.get("type", "string") == "string" and unknown(name, items):
        inner = maker("tag", items or {"type": "string"}, "", depth + 1)
    if inner is None:
        return (lambda rng: []) if not isinstance(low, int) or low <= 0 else None

    def make(rng: Random) -> JsonValue:
        found: list[JsonValue] = []
        for _ in range(rng.randint(min(least, most), most)):
            value = inner(rng)
            if value not in found:
                found.append(value)
        return found

    return make


def _bounds(schema: JsonObject, low: int, high: int) -> tuple[float, float]:
    bottom, top = (
        schema.get("minimum", schema.get("exclusiveMinimum")),
        schema.get("maximum", schema.get("exclusiveMaximum")),
    )
    least = bottom if isinstance(bottom, int | float) else min(low, top) if isinstance(top, int | float) else low
    most = top if isinstance(top, int | float) else max(high, least + 10)
    if "exclusiveMinimum" in schema and "minimum" not in schema:
        least += 1
    if "exclusiveMaximum" in schema and "maximum" not in schema:
        most -= 1
    return (max(least, low), min(most, high)) if max(least, low) <= min(most, high) else (least, most)


_NUMBERS: Mapping[str, tuple[int, int]] = {
    "amount": (20, 5000), "price": (5, 900), "total": (20, 5000), "balance": (0, 9000), "cost": (5, 900),
    "rate": (1, 90),
    "quantity": (1, 40), "qty": (1, 40), "stock": (0, 300), "count": (0, 60), "age": (18, 80), "percent": (0, 100),
    "percentage": (0, 100), "year": (2018, 2026), "latitude": (-60, 60), "lat": (-60, 60), "longitude": (-150, 150),
    "lng": (-150, 150), "lon": (-150, 150), "duration": (5, 240), "minute": (5, 480), "hour": (1, 40), "size": (1, 900),
    "weight": (1, 60), "port": (1024, 9000), "priority": (1, 5), "rating": (1, 5), "score": (1, 100), "month": (1, 12),
    "day": (1, 28), "page": (1, 40), "position": (1, 30), "version": (1, 9), "timestamp": (1767225600, 1772409600),
    "created": (1751328000, 1772409600), "updated": (1751328000, 1772409600), "time": (1767225600, 1772409600),
}  # fmt: skip


def _span(name: str, schema: JsonObject) -> tuple[float, float]:
    known = next((_NUMBERS[word] for word in reversed(words(name)) if word in _NUMBERS), (1, 500))
    return _bounds(schema, *known)


def _integer(name: str, schema: JsonObject) -> Maker:
    low, high = _span(name, schema)
    step = schema.get("multipleOf")
    if isinstance(step, int) and step > 1:
        return lambda rng: rng.randint(-int(-low // step), max(-int(-low // step), int(high // step))) * step
    return lambda rng: rng.randint(int(low), max(int(low), int(high)))


def _number(name: str, schema: JsonObject) -> Maker:
    low, high = _span(name, schema)
    return lambda rng: round(min(high, max(low, rng.uniform(low, high))), 2)


def _string(name: str, schema: JsonObject, entity: str) -> Maker:
    """Text by its format, by the words of its name, or else two words; cut to its greatest length."""
    kind = str(schema.get("format", ""))
    parts = words(name)
    make = FORMATS.get(kind) or named(parts, entity, str(schema.get("description", "")))
    top, least = schema.get("maxLength"), schema.get("minLength")
    longest = top if isinstance(top, int) else 400
    shortest = least if isinstance(least, int) else 0
    known = vocabulary()

    def text(rng: Random) -> JsonValue:
        found = make(rng, known)[:longest].rstrip(" -") or "x"
        return (
            found
            if len(found) >= shortest
            else (found + "-" + _plain_text(_LOWER, shortest)(rng).__str__())[: max(shortest, 1)]
        )

    return text
