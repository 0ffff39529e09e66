"""The wasi back end: the real interpreter in its confined worker, skipped where the extra is not installed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import wasi
from tdscaling.sandbox.inside import landlock
from tdscaling.sandbox.session import FrameSession
from tdscaling.sandbox.wasi import WasiSandbox

LIMITS = SandboxLimits(wall_seconds=10, memory_mib=128, output_kib=4)
installed = pytest.mark.skipif(bool(wasi.missing()), reason=wasi.missing())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[WasiSandbox]:
    opened = WasiSandbox(LIMITS)
    yield opened
    opened.close()


@pytest.fixture
def session(sandbox: WasiSandbox) -> Iterator[FrameSession]:
    with sandbox.open() as opened:
        yield opened
        assert opened.run_python("6 * 7").value == "42", "the session must outlive the abuse"


@installed
@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.wasi", "sandbox.persistence")
def test_python_runs_and_keeps_its_variables(session: FrameSession) -> None:
    session.run_python("import json, statistics\nx = statistics.mean([1, 2])")
    done = session.run_python("print('out')\nx")
    assert (done.stdout, done.value, done.status) == ("out\n", "1.5", 0)
    failed = session.run_python("def f():\n    return 1 / 0\nf()")
    assert failed.status == 1
    assert "return 1 / 0" in failed.stderr


ABUSE = {
    "home": f"import os; os.listdir({str(Path.home())!r})",
    "root": "import os; os.listdir('/')",
    "passwd": "open('/etc/passwd').read()",
    "write": "open('/tmp/x', 'w').write('x')",
    "socket": "import socket; socket.create_connection(('127.0.0.1', 80))",
    "fork": "import os; os.fork()",
    "subprocess": "import subprocess; subprocess.run(['id'])",
    "ctypes": "import ctypes; ctypes.CDLL(None)",
    "threads": "import threading; threading.Thread(target=print).start()",
    "memory": "held = []\nwhile True: held.append(b'x' * (1 << 20))",
    "kill": "import os, signal; os.kill(1, 9)",
}


@installed
@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.wasi")
@pytest.mark.parametrize("code", ABUSE.values(), ids=ABUSE.keys())
def test_nothing_of_the_host_is_there(session: FrameSession, code: str) -> None:
    """Tries: files, network, processes, memory. Stopped by: WebAssembly has none of them, and a cap on memory."""
    assert session.run_python(code).status == 1


@installed
@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.wasi", "sandbox.reset")
@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("while True: pass", ("time",)),
        ("import os; os._exit(0)", ()),
        ("import os; os.write(1, b'\\xff\\xff\\xff\\xff')", ("protocol",)),
        ("import os; os.close(1)", ()),
    ],
    ids=["endless", "exit", "garbage", "closed"],
)
def test_an_instance_that_is_late_gone_or_forging_is_made_anew(
    session: FrameSession, code: str, limits: tuple[str, ...]
) -> None:
    done = session.run_python(code, 1)
    assert done.reset
    assert set(limits) <= set(done.limits)


@installed
@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.wasi")
def test_the_worker_itself_has_given_up_files_privileges_and_system_calls(session: FrameSession) -> None:
    session.run_python("1")
    status = Path(f"/proc/{session.process.pid}/status").read_text(encoding="ascii")
    said = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    assert said["Seccomp"].strip() == "2"
    assert said["NoNewPrivs"].strip() == "1"
    assert said["Uid"].split()[0] != "0"


@installed
@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.wasi")
def test_there_is_no_shell_and_no_file_and_it_is_said(session: FrameSession) -> None:
    for action in (lambda: session.run_shell("id"), lambda: session.put("a", b""), lambda: session.export("a")):
        with pytest.raises(SandboxError, match="Python alone"):
            action()


@pytest.mark.requirement("sandbox.wasi", "sandbox.tiers")
def test_what_is_not_installed_or_not_the_known_build_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wasi, "PACKAGES", ("no_such_runtime", "no_such_interpreter"))
    assert "pip install" in wasi.trouble(LIMITS)
    with pytest.raises(SandboxError, match="not installed"):
        WasiSandbox(LIMITS)
    (tmp_path / "other_build").mkdir()
    (tmp_path / "other_build" / "__init__.py").touch()
    (tmp_path / "other_build" / wasi.MODULE).write_bytes(b"x")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(wasi, "PACKAGES", ("json", "other_build"))
    with pytest.raises(SandboxError, match="not the known build"):
        wasi.interpreter()
    monkeypatch.setattr(wasi, "DIGEST", hashlib.sha256(b"x").hexdigest())
    assert wasi.interpreter() == tmp_path / "other_build" / wasi.MODULE


@pytest.mark.requirement("sandbox.wasi")
def test_rights_of_a_newer_landlock_are_given_up_only_where_the_kernel_knows_them() -> None:
    assert [landlock._newest(landlock.FILES, abi) for abi in (0, 1, 2, 4, 7)] == [0, 8191, 16383, 32767, 65535]
    assert [landlock._newest(landlock.SCOPES, abi) for abi in (5, 6)] == [0, 3]
