"""The domain of a dialogue that names none, derived from its tools."""

from functools import lru_cache

from tdscaling.graph.domains import classify
from tdscaling.types import Dialogue, OfferedTool, Tool


class Domains:
    """The domain of the tools that a dialogue calls, else of those it is offered.

    `known` maps their names to the domain that the first dialogue with them has: its tools' descriptions decide.
    """

    def __init__(self, known: dict[frozenset[str], str]) -> None:
        self.known = known
        self.used: dict[frozenset[str], str] = {}

    def of(self, dialogue: Dialogue) -> str:
        names = frozenset(call.name for _, call in dialogue.calls()) or frozenset(tool.name for tool in dialogue.tools)
        found = self.used.get(names)
        if found is None:
            found = self.used[names] = self.known.get(names) or _derived(dialogue, names)
        return found


def _derived(dialogue: Dialogue, names: frozenset[str]) -> str:
    offered = {tool.name: tool for tool in dialogue.tools}
    found = [offered.get(name) or OfferedTool(name=name) for name in sorted(names)]
    return _classified(tuple((one.server or "", one.name, one.description) for one in found))


@lru_cache(maxsize=1024)
def _classified(tools: tuple[tuple[str, str, str], ...]) -> str:
    """Names and descriptions decide; input schemas have no say."""
    if not tools:
        return "none"
    return classify([Tool(server=server, name=name, description=text) for server, name, text in tools])
