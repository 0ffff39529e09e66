"""How often garbage is looked for while episodes are made."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

RARELY = (50_000, 20, 50)
"""Planning and playing make many short-lived objects and hardly a cycle: with thousands of episodes under way, looking
for cycles as often as by default takes a seventh of the time."""


@contextmanager
def collecting_rarely() -> Generator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
