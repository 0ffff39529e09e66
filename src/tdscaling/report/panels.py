"""What the page says of one data set: its charts drawn, its figures as text."""

import json
from dataclasses import dataclass

from markupsafe import Markup

from tdscaling.evolution import Event
from tdscaling.evolution.reports import course_said, event_said
from tdscaling.export.record import BadRow
from tdscaling.measurement.scorecard import scorecard
from tdscaling.metrics import Summary
from tdscaling.report.charts import (
    cells_chart,
    complexity_chart,
    course_chart,
    domains_chart,
    drawn_chart,
    funnel_chart,
    modes_chart,
    mutations_chart,
    seconds_chart,
)
from tdscaling.report.clusters import cluster_chart
from tdscaling.report.drawing import drawn
from tdscaling.report.examples import Example
from tdscaling.report.gathering import Gathered
from tdscaling.report.runs import RunFacts, Sample
from tdscaling.types import JsonValue

BAD = 10
"""Bad rows that are named."""
SOURCES = 20
"""Files of a data set that are named."""
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCluster:
    name: str
    about: str
    svg: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One data set on the page; charts that it has no figures for are None."""

    name: str
    kind: str
    measured: str
    card: dict[str, str]
    bad: tuple[BadRow, ...]
    bad_count: int
    course: Markup
    course_said: tuple[str, ...]
    cells: Markup
    cells_said: str
    modes: Markup
    domains: Markup
    domains_said: str
    complexity: Markup
    percentiles: str
    funnel: Markup | None
    drawn: Markup | None
    left_out: tuple[str, ...]
    seconds: Markup | None
    mutations: Markup | None
    no_mutations: str
    cost: Rows
    clusters: tuple[DrawnCluster, ...]
    clusters_said: str
    no_clusters: str
    examples: tuple[Example, ...]
    provenance: Rows
    config: str


def panel(found: Gathered) -> Panel:
    """Draws one data set. Raises ConfigError where charts can't be drawn."""
    one, run, name = found.measured.summary, found.run, found.name
    mutations = mutations_chart(run) if run else None
    return Panel(
        name=name,
        kind="run" if run else "data set",
        measured=f"{one.n:,} trajectories",
        card=scorecard(found.measured),
        bad=found.measured.bad[:BAD],
        bad_count=len(found.measured.bad),
        course=drawn(course_chart(found.course, _events(run)), f"Entropies of {name} over time"),
        course_said=_course_said(run),
        cells=drawn(cells_chart(one.cells, one.domains), f"Cells of {name}"),
        cells_said=_cells_said(one),
        modes=drawn(modes_chart(one), f"Reasoning modes of {name}"),
        domains=drawn(domains_chart(one), f"Domains of {name}"),
        domains_said="" if found.measured.planned_domains else "Domains were derived from the tools that are called.",
        complexity=drawn(complexity_chart(one), f"Complexity of {name}"),
        percentiles="; ".join(f"p{percent} {value:.1f}" for percent, value in one.cac.items()),
        funnel=drawn(funnel_chart(run.funnel), f"Keep funnel of {name}") if run else None,
        drawn=drawn(drawn_chart(run.drawn), f"Clusters drawn by {name}") if run and run.drawn else None,
        left_out=tuple(map(str, run.drawn.left_out)) if run and run.drawn else (),
        seconds=drawn(seconds_chart(run), f"Seconds per kept trajectory of {name}") if run and run.timings else None,
        mutations=drawn(mutations, f"Mutations of {name}") if mutations else None,
        no_mutations="No kept plan was changed in this run." if run else
        "A data set does not say which plans came from others.",
        cost=_cost(run) if run else (),
        clusters=tuple(_cluster(sample) for sample in run.samples) if run else (),
        clusters_said=f"{run.clusters} clusters, {len(run.samples)} of them drawn." if run else "",
        no_clusters="This run made no clusters: it had no sources of tools." if run else
        "A data set does not say which clusters its tools belong to.",
        examples=found.examples,
        provenance=_of_run(run) if run else _of_files(found),
        config=json.dumps(run.manifest.get("config"), indent=1, sort_keys=True) if run else "",
    )  # fmt: skip


def _events(run: RunFacts | None) -> tuple[Event, ...]:
    return tuple(event for one in run.evolved for event in one.events) if run else ()


def _course_said(run: RunFacts | None) -> tuple[str, ...]:
    """By part of the run: its strategy, the cells it covered, collapses noticed and why it stopped."""
    lines: list[str] = []
    for one in run.evolved if run else ():
        lines.append(course_said(one))
        lines.extend(event_said(event) for event in one.events)
        lines.extend([f"stopped: {one.stopped}"] if one.stopped else ())
    return tuple(lines)


def _cells_said(one: Summary) -> str:
    if not one.cells:
        return "No trajectory has a mode, so none is in a cell."
    (fullest, most), *_ = one.cells.items()
    none = f" {one.none_share:.1%} of the trajectories have no mode and are in no cell." if one.none_share else ""
    return f"{len(one.cells)} cells are not empty; the fullest ({fullest.domain}, {fullest.mode}) holds {most:,}.{none}"


def _cost(run: RunFacts) -> Rows:
    kept, spent = max(1, run.kept), run.spending
    rows = [
        ("kept", f"{run.kept:,} of {run.funnel['planned']:,} targets tried"),
        ("targets tried", f"{run.funnel['planned'] / kept:.2f}"),
        ("rollouts", f"{run.funnel['rolled out'] / kept:.2f}"),
        ("seconds of work", f"{sum(one.seconds for one in run.timings) / kept:.2f}"),
    ]
    if spent is None:
        return (*rows, ("models", "none was asked: no tokens, no money"))
    tokens, money = sum(one.usage.tokens for one in spent.paid), sum(one.usage.cost for one in spent.paid)
    vain = spent.beside[1].tokens / max(1, tokens)
    rows += [("tokens paid for", f"{tokens / kept:,.0f}"), ("money", f"{money / kept:.4g}")]
    rows += [("for what was under way at the end", f"{vain:.1%} of the tokens")]
    rows += [
        (f"{one.role}: {one.model}", f"{one.requests / kept:.1f} requests, "
         f"{(one.prompt_tokens + one.completion_tokens) / kept:,.0f} tokens")
        for one in spent.roles
    ]  # fmt: skip
    return tuple(rows)


def _cluster(sample: Sample) -> DrawnCluster:
    one = sample.cluster
    proved = sum(edge.executed for edge in one.edges)
    return DrawnCluster(
        name=one.name,
        about=f"{one.kind.replace('_', ' ')} · {one.domain} · {len(one.tools)} tools, {len(one.edges)} edges, "
        f"{proved} of them proved by execution · {sample.kept} kept trajectories",
        svg=drawn(cluster_chart(sample), f"Dependencies of {one.name}"),
    )


def _of_run(run: RunFacts) -> Rows:
    return tuple(
        (key.replace("_", " "), _plain(value))
        for key, value in run.manifest.items()
        if key != "config" and value not in ("", None)
    )


def _plain(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in sorted(value.items()))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _of_files(found: Gathered) -> Rows:
    rows = [(one.name, f"{one.size:,} bytes, SHA-256 {one.sha256}") for one in found.sources[:SOURCES]]
    more = len(found.sources) - SOURCES
    return (*rows, ("and", f"{more} more files")) if more > 0 else tuple(rows)
