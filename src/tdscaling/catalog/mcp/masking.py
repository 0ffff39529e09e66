"""Values of the user's variables stay out of what a server says again."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

from tdscaling.types import JsonValue
from tdscaling.values.masks import HIDDEN


class Masking:
    """Puts `[key]` in the place of each of some values, as they are and as JSON, addresses and base64 write
    them.

    >>> Masking(["hush-hush"]).value({"hush-hush": ["Bearer hush-hush", 1]})
    {'[key]': ['Bearer [key]', 1]}
    """

    def __init__(self, values: Sequence[str]) -> None:
        forms = {form for value in values for form in _written(value)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def text(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """The same where there is nothing to mask."""
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self.value(inner) for name, inner in value.items()}
        return [self.value(inner) for inner in value] if isinstance(value, Sequence) else value


def _written(value: str) -> Iterator[str]:
    """A value in all its spellings."""
    yield value
    for escaped in (True, False):
        yield json.dumps(value, ensure_ascii=escaped)[1:-1]
    for quoted in (quote(value), quote(value, safe=""), quote_plus(value)):
        yield quoted
        yield re.sub("%..", lambda code: code[0].lower(), quoted)
    for before in range(3):
        coded = _within(value.encode(), before)
        yield coded
        yield coded.translate(str.maketrans("+/", "-_"))


def _within(value: bytes, before: int) -> str:
    """What base64 of a longer text (`user:value`) holds of a value that starts after so many bytes of a group of three,
    without the characters that depend on what is beside it.

    >>> _within(b"hush-hush", 2), b64encode(b"me:so:hush-hush!")
    ('odXNoLWh1c2', b'bWU6c286aHVzaC1odXNoIQ==')
    """
    coded = b64encode(b"\0" * before + value).decode()
    return coded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
