"""The degraded back end: what Landlock, a stricter filter and limits hold where there is no namespace."""

import os
import select
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tdscaling.config.sandbox import SandboxLimits, SandboxSettings
from tdscaling.errors import SandboxError
from tdscaling.sandbox import degraded, judge
from tdscaling.sandbox.degraded import DegradedSandbox, DegradedSession
from tdscaling.sandbox.inside import landlock
from tdscaling.sandbox.probe import canary
from tdscaling.sandbox.session import kill_tree
from tdscaling.sandbox.tiers import Backend, backends, choose
from tdscaling.types import JsonObject

LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=16, files=500, processes=32)
needs_landlock = pytest.mark.skipif(landlock.version() < landlock.SCOPED, reason="the kernel's Landlock is too old")
pytestmark = [pytest.mark.sandbox, pytest.mark.requirement("sandbox.degraded")]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not a mount, which an ordinary user can't make; but one that the user of a session can pass."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o711)
    yield made
    made.rmdir()


@pytest.fixture(scope="module")
def sandbox(folder: Path) -> Iterator[DegradedSandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(degraded, "missing", lambda *_: "")
        try:
            opened = DegradedSandbox(LIMITS, folder)
        except SandboxError as exc:
            pytest.skip(str(exc))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def session(sandbox: DegradedSandbox) -> Iterator[DegradedSession]:
    with sandbox.open() as opened:
        yield opened


PRELUDE = """
import ctypes, errno, os, signal, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def attempt(function, *arguments):
    try:
        return f"done: {function(*arguments)!r}"
    except OSError as exc:
        return errno.errorcode[exc.errno]
"""
REFUSED = {
    "another folder is listed": ("attempt(os.listdir, '/')", "EACCES"),
    "a file of the machine is read": ("attempt(open, '/etc/passwd')", "EACCES"),
    "a process of the machine is looked into": ("attempt(open, '/proc/self/environ')", "EACCES"),
    "a file is made beside the session": ("attempt(open, os.getcwd() + '/../../x', 'w')", "EACCES"),
    "a file is made beside the workspace": ("attempt(open, os.getcwd() + '/../x', 'w')", "EACCES"),
    "a file of the machine gets a name here": (
        "attempt(os.link, '/etc/passwd', 'x') in ('EXDEV', 'EPERM', 'EACCES')",
        True,
    ),
    "the supervisor is killed": ("attempt(os.kill, os.getppid(), signal.SIGKILL)", "EPERM"),
    "the supervisor is stopped": ("attempt(os.kill, os.getppid(), signal.SIGSTOP)", "EPERM"),
    "every process is killed": ("attempt(os.kill, -1, signal.SIGKILL) in ('ESRCH', 'done: None')", True),
    "the supervisor's memory is opened": ("attempt(open, f'/proc/{os.getppid()}/mem')", "EACCES"),
    "a socket of a path": ("attempt(socket.socket, socket.AF_UNIX)", "EAFNOSUPPORT"),
    "a socket of the network": ("attempt(socket.socket)", "EAFNOSUPPORT"),
    "a folder is watched": ("libc.inotify_init1(0), errno.errorcode[ctypes.get_errno()]", (-1, "ENOSYS")),
    "another owner": ("attempt(os.chown, '.', os.getuid(), os.getgid())", "EPERM"),
    "a tracer": ("libc.ptrace(0, 0, 0, 0), errno.errorcode[ctypes.get_errno()]", (-1, "EPERM")),
    "a device": ("attempt(os.mknod, 'd', 0o20600, os.makedev(1, 5))[:1]", "E"),
}


@needs_landlock
@pytest.mark.parametrize(("code", "sees"), REFUSED.values(), ids=REFUSED.keys())
def test_what_reaches_past_the_session_is_refused_and_the_session_goes_on(
    code: str, sees: object, session: DegradedSession
) -> None:
    assert session.run_python(PRELUDE + code).value == repr(sees)
    assert session.run_python("6 * 7").value == "42"


@needs_landlock
def test_modes_and_times_of_what_the_user_owns_stay_whatever_code_is_told(session: DegradedSession) -> None:
    names = session.top / "names"
    before = names.stat()
    code = f"import os, shutil\nos.chmod({str(names)!r}, 0o777), os.utime({str(names)!r}, (1, 1))"
    assert session.run_python(code).value == "(None, None)"
    after = names.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_mtime) == (stat.S_IMODE(before.st_mode), before.st_mtime)
    assert session.run_python("open('a', 'w').close(); shutil.copy2('a', 'b')").value == "'b'"


@needs_landlock
def test_calls_keep_variables_and_files_and_say_workspace_whatever_the_folder_is(session: DegradedSession) -> None:
    session.put("in.txt", b"see /workspace/in.txt\n")
    assert session.run_python("import os\nkept = os.getcwd()\nkept").value == "'/workspace'"
    found = session.run_shell("cd /workspace && grep -c $PWD/in in.txt; echo $TMPDIR; ls /tmp; exit 3")
    assert (found.stdout, found.status) == ("1\n/tmp\n", 3)
    assert session.run_python("open('/workspace/out', 'w').write(kept); kept").value == "'/workspace'"
    assert (session.export("out"), session.export("/workspace/in.txt")) == (b"/workspace", b"see /workspace/in.txt\n")
    session.run_shell("ln -s /etc/passwd link")
    with pytest.raises(SandboxError, match="a link"):
        session.export("link")
    session.put("raw", b"\xff/workspace")
    assert session.export("raw") == b"\xff/workspace"


@needs_landlock
def test_the_canary_passes(sandbox: DegradedSandbox) -> None:
    with sandbox.open() as session:
        assert canary(session, LIMITS.processes).reason == ""


@needs_landlock
def test_code_asks_for_tools(session: DegradedSession) -> None:
    def told(name: str, given: JsonObject) -> JsonObject:
        return {"value": [name, given["path"] == "/workspace/a", "/workspace/b"]}

    asked = session.run_python("import os, tools\ntools.call('read', {'path': os.path.abspath('a')})", 5, told)
    assert asked.value == "['read', True, '/workspace/b']", asked
    code = "import os, tools\ntools.call('read', {'path': '/workspace/a'})[2] == os.getcwd() + '/b'"
    assert session.run_python(code, 5, told).value == "True"


@needs_landlock
def test_what_a_call_leaves_running_ends_with_it(session: DegradedSession) -> None:
    left = "import os, subprocess, time\nchild = subprocess.Popen('setsid sleep 1000 & echo $!', shell=True, stdout=-1)"
    pid = session.run_python(left + "\nint(child.stdout.readline())").value
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    stopped = session.run_shell("trap '' INT TERM; sleep 1000", 0.3)
    assert (stopped.limits, stopped.status, stopped.reset) == (("time",), 137, False)


@needs_landlock
def test_too_much_memory_and_too_large_files_end_at_their_limits(sandbox: DegradedSandbox) -> None:
    with sandbox.open() as session:
        greedy = session.run_python("held = bytearray(400 << 20)\nheld[::4096] = bytes(102400)\nwhile True: pass")
        assert (greedy.limits, greedy.reset) == (("memory",), True)
        assert session.run_shell("cat /dev/zero > big; wc -c < big").stdout.strip() == str(16 << 20)


@needs_landlock
def test_tests_judge_there_and_the_verdict_names_the_sandbox(sandbox: DegradedSandbox) -> None:
    good = judge(sandbox, {"solution.py": b"def f(n):\n    return n + 1\n"}, "assert call('f', 1) == 2")
    bad = judge(sandbox, {"solution.py": b"import os\nos._exit(0)\n"}, "assert call('f', 1) == 2")
    assert [(one.passed, one.sandbox) for one in (good, bad)] == [(True, "degraded"), (False, "degraded")]
    told = sandbox.provenance()
    assert (told["backend"], told["landlock"]) == ("degraded", landlock.version())
    assert "no namespaces" in str(told["notice"])


@needs_landlock
@pytest.mark.skipif(os.geteuid() != 0, reason="another user can read what is its own")
def test_packages_that_only_root_can_read_are_left_out_and_provenance_says_so(
    folder: Path, sandbox: DegradedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(degraded, "missing", lambda *_: "")
    (tmp_path / "packages").mkdir(0o700)
    with closing(DegradedSandbox(LIMITS, folder, tmp_path / "packages")) as other:
        assert other.provenance()["packages"] is False
        with other.open() as session:
            assert session.run_shell("exit 5").status == 5


@needs_landlock
def test_a_session_that_does_not_start_says_why_and_leaves_no_folder(
    folder: Path, sandbox: DegradedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(folder.iterdir())
    monkeypatch.setattr(degraded, "BOOT", "{!r}; raise SystemExit('no start')")
    with pytest.raises(SandboxError, match="no start"):
        sandbox.open()
    assert set(folder.iterdir()) == before


def _closes(session: DegradedSession) -> None:
    session.close()


def _is_killed(session: DegradedSession) -> None:
    kill_tree(session.process, 20)


@needs_landlock
@pytest.mark.parametrize("end", [_closes, _is_killed])
def test_the_end_of_a_session_leaves_no_process_and_no_file(
    end: Callable[[DegradedSession], None], sandbox: DegradedSandbox
) -> None:
    session = sandbox.open()
    top = session.top
    session.run_shell("mkdir -p a/b/c; echo x > a/b/c/d; ln -s / a/root; mkfifo pipe")
    end(session)
    assert list(top.iterdir() if top.exists() else ()) == []
    with closing(session):
        pass
    assert not top.exists()


CLIENT = """
import sys
from pathlib import Path
from tdscaling.sandbox import degraded
degraded.missing = lambda *_: ""
session = degraded.DegradedSandbox(degraded.SandboxLimits(), Path(sys.argv[1])).open()
print(session.process.pid, session.top, flush=True)
session.run_shell("trap '' INT TERM HUP; setsid sleep 1000 & touch started; sleep 1000", 900)
"""


@needs_landlock
def test_a_session_ends_with_a_host_that_is_killed_in_the_middle_of_a_call(
    folder: Path, sandbox: DegradedSandbox
) -> None:
    argv = [sys.executable, "-c", CLIENT, str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        keeper, top = client.stdout.readline().split()
        watched, folder = os.pidfd_open(int(keeper)), Path(top)
        client.kill()
        ended, _, _ = select.select([watched], [], [], 20)
        os.close(watched)
    assert ended
    assert list(folder.iterdir()) == []
    folder.rmdir()


def test_it_is_taken_by_name_alone_and_is_weaker_than_all_others() -> None:
    one = Backend("degraded", "degraded", lambda: DegradedSandbox(LIMITS, None), lambda: "")
    known = {name: replace(one, name=name, trouble=lambda: "not here") for name in backends(SandboxSettings())}
    known["degraded"] = one
    assert choose(SandboxSettings(), known).backend is None
    assert choose(SandboxSettings(backend="degraded"), known).backend == "degraded"
    for needed in ("shell", "strong"):
        choice = choose(SandboxSettings(backend="degraded", require=needed), known)
        assert (choice.backend, f"degraded only, and the settings require {needed}" in choice.reason) == (None, True)


@pytest.mark.parametrize(
    ("version", "place", "mount", "blocks", "inodes", "said"),
    [
        (5, "/srv", True, 256, 100, "Landlock has version 5 here, and 6 is the first"),
        (0, "/srv", True, 256, 100, "Landlock has version 0 here"),
        (7, None, True, 256, 100, "off: name it as the back end"),
        (7, "/srv", False, 256, 100, "/srv is no mount of its own"),
        (7, "/srv", True, 1 << 20, 100, "holds more than the limits of files"),
        (7, "/srv", True, 256, 501, "nr_inodes=500"),
        (7, "/srv", True, 256, 0, "or has none of its own"),
        (7, "/srv", True, 4096, 500, ""),
    ],
)
def test_a_kernel_or_a_folder_that_will_not_do_is_refused_with_what_to_do(
    version: int, place: str | None, mount: bool, blocks: int, inodes: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: version)
    monkeypatch.setattr(os.path, "ismount", lambda _: mount)
    sizes = SimpleNamespace(f_blocks=blocks, f_frsize=4096, f_files=inodes)
    monkeypatch.setattr(os, "statvfs", lambda _: sizes)
    found = degraded.missing(LIMITS, None if place is None else Path(place))
    assert said in found
    assert bool(said) == bool(found)


def test_the_supervisor_itself_refuses_a_kernel_that_lets_signals_out() -> None:
    boot = degraded.BOOT.format(str(degraded.INSIDE.parent)).replace("main()", "main")
    code = f"{boot}\nfrom inside import landlock\nlandlock.version = lambda: 5\nmain()"
    plan = degraded.marshal.dumps({"top": "/nowhere"}).hex()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env={"PLAN": plan}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"the kernel's Landlock does not keep signals inside\n")
