"""How a value is written in a leaf: short ones as they are, long ones as a digest."""

import hashlib
import json

from tdscaling.types import JsonValue

SHORT = 60


def digest_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def digest(value: JsonValue) -> str:
    """A short digest of a JSON value, independent of the order of keys."""
    return digest_bytes(json.dumps(value, sort_keys=True).encode())


def shown(text: str) -> str:
    """`text` where it is short and of one line, else its digest.

    >>> shown("paid")
    'paid'
    >>> shown("x" * 100)
    'sha256:09ecb6ebc8bcefc7'
    """
    if len(text) <= SHORT and text.isprintable():
        return text
    return f"sha256:{digest_bytes(text.encode('utf-8', 'surrogatepass'))}"
