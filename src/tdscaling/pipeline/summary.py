"""A run in numbers: what was kept, where the rest fell, how diverse it is, where the time went."""

from dataclasses import dataclass, field
from pathlib import Path

from tdscaling.environments.code import SERVER as CODE
from tdscaling.evolution import Reports
from tdscaling.evolution.reports import reports
from tdscaling.graph import load_clusters
from tdscaling.measurement import measure
from tdscaling.measurement.drawn import Drawn, drawn, drawn_json
from tdscaling.measurement.spending import Spending, spending, spending_json
from tdscaling.metrics.summary import Summary
from tdscaling.pipeline.evolved import reports_json
from tdscaling.store import TimingTotal, read_run
from tdscaling.types import BANDS


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The figures of a run folder. `evolution` is what its parts tell of their courses. `cross_server` counts kept
    trajectories over two or more servers, the code sandbox not counted; `misses` the near misses that are kept and
    those of them that make a pair; `witnessed` the clusters with a chain of calls that was executed. `spending` is None
    where no model was asked, `data` where nothing was exported."""

    kept: int
    funnel: dict[str, int]
    measured: Summary
    timings: tuple[TimingTotal, ...]
    cross_server: int
    data: Path | None
    spending: Spending | None = None
    witnessed: int = 0
    evolution: Reports = field(default_factory=Reports)
    misses: tuple[int, int] = (0, 0)
    drawn: Drawn | None = None


def summarise(folder: Path) -> RunSummary:
    """Reads a run folder. Raises StoreError."""
    reader = read_run(folder)
    try:
        cross = sum(len(set(row.descriptor.servers) - {CODE}) > 1 for row in reader.descriptors(kept=True))
        funnel, timings, kept = reader.funnel(), tuple(reader.timings()), reader.kept_count()
        course, misses, simulated = reports(reader), reader.miss_counts(), drawn(reader)
    finally:
        reader.close()
    made = folder / "clusters.jsonl"
    witnessed = sum(bool(cluster.witness) for cluster in load_clusters(made)) if made.is_file() else 0
    summary = measure(folder).summary
    data, spent = folder / "export", spending(folder)
    exported = data if data.is_dir() else None
    return RunSummary(kept, funnel, summary, timings, cross, exported, spent, witnessed, course, misses, simulated)


def funnel(folder: Path) -> dict[str, int]:
    """How many items fell at which step; for a run that kept nothing, too. Raises StoreError."""
    with read_run(folder) as reader:
        return reader.funnel()


def kept_nothing(folder: Path) -> dict[str, object]:
    """The summary for machines of a run that kept nothing: where all fell, and what models took for it."""
    spent = spending(folder)
    with read_run(folder) as reader:
        counts, simulated = reader.funnel(), drawn(reader)
    return {"kept": 0, "funnel": counts, **_drawn(simulated), **({"models": spending_json(spent)} if spent else {})}


def _drawn(found: Drawn | None) -> dict[str, object]:
    return {"simulated_clusters": drawn_json(found)} if found else {}


def as_json(found: RunSummary) -> dict[str, object]:
    """The summary for machines."""
    measured = found.measured
    return {
        "kept": found.kept,
        "funnel": found.funnel,
        **_drawn(found.drawn),
        "mixture": dict(measured.mixture),
        "domains": dict(measured.domains),
        "primary_modes": dict(measured.primary_modes),
        "domain_entropy": vars_of(measured.domain_entropy),
        "mode_entropy": vars_of(measured.mode_entropy),
        "cac": {f"p{q}": value for q, value in measured.cac.items()},
        "bands": dict(zip(BANDS, measured.bands, strict=True)),
        "cross_server": found.cross_server,
        "witnessed_clusters": found.witnessed,
        "timings": {t.stage: {"count": t.count, "seconds": round(t.seconds, 3)} for t in found.timings},
        "evolution": reports_json(found.evolution),
        "data": str(found.data) if found.data else None,
        **({"near_misses": {"kept": found.misses[0], "pairs": found.misses[1]}} if found.misses[0] else {}),
        **({"models": spending_json(found.spending)} if found.spending else {}),
    }


def vars_of(value: object) -> dict[str, float]:
    """The fields of a small slotted dataclass."""
    names: tuple[str, ...] = getattr(type(value), "__slots__", ())
    return {name: getattr(value, name) for name in names}
