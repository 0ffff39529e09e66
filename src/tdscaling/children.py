"""Processes that share this one's work: an interrupt is this one's to answer, and they don't outlive it."""

import atexit
import multiprocessing
import os
import signal
import threading
from contextlib import ExitStack
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess

from tdscaling.scratch import scratch

_ADDRESS = 107
"""Bytes that the name of a socket has at most."""


class _Process(ForkServerProcess):
    """One whose interrupts are held off by what it is forked from, also where that has died and is started again."""

    def start(self) -> None:
        _ensure_started()
        super().start()


class _Context(ForkServerContext):
    Process = _Process


def forking(module: str) -> ForkServerContext:
    """What starts such processes, with a module imported already. They hear of no interrupt from their birth on."""
    context = _Context()
    context.set_forkserver_preload([module])
    _place()
    _ensure_started()
    return context


def _ensure_started() -> None:
    """Has the process run that all are forked from, and no interrupt reach it, nor them."""
    resource_tracker.ensure_running()  # by itself it would let interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _place() -> None:
    """Has multiprocessing keep its socket in a temporary folder that is swept should this process be killed, as its own
    folders are not. It says so in no documented way. Where the socket's name would get too long it takes a folder of
    its own, which is shorter."""
    settings: dict[str, object] = getattr(multiprocessing.current_process(), "_config", {})
    if settings.get("tempdir"):
        return
    with ExitStack() as stack:
        folder = str(stack.enter_context(scratch()))
        if len(os.fsencode(folder)) + len("/listener-12345678") <= _ADDRESS:
            settings["tempdir"] = folder
            atexit.register(stack.pop_all().close)


def end_with_parent() -> None:
    """Has this process, which another one has started, end when that one has, however it ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
