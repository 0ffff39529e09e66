"""What a server answered, as a ToolResult: text joined, everything else as a short placeholder."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import cast

import mcp_types

from tdscaling.catalog.mcp.masking import Masking
from tdscaling.types import JsonValue, ToolResult


def result_of(answer: mcp_types.CallToolResult, text_chars: int, masking: Masking) -> ToolResult:
    """Text parts joined by newlines; images, audio and resources as `[image image/png 12 bytes sha256:…]`.

    Structured content is kept beside the text, and stands in for it where there is no text.
    """
    structured = masking.value(cast("JsonValue", answer.structured_content))
    text = masking.text("\n".join(_part(part) for part in answer.content))
    if not text and structured is not None:
        text = json.dumps(structured, ensure_ascii=False)
    if structured is not None and len(text) > text_chars:
        structured = None
    return ToolResult(content=capped(text, text_chars), is_error=bool(answer.is_error), structured=structured)


def capped(text: str, limit: int) -> str:
    """The first `limit` characters, with a plain marker where the rest was.

    >>> capped("abcdef", 4)
    'abcd\\n[truncated: 4 of 6 characters kept]'
    """
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n[truncated: {limit} of {len(text)} characters kept]"


def deeper(value: JsonValue, most: int) -> bool:
    """Whether lists and objects are nested more than `most` levels deep.

    >>> deeper({"a": [1]}, 2), deeper({"a": [[]]}, 2), deeper(1, 0)
    (False, True, False)
    """
    level = [value]
    for _ in range(most):
        level = [item for held in level for item in _held(held)]
        if not level:
            return False
    return any(isinstance(held, list | Mapping) for held in level)


def _held(value: JsonValue) -> Iterable[JsonValue]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def _part(part: mcp_types.ContentBlock) -> str:
    match part:
        case mcp_types.TextContent():
            return part.text
        case mcp_types.ImageContent():
            return _placeholder("image", part.mime_type, part.data)
        case mcp_types.AudioContent():
            return _placeholder("audio", part.mime_type, part.data)
        case mcp_types.EmbeddedResource(resource=mcp_types.TextResourceContents() as resource):
            return resource.text
        case mcp_types.EmbeddedResource(resource=mcp_types.BlobResourceContents() as resource):
            return _placeholder(f"resource {resource.uri}", resource.mime_type or "unknown type", resource.blob)
        case _:
            return f"[link {part.uri} {part.name}]" if isinstance(part, mcp_types.ResourceLink) else "[unknown part]"


def _placeholder(kind: str, media: str, data: str) -> str:
    try:
        raw = base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        raw = data.encode()
    return f"[{kind} {media} {len(raw)} bytes sha256:{hashlib.sha256(raw).hexdigest()[:12]}]"


def fault_result(fault: str, server: str, reason: str) -> ToolResult:
    """The answer in place of a server that failed: "timeout", "crash", "flood" or "protocol"."""
    text = " ".join(f"Server {server!r} failed ({fault}): {reason}".split())
    return ToolResult(content=text, is_error=True, fault=fault)
