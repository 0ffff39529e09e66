"""The workspace's canonical name in texts, wherever it really is."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from tdscaling.types import JsonValue

WORKSPACE = "/workspace"


def placed_at(folder: str, text: str, name: str = WORKSPACE) -> str:
    """The text with `folder` in the place of each mention of the workspace, or of another folder's `name`.

    >>> placed_at("/tmp/slot", "cd /workspace; ls /workspaces x/workspace file:///workspace/a")
    'cd /tmp/slot; ls /workspaces x/workspace file:///tmp/slot/a'
    """
    if name not in text or folder == name:
        return text
    return _mention(name).sub(lambda _: folder, text)


@cache
def _mention(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<=file://)|(?<![\w./\-~])){re.escape(name)}(?![\w\-]|\.\w)")


def mapped(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """`value` with every string in it, keys included, put through `change`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key): mapped(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mapped(item, change) for item in value]
    return value
