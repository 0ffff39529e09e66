"""Values made up for a parameter: from its schema, from what its description quotes, from its name."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from random import Random
from threading import local
from typing import cast

from faker import Faker

from tdscaling.types import JsonObject, JsonValue

TIMEZONES = tuple(
    "Europe/London Europe/Berlin Europe/Madrid Europe/Warsaw Europe/Athens Africa/Lagos Africa/Nairobi Africa/Cairo"
    " Asia/Tokyo Asia/Kolkata Asia/Singapore Asia/Dubai Asia/Seoul Australia/Sydney Pacific/Auckland"
    " America/New_York America/Chicago America/Denver America/Los_Angeles America/Toronto America/Sao_Paulo"
    " America/Mexico_City America/Bogota".split()
)
_QUOTED = re.compile(r"(?<![\w'])'([^'\n]{1,40})'(?!\w)|\"([^\"\n]{1,40})\"|`([^`\n]{1,40})`")
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ɏ"
_WORDS = re.compile(
    rf"[{_UPPER}]+(?=[{_UPPER}][{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|[{_UPPER}]+|\d+|[^\W\d_{_UPPER}{_LOWER}]+"
)
_FILE = re.compile(r"[^/]*?(\.[A-Za-z]\w{0,4})$")
_IDENTIFIERS = re.compile(r"[A-Za-z_]\w+")
_MAX_DEPTH = 4


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """The words of an identifier, lower case.

    >>> words("get_branchName2")
    ('get', 'branch', 'name', '2')
    >>> words("Straßengröße_姓名")
    ('straßengröße', '姓名')
    """
    return tuple(word.lower() for word in _WORDS.findall(name))


def choices(schema: JsonObject) -> tuple[JsonValue, ...]:
    """Values the schema itself offers: enum, const, examples, default, then quotes in its description.

    >>> choices({"type": "string", "description": "One of 'local' or 'remote'."})
    ('local', 'remote')
    """
    found: list[JsonValue] = []
    for variant in variants(schema):
        for key in ("enum", "examples"):
            values = variant.get(key)
            if isinstance(values, list | tuple):
                found.extend(values)
        for key in ("const", "example", "default"):
            if variant.get(key) is not None:
                found.append(variant[key])
    description = schema.get("description")
    if isinstance(description, str) and not found and accepts(schema, "string"):
        found.extend(next(group for group in match.groups() if group) for match in _QUOTED.finditer(description))
    unique: list[JsonValue] = []
    whole = accepts(schema, "integer") and not accepts(schema, "string")
    for value in found:
        if whole and isinstance(value, str) and value.isdecimal():
            value = int(value)
        if value not in unique and value != "":
            unique.append(value)
    return tuple(unique)


def variants(schema: JsonObject) -> tuple[JsonObject, ...]:
    """The schema itself and what stands under its `anyOf`, `oneOf` and `allOf`, without the null type."""
    found: list[JsonObject] = [schema]
    for key in ("anyOf", "oneOf", "allOf"):
        options = schema.get(key)
        if isinstance(options, list | tuple):
            found.extend(item for item in options if isinstance(item, Mapping) and item.get("type") != "null")
    return tuple(found)


def accepts(schema: JsonObject, kind: str) -> bool:
    """Whether a JSON type is among those the schema allows; an untyped schema allows strings."""
    kinds: set[str] = set()
    for variant in variants(schema):
        value = variant.get("type")
        kinds.update([value] if isinstance(value, str) else [])
        kinds.update(cast("list[str]", value) if isinstance(value, list) else [])
    return kind in kinds or (not kinds and kind == "string")


class _Fakers(local):
    """A Faker for each thread: one takes ten milliseconds to make, and draws from whichever source it is given."""

    @cached_property
    def fake(self) -> Faker:
        return Faker("en_US")


_FAKERS = _Fakers()


def faker(seed: int) -> Faker:
    """This thread's Faker at the start of a seed; the next one to ask for it sets it to another.

    >>> faker(3).first_name() == faker(3).first_name()
    True
    """
    return _drawing(Random(seed))


def _drawing(source: Random) -> Faker:
    fake = _FAKERS.fake
    fake.factories[0].random = source
    return fake


class Generator:
    """Makes up values from one seed."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._source = Random(rng.getrandbits(32))

    @property
    def fake(self) -> Faker:
        """Drawing from this generator, until another one draws."""
        return _drawing(self._source)

    def value(self, name: str, schema: JsonObject, depth: int = 0, asked: str = "") -> JsonValue:
        """A value that fits the schema as far as types go; objects get their required properties, and those that
        the text `asked` (an error message, say) names."""
        offered = choices(schema)
        if offered:
            return self.rng.choice(offered)
        schema = next((item for item in variants(schema) if "type" in item or "properties" in item), schema)
        if "properties" in schema or accepts(schema, "object"):
            return self._object(schema, depth, asked)
        if accepts(schema, "array"):
            items = schema.get("items")
            inner: JsonObject = items if isinstance(items, Mapping) else {}
            return [self.value(name, inner, depth + 1, asked) for _ in range(self.rng.randint(1, 3))]
        if accepts(schema, "string"):
            return self.text(name, str(schema.get("description", "")), str(schema.get("format", "")))
        if accepts(schema, "boolean"):
            return self.rng.random() < 0.5
        return self._number(schema)

    def fresh(self, name: str, schema: JsonObject, like: JsonValue) -> JsonValue:
        """A value like one that exists but new: a path keeps its folder and ending.

        >>> Generator(Random(1)).fresh("path", {"type": "string"}, "/workspace/plans.xlsx").startswith("/workspace/")
        True
        >>> "@" in str(Generator(Random(1)).fresh("email", {"type": "string"}, "ann@example.org"))
        True
        """
        if not isinstance(like, str) or "@" in like or "://" in like or not (ending := _FILE.search(like)):
            return self.value(name, schema)
        stem = "_".join(self.fake.words(2))
        return f"{like.rpartition('/')[0]}/{stem}{ending[1]}" if "/" in like else f"{stem}{ending[1]}"

    def _object(self, schema: JsonObject, depth: int, asked: str) -> JsonValue:
        properties = schema.get("properties")
        required = schema.get("required")
        if not isinstance(properties, Mapping) or depth >= _MAX_DEPTH:
            return {}
        said = set(_IDENTIFIERS.findall(asked))
        needed = [str(item) for item in required] if isinstance(required, list | tuple) else []
        named = [name for name in properties if name in said and name not in needed]
        inner = {name: properties.get(name) for name in [*needed, *named] or list(properties)[:1]}
        return {n: self.value(n, s, depth + 1, asked) for n, s in inner.items() if isinstance(s, Mapping)}

    def _number(self, schema: JsonObject) -> JsonValue:
        low, high = schema.get("minimum", 1), schema.get("maximum", 20)
        low = int(low) if isinstance(low, int | float) else 1
        high = int(high) if isinstance(high, int | float) else 20
        return self.rng.randint(low, max(low, min(high, low + 30)))

    def knows(self, name: str) -> bool:
        """Whether the name alone says what kind of value to make up."""
        parts = set(words(name))
        return any(not parts.isdisjoint(keys) for keys, _ in _MAKERS)

    def text(self, name: str, description: str = "", kind: str = "") -> str:
        """A text a person might give for a parameter of this name."""
        parts = set(words(name))
        for keys, make in _MAKERS:
            if not parts.isdisjoint(keys):
                return make(self)
        if kind.startswith("date") or "iso 8601" in description.lower():
            return self.fake.date_between("-1y", "today").isoformat()
        return "-".join(self.fake.words(2))

    def sentence(self) -> str:
        """What somebody might note."""
        subject = self.rng.choice(("The team", "Finance", "Support", "The vendor", "Operations", "The client", "Sales"))
        verb = self.rng.choice(("reviewed", "approved", "asked about", "postponed", "confirmed", "rejected", "updated"))
        thing = self.rng.choice(("the budget", "the rollout", "the order list", "the contract", "the stock count"))
        when = self.rng.choice(("on Monday", "this week", "after the call", "before the audit", "last quarter"))
        return f"{subject} {verb} {thing} {when}"

    def unlike(self, value: JsonValue) -> JsonValue:
        """A random value of the same type and shape: the control of an executed edge.

        A path keeps its folder and ending, a word its length, a list its length.
        """
        if isinstance(value, str):
            folder, slash, name = value.rpartition("/")
            stem, dot, ending = name.rpartition(".")
            stem, dot, ending = (stem, dot, ending) if dot and len(ending) <= 5 else (name, "", "")
            return folder + slash + self._noise(max(6, len(stem))) + dot + ending
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self.rng.randint(10**6, 10**8)
        if isinstance(value, Mapping):
            return {key: self.unlike(item) for key, item in value.items()}
        return [self.unlike(item) for item in value]

    def _noise(self, length: int) -> str:
        return "".join(self.rng.choice("bcdfghjklmnpqrstvwxz") for _ in range(min(length, 24)))


_MAKERS: tuple[tuple[set[str], Callable[[Generator], str]], ...] = (
    ({"timezone", "tz"}, lambda g: g.rng.choice(TIMEZONES)),
    ({"time"}, lambda g: f"{g.rng.randint(7, 21):02}:{g.rng.choice((0, 15, 30, 45)):02}"),
    ({"email", "mail"}, lambda g: g.fake.email()),
    ({"phone", "tel"}, lambda g: g.fake.numerify("+1-###-555-01##")),
    ({"url", "uri", "website", "link"}, lambda g: f"https://example.com/{g.fake.slug()}"),
    ({"city"}, lambda g: g.fake.city()),
    ({"country"}, lambda g: g.fake.country()),
    ({"address", "street"}, lambda g: g.fake.street_address()),
    ({"company", "organization", "organisation"}, lambda g: g.fake.company()),
    ({"author", "person", "assignee", "owner", "user", "customer"}, lambda g: g.fake.name()),
    ({"message", "comment", "text", "body", "content", "insight", "observation", "data"}, lambda g: g.sentence()),
    ({"description", "summary", "note", "reason"}, lambda g: g.sentence()),
    ({"title", "subject", "headline"}, lambda g: " ".join(g.fake.words(3)).capitalize()),
    ({"branch"}, lambda g: f"{g.rng.choice(('feature', 'fix', 'chore'))}/{'-'.join(g.fake.words(2))}"),
    ({"cell", "at"}, lambda g: f"{g.rng.choice('ABCDEFGH')}{g.rng.randint(2, 30)}"),
    ({"range"}, lambda g: f"A{g.rng.randint(1, 3)}:C{g.rng.randint(4, 9)}"),
    ({"color", "colour"}, lambda g: g.fake.hex_color()),
    ({"key", "slug"}, lambda g: g.fake.slug(" ".join(g.fake.words(2)))),
    ({"tags", "tag", "label", "labels"}, lambda g: g.fake.word()),
    ({"name"}, lambda g: " ".join(g.fake.words(2)).title()),
    ({"date", "day"}, lambda g: g.fake.date_between("-1y", "today").isoformat()),
)
"""Texts by the words of a name, the first that fits."""
