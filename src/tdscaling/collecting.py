"""How often garbage is looked for where much is at work at a time."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

RARELY = (50_000, 20, 50)
"""Planning, playing and asking models make many short-lived objects and hardly a cycle: looking for cycles as often as
by default takes a seventh of the time with thousands of episodes under way or 256 requests in flight."""


@contextmanager
def collecting_rarely() -> Generator[None]:
    """Of the whole process, until the block ends."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
