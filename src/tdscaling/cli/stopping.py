"""SIGTERM, as Docker, systemd and batch systems send it, stops a command as an interrupt from the keyboard does."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def terminated_as_interrupted() -> Generator[None]:
    """While the block runs SIGTERM is an interrupt: the first waits for what is under way, the second does not. Does
    nothing outside the main thread, or where SIGTERM is somebody else's already.

    Where interrupts are ignored, as by what a shell began in the background, those from the keyboard are held off
    instead: only where they have their usual handler does an event loop end in order at one.
    """
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _interrupt(signum: int, frame: FrameType | None) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.raise_signal(signal.SIGINT)
