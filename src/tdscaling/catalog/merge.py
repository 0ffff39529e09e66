"""Joins the listings of several sources: the same tool once, and the first one where two differ."""

from collections.abc import Iterable

from tdscaling.catalog.problems import Listing, Problem
from tdscaling.types import Tool, ToolKey

NAMED = 5
"""Tools named in a line about many."""


def merged(listings: Iterable[tuple[str, Listing]]) -> tuple[tuple[Tool, ...], tuple[Problem, ...]]:
    """The tools of all sources sorted by server and name, and their problems in the order of the sources.

    Tools of the same server and name are one tool when their schemas are equal; when they differ the
    first is kept and one line for the source and server says so.
    """
    kept: dict[ToolKey, tuple[Tool, str]] = {}
    problems: list[Problem] = []
    for label, listing in listings:
        problems.extend(listing.problems)
        differing: dict[tuple[str, str], list[str]] = {}
        for tool in listing.tools:
            first, origin = kept.setdefault(tool.key, (tool, label))
            if first is not tool and not _same(first, tool):
                differing.setdefault((tool.server, origin), []).append(tool.name)
        for (server, origin), names in sorted(differing.items()):
            problems.append(
                Problem(label, server, _difference(names, "an earlier line" if origin == label else origin))
            )
    return tuple(kept[key][0] for key in sorted(kept)), tuple(problems)


def _same(one: Tool, other: Tool) -> bool:
    return one.input_schema == other.input_schema and one.output_schema == other.output_schema


def _difference(names: list[str], origin: str) -> str:
    """One line about the tools that differ.

    >>> _difference(["b", "a"], "one.jsonl")
    '2 tools differ in schema from those of the same name in one.jsonl, which are kept: a, b'
    """
    shown = ", ".join(sorted(names)[:NAMED]) + (", …" if len(names) > NAMED else "")
    tools = "1 tool differs" if len(names) == 1 else f"{len(names)} tools differ"
    kept = "that" if len(names) == 1 else "those"
    verb = "is" if len(names) == 1 else "are"
    return f"{tools} in schema from {kept} of the same name in {origin}, which {verb} kept: {shown}"
