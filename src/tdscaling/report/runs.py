"""What only a run folder can tell: where the rest fell, what was spent, which clusters served, how it was made."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tdscaling.errors import DataError, one_line
from tdscaling.evolution import Report
from tdscaling.evolution.reports import reports
from tdscaling.graph import load_clusters
from tdscaling.measurement.drawn import Drawn, drawn
from tdscaling.measurement.spending import Spending, spending
from tdscaling.store import TimingTotal, read_run
from tdscaling.types import Cluster, JsonValue

CLUSTERS = 4
"""Clusters that are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A cluster with the kept trajectories that were made from it."""

    cluster: Cluster
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """`funnel` as the store counts it, `drawn` the clusters to be simulated (None where none was); `clusters` how many
    there are, `samples` those to draw; `spending` is None where no model was asked, `manifest` how the run was made,
    `evolved` what evolution has to tell of it, by part."""

    funnel: dict[str, int]
    drawn: Drawn | None
    timings: tuple[TimingTotal, ...]
    spending: Spending | None
    clusters: int
    samples: tuple[Sample, ...]
    manifest: dict[str, JsonValue]
    evolved: tuple[Report, ...]

    @property
    def kept(self) -> int:
        return self.funnel["kept"]


def run_facts(folder: Path) -> RunFacts:
    """Reads a run folder. Raises StoreError, DataError."""
    with read_run(folder) as run:
        funnel, timings, meta = run.funnel(), tuple(run.timings()), run.meta()
        evolved, simulated = reports(run).parts, drawn(run)
        served = Counter(one.target.cluster for one in run.iter_trajectories())
    path = folder / "clusters.jsonl"
    clusters = load_clusters(path) if path.is_file() else ()
    return RunFacts(
        funnel=funnel,
        drawn=simulated,
        timings=timings,
        spending=spending(folder),
        clusters=len(clusters),
        samples=_sampled(clusters, served),
        manifest=_manifest(folder, meta),
        evolved=evolved,
    )


def _sampled(clusters: tuple[Cluster, ...], served: Counter[str]) -> tuple[Sample, ...]:
    """The clusters that served most, of each kind the first before the second of any; small ones where all is equal."""
    ranked = sorted(clusters, key=lambda one: (-served[one.id], len(one.tools), one.id))
    nth: Counter[str] = Counter()
    turns: list[tuple[int, int, Cluster]] = []
    for rank, one in enumerate(ranked):
        turns.append((nth[one.kind], rank, one))
        nth[one.kind] += 1
    return tuple(
        Sample(cluster=one, kept=served[one.id]) for _, _, one in sorted(turns, key=lambda turn: turn[:2])[:CLUSTERS]
    )


def _manifest(folder: Path, meta: dict[str, str]) -> dict[str, JsonValue]:
    """`manifest.json`, or what the store knows where it is missing."""
    path = folder / "manifest.json"
    made: dict[str, JsonValue] = {"created": meta.get("created", "")}
    if not path.is_file():
        known = ("package_version", "fingerprint", "config")
        return {**made, **{key: meta[key] for key in known if key in meta}}
    try:
        return {**made, **cast("dict[str, JsonValue]", json.loads(path.read_text(encoding="utf-8")))}
    except (OSError, ValueError) as exc:
        raise DataError(f"{path} can't be read: {one_line(exc)}") from exc


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
