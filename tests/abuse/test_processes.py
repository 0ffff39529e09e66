"""Other processes: the host's, pid 1, and what a call leaves behind."""

import os

import pytest
from tests.abuse.case import Case, ids

from tdscaling.sandbox.protocol import SandboxSession

CASES = [
    Case(
        "host-processes",
        "lists the processes of the host",
        "a pid namespace with a /proc of its own",
        "sorted(int(n) for n in os.listdir('/proc') if n.isdecimal()) == [1, os.getpid()]",
        (True,),
    ),
    Case("kill-pid-1", "kills the supervisor", "pid 1 has no handler", "attempt(os.kill, 1, 9)", ("done: None",)),
    Case("stop-pid-1", "stops the supervisor", "pid 1 has no handler", "attempt(os.kill, 1, 19)", ("done: None",)),
    Case("interrupt-pid-1", "raises in it", "pid 1 has no handler", "attempt(os.kill, 1, 2)", ("done: None",)),
    Case(
        "every-signal-to-pid-1",
        "sends every signal to the supervisor",
        "pid 1 has no handler",
        "[attempt(os.kill, 1, n) for n in range(1, 65) if n not in (32, 33)][-1]",
        ("done: None",),
    ),
    Case(
        "memory-of-pid-1",
        "writes into the supervisor's memory",
        "pid 1 is undumpable",
        "attempt(open, '/proc/1/mem', 'r+b')",
        ("EACCES", "EPERM"),
    ),
    Case(
        "limits-of-pid-1",
        "sets a CPU limit on the supervisor",
        "seccomp: prlimit of another pid",
        "attempt(resource.prlimit, 1, resource.RLIMIT_CPU, (0, 0))",
        ("EPERM", "PermissionError"),
    ),
    Case(
        "priority-of-pid-1",
        "starves the supervisor",
        "seccomp: no setpriority at all, since a user or a group of processes includes others",
        "[attempt(os.setpriority, kind, who, 19) for kind, who in ((0, 1), (os.PRIO_USER, 0), (os.PRIO_PGRP, 0))]",
        (["EPERM"] * 3,),
    ),
    Case(
        "affinity-of-pid-1",
        "binds the supervisor to a busy processor",
        "seccomp: sched_setaffinity of another",
        "attempt(os.sched_setaffinity, 1, {0})",
        ("EPERM",),
    ),
    Case(
        "oom-score-of-pid-1",
        "makes the kernel kill the supervisor first",
        "pid 1 is undumpable, its files are root's",
        "attempt(write, '/proc/1/oom_score_adj', '1000')",
        ("EACCES", "EPERM"),
    ),
]


@pytest.mark.requirement("sandbox.processes")
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_processes_outside_of_the_call_are_safe(session: SandboxSession, case: Case) -> None:
    case.check(session)


@pytest.mark.requirement("sandbox.processes")
def test_a_pid_of_the_host_means_nothing_inside(session: SandboxSession) -> None:
    """Tries: kills the test run. Stopped by: the pid namespace."""
    assert session.run_python(f"import os; os.kill({os.getpid()}, 9)").status == 1


@pytest.mark.requirement("sandbox.processes", "sandbox.reset")
def test_killing_everything_costs_only_the_variables_of_the_one_who_does_it(session: SandboxSession) -> None:
    """Tries: `kill(-1, 9)`. Stopped by: pid 1 forks a new interpreter and says so."""
    session.put("kept.txt", b"kept")
    session.run_python("kept = 1")
    result = session.run_shell("kill -9 -1")
    assert result.reset
    assert session.run_python("'kept' in globals()").value == "False"
    assert session.export("kept.txt") == b"kept"


@pytest.mark.requirement("sandbox.sweep")
@pytest.mark.parametrize(
    "daemon",
    [
        "(sleep 1000 &)",
        "setsid sleep 1000 & disown",
        "nohup sh -c 'trap \"\" TERM HUP INT; while :; do :; done' >/dev/null 2>&1 &",
        "python3 -c 'import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(1000)'",
    ],
    ids=["background", "setsid", "ignores-signals", "double-fork"],
)
def test_nothing_a_call_started_outlives_it(session: SandboxSession, daemon: str) -> None:
    """Tries: leaves a daemon behind. Stopped by: the sweep of every pid but the interpreter's."""
    session.run_shell(daemon)
    seen = session.run_python(
        "import os; sorted(int(n) for n in os.listdir('/proc') if n.isdecimal())[1:] == [os.getpid()]"
    )
    assert seen.value == "True"


@pytest.mark.requirement("sandbox.sweep")
def test_a_thread_left_behind_does_not_run_between_calls(session: SandboxSession) -> None:
    """Tries: works on in a thread of the interpreter. Stopped by: the interpreter is stopped between calls."""
    session.run_python(
        "import threading\nn = 0\ndef spin():\n    global n\n    while True:\n        n += 1\n"
        "threading.Thread(target=spin, daemon=True).start()"
    )
    # a signal is due before any code runs; the state shows it once the thread gets a processor
    stopped = session.run_shell("until cut -d' ' -f3 /proc/2/stat | grep -q T; do :; done; echo stopped", 5)
    assert stopped.stdout == "stopped\n"
