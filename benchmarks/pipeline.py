"""What the main job costs on this machine: `python -m benchmarks.pipeline [TRAJECTORIES]`, after `make servers`.

Runs the demo into a temporary folder and prints the time of each phase, the rate of kept trajectories at steady
state (all controls and replays included), where the work goes, and the peak memory of our own process.
"""

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import summarise, synthesize

DEMO = Path(__file__).resolve().parent.parent / "demo"


def main(wanted: int) -> None:
    config = load(DEMO / "demo.yaml", RunConfig, [f"trajectories={wanted}", "export=[trl]"])
    phases: dict[str, float] = {}

    def report(stage: str, done: int, of: int) -> None:
        phases.setdefault(stage, time.perf_counter())

    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(synthesize(config, Path(folder) / "run", DEMO, report=report))
        ended = time.perf_counter()
        found = summarise(Path(folder) / "run")
    starts = sorted((at, name) for name, at in phases.items())
    for (at, name), (until, _) in zip(starts, [*starts[1:], (ended, "")], strict=True):
        print(f"{name:<12} {until - at:8.1f} s")
    print(f"all          {ended - begun:8.1f} s")
    print(
        f"kept {result.newly_kept} in {result.episode_seconds:.1f} s: "
        f"{result.newly_kept / result.episode_seconds:.2f} per second"
    )
    print(
        "work by stage (summed over parallel episodes): "
        + ", ".join(f"{t.stage} {t.seconds:.1f} s" for t in found.timings)
    )
    print(f"targets per kept trajectory: {found.funnel['planned'] / max(1, found.kept):.2f}")
    print(f"peak memory of our process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
