"""Edges and clusters for a person to judge."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tdscaling.graph.distinct import disjoint
from tdscaling.graph.files import edge_json
from tdscaling.types import Cluster, Edge, JsonValue, ToolKey


def neighbours(key: ToolKey, edges: Sequence[Edge]) -> str:
    """What feeds a tool and what it feeds, the likeliest first, one edge a line with its evidence."""
    into, out = _both(key, edges)
    lines = [f"{key}", f"  fed by ({len(into)})"]
    lines += [_line(edge, f"{edge.producer.key}", edge.producer.field, edge.consumer.field) for edge in into]
    lines.append(f"  feeds ({len(out)})")
    lines += [_line(edge, f"{edge.consumer.key}", edge.producer.field, edge.consumer.field) for edge in out]
    return "\n".join(lines)


def neighbours_json(key: ToolKey, edges: Sequence[Edge]) -> dict[str, JsonValue]:
    """The same as JSON: the edges as their file has them."""
    into, out = _both(key, edges)
    return {"tool": str(key), "fed_by": [edge_json(edge) for edge in into], "feeds": [edge_json(edge) for edge in out]}


def _both(key: ToolKey, edges: Sequence[Edge]) -> tuple[list[Edge], list[Edge]]:
    into = _sorted(edge for edge in edges if edge.consumer.key == key)
    return into, _sorted(edge for edge in edges if edge.producer.key == key)


def _sorted(edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: (not edge.executed, -edge.score, edge.producer, edge.consumer))


def _line(edge: Edge, other: str, out: str, into: str) -> str:
    what = f"{out} → {into}" if edge.kind == "value" else "order"
    return f"    {edge.score:.2f}  {other}  {what}  [{', '.join(edge.evidence)}]"


def summary(clusters: Sequence[Cluster]) -> dict[str, JsonValue]:
    """The counts of a set of clusters: disjoint, distinct, cross-service; sizes, domains, kinds, evidence of edges."""
    sizes = Counter(len(cluster.tools) for cluster in clusters)
    domains = Counter(cluster.domain for cluster in clusters)
    kinds = Counter(cluster.kind for cluster in clusters)
    evidence = Counter(name for cluster in clusters for edge in cluster.edges for name in edge.evidence)
    edges = sum(len(cluster.edges) for cluster in clusters)
    return {
        "disjoint": disjoint([frozenset(cluster.tools) for cluster in clusters]),
        "distinct": len(clusters),
        "cross_service": kinds["cross_service"],
        "witnessed": sum(bool(cluster.witness) for cluster in clusters),
        "kinds": {kind: kinds[kind] for kind in sorted(kinds)},
        "tools": len({key for cluster in clusters for key in cluster.tools}),
        "sizes": {str(size): sizes[size] for size in sorted(sizes)},
        "domains": {name: domains[name] for name in sorted(domains)},
        "edges": edges,
        "evidence_share": {name: round(evidence[name] / max(1, edges), 4) for name in sorted(evidence)},
    }
