"""What only the search for cycles frees."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def freed_at_once(kind: type) -> Generator[None]:
    """No object of a kind that the block has made and let go of may be part of a cycle."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield
        gc.collect()
        left = sum(isinstance(one, kind) for one in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left, f"{left} of {kind.__name__} wait for the search for cycles"
