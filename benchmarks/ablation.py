"""What evolution buys for the same number of rollouts: `evolution` against `uniform` and `quantity`, procedural roles.

    python -m benchmarks.ablation CONFIG [SOURCE...] [--clusters 24] [--rollouts 600] [--seeds 1 2 3] [--plot FILE.svg]

The sources are those of the config and these; what has no live server is simulated. Every strategy is given the same
number of targets, whatever comes of them; a cell counts as feasible when a trajectory of an admitted blueprint lies
there in any run of the seed. Runs are kept: a call that was ended goes on, and what is done is only read.
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import mean
from typing import TypeAlias

import numpy as np
from benchmarks.ablation_plot import plot

from tdscaling.config.evolution import Strategy
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.evolution.reports import reports
from tdscaling.metrics.entropy import entropy
from tdscaling.pipeline import synthesize
from tdscaling.store import read_run
from tdscaling.types import MODES, Cell

STRATEGIES: tuple[Strategy, ...] = ("evolution", "uniform", "quantity")
COLUMNS = ("kept", "H_D", "H_R", "cells", "coverage", "cac_p50", "cac_p90", "seconds")
Rows: TypeAlias = Mapping[str, Sequence[Mapping[str, float]]]
"""By strategy: the figures of its runs, in the order of the seeds."""


def run(given: argparse.Namespace, strategy: Strategy, seed: int) -> Path:
    """The folder of a run, which is made or gone on with where it is not done yet."""
    folder = given.keep / f"{seed}-{strategy}"
    done = folder / "seconds.json"
    if done.is_file():
        return folder
    config = load(given.config, RunConfig).model_copy(update={"strategy": strategy, "seed": seed, "export": ()})
    sources = (*config.sources, *(str(source.resolve()) for source in given.source))
    simulation = config.simulation.model_copy(update={"simulate": True, "clusters": given.clusters})
    more = {"sources": sources, "simulation": simulation, "trajectories": given.rollouts, "give_up": 1.0001}
    begun = time.perf_counter()
    asyncio.run(synthesize(config.model_copy(update=more), folder, given.config.resolve().parent))
    done.write_text(json.dumps({"seconds": time.perf_counter() - begun, "load": os.getloadavg()[0]}), encoding="utf-8")
    return folder


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("source", nargs="*", type=Path)
    parser.add_argument("--clusters", type=int, default=24, help="clusters of simulated tools, drawn by the seed")
    parser.add_argument("--rollouts", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=STRATEGIES, help="make the runs of one strategy, and no table")
    parser.add_argument("--keep", type=Path, default=Path("runs/ablation"), help="where the runs are kept")
    parser.add_argument("--plot", type=Path, help="an SVG file")
    given = parser.parse_args()
    for seed, name in product(given.seeds, STRATEGIES):
        if given.only in (None, name):
            run(given, name, seed)
    if given.only:
        return
    found: dict[str, list[dict[str, float]]] = {strategy: [] for strategy in STRATEGIES}
    for seed in given.seeds:
        folders = {name: given.keep / f"{seed}-{name}" for name in STRATEGIES}
        runs = {name: read(folder) for name, folder in folders.items()}
        feasible = set[Cell]().union(*(shown for _, shown, _ in runs.values()))
        for name, (kept, _, domains) in runs.items():
            took = json.loads((folders[name] / "seconds.json").read_text(encoding="utf-8"))
            row = {**figures(kept, feasible, domains), "seconds": took["seconds"]}
            found[name].append(row)
            line = "  ".join(f"{column} {row[column]:.3f}" for column in COLUMNS)
            print(
                f"seed {seed} {name:<10} {line}  domains {domains}  feasible {len(feasible)}  load {took['load']:.1f}"
            )
    table(found)
    if given.plot:
        given.plot.write_text(plot(found), encoding="utf-8")


def table(found: Rows) -> None:
    """Means over the seeds with the least and the greatest, as Markdown, and what evolution has of the others."""
    print(f"\n| strategy | {' | '.join(COLUMNS)} |\n| --- |{' --- |' * len(COLUMNS)}")
    for name, rows in found.items():
        cells = [_spread([row[column] for row in rows]) for column in COLUMNS]
        print(f"| `{name}` | {' | '.join(cells)} |")
    for name, column in product(STRATEGIES[1:], ("cells", "cac_p90")):
        ratios = [one[column] / other[column] for one, other in zip(found["evolution"], found[name], strict=True)]
        print(f"evolution has {_spread(ratios)} times the {column} of {name}")


def _spread(values: Sequence[float]) -> str:
    """By hand: 0.9 and 1.0 give `0.95 (0.9 to 1)`."""
    return f"{mean(values):.3g} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    main()
