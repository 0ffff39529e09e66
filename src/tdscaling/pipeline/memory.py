"""Servers that keep state in memory, where no snapshot sees it: the calls that read it make it part of the state."""

from collections.abc import Sequence

from tdscaling.environments.live import LiveEnvironment
from tdscaling.environments.live_session import Script
from tdscaling.environments.reuse import Reuse
from tdscaling.exploration.findings import DESTROYS
from tdscaling.semantics.verbs import verbal
from tdscaling.semantics.words import words
from tdscaling.types import Tool, ToolProfile, diff

MOST_PROBES = 40
READING = ("list", "search", "get")


def reads(tool: Tool) -> bool:
    """Whether a tool says that it only reads: by its annotation, else by its name."""
    if tool.read_only is not None:
        return tool.read_only
    return verbal(tool).role in READING and not DESTROYS & set(words(tool.name))


def in_order(profiles: Sequence[ToolProfile], tools: Sequence[Tool]) -> list[ToolProfile]:
    """Those that read before all others: so a check sees the state that a process starts with, and a used one has."""
    reading = {tool.key for tool in tools if reads(tool)}
    return sorted(profiles, key=lambda profile: (profile.tool not in reading, profile.tool))


def showing(verdict: Reuse, checked: Sequence[ToolProfile], tools: Sequence[Tool]) -> Script:
    """The reading calls that show what a used process of a server keeps: those of the check that told it from a fresh
    one, and the other calls of their tools that worked."""
    reading = {tool.key for tool in tools if reads(tool)}
    found = [checked[index] for index in verdict.shown if checked[index].tool in reading]
    calls = [(seen.tool.name, seen.arguments) for profile in found for seen in profile.successes]
    return calls[:MOST_PROBES]


async def watch(environment: LiveEnvironment, server: str, script: Script) -> str:
    """Makes the results of these calls part of the state, if they leave it as it is; returns a line where the state
    that `server` keeps in memory stays unseen, else "". Raises ServerError."""
    unseen = f"server {server!r} keeps state in memory that no reading call was found to show"
    if not environment.watch(server, script):
        return ""
    if script:
        async with environment.session([server], 0) as session:
            if not diff(await session.snapshot(), await session.snapshot()):
                return ""
        environment.watch(server, ())
        unseen = f"server {server!r} keeps state in memory that changes as it is read"
    return f"{unseen}: what its tools write is taken for reading; name calls that show it under environment.probes"
