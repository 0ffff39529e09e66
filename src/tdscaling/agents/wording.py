"""Plain words for parameters, fields and values, in many shapes."""

import json
import re
from collections.abc import Sequence
from random import Random

from tdscaling.semantics.words import singular
from tdscaling.types import JsonValue
from tdscaling.values.generate import words

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "look up": ("look up", "get", "find", "pull up", "bring up", "fetch"),
    "search for": ("search for", "look for", "find"),
    "show": ("show", "bring up", "pull up", "display", "get"),
    "list": ("list", "put together a list of", "go through", "run through", "pull up", "get"),
    "read": ("read", "pull up", "look at", "open", "go over"),
    "describe": ("describe", "give an overview of", "look at", "explain", "sum up"),
    "create": ("create", "set up", "add", "make"),
    "add": ("add", "put in", "include"),
    "delete": ("delete", "remove", "get rid of", "drop"),
    "record": ("record", "save", "note down"),
    "switch": ("switch", "change"),
    "update": ("update", "change", "bring up to date"),
    "rename": ("rename", "give a new name to"),
    "copy": ("copy", "duplicate", "make a copy of"),
    "insert": ("insert", "put in"),
    "append": ("append", "add"),
    "export": ("export", "save out", "write out"),
    "execute": ("execute", "run"),
    "move": ("move", "shift"),
    "book": ("book", "arrange"),
    "check": ("check", "look into", "verify"),
    "count": ("count", "tally"),
    "format": ("format", "style"),
    "sort": ("sort", "put in order"),
    "save": ("save", "keep", "store"),
}
"""None of them holds "me": they stand behind "I want you to" and "we should" alike."""
NAMING = ("name", "full name", "display name", "title", "subject", "label")
"""What a thing is called by, the best first."""
_KEYS = frozenset("name id key path target uuid guid gid sid uid number identifier code slug ids value".split())
_CONTAINERS = frozenset(
    "data result results item items record records row rows response body payload content contents value values "
    "object objects list entries attributes properties fields paging pagination meta metadata stats page".split()
)
"""Parts of a path that say nothing of what is in them."""
_BEFORE = frozenset("first last middle given family full display short long current min max total average".split())
_BARE = _BEFORE | frozenset(
    "name id gid uuid title status type code email number key label amount value count currency date time text unit "
    "url start end from to by description".split()
)
"""Names of fields that speak of what they stand in."""
_DATES = {
    one: said
    for stem, said in (
        ("created", "creation date"), ("updated", "last update"), ("modified", "last change"), ("started", "start"),
        ("closed", "closing date"), ("expires", "expiry date"), ("deleted", "deletion date"),
        ("published", "publication date"),
    )
    for one in (stem, f"{stem} at", f"{stem} on", f"date {stem}", f"{stem} date", f"{stem} time", f"last {stem}")
}  # fmt: skip
"""How people call the moments that fields are named after."""
_FILTER = re.compile(r"^[bfkmpqs]_(?=[A-Za-z])")
_JOINED = re.compile(r"(?i)\b(user|host|file|nick|login)name\b")
_SOMEWHERE = re.compile(r"\b(?:to|into|in|from)\b")
"""What binds a verb of motion to its own preposition: an item is added to a list, and not included to it."""
_NOT_SAID = frozenset("the a an to of in for from by on with and or all".split())


def vary(phrase: str, rng: Random) -> str:
    """The phrase with its verb in other words, sometimes.

    >>> vary("show the logs", Random(0)), vary("look up the order", Random(1))
    ('display the logs', 'get the order')
    """
    verb = next((known for known in ("look up", "search for") if phrase.startswith(f"{known} ")), phrase.split(" ")[0])
    options = _SYNONYMS.get(verb)
    if options and verb in ("add", "append", "insert", "move") and _SOMEWHERE.search(phrase):
        return phrase
    return f"{rng.choice(options)}{phrase.removeprefix(verb)}" if options else phrase


def label(name: str) -> str:
    """How people call a parameter or a field; one that speaks of what it stands in is called by both.

    >>> label("repo_path"), label("records[].Commit"), label("f_creationDate")
    ('repo path', 'commit', 'creation date')
    >>> label("data.name.first"), label("orders[].id"), label("orders[].team.name"), label("price.value")
    ('first name', 'id', 'team name', 'price')
    """
    parts = name.split(".")
    last = parts[-1]
    said = " ".join(words(_FILTER.sub("", last.replace("[]", "")))) or "value"
    if last.endswith("[]") and said.endswith("s") and not said.endswith("ss") and len(said) > 3:
        said = said[:-1]
    said = _DATES.get(said, "query" if said == "q" else said)
    above = _above(parts)
    if said not in _BARE or not above or said in above.split():
        return said
    if said in ("value", "text"):
        return above
    return f"{said} {above}" if said in _BEFORE else f"{above} {said}"


def _above(parts: Sequence[str]) -> str:
    """What the object that holds a field is called; "" where it is the thing that the whole result is about."""
    if len(parts) < 2:
        return ""
    holder = parts[-2]
    if holder.endswith("[]") and all(part.replace("[]", "").lower() in _CONTAINERS for part in parts[:-2]):
        return ""
    found = list(words(holder.replace("[]", "")))
    if not found or "".join(found) in _CONTAINERS:
        return ""
    return " ".join([*found[:-1], singular(found[-1])] if holder.endswith("[]") else found)


def noun(name: str) -> str:
    """The thing a parameter names: its label without `name`, `id` and the like; "" where nothing is left.

    >>> noun("branch_name"), noun("username"), noun("id")
    ('branch', 'user', '')
    """
    return " ".join(part for part in words(_JOINED.sub(r"\1", name.replace("[]", ""))) if part not in _KEYS)


def spoken(value: JsonValue) -> str:
    """A value as a person writes it into a message.

    >>> spoken("fix/totals"), spoken(["a", "b"]), spoken(3), spoken([["x", 1]])
    ('fix/totals', 'a and b', '3', '[["x", 1]]')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(item, str | int | float) for item in value):
        return enumeration([str(item) for item in value])
    return json.dumps(value, ensure_ascii=False)


def enumeration(items: Sequence[str]) -> str:
    """
    >>> enumeration(["a", "b", "c"])
    'a, b and c'
    """
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def quoted(value: JsonValue, rng: Random) -> str:
    """A value set off from the sentence, or not where it reads well without; a number never is, which no text is."""
    text = spoken(value)
    if isinstance(value, int | float):
        return text
    if isinstance(value, list | tuple) or re.fullmatch(r"[\w./:+-]+", text):
        return text if rng.random() < 0.5 or isinstance(value, list | tuple) else f'"{text}"'
    return rng.choice((f'"{text}"', f"“{text}”", f"'{text}'" if "'" not in text else f'"{text}"'))


def detail(name: str, value: JsonValue, rng: Random) -> str:
    """A value with its label, as an addition to a request."""
    said = quoted(value, rng)
    verb = "is" if singular(name.rpartition(" ")[2]) == name.rpartition(" ")[2] else "are"
    forms = (
        f"{name}: {said}",
        f"use {said} as the {name}",
        f"please use {said} as the {name}",
        f"the {name} {verb} {said}",
        f"the {name} {verb} {said}",
        f"for the {name}, use {said}",
    )
    return rng.choice(forms)


def sentence(text: str) -> str:
    """Upper case first, one full stop or question mark last.

    >>> sentence("all done"), sentence("ok?")
    ('All done.', 'Ok?')
    """
    text = capital(text.strip())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def capital(text: str) -> str:
    """Upper case first, the rest as it is."""
    return text[:1].upper() + text[1:]


def content_words(text: str) -> set[str]:
    return set(words(text)) - _NOT_SAID
