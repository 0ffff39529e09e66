"""Failures of a simulated service: typed, and said as such a service says them."""

import json
from typing import Literal, TypeAlias

from tdscaling.types import Tool, ToolResult

FailureKind: TypeAlias = Literal["validation", "not_found", "conflict", "permission"]

_STATUS: dict[FailureKind, int] = {
    "validation": 422,
    "not_found": 404,
    "conflict": 409,
    "permission": 403,
}


class CallFailedError(Exception):
    """A call that the service turns down. Nothing has changed when it is raised."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind


def failure(tool: Tool | None, kind: FailureKind, message: str) -> ToolResult:
    """The result of a failed call: an HTTP service gives its status, another one a code by name.

    >>> failure(None, "not_found", "no task 7").content
    '{"error": {"code": "not_found", "message": "no task 7"}}'
    """
    error: dict[str, str | int] = {"code": kind, "message": message}
    if tool is not None and "x-http" in tool.annotations:
        error = {"status": _STATUS[kind], **error}
    return ToolResult(content=json.dumps({"error": error}, ensure_ascii=False), is_error=True)
