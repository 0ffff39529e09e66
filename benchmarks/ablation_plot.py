"""The ablation as a picture: a point a run, by strategy and figure."""

from collections.abc import Mapping, Sequence

from tdscaling.report.drawing import Spec, renderer
from tdscaling.types import JsonValue

SHOWN = {
    "H_D": "Domain Entropy, normalised",
    "H_R": "Reasoning Mode Entropy, normalised",
    "cells": "cells covered",
    "cac_p90": "CAC p90",
}


def plot(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """An SVG file: by figure a panel, by strategy a line of points, one a seed."""
    panels: list[JsonValue] = [_panel(found, column, title) for column, title in SHOWN.items()]
    return renderer().vegalite_to_svg(
        {"hconcat": panels, "background": "white"}, "6.4", {"font": "sans-serif"}, allowed_base_urls=[]
    )


def _panel(found: Mapping[str, Sequence[Mapping[str, float]]], column: str, title: str) -> Spec:
    data: list[JsonValue] = [
        {"strategy": strategy, "value": row[column]} for strategy, rows in found.items() for row in rows
    ]
    return {
        "data": {"values": data},
        "title": {"text": title, "fontSize": 11},
        "width": 170,
        "height": 90,
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.7},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True}},
            "y": {"field": "strategy", "type": "nominal", "title": None, "sort": [*found]},
            "color": {"field": "strategy", "type": "nominal", "legend": None},
        },
    }
