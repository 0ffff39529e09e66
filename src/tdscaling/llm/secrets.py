"""Keys stay out of texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.errors import ConfigError
from tdscaling.values.masks import HIDDEN, SHORTEST, spellings

_KEYLIKE = re.compile(r"\b(?:sk|pk|hf|gsk|xai|key|rk|api)[-_][A-Za-z0-9_\-*]{6,}|\bAIza[\w-]{20,}|(?i:bearer)\s+\S{6,}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A key; its `repr` does not show it."""

    value: str = field(repr=False)

    @classmethod
    def from_environment(cls, name: str | None, environ: Mapping[str, str], model: str) -> "Secret | None":
        """The key in the variable `name`. Raises ConfigError when it is not set."""
        if name is None:
            return None
        found = environ.get(name, "").strip()
        if not found:
            raise ConfigError(f"models.{model}: set the environment variable {name} to the endpoint's key")
        if not found.isascii() or not found.isprintable():
            raise ConfigError(f"models.{model}: the environment variable {name} holds no key: it has odd characters")
        return cls(found)


def forms(secret: Secret | None) -> tuple[bytes, ...]:
    """What an answer may hold of a key where an endpoint says it again. Nothing for one that is too short to be one."""
    if secret is None or len(secret.value) < SHORTEST:
        return ()
    return tuple(form.encode() for form in spellings(secret.value))


def without(body: bytes, said: Sequence[bytes]) -> bytes:
    """What an endpoint answered with the key left out; the very same bytes where it does not hold the key."""
    for form in said:
        if form in body:
            body = body.replace(form, HIDDEN.encode())
    return body


def redacted(text: str, secret: Secret | None, limit: int = 200) -> str:
    """What an endpoint said, in one line, without the key and without what looks like one.

    >>> redacted("Incorrect key sk-abc***xyz1\\nprovided: hush-hush", Secret("hush-hush"))
    'Incorrect key [key] provided: [key]'
    """
    if secret is not None:
        for spelling in (secret.value, *(form.decode() for form in forms(secret))):
            text = text.replace(spelling, HIDDEN)
    said = " ".join(_KEYLIKE.sub(HIDDEN, text).split())
    return said if len(said) <= limit else said[: limit - 1] + "…"
