"""A hostile MCP server, run as live servers are: through the launcher."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.abuse.case import PRELUDE
from tests.abuse.host import SECRET, Ended, Host

HOME = str(Path.home())


def serve(host: Host, workspace: Path, code: str, **options: object) -> Ended:
    return host.serve([host.python, "-c", PRELUDE + code], workspace, **options)


SEES = {
    "home": (f"print(sorted(os.listdir({HOME!r})) if os.path.exists({HOME!r}) else [])", "SSH"),
    "shadow": ("print(attempt(open, '/etc/shadow'))", "ENOENT"),
    "environment": (f"print(any({SECRET!r} in v for v in os.environ.values()))", "False"),
    "everyones-environment": (
        "print(any(b'hunter2' + b'-of' in open(f'/proc/{p}/environ', 'rb').read() for p in os.listdir('/proc')"
        " if p.isdecimal()))",
        "False",
    ),
    "dial-out": ("print(attempt(socket.socket, socket.AF_INET))", "EAFNOSUPPORT"),
    "dial-out-6": ("print(attempt(socket.socket, socket.AF_INET6))", "EAFNOSUPPORT"),
    "interfaces": ("print([l.split(':')[0].strip() for l in open('/proc/net/dev') if ':' in l])", "['lo']"),
    "write-system": ("print(attempt(write, '/usr/bin/evil'))", "EROFS"),
    "write-root": ("print(attempt(write, '/evil'))", "EROFS"),
    "write-home": ("write(os.path.expanduser('~/x')); print(os.path.expanduser('~'))", "/home/user"),
    "host-processes": ("print(max(int(n) for n in os.listdir('/proc') if n.isdecimal()) < 50)", "True"),
    "kill-host": (f"print(attempt(os.kill, {os.getpid()}, 9))", "ESRCH"),
    "ptrace": ("print(libc.ptrace(16, 1, 0, 0))", "-1"),
    "mount": ("print(libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0))", "-1"),
    "namespace": ("print(subprocess.run(['unshare', '-r', 'true'], stderr=-3).returncode != 0)", "True"),
    "memfd": ("print(attempt(os.memfd_create, 'x'))", "EPERM"),
    "capabilities": (
        "print({l.split()[1] for l in open('/proc/self/status') if l.startswith('Cap')})",
        "{'0000000000000000'}",
    ),
    "descriptors": ("print([n for n in os.listdir('/proc/self/fd') if int(n) > 3])", "[]"),
    "memory": ("print(attempt(bytearray, 8 << 30))", "MemoryError"),
    "scratch": (
        """
def bomb():
    with open('/tmp/x', 'wb') as file:
        for _ in range(600): file.write(bytes(1 << 20))
print(attempt(bomb))""",
        "ENOSPC",
    ),
    "fork": (
        """
def bomb():
    while True:
        if os.fork() == 0: signal.pause()
print(attempt(bomb)); sys.stdout.flush(); os.killpg(0, 9)""",
        "EAGAIN",
    ),
}


@pytest.mark.requirement("sandbox.servers")
@pytest.mark.parametrize(("code", "sees"), SEES.values(), ids=SEES.keys())
def test_a_hostile_server_sees_a_read_only_system_and_nothing_of_the_user(
    host: Host, workspace: Path, code: str, sees: str
) -> None:
    """Stopped by: the same mounts, namespaces and filter as code sessions have."""
    ended = serve(host, workspace, code)
    if sees == "SSH":
        assert not {".ssh", ".bashrc", ".profile", ".cache"} & set(eval(ended.stdout)), ended  # noqa: S307
        return
    assert ended.stdout.strip() == sees, ended


@pytest.fixture
def neighbour() -> Iterator[Path]:
    """The workspace of another episode, readable for everyone on the host."""
    folder = Path("/var/tmp") / f"neighbour-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "secret.txt").write_text("of another episode", encoding="utf-8")
    (folder / "secret.txt").chmod(0o666)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.requirement("sandbox.servers")
def test_a_server_can_not_reach_the_workspace_of_another_episode(host: Host, workspace: Path, neighbour: Path) -> None:
    """Tries: answers for, or changes, another episode. Stopped by: only its own workspace is mounted."""
    code = f"print(attempt(open, {str(neighbour / 'secret.txt')!r}), attempt(write, {str(neighbour / 'secret.txt')!r}))"
    assert serve(host, workspace, code).stdout.strip() == "ENOENT ENOENT"
    assert (neighbour / "secret.txt").read_text(encoding="utf-8") == "of another episode"


@pytest.mark.requirement("sandbox.servers")
def test_a_link_in_the_workspace_leads_nowhere(host: Host, workspace: Path, neighbour: Path) -> None:
    """Tries: a symlink out of the workspace. Stopped by: its target is not mounted."""
    code = f"os.symlink({str(neighbour)!r}, 'link'); print(attempt(os.listdir, 'link'))"
    assert serve(host, workspace, code).stdout.strip() == "ENOENT"


@pytest.mark.requirement("sandbox.servers")
def test_a_server_works_in_its_workspace_and_the_host_can_read_and_remove_what_it_wrote(
    host: Host, workspace: Path
) -> None:
    ended = serve(host, workspace, "write('made.txt', 'made'); os.mkdir('d'); print(os.getcwd())")
    assert ended.stdout.strip() == str(workspace)
    assert (workspace / "made.txt").read_text(encoding="utf-8") == "made"
    assert (workspace / "made.txt").stat().st_uid == workspace.stat().st_uid


@pytest.mark.requirement("sandbox.servers")
def test_the_workspace_can_be_shown_at_a_place_of_its_own(host: Host, workspace: Path) -> None:
    ended = serve(host, workspace, "write('x'); print(os.getcwd(), os.path.exists('/var/tmp'))", inside="/workspace")
    assert ended.stdout.strip() == "/workspace False"
    assert (workspace / "x").exists()


@pytest.mark.requirement("sandbox.servers", "sandbox.grants")
def test_paths_and_network_come_by_name_alone(host: Host, workspace: Path, neighbour: Path) -> None:
    place = str(neighbour / "secret.txt")
    granted = serve(
        host, workspace, f"print(open({place!r}).read(), attempt(write, {place!r}))", read_paths=[str(neighbour)]
    )
    assert granted.stdout.strip() == "of another episode EROFS"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        code = f"print(socket.create_connection(('127.0.0.1', {port})).getpeername()[1])"
        assert serve(host, workspace, code, network=True).stdout.strip() == str(port)


@pytest.mark.requirement("sandbox.servers")
def test_a_server_that_ignores_its_end_dies_with_the_one_that_started_it(host: Host, workspace: Path) -> None:
    """Tries: outlives its client, in a process of its own. Stopped by: --die-with-parent and the pid namespace."""
    marker = f"marker-{os.getpid()}"
    code = f"""
if os.fork() == 0:
    os.setsid()
    os.execvp('sleep', ['{marker}', '1000'])
time.sleep(.1)
os._exit(0)"""
    serve(host, workspace, code)
    running = [Path("/proc", pid, "cmdline") for pid in os.listdir("/proc") if pid.isdecimal()]  # noqa: PTH208
    assert not [path for path in running if path.exists() and marker.encode() + b"\0" in path.read_bytes()]
