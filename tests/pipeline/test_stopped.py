"""`tdscaling synthesize` told to stop from outside, while answers are under way."""

import asyncio
import os
import signal
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.agents import players
from tests.llm.fake_endpoint import FakeEndpoint
from tests.pipeline.runs import made, rows, setup, tdscaling
from tests.pipeline.serving import ROLES, in_thread
from tests.processes import innermost, leaders

from tdscaling.cli.stopping import terminated_as_interrupted
from tdscaling.llm import opening
from tdscaling.llm.answers import Answers


@pytest.fixture(autouse=True)
def _usual() -> Generator[None]:
    """Signals as a command finds them."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL), signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for signum, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(signum, handler)


@pytest.mark.requirement("pipeline.stopped")
@pytest.mark.parametrize(
    ("signum", "interrupts"),
    [
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGTERM, signal.default_int_handler),
        (signal.SIGTERM, signal.SIG_IGN),
    ],
    ids=["interrupt", "sigterm", "sigterm in the background"],
)
def test_a_run_that_is_told_to_stop_waits_for_what_is_paid_for_and_says_so(
    signum: int, interrupts: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", "hush")
    signal.signal(signal.SIGINT, interrupts)
    endpoint, landed = FakeEndpoint(reply=players.well), opening._landed  # pyright: ignore[reportPrivateUsage]
    served_by: list[asyncio.AbstractEventLoop] = []

    def arrived(count: int) -> None:
        """The signal comes while this request is being answered."""
        if count == 5:
            served_by.append(asyncio.get_running_loop())
            endpoint.gate = asyncio.Event()
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "it would end the tests"
            signal.pthread_kill(main, signum)

    async def landing(*args: Any) -> None:
        """The answer comes once it is waited for."""
        assert endpoint.gate is not None
        served_by[0].call_soon_threadsafe(endpoint.gate.set)
        await landed(*args)

    main = threading.get_ident()
    monkeypatch.setattr(opening, "_landed", landing)
    endpoint.on_arrival = arrived
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=4, more=ROLES.format(url=url))
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 1
    assert ended.errors[-1] == "Aborted!"
    assert "waiting for answers under way (interrupt again to give them up): " in ended.err
    with closing(Answers.read(tmp_path / "run")) as answers:
        assert len(answers.requests()) == sum(endpoint.paid.values()) == len(endpoint.arrivals)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.requirement("pipeline.stopped", "pipeline.killed")
@pytest.mark.parametrize("orderly", [False, True])
def test_a_stop_that_ends_the_servers_first_is_no_failure_of_theirs(
    orderly: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As systemd and batch systems stop a service: all of its processes, one after the other; here the servers, which
    lead sessions of their own, before the run. Those that are orderly end with exit code 0."""
    monkeypatch.setenv("TINY_KEY", "hush")
    monkeypatch.setattr("tdscaling.catalog.mcp.stdio.PATIENCE", 60)
    endpoint, main = FakeEndpoint(reply=players.well), threading.get_ident()
    ended: list[int] = []

    def arrived(count: int) -> None:
        if count in stops:
            stops.remove(count)
            for pid in leaders():
                os.kill(innermost(pid) if orderly else pid, signal.SIGTERM)
                ended.append(pid)
            threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGTERM)).start()

    def run() -> int:
        return tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code

    stops: list[int] = []
    endpoint.on_arrival = arrived
    with in_thread(endpoint) as url:
        config = setup(tmp_path, *(["orderly"] if orderly else []), wanted=3, more=ROLES.format(url=url))
        assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "calm").code == 0
        for later in (4, 2):
            stops.append(len(endpoint.arrivals) + later)
            assert run() == 1
        assert run() == 0
    assert len(ended) >= 2
    assert rows(tmp_path / "run", "SELECT * FROM rejections WHERE stage = 'environment'") == []
    assert made(tmp_path / "run") == made(tmp_path / "calm")


def test_sigterm_is_an_interrupt_also_where_a_shell_began_the_command_in_the_background() -> None:
    def told() -> None:
        with terminated_as_interrupted():
            signal.raise_signal(signal.SIGINT)  # of the keyboard: held off
            signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt):
        told()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
