"""Values for fields: one function a field, chosen by its schema, its name and what it belongs to."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID

from tdscaling.environments.simulated.checks import compiled
from tdscaling.environments.simulated.patterns import matching
from tdscaling.environments.simulated.schemas import enum_of, items_of, properties_of, required_of
from tdscaling.environments.simulated.vocabulary import KINDS, Vocabulary, vocabulary
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

Maker: TypeAlias = Callable[[Random], JsonValue]
Text: TypeAlias = Callable[[Random, Vocabulary], str]

START = datetime(2026, 3, 2, 9, 0)
"""When episodes of simulated services take place; the clock stands still in an episode."""
NOW = START.isoformat() + "Z"
_MAX_DEPTH = 3
_DAYS = 240


def when(rng: Random, *, ahead: bool = False) -> datetime:
    """A moment in the eight months before the episode, or in the three after it."""
    days = rng.randint(1, 90) if ahead else -rng.randint(1, _DAYS)
    return START + timedelta(days=days, minutes=rng.randint(-120, 500))


def maker(name: str, schema: JsonObject, entity: str = "", depth: int = 0) -> Maker | None:
    """A function that makes values of a field of an entity; None where no value is sure to fit the schema."""
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
    check = compiled({key: value for key, value in schema.items() if key != "description"})
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
    if items.get("type", "string") == "string" and _unknown(name, items):
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
    make = _FORMATS.get(kind) or _named(parts, entity, str(schema.get("description", "")))
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


def uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


_LASTS: Text = lambda rng, _: f"PT{rng.randint(1, 11) * 5}M"  # noqa: E731
_FORMATS: Mapping[str, Text] = {
    "date-time": lambda rng, _: when(rng).isoformat() + "Z",
    "duration": _LASTS,
    "date": lambda rng, _: when(rng).date().isoformat(),
    "time": lambda rng, _: f"{rng.randint(7, 19):02}:{rng.choice((0, 15, 30, 45)):02}:00",
    "uuid": lambda rng, _: uuid(rng),
    "guid": lambda rng, _: uuid(rng),
    "uri": lambda rng, known: f"https://example.com/{rng.choice(known.nouns)}/{rng.randint(100, 999)}",
    "url": lambda rng, known: f"https://example.com/{rng.choice(known.nouns)}/{rng.randint(100, 999)}",
    "email": lambda rng, known: _email(rng, known),
    "ipv4": lambda rng, _: f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
    "hostname": lambda rng, known: f"{rng.choice(known.nouns)}.example.com",
}


def _email(rng: Random, known: Vocabulary) -> str:
    one, two = rng.choice(known.first_names), rng.choice(known.last_names)
    return f"{one}.{two}@example.{rng.choice(('com', 'org', 'net'))}".lower().replace(" ", "")


def _code(rng: Random, known: Vocabulary) -> str:
    return f"{rng.choice('ABCDEFGHKLMNPRSTVW')}{rng.choice('ABCDEFGHKLMNPRSTVW')}-{rng.randint(1000, 9999)}"


_BY_WORD: Mapping[str, Text] = {
    **dict.fromkeys(("email", "mail"), _email),
    **dict.fromkeys(("phone", "mobile", "tel", "fax"),
                    lambda rng, _: f"+1-{rng.randint(201, 989)}-555-01{rng.randint(10, 99)}"),
    **dict.fromkeys(("url", "uri", "link", "href", "website", "homepage", "avatar", "image"), _FORMATS["uri"]),
    **dict.fromkeys(("date", "day", "birthday", "deadline"), _FORMATS["date"]),
    **dict.fromkeys(("at", "time", "timestamp", "datetime", "created", "updated", "modified", "utc"),
                    _FORMATS["date-time"]),
    "city": lambda rng, known: rng.choice(known.cities),
    "country": lambda rng, known: rng.choice(known.countries),
    **dict.fromkeys(("address", "street", "line1"), lambda rng, known: rng.choice(known.streets)),
    **dict.fromkeys(("zip", "postcode", "postal"), lambda rng, _: f"{rng.randint(10000, 99999)}"),
    **dict.fromkeys(("company", "organization", "vendor", "supplier"), lambda rng, known: rng.choice(known.companies)),
    **dict.fromkeys(("author", "assignee", "owner", "user", "creator", "contact"),
                    lambda rng, known: rng.choice(known.people)),
    "currency": lambda rng, _: "USD",
    **dict.fromkeys(("language", "locale", "lang"), lambda rng, _: rng.choice(("en", "de", "fr", "es"))),
    **dict.fromkeys(("timezone", "tz"), lambda rng, _: rng.choice(("Europe/Berlin", "America/New_York", "Asia/Tokyo"))),
    **dict.fromkeys(("color", "colour"), lambda rng, _: f"#{rng.getrandbits(24):06x}"),
    **dict.fromkeys(("hash", "sha", "digest", "etag", "checksum"), lambda rng, _: f"{rng.getrandbits(160):040x}"),
    **dict.fromkeys(("id", "uuid", "code", "number", "reference", "ref", "sku", "sid", "key", "token"), _code),
    **dict.fromkeys(("slug", "branch"), lambda rng, known: f"{rng.choice(known.adjectives)}-{rng.choice(known.nouns)}"),
    **dict.fromkeys(("file", "path", "filename", "directory", "folder"),
                    lambda rng, known: f"{rng.choice(known.nouns)}s/{rng.choice(known.adjectives)}.pdf"),
    **dict.fromkeys(("description", "summary", "note", "comment", "message", "body", "text", "content", "reason",
                     "memo"),
                    lambda rng, known: rng.choice(known.sentences)),
    **dict.fromkeys(("title", "subject", "headline", "topic"), lambda rng, known: rng.choice(known.topics)),
    **dict.fromkeys(("tag", "label", "category", "type", "kind", "group"), lambda rng, known: rng.choice(known.nouns)),
    **dict.fromkeys(("amount", "price", "total", "balance", "cost"),
                    lambda rng, _: f"{rng.randint(500, 90000) / 100:.2f}"),
    **dict.fromkeys(("count", "quantity", "size"), lambda rng, _: str(rng.randint(1, 60))),
    **dict.fromkeys(("status", "state"), lambda rng, _: rng.choice(("active", "inactive", "pending"))),
}  # fmt: skip


def _unknown(name: str, schema: JsonObject) -> bool:
    """Whether nothing says what texts of this name look like."""
    parts = words(name)
    said = parts[-1:] == ("name",) or any(word in _BY_WORD for word in parts)
    return not said and not {"format", "enum", "pattern", "example", "const"} & schema.keys()


def _named(parts: tuple[str, ...], entity: str, description: str) -> Text:
    if parts[-1:] == ("name",):
        return _name(parts, entity)
    if "duration" in parts:
        return (
            _LASTS
            if re.search(r"iso[ -]?8601|\bPT\d", description, re.IGNORECASE)
            else lambda rng, _: f"{rng.randint(1, 48) * 5}"
        )
    for word in reversed(parts):
        if word in _BY_WORD:
            return _BY_WORD[word]
    if re.search(r"iso[ -]?8601|date and time|timestamp", description, re.IGNORECASE):
        return _FORMATS["date-time"]
    return lambda rng, known: f"{rng.choice(known.adjectives)} {rng.choice(known.nouns)}"


def _name(parts: tuple[str, ...], entity: str) -> Text:
    """A name by what it is a name of: of a person, a firm, goods, or some matter."""
    if parts[:1] in (("first",), ("given",)):
        return lambda rng, known: rng.choice(known.first_names)
    if parts == ("full", "name"):
        return lambda rng, known: rng.choice(known.people)
    if parts[:1] in (("last",), ("family",)):
        return lambda rng, known: rng.choice(known.last_names)
    if parts in (("user", "name"), ("file", "name"), ("host", "name")) and parts[0] != "file":
        return lambda rng, known: f"{rng.choice(known.first_names)}{rng.randint(1, 99)}".lower()
    of = parts[-2] if len(parts) > 1 else (entity.split(" ") or [""])[-1]
    lists: Mapping[str, Text] = {
        "person": lambda rng, known: rng.choice(known.people),
        "firm": lambda rng, known: rng.choice(known.companies),
        "good": lambda rng, known: rng.choice(known.products),
    }
    return lists.get(KINDS.get(of, ""), lambda rng, known: rng.choice(known.topics))
