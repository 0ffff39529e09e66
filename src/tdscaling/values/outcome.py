"""Is a result an error, an empty answer, or an answer? Many servers say an error in plain text."""

import re
from collections.abc import Mapping

from tdscaling.types import JsonValue, ToolResult
from tdscaling.values.parse import parse

_ERROR_TEXT = re.compile(
    r"\s*[\[(\"']*\s*(?:[\w.-]+ ){0,3}?(?:error|exception|failed|failure|fatal|traceback|invalid|unable to"
    r"|(?-i:[A-Z]\w*(?:Error|Exception)(?=:))|cannot|could not|access denied|permission denied|forbidden"
    r"|unauthorized|rate limit|timed? ?out)\b[^\n]{0,40}?(?:[:!.(]|\s|$)",
    re.IGNORECASE,
)
_NOT_ERROR = re.compile(r"\s*(?:no|0|without)\b[^\n]{0,12}?\b(?:errors?|exceptions?|failures?)\b", re.IGNORECASE)
_EMPTY_TEXT = re.compile(
    r"\s*(?:no|nothing|none|null|not found|empty|0(?![.,:/%-]))\b[^\n]{0,80}$"
    r"|.{0,60}\b(?:not found|does not exist|no (?:matches|results))\b",
    re.IGNORECASE,
)
_SHORT = 160
_ERROR_KEYS = ("error", "errors", "error_message", "errorMessage", "exception")
_IN_ERRORS = ("error", "exception", "success", "ok", "failed", "\\")
"""One of these is in every object that says it is an error, if with escapes; they are found far sooner than the object
is read."""


def looks_like_error(text: str) -> bool:
    """Whether a result's text reads as an error, for servers and data sets that don't flag errors.

    >>> looks_like_error("Database error: no such table: u"), looks_like_error('{"error": "bad id"}')
    (True, True)
    >>> looks_like_error("No errors found."), looks_like_error("error_rate: 3"), looks_like_error('{"error": null}')
    (False, False, False)
    """
    head = text[:400]
    if head.lstrip()[:1] == "{":
        return any(word in text for word in _IN_ERRORS) and error_object(parse(text))
    first = head.lstrip().split("\n", 1)[0]
    return bool(_ERROR_TEXT.match(first)) and not _NOT_ERROR.match(first)


def error_object(value: JsonValue) -> bool:
    """Whether a parsed result is an object that says it is an error.

    >>> error_object({"error": "bad id"}), error_object({"error": None}), error_object(["error"])
    (True, False, False)
    """
    if not isinstance(value, Mapping):
        return False
    if any(value.get(key) not in (None, False, "", 0) and value.get(key) != [] for key in _ERROR_KEYS):
        return True
    return value.get("success") is False or value.get("ok") is False or value.get("status") in ("error", "failed")


def failed(result: ToolResult) -> bool:
    """Whether the call failed: flagged by the server, or said in the text."""
    return result.is_error or result.fault is not None or looks_like_error(result.content)


def empty(result: ToolResult) -> bool:
    """Whether the call went well and found nothing: a legitimate answer, not an error.

    >>> empty(ToolResult(content="[]")), empty(ToolResult(content="No matches found")), empty(ToolResult(content="7"))
    (True, True, False)
    """
    if len(result.content) < _SHORT and _EMPTY_TEXT.match(result.content.strip()):
        return True
    value = parse(result.content)
    if value is None or value == "" or value == [] or value == {}:
        return True
    if isinstance(value, Mapping):
        inner = list(value.values())
        return bool(inner) and all(item in (None, "", 0, False) or item == [] or item == {} for item in inner)
    return False
