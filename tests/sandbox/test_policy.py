"""Protections that stand behind others, each tried where the one before it would hide its absence."""

import fcntl
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from scripts.break_sandbox import ROOT, applied, main, protections

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.sandbox import seccomp, stage
from tdscaling.sandbox import session as session_module
from tdscaling.sandbox.bwrap import BwrapSandbox, Plan, binary, binary_sources, isolation, machine, system
from tdscaling.sandbox.inside import children, landlock, watchdog
from tdscaling.sandbox.inside.call import Call
from tdscaling.sandbox.launcher import wrap
from tdscaling.sandbox.seccomp import ALLOW, RETURN, Instruction
from tdscaling.sandbox.session import FrameSession

pytestmark = pytest.mark.sandbox
LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=64, output_kib=1024)


def test_every_protection_that_the_script_takes_away_is_still_where_it_says() -> None:
    for protection in protections():
        for path, text in applied(protection, ROOT).items():
            compile(text, str(path), "exec")
        assert all((ROOT / test).exists() for test in protection.tests)


def test_the_script_takes_the_rows_that_the_document_names_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    table = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8").split("| point |", 1)[1].split("\n\n", 1)[0]
    rows = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    assert {row.split()[0] if row[0].isdigit() else row for row in rows} == {one.point for one in protections()}
    monkeypatch.setattr("sys.argv", ["break_sandbox", "9", "tears"])
    with pytest.raises(SystemExit, match="no row and no protection 'tears'"):
        main()


@pytest.mark.requirement("sandbox.bombs")
@pytest.mark.parametrize(
    ("inodes", "size", "broken"),
    [
        (100, 0, ""),
        (2_001, 0, "files"),
        (10**6, 0, "files"),
        (2_001, 250 << 20, "memory"),
        (100, 257 << 20, "memory"),
    ],
)
def test_too_many_inodes_are_named_as_such_however_many_were_made_between_two_looks(
    inodes: int, size: int, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "tmpfs_use", lambda: (size, inodes))
    monkeypatch.setattr(watchdog, "socket_memory", lambda: 0)
    call = SimpleNamespace(_limits=SimpleNamespace(memory=256 << 20, files=2_000))
    assert Call.overuse(cast("Call", call), []) == broken


@pytest.mark.requirement("sandbox.files")
def test_other_users_of_the_machine_see_no_path_in_the_arguments_of_bubblewrap(session: FrameSession) -> None:
    shown = Path(f"/proc/{session.process.pid}/cmdline").read_bytes()
    assert b"--args" in shown
    assert b"--ro-bind" not in shown


HELD = {
    "empty-files": "for n in range(9000): open(f'/tmp/{n}', 'w').close()",
    "pages": "for place in ('/workspace', '/tmp'): open(f'{place}/x', 'wb').write(bytes(40 << 20))",
}


@pytest.mark.requirement("sandbox.watchdog")
@pytest.mark.parametrize("code", HELD.values(), ids=HELD.keys())
def test_files_count_as_memory_by_their_pages_and_by_their_number(code: str) -> None:
    sandbox = BwrapSandbox(LIMITS.model_copy(update={"memory_mib": 64}))
    with sandbox.open() as session:
        result = session.run_python(code)
    sandbox.close()
    assert result.limits == ("memory",)


@pytest.mark.requirement("sandbox.watchdog")
def test_memory_kept_by_calls_too_short_to_be_watched_counts_when_they_end() -> None:
    sandbox = BwrapSandbox(LIMITS.model_copy(update={"memory_mib": 64}))
    with sandbox.open() as session:
        results = [session.run_python(f"a{n} = b'x' * (5 << 20)") for n in range(16)]
    sandbox.close()
    assert ("memory",) in [result.limits for result in results]


@pytest.mark.requirement("sandbox.sweep")
def test_pid_1_stops_a_thread_again_that_woke_and_kills_what_never_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, sent = iter([(3, 2), (3, 1), (3, 0)]), list[int]()
    keeper = children.Children({})
    monkeypatch.setattr(children, "threads_at_work", lambda pid: next(seen, (3, 1)))
    monkeypatch.setattr(children, "STILL", 5)
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    assert keeper._still(4242)
    assert sent == [signal.SIGSTOP, signal.SIGSTOP]
    assert not keeper._still(4242)
    assert sent[-1] == signal.SIGKILL
    os.close(keeper._null)


@pytest.mark.requirement("sandbox.watchdog")
def test_pages_that_forked_processes_share_count_once(session: FrameSession) -> None:
    code = "import os, time\nheld = b'x' * (40 << 20)\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(9)\n"
    assert session.run_python(code + "time.sleep(.2)").limits == ()


@pytest.mark.requirement("sandbox.output")
def test_what_a_call_has_written_belongs_to_it_and_never_to_the_next(session: FrameSession) -> None:
    wide = f"import fcntl, os\nfcntl.fcntl(1, {fcntl.F_SETPIPE_SZ}, 1 << 19)\nos.write(1, b'x' * 400_000)"
    assert len(session.run_python(wide).stdout) == 400_000
    assert session.run_python("1").stdout == ""


@pytest.mark.requirement("sandbox.processes")
def test_the_interpreter_leads_a_session_of_its_own_and_ignores_site_and_environment(session: FrameSession) -> None:
    assert session.run_python("import os; os.getsid(0) == os.getpid()").value == "True"
    assert session.run_python("os.getsid(1)").value == "1", "none of the host's, which could have a terminal"
    assert session.run_python("import sys; sys.flags.isolated, sys.flags.no_site").value == "(1, 1)"


@pytest.mark.requirement("sandbox.close")
def test_a_sandbox_that_does_not_end_at_close_is_killed(sandbox: BwrapSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    session = sandbox.open()
    pid = session.process.pid
    inside = int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])
    os.kill(inside, signal.SIGSTOP)
    monkeypatch.setattr(session_module, "MARGIN", 0.1)
    session.close()
    assert not Path(f"/proc/{inside}").exists()


@pytest.mark.requirement("sandbox.root_drop")
def test_root_that_can_not_become_an_unused_user_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("this file system maps no owners")

    def started(*_: object) -> None:
        pytest.fail("bubblewrap was started")

    plan = Plan(binary(), (), ("true",), b"", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "execve", started)
    monkeypatch.setattr(stage, "arrange", fails)
    monkeypatch.setattr(sys, "argv", plan.argv()[-2:])
    with pytest.raises(SystemExit, match="maps no owners"):
        stage.main()


OPEN = Instruction(RETURN, ALLOW).pack()
"""A filter that lets everything through."""


def unfiltered(command: str) -> str:
    """What a shell command says under the namespaces alone."""
    arguments = (*isolation(), *system())
    plan = Plan(binary(), arguments, ("/bin/sh", "-c", command), OPEN, binary_sources(binary()))
    done = subprocess.run(plan.argv(), capture_output=True, text=True, check=False, env={}, cwd="/")
    return done.stdout + done.stderr


@pytest.mark.requirement("sandbox.kernel")
def test_without_the_filter_there_is_still_no_namespace_to_make_and_no_privilege() -> None:
    assert "failed" in unfiltered("unshare --user true")
    assert unfiltered("grep CapBnd /proc/self/status").split() == ["CapBnd:", "0" * 16]
    assert "denied" in unfiltered("echo x > /proc/sys/kernel/hostname")


ALONE = """
import os, socket, stat, sys
from tdscaling.sandbox.inside import landlock
landlock.give_up_everything()
landlock.filter_calls(bytes.fromhex(sys.argv[2]))
try:
    print("read", open(sys.argv[1] + "/file").read())
except PermissionError:
    print("not read")
print(os.stat(sys.argv[1] + "/file").st_size, os.path.exists("/proc/1/environ"))
os.chmod(sys.argv[1] + "/file", 0o777)
socket.socket(socket.AF_UNIX).connect(sys.argv[1] + "/socket")
"""


@pytest.mark.requirement("sandbox.tiers")
@pytest.mark.skipif(landlock.version() < 6, reason="the kernel's Landlock is older than the tier would need")
def test_landlock_and_the_filter_alone_leave_modes_sizes_and_sockets_of_the_user_open(tmp_path: Path) -> None:
    """Why the degraded tier has a stricter filter and comes by name alone. Fails once a kernel closes these."""
    (tmp_path / "file").write_text("secret")
    (tmp_path / "file").chmod(0o600)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        argv = [sys.executable, "-c", ALONE, str(tmp_path), seccomp.program(machine()).hex()]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.stdout.splitlines() == ["not read", "6 True"], done.stderr
        assert (done.returncode, stat.S_IMODE((tmp_path / "file").stat().st_mode)) == (0, 0o777)
        server.setblocking(False)
        server.accept()[0].close()


@pytest.mark.requirement("sandbox.servers")
def test_a_server_that_reads_nothing_ends_when_its_client_is_killed(tmp_path: Path) -> None:
    argv, env = wrap(["/bin/sh", "-c", "echo up; exec sleep 1000"], {}, workspace=tmp_path)
    client = f"import subprocess, time\np = subprocess.Popen({argv!r}, env={env!r})\n"
    client += "print(p.pid, flush=True)\ntime.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", client], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server = os.pidfd_open(int(process.stdout.readline()))
        assert process.stdout.readline() == "up\n"
        process.kill()
        ended, _, _ = select.select([server], [], [], 20)
        os.close(server)
    assert ended
