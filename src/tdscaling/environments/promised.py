"""What servers offer, beside what the catalogue of a run says that they do."""

from collections.abc import Collection, Iterable, Mapping

from tdscaling.types import Tool
from tdscaling.values.texts import first_of

MOST_NAMED = 5


def by_server(tools: Iterable[Tool]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for tool in tools:
        found.setdefault(tool.server, set()).add(tool.name)
    return {server: frozenset(names) for server, names in found.items()}


def difference(server: str, promised: Collection[str], offered: Collection[str]) -> str:
    """The line on a server that offers other tools than were promised, "" where it does not.

    >>> difference("shop", {"list", "get"}, {"list", "fetch"})
    "server 'shop' offers other tools than the catalogue of this run (gone: get; new: fetch): --new takes the new ones"
    """
    parts = [
        f"{what}: {first_of(names, MOST_NAMED)}"
        for what, names in (
            ("gone", sorted(set(promised) - set(offered))),
            ("new", sorted(set(offered) - set(promised))),
        )
        if names
    ]
    said = f"server {server!r} offers other tools than the catalogue of this run ({'; '.join(parts)})"
    return f"{said}: --new takes the new ones" if parts else ""
