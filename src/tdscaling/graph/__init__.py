"""Dependency edges and Business Clusters of a catalogue: deterministic, no model needed."""

from tdscaling.graph.clusters import find_clusters
from tdscaling.graph.dependencies import find_edges
from tdscaling.graph.domains import DOMAINS, classify
from tdscaling.graph.files import load_clusters, load_edges, save_clusters, save_edges
from tdscaling.graph.show import neighbours, neighbours_json, summary
from tdscaling.graph.witness import witness

__all__ = [
    "DOMAINS",
    "classify",
    "find_clusters",
    "find_edges",
    "load_clusters",
    "load_edges",
    "neighbours",
    "neighbours_json",
    "save_clusters",
    "save_edges",
    "summary",
    "witness",
]
