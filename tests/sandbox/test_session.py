"""Sessions as users know them: what persists, what comes back, what is left when they close."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from tests.processes import children

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import session as session_module
from tdscaling.sandbox.bwrap import BwrapSandbox, refuse_setuid
from tdscaling.sandbox.pool import PooledSandbox
from tdscaling.sandbox.session import FrameSession
from tdscaling.sandbox.stage import UNUSED
from tdscaling.types import JsonObject

pytestmark = pytest.mark.sandbox
LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=64)


def inside(session: FrameSession) -> int:
    """The pid of the sandbox's pid 1 on the host."""
    pid = session.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])


@pytest.mark.requirement("sandbox.persistence")
def test_variables_and_files_persist_within_a_session(session: FrameSession) -> None:
    session.run_python("import math\nradius = 2\ndef area(r): return math.pi * r * r")
    session.run_shell("echo 3 > radius.txt")
    assert session.run_python("round(area(radius) + area(int(open('radius.txt').read())), 3)").value == "40.841"


@pytest.mark.requirement("sandbox.persistence")
def test_nothing_persists_into_another_session(sandbox: BwrapSandbox, session: FrameSession) -> None:
    session.run_python("secret = 1")
    session.put("secret.txt", b"1")
    with sandbox.open() as other:
        assert other.run_python("import os; ('secret' in globals(), os.listdir('.'))").value == "(False, [])"


@pytest.mark.requirement("sandbox.status")
@pytest.mark.parametrize(
    ("code", "status", "stdout", "stderr"),
    [
        ("print('a'); print('b', flush=True)", 0, "a\nb\n", ""),
        ("import sys; sys.exit(3)", 3, "", ""),
        ("import sys; sys.exit('no')", 1, "", "no\n"),
        ("import sys; sys.exit()", 0, "", ""),
        ("import subprocess; subprocess.run(['echo', 'child'])", 0, "child\n", ""),
    ],
)
def test_python_gives_status_and_output(
    session: FrameSession, code: str, status: int, stdout: str, stderr: str
) -> None:
    result = session.run_python(code)
    assert (result.status, result.stdout, result.stderr) == (status, stdout, stderr)


@pytest.mark.requirement("sandbox.status")
def test_a_traceback_shows_the_line_of_the_agent_and_nothing_of_the_sandbox(session: FrameSession) -> None:
    result = session.run_python("x = 0\n1 / x")
    assert result.status == 1
    assert "1 / x" in result.stderr
    assert "/opt/box" not in result.stderr
    assert not session.run_python("def broken(:").ok


@pytest.mark.requirement("sandbox.status")
def test_a_shell_gives_its_exit_status(session: FrameSession) -> None:
    result = session.run_shell("echo out; echo err >&2; exit 5")
    assert (result.status, result.stdout, result.stderr, result.reset) == (5, "out\n", "err\n", False)


@pytest.mark.requirement("sandbox.status")
def test_files_of_any_size_come_back_as_they_went_in(session: FrameSession) -> None:
    for data in (b"", b"\x00\xff" * 5, os.urandom(7_000_001)):
        session.put("deep/folder/file.bin", data)
        assert session.export("deep/folder/file.bin") == data


@pytest.mark.requirement("sandbox.root_drop")
def test_a_session_of_root_runs_as_a_user_that_nobody_has(session: FrameSession) -> None:
    owner = Path(f"/proc/{inside(session)}/status").read_text(encoding="ascii")
    uids = {int(word) for line in owner.splitlines() if line.startswith("Uid:") for word in line.split()[1:]}
    expected = {os.geteuid()} if os.geteuid() else uids & set(UNUSED)
    assert uids == expected
    assert len(uids) == 1


@pytest.mark.requirement("sandbox.deadline")
def test_a_supervisor_that_does_not_answer_is_killed_by_the_host(
    session: FrameSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "MARGIN", 0.1)
    pid = inside(session)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SandboxError, match="did not answer in time; the session is lost"):
        session.run_python("1", 0.1)
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(SandboxError, match="the session is lost"):
        session.run_python("1")


@pytest.mark.requirement("sandbox.deadline")
def test_a_supervisor_that_died_is_reported_at_once(session: FrameSession) -> None:
    os.kill(inside(session), signal.SIGKILL)
    with pytest.raises(SandboxError, match="the sandbox ended"):
        session.run_python("1")


@pytest.mark.requirement("sandbox.close")
def test_closed_sessions_leave_no_process_descriptor_or_mount(sandbox: BwrapSandbox) -> None:
    sandbox.open().close()
    before = (len(os.listdir("/proc/self/fd")), Path("/proc/mounts").read_text(encoding="utf-8"))  # noqa: PTH208
    children: list[int] = []
    for _ in range(8):
        session = sandbox.open()
        session.run_shell("sleep 100 & true")
        children += [session.process.pid, inside(session)]
        session.close()
        session.close()
    after = (len(os.listdir("/proc/self/fd")), Path("/proc/mounts").read_text(encoding="utf-8"))  # noqa: PTH208
    assert after == before
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_a_closed_session_says_so(sandbox: BwrapSandbox) -> None:
    session = sandbox.open()
    session.close()
    with pytest.raises(SandboxError, match="the session is closed"):
        session.run_python("1")


def test_a_request_over_the_cap_is_refused_and_the_session_lives(session: FrameSession) -> None:
    with pytest.raises(SandboxError, match="too large"):
        session.run_python("#" * (9 << 20))
    assert session.run_python("1").value == "1"


@pytest.mark.requirement("sandbox.provenance")
def test_provenance_names_back_end_version_and_limits(sandbox: BwrapSandbox) -> None:
    provenance = sandbox.provenance()
    assert provenance["backend"] == "bwrap"
    assert str(provenance["version"]).startswith("bubblewrap 0.")
    assert provenance["limits"] == LIMITS.model_dump(mode="json")


@pytest.mark.requirement("sandbox.pool")
def test_a_pool_gives_each_session_out_once_and_closes_the_rest(sandbox: BwrapSandbox) -> None:
    before = children()
    pool = PooledSandbox(sandbox, 2)
    pool.wait()
    sessions = [pool.open() for _ in range(3)]
    for number, session in enumerate(sessions):
        session.run_python(f"mine = {number}")
    assert [session.run_python("mine").value for session in sessions] == ["0", "1", "2"]
    for session in sessions:
        session.close()
    pool.close()
    assert children() == before


@pytest.mark.requirement("sandbox.pool", "sandbox.closed")
def test_a_pool_closed_while_threads_open_sessions_leaves_none_behind(sandbox: BwrapSandbox) -> None:
    before = children()
    pool = PooledSandbox(sandbox, 2)

    def work() -> None:
        with contextlib.suppress(SandboxError):
            while True:
                pool.open().close()

    with ThreadPoolExecutor(3) as threads:
        working = [threads.submit(work) for _ in range(3)]
        pool.open().close()
        pool.close()
        wait(working, timeout=30)
    assert [one.exception() for one in working] == [None] * 3
    assert children() == before
    with pytest.raises(SandboxError, match="closed"):
        pool.open()


@pytest.mark.requirement("sandbox.closed", "sandbox.close")
def test_closing_a_session_ends_the_call_that_another_thread_is_in(sandbox: BwrapSandbox) -> None:
    """An episode that is cancelled leaves the thread of its call behind; it must not read another session's pipe."""
    before = children()
    session, other = sandbox.open(), sandbox.open()
    begun = threading.Event()

    def works() -> str:
        def told(name: str, arguments: JsonObject) -> JsonObject:
            begun.set()
            return {"value": None}

        try:
            session.run_python("import tools\ntools.call('begun')\nimport time; time.sleep(60)", 60, told)
        except SandboxError as exc:
            return str(exc)
        return "it came to its end"

    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(works)
        assert begun.wait(10)
        session.close()
        assert "the session is lost" in working.result(10)
    assert other.run_python("1 + 1").value == "2"
    other.close()
    assert children() == before


@pytest.mark.requirement("sandbox.closed")
def test_a_session_that_does_not_start_leaves_no_pipe_open() -> None:
    pipe = subprocess.PIPE
    process = subprocess.Popen(["/bin/false"], bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
    with pytest.raises(SandboxError, match="ended"):
        FrameSession(process, LIMITS, {})
    assert all(stream is not None and stream.closed for stream in (process.stdin, process.stdout, process.stderr))
    assert process.returncode == 1


@pytest.mark.requirement("sandbox.setuid")
def test_a_setuid_bwrap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bwrap"
    path.touch(mode=0o755)
    assert refuse_setuid(path) == path
    path.chmod(0o4755)
    with pytest.raises(SandboxError, match="setuid"):
        refuse_setuid(path)


@pytest.mark.requirement("sandbox.python")
def test_the_interpreter_is_there_under_both_its_names(session: FrameSession) -> None:
    done = session.run_shell('for name in python python3; do $name -c "import sys; print(sys.version_info[:2])"; done')
    assert done.stdout.splitlines() == [str(sys.version_info[:2])] * 2
