"""Business Clusters: tools that together run a real process."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tdscaling.graph.acyclic import acyclic, order
from tdscaling.graph.communities import LARGEST, SMALLEST, communities
from tdscaling.graph.crossing import crossings
from tdscaling.graph.dependencies import by_server, edge_order
from tdscaling.graph.distinct import distinct
from tdscaling.graph.domains import classify
from tdscaling.graph.naming import cluster_name
from tdscaling.graph.resources import resources
from tdscaling.graph.services import Unit, units
from tdscaling.semantics.verbs import ROLES, Verbal, verbal
from tdscaling.semantics.views import common_words
from tdscaling.types import Cluster, ClusterKind, Edge, Tool, ToolKey


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What grouping needs to know of the tools: themselves, their verbs and nouns, the edges at each tool."""

    tools: Mapping[ToolKey, Tool]
    verbs: Mapping[ToolKey, Verbal]
    out: Mapping[ToolKey, Sequence[Edge]]


def find_clusters(
    tools: Sequence[Tool], edges: Sequence[Edge], *, progress: Callable[[float], None] = lambda share: None
) -> tuple[Cluster, ...]:
    """The distinct clusters of a catalogue (pairwise Jaccard below 0.7), sorted by id.

    First a partition of each server (or service, where the server is doubtful) into service and resource clusters, then
    the life cycles of single entities, then clusters across two servers. `progress` is told the share that is done.
    """
    found_in = units(by_server(tools))
    known = _catalogue(found_in, edges)
    cycles: list[frozenset[ToolKey]] = []
    for unit in found_in:
        cycles.extend(resources([tool.key for tool in unit.tools], known.verbs, known.out))
    groups = [*([group] for group in (*_partition(found_in, known), *cycles)), *crossings(edges, known.out)]
    kept = distinct(groups)
    found: list[Cluster] = []
    for number, members in enumerate(kept, start=1):
        cluster = _cluster(members, known)
        if cluster:
            found.append(cluster)
        progress(number / len(kept))
    return tuple(sorted(found, key=lambda cluster: cluster.id))


def partition(tools: Sequence[Tool], edges: Sequence[Edge]) -> list[frozenset[ToolKey]]:
    """The disjoint groups that `find_clusters` begins with: each within one server or service, of 3 to 20 tools."""
    found_in = units(by_server(tools))
    return _partition(found_in, _catalogue(found_in, edges))


def _partition(found_in: Iterable[Unit], known: Catalogue) -> list[frozenset[ToolKey]]:
    return [
        part
        for unit in found_in
        for part in _parts([tool.key for tool in unit.tools], known, LARGEST if unit.recovered else LARGEST // 2)
    ]


def _catalogue(found_in: Sequence[Unit], edges: Iterable[Edge]) -> Catalogue:
    verbs: dict[ToolKey, Verbal] = {}
    for unit in found_in:
        prefix = common_words(unit.tools)
        verbs.update({tool.key: verbal(tool, prefix) for tool in unit.tools})
    out: dict[ToolKey, list[Edge]] = {}
    for edge in sorted(edges, key=edge_order):
        if edge.producer.key in verbs and edge.consumer.key in verbs:
            out.setdefault(edge.producer.key, []).append(edge)
    return Catalogue({tool.key: tool for unit in found_in for tool in unit.tools}, verbs, out)


def _parts(keys: Sequence[ToolKey], known: Catalogue, whole: int) -> list[frozenset[ToolKey]]:
    position = {key: index for index, key in enumerate(keys)}
    weight: dict[tuple[int, int], float] = {}
    for key in keys:
        for edge in known.out.get(key, ()):
            other = position.get(edge.consumer.key)
            if other is not None and other != position[key]:
                pair = (min(position[key], other), max(position[key], other))
                weight[pair] = max(weight.get(pair, 0.0), _strength(edge))
    nouns = {index: known.verbs[key].noun[-1:] for key, index in position.items()}
    links = [
        (one, two, value + (0.3 if nouns[one] and nouns[one] == nouns[two] else 0.0))
        for (one, two), value in sorted(weight.items())
    ]
    entity = {index: "".join(noun) for index, noun in nouns.items()}
    return [frozenset(keys[node] for node in part) for part in communities(len(keys), links, entity, whole)]


def _strength(edge: Edge) -> float:
    return 2.0 if edge.executed else edge.score * (1.0 if edge.kind == "value" else 0.5) + 0.01


def _cluster(members: frozenset[ToolKey], known: Catalogue) -> Cluster | None:
    inner = [edge for key in sorted(members) for edge in known.out.get(key, ()) if edge.consumer.key in members]
    edges = acyclic(inner)
    tools = tuple(sorted(members))
    if not SMALLEST <= len(tools) <= LARGEST or not _joined(tools, edges):
        return None
    rank = {key: ROLES.index(known.verbs[key].role) for key in tools}
    kind = _kind(tools, known)
    nouns: dict[str, list[tuple[str, ...]]] = {}
    for key in tools:
        nouns.setdefault(key.server, []).append(known.verbs[key].noun)
    return Cluster(
        id="c" + hashlib.sha256("\n".join(map(str, tools)).encode()).hexdigest()[:15],
        name=cluster_name(kind, nouns, {known.verbs[key].role for key in tools}),
        domain=classify([known.tools[key] for key in tools]),
        kind=kind,
        tools=tools,
        edges=tuple(sorted(edges, key=edge_order)),
        order=order(tools, edges, rank),
    )


def _joined(tools: Sequence[ToolKey], edges: Iterable[Edge]) -> bool:
    near: dict[ToolKey, list[ToolKey]] = {}
    for edge in edges:
        near.setdefault(edge.producer.key, []).append(edge.consumer.key)
        near.setdefault(edge.consumer.key, []).append(edge.producer.key)
    seen = {tools[0]}
    stack = [tools[0]]
    while stack:
        for other in near.get(stack.pop(), ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return len(seen) == len(tools)


def _kind(tools: Sequence[ToolKey], known: Catalogue) -> ClusterKind:
    if len({key.server for key in tools}) > 1:
        return "cross_service"
    heads = [known.verbs[key].noun[-1:] for key in tools]
    most = max(heads.count(head) for head in heads)
    return "resource" if heads and most >= 0.6 * len(tools) and any(heads) else "service"
