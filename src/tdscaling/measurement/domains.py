"""The domain of a dialogue that names none, derived from its tools; and those of a run's catalogue."""

from functools import lru_cache
from pathlib import Path

from tdscaling.graph import load_clusters
from tdscaling.graph.domains import classify
from tdscaling.types import Dialogue, OfferedTool, Tool


def domain_of(dialogue: Dialogue) -> str:
    """The domain of the tools that a dialogue calls, else of those it is offered: their names and descriptions decide,
    so it is the same whatever other dialogues there are. "none" where there are no tools."""
    names = {call.name for _, call in dialogue.calls()} or {tool.name for tool in dialogue.tools}
    offered = {tool.name: tool for tool in dialogue.tools}
    found = [offered.get(name) or OfferedTool(name=name) for name in sorted(names)]
    return _classified(tuple((one.server or "", one.name, one.description) for one in found))


@lru_cache(maxsize=1024)
def _classified(tools: tuple[tuple[str, str, str], ...]) -> str:
    """Names and descriptions decide; input schemas have no say."""
    if not tools:
        return "none"
    return classify([Tool(server=server, name=name, description=text) for server, name, text in tools])


def of_catalogue(folder: Path) -> frozenset[str]:
    """The domains that the clusters of a run's catalogue lie in, whether a trajectory was kept of them or not; none
    where the run has no such file. Raises DataError."""
    path = folder / "clusters.jsonl"
    return frozenset(cluster.domain for cluster in load_clusters(path)) if path.is_file() else frozenset()
