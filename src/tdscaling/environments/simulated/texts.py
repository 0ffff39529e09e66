"""Texts for fields: by a format, by the words of a name, by what the name is a name of."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID

from tdscaling.environments.simulated.vocabulary import KINDS, Vocabulary
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject

Text: TypeAlias = Callable[[Random, Vocabulary], str]

START = datetime(2026, 3, 2, 9, 0)
"""When episodes of simulated services take place; the clock stands still in an episode."""
NOW = START.isoformat() + "Z"
_DAYS = 240


def when(rng: Random, *, ahead: bool = False) -> datetime:
    """A moment in the eight months before the episode, or in the three after it."""
    days = rng.randint(1, 90) if ahead else -rng.randint(1, _DAYS)
    return START + timedelta(days=days, minutes=rng.randint(-120, 500))


def uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


_LASTS: Text = lambda rng, _: f"PT{rng.randint(1, 11) * 5}M"  # noqa: E731
FORMATS: Mapping[str, Text] = {
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
    **dict.fromkeys(("url", "uri", "link", "href", "website", "homepage", "avatar", "image"), FORMATS["uri"]),
    **dict.fromkeys(("date", "day", "birthday", "deadline"), FORMATS["date"]),
    **dict.fromkeys(("at", "time", "timestamp", "datetime", "created", "updated", "modified", "utc"),
                    FORMATS["date-time"]),
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


def unknown(name: str, schema: JsonObject) -> bool:
    """Whether nothing says what texts of this name look like."""
    parts = words(name)
    said = parts[-1:] == ("name",) or any(word in _BY_WORD for word in parts)
    return not said and not {"format", "enum", "pattern", "example", "const"} & schema.keys()


def named(parts: tuple[str, ...], entity: str, description: str) -> Text:
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
        return FORMATS["date-time"]
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
