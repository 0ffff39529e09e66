"""Training on a CPU with the memory that it frees kept, beside glibc's own way, in turn and each in a fresh process.

    .train/bin/python -m benchmarks.training [--steps 6] [--rounds 2] [--json]

The packaged model in full on one thread, steps of two rows of 600 to 1,400 tokens drawn by chance. Told are the seconds
of a step, the share of the processor's time that the system took, the peak of memory, and whether the weights came out
the same, by hash.
"""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from random import Random

from tdscaling.config.experiment import TrainedModel, TrainingSettings
from tdscaling.scaling import memory
from tdscaling.scaling.base import open_tokenizer, prepare_base
from tdscaling.scaling.training import Job, train

ROOT = Path(__file__).parents[1]
WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {"as it is": nullcontext, "kept": memory.kept}


def run(way: str, steps: int, base: Path) -> dict[str, object]:
    """One training in this process."""
    model, rng = TrainedModel(), Random(1)
    rows = [[rng.randrange(100, 40_000) for _ in range(rng.randrange(600, 1400))] for _ in range(2 * steps)]
    job = Job(rows, rows, [[2 * step, 2 * step + 1] for step in range(steps)], seed=1)
    how = TrainingSettings(checkpoint_steps=steps)
    with tempfile.TemporaryDirectory() as name:
        tokenizer = open_tokenizer(model, base, lambda: [])
        before = resource.getrusage(resource.RUSAGE_SELF)
        with WAYS[way]():
            made = train(prepare_base(model, base, tokenizer), tokenizer, model, how, job, Path(name))
        after = resource.getrusage(resource.RUSAGE_SELF)
    digest = hashlib.sha256()
    for weights in made.model.parameters():
        digest.update(weights.detach().numpy().tobytes())
    system, user = after.ru_stime - before.ru_stime, after.ru_utime - before.ru_utime
    return {
        "way": way,
        "seconds_a_step": round(made.seconds / steps, 2),
        "system": round(system / (system + user), 3),
        "peak_gib": round(after.ru_maxrss / 2**20, 2),
        "weights": digest.hexdigest()[:12],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--base", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(run(given.way, given.steps, given.base)))
        return
    found = list[dict[str, object]]()
    with tempfile.TemporaryDirectory() as base:
        for _ in range(given.rounds):
            for way in WAYS:
                asked = ["--way", way, "--base", base, "--steps", str(given.steps)]
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.training", *asked],
                    cwd=ROOT,
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                )
                found.append(json.loads(done.stdout.splitlines()[-1]))
                if not given.json:
                    print(", ".join(f"{name} {value}" for name, value in found[-1].items()), flush=True)
    took = {
        way: statistics.median(float(str(row["seconds_a_step"])) for row in found if row["way"] == way) for way in WAYS
    }
    ratio = round(took["as it is"] / took["kept"], 2)
    print(json.dumps({"runs": found, "times_as_fast": ratio}) if given.json else f"times as fast: {ratio}")


if __name__ == "__main__":
    main()
