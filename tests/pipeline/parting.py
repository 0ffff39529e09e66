"""`python -m tests.pipeline.parting WHAT …`: a process with children.

`killed DATA` dies while these measure the rows of a file; `interrupted` has an interrupt reach them from birth on,
and is interrupted itself meanwhile, as by a Ctrl-C on the terminal; `bereft` has what starts and tidies up after them
killed before.
"""

import itertools
import os
import signal
import sys
import warnings
from multiprocessing.context import ForkServerContext
from pathlib import Path

from tests.pipeline.interrupting import AT_IMPORT

from tdscaling.children import forking
from tdscaling.export.parts import parts
from tdscaling.measurement.part import Options
from tdscaling.measurement.pool import measured_apart


def killed(data: str) -> None:
    [part] = parts(Path(data))
    for _ in measured_apart(itertools.repeat(part), Options(), 2):
        os.kill(os.getpid(), signal.SIGKILL)


def interrupted() -> None:
    signal.signal(signal.SIGINT, lambda *_: print("the parent heard of it"))
    os.environ[AT_IMPORT] = "1"
    _interrupt_in(forking("tests.pipeline.interrupting"))


def bereft() -> None:
    signal.signal(signal.SIGINT, lambda *_: print("the parent heard of it"))
    context = forking("tests.pipeline.interrupting")
    started = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    assert len(started) == 2, "one that forks, and one that looks after shared resources"
    for pid in map(int, started):
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    warnings.simplefilter("ignore")  # multiprocessing says that one died
    os.environ[AT_IMPORT] = "1"
    _interrupt_in(context)


def _interrupt_in(context: ForkServerContext) -> None:
    process = context.Process(target=_interrupted)
    process.start()
    os.kill(os.getpid(), signal.SIGINT)
    process.join()
    print(f"the child ended with {process.exitcode}")


def _interrupted() -> None:
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    {"killed": killed, "interrupted": interrupted, "bereft": bereft}[sys.argv[1]](*sys.argv[2:])
