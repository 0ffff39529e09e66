"""Servers whose state lies on another host, where nothing puts back what a call changes: what is never called."""

from collections.abc import Collection, Sequence

from tdscaling.environments.live import LiveEnvironment
from tdscaling.exploration.findings import DESTROYS
from tdscaling.pipeline.memory import reads
from tdscaling.semantics.words import words
from tdscaling.types import Tool
from tdscaling.values.texts import first_of

MOST_NAMED = 5


def destroys(tool: Tool) -> bool:
    """Whether a tool says that it destroys: by its annotations, else by its name.

    >>> [destroys(Tool(server="s", name=name)) for name in ("delete_ticket", "get_ticket")]
    [True, False]
    """
    said = tool.annotations.get("destructiveHint")
    return not tool.read_only and (said is True or bool(DESTROYS & set(words(tool.name))))


def guarded(
    environment: LiveEnvironment, tools: Sequence[Tool], networked: Collection[str]
) -> tuple[list[Tool], list[str]]:
    """Forbids calls whose effect nothing would put back. Returns the tools that may be called, and a line for each
    server that others belong to: of one reached by a url, which every episode shares, only those that read may be; of
    one that may use the network those that do not destroy."""
    left: dict[str, list[Tool]] = {}
    for tool in tools:
        remote = tool.server in environment.remote
        if (remote and not reads(tool)) or (tool.server in networked and destroys(tool)):
            left.setdefault(tool.server, []).append(tool)
    environment.forbid(tool.key for found in left.values() for tool in found)
    lines = [
        _line(server, [tool.name for tool in found], remote=server in environment.remote)
        for server, found in sorted(left.items())
    ]
    return [tool for tool in tools if tool not in left.get(tool.server, ())], lines


def _line(server: str, names: Sequence[str], *, remote: bool) -> str:
    named = first_of(names, MOST_NAMED)
    if remote:
        return (
            f"server {server!r} is reached by its url, so what is written there stays: tools that don't say that they "
            f"only read are never called: {named}; over stdio each episode has a server of its own"
        )
    return f"server {server!r} may use the network, so what is destroyed there may be for good: never called: {named}"
