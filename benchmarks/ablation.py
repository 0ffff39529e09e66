"""What evolution buys for the same number of rollouts: `evolution` against `uniform` and `quantity`, procedural roles.

    python -m benchmarks.ablation SOURCE... [--clusters 40] [--rollouts 600] [--seeds 3] [--json FILE]

Sources are simulated. Every strategy is given the same number of targets, whatever comes of them; a cell counts as
feasible when a trajectory of an admitted blueprint lies there in any run of the seed.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np

from tdscaling.config.evolution import Strategy
from tdscaling.config.run import RunConfig
from tdscaling.metrics.entropy import entropy
from tdscaling.pipeline import synthesize
from tdscaling.pipeline.evolved import reports
from tdscaling.store import read_run
from tdscaling.types import MODES, Cell

STRATEGIES: tuple[Strategy, ...] = ("evolution", "uniform", "quantity")
COLUMNS = ("kept", "H_D", "H_R", "cells", "coverage", "cac_p50", "cac_p90", "seconds")


def run(given: argparse.Namespace, strategy: Strategy, seed: int, folder: Path) -> float:
    """One run; returns its seconds."""
    config = RunConfig.model_validate(
        {
            "sources": [str(source.resolve()) for source in given.source],
            "trajectories": given.rollouts,
            "give_up": 1.0001,
            "seed": seed,
            "strategy": strategy,
            "simulation": {"simulate": True, "clusters": given.clusters},
            "environment": {"worlds": given.worlds},
            "export": [],
            **given.config,
        }
    )
    begun = time.perf_counter()
    asyncio.run(synthesize(config, folder, Path.cwd()))
    return time.perf_counter() - begun


def read(folder: Path) -> tuple[list[tuple[Cell, float]], set[Cell], int]:
    """The kept trajectories' cells and complexities, the cells shown feasible, and how many domains there are."""
    with read_run(folder) as reader:
        rows = list(reader.descriptors(kept=None))
        domains = max(one.domains for one in reports(reader).parts)
    shown = {row.descriptor.cell for row in rows if row.descriptor.primary_mode != "none"}
    return [(row.descriptor.cell, row.descriptor.cac) for row in rows if row.kept], shown, domains


def figures(kept: Sequence[tuple[Cell, float]], feasible: set[Cell], domains: int) -> dict[str, float]:
    cells = {cell for cell, _ in kept if cell.mode != "none"}
    cacs = [cac for _, cac in kept]
    return {
        "kept": len(kept),
        "H_D": entropy(Counter(cell.domain for cell, _ in kept), domains).normalised,
        "H_R": entropy(Counter(cell.mode for cell, _ in kept if cell.mode != "none"), len(MODES)).normalised,
        "cells": len(cells),
        "coverage": len(cells) / len(feasible) if feasible else 0.0,
        "cac_p50": float(np.quantile(cacs, 0.5)) if cacs else 0.0,
        "cac_p90": float(np.quantile(cacs, 0.9)) if cacs else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="+", type=Path)
    parser.add_argument("--clusters", type=int, default=40)
    parser.add_argument("--rollouts", type=int, default=600)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--config", type=json.loads, default={}, help="further fields of the runs' config, as JSON")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {strategy: [] for strategy in STRATEGIES}
    for seed in range(1, given.seeds + 1):
        with tempfile.TemporaryDirectory() as place:
            seconds = {name: run(given, name, seed, Path(place) / name) for name in STRATEGIES}
            runs = {name: read(Path(place) / name) for name in STRATEGIES}
        feasible = set[Cell]().union(*(shown for _, shown, _ in runs.values()))
        for name, (kept, _, domains) in runs.items():
            row = {**figures(kept, feasible, domains), "seconds": seconds[name]}
            found[name].append(row)
            line = "  ".join(f"{column} {row[column]:.3f}" for column in COLUMNS)
            print(f"seed {seed} {name:<10} {line}  domains {domains}  feasible {len(feasible)}", flush=True)
    table(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def table(found: dict[str, list[dict[str, float]]]) -> None:
    """Means over the seeds, as Markdown, and what evolution has of the others."""
    means = {name: {column: mean(row[column] for row in rows) for column in COLUMNS} for name, rows in found.items()}
    print(f"\n| strategy | {' | '.join(COLUMNS)} |\n| --- |{' --- |' * len(COLUMNS)}")
    for name, row in means.items():
        print(f"| `{name}` | {' | '.join(f'{row[column]:.3g}' for column in COLUMNS)} |")
    for name in STRATEGIES[1:]:
        cells, p90 = (means["evolution"][column] / means[name][column] for column in ("cells", "cac_p90"))
        print(f"evolution has {cells:.2f} times the cells and {p90:.2f} times the CAC p90 of {name}")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
