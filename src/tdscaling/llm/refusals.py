"""An answer with a status other than 200 becomes the named error."""

import re
from collections.abc import Mapping

from tdscaling.errors import ProviderError
from tdscaling.llm.failures import (
    AuthError,
    BadRequestError,
    ContextOverflowError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
)
from tdscaling.llm.secrets import Secret, forms, redacted, without
from tdscaling.types import JsonValue
from tdscaling.values import loads

_OVERFLOW = re.compile(
    r"context.{0,12}(?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens",
    re.IGNORECASE,
)
_NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|payment", re.IGNORECASE)
_OVERLOADED = frozenset({408, 409, 425})


def failure(status: int, body: bytes, retry_after: float | None, secret: Secret | None) -> ProviderError:
    """The error for an answer that is not 200."""
    said = redacted(_said(without(body, forms(secret))), secret)
    text = f"the endpoint answers {status}" + (f": {said}" if said else "")
    if status in (401, 403):
        return AuthError(f"{text}: check the key in the variable that api_key_env names")
    if status == 402 or (status == 429 and _NO_QUOTA.search(said)):
        return AuthError(f"{text}: the account has nothing left")
    if status == 404 or 300 <= status < 400:
        return NotFoundError(f"{text}: check base_url and model")
    if status == 429:
        return RateLimitedError(text, retry_after)
    if status >= 500 or status in _OVERLOADED:
        return OverloadedError(text, retry_after)
    return (ContextOverflowError if _OVERFLOW.search(said) else BadRequestError)(text)


def _said(body: bytes) -> str:
    """The message in the body of an error: OpenAI's form, others' forms, or the text as it is. What is cut off here
    must be free of keys: the half of one looks like none."""
    try:
        document: JsonValue = loads(body[:65536])
    except ValueError:
        return re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace"))
    if not isinstance(document, Mapping):
        return str(document)[:400]
    found = document.get("error", document.get("detail", document.get("message", "")))
    if isinstance(found, Mapping):
        parts = [found.get("message"), found.get("code"), found.get("type")]
        return " ".join(str(part) for part in parts if part)
    return str(found)
