"""Checks a demo run against what the demo promises: `python -m scripts.check_demo runs/demo [SUMMARY.json…]`.

Reads the run itself; a summary is what `--json` printed, of the first time and of a resumed one, and must say the same.
Each promise is a line; the last line counts them.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.export import Row, read_dataset
from tdscaling.store import DescriptorRow, RunReader, read_run

TRAJECTORIES = 100
MODES = 9
DOMAINS = 4
BANDS = 4


@dataclass(frozen=True)
class Promise:
    """One promise and what the run has of it."""

    text: str
    held: bool


def crosses(row: DescriptorRow) -> bool:
    """Whether an episode spans services; the code sandbox is none."""
    return len(set(row.descriptor.servers) - {"sandbox"}) > 1


def promises(rows: Sequence[DescriptorRow], funnel: dict[str, int], ids: Sequence[str]) -> list[Promise]:
    """What the demo promises, held against the kept `rows`, the `funnel` and the ids of the stored trajectories."""
    modes = Counter(row.descriptor.primary_mode for row in rows if row.descriptor.primary_mode != "none")
    domains = Counter(row.descriptor.domain for row in rows)
    bands = Counter(row.descriptor.band for row in rows)
    crossing = sum(crosses(row) for row in rows)
    fallen = sum(count for step, count in funnel.items() if step.startswith(("rejected:", "lost:", "failed:")))
    return [
        Promise(f"{len(rows)} kept trajectories, {TRAJECTORIES} asked", len(rows) >= TRAJECTORIES),
        Promise(f"{len(modes)} primary modes of 12, {MODES} asked: {_counts(modes)}", len(modes) >= MODES),
        Promise(f"{len(domains)} domains, {DOMAINS} asked: {_counts(domains)}", len(domains) >= DOMAINS),
        Promise(f"{len(bands)} complexity bands of 6, {BANDS} asked", len(bands) >= BANDS),
        Promise(f"{crossing} episodes across servers, {len(rows) - crossing} within one", 0 < crossing < len(rows)),
        Promise("no trajectory is there twice", len(set(ids)) == len(ids)),
        Promise("each kept trajectory can be read", len(ids) == len(rows)),
        Promise(
            f"the funnel adds up: {funnel['planned']} planned, {fallen} fell, {funnel['kept']} kept",
            funnel["planned"] == fallen + funnel["kept"] and funnel["kept"] == len(rows),
        ),
    ]


def summary_promises(summary: Mapping[str, object], rows: Sequence[DescriptorRow]) -> list[Promise]:
    """Whether a summary says what the kept `rows` say."""
    there = {"kept": len(rows), "cross_server": sum(crosses(row) for row in rows)}
    return [
        Promise(f"the summary says {name} = {summary.get(name)}, the run {count}", summary.get(name) == count)
        for name, count in there.items()
    ]


def export_promises(folder: Path, kept: int) -> list[Promise]:
    """Whether each exported data set can be read and holds every kept trajectory."""
    files = sorted(folder.rglob("*.jsonl"))
    found = [(path, sum(isinstance(row, Row) for row in read_dataset(path))) for path in files]
    return [Promise("there are exports", bool(files))] + [
        Promise(f"{path.relative_to(folder)} has {count} of {kept}", count == kept) for path, count in found
    ]


def of_run(run: RunReader) -> list[Promise]:
    return promises(list(run.descriptors()), run.funnel(), [one.id for one in run.iter_trajectories()])


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("summaries", type=Path, nargs="*")
    arguments = parser.parse_args()
    with read_run(arguments.run) as run:
        found = of_run(run)
        rows = list(run.descriptors())
    found += export_promises(arguments.run / "export", len(rows))
    for path in arguments.summaries:
        found += summary_promises(json.loads(path.read_text(encoding="utf-8")), rows)
    for promise in found:
        print(f"{'held  ' if promise.held else 'BROKEN'} {promise.text}")
    held = sum(promise.held for promise in found)
    print(f"{held} passed, {len(found) - held} failed")
    return 0 if held == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
