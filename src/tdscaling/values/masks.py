"""How a secret may be spelt, and what stands in its place."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

HIDDEN = "[key]"
SHORTEST = 8
"""Characters of a secret; what is shorter is a word (`none`, `EMPTY`), which answers and results may hold."""


def spellings(secret: str) -> tuple[str, ...]:
    """How those whom a secret was told may say it again, the longest first: as it is, in JSON and in JSON inside of
    JSON, percent-encoded, and in base64, alone or within a longer text, as a password is.

    >>> spellings("hush-hush")
    ('Omh1c2gtaHVzaA', 'aHVzaC1odXNo', 'h1c2gtaHVza', 'odXNoLWh1c2', 'hush-hush')
    """
    found = {*_in_json(secret), *_in_addresses(secret), *_in_base64(secret)}
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _in_json(secret: str) -> Iterator[str]:
    yield secret
    for escaped in (True, False):
        once = json.dumps(secret, ensure_ascii=escaped)[1:-1]
        yield json.dumps(once, ensure_ascii=escaped)[1:-1]
        yield once
        yield once.replace("/", r"\/")
        yield once.replace("+", r"\u002b")
        yield once.replace("+", r"\u002B")


def _in_addresses(secret: str) -> Iterator[str]:
    for quoted in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield quoted
        yield re.sub("%..", lambda code: code[0].lower(), quoted)


def _in_base64(secret: str) -> Iterator[str]:
    whole = (b64encode(text.encode()).decode().rstrip("=") for text in (secret, f":{secret}"))
    for coded in (*whole, *(_within(secret.encode(), before) for before in range(3))):
        yield coded
        yield coded.translate(str.maketrans("+/", "-_"))


def _within(secret: bytes, before: int) -> str:
    """What base64 of a longer text (`user:secret`) holds of a secret that starts after so many bytes of a group of
    three, without the characters that depend on what is beside it.

    >>> _within(b"hush-hush", 2), b64encode(b"me:so:hush-hush!")
    ('odXNoLWh1c2', b'bWU6c286aHVzaC1odXNoIQ==')
    """
    coded = b64encode(b"\0" * before + secret).decode()
    return coded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
