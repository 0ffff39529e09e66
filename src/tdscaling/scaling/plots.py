"""An axis as a picture: a point and its interval for each arm, and the curve through them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tdscaling.scaling.extra import package
from tdscaling.scaling.statistics import Curve, Figure
from tdscaling.types import JsonObject, JsonValue

VERSION = "6.4"
"""Of Vega-Lite."""


def plot(points: Mapping[float, Figure], curve: Curve | None, across: str, up: str) -> str:
    """An SVG. Raises ConfigError without the package `vl-convert-python`."""
    spots: list[JsonValue] = [
        {"x": x, "y": found.value, "low": found.interval.low, "high": found.interval.high}
        for x, found in sorted(points.items())
    ]
    x: JsonObject = {"field": "x", "type": "quantitative", "title": across, "scale": {"type": "log", "base": 2}}
    y: JsonObject = {"field": "y", "type": "quantitative", "title": up, "scale": {"zero": False}}
    rule: JsonObject = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    layers: list[JsonValue] = [
        {"data": {"values": spots}, "mark": {"type": "rule", "color": "#888"}, "encoding": rule},
        {
            "data": {"values": spots},
            "mark": {"type": "point", "filled": True, "size": 70},
            "encoding": {"x": x, "y": y},
        },
    ]
    if curve is not None and len(points) > 1:
        places = np.geomspace(min(points), max(points), 60)
        line: list[JsonValue] = [{"x": float(place), "y": curve.at(float(place))} for place in places]
        layers.append({"data": {"values": line}, "mark": {"type": "line", "size": 1}, "encoding": {"x": x, "y": y}})
    spec: JsonObject = {"width": 380, "height": 200, "background": "white", "layer": layers}
    renderer: Any = package("vl_convert")
    return str(renderer.vegalite_to_svg(spec, VERSION, {"font": "sans-serif"}, allowed_base_urls=[]))
