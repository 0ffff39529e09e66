"""Code tasks: how many of each kind are admitted and at what speed, and why the others are not.

    python -m benchmarks.code_tasks [TASKS] [SEED]

Makes TASKS (60) tasks of each kind that needs no server and runs all their controls in fresh sandboxes.
"""

import sys
import time
from collections import Counter

from tdscaling.code_tasks.admission import admit
from tdscaling.code_tasks.make import workshop
from tdscaling.code_tasks.task import TaskRejectedError
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.sandbox import open_sandbox
from tdscaling.types import CodeKind

KINDS: tuple[CodeKind, ...] = ("sql", "analysis", "repair", "implement")


def main(count: int = 60, seed: int = 0) -> None:
    sandbox = open_sandbox(SandboxSettings(pool=2))
    try:
        shop = workshop(sandbox)
        print(f"packages in the sandbox: {shop.packages}")
        for kind in KINDS:
            begun, reasons, calls = time.perf_counter(), Counter[str](), 0
            for number in range(seed, seed + count):
                try:
                    task, _ = admit(shop.make(kind, number), sandbox)
                    calls += len(task.steps)
                    reasons["admitted"] += 1
                except TaskRejectedError as exc:
                    reasons[exc.reason] += 1
            seconds = time.perf_counter() - begun
            admitted = reasons.pop("admitted", 0)
            lost = ", ".join(f"{name} {number / count:.1%}" for name, number in sorted(reasons.items())) or "none"
            print(
                f"{kind:10} made {count}, admitted {admitted} ({admitted / count:.1%}), "
                f"{admitted / seconds:.2f} admitted/s, {calls / max(1, admitted):.1f} calls each; rejected: {lost}"
            )
    finally:
        sandbox.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
