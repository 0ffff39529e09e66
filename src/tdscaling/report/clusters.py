"""A Business Cluster drawn: its tools in the order of their dependencies, left to right."""

import math
from collections import defaultdict
from typing import NamedTuple

from tdscaling.report.drawing import Spec
from tdscaling.report.runs import Sample
from tdscaling.types import Cluster, JsonValue, ToolKey

ACROSS = (84, 150)
"""Pixels from one layer to the next, at least and at most."""
WIDTH = 1000
DOWN = 52
"""Pixels from one tool of a layer to the next."""
DOT = 7
MARGIN = 34
BEND = 15
"""Pixels that an arrow bends aside for each layer that it passes over."""
COLOURS = {"proved by execution": "var(--c)", "by names and schemas": "var(--muted)"}


class Place(NamedTuple):
    """Where a tool stands, in pixels; `up`: its name is above it, else below."""

    x: float
    y: float
    up: bool


def cluster_chart(sample: Sample) -> Spec:
    """Tools as dots with their names, dependencies as arrows, bent where they pass over a layer."""
    cluster = sample.cluster
    places, width, height = placed(cluster)
    shared = len(cluster.servers) > 1
    tools: list[JsonValue] = [
        {"x": x, "y": y, "tool": f"{key.server}: {key.name}" if shared else key.name, "label": y + (-13 if up else 15)}
        for key, (x, y, up) in places.items()
    ]
    said: Spec = {"field": "tool", "type": "nominal"}
    dots: Spec = {
        "data": {"values": tools},
        "mark": {"type": "circle", "size": 90, "color": "var(--a)", "opacity": 1},
        "encoding": {"description": said},
    }
    names: Spec = {
        "data": {"values": tools},
        "mark": {"type": "text", "limit": 230, "aria": False},
        "encoding": {"y": {"field": "label", "type": "quantitative"}, "text": said},
    }
    return {
        "width": width,
        "height": height,
        "encoding": {"x": _axis("x", [0, width]), "y": _axis("y", [height, 0])},
        "layer": [*_arrow_layers(cluster, places), dots, names],
    }


def _axis(field: str, domain: list[JsonValue]) -> Spec:
    """A pixel is a pixel."""
    return {"field": field, "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": None}


def _arrow_layers(cluster: Cluster, places: dict[ToolKey, Place]) -> tuple[Spec, Spec]:
    bends, heads = _arrows(cluster, places)
    proof: Spec = {
        "field": "proof",
        "type": "nominal",
        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
        "legend": {"title": None, "orient": "bottom"},
    }
    return {
        "data": {"values": bends},
        "mark": {"type": "line", "interpolate": "basis", "strokeWidth": 1.4, "opacity": 0.8, "aria": False},
        "encoding": {
            "color": proof,
            "detail": {"field": "edge", "type": "nominal"},
            "order": {"field": "at", "type": "quantitative"},
        },
    }, {
        "data": {"values": heads},
        "mark": {"type": "point", "shape": "triangle-up", "filled": True, "size": 34, "opacity": 1},
        "encoding": {
            "angle": {"field": "angle", "type": "quantitative", "scale": None},
            "color": {**proof, "legend": None},
            "description": {"field": "said", "type": "nominal"},
        },
    }


def placed(cluster: Cluster) -> tuple[dict[ToolKey, Place], int, int]:
    """The place of each tool, and the width and height of all in pixels: a tool is one layer after the last of those
    that it depends on and that come before it in the cluster's order."""
    rank = {key: number for number, key in enumerate(cluster.order)}
    layer = dict.fromkeys(cluster.order, 0)
    for key in cluster.order:
        before = [
            layer[edge.producer.key] + 1
            for edge in cluster.edges
            if edge.consumer.key == key and rank.get(edge.producer.key, len(rank)) < rank[key]
        ]
        layer[key] = max(before, default=0)
    columns: defaultdict[int, list[ToolKey]] = defaultdict(list)
    for key in cluster.order:
        columns[layer[key]].append(key)
    most = max(len(column) for column in columns.values())
    across = max(ACROSS[0], min(ACROSS[1], WIDTH // (len(columns) + 1)))
    high = most * DOWN + 2 * MARGIN
    places = {
        key: Place((column + 1) * across, high / 2 + (row - (len(keys) - 1) / 2) * DOWN, up=column % 2 == 0)
        for column, keys in sorted(columns.items())
        for row, key in enumerate(keys)
    }
    return places, (len(columns) + 1) * across, high


def _arrows(cluster: Cluster, places: dict[ToolKey, Place]) -> tuple[list[JsonValue], list[JsonValue]]:
    """A bend of three points and a head for each pair of tools that an edge joins: `angle` in degrees from upwards."""
    pairs: dict[tuple[ToolKey, ToolKey], bool] = {}
    for edge in cluster.edges:
        pair = (edge.producer.key, edge.consumer.key)
        if pair[0] != pair[1] and pair[0] in places and pair[1] in places:
            pairs[pair] = pairs.get(pair, False) or edge.executed
    step = min((abs(one.x - two.x) for one in places.values() for two in places.values() if one.x != two.x), default=1)
    bends: list[JsonValue] = []
    heads: list[JsonValue] = []
    for number, ((producer, consumer), proved) in enumerate(sorted(pairs.items())):
        start, end = places[producer], places[consumer]
        layers = abs(end.x - start.x) / step
        out = (layers - 1) * BEND * (-1) ** number
        middle = ((start.x + end.x) / 2, (start.y + end.y) / 2 + out)
        along = (end.x - middle[0], end.y - middle[1])
        long = math.hypot(*along) or 1.0
        head = (end.x - along[0] / long * (DOT + 5), end.y - along[1] / long * (DOT + 5))
        proof = list(COLOURS)[not proved]
        for at, (x, y) in enumerate(((start.x, start.y), middle, head)):
            bends.append({"x": round(x, 1), "y": round(y, 1), "edge": number, "at": at, "proof": proof})
        angle = round(math.degrees(math.atan2(along[0], -along[1])), 1)
        said = f"{producer.name} to {consumer.name}, {proof}"
        heads.append({"x": round(head[0], 1), "y": round(head[1], 1), "angle": angle, "proof": proof, "said": said})
    return bends, heads
