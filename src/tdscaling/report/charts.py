"""The charts of a report in Vega-Lite, each from the figures it shows."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tdscaling.evolution import Event
from tdscaling.evolution.reports import event_said
from tdscaling.measurement.drawn import Drawn
from tdscaling.metrics import NONE, Summary
from tdscaling.report.course import WINDOW, Point
from tdscaling.report.drawing import Spec, bars
from tdscaling.report.runs import RunFacts
from tdscaling.types import BANDS, MODES, Cell, JsonValue

DOMAINS = 20
"""Domains that are shown by name; the rest are added up."""
MODES_SHOWN = (*reversed(MODES), NONE)
LINES = (("Domain Entropy", "var(--a)"), ("Reasoning Mode Entropy", "var(--b)"))
LOST = ("rejected:", "failed:", "lost:")


def course_chart(points: Sequence[Point], events: Sequence[Event] = ()) -> Spec:
    """Both entropies, normalised, as the set grew: thick over all so far, thin over the last WINDOW; upright lines
    stand where evolution noticed a collapse, or its end."""
    data: list[JsonValue] = []
    for point in points:
        values = (
            ("Domain Entropy", point.domains, point.domains_now),
            ("Reasoning Mode Entropy", point.modes, point.modes_now),
        )
        for name, every, now in values:
            data += [{"n": point.n, "what": name, "value": every, "over": "all so far"}]
            data += [{"n": point.n, "what": name, "value": now, "over": f"last {WINDOW}"}]
    marks: list[JsonValue] = [
        {"n": one.at, "colour": "var(--c)" if one.over else "var(--bad)", "said": event_said(one)} for one in events
    ]
    across: Spec = {"type": "quantitative", "axis": {"tickCount": 6, "format": ",d"}, "scale": {"nice": False}}
    return {
        "width": 420,
        "height": 190,
        "encoding": {"x": {"field": "n", "title": "trajectories", **across}},
        "layer": [
            {
                "data": {"values": data},
                "mark": {"type": "line", "point": len(points) == 1, "interpolate": "linear"},
                "encoding": _COURSE,
            },
            {
                "data": {"values": marks},
                "mark": {"type": "rule", "strokeDash": [3, 3]},
                "encoding": {
                    "stroke": {"field": "colour", "type": "nominal", "scale": None},
                    "description": {"field": "said", "type": "nominal"},
                },
            },
        ],
    }


_COURSE: Spec = {
    "y": {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "title": "normalised entropy",
        "axis": {"tickCount": 5},
    },
    "color": {
        "field": "what",
        "type": "nominal",
        "scale": {"domain": [name for name, _ in LINES], "range": [colour for _, colour in LINES]},
        "legend": {"title": None, "orient": "bottom"},
    },
    "strokeWidth": {
        "field": "over",
        "type": "nominal",
        "scale": {"domain": ["all so far", f"last {WINDOW}"], "range": [2.5, 1]},
        "legend": None,
    },
}


def cells_chart(cells: Mapping[Cell, int], domains: Mapping[str, int]) -> Spec:
    """Domains by modes; in each box six strips, one for each band, darker the more trajectories the cell holds."""
    named = list(domains)[:DOMAINS]
    rest = f"{len(domains) - len(named)} other domains"
    counts: Counter[Cell] = Counter()
    for cell, count in cells.items():
        counts[cell if cell.domain in named else cell._replace(domain=rest)] += count
    rows = [*named, *([rest] if len(domains) > len(named) else [])]
    modes = list(MODES_SHOWN[:-1])
    boxes: list[JsonValue] = [{"domain": domain, "mode": mode} for domain in rows for mode in modes]
    filled: list[JsonValue] = [
        {"domain": cell.domain, "mode": cell.mode, "band": BANDS[cell.band], "trajectories": count}
        for cell, count in sorted(counts.items())
    ]
    across: Spec = {
        "field": "mode",
        "type": "nominal",
        "scale": {"domain": modes, "paddingInner": 0.08},
        "axis": {"orient": "top", "labelAngle": 0, "title": None, "domain": False, "ticks": False},
    }
    down: Spec = {
        "field": "domain",
        "type": "nominal",
        "scale": {"domain": rows, "paddingInner": 0.16},
        "axis": {"title": None, "domain": False, "ticks": False},
    }
    shade: Spec = {"type": "sqrt", "domainMin": 0, "range": [0.15, 1]}
    return {
        "width": 12 * 72,
        "height": {"step": 24},
        "layer": [
            {
                "data": {"values": boxes},
                "mark": {"type": "rect", "fill": "var(--soft)", "aria": False},
                "encoding": {"x": across, "y": down},
            },
            {
                "data": {"values": filled},
                "mark": {"type": "rect", "fill": "var(--a)"},
                "encoding": {
                    "x": across,
                    "y": down,
                    "xOffset": {"field": "band", "type": "ordinal", "scale": {"domain": list(BANDS)}},
                    "opacity": {"field": "trajectories", "type": "quantitative", "scale": shade, "legend": None},
                },
            },
        ],
    }


def modes_chart(one: Summary) -> Spec:
    """The share of each mode as primary mode, before the share of the trajectories in which it occurs."""
    data: list[JsonValue] = []
    for mode in MODES_SHOWN:
        primary = one.primary_modes.get(mode, 0)
        within = one.modes.get(mode, primary)
        if mode != NONE or primary:
            text = f"{primary / one.n:.1%}" + ("" if mode == NONE else f" (in {within / one.n:.1%})")
            data.append({"mode": mode, "primary": primary / one.n, "within": within / one.n, "text": text})
    down: Spec = {
        "field": "mode",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"domain": False, "ticks": False},
    }

    def length(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "axis": None}

    return {
        "data": {"values": data},
        "width": 260,
        "height": {"step": 20},
        "encoding": {"y": down},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.66}, "color": "var(--soft)", "aria": False},
                "encoding": {"x": length("within")},
            },
            {
                "mark": {"type": "bar", "height": {"band": 0.66}, "color": "var(--b)"},
                "encoding": {"x": length("primary")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "aria": False},
                "encoding": {"x": length("within"), "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def domains_chart(one: Summary) -> Spec:
    """The share of each domain, the most frequent first."""
    counts = list(one.domains.items())
    shown = counts[:DOMAINS]
    if rest := counts[DOMAINS:]:
        shown.append((f"{len(rest)} other domains", sum(count for _, count in rest)))
    return bars([(name, count, f"{count:,} ({count / one.n:.1%})") for name, count in shown])


def complexity_chart(one: Summary) -> Spec:
    """Trajectories by band of Cumulative Action Complexity."""
    data: list[JsonValue] = [
        {"band": name, "count": count, "text": f"{count:,}"} for name, count in zip(BANDS, one.bands, strict=True)
    ]
    band: Spec = {"field": "band", "type": "ordinal", "sort": None, "title": "Cumulative Action Complexity"}
    return {
        "data": {"values": data},
        "width": 380,
        "height": 170,
        "encoding": {
            "x": {**band, "axis": {"labelAngle": 0, "ticks": False}},
            "y": {"field": "count", "type": "quantitative", "title": "trajectories", "axis": {"tickCount": 5}},
        },
        "layer": [
            {"mark": {"type": "bar", "color": "var(--c)", "width": {"band": 0.8}}},
            {
                "mark": {"type": "text", "dy": -7, "aria": False},
                "encoding": {"text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def funnel_chart(funnel: Mapping[str, int]) -> Spec:
    """How many targets were left after each step, and where the others fell."""
    planned = max(1, funnel.get("planned", 0))
    rows = [(name.replace("_", " "), count, f"{count:,} ({count / planned:.1%})") for name, count in funnel.items()]
    return bars(rows, colour={name: "var(--loss)" for name, _, _ in rows if name.startswith(LOST)})


def drawn_chart(found: Drawn) -> Spec:
    """How many of the clusters drawn to be simulated could be, and what kept the others from it."""
    rows = [(name, count, f"{count:,} ({count / max(1, found.clusters):.1%})") for name, count in found.funnel.items()]
    return bars(rows, colour={name: "var(--loss)" for name, _, _ in rows if name.startswith("left out")})


def mutations_chart(run: RunFacts) -> Spec | None:
    """The share kept of the targets of each mutation, over all cells and parts; None where none was tried."""
    tried, kept, landed = Counter[str](), Counter[str](), Counter[str]()
    for one in (success for part in run.evolved for success in part.mutations):
        tried[one.mutation] += one.tried
        kept[one.mutation] += one.kept
        landed[one.mutation] += one.landed
    rows = [
        (name.replace("_", " "), kept[name] / count, f"{kept[name]:,} of {count:,} kept, {landed[name]:,} as aimed")
        for name, count in sorted(tried.items())
        if count
    ]
    return bars(rows) if rows else None


def seconds_chart(run: RunFacts) -> Spec:
    """Seconds of work for each kept trajectory, by stage; what was rejected is paid by what was kept."""
    kept = max(1, run.kept)
    return bars([(one.stage, one.seconds / kept, f"{one.seconds / kept:.2f} s") for one in run.timings])
