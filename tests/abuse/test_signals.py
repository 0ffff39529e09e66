"""Loops that do not end, and code that refuses to."""

import pytest
from tests.abuse.host import Host

from tdscaling.sandbox.protocol import SandboxSession

STUBBORN = {
    "ignores-interrupts": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "catches-everything": "while True:\n    try:\n        import time; time.sleep(9)\n    except BaseException: pass",
    "stops-itself": "import os\nos.kill(os.getpid(), 19)",
    "in-c": "sum(range(10 ** 15))",
    "blocks-signals": "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\ntime.sleep(1000)",
    "import-lock": (
        "import _imp, time\n_imp.acquire_lock()\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass"
    ),
}


@pytest.mark.requirement("sandbox.timeout", "sandbox.reset")
@pytest.mark.parametrize("code", STUBBORN.values(), ids=STUBBORN.keys())
def test_code_that_refuses_to_stop_is_killed_and_the_agent_is_told(session: SandboxSession, code: str) -> None:
    """Tries: runs on past the interrupt. Stopped by: SIGKILL 0.3 s later; files stay, variables are lost."""
    session.put("kept.txt", b"kept")
    result = session.run_python(code, 0.3)
    assert result.limits == ("time",)
    assert result.reset
    assert "variables are lost" in result.notice()
    assert session.export("kept.txt") == b"kept"


@pytest.mark.requirement("sandbox.timeout")
def test_an_innocent_loop_stops_at_the_interrupt_and_keeps_its_variables(session: SandboxSession) -> None:
    """Tries: loops by mistake. Stopped by: SIGINT; nothing is lost."""
    result = session.run_python("n = 0\nwhile True:\n    n += 1", 0.3)
    assert result.limits == ("time",)
    assert not result.reset
    assert session.run_python("n > 0").value == "True"


@pytest.mark.requirement("sandbox.timeout")
def test_a_shell_that_sleeps_is_killed(session: SandboxSession) -> None:
    """Tries: sleeps, with its signals trapped. Stopped by: SIGKILL at the deadline."""
    result = session.run_shell("trap '' TERM INT HUP; echo started; sleep 1000; echo done", 0.3)
    assert result.limits == ("time",)
    assert result.stdout == "started\n"
    assert result.status == 137


@pytest.mark.requirement("sandbox.cpu")
def test_cpu_time_is_counted_over_all_processes(host: Host) -> None:
    """Tries: burns processors in children. Stopped by: the sum of CPU times."""
    session = host.open(cpu_seconds=0.5)
    code = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
    result = session.run_python(code, 9)
    assert result.limits == ("cpu",)
    session.close()
