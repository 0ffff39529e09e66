"""What a catalogue holds, in words."""

import json
from collections import Counter
from collections.abc import Sequence

from tdscaling.catalog.keywords import clip
from tdscaling.catalog.rows import to_line
from tdscaling.errors import ConfigError
from tdscaling.types import Tool


def tools_of(tools: Sequence[Tool], which: str) -> list[Tool]:
    """The tools of a server, or the tool of a `server/tool`; all for "". Raises ConfigError when there is none.

    A server's name may hold a slash.

    >>> [str(tool.key) for tool in tools_of([Tool(server="a/b", name="c"), Tool(server="a", name="d")], "a/b")]
    ['a/b/c']
    """
    chosen = [tool for tool in tools if which in ("", tool.server, str(tool.key))]
    if not chosen and which:
        near = sorted({tool.server for tool in tools if which.partition("/")[0].lower() in tool.server.lower()})
        hint = f"; servers with a like name: {', '.join(near[:5])}" if near else "; name no server to list them all"
        raise ConfigError(f"{which}: no such server or tool in the catalogue{hint}")
    return chosen


def overview(tools: Sequence[Tool], *, servers: bool) -> str:
    """One line for each server (its number of tools) or each tool (its description)."""
    if servers:
        counts = Counter(tool.server for tool in tools)
        return "\n".join(f"{count:6,}  {server}" for server, count in sorted(counts.items()))
    width = min(48, max((len(tool.name) for tool in tools), default=0))
    lines = (f"{tool.name:<{width}}  {' '.join(clip(tool.description, 100).split())}" for tool in tools)
    return "\n".join(line.rstrip() for line in lines)


def tool_text(tool: Tool, *, line: bool = False) -> str:
    """All of a tool as indented JSON, or as the line of the catalogue file."""
    text = to_line(tool).decode().rstrip("\n")
    return text if line else json.dumps(json.loads(text), indent=2, ensure_ascii=False)
