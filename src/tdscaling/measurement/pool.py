"""Parts of a data set measured by several processes, handed back in their order."""

import gc
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from tdscaling.children import end_with_parent, forking
from tdscaling.errors import BoundaryError
from tdscaling.export.parts import Part
from tdscaling.measurement.part import Measured, Options, measure_part

_RARELY = (100_000, 20, 20)
"""Reading makes many short-lived objects and hardly a cycle: collecting as often as by default costs a twentieth."""
AHEAD = 3
"""Parts for each process that are under way or wait to be taken."""


def measured_apart(parts: Iterator[Part], options: Options, processes: int) -> Iterator[Measured]:
    """Each part's figures. The processes end with the last, and by themselves when this one is killed.

    Raises what `measure_part` raises, and BoundaryError when a process is killed.
    """
    pool = ProcessPoolExecutor(processes, mp_context=forking(__name__), initializer=_begin)
    waiting: deque[Future[Measured]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(measure_part, part, options))
            if len(waiting) >= AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as exc:
        raise BoundaryError("a measuring process was killed, for want of memory perhaps: try --processes 1") from exc
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    end_with_parent()
    gc.set_threshold(*_RARELY)
