"""The canonical path: an episode says `/workspace`, whatever folder its slot really has."""

import os
import stat
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from tdscaling.environments.beneath import Beneath
from tdscaling.types import JsonObject, JsonValue, ToolResult
from tdscaling.values.workspace import WORKSPACE, mapped, placed_at

HOME = "/home/user"


def listed(workspace: Path) -> list[str]:
    """Files and folders of a workspace by their canonical names, sorted; a folder ends in "/", and what is
    inside a `.git` folder is left out. Raises TooMuchError, or OSError where it can't be opened."""
    with Beneath(workspace) as tree:
        return sorted(
            f"{WORKSPACE}/{spelled(path)}" + ("/" if stat.S_ISDIR(status.st_mode) else "")
            for path, status in tree.entries(descend=lambda path: path.rpartition("/")[2] != ".git")
        )


def spelled(path: str) -> str:
    """A path as text that can be stored, whatever bytes a file's name has.

    >>> spelled("caf\\udce9.txt"), spelled("café.txt")
    ('caf\\\\xe9.txt', 'café.txt')
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class PathMap:
    """Translates between the canonical paths and those a server sees.

    >>> paths = PathMap("/tmp/slot-0/workspace", "/tmp/slot-0/home")
    >>> paths.inward("see file:///workspace/a and /workspace, not /workspaces or x/workspace")
    'see file:///tmp/slot-0/workspace/a and /tmp/slot-0/workspace, not /workspaces or x/workspace'
    >>> paths.outward("no such file: /tmp/slot-0/workspace/a (home: /tmp/slot-0/home)")
    'no such file: /workspace/a (home: /home/user)'
    """

    def __init__(self, workspace: str, home: str) -> None:
        self._workspace = workspace
        pairs = [(workspace, WORKSPACE), (home, HOME)]
        pairs += [(quote(real), canonical) for real, canonical in pairs]
        self._outward = [(real, canonical) for real, canonical in dict.fromkeys(pairs) if real and real != canonical]

    def inward(self, text: str) -> str:
        return placed_at(self._workspace, text)

    def outward(self, text: str) -> str:
        for real, canonical in self._outward:
            text = text.replace(real, canonical)
        return text

    def arguments(self, arguments: JsonObject) -> dict[str, JsonValue]:
        return {name: mapped(value, self.inward) for name, value in arguments.items()}

    def result(self, result: ToolResult) -> ToolResult:
        return replace(result, content=self.outward(result.content), structured=mapped(result.structured, self.outward))
