"""Charts as SVG that a page takes in as it is: no script draws them, and the page's own colours fill them."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, TypeAlias, cast
from xml.etree import ElementTree

from markupsafe import Markup

from tdscaling.errors import ConfigError
from tdscaling.types import JsonValue

Spec: TypeAlias = Mapping[str, JsonValue]
"""A chart in Vega-Lite."""

VERSION = "6.4"
"""Of Vega-Lite, so that another release of the package draws the same."""
FONT = "system-ui, Roboto, 'DejaVu Sans', sans-serif"
_AXIS: Spec = {
    "labelColor": "var(--ink)",
    "titleColor": "var(--muted)",
    "gridColor": "var(--line)",
    "domainColor": "var(--line)",
    "tickColor": "var(--line)",
    "labelLimit": 260,
    "titleFontWeight": "normal",
    "labelFontSize": 11,
    "titleFontSize": 11,
}
_LEGEND: Spec = {
    "labelColor": "var(--ink)",
    "titleColor": "var(--muted)",
    "labelFontSize": 11,
    "labelLimit": 260,
    "columnPadding": 40,
}
_CONFIG: Spec = {
    "background": None,
    "padding": {"left": 26, "right": 8, "top": 5, "bottom": 5},
    "font": FONT,
    "view": {"stroke": None},
    "axis": _AXIS,
    "legend": _LEGEND,
    "text": {"color": "var(--ink)", "fontSize": 11},
    "bar": {"color": "var(--a)"},
}
_ELEMENTS = frozenset("svg g path rect line text tspan".split())
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAMESPACE = "{http://www.w3.org/2000/svg}"


class _Renderer(Protocol):
    """The part of `vl_convert` in use."""

    def vegalite_to_svg(
        self, vl_spec: object, vl_version: str, config: object, *, allowed_base_urls: Sequence[str]
    ) -> str: ...


def renderer() -> _Renderer:
    """The package that draws. Raises ConfigError where it is not installed."""
    try:
        return cast("_Renderer", import_module("vl_convert"))
    except ModuleNotFoundError:
        raise ConfigError("a report needs the package vl-convert-python: pip install 'tdscaling[report]'") from None


def drawn(spec: Spec, label: str) -> Markup:
    """The chart as one SVG element; `label` says to a screen reader what it shows."""
    svg = renderer().vegalite_to_svg(_readable(spec), VERSION, _CONFIG, allowed_base_urls=[])
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        _check(element)
    root.set("role", "img")
    root.set("aria-label", readable(label))
    ElementTree.register_namespace("", _NAMESPACE[1:-1])
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def readable(text: str) -> str:
    """The text without the characters that neither XML nor UTF-8 can hold.

    >>> readable("bell\\a, half a pair \\ud800")
    'bell\ufffd, half a pair \ufffd'
    """
    return _UNREADABLE.sub("\ufffd", text)


def _readable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, Mapping):
        return {key: _readable(item) for key, item in value.items()}
    return [_readable(item) for item in value] if isinstance(value, Sequence) else value


def _check(element: ElementTree.Element) -> None:
    """A chart is shapes and texts: whatever could run or load is no part of one."""
    name = element.tag.removeprefix(_NAMESPACE)
    live = [key for key in element.attrib if key.startswith("on") or key.endswith("href") or key == "id"]
    if name not in _ELEMENTS or live:
        raise ValueError(f"a chart holds <{name} {' '.join(live)}>: it must be drawn without")


def bars(rows: Sequence[tuple[str, float, str]], *, colour: Mapping[str, str] | None = None, title: str = "") -> Spec:
    """Horizontal bars in the order given: name, length, and what is written at its end. `colour` names the colour of a
    row; the others have the first."""
    chosen = colour or {}
    data: list[JsonValue] = [
        {
            "row": n,
            "name": name,
            "value": value,
            "text": text,
            "said": f"{name}: {text}",
            "colour": chosen.get(name, "var(--a)"),
        }
        for n, (name, value, text) in enumerate(rows)
    ]
    y: Spec = {"field": "name", "type": "nominal", "sort": {"field": "row"}, "title": None}
    y = {**y, "axis": {"domain": False, "ticks": False}}
    x: Spec = {"field": "value", "type": "quantitative", "axis": None, "title": title or None}
    return {
        "data": {"values": data},
        "width": 300,
        "height": {"step": 20},
        "encoding": {"y": y, "x": x},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.66}},
                "encoding": {
                    "color": {"field": "colour", "type": "nominal", "scale": None, "legend": None},
                    "description": {"field": "said", "type": "nominal"},
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "aria": False},
                "encoding": {"text": {"field": "text", "type": "nominal"}},
            },
        ],
    }
